#include "gateway/engine/receiving/early_receipts.hpp"

#include <algorithm>

namespace hikyaku::gateway {

void early_receipts::add(early_receipt&& one) {
    // The id of the TLV and that of the text may be read as the same.
    std::ranges::sort(one.keys);
    one.keys.erase(std::unique(one.keys.begin(), one.keys.end()), one.keys.end());
    for (const auto& key : one.keys)
        if (waiting(key).size() >= of_one_key_max) forget(waiting(key).front());
    const auto number = next_++;
    for (const auto& key : one.keys)
        by_key_[key].push_back(number);
    by_number_.emplace(number, std::move(one));
    while (by_number_.size() > kept_max_)
        forget(by_number_.begin()->first);
}

void early_receipts::forget(std::uint64_t number) {
    const auto at = by_number_.find(number);
    for (const auto& key : at->second.keys) {
        const auto entry = by_key_.find(key);
        std::erase(entry->second, number);
        if (entry->second.empty()) by_key_.erase(entry);
    }
    by_number_.erase(at);
}

void early_receipts::forget(const std::vector<std::string>& keys,
                            const model::unmatched_position& position) {
    for (const auto& key : keys) {
        for (const auto number : waiting(key))
            if (at(number).position == position) return forget(number);
    }
}

const std::vector<std::uint64_t>& early_receipts::waiting(std::string_view key) const {
    static const std::vector<std::uint64_t> none;
    const auto at = by_key_.find(key);
    return at == by_key_.end() ? none : at->second;
}

}  // namespace hikyaku::gateway
