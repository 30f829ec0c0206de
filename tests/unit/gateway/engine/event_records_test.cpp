// The table Event: each kind is read as it was written, and so are the records of before.
#include <gtest/gtest.h>

#include "gateway/engine/delivery/callback_url.hpp"
#include "gateway/engine/delivery/events.hpp"
#include "smpp/pdu/tlv.hpp"

namespace hikyaku::gateway {
namespace {

namespace record = model::record;

std::string octets_in(const flatbuffers::FlatBufferBuilder& fb) {
    return {reinterpret_cast<const char*>(fb.GetBufferPointer()), fb.GetSize()};
}

template <class Kind>
Kind written_and_read(const Kind& event, std::string& octets, store::record_reader& reader) {
    flatbuffers::FlatBufferBuilder fb;
    fb.Finish(fb.CreateString("what was there before"));
    write_event(fb, event);
    octets = octets_in(fb);
    const auto read = read_event(reader, octets);
    EXPECT_TRUE(read && std::holds_alternative<Kind>(*read));
    EXPECT_EQ(read ? kind_of(*read) : EventKind{99}, Kind::kind);
    EXPECT_EQ(read ? at_of(*read) : 0, event.at_ms);
    return read ? std::get<Kind>(*read) : Kind{};
}

class event_records : public ::testing::Test {
protected:
    std::string octets;
    store::record_reader reader;
};

void expect_same(const address_view& one, const address_view& other) {
    EXPECT_EQ(one.ton, other.ton);
    EXPECT_EQ(one.npi, other.npi);
    EXPECT_EQ(one.digits, other.digits);
}

receipt_event full_receipt() {
    receipt_event event;
    event.at_ms = 1'767'225'600'123;
    event.message = message_id{42};
    event.shown_id = message_id{41};
    event.alias = 0x10000007;
    event.reference = "r1";
    event.service_type = "CMT";
    event.source = {5, 0, "Shop"};
    event.destination = {1, 1, "819012345678"};
    event.state = State::undeliverable;
    event.final = true;
    event.submitted_ms = 1'767'225'600'000;
    event.done_ms = 1'767'225'600'100;
    event.error = {11, "00B", ErrorSource::receipt, "UNDELIV", "\x03\x08\x02", ""};
    event.parts = 3;
    event.parts_delivered = 2;
    event.part = 2;
    event.carrier = carrier_id{7};
    return event;
}

TEST_F(event_records, a_receipt) {
    const auto wrote = full_receipt();
    const auto read = written_and_read(wrote, octets, reader);
    EXPECT_EQ(read.message, wrote.message);
    EXPECT_EQ(read.shown_id, wrote.shown_id);
    EXPECT_EQ(read.alias, wrote.alias);
    EXPECT_EQ(read.reference, wrote.reference);
    EXPECT_EQ(read.service_type, wrote.service_type);
    expect_same(read.source, wrote.source);
    expect_same(read.destination, wrote.destination);
    EXPECT_EQ(read.state, wrote.state);
    EXPECT_EQ(read.final, wrote.final);
    EXPECT_EQ(read.submitted_ms, wrote.submitted_ms);
    EXPECT_EQ(read.done_ms, wrote.done_ms);
    EXPECT_EQ(read.error.error, wrote.error.error);
    EXPECT_EQ(read.error.error_text, wrote.error.error_text);
    EXPECT_EQ(read.error.source, wrote.error.source);
    EXPECT_EQ(read.error.stat, wrote.error.stat);
    EXPECT_EQ(read.error.network_code, wrote.error.network_code);
    EXPECT_EQ(read.error.info, wrote.error.info);
    EXPECT_EQ(read.parts, wrote.parts);
    EXPECT_EQ(read.parts_delivered, wrote.parts_delivered);
    EXPECT_EQ(read.part, wrote.part);
    EXPECT_EQ(read.carrier, wrote.carrier);
    EXPECT_FALSE(read.callback);
}

TEST_F(event_records, a_report_by_a_requested_url) {
    for (const std::string_view id : {"A1", "", "\xFF\x01 of 19 octets...."}) {
        auto wrote = full_receipt();
        wrote.callback = callback_view{"https://app.example/dlr?%d", callback_type::buffered, id};
        const auto read = written_and_read(wrote, octets, reader);
        ASSERT_TRUE(read.callback);
        EXPECT_EQ(read.callback->url, wrote.callback->url);
        EXPECT_EQ(read.callback->type, callback_type::buffered);
        EXPECT_EQ(read.callback->carrier_message_id, id);
        EXPECT_EQ(read.callback->form, CallbackForm::kannel);
        EXPECT_EQ(read.callback->method, CallbackMethod::get);
    }
}

TEST_F(event_records, a_report_in_another_form) {
    auto wrote = full_receipt();
    wrote.callback = callback_view{"https://app.example/status", callback_type::delivered, "A1",
                                   CallbackForm::twilio, CallbackMethod::post};
    const auto read = written_and_read(wrote, octets, reader);
    ASSERT_TRUE(read.callback);
    EXPECT_EQ(read.callback->form, CallbackForm::twilio);
    EXPECT_EQ(read.callback->method, CallbackMethod::post);
}

TEST_F(event_records, a_reply) {
    const std::uint8_t body[] = {0x30, 0x00, 0xFF}, tlvs[] = {0x14, 0x00, 0x00, 0x01, 0x41};
    reply_event wrote;
    wrote.at_ms = 5;
    wrote.source = {1, 1, "819012345678"};
    wrote.destination = {0, 1, "4242"};
    wrote.octets = body;
    wrote.data_coding = 8;
    wrote.esm_class = 0x40;
    wrote.text = "飛脚";
    wrote.tlvs = tlvs;
    wrote.carrier = carrier_id{2};
    wrote.parts = 3;
    wrote.parts_received = 2;
    wrote.part = 1;
    wrote.concat_reference = 0xBEEF;
    wrote.incomplete = true;
    const auto read = written_and_read(wrote, octets, reader);
    expect_same(read.source, wrote.source);
    expect_same(read.destination, wrote.destination);
    EXPECT_EQ(smpp::text::chars_of(read.octets), smpp::text::chars_of(body));
    EXPECT_EQ(read.data_coding, wrote.data_coding);
    EXPECT_EQ(read.esm_class, wrote.esm_class);
    EXPECT_EQ(read.text, wrote.text);
    EXPECT_EQ(smpp::text::chars_of(read.tlvs), smpp::text::chars_of(tlvs));
    EXPECT_EQ(read.carrier, wrote.carrier);
    EXPECT_EQ(read.parts, wrote.parts);
    EXPECT_EQ(read.parts_received, wrote.parts_received);
    EXPECT_EQ(read.part, wrote.part);
    EXPECT_EQ(read.concat_reference, wrote.concat_reference);
    EXPECT_TRUE(read.incomplete);
}

TEST_F(event_records, a_hit_with_and_without_its_message) {
    hit_event wrote;
    wrote.at_ms = 6;
    wrote.message = message_id{42};
    wrote.link = "7fW3kQ9xTz";
    wrote.target = "https://shop.example/1";
    wrote.hit_class = 3;
    wrote.hit_reasons = 0x81;
    wrote.user_agent = "Phone 1.0";
    wrote.first_of_visit = true;
    const auto forgotten = written_and_read(wrote, octets, reader);
    EXPECT_EQ(forgotten.reference, "");
    EXPECT_FALSE(forgotten.destination);
    wrote.reference = "r1";
    wrote.destination = address_view{1, 1, "819012345678"};
    const auto read = written_and_read(wrote, octets, reader);
    EXPECT_EQ(read.message, wrote.message);
    EXPECT_EQ(read.reference, "r1");
    ASSERT_TRUE(read.destination);
    expect_same(*read.destination, *wrote.destination);
    EXPECT_EQ(read.link, wrote.link);
    EXPECT_EQ(read.target, wrote.target);
    EXPECT_EQ(read.hit_class, wrote.hit_class);
    EXPECT_EQ(read.hit_reasons, wrote.hit_reasons);
    EXPECT_EQ(read.user_agent, wrote.user_agent);
    EXPECT_TRUE(read.first_of_visit);
}

TEST_F(event_records, a_link_that_was_seen) {
    link_seen_event wrote;
    wrote.at_ms = 6;
    wrote.message = message_id{42};
    wrote.link = "7fW3kQ9xTz";
    wrote.target = "https://shop.example/1";
    wrote.reference = "r1";
    wrote.destination = address_view{1, 1, "819012345678"};
    const auto read = written_and_read(wrote, octets, reader);
    EXPECT_EQ(read.at_ms, 6);
    EXPECT_EQ(read.message, wrote.message);
    EXPECT_EQ(read.reference, "r1");
    ASSERT_TRUE(read.destination);
    expect_same(*read.destination, *wrote.destination);
    EXPECT_EQ(read.link, wrote.link);
    EXPECT_EQ(read.target, wrote.target);
}

TEST_F(event_records, what_a_reply_says) {
    reply_read_event wrote;
    wrote.at_ms = 6;
    wrote.reply = 41;
    wrote.source = {1, 1, "819012345678"};
    wrote.destination = {1, 1, "81501234"};
    wrote.text = "I dispute this debt";
    wrote.read = "{}";
    const auto read = written_and_read(wrote, octets, reader);
    EXPECT_EQ(read.at_ms, wrote.at_ms);
    EXPECT_EQ(read.reply, wrote.reply);
    expect_same(read.source, wrote.source);
    expect_same(read.destination, wrote.destination);
    EXPECT_EQ(read.text, wrote.text);
    EXPECT_EQ(read.read, wrote.read);
}

/// The writer before this one: the TLVs are there even if no id is known.
TEST_F(event_records, a_report_of_before) {
    for (const bool with_id : {true, false}) {
        flatbuffers::FlatBufferBuilder fb;
        const auto shop = record::CreateAddressDirect(fb, 5, 0, "Shop");
        const auto phone = record::CreateAddressDirect(fb, 1, 1, "819012345678");
        const auto url = fb.CreateString("https://app.example/dlr");
        std::vector<std::uint8_t> raw;
        smpp::tlv_writer writer(raw);
        if (with_id) writer.octets(smpp::tag::receipted_message_id, smpp::text::octets_of("A1"));
        const auto tlvs = fb.CreateVector(raw);
        record::EventBuilder event(fb);
        event.add_kind(EventKind::receipt);
        event.add_message(42);
        event.add_source(shop);
        event.add_destination(phone);
        event.add_tlvs(tlvs);
        event.add_callback(url);
        event.add_callback_type(callback_type::failed);
        fb.Finish(event.Finish());
        octets = octets_in(fb);
        const auto read = read_event(reader, octets);
        ASSERT_TRUE(read);
        const auto& receipt = std::get<receipt_event>(*read);
        EXPECT_EQ(receipt.message, message_id{42});
        EXPECT_EQ(receipt.source.digits, "Shop");
        ASSERT_TRUE(receipt.callback);
        EXPECT_EQ(receipt.callback->form, CallbackForm::kannel) << "it was written before forms";
        EXPECT_EQ(receipt.callback->type, callback_type::failed);
        EXPECT_EQ(receipt.callback->carrier_message_id, with_id ? "A1" : "");
    }
}

TEST_F(event_records, what_is_no_event_is_not_read) {
    flatbuffers::FlatBufferBuilder fb;
    write_event(fb, full_receipt());
    octets = octets_in(fb);
    for (std::size_t size = 0; size < octets.size(); ++size) {  // cut off: read whole or not at all
        const auto cut = read_event(reader, std::string_view(octets).substr(0, size));
        EXPECT_FALSE(cut && std::get<receipt_event>(*cut).destination.digits.empty()) << size;
    }
    fb.Clear();
    record::EventBuilder event(fb);
    event.add_kind(EventKind{99});  // of a later version
    fb.Finish(event.Finish());
    octets = octets_in(fb);
    EXPECT_FALSE(read_event(reader, octets));
}

}  // namespace
}  // namespace hikyaku::gateway
