#include "gateway/engine/receiving/fresh_keys.hpp"

#include <algorithm>
#include <cassert>

namespace hikyaku::gateway {

std::optional<model::receipt_target> fresh_keys::only(std::string_view key) const {
    const auto at = by_key_.find(key);
    const bool one = at != by_key_.end() && at->second.size() == 1;
    return one ? std::optional(at->second.front().target) : std::nullopt;
}

fresh_keys::entries::iterator fresh_keys::find_segment(entries& of,
                                                       const model::receipt_target& target) {
    return std::find_if(
        of.begin(), of.end(),
        [&](const entry& one) {
            return one.target.message == target.message && one.target.segment == target.segment;
        });
}

void fresh_keys::erase(key_map::iterator at, entries::iterator one) {
    if (at->second.size() == 1)
        by_key_.erase(at);
    else
        at->second.erase(one);
}

void fresh_keys::add(std::string_view key, const model::receipt_target& target) {
    auto at = by_key_.find(key);
    if (at == by_key_.end()) at = by_key_.emplace(key, entries{}).first;
    auto& of = at->second;
    const auto known = find_segment(of, target);
    if (known != of.end()) {
        known->target = target;
        ++known->under_way;
        return;
    }
    if (of.size() >= of_one_key_max) {
        const auto oldest =
            std::find_if(of.begin(), of.end(), [](const entry& one) { return one.under_way == 0; });
        if (oldest != of.end()) of.erase(oldest);
    }
    of.push_back({target, 1, 0});
}

void fresh_keys::committed(fresh_key&& written, steady_time now) {
    const auto at = by_key_.find(written.key);
    assert(at != by_key_.end());
    const auto one = find_segment(at->second, written.target);
    assert(one != at->second.end() && one->under_way > 0);
    --one->under_way;
    ++one->kept;
    kept_.push_back({std::move(written), now});
    if (kept_.size() > kept_max_) forget_oldest();
}

void fresh_keys::forget(std::string_view key, std::uint64_t message) {
    const auto at = by_key_.find(key);
    if (at == by_key_.end()) return;
    const auto gone = [&](const entry& one) {
        return one.under_way == 0 && one.target.message == message;
    };
    auto& of = at->second;
    of.erase(std::remove_if(of.begin(), of.end(), gone), of.end());
    if (of.empty()) by_key_.erase(at);
}

void fresh_keys::forget_old(steady_time now) {
    while (!kept_.empty() && kept_.front().since + kept_for_ <= now)
        forget_oldest();
}

void fresh_keys::forget_oldest() {
    const auto at = by_key_.find(kept_.front().what.key);
    if (at != by_key_.end()) {
        const auto one = find_segment(at->second, kept_.front().what.target);
        // One that was forgotten before and has come again counts from its own time on.
        const bool last = one != at->second.end() && one->kept > 0 && --one->kept == 0;
        if (last && one->under_way == 0) erase(at, one);
    }
    kept_.pop_front();
}

}  // namespace hikyaku::gateway
