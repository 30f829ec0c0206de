#include "gateway/io/smpp_event_pdu.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <chrono>
#include <span>

#include "smpp/text/octets.hpp"

namespace hikyaku::gateway::io {
namespace {

std::chrono::sys_seconds seconds_of(std::int64_t wall_ms) {
    return std::chrono::floor<std::chrono::seconds>(
        std::chrono::sys_time<std::chrono::milliseconds>(std::chrono::milliseconds(wall_ms)));
}

/// err as the carrier wrote it; else the number, of three digits at least. A zero stands for what
/// network_error_code says where the client gets no TLVs.
template <std::size_t Size>
std::string_view err_of(const error_view& told, bool tlvs, std::array<char, Size>& space) {
    const bool zero = std::ranges::all_of(told.error_text, [](char digit) { return digit == '0'; });
    if (!told.error_text.empty() && !(zero && !tlvs && told.error != 0)) return told.error_text;
    const auto end = fmt::format_to_n(space.data(), space.size(), "{:03}", told.error).out;
    return {space.data(), static_cast<std::size_t>(end - space.data())};
}

/// Fields that deliver_sm and data_sm have in common; `from` and `to` are as the client sees them.
struct common_fields {
    address_view from, to;
    std::string_view service_type;
    std::uint8_t esm_class = 0;
    std::uint8_t data_coding = 0;
};

template <class Body>
Body body_of(const common_fields& fields) {
    Body body;
    body.service_type = fields.service_type;
    body.source_addr_ton = fields.from.ton;
    body.source_addr_npi = fields.from.npi;
    body.source_addr = fields.from.digits;
    body.dest_addr_ton = fields.to.ton;
    body.dest_addr_npi = fields.to.npi;
    body.destination_addr = fields.to.digits;
    body.esm_class = fields.esm_class;
    body.data_coding = fields.data_coding;
    return body;
}

/// The text goes where the PDU and its length allow; `writer` holds the other TLVs already.
smpp::pdu assemble(const common_fields& fields, smpp::octet_view text, const event_pdu_form& form,
                   smpp::tlv_writer& writer) {
    constexpr std::size_t short_message_max = 254;
    const bool as_data = form.pdu == config::receipt_pdu::data_sm;
    const bool as_payload = text.size() > short_message_max || (as_data && !text.empty());
    if (as_payload) writer.octets(smpp::tag::message_payload, text);
    if (as_data) return smpp::make_pdu(0, body_of<smpp::data_sm>(fields), writer.list());
    auto body = body_of<smpp::deliver_sm>(fields);
    if (!as_payload) body.short_message = text;
    return smpp::make_pdu(0, body, writer.list());
}

smpp::text::receipt_date_form dates_of(config::receipt_dates dates) {
    using form = smpp::text::receipt_date_form;
    switch (dates) {
        case config::receipt_dates::ten_digits:
            return form::ten_digits;
        case config::receipt_dates::twelve_digits:
            return form::twelve_digits;
        case config::receipt_dates::fourteen_digits:
            return form::fourteen_digits;
    }
    return form::ten_digits;
}

/// The id that the response to the submission gave.
message_id_text id_of(const receipt_event& event, config::id_form form) {
    if (event.alias != 0) return format_alias(event.alias);
    return format_message_id(event.shown_id != message_id{} ? event.shown_id : event.message, form);
}

smpp::pdu receipt_of(const receipt_event& event, const event_pdu_form& form,
                     event_pdu_scratch& scratch) {
    common_fields common;
    common.from = event.destination;
    common.to = event.source;
    common.service_type = event.service_type;
    common.esm_class = event.final ? smpp::esm_class::receipt : smpp::esm_class::intermediate;
    const auto state = message_state_of(event.state);
    scratch.id = id_of(event, form.ids);

    smpp::text::receipt_fields fields;
    fields.id = scratch.id;
    const bool of_segment = event.part != 0;
    fields.sub = of_segment ? std::uint16_t{1} : event.parts;
    fields.dlvrd =
        of_segment ? std::uint16_t{event.state == State::delivered} : event.parts_delivered;
    fields.submit_date = seconds_of(event.submitted_ms);
    fields.done_date = seconds_of(event.final ? event.done_ms : event.at_ms);
    fields.stat = static_cast<smpp::text::receipt_state>(state);
    fields.err = err_of(event.error, form.tlvs, scratch.error);
    fields.dates = dates_of(form.dates);
    const auto text = smpp::text::write_receipt(scratch.text, fields);
    assert(text);  // the buffer always suffices

    smpp::tlv_writer writer(scratch.tlvs);
    if (form.tlvs) {
        writer.cstring(smpp::tag::receipted_message_id, fields.id);
        writer.u8(smpp::tag::message_state, static_cast<std::uint8_t>(state));
        const auto code = event.error.network_code;
        if (!code.empty())
            writer.octets(smpp::tag::network_error_code, smpp::text::octets_of(code));
        const auto stat = foreign_stat(event.error.stat, event.state);
        if (!stat.empty()) writer.cstring(smpp::tag::additional_status_info_text, stat);
    }
    return assemble(common, smpp::text::octets_of(*text), form, writer);
}

smpp::pdu reply_of(const reply_event& event, const event_pdu_form& form,
                   event_pdu_scratch& scratch) {
    common_fields common;
    common.from = event.source;
    common.to = event.destination;
    common.esm_class = event.esm_class;
    common.data_coding = event.data_coding;

    smpp::tlv_writer writer(scratch.tlvs);
    if (const auto sent = smpp::tlv_list::parse(event.tlvs)) {
        for (const auto& one : *sent) {
            const bool told_by_octets =
                one.tag == smpp::tag::message_payload && !event.octets.empty();
            if (told_by_octets || (!form.tlvs && !smpp::is_text_tag(one.tag))) continue;
            writer.octets(one.tag, one.value);
        }
    }
    return assemble(common, event.octets, form, writer);
}

}  // namespace

smpp::message_state message_state_of(State state) {
    switch (state) {
        case State::queued:
        case State::submitted:
            return smpp::message_state::enroute;
        case State::delivered:
            return smpp::message_state::delivered;
        case State::undeliverable:
            return smpp::message_state::undeliverable;
        case State::expired:
            return smpp::message_state::expired;
        case State::rejected:
            return smpp::message_state::rejected;
        case State::deleted:
            return smpp::message_state::deleted;
        case State::unknown:
            return smpp::message_state::unknown;
    }
    return smpp::message_state::unknown;
}

event_pdu_form event_form_of(const config::account& account, std::uint8_t version) {
    const bool tlvs_allowed = version >= 0x34;
    event_pdu_form form;
    form.tlvs = account.delivery.tlvs && tlvs_allowed;
    form.pdu = tlvs_allowed ? account.delivery.pdu : config::receipt_pdu::deliver_sm;
    form.dates = account.delivery.dates;
    form.ids = account.id_form;
    return form;
}

smpp::pdu event_pdu_of(const outbox_event& event, const event_pdu_form& form,
                       event_pdu_scratch& scratch) {
    assert(!std::holds_alternative<hit_event>(event));
    assert(!std::holds_alternative<link_seen_event>(event));
    if (const auto* reply = std::get_if<reply_event>(&event))
        return reply_of(*reply, form, scratch);
    return receipt_of(std::get<receipt_event>(event), form, scratch);
}

}  // namespace hikyaku::gateway::io
