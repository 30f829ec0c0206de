#include "bench/load/receipt_table.hpp"

#include "store/fnv1a.hpp"

namespace hikyaku::bench {

namespace {

// FNV-1a with a finaliser: consecutive decimal ids must not fall together.
std::uint64_t hash_of(std::string_view id) {
    auto hash = store::fnv1a(id);
    hash = (hash ^ (hash >> 32)) * 0xD6E8FEB86659FD93;
    return hash ^ (hash >> 32);
}

}  // namespace

std::optional<receipt_table::latency> receipt_table::accepted(std::string_view id, time intended) {
    const std::uint64_t key = hash_of(id);
    if (const auto found = early_.find(key); found != early_.end()) {
        const latency result = found->second - intended;
        early_.erase(found);
        return result;
    }
    waiting_.emplace(key, intended);
    return std::nullopt;
}

std::optional<receipt_table::latency> receipt_table::received(std::string_view id, time now) {
    const std::uint64_t key = hash_of(id);
    if (const auto found = waiting_.find(key); found != waiting_.end()) {
        const latency result = now - found->second;
        waiting_.erase(found);
        return result;
    }
    if (early_max_ == 0 || !early_.emplace(key, now).second) {
        ++forgotten_;
        return std::nullopt;
    }
    early_order_.push_back(key);
    while (early_order_.size() > early_max_) {
        forgotten_ += early_.erase(early_order_.front());
        early_order_.pop_front();
    }
    return std::nullopt;
}

}  // namespace hikyaku::bench
