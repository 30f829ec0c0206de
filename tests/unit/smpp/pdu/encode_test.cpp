// What the encoder writes from values made by a sender, and what it refuses.
#include "smpp/pdu/encode.hpp"

#include <gtest/gtest.h>

#include <string>

#include "hex.hpp"
#include "smpp/pdu/decode.hpp"

namespace hikyaku::smpp {
namespace {

using enum command_status;

TEST(encode, a_submit_sm_made_by_hand) {
    octet_buffer tlv_buffer;
    submit_sm body;
    body.source_addr_ton = 5;
    body.source_addr = "Shop";
    body.dest_addr_ton = 1;
    body.dest_addr_npi = 1;
    body.destination_addr = "4477";
    body.registered_delivery = registered_delivery::final;
    body.short_message = view_of("Hello");
    const tlv_list tlvs = tlv_writer(tlv_buffer).u16(tag::user_message_reference, 0x0102).list();
    octet_buffer out;
    const auto written = encode(out, make_pdu(3, body, tlvs));
    ASSERT_TRUE(written.has_value());
    EXPECT_EQ(to_hex(out), to_hex(from_hex("00000034 00000004 00000000 00000003"
                                           "00 05 00 'Shop' 00 01 01 '4477' 00 00 00 00 00 00"
                                           "01 00 00 00 05 'Hello' 0204 0002 0102")));
    EXPECT_EQ(*written, 0x34U);
}

TEST(encode, a_bind_takes_its_command_from_the_caller) {
    for (const command_id id :
         {command_id::bind_transmitter, command_id::bind_receiver, command_id::bind_transceiver}) {
        octet_buffer out;
        ASSERT_TRUE(encode(out, id, esme_rok, 1, bind_request{.system_id = "me"}).has_value());
        const decode_result back = decode(out);
        ASSERT_TRUE(back.ok());
        EXPECT_EQ(back.value.header.command_id, id);
        EXPECT_EQ(std::get<bind_request>(back.value.body).system_id, "me");
        EXPECT_EQ(std::get<bind_request>(back.value.body).interface_version, 0x34);
    }
}

/// By version: what a refusal of every response holds behind its header.
TEST(encode, refusals_have_the_smallest_body_of_the_version) {
    struct row {
        command_id id;
        std::string_view v33, v34;  // 5.0: never a body
    };
    for (const row& r : {
             row{command_id::bind_transmitter_resp, "", ""},
             row{command_id::bind_receiver_resp, "", ""},
             row{command_id::bind_transceiver_resp, "00", "00"},
             row{command_id::submit_sm_resp, "00", ""},
             row{command_id::deliver_sm_resp, "00", "00"},
             row{command_id::data_sm_resp, "00", "00"},
             row{command_id::submit_multi_resp, "0000", "0000"},
             row{command_id::query_sm_resp, "00000700", "00000700"},
             row{command_id::cancel_sm_resp, "", ""},
             row{command_id::replace_sm_resp, "", ""},
             row{command_id::enquire_link_resp, "", ""},
             row{command_id::unbind_resp, "", ""},
             row{command_id::generic_nack, "", ""},
             row{command_id::broadcast_sm_resp, "00", "00"},
             row{command_id::query_broadcast_sm_resp, "00", "00"},
             row{command_id::cancel_broadcast_sm_resp, "", ""},
         }) {
        for (const auto& [version, body] : {std::pair{0x33, r.v33}, std::pair{0x34, r.v34},
                                            std::pair{0x50, std::string_view{}}}) {
            octet_buffer out;
            encode_refusal(out, r.id, esme_rsyserr, 9, static_cast<std::uint8_t>(version));
            EXPECT_EQ(to_hex(octet_view(out).subspan(header_octets)), body)
                << name_of(r.id) << " " << version;
            const decode_result back = decode(out);
            ASSERT_TRUE(back.ok()) << name_of(r.id);
            EXPECT_EQ(back.trailing, 0U);
            EXPECT_EQ(back.value.header.command_id, r.id);
            EXPECT_EQ(back.value.header.command_status, esme_rsyserr);
            EXPECT_EQ(back.value.header.command_length, out.size());
            // A body that is there is whole: no reader of the fields runs out of octets.
            if (version == 0x34 && !body.empty()) {
                pdu fine = back.value;
                fine.header.command_status = esme_rok;
                octet_buffer same;
                ASSERT_TRUE(encode(same, fine).has_value());
                EXPECT_EQ(same.size(), out.size()) << name_of(r.id);
            }
        }
    }
}

TEST(encode, an_error_response_is_a_refusal_whatever_its_body) {
    octet_buffer tlv_buffer;
    const tlv_list tlvs = tlv_writer(tlv_buffer).u8(tag::delivery_failure_reason, 1).list();
    octet_buffer out;
    const auto written =
        encode(out, make_pdu(9, submit_sm_resp{"kept out"}, tlvs, esme_rthrottled));
    ASSERT_TRUE(written.has_value());
    EXPECT_EQ(to_hex(out), "00000010800000040000005800000009");

    octet_buffer multi;
    const auto whole =
        encode(multi, make_pdu(9, submit_multi_resp{"kept out", {}}, tlvs, esme_rthrottled));
    ASSERT_TRUE(whole.has_value());
    EXPECT_EQ(*whole, 18U);
    EXPECT_EQ(to_hex(multi), "000000128000002100000058000000090000");
}

TEST(encode, a_pdu_without_body_is_its_header) {
    octet_buffer out = from_hex("AB");
    pdu whole;
    whole.header = {99, command_id::generic_nack, esme_rinvcmdlen, 0};
    ASSERT_TRUE(encode(out, whole).has_value());
    EXPECT_EQ(to_hex(out), "ab00000010800000000000000200000000");
}

TEST(encode, what_does_not_fit_is_refused_and_leaves_the_buffer_alone) {
    const std::string too_long_address(21, '1');
    const std::string too_long_text(256, 'x');
    const std::string too_long_password(65, 'p');
    const std::string too_long_id(1025, 'i');
    octet_buffer out = from_hex("CAFE");
    const auto refused = [&](const auto& written, encode_fault fault, std::string_view field) {
        ASSERT_TRUE(written.has_error()) << field;
        EXPECT_EQ(written.error(), (encode_error{fault, field}));
        EXPECT_EQ(to_hex(out), "cafe");
    };
    submit_sm body;
    body.destination_addr = too_long_address;
    refused(encode(out, make_pdu(1, body)), encode_fault::too_long, "destination_addr");
    body.destination_addr = std::string_view("44\0001", 4);
    refused(encode(out, make_pdu(1, body)), encode_fault::embedded_nul, "destination_addr");
    body.destination_addr = std::string_view(too_long_address).substr(1);
    body.short_message = view_of(too_long_text);
    refused(encode(out, make_pdu(1, body)), encode_fault::too_long, "short_message");
    body.short_message = body.short_message.subspan(1);
    EXPECT_TRUE(encode(out, make_pdu(1, body)).has_value());
    out.resize(2);

    bind_request bind{.password = too_long_password};
    refused(encode(out, command_id::bind_receiver, esme_rok, 1, bind), encode_fault::too_long,
            "password");
    bind.password.remove_prefix(1);
    EXPECT_TRUE(encode(out, command_id::bind_receiver, esme_rok, 1, bind).has_value());
    out.resize(2);
    refused(encode(out, make_pdu(1, submit_sm_resp{too_long_id})), encode_fault::too_long,
            "message_id");
}

TEST(encode, lists_of_submit_multi) {
    octet_buffer dest_buffer;
    counted_list_writer<dest_address> dests(dest_buffer);
    EXPECT_TRUE(dests.add({.dest_addr_ton = 1, .dest_addr_npi = 2, .destination_addr = "4411"}));
    EXPECT_TRUE(dests.add({.dest_flag = dest_flag_distribution_list, .destination_addr = "team"}));
    EXPECT_FALSE(dests.add({.dest_flag = 3, .destination_addr = "x"}));
    EXPECT_FALSE(dests.add({.destination_addr = "123456789012345678901"}));
    EXPECT_EQ(dests.list().size(), 2);
    EXPECT_EQ(to_hex(dests.list().raw()), to_hex(from_hex("010102 '4411' 00 02 'team' 00")));

    octet_buffer refused_buffer;
    counted_list_writer<unsuccess_sme> refused(refused_buffer);
    EXPECT_TRUE(refused.add({1, 1, "4412", esme_rinvdstadr}));
    octet_buffer out;
    ASSERT_TRUE(encode(out, make_pdu(1, submit_multi_resp{"7", refused.list()})).has_value());
    EXPECT_EQ(to_hex(octet_view(out).subspan(header_octets)),
              to_hex(from_hex("'7' 00 01 0101 '4412' 00 0000000B")));
}

TEST(encode, a_list_holds_255_items) {
    octet_buffer buffer;
    counted_list_writer<dest_address> dests(buffer);
    for (int i = 0; i < 255; ++i)
        ASSERT_TRUE(dests.add({.destination_addr = "1"}));
    EXPECT_FALSE(dests.add({.destination_addr = "1"}));
    octet_buffer out;
    ASSERT_TRUE(encode(out, make_pdu(1, submit_multi{.dest_addresses = dests.list()})).has_value());
    const decode_result back = decode(out);
    ASSERT_TRUE(back.ok());
    const auto& list = std::get<submit_multi>(back.value.body).dest_addresses;
    int count = 0;
    for (const dest_address& item : list)
        count += item.destination_addr == "1" ? 1 : 0;
    EXPECT_EQ(count, 255);
}

}  // namespace
}  // namespace hikyaku::smpp
