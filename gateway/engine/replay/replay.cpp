#include "gateway/engine/replay/replay.hpp"

#include "gateway/engine/directory/reply_owner.hpp"
#include "gateway/model/tables.hpp"
#include "store/environment.hpp"

namespace hikyaku::gateway {

namespace table = model::table;

replay::replay(engine_context& context, const directory& names, unmatched& box, replies& to,
               receiving& receipts)
    : room(context), directory_(names), unmatched_(box), replies_(to), receiving_(receipts) {}

void replay::load_early_receipts() {
    std::size_t loaded = 0;
    unmatched_.for_each([&](const model::unmatched_position& position,
                            const unmatched_entry& entry) {
        if (entry.record->is_reply() || entry.why() == UnmatchedWhy::ambiguous) return true;
        auto* const carrier = directory_.find(carrier_id{position.carrier});
        if (carrier == nullptr) return true;
        const auto receipt = read_receipt(entry.message);
        if (!receipt.id.empty())
            receiving_.remember_early(
                carrier->id, {position, receipt, steady_time::min(), {}, {}, {}}, entry.message);
        return ++loaded < limits_.early_max;
    });
}

unmatched_replay replay::try_again(const model::unmatched_position& position, reply_ticket ticket,
                                   refusal refused) {
    unmatched_replay out;
    const auto entry = unmatched_.read(position);
    out.refused = entry ? refused : refusal::not_found;
    if (out.refused != refusal::none) return out;
    auto* const carrier = directory_.find(carrier_id{position.carrier});
    if (carrier == nullptr) {
        out.why = UnmatchedWhy::no_carrier;
        return out;
    }
    const bool is_reply = entry->record->is_reply();
    const auto entries = is_reply ? try_reply(carrier->id, position, *entry, out.why)
                                  : try_receipt(carrier->id, position, *entry, out.why);
    out.applied = entries > 0;
    if (out.applied) {
        unmatched_.count_replayed(carrier->id, is_reply, entries);
        count_.receipts_replayed += is_reply ? 0 : 1;
        must_keep().then(after::replayed{ticket});
    } else if (out.why != entry->why()) {
        unmatched_.keep_for_another_reason(position, *entry, out.why);
    }
    return out;
}

/// A message that was accepted after the receipt came is not its, whatever id the carrier gave it;
/// nor is a segment that waits for any receipt of its phone.
std::size_t replay::try_receipt(carrier_id carrier, const model::unmatched_position& position,
                                const unmatched_entry& entry, UnmatchedWhy& why) {
    const auto receipt = read_receipt(entry.message);
    if (receipt.id.empty()) {
        why = UnmatchedWhy::unreadable;
        return 0;
    }
    auto message = entry.message;
    message.arrival_id = position.counter;
    const auto fate = receiving_.find_owner(carrier, receipt, message);
    if (fate != receipt_fate::applied) why = why_of(fate);
    if (fate == receipt_fate::applied || fate == receipt_fate::ambiguous)
        receiving_.early().forget(receiving_.early_keys(carrier, receipt), position);
    if (fate == receipt_fate::applied) unmatched_.erase(position);
    return fate == receipt_fate::applied ? 1 : 0;
}

std::size_t replay::try_reply(carrier_id carrier, const model::unmatched_position& position,
                              const unmatched_entry& entry, UnmatchedWhy& why) {
    auto own = entry.message;
    restored_addresses kept;
    std::string unpacked;
    if (entry.record->as_sent()) {
        own = in_our_form(directory_[carrier].settings->text,
                          with_our_addresses(directory_, carrier, entry.message, kept), unpacked);
    } else if (const auto part = reply_part_position_of(stored(carrier), own)) {
        return try_parts(position, *part, why);
    }
    own.arrival_id = position.counter;
    const auto utf8 = reply_text(own);
    const auto owner = replies_.owner_of(own, utf8);
    if (const auto obstacle = replies_.obstacle(owner)) {
        why = *obstacle;
        return 0;
    }
    ++count_.replies;
    replies_.deliver(carrier, own, utf8, {.owner = owner});
    unmatched_.erase(position);
    return 1;
}

/// The parts of a long reply were kept in one step, one after the other by their sequence: the
/// entries around this one.
replay::kept_reply replay::companions(const model::unmatched_position& position,
                                      const model::reply_part_position& part) const {
    kept_reply out;
    out.set.position = part;
    out.set.position.sequence = 0;
    out.parts.resize(part.total);
    const auto snapshot = environment_.read();
    store::cursor at(snapshot, table::unmatched);
    unmatched_entry entry;
    model::unmatched_position here;
    // 0 where the entry is no part of this reply.
    const auto sequence_here = [&]() -> std::uint8_t {
        const auto place = model::unmatched_key::parse(at.key());
        entry.bytes = at.value();
        if (!place || place->carrier != position.carrier || place->at != position.at ||
            unmatched_.is_gone(place->counter) || !entry.read() || !entry.record->is_reply() ||
            entry.record->as_sent())
            return 0;
        here = *place;
        auto other = reply_part_position_of(position.carrier, entry.message);
        const auto sequence = other ? other->sequence : std::uint8_t{0};
        if (other) other->sequence = 0;
        return other == out.set.position && sequence <= part.total ? sequence : std::uint8_t{0};
    };
    auto first = position;
    auto lowest = part.sequence;
    for (bool there = at.seek(unmatched_key_of(position)) && at.previous(); there;
         there = at.previous()) {
        const auto sequence = sequence_here();
        if (sequence == 0 || sequence >= lowest) break;
        lowest = sequence;
        first = here;
    }
    std::uint8_t last = 0;
    for (bool there = at.seek(unmatched_key_of(first)); there; there = at.next()) {
        const auto sequence = sequence_here();
        if (sequence <= last) break;
        last = sequence;
        auto kept = std::make_unique<kept_part>();
        kept->bytes = at.value();
        if (kept->read_unmatched()) {
            kept->message.arrival_id = here.counter;
            out.set.parts.push_back({sequence, content_hash(kept->message)});
            out.members.push_back(here);
            out.parts[sequence - 1U] = std::move(kept);
        }
    }
    return out;
}

/// All parts of a long reply go on together, as they would have when they came.
std::size_t replay::try_parts(const model::unmatched_position& position,
                              const model::reply_part_position& part, UnmatchedWhy& why) {
    const auto found = companions(position, part);
    if (found.set.parts.empty()) {
        why = UnmatchedWhy::no_owner;
        return 0;
    }
    const auto& first = found.parts[found.set.parts.front().sequence - 1U]->message;
    const auto owner = replies_.owner_of(first, whole_reply(found.parts).text());
    if (const auto obstacle = replies_.obstacle(owner)) {
        why = *obstacle;
        return 0;
    }
    replies_.deliver_parts(found.set, found.parts);
    for (const auto& member : found.members)
        unmatched_.erase(member);
    return found.members.size();
}

}  // namespace hikyaku::gateway
