#include "gateway/engine/receiving/fresh_keys.hpp"

#include <algorithm>
#include <cassert>

namespace hikyaku::gateway {

namespace {

template <class Entries>
auto find_segment(Entries& of, const model::receipt_target& target) {
    return std::find_if(
        of.begin(), of.end(),
        [&](const auto& one) {
            return one.target.message == target.message && one.target.segment == target.segment;
        });
}

}  // namespace

void fresh_keys::add(const fresh_key& key) {
    auto& of = by_hash_[key.hash];
    const auto known = find_segment(of, key.target);
    if (known == of.end()) {
        of.push_back({key.target, 1});
        return;
    }
    known->target = key.target;
    ++known->under_way;
}

void fresh_keys::committed(const fresh_key& written) {
    const auto at = by_hash_.find(written.hash);
    assert(at != by_hash_.end());
    const auto one = find_segment(at->second, written.target);
    assert(one != at->second.end() && one->under_way > 0);
    if (--one->under_way > 0) return;
    if (at->second.size() == 1)
        by_hash_.erase(at);
    else
        at->second.erase(one);
}

}  // namespace hikyaku::gateway
