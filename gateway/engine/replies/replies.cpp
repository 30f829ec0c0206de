// Replies on their way to the account that owns them: those that are one by themselves at once, the
// parts of long ones (long_replies.cpp) whole or part by part, as the account prefers.
#include "gateway/engine/replies/replies.hpp"

#include <algorithm>

#include "gateway/engine/message_records.hpp"
#include "gateway/engine/submission/numbers.hpp"
#include "smpp/text/reassembly.hpp"
#include "smpp/text/ucs2.hpp"
#include "smpp/text/udh.hpp"

namespace hikyaku::gateway {

namespace record = model::record;
namespace text = smpp::text;

namespace {

using audience = delivery::audience;
using text::chars_of;

bool ties_parts(std::uint8_t element) {
    return element == 0x00 || element == 0x08;
}

/// The elements of a header that mean something for the whole reply, with their length octet.
std::string header_of_whole(text::octets elements) {
    std::string kept;
    text::udh_reader reader(elements);
    while (const auto element = reader.next()) {
        if (ties_parts(element->id) || element->id == text::single_shift_element ||
            element->id == text::locking_shift_element)
            continue;
        kept.push_back(static_cast<char>(element->id));
        kept.push_back(static_cast<char>(element->data.size()));
        kept += chars_of(element->data);
    }
    return kept.empty() ? kept : static_cast<char>(kept.size()) + kept;
}

}  // namespace

replies::replies(engine_context& context, const directory& names, unmatched& box, delivery& tells)
    : room(context), directory_(names), unmatched_(box), delivery_(tells) {}

std::optional<UnmatchedWhy> replies::obstacle(std::optional<account_id> owner) const {
    if (!owner) return UnmatchedWhy::no_owner;
    return delivery_.takes_replies(*owner) ? std::nullopt
                                           : std::optional(UnmatchedWhy::no_delivery);
}

void replies::on_reply(carrier_id carrier, const carrier_message& message) {
    std::string unpacked;
    const auto given = with_our_addresses(directory_, carrier, message, restored_);
    const auto own = in_our_form(directory_[carrier].settings->text, given, unpacked);
    // The octets of a part are limited as they came.
    const auto part = reply_part_position_of(stored(carrier), given);
    if (!part) {
        ++count_.replies;
        deliver(carrier, own, reply_text(own), {.as_sent = &message});
        return;
    }
    ++count_.reply_parts;
    if (const auto owner = owner_of_part(own)) {
        ++count_.replies;
        deliver(carrier, own, reply_text(own), {.owner = owner});
        return;
    }
    keep_part(*part, own);
}

/// Of a part that is told as it comes. Whose the others of a number that is shared are, and what a
/// reply says that is read, only the whole can tell.
std::optional<account_id> replies::owner_of_part(const carrier_message& own) const {
    const auto owners = directory_.accounts_by_reply_number(own.destination);
    if (owners.size() != 1 || !delivery_.takes_replies(owners.front()) ||
        delivery_.wants_whole_replies(owners.front()) || delivery_.reads_replies(owners.front()))
        return std::nullopt;
    return owners.front();
}

void replies::deliver_parts(const reply_set& set,
                            const std::vector<std::unique_ptr<kept_part>>& parts) {
    const auto first = std::find_if(parts.begin(), parts.end(), [](const auto& p) { return !!p; });
    if (first == parts.end()) return;
    const auto whole = whole_reply(parts);
    ++count_.replies;
    const bool complete = set.complete();
    ++(complete ? count_.replies_reassembled : count_.replies_incomplete);
    const auto utf8 = whole.text();
    const auto& message = (*first)->message;
    const auto owner = owner_of(message, utf8);
    // Over SMPP only the parts themselves can tell which of them are missing.
    const auto limit = owner ? delivery_.whole_reply_octets_max(*owner) : std::nullopt;
    std::size_t octets = 0;
    for (const auto& segment : whole.segments)
        octets += segment ? segment->octets.size() : 0;
    const bool fits = !limit || (complete && octets <= *limit);
    if (owner && delivery_.takes_replies(*owner) && delivery_.wants_whole_replies(*owner) && fits) {
        deliver_whole(set, whole, utf8, message, owner, audience::everybody);
        return;
    }
    const bool is_read = owner && delivery_.reads_replies(*owner);
    if (is_read) deliver_whole(set, whole, utf8, message, owner, audience::readers);
    for (const auto& part : parts) {
        if (part) {
            const reply_origin from{&set, static_cast<std::uint16_t>(&part - parts.data() + 1),
                                    owner, !complete,
                                    is_read ? audience::application : audience::everybody};
            deliver(carrier_id{set.position.carrier}, part->message, reply_text(part->message),
                    from);
        }
    }
}

void replies::deliver_whole(const reply_set& set, const text::reassembled& whole,
                            const std::string& utf8, const carrier_message& first,
                            std::optional<account_id> owner, audience whom) {
    auto message = first;
    const auto header = split_header(first);
    std::string octets = header ? header_of_whole(header->elements) : std::string();
    if (octets.empty()) message.esm_class &= static_cast<std::uint8_t>(~smpp::esm_class::udhi);
    const bool alike =
        std::all_of(whole.segments.begin(), whole.segments.end(), [&](const auto& s) {
            return !s || (s->data_coding == first.data_coding && s->shift.is_default());
        });
    if (alike) {
        for (const auto& segment : whole.segments)
            octets += segment ? segment->octets : std::string();
    } else {  // one data_coding must do for all of it
        std::u16string units;
        (void)text::append_utf16(utf8, units);
        text::append_utf16be(units, octets);
        message.data_coding = data_coding_ucs2;
    }
    message.octets = text::octets_of(octets);
    const auto tlvs = tlvs_of_whole(first.tlvs);
    message.tlvs = smpp::tlv_list::parse(tlvs).value_or(smpp::tlv_list{});
    deliver(carrier_id{set.position.carrier}, message, utf8,
            {&set, 0, owner, !set.complete(), whom});
}

void replies::deliver(carrier_id carrier, const carrier_message& message, const std::string& utf8,
                      const reply_origin& from) {
    const auto owner = from.owner ? from.owner : owner_of(message, utf8);
    if (!owner || !delivery_.takes_replies(*owner)) {
        const auto why = owner ? UnmatchedWhy::no_delivery : UnmatchedWhy::no_owner;
        ++count_.replies_unroutable;
        unmatched_.keep(carrier, from.as_sent != nullptr ? *from.as_sent : message, why, {},
                        from.as_sent != nullptr);
        auto* const known = directory_.find(carrier);
        outputs_.reply_unowned({known == nullptr ? "" : known->settings->name, message.source,
                                message.destination, why});
        return;
    }
    const auto raw = message.tlvs.raw();
    std::vector<std::uint8_t> tlvs(raw.begin(), raw.end());
    if (from.incomplete && from.part != 0) {
        const auto missing = from.set->position.total - from.set->parts.size();
        tlvs.insert(tlvs.end(), {tag_parts_missing >> 8, tag_parts_missing & 0xFF, 0, 1,
                                 static_cast<std::uint8_t>(missing)});
    }
    reply_event event;
    event.at_ms =
        message.arrival_id == 0 ? now_.wall_ms : store::id_milliseconds(message.arrival_id);
    event.source = {message.source_ton, message.source_npi, message.source};
    event.destination = {message.destination_ton, message.destination_npi, message.destination};
    event.octets = message.octets;
    event.data_coding = message.data_coding;
    event.esm_class = message.esm_class;
    event.text = utf8;
    event.tlvs = tlvs;
    event.carrier = carrier;
    if (delivery_.reads_replies(*owner)) event.account = *owner;
    if (from.set != nullptr) {
        event.parts = from.set->position.total;
        event.parts_received = static_cast<std::uint16_t>(from.set->parts.size());
        event.part = from.part;
        event.concat_reference = from.set->position.reference;
        event.incomplete = from.incomplete;
    }
    delivery_.tell(*owner, event, from.whom);
}

}  // namespace hikyaku::gateway
