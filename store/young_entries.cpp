#include "store/young_entries.hpp"

#include <mutex>

namespace hikyaku::store {

void young_entries::add(std::span<const index_entry> fresh) {
    const std::lock_guard guard(mutex_);
    for (const auto& entry : fresh) {
        const auto place = static_cast<std::uint32_t>(entries_.size());
        const auto [at, is_new] = last_.try_emplace(entry.hash, place);
        earlier_.push_back(is_new ? none : at->second);
        at->second = place;
        entries_.push_back(entry);
    }
}

void young_entries::find(std::uint64_t hash, std::size_t limit,
                         std::vector<index_entry>& into) const {
    const std::shared_lock guard(mutex_);
    const auto at = last_.find(hash);
    if (at == last_.end()) return;
    std::size_t found = 0;
    for (auto place = at->second; place != none && found < limit; place = earlier_[place], ++found)
        into.push_back(entries_[place]);
}

}  // namespace hikyaku::store
