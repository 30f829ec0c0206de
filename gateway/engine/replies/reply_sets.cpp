#include "gateway/engine/replies/reply_sets.hpp"

#include <algorithm>
#include <cassert>

namespace hikyaku::gateway {

namespace {

constexpr unsigned generation_shift = 2;  // above the bits that reply_part.hpp names

model::reply_part_position of_generation(model::reply_part_position part, unsigned generation) {
    part.kind = static_cast<std::uint8_t>(part.kind | generation << generation_shift);
    return part;
}

}  // namespace

std::uint64_t reply_set::hash_of(std::uint8_t sequence) const {
    const auto at = std::find_if(parts.begin(), parts.end(),
                                 [&](const part& each) { return each.sequence == sequence; });
    return at == parts.end() ? 0 : at->content_hash;
}

std::string reply_sets::name_of(model::reply_part_position part) {
    part.sequence = 0;
    return std::string(model::reply_part_key(part).view());
}

const reply_set* reply_sets::find(const model::reply_part_position& part) const {
    const auto at = by_name_.find(name_of(part));
    return at == by_name_.end() ? nullptr : &*at->second;
}

const reply_set* reply_sets::oldest_of(const model::reply_part_position& part) const {
    const reply_set* oldest = nullptr;
    for (unsigned generation = 0; generation <= generation_max; ++generation) {
        const auto* set = find(of_generation(part, generation));
        if (set != nullptr && (oldest == nullptr || set->since_ms < oldest->since_ms)) oldest = set;
    }
    return oldest;
}

reply_set& reply_sets::make(const model::reply_part_position& part, std::int64_t now_ms) {
    auto& made = incomplete_.emplace_back();
    made.position = part;
    made.position.sequence = 0;
    made.since_ms = now_ms;
    by_name_.emplace(name_of(part), std::prev(incomplete_.end()));
    return made;
}

reply_sets::placed reply_sets::add(const model::reply_part_position& part,
                                   std::uint64_t content_hash, std::int64_t now_ms) {
    assert(part.sequence >= 1 && part.sequence <= part.total && content_hash != 0);
    reply_set* open = nullptr;
    reply_set* told = nullptr;
    std::optional<model::reply_part_position> free;
    for (unsigned generation = 0; generation <= generation_max; ++generation) {
        const auto position = of_generation(part, generation);
        const auto at = by_name_.find(name_of(position));
        if (at == by_name_.end()) {
            if (!free) free = position;
            continue;
        }
        auto& set = *at->second;
        const auto known = set.hash_of(part.sequence);
        if (known == content_hash) return {outcome::duplicate, position};
        if (known != 0) continue;
        auto*& candidate = set.delivered ? told : open;
        if (candidate == nullptr || set.since_ms < candidate->since_ms) candidate = &set;
    }
    if (open == nullptr && told == nullptr && !free) return {outcome::crowded, part};
    auto& set = open != nullptr ? *open : told != nullptr ? *told : make(*free, now_ms);
    set.parts.push_back({part.sequence, content_hash});
    auto position = set.position;
    position.sequence = part.sequence;
    if (set.delivered) return {outcome::late, position};
    return {set.complete() ? outcome::completed : outcome::kept, position};
}

void reply_sets::restore_part(const model::reply_part_position& part, std::uint64_t content_hash,
                              std::int64_t at_ms) {
    const auto at = by_name_.find(name_of(part));
    auto& set = at == by_name_.end() ? make(part, at_ms) : *at->second;
    if (set.hash_of(part.sequence) == 0) set.parts.push_back({part.sequence, content_hash});
}

void reply_sets::restore_delivered(const model::reply_part_position& part, std::int64_t at_ms,
                                   std::vector<reply_set::part> parts) {
    auto& made = delivered_.emplace_back();
    made.position = part;
    made.position.sequence = 0;
    made.parts = std::move(parts);
    made.since_ms = at_ms;
    made.delivered = true;
    by_name_[name_of(part)] = std::prev(delivered_.end());
}

void reply_sets::note_delivered(const model::reply_part_position& part, std::int64_t now_ms) {
    const auto at = by_name_.find(name_of(part));
    assert(at != by_name_.end() && !at->second->delivered);
    const auto where = at->second;
    where->delivered = true;
    where->since_ms = now_ms;
    delivered_.splice(delivered_.end(), incomplete_, where);
}

void reply_sets::erase(const model::reply_part_position& part) {
    const auto at = by_name_.find(name_of(part));
    if (at == by_name_.end()) return;
    const auto where = at->second;
    by_name_.erase(at);
    (where->delivered ? delivered_ : incomplete_).erase(where);
}

}  // namespace hikyaku::gateway
