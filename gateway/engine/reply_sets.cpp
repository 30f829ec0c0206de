#include "gateway/engine/reply_sets.hpp"

#include <cassert>

namespace hikyaku::gateway {

std::string reply_sets::name_of(store::reply_part_position part) {
    part.sequence = 0;
    return std::string(store::reply_part_key(part).view());
}

const reply_set* reply_sets::find(const store::reply_part_position& part) const {
    const auto at = by_name_.find(name_of(part));
    return at == by_name_.end() ? nullptr : &*at->second;
}

reply_sets::outcome reply_sets::add(const store::reply_part_position& part,
                                    std::uint64_t content_hash, std::int64_t now_ms) {
    assert(part.sequence >= 1 && part.sequence <= part.total && content_hash != 0);
    const auto name = name_of(part);
    auto at = by_name_.find(name);
    if (at == by_name_.end()) {
        auto& made = incomplete_.emplace_back();
        made.position = part;
        made.position.sequence = 0;
        made.since_ms = now_ms;
        made.hashes.resize(part.total);
        at = by_name_.emplace(name, std::prev(incomplete_.end())).first;
    }
    auto& set = *at->second;
    auto& slot = set.hashes[part.sequence - 1U];
    if (slot == content_hash) return outcome::duplicate;
    if (slot != 0 || set.delivered) return outcome::conflict;
    slot = content_hash;
    return ++set.received == part.total ? outcome::completed : outcome::kept;
}

void reply_sets::restore_delivered(const store::reply_part_position& part, std::int64_t at_ms,
                                   std::vector<std::uint64_t> hashes) {
    auto& made = delivered_.emplace_back();
    made.position = part;
    made.position.sequence = 0;
    made.hashes = std::move(hashes);
    made.hashes.resize(part.total);
    made.since_ms = at_ms;
    made.delivered = true;
    by_name_[name_of(part)] = std::prev(delivered_.end());
}

void reply_sets::mark_delivered(const store::reply_part_position& part, std::int64_t now_ms) {
    const auto at = by_name_.find(name_of(part));
    assert(at != by_name_.end() && !at->second->delivered);
    const auto where = at->second;
    where->delivered = true;
    where->since_ms = now_ms;
    delivered_.splice(delivered_.end(), incomplete_, where);
}

void reply_sets::erase(const store::reply_part_position& part) {
    const auto at = by_name_.find(name_of(part));
    if (at == by_name_.end()) return;
    const auto where = at->second;
    (where->delivered ? delivered_ : incomplete_).erase(where);
    by_name_.erase(at);
}

}  // namespace hikyaku::gateway
