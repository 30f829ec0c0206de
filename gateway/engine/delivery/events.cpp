#include "gateway/engine/delivery/events.hpp"

#include "smpp/pdu/constants.hpp"
#include "smpp/pdu/tlv.hpp"

namespace hikyaku::gateway {

namespace record = model::record;
using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;

namespace {

std::string_view text_field(const flatbuffers::String* from) {
    return from == nullptr ? std::string_view{} : from->string_view();
}

smpp::text::octets octets_field(const flatbuffers::Vector<std::uint8_t>* from) {
    return from == nullptr ? smpp::text::octets{} : smpp::text::octets(from->data(), from->size());
}

address_view address_field(const record::Address* from) {
    return from == nullptr ? address_view{}
                           : address_view{from->ton(), from->npi(), text_field(from->digits())};
}

Offset<flatbuffers::String> put_text(FlatBufferBuilder& fb, std::string_view text) {
    return fb.CreateString(text.data(), text.size());
}

Offset<flatbuffers::String> put_text_if_any(FlatBufferBuilder& fb, std::string_view text) {
    return text.empty() ? Offset<flatbuffers::String>{} : put_text(fb, text);
}

Offset<record::Address> put_address(FlatBufferBuilder& fb, const address_view& address) {
    return record::CreateAddress(fb, address.ton, address.npi, put_text(fb, address.digits));
}

/// The carrier's id stands in the record as the TLV in which carriers tell it.
Offset<flatbuffers::Vector<std::uint8_t>> put_carrier_message_id(FlatBufferBuilder& fb,
                                                                 std::string_view id) {
    constexpr std::size_t head_octets = 4;
    constexpr std::size_t length_max = 0xFFFF;
    if (id.empty() || id.size() > length_max) return {};
    std::uint8_t* to = nullptr;
    const auto out = fb.CreateUninitializedVector(head_octets + id.size(), &to);
    constexpr auto tag = smpp::tag::receipted_message_id;
    *to++ = static_cast<std::uint8_t>(tag >> 8);
    *to++ = static_cast<std::uint8_t>(tag & 0xFF);
    *to++ = static_cast<std::uint8_t>(id.size() >> 8);
    *to++ = static_cast<std::uint8_t>(id.size() & 0xFF);
    std::copy(id.begin(), id.end(), to);
    return out;
}

std::string_view carrier_message_id_in(const record::Event& from) {
    const auto tlvs = smpp::tlv_list::parse(octets_field(from.tlvs()));
    const auto id = tlvs ? tlvs->find(smpp::tag::receipted_message_id) : std::nullopt;
    return id ? smpp::text::chars_of(*id) : std::string_view{};
}

Offset<record::Event> put_record(FlatBufferBuilder& fb, const receipt_event& from) {
    const auto source = put_address(fb, from.source);
    const auto destination = put_address(fb, from.destination);
    const auto reference = put_text_if_any(fb, from.reference);
    const auto service_type = put_text_if_any(fb, from.service_type);
    const auto error_text = put_text(fb, from.error.error_text);
    const auto details = build_details(fb, from.error);
    Offset<flatbuffers::String> url;
    Offset<flatbuffers::Vector<std::uint8_t>> tlvs;
    if (from.callback) {
        url = put_text(fb, from.callback->url);
        tlvs = put_carrier_message_id(fb, from.callback->carrier_message_id);
    }
    record::EventBuilder event(fb);
    event.add_kind(EventKind::receipt);
    event.add_at(from.at_ms);
    event.add_message(static_cast<std::uint64_t>(from.message));
    event.add_reference(reference);
    event.add_source(source);
    event.add_destination(destination);
    event.add_state(from.state);
    event.add_final(from.final);
    event.add_submitted(from.submitted_ms);
    event.add_done(from.done_ms);
    event.add_error(from.error.error);
    event.add_error_text(error_text);
    event.add_details(details);
    event.add_parts(from.parts);
    event.add_parts_delivered(from.parts_delivered);
    event.add_carrier(stored(from.carrier));
    event.add_shown_id(static_cast<std::uint64_t>(from.shown_id));
    event.add_alias(from.alias);
    event.add_part(from.part);
    event.add_service_type(service_type);
    event.add_tlvs(tlvs);
    event.add_callback(url);
    if (from.callback) {
        event.add_callback_type(from.callback->type);
        event.add_callback_form(from.callback->form);
        event.add_callback_method(from.callback->method);
    }
    return event.Finish();
}

Offset<record::Event> put_record(FlatBufferBuilder& fb, const reply_event& from) {
    const auto source = put_address(fb, from.source);
    const auto destination = put_address(fb, from.destination);
    const auto octets = fb.CreateVector(from.octets.data(), from.octets.size());
    const auto text = put_text(fb, from.text);
    const auto tlvs = fb.CreateVector(from.tlvs.data(), from.tlvs.size());
    record::EventBuilder event(fb);
    event.add_kind(EventKind::reply);
    event.add_at(from.at_ms);
    event.add_source(source);
    event.add_destination(destination);
    event.add_short_message(octets);
    event.add_data_coding(from.data_coding);
    event.add_esm_class(from.esm_class);
    event.add_text(text);
    event.add_tlvs(tlvs);
    event.add_carrier(stored(from.carrier));
    event.add_parts(from.parts);
    event.add_parts_delivered(from.parts_received);
    event.add_part(from.part);
    event.add_concat_reference(from.concat_reference);
    event.add_incomplete(from.incomplete);
    event.add_account(stored(from.account));
    return event.Finish();
}

Offset<record::Event> put_record(FlatBufferBuilder& fb, const hit_event& from) {
    const auto link = put_text(fb, from.link);
    const auto target = put_text(fb, from.target);
    const auto agent = put_text(fb, from.user_agent);
    const auto reference = put_text_if_any(fb, from.reference);
    const auto destination =
        from.destination ? put_address(fb, *from.destination) : Offset<record::Address>{};
    record::EventBuilder event(fb);
    event.add_kind(EventKind::hit);
    event.add_at(from.at_ms);
    event.add_message(static_cast<std::uint64_t>(from.message));
    event.add_reference(reference);
    event.add_destination(destination);
    event.add_link(link);
    event.add_target(target);
    event.add_hit_class(from.hit_class);
    event.add_hit_reasons(from.hit_reasons);
    event.add_user_agent(agent);
    event.add_first_of_visit(from.first_of_visit);
    return event.Finish();
}

Offset<record::Event> put_record(FlatBufferBuilder& fb, const link_seen_event& from) {
    const auto link = put_text(fb, from.link);
    const auto target = put_text(fb, from.target);
    const auto reference = put_text_if_any(fb, from.reference);
    const auto destination =
        from.destination ? put_address(fb, *from.destination) : Offset<record::Address>{};
    record::EventBuilder event(fb);
    event.add_kind(EventKind::link_seen);
    event.add_at(from.at_ms);
    event.add_message(static_cast<std::uint64_t>(from.message));
    event.add_reference(reference);
    event.add_destination(destination);
    event.add_link(link);
    event.add_target(target);
    return event.Finish();
}

Offset<record::Event> put_record(FlatBufferBuilder& fb, const reply_read_event& from) {
    const auto source = put_address(fb, from.source);
    const auto destination = put_address(fb, from.destination);
    const auto text = put_text(fb, from.text);
    const auto read = put_text(fb, from.read);
    record::EventBuilder event(fb);
    event.add_kind(EventKind::reply_read);
    event.add_at(from.at_ms);
    event.add_source(source);
    event.add_destination(destination);
    event.add_text(text);
    event.add_reply(from.reply);
    event.add_read(read);
    return event.Finish();
}

receipt_event as_receipt(const record::Event& from) {
    receipt_event out;
    out.at_ms = from.at();
    out.message = message_id{from.message()};
    out.shown_id = message_id{from.shown_id()};
    out.alias = from.alias();
    out.reference = text_field(from.reference());
    out.service_type = text_field(from.service_type());
    out.source = address_field(from.source());
    out.destination = address_field(from.destination());
    out.state = from.state();
    out.final = from.final();
    out.submitted_ms = from.submitted();
    out.done_ms = from.done();
    out.error = error_in(from.error(), from.error_text(), from.details());
    out.parts = from.parts();
    out.parts_delivered = from.parts_delivered();
    out.part = from.part();
    out.carrier = carrier_id{from.carrier()};
    if (from.callback() != nullptr) {
        out.callback = callback_view{text_field(from.callback()), from.callback_type(),
                                     carrier_message_id_in(from), from.callback_form(),
                                     from.callback_method()};
    }
    return out;
}

reply_event as_reply(const record::Event& from) {
    reply_event out;
    out.at_ms = from.at();
    out.source = address_field(from.source());
    out.destination = address_field(from.destination());
    out.octets = octets_field(from.short_message());
    out.data_coding = from.data_coding();
    out.esm_class = from.esm_class();
    out.text = text_field(from.text());
    out.tlvs = octets_field(from.tlvs());
    out.carrier = carrier_id{from.carrier()};
    out.parts = from.parts();
    out.parts_received = from.parts_delivered();
    out.part = from.part();
    out.concat_reference = from.concat_reference();
    out.account = account_id{from.account()};
    out.incomplete = from.incomplete();
    return out;
}

hit_event as_hit(const record::Event& from) {
    hit_event out;
    out.at_ms = from.at();
    out.message = message_id{from.message()};
    out.reference = text_field(from.reference());
    if (from.destination() != nullptr) out.destination = address_field(from.destination());
    out.link = text_field(from.link());
    out.target = text_field(from.target());
    out.hit_class = from.hit_class();
    out.hit_reasons = from.hit_reasons();
    out.user_agent = text_field(from.user_agent());
    out.first_of_visit = from.first_of_visit();
    return out;
}

link_seen_event as_link_seen(const record::Event& from) {
    link_seen_event out;
    out.at_ms = from.at();
    out.message = message_id{from.message()};
    out.reference = text_field(from.reference());
    if (from.destination() != nullptr) out.destination = address_field(from.destination());
    out.link = text_field(from.link());
    out.target = text_field(from.target());
    return out;
}

reply_read_event as_reply_read(const record::Event& from) {
    reply_read_event out;
    out.at_ms = from.at();
    out.reply = from.reply();
    out.source = address_field(from.source());
    out.destination = address_field(from.destination());
    out.text = text_field(from.text());
    out.read = text_field(from.read());
    return out;
}

}  // namespace

void write_event(FlatBufferBuilder& fb, const outbox_event& event) {
    fb.Clear();
    fb.Finish(std::visit([&fb](const auto& one) { return put_record(fb, one); }, event));
}

std::optional<outbox_event> read_event(store::record_reader& reader, std::string_view octets) {
    const auto* event = reader.read<record::Event>(octets);
    if (event == nullptr) return std::nullopt;
    switch (event->kind()) {
        case EventKind::receipt:
            return as_receipt(*event);
        case EventKind::reply:
            return as_reply(*event);
        case EventKind::hit:
            return as_hit(*event);
        case EventKind::reply_read:
            return as_reply_read(*event);
        case EventKind::link_seen:
            return as_link_seen(*event);
    }
    return std::nullopt;
}

}  // namespace hikyaku::gateway
