#include "gateway/engine/engine_unmatched.hpp"

#include <algorithm>
#include <limits>

#include "gateway/engine/reply_part.hpp"
#include "store/environment.hpp"

namespace hikyaku::gateway {

using store::table;
namespace record = store::record;

namespace {

constexpr std::size_t receipt_octets_max = 4096;     // and as many of its TLVs
constexpr std::size_t entries_looked_at_max = 1000;  // for one page: a millisecond or two
constexpr std::size_t page_bytes_max = 256 << 10;    // of the entries that are looked at

store::key key_of(const store::unmatched_position& position) {
    return store::unmatched_key(position.carrier, position.at, position.counter);
}

}  // namespace

void engine::impl::unmatched_desk::put(const store::unmatched_position& position,
                                       const carrier_message& message, UnmatchedWhy why,
                                       std::string_view carrier_message_id, bool as_sent) {
    auto& fb = engine_.builder_;
    fb.Clear();
    const auto address_of = [&fb](std::uint8_t ton, std::uint8_t npi, std::string_view digits) {
        return record::CreateAddress(fb, ton, npi, fb.CreateString(digits.data(), digits.size()));
    };
    const auto source = address_of(message.source_ton, message.source_npi, message.source);
    const auto destination =
        address_of(message.destination_ton, message.destination_npi, message.destination);
    const auto id = carrier_message_id.empty()
                        ? flatbuffers::Offset<flatbuffers::String>{}
                        : fb.CreateString(carrier_message_id.data(), carrier_message_id.size());
    // A reply may go to an account yet, whole: the limit of PDUs bounds it.
    const bool is_reply = why == UnmatchedWhy::no_owner || why == UnmatchedWhy::no_delivery;
    const auto most = is_reply ? std::numeric_limits<std::size_t>::max() : receipt_octets_max;
    const auto octets =
        fb.CreateVector(message.octets.data(), std::min(message.octets.size(), most));
    const auto tlvs = fb.CreateVector(tlvs_of_part(message.tlvs, most));
    fb.Finish(record::CreateUnmatched(fb, position.carrier, position.at, source, destination, id,
                                      message.esm_class, message.data_coding, octets, tlvs,
                                      is_reply, why, as_sent));
    engine_.must_keep().rows().put(
        table::unmatched, key_of(position),
        {reinterpret_cast<const char*>(fb.GetBufferPointer()), fb.GetSize()});
}

void engine::impl::unmatched_desk::keep(carrier_id carrier, const carrier_message& message,
                                        UnmatchedWhy why, const carrier_receipt* receipt,
                                        bool as_sent) {
    const auto now_ms = engine_.now_.wall_ms;
    const store::unmatched_position position{stored(carrier), now_ms, engine_.ids_.next(now_ms)};
    put(position, message, why, receipt == nullptr ? "" : receipt->id, as_sent);
    auto* const known = engine_.directory_.find(carrier);
    if (known == nullptr) {
        return;  // the last parts of a long reply by a carrier that is configured no more
    }
    ++known->unmatched[static_cast<std::size_t>(why)];
    // What may be of two messages now is not the next one's.
    if (receipt != nullptr && why != UnmatchedWhy::ambiguous) {
        engine_.remember_early(carrier, {position, *receipt, engine_.now_.steady, {}, {}, {}},
                               message);
    }
}

void engine::impl::unmatched_desk::load() {
    const auto snapshot = engine_.environment_.read();
    unmatched_entry entry;
    std::size_t loaded = 0;
    snapshot.for_each(table::unmatched, "", [&](std::string_view key, std::string_view value) {
        const auto position = store::parse_unmatched_key(key);
        entry.bytes = value;
        if (!position || !entry.read() || entry.record->is_reply() ||
            entry.why() == UnmatchedWhy::ambiguous) {
            return true;
        }
        auto* const carrier = engine_.directory_.find(carrier_id{position->carrier});
        if (carrier == nullptr) {
            return true;
        }
        const auto receipt = read_receipt(entry.message);
        if (!receipt.id.empty()) {
            engine_.remember_early(
                carrier->id, {*position, receipt, steady_time::min(), {}, {}, {}}, entry.message);
        }
        return ++loaded < engine_.limits_.early_max;
    });
}

void engine::impl::unmatched_desk::erase(const store::unmatched_position& position) {
    auto& pending = engine_.must_keep();
    pending.rows().erase(table::unmatched, key_of(position));
    pending.then(after::unmatched_gone{position.counter});
    gone_.insert(position.counter);
}

std::string engine::impl::unmatched_desk::carrier_name(std::uint32_t number) const {
    return engine_.directory_.name_of(store::name_kind::carrier, number);
}

unmatched_view engine::impl::unmatched_desk::view_of(const store::unmatched_position& position,
                                                     const unmatched_entry& entry) const {
    unmatched_view out;
    out.id = position;
    out.carrier = carrier_name(position.carrier);
    out.is_reply = entry.record->is_reply();
    out.why = entry.why();
    const auto& message = entry.message;
    out.source = message.source;
    out.destination = message.destination;
    if (out.is_reply) {
        auto* const carrier = engine_.directory_.find(carrier_id{position.carrier});
        const bool restore = entry.record->as_sent() && carrier != nullptr;
        // Without words only the number can say whose it is.
        const auto own = restore ? engine_.restored(carrier->id, message) : message;
        out.destination_is_ours = engine_.owner_of(own, "").has_value();
    }
    out.esm_class = message.esm_class;
    out.data_coding = message.data_coding;
    out.octets.assign(message.octets.begin(), message.octets.end());
    const auto tlvs = message.tlvs.raw();
    out.tlvs.assign(tlvs.begin(), tlvs.end());
    return out;
}

unmatched_page engine::impl::unmatched_desk::page(const unmatched_query& query) const {
    unmatched_page out;
    std::optional<std::uint32_t> only;
    if (!query.carrier.empty()) {
        only = engine_.directory_.known_number(store::name_kind::carrier, query.carrier);
        out.carrier_known = only.has_value();
        if (!out.carrier_known) {
            return out;
        }
    }
    store::key from;
    if (only && (!query.after || query.after->carrier < *only)) {
        from = store::unmatched_prefix(*only);
    } else if (query.after) {
        from = key_of(*query.after);
    }
    const auto limit = std::min(query.limit, unmatched_query::limit_max);
    unmatched_entry entry;
    std::optional<store::unmatched_position> last;
    std::size_t looked_at = 0, bytes = 0;
    const auto snapshot = engine_.environment_.read();
    snapshot.for_each(table::unmatched, from.view(), [&](auto key, std::string_view value) {
        const auto position = store::parse_unmatched_key(key);
        if (!position || position == query.after) {
            return true;
        }
        if (only && position->carrier != *only) {
            return false;
        }
        if (out.found.size() == limit || looked_at == entries_looked_at_max ||
            (looked_at > 0 && bytes + value.size() > page_bytes_max)) {
            out.next = last;
            return false;
        }
        ++looked_at;
        bytes += value.size();
        last = position;
        entry.bytes = value;
        if (!gone_.contains(position->counter) && entry.read() &&
            (!query.is_reply || *query.is_reply == entry.record->is_reply())) {
            out.found.push_back(view_of(*position, entry));
        }
        return true;
    });
    return out;
}

std::unique_ptr<unmatched_entry> engine::impl::unmatched_desk::read(
    const store::unmatched_position& position) const {
    const auto snapshot = engine_.environment_.read();
    const auto value = snapshot.get(table::unmatched, key_of(position));
    if (!value || gone_.contains(position.counter)) {
        return nullptr;
    }
    auto entry = std::make_unique<unmatched_entry>();
    entry->bytes = *value;
    return entry->read() ? std::move(entry) : nullptr;
}

std::optional<unmatched_view> engine::impl::unmatched_desk::find(
    const store::unmatched_position& position) const {
    const auto entry = read(position);
    return entry ? std::optional(view_of(position, *entry)) : std::nullopt;
}

unmatched_replay engine::impl::unmatched_desk::replay(const store::unmatched_position& position,
                                                      reply_ticket ticket) {
    unmatched_replay out;
    const auto entry = read(position);
    out.refused = entry ? engine_.refuse_now() : refusal::not_found;
    if (out.refused != refusal::none) {
        return out;
    }
    auto* const carrier = engine_.directory_.find(carrier_id{position.carrier});
    if (carrier == nullptr) {
        out.why = UnmatchedWhy::no_carrier;
        return out;
    }
    const bool is_reply = entry->record->is_reply();
    const auto entries = is_reply ? try_reply(carrier->id, position, *entry, out.why)
                                  : try_receipt(carrier->id, position, *entry, out.why);
    out.applied = entries > 0;
    if (out.applied) {
        auto& counted = *carrier;
        (is_reply ? counted.replies_replayed : counted.receipts_replayed) += entries;
        engine_.count_.receipts_replayed += is_reply ? 0 : 1;
        engine_.must_keep().then(after::replayed{ticket});
    } else if (out.why != entry->why()) {
        const auto* id = entry->record->carrier_message_id();
        put(position, entry->message, out.why, id == nullptr ? "" : id->string_view(),
            entry->record->as_sent());
    }
    return out;
}

/// A message that was accepted after the receipt came is not its, whatever id the carrier gave it;
/// nor is a segment that waits for any receipt of its phone.
std::size_t engine::impl::unmatched_desk::try_receipt(carrier_id carrier,
                                                      const store::unmatched_position& position,
                                                      const unmatched_entry& entry,
                                                      UnmatchedWhy& why) {
    const auto receipt = read_receipt(entry.message);
    if (receipt.id.empty()) {
        why = UnmatchedWhy::unreadable;
        return 0;
    }
    auto message = entry.message;
    message.arrival_id = position.counter;
    const auto fate = engine_.find_owner(carrier, receipt, message);
    if (fate != receipt_fate::applied) {
        why = why_of(fate);
    }
    if (fate == receipt_fate::applied || fate == receipt_fate::ambiguous) {
        engine_.early_.forget(engine_.early_keys(carrier, receipt), position);
    }
    if (fate == receipt_fate::applied) {
        erase(position);
    }
    return fate == receipt_fate::applied ? 1 : 0;
}

std::size_t engine::impl::unmatched_desk::try_reply(carrier_id carrier,
                                                    const store::unmatched_position& position,
                                                    const unmatched_entry& entry,
                                                    UnmatchedWhy& why) {
    const auto& from = engine_.directory_[carrier];
    auto own = entry.message;
    std::string unpacked;
    if (entry.record->as_sent()) {
        own = in_our_form(from.settings->text, engine_.restored(carrier, entry.message), unpacked);
    } else if (const auto part = reply_part_position_of(stored(carrier), own)) {
        return try_parts(position, *part, why);
    }
    own.arrival_id = position.counter;
    const auto utf8 = reply_text(own);
    const auto owner = engine_.owner_of(own, utf8);
    if (!owner || !engine_.reply_endpoint(engine_.directory_[*owner])) {
        why = owner ? UnmatchedWhy::no_delivery : UnmatchedWhy::no_owner;
        return 0;
    }
    ++engine_.count_.replies;
    engine_.deliver_reply(carrier, own, utf8, {.owner = owner});
    erase(position);
    return 1;
}

/// The parts of a long reply were kept in one step, one after the other by their sequence: the
/// entries around this one.
engine::impl::unmatched_desk::kept_reply engine::impl::unmatched_desk::companions(
    const store::unmatched_position& position, const store::reply_part_position& part) const {
    kept_reply out;
    out.set.position = part;
    out.set.position.sequence = 0;
    out.parts.resize(part.total);
    const auto snapshot = engine_.environment_.read();
    store::cursor at(snapshot, table::unmatched);
    unmatched_entry entry;
    store::unmatched_position here;
    // 0 where the entry is no part of this reply.
    const auto sequence_here = [&]() -> std::uint8_t {
        const auto place = store::parse_unmatched_key(at.key());
        entry.bytes = at.value();
        if (!place || place->carrier != position.carrier || place->at != position.at ||
            gone_.contains(place->counter) || !entry.read() || !entry.record->is_reply() ||
            entry.record->as_sent()) {
            return 0;
        }
        here = *place;
        auto other = reply_part_position_of(position.carrier, entry.message);
        const auto sequence = other ? other->sequence : std::uint8_t{0};
        if (other) {
            other->sequence = 0;
        }
        return other == out.set.position && sequence <= part.total ? sequence : std::uint8_t{0};
    };
    auto first = position;
    auto lowest = part.sequence;
    for (bool there = at.seek(key_of(position)) && at.previous(); there; there = at.previous()) {
        const auto sequence = sequence_here();
        if (sequence == 0 || sequence >= lowest) {
            break;
        }
        lowest = sequence;
        first = here;
    }
    std::uint8_t last = 0;
    for (bool there = at.seek(key_of(first)); there; there = at.next()) {
        const auto sequence = sequence_here();
        if (sequence <= last) {
            break;
        }
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
std::size_t engine::impl::unmatched_desk::try_parts(const store::unmatched_position& position,
                                                    const store::reply_part_position& part,
                                                    UnmatchedWhy& why) {
    const auto found = companions(position, part);
    if (found.set.parts.empty()) {
        why = UnmatchedWhy::no_owner;
        return 0;
    }
    const auto& first = found.parts[found.set.parts.front().sequence - 1U]->message;
    const auto owner = engine_.owner_of(first, whole_reply(found.parts).text());
    if (!owner || !engine_.reply_endpoint(engine_.directory_[*owner])) {
        why = owner ? UnmatchedWhy::no_delivery : UnmatchedWhy::no_owner;
        return 0;
    }
    engine_.deliver_parts(found.set, found.parts);
    for (const auto& member : found.members) {
        erase(member);
    }
    return found.members.size();
}

}  // namespace hikyaku::gateway
