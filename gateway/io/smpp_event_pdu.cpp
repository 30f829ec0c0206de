#include "gateway/io/smpp_event_pdu.hpp"

#include <fmt/format.h>

#include <cassert>
#include <chrono>
#include <span>

namespace hikyaku::gateway::io {
namespace {

using store::record::Event;
using store::record::State;

std::string_view view_of(const flatbuffers::String* text) {
    return text == nullptr ? std::string_view{} : std::string_view(text->data(), text->size());
}

smpp::octet_view view_of(const flatbuffers::Vector<std::uint8_t>* octets) {
    return octets == nullptr ? smpp::octet_view{}
                             : smpp::octet_view(octets->data(), octets->size());
}

std::chrono::sys_seconds seconds_of(std::int64_t milliseconds) {
    return std::chrono::floor<std::chrono::seconds>(
        std::chrono::sys_time<std::chrono::milliseconds>(std::chrono::milliseconds(milliseconds)));
}

template <std::size_t Size>
std::string_view print_number(std::array<char, Size>& into, std::uint64_t number) {
    const auto end = fmt::format_to_n(into.data(), into.size(), "{}", number).out;
    return {into.data(), static_cast<std::size_t>(end - into.data())};
}

void set_source(smpp::deliver_sm& body, const store::record::Address* address) {
    if (address == nullptr) return;
    body.source_addr_ton = address->ton();
    body.source_addr_npi = address->npi();
    body.source_addr = view_of(address->digits());
}

void set_destination(smpp::deliver_sm& body, const store::record::Address* address) {
    if (address == nullptr) return;
    body.dest_addr_ton = address->ton();
    body.dest_addr_npi = address->npi();
    body.destination_addr = view_of(address->digits());
}

smpp::pdu receipt_of(const Event& event, bool tlvs, event_pdu_scratch& scratch) {
    smpp::deliver_sm body;
    set_source(body, event.destination());
    set_destination(body, event.source());
    body.esm_class = event.final() ? smpp::esm_class::receipt : smpp::esm_class::intermediate;
    const auto state = message_state_of(event.state());

    smpp::text::receipt_fields fields;
    fields.id = print_number(scratch.id, event.message());
    fields.sub = event.parts();
    fields.dlvrd = event.parts_delivered();
    fields.submit_date = seconds_of(event.submitted());
    fields.done_date = seconds_of(event.final() ? event.done() : event.at());
    fields.stat = static_cast<smpp::text::receipt_state>(state);
    fields.err = view_of(event.error_text());
    if (fields.err.empty()) fields.err = print_number(scratch.error, event.error());
    fields.text = view_of(event.text());
    const auto text = smpp::text::write_receipt(scratch.text, fields);
    assert(text);  // the buffer always suffices
    body.short_message = {reinterpret_cast<const std::uint8_t*>(text->data()), text->size()};

    smpp::tlv_writer writer(scratch.tlvs);
    if (tlvs) {
        writer.cstring(smpp::tag::receipted_message_id, fields.id);
        writer.u8(smpp::tag::message_state, static_cast<std::uint8_t>(state));
    }
    return smpp::make_pdu(0, body, writer.list());
}

smpp::pdu reply_of(const Event& event, event_pdu_scratch& scratch) {
    constexpr std::size_t short_message_max = 254;
    smpp::deliver_sm body;
    set_source(body, event.source());
    set_destination(body, event.destination());
    body.esm_class = event.esm_class();
    body.data_coding = event.data_coding();
    const auto octets = view_of(event.short_message());
    const bool as_payload = octets.size() > short_message_max;
    if (!as_payload) body.short_message = octets;

    smpp::tlv_writer writer(scratch.tlvs);
    if (const auto sent = smpp::tlv_list::parse(view_of(event.tlvs()))) {
        for (const auto& one : *sent) {
            const bool payload = one.tag == smpp::tag::message_payload;
            if (!payload || octets.empty()) writer.octets(one.tag, one.value);
        }
    }
    if (as_payload) writer.octets(smpp::tag::message_payload, octets);
    return smpp::make_pdu(0, body, writer.list());
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

smpp::pdu deliver_sm_of(const Event& event, bool tlvs, event_pdu_scratch& scratch) {
    assert(event.kind() != store::record::EventKind::hit);
    if (event.kind() == store::record::EventKind::reply) return reply_of(event, scratch);
    return receipt_of(event, tlvs, scratch);
}

}  // namespace hikyaku::gateway::io
