// Replies on their way to the account that owns them: those that are one by themselves at once, the
// parts of long ones (engine_reply_parts.cpp) whole or part by part, as the account prefers.
#include <algorithm>

#include "gateway/engine/engine_unmatched.hpp"
#include "gateway/engine/numbers.hpp"
#include "gateway/engine/reply_part.hpp"
#include "smpp/text/reassembly.hpp"
#include "smpp/text/ucs2.hpp"
#include "smpp/text/udh.hpp"

namespace hikyaku::gateway {

namespace record = store::record;
namespace text = smpp::text;

namespace {

// Twice as much as UCS-2 still leaves room for the rest in a PDU that every client reads (7 KiB).
constexpr std::size_t whole_octets_max = 3072;
constexpr std::size_t short_message_octets_max = 254;

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
            element->id == text::locking_shift_element) {
            continue;
        }
        kept.push_back(static_cast<char>(element->id));
        kept.push_back(static_cast<char>(element->data.size()));
        kept += chars_of(element->data);
    }
    return kept.empty() ? kept : static_cast<char>(kept.size()) + kept;
}

}  // namespace

void engine::impl::on_reply(carrier_id carrier, const carrier_message& message) {
    std::string unpacked;
    const auto given = restored(carrier, message);
    const auto own = in_our_form(directory_[carrier].settings->text, given, unpacked);
    // The octets of a part are limited as they came.
    const auto part = reply_part_position_of(stored(carrier), given);
    if (!part) {
        ++count_.replies;
        deliver_reply(carrier, own, reply_text(own), {.as_sent = &message});
        return;
    }
    ++count_.reply_parts;
    if (const auto owner = directory_.account_by_reply_number(own.destination)) {
        const auto endpoint = reply_endpoint(directory_[*owner]);
        if (endpoint && !wants_whole_replies(*endpoint)) {
            ++count_.replies;
            deliver_reply(carrier, own, reply_text(own), {});
            return;
        }
    }
    keep_reply_part(*part, own);
}

bool engine::impl::wants_whole_replies(endpoint_id endpoint) const {
    const auto& account = directory_[endpoints_[endpoint].account];
    const auto form = account.settings->delivery.reply_form;
    return form == config::reply_form::whole ||
           (form == config::reply_form::automatic && endpoint != account.smpp_endpoint);
}

void engine::impl::deliver_parts(const reply_set& set,
                                 const std::vector<std::unique_ptr<kept_part>>& parts) {
    const auto first = std::find_if(parts.begin(), parts.end(), [](const auto& p) { return !!p; });
    if (first == parts.end()) {
        return;
    }
    const auto whole = whole_reply(parts);
    ++count_.replies;
    const bool complete = set.complete();
    ++(complete ? count_.replies_reassembled : count_.replies_incomplete);
    const auto utf8 = whole.text();
    const auto& message = (*first)->message;
    const auto owner = owner_of(message, utf8);
    const auto endpoint = owner ? reply_endpoint(directory_[*owner]) : std::nullopt;
    // Over SMPP only the parts themselves can tell which of them are missing.
    const bool smpp_session = endpoint && *endpoint == directory_[*owner].smpp_endpoint;
    std::size_t octets = 0;
    for (const auto& segment : whole.segments) {
        octets += segment ? segment->octets.size() : 0;
    }
    const bool fits = !smpp_session || (complete && octets <= whole_octets_max_for(*owner));
    if (endpoint && wants_whole_replies(*endpoint) && fits) {
        deliver_whole(set, whole, utf8, message);
        return;
    }
    for (const auto& part : parts) {
        if (part) {
            const reply_origin from{&set, static_cast<std::uint16_t>(&part - parts.data() + 1),
                                    owner, !complete};
            deliver_reply(carrier_id{set.position.carrier}, part->message,
                          reply_text(part->message), from);
        }
    }
}

/// A client of 3.3 has no message_payload.
std::size_t engine::impl::whole_octets_max_for(account_id account) const {
    const auto& sessions = directory_[account].sessions;
    const bool any_3_3 = std::any_of(sessions.begin(), sessions.end(), [&](session_id id) {
        const auto at = sessions_.find(id);
        return at != sessions_.end() && at->second.can_receive && at->second.version < 0x34;
    });
    return any_3_3 ? short_message_octets_max : whole_octets_max;
}

