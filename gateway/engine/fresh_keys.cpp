#include "gateway/engine/fresh_keys.hpp"

#include <cassert>

namespace hikyaku::gateway {

std::optional<store::receipt_target> fresh_keys::find(std::string_view key) const {
    const auto at = by_key_.find(key);
    return at == by_key_.end() ? std::nullopt : std::optional(at->second.target);
}

bool fresh_keys::under_way(std::string_view key) const {
    const auto at = by_key_.find(key);
    return at != by_key_.end() && at->second.under_way > 0;
}

void fresh_keys::add(std::string_view key, const store::receipt_target& target) {
    auto at = by_key_.find(key);
    if (at == by_key_.end()) {
        at = by_key_.emplace(key, entry{}).first;
    }
    at->second.target = target;
    ++at->second.under_way;
}

void fresh_keys::committed(std::string&& key, steady_time now) {
    const auto at = by_key_.find(key);
    assert(at != by_key_.end() && at->second.under_way > 0);
    --at->second.under_way;
    ++at->second.kept;
    kept_.push_back({std::move(key), now});
    if (kept_.size() > kept_max_) {
        forget_oldest();
    }
}

void fresh_keys::forget(std::string_view key, std::uint64_t message) {
    const auto at = by_key_.find(key);
    if (at != by_key_.end() && at->second.under_way == 0 && at->second.target.message == message) {
        by_key_.erase(at);
    }
}

void fresh_keys::forget_old(steady_time now) {
    while (!kept_.empty() && kept_.front().since + kept_for_ <= now) {
        forget_oldest();
    }
}

void fresh_keys::forget_oldest() {
    const auto at = by_key_.find(kept_.front().key);
    // One that was forgotten before and has come again counts from its own time on.
    if (at != by_key_.end() && at->second.kept > 0 && --at->second.kept == 0 &&
        at->second.under_way == 0) {
        by_key_.erase(at);
    }
    kept_.pop_front();
}

}  // namespace hikyaku::gateway
