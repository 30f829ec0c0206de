// The four outcomes of the decoder, the status and field it names, and what it forgives.
#include "smpp/pdu/decode.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>

#include "hex.hpp"

namespace hikyaku::smpp {
namespace {

using enum command_status;

/// A PDU with the right command_length: id, then status, sequence 7, then the body.
octet_buffer pdu_bytes(command_id id, std::string_view body_hex, command_status status = esme_rok) {
    octet_buffer bytes(header_octets);
    const auto put = [&](std::size_t at, std::uint32_t value) {
        for (std::size_t i = 0; i < 4; ++i)
            bytes[at + i] = static_cast<std::uint8_t>(value >> (24 - 8 * i));
    };
    put(4, static_cast<std::uint32_t>(id));
    put(8, static_cast<std::uint32_t>(status));
    put(12, 7);
    const octet_buffer body = from_hex(body_hex);
    bytes.insert(bytes.end(), body.begin(), body.end());
    return with_length(std::move(bytes));
}

TEST(decode, framing_beyond_repair) {
    struct row {
        std::string_view hex;
        std::uint32_t sequence_number;  // known only when the whole header has come
    };
    for (const row& r : {
             row{"00000000 00000015 00000000 00000009", 9},
             row{"0000000F 00000015 00000000 00000009", 9},
             row{"0000000F", 0},
             row{"00004001 00000004 00000000 FFFFFFFE", 0xFFFFFFFE},
             row{"00004001 00000004", 0},
             row{"FFFFFFFF 00000004 00000000 00000009", 9},
             row{"'GET / HTTP/1.1' 0D0A", 0x2E310D0A},
         }) {
        const octet_buffer bytes = from_hex(r.hex);
        const decode_result result = decode(bytes);
        EXPECT_EQ(result.outcome, decode_outcome::unrecoverable) << r.hex;
        EXPECT_EQ(result.status, esme_rinvcmdlen);
        EXPECT_EQ(result.consumed, 0U);
        EXPECT_EQ(result.value.header.sequence_number, r.sequence_number) << r.hex;
    }
}

TEST(decode, the_limit_is_the_last_good_length) {
    const octet_buffer bytes = pdu_bytes(command_id::query_sm, "00 00 00 00");
    EXPECT_TRUE(decode(bytes, {.pdu_bytes_max = 20}).ok());
    EXPECT_EQ(decode(bytes, {.pdu_bytes_max = 19}).outcome, decode_outcome::unrecoverable);
    EXPECT_EQ(decode(from_hex("00004000")).outcome, decode_outcome::incomplete);
}

TEST(decode, recoverable_faults_name_status_and_field) {
    constexpr std::string_view sm_head =  // submit_sm up to and with sm_default_msg_id
        "00 0101 '44' 00 0101 '4477' 00 000000 00 00 00000000";
    const std::string head(sm_head);
    struct row {
        std::string_view what;
        command_id id;
        std::string body;
        command_status status;
        std::string_view field;
    };
    const row rows[] = {
        {"unknown command", command_id{0x999}, "", esme_rinvcmdid, "command_id"},
        {"unknown response", command_id{0x80000999}, "", esme_rinvcmdid, "command_id"},
        {"no body at all", command_id::submit_sm, "", esme_rinvparlen, "service_type"},
        {"service_type too long", command_id::submit_sm, "'ABCDEF' 00" + head.substr(2),
         esme_rinvparlen, "service_type"},
        {"source_addr without NUL", command_id::submit_sm, "00 0101 '44'", esme_rinvparlen,
         "source_addr"},
        {"source_addr of 21 characters", command_id::submit_sm,
         "00 0101 '123456789012345678901' 00 0101 00", esme_rinvparlen, "source_addr"},
        {"ends before esm_class", command_id::submit_sm, "00 0101 '44' 00 0101 '4477' 00",
         esme_rinvmsglen, "esm_class"},
        {"time of 17 characters", command_id::submit_sm,
         "00 0101 00 0101 00 000000 '26010112000000000' 00", esme_rinvparlen,
         "schedule_delivery_time"},
        {"sm_length missing", command_id::submit_sm, head, esme_rinvmsglen, "short_message"},
        {"sm_length beyond the PDU", command_id::submit_sm, head + "05 'abcd'", esme_rinvmsglen,
         "short_message"},
        {"sm_length 255 of nothing", command_id::deliver_sm, head + "FF", esme_rinvmsglen,
         "short_message"},
        {"password of 65", command_id::bind_transmitter, "00 '" + std::string(65, 'p') + "' 00",
         esme_rinvparlen, "password"},
        {"bind cut in the middle", command_id::bind_transceiver, "'a' 00 'b' 00 00",
         esme_rinvmsglen, "interface_version"},
        {"unknown dest_flag", command_id::submit_multi, "00 0000 00 01 03 'x' 00",
         esme_rinvdestflag, "dest_address"},
        {"fewer destinations than said", command_id::submit_multi, "00 0000 00 02 01 0101 '1' 00",
         esme_rinvmsglen, "dest_address"},
        {"destination too long", command_id::submit_multi,
         "00 0000 00 01 01 0101 '123456789012345678901' 00", esme_rinvparlen, "dest_address"},
        {"torn unsuccess_sme", command_id::submit_multi_resp, "'1' 00 01 0101 '1' 00 0000",
         esme_rinvmsglen, "unsuccess_sme"},
        {"3.3's query_last_msgs", command_id{0x23}, "00 00", esme_rinvcmdid, "command_id"},
        {"broadcast without data_coding", command_id::broadcast_sm, "00 0000 00 00 00 00 00 00",
         esme_rinvmsglen, "data_coding"},
        {"message_id without end", command_id::submit_sm_resp, "'" + std::string(1025, 'x') + "'",
         esme_rinvparlen, "message_id"},
    };
    for (const row& r : rows) {
        const octet_buffer bytes = pdu_bytes(r.id, r.body);
        const decode_result result = decode(bytes);
        EXPECT_EQ(result.outcome, decode_outcome::recoverable) << r.what;
        EXPECT_EQ(name_of(result.status), name_of(r.status)) << r.what;
        EXPECT_EQ(result.field, r.field) << r.what;
        EXPECT_EQ(result.consumed, bytes.size()) << r.what;
        EXPECT_EQ(result.value.header.command_id, r.id) << r.what;
        EXPECT_EQ(result.value.header.sequence_number, 7U) << r.what;
    }
}

TEST(decode, a_faulty_pdu_keeps_the_fields_before_the_fault) {
    const octet_buffer bytes = pdu_bytes(command_id::query_sm, "'42' 00 01");
    const decode_result result = decode(bytes);
    EXPECT_EQ(result.outcome, decode_outcome::recoverable);
    EXPECT_EQ(std::get<query_sm>(result.value.body).message_id, "42");
    EXPECT_EQ(std::get<query_sm>(result.value.body).source_addr_ton, 1);
}

TEST(decode, octets_behind_the_last_field_are_told_and_spoil_nothing) {
    const std::string head = "00 0101 '44' 00 0101 '4477' 00 000000 00 00 00000000 ";
    const std::string text = head + "02 'hi' ";
    struct row {
        std::string_view what;
        command_id id;
        std::string body;
        std::size_t tlv_octets, trailing;
        bool nul, vital_lost;
    };
    const auto submit = command_id::submit_sm;
    const row rows[] = {
        {"nothing", submit, text, 0, 0, true, false},
        {"a TLV", submit, text + "0204 0002 0007", 6, 0, true, false},
        {"one NUL", submit, text + "00", 0, 1, true, false},
        {"two NULs", submit, text + "0000", 0, 2, true, false},
        {"four NULs are no TLV", submit, text + "00000000", 0, 4, true, false},
        {"40 NULs", command_id::deliver_sm, text + std::string(80, '0'), 0, 40, true, false},
        {"the reserved tag with a length", submit, text + "0000 0001 41", 0, 5, false, false},
        {"spaces", submit, text + "20202020", 0, 4, false, false},
        {"TLV without length", submit, text + "0204 00", 0, 3, false, false},
        {"TLV longer than the PDU", submit, text + "0204 0003 1234", 0, 6, false, false},
        {"a torn TLV behind a whole one", submit, text + "1400 0001 61 0204 0003 12", 5, 5, false,
         false},
        {"a NUL behind a whole TLV", submit, text + "1400 0001 61 00", 5, 1, true, false},
        {"a NUL in front of the TLVs", submit, text + "00 1400 0001 61", 5, 1, true, false},
        {"two in front of a tag with a NUL", submit, text + "0000 001E 0002 '7' 00", 6, 2, true,
         false},
        {"torn message_payload", submit, text + "0424 0009 'x'", 0, 5, false, true},
        {"its tag alone", submit, text + "0424", 0, 2, false, true},
        {"its first octet alone", submit, text + "04", 0, 1, false, true},
        {"whole behind a wrong length", submit, text + "0204 0020 0001 0424 0001 'x'", 0, 11, false,
         true},
        {"torn behind a NUL", submit, text + "00 0424 0009 'x'", 0, 6, false, true},
        {"whole behind a NUL in the middle", submit, text + "1400 0000 00 0424 0001 'x'", 4, 6,
         false, true},
        {"torn sar_segment_seqnum", submit, text + "020C 0002 0001 020F 0001", 6, 4, false, true},
        {"broadcast_area_identifier torn", command_id::broadcast_sm,
         "00 0000 00 00 00 00 00 00 00 00 0606 0009 00", 0, 5, false, false},
        {"enquire_link with a rest", command_id::enquire_link, "00", 0, 1, true, false},
        {"bind with a rest", command_id::bind_transmitter, "'a' 00 'b' 00 00 34 0000 00 FFFF", 0, 2,
         false, false},
        {"response with a torn TLV", command_id::submit_sm_resp, "'42' 00 0204 00", 0, 3, false,
         false},
    };
    for (const row& r : rows) {
        const octet_buffer bytes = pdu_bytes(r.id, r.body);
        const decode_result result = decode(bytes);
        ASSERT_TRUE(result.ok()) << r.what;
        EXPECT_EQ(result.consumed, bytes.size()) << r.what;
        EXPECT_EQ(result.value.tlvs.raw().size(), r.tlv_octets) << r.what;
        EXPECT_EQ(result.trailing, r.trailing) << r.what;
        EXPECT_EQ(result.trailing_nul, r.nul) << r.what;
        EXPECT_EQ(result.vital_lost, r.vital_lost) << r.what;
        if (const auto* body = std::get_if<submit_sm>(&result.value.body))
            EXPECT_EQ(to_hex(body->short_message), "6869") << r.what;
        if (const auto* body = std::get_if<submit_sm_resp>(&result.value.body))
            EXPECT_EQ(body->message_id, "42");
    }
}

TEST(decode, vital_tags_are_the_callers) {
    const octet_buffer bytes = pdu_bytes(command_id::data_sm, "00 0000 00 0000 '1' 00 000000 3E10");
    constexpr std::array<std::uint16_t, 1> own{0x3E10};
    EXPECT_FALSE(decode(bytes).vital_lost);
    EXPECT_TRUE(decode(bytes, {.vital_tags = own}).vital_lost);
}

TEST(decode, tlvs_of_a_response_without_an_id_are_no_id) {
    const octet_buffer bytes = pdu_bytes(command_id::submit_sm_resp, "0428 0001 32");
    const decode_result result = decode(bytes);
    ASSERT_TRUE(result.ok());
    EXPECT_EQ(std::get<submit_sm_resp>(result.value.body).message_id, "");
    EXPECT_EQ(result.value.tlvs.u8(tag::congestion_state), 0x32);
    EXPECT_EQ(result.trailing, 0U);

    // With a rest, behind a tag that begins with NUL, and as what a carrier of 3.4 may add.
    const octet_buffer torn = pdu_bytes(command_id::submit_sm_resp, "0428 0001 32 1400");
    EXPECT_EQ(std::get<submit_sm_resp>(decode(torn).value.body).message_id, "");
    EXPECT_EQ(decode(torn).trailing, 2U);
    const octet_buffer info = pdu_bytes(command_id::submit_sm_resp, "001D 0003 'no' 00");
    EXPECT_EQ(decode(info).value.tlvs.cstring(tag::additional_status_info_text), "no");
    const octet_buffer text = pdu_bytes(command_id::submit_sm_resp, "'ab' 00 0001 'x'");
    EXPECT_EQ(std::get<submit_sm_resp>(decode(text).value.body).message_id, "ab");
}

TEST(decode, message_ids_of_sloppy_carriers) {
    struct row {
        std::string_view body;
        command_status status;
        std::string_view message_id;
        std::size_t tlv_octets;
    };
    const std::string longest = "'" + std::string(64, 'x') + "'";
    const std::string longer = "'" + std::string(65, 'x') + "' 00";
    const std::string longest_kept = "'" + std::string(1024, 'x') + "'";
    for (const row& r : {
             row{"", esme_rok, "", 0},
             row{"00", esme_rok, "", 0},
             row{"'abc' 00", esme_rok, "abc", 0},
             row{"'abc'", esme_rok, "abc", 0},
             row{"'abc' 00 0425 0001 01", esme_rok, "abc", 5},
             row{longest, esme_rok, std::string_view(longest).substr(1, 64), 0},
             row{longer, esme_rok, std::string_view(longer).substr(1, 65), 0},
             row{longest_kept, esme_rok, std::string_view(longest_kept).substr(1, 1024), 0},
             row{"", esme_rthrottled, "", 0},
             row{"00", esme_rthrottled, "", 0},
             row{"'abc' 00", esme_rsubmitfail, "abc", 0},
             row{"'abc' 00 FF", esme_rsubmitfail, "abc", 0},
         }) {
        for (const command_id id : {command_id::submit_sm_resp, command_id::data_sm_resp,
                                    command_id::broadcast_sm_resp}) {
            const octet_buffer bytes = pdu_bytes(id, r.body, r.status);
            const decode_result result = decode(bytes);
            ASSERT_TRUE(result.ok()) << r.body;
            EXPECT_EQ(result.value.header.command_status, r.status);
            EXPECT_EQ(result.value.tlvs.raw().size(), r.tlv_octets) << r.body;
            for_each_field(result.value, [&](std::string_view name, const auto& value) {
                EXPECT_EQ(name, "message_id");
                if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::string_view>)
                    EXPECT_EQ(value, r.message_id) << r.body;
                else
                    ADD_FAILURE() << "no string";
            });
        }
    }
}

TEST(decode, responses_that_tell_nothing_may_hold_anything) {
    const std::string junk = "'" + std::string(200, 'j') + "'";
    for (const command_id id :
         {command_id::deliver_sm_resp, command_id::enquire_link_resp, command_id::unbind_resp,
          command_id::generic_nack, command_id::cancel_sm_resp, command_id::replace_sm_resp,
          command_id::cancel_broadcast_sm_resp}) {
        const octet_buffer bytes = pdu_bytes(id, junk);
        const decode_result result = decode(bytes);
        EXPECT_TRUE(result.ok()) << name_of(id);
        EXPECT_EQ(result.consumed, bytes.size());
        EXPECT_TRUE(result.field.empty());
    }
}

TEST(decode, responses_may_end_before_any_field) {
    const octet_buffer multi = pdu_bytes(command_id::submit_multi_resp, "'id' 00");
    const decode_result multi_result = decode(multi);
    ASSERT_TRUE(multi_result.ok());
    EXPECT_TRUE(std::get<submit_multi_resp>(multi_result.value.body).unsuccess_smes.empty());

    const octet_buffer query = pdu_bytes(command_id::query_sm_resp, "", esme_rqueryfail);
    EXPECT_TRUE(decode(query).ok());
    const octet_buffer bind = pdu_bytes(command_id::bind_transceiver_resp, "");
    EXPECT_TRUE(decode(bind).ok());
}

TEST(decode, long_credentials_are_taken_up_to_64_characters) {
    const std::string name(64, 's');
    const std::string password(64, 'p');
    const octet_buffer bytes = pdu_bytes(command_id::bind_receiver,
                                         "'" + name + "' 00 '" + password + "' 00 00 34 0000 00");
    const decode_result result = decode(bytes);
    ASSERT_TRUE(result.ok()) << result.field;
    EXPECT_EQ(std::get<bind_request>(result.value.body).system_id, name);
    EXPECT_EQ(std::get<bind_request>(result.value.body).password, password);
}

TEST(decode, short_message_of_254_and_255_octets) {
    for (const std::size_t size : {std::size_t{254}, std::size_t{255}}) {
        const std::string length = to_hex(octet_buffer{static_cast<std::uint8_t>(size)});
        const std::string text(size, '@');
        const octet_buffer bytes =
            pdu_bytes(command_id::submit_sm,
                      "00 0000 00 0000 00 000000 00 00 00000000 " + length + "'" + text + "'");
        const decode_result result = decode(bytes);
        ASSERT_TRUE(result.ok());
        EXPECT_EQ(std::get<submit_sm>(result.value.body).short_message.size(), size);
    }
}

TEST(decode, a_nul_inside_short_message_is_text) {
    const octet_buffer bytes =
        pdu_bytes(command_id::submit_sm, "00 0000 00 0000 00 000000 00 00 00000000 03 610062");
    const decode_result result = decode(bytes);
    ASSERT_TRUE(result.ok());
    EXPECT_EQ(to_hex(std::get<submit_sm>(result.value.body).short_message), "610062");
}

TEST(decode, views_point_into_the_buffer) {
    const octet_buffer bytes = pdu_bytes(command_id::query_sm, "'12345' 00 0000 00");
    const decode_result result = decode(bytes);
    ASSERT_TRUE(result.ok());
    const auto id = std::get<query_sm>(result.value.body).message_id;
    EXPECT_EQ(static_cast<const void*>(id.data()), bytes.data() + header_octets);
}

}  // namespace
}  // namespace hikyaku::smpp