void engine::impl::deliver_whole(const reply_set& set, const text::reassembled& whole,
                                 const std::string& utf8, const carrier_message& first) {
    auto message = first;
    const auto header = split_header(first);
    std::string octets = header ? header_of_whole(header->elements) : std::string();
    if (octets.empty()) {
        message.esm_class &= static_cast<std::uint8_t>(~smpp::esm_class::udhi);
    }
    const bool alike =
        std::all_of(whole.segments.begin(), whole.segments.end(), [&](const auto& s) {
            return !s || (s->data_coding == first.data_coding && s->shift.is_default());
        });
    if (alike) {
        for (const auto& segment : whole.segments) {
            octets += segment ? segment->octets : std::string();
        }
    } else {  // one data_coding must do for all of it
        std::u16string units;
        (void)text::append_utf16(utf8, units);
        text::append_utf16be(units, octets);
        message.data_coding = data_coding_ucs2;
    }
    message.octets = text::octets_of(octets);
    const auto tlvs = tlvs_of_whole(first.tlvs);
    message.tlvs = smpp::tlv_list::parse(tlvs).value_or(smpp::tlv_list{});
    deliver_reply(carrier_id{set.position.carrier}, message, utf8,
                  {&set, 0, std::nullopt, !set.complete()});
}

void engine::impl::deliver_reply(carrier_id carrier, const carrier_message& message,
                                 const std::string& utf8, const reply_origin& from) {
    const auto owner = from.owner ? from.owner : owner_of(message, utf8);
    const auto endpoint = owner ? reply_endpoint(directory_[*owner]) : std::nullopt;
    if (!endpoint) {
        const auto why = owner ? UnmatchedWhy::no_delivery : UnmatchedWhy::no_owner;
        ++count_.replies_unroutable;
        unmatched_->keep(carrier, from.as_sent != nullptr ? *from.as_sent : message, why, nullptr,
                         from.as_sent != nullptr);
        auto* const known = directory_.find(carrier);
        outputs_.reply_unowned({known == nullptr ? "" : known->settings->name, message.source,
                                message.destination, why});
        return;
    }
    auto& fb = builder_;
    fb.Clear();
    const auto source =
        record::CreateAddress(fb, message.source_ton, message.source_npi,
                              fb.CreateString(message.source.data(), message.source.size()));
    const auto destination = record::CreateAddress(
        fb, message.destination_ton, message.destination_npi,
        fb.CreateString(message.destination.data(), message.destination.size()));
    const auto body = fb.CreateVector(message.octets.data(), message.octets.size());
    const auto text_offset = fb.CreateString(utf8);
    const auto raw = message.tlvs.raw();
    std::vector<std::uint8_t> all(raw.begin(), raw.end());
    if (from.incomplete && from.part != 0) {
        const auto missing = from.set->position.total - from.set->parts.size();
        all.insert(all.end(), {tag_parts_missing >> 8, tag_parts_missing & 0xFF, 0, 1,
                               static_cast<std::uint8_t>(missing)});
    }
    const auto tlvs = fb.CreateVector(all);
    record::EventBuilder event(fb);
    event.add_kind(EventKind::reply);
    event.add_at(message.arrival_id == 0 ? now_.wall_ms
                                         : store::id_milliseconds(message.arrival_id));
    event.add_source(source);
    event.add_destination(destination);
    event.add_short_message(body);
    event.add_data_coding(message.data_coding);
    event.add_esm_class(message.esm_class);
    event.add_text(text_offset);
    event.add_tlvs(tlvs);
    event.add_carrier(stored(carrier));
    if (from.set != nullptr) {
        event.add_parts(from.set->position.total);
        event.add_parts_delivered(static_cast<std::uint16_t>(from.set->parts.size()));
        event.add_part(from.part);
        event.add_concat_reference(from.set->position.reference);
        event.add_incomplete(from.incomplete);
    }
    put_event(*endpoint, event.Finish());
}

std::optional<account_id> engine::impl::owner_of(const carrier_message& message,
                                                 std::string_view utf8) {
    if (const auto owner = directory_.account_by_reply_number(message.destination)) {
        return owner;
    }
    const auto start = utf8.find_first_not_of(" \t\r\n");
    if (start == std::string_view::npos) {
        return std::nullopt;
    }
    const auto end = utf8.find_first_of(" \t\r\n", start);
    const auto word = utf8.substr(start, end == std::string_view::npos ? end : end - start);
    return directory_.account_by_keyword(word);
}

}  // namespace hikyaku::gateway
