// TLV views and writer, and the helpers that read a message and its user data header.
#include "smpp/pdu/tlv.hpp"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

#include "hex.hpp"
#include "smpp/pdu/pdu.hpp"

namespace hikyaku::smpp {
namespace {

TEST(tlv_list, whole_streams_only) {
    for (const std::string_view good :
         {"", "0204 0000", "0204 0002 0000", "0001 0000 0002 0001 FF", "130C 0000"})
        EXPECT_TRUE(tlv_list::parse(from_hex(good)).has_value()) << good;
    for (const std::string_view torn :
         {"02", "0204", "020400", "0204 0001", "0204 0002 00", "0204 FFFF 00", "130C 0000 00"})
        EXPECT_FALSE(tlv_list::parse(from_hex(torn)).has_value()) << torn;
}

TEST(tlv_list, iterates_in_wire_order_with_unknown_tags) {
    const octet_buffer raw = from_hex("1400 0001 AA 0204 0002 0007 1400 0000");
    const auto list = tlv_list::parse(raw);
    ASSERT_TRUE(list.has_value());
    std::vector<std::uint16_t> tags;
    for (const tlv& entry : *list)
        tags.push_back(entry.tag);
    EXPECT_EQ(tags, (std::vector<std::uint16_t>{0x1400, 0x0204, 0x1400}));
    EXPECT_EQ(to_hex(list->find(0x1400).value()), "aa");  // the first one
    EXPECT_FALSE(list->find(0x1401).has_value());
}

TEST(tlv_list, typed_values) {
    const octet_buffer raw = from_hex(
        "0427 0001 02  0204 0002 0102  0017 0004 01020304  001E 0004 '123' 00  001D 0003 'abc'"
        "0010 0002 0005  0008 0001 09  0381 0002 0100  0019 0000  0424 0005 0000000001");
    const auto list = tlv_list::parse(raw).value();
    EXPECT_EQ(list.u8(tag::message_state), 2);
    EXPECT_EQ(list.u16(tag::user_message_reference), 0x0102);
    EXPECT_EQ(list.u32(tag::qos_time_to_live), 0x01020304U);
    EXPECT_EQ(list.cstring(tag::receipted_message_id), "123");
    EXPECT_EQ(list.cstring(tag::additional_status_info_text), "abc");  // NUL left out
    EXPECT_EQ(list.u8(tag::source_telematics_id), 5);                  // too wide, still fits
    EXPECT_EQ(list.u16(tag::dest_telematics_id), 9);                   // too narrow
    EXPECT_FALSE(list.u8(tag::callback_num).has_value());              // 256 does not fit
    EXPECT_FALSE(list.u8(tag::payload_type).has_value());              // no value
    EXPECT_EQ(list.cstring(tag::payload_type), "");
    EXPECT_FALSE(list.u32(tag::message_payload).has_value());  // five octets are no number
    EXPECT_FALSE(list.u8(tag::set_dpf).has_value());           // absent
}

TEST(tlv_writer, writes_what_the_list_reads) {
    octet_buffer buffer = from_hex("FFFF");  // cleared by the writer
    tlv_writer writer(buffer);
    writer.u8(tag::message_state, 2).u16(tag::source_port, 0x1234).u32(tag::qos_time_to_live, 5);
    writer.cstring(tag::receipted_message_id, "ab").octets(tag::message_payload, from_hex("0001"));
    writer.octets(tag::alert_on_message_delivery, {});
    EXPECT_EQ(to_hex(writer.list().raw()),
              to_hex(from_hex("0427 0001 02 020A 0002 1234 0017 0004 00000005 001E 0003 'ab' 00"
                              "0424 0002 0001 130C 0000")));
    EXPECT_TRUE(tlv_list::parse(buffer).has_value());
}

TEST(message_octets, short_message_or_payload_but_not_both) {
    const octet_buffer raw = from_hex("0424 0003 'pay'");
    const tlv_list payload = tlv_list::parse(raw).value();
    const octet_buffer empty_raw = from_hex("0424 0000");
    const tlv_list empty_payload = tlv_list::parse(empty_raw).value();
    const submit_sm with_text{.short_message = view_of("text")};
    EXPECT_EQ(to_hex(message_octets(with_text, {}).value()), to_hex(view_of("text")));
    EXPECT_EQ(to_hex(message_octets(submit_sm{}, payload).value()), to_hex(view_of("pay")));
    EXPECT_FALSE(message_octets(with_text, payload).has_value());
    EXPECT_EQ(to_hex(message_octets(with_text, empty_payload).value()), to_hex(view_of("text")));
    EXPECT_TRUE(message_octets(submit_sm{}, {}).value().empty());
    EXPECT_EQ(to_hex(message_octets(data_sm{}, payload).value()), to_hex(view_of("pay")));
    EXPECT_TRUE(message_octets(data_sm{}, {}).value().empty());
}

TEST(udh_octets, header_must_fit_the_message) {
    const octet_buffer good = from_hex("050003 2A0201 'x'");
    EXPECT_EQ(udh_octets(esm_class::udhi, good), 6U);
    EXPECT_EQ(udh_octets(0, good), 0U);
    EXPECT_EQ(udh_octets(esm_class::udhi, octet_view(good).first(6)), 6U);
    EXPECT_FALSE(udh_octets(esm_class::udhi, octet_view(good).first(5)).has_value());
    EXPECT_FALSE(udh_octets(esm_class::udhi, {}).has_value());
}

}  // namespace
}  // namespace hikyaku::smpp
