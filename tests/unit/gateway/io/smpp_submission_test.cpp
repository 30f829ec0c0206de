#include "gateway/io/smpp_submission.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/engine/errors.hpp"
#include "smpp/text/octets.hpp"
#include "tests/unit/gateway/io/times.hpp"

namespace hikyaku::gateway::io {
namespace {

using smpp::command_status;
using smpp::text::octets_of;
using testing_support::noon;

smpp::submit_sm plain_submit() {
    smpp::submit_sm request;
    request.service_type = "CMT";
    request.source_addr_ton = 5;
    request.source_addr = "ACME";
    request.dest_addr_ton = 1;
    request.dest_addr_npi = 1;
    request.destination_addr = "4917012345";
    request.protocol_id = 0x40;
    request.priority_flag = 2;
    request.registered_delivery = 0x11;
    request.data_coding = 3;
    request.short_message = octets_of("Hello");
    return request;
}

TEST(submission, carries_every_field) {
    auto request = plain_submit();
    request.esm_class = 0x03;
    request.schedule_delivery_time = "260101130000000+";
    request.validity_period = "000001000000000R";
    const auto result = submission_of(request, {}, noon);
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->origin, Origin::smpp);
    EXPECT_EQ(result->service_type, "CMT");
    EXPECT_EQ(result->source.ton, 5);
    EXPECT_EQ(result->source.npi, 0);
    EXPECT_EQ(result->source.digits, "ACME");
    EXPECT_EQ(result->destination.ton, 1);
    EXPECT_EQ(result->destination.npi, 1);
    EXPECT_EQ(result->destination.digits, "4917012345");
    EXPECT_EQ(result->esm_class, 0x03);
    EXPECT_EQ(result->protocol_id, 0x40);
    EXPECT_EQ(result->priority, 2);
    EXPECT_EQ(result->registered_delivery, 0x11);
    EXPECT_EQ(result->data_coding, 3);
    EXPECT_EQ(result->octets, "Hello");
    EXPECT_FALSE(result->text);
    EXPECT_EQ(result->send_at_ms, noon + 3'600'000);
    EXPECT_EQ(result->expires_ms, noon + 24 * 3'600'000);
    EXPECT_TRUE(result->tlvs.empty());
}

TEST(submission, leaves_times_empty_when_there_are_none) {
    const auto result = submission_of(plain_submit(), {}, noon);
    ASSERT_TRUE(result.has_value());
    EXPECT_FALSE(result->send_at_ms);
    EXPECT_FALSE(result->expires_ms);
}

TEST(submission, takes_message_payload_and_passes_other_tlvs_on) {
    auto request = plain_submit();
    request.short_message = {};
    std::vector<std::uint8_t> buffer;
    smpp::tlv_writer tlvs(buffer);
    tlvs.u16(smpp::tag::user_message_reference, 7);
    tlvs.octets(smpp::tag::message_payload, octets_of("A longer text"));
    tlvs.u16(smpp::tag::destination_port, 2948);
    tlvs.octets(0x1500, octets_of("v"));
    const auto result = submission_of(request, tlvs.list(), noon);
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->octets, "A longer text");
    const auto kept = smpp::tlv_list::parse(octets_of(result->tlvs));
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->u16(smpp::tag::user_message_reference), 7);
    EXPECT_EQ(kept->u16(smpp::tag::destination_port), 2948);
    EXPECT_TRUE(kept->find(0x1500));
    EXPECT_FALSE(kept->find(smpp::tag::message_payload));
}

TEST(submission, refuses_what_only_the_pdu_can_show) {
    struct test_case {
        std::string_view name;
        command_status status;
        std::function<void(smpp::submit_sm&)> change;
    };
    const std::vector<test_case> cases{
        {"header longer than the message", command_status::esme_rinvesmclass,
         [](auto& one) {
             one.esm_class = 0x40;
             one.short_message = octets_of("\x05\x01");
         }},
        {"header announced, no message", command_status::esme_rinvesmclass,
         [](auto& one) {
             one.esm_class = 0x40;
             one.short_message = {};
         }},
        {"element longer than the header", command_status::esme_rinvesmclass,
         [](auto& one) {
             one.esm_class = 0x40;
             one.short_message = octets_of("\x05\x05\x09\x15\x81\x15text");
         }},
        {"part 5 of 2", command_status::esme_rinvesmclass,
         [](auto& one) {
             one.esm_class = 0x40;
             one.short_message = octets_of(std::string_view("\x05\x00\x03\x07\x02\x05text", 10));
         }},
        {"receipt from an application", command_status::esme_rinvesmclass,
         [](auto& one) { one.esm_class = 0x04; }},
        {"schedule", command_status::esme_rinvsched,
         [](auto& one) { one.schedule_delivery_time = "261301130000000+"; }},
        {"validity", command_status::esme_rinvexpiry,
         [](auto& one) { one.validity_period = "tomorrow"; }},
        {"replace flag", command_status::esme_rinvrepflag,
         [](auto& one) { one.replace_if_present_flag = 2; }},
        {"predefined message", command_status::esme_rinvdftmsgid,
         [](auto& one) {
             one.sm_default_msg_id = 1;
             one.short_message = {};
         }},
    };
    for (const auto& one : cases) {
        auto request = plain_submit();
        one.change(request);
        const auto result = submission_of(request, {}, noon);
        ASSERT_TRUE(result.has_error()) << one.name;
        EXPECT_EQ(result.error(), one.status) << one.name;
    }
}

TEST(submission, refuses_sar_tlvs_that_no_phone_could_put_together) {
    using enum command_status;
    namespace tag = smpp::tag;
    struct value {
        std::uint16_t tag;
        std::string_view octets;
    };
    struct row {
        std::string_view name;
        std::vector<value> tlvs;
        command_status status;
    };
    const value reference{tag::sar_msg_ref_num, {"\x01\x07", 2}};
    const auto total = [](std::string_view octets) {
        return value{tag::sar_total_segments, octets};
    };
    const auto number = [](std::string_view octets) {
        return value{tag::sar_segment_seqnum, octets};
    };
    const std::string_view zero("\0", 1);
    const std::vector<row> rows{
        {"whole", {reference, total("\x02"), number("\x01")}, esme_rok},
        {"the only one", {reference, total("\x01"), number("\x01")}, esme_rok},
        {"no reference", {total("\x02"), number("\x01")}, esme_rmissingtlv},
        {"no total", {reference, number("\x01")}, esme_rmissingtlv},
        {"no number", {reference, total("\x02")}, esme_rmissingtlv},
        {"part 5 of 2", {reference, total("\x02"), number("\x05")}, esme_rinvtlvval},
        {"part 0", {reference, total("\x02"), number(zero)}, esme_rinvtlvval},
        {"of 0", {reference, total(zero), number(zero)}, esme_rinvtlvval},
        {"short reference",
         {{tag::sar_msg_ref_num, "\x07"}, total("\x02"), number("\x01")},
         esme_rinvparlen},
        {"long total", {reference, total("\x02\x02"), number("\x01")}, esme_rinvparlen},
        {"empty number", {reference, total("\x02"), number("")}, esme_rinvparlen},
    };
    for (const auto& one : rows) {
        std::vector<std::uint8_t> buffer;
        smpp::tlv_writer tlvs(buffer);
        for (const auto& each : one.tlvs)
            tlvs.octets(each.tag, octets_of(each.octets));
        const auto result = submission_of(plain_submit(), tlvs.list(), noon);
        EXPECT_EQ(result.has_error() ? result.error() : esme_rok, one.status) << one.name;
        smpp::data_sm data;
        data.destination_addr = "4917012345";
        const auto by_data = submission_of(data, tlvs.list(), noon);
        EXPECT_EQ(by_data.has_error() ? by_data.error() : esme_rok, one.status) << one.name;
    }
}

TEST(submission, refuses_a_header_and_sar_tlvs_that_contradict_each_other) {
    using enum command_status;
    struct row {
        std::uint16_t reference;
        std::uint8_t total, number;
        command_status status;
    };
    for (const auto& [reference, total, number, status] :
         {row{7, 2, 1, esme_rok}, row{0x107, 2, 1, esme_rok}, row{8, 2, 1, esme_rinvtlvval},
          row{7, 3, 1, esme_rinvtlvval}, row{7, 2, 2, esme_rinvtlvval}}) {
        auto request = plain_submit();
        request.esm_class = 0x40;
        request.short_message = octets_of(std::string_view("\x05\x00\x03\x07\x02\x01text", 10));
        std::vector<std::uint8_t> buffer;
        smpp::tlv_writer tlvs(buffer);
        tlvs.u16(smpp::tag::sar_msg_ref_num, reference)
            .u8(smpp::tag::sar_total_segments, total)
            .u8(smpp::tag::sar_segment_seqnum, number);
        const auto result = submission_of(request, tlvs.list(), noon);
        EXPECT_EQ(result.has_error() ? result.error() : esme_rok, status)
            << reference << " " << int{total} << " " << int{number};
    }
}

TEST(submission, refuses_two_texts_at_once) {
    std::vector<std::uint8_t> buffer;
    smpp::tlv_writer tlvs(buffer);
    tlvs.octets(smpp::tag::message_payload, octets_of("other"));
    const auto result = submission_of(plain_submit(), tlvs.list(), noon);
    ASSERT_TRUE(result.has_error());
    EXPECT_EQ(result.error(), command_status::esme_rinvmsglen);
}

TEST(submission, understands_data_sm) {
    smpp::data_sm request;
    request.source_addr = "42";
    request.destination_addr = "4917012345";
    request.data_coding = 8;
    request.registered_delivery = 1;
    std::vector<std::uint8_t> buffer;
    smpp::tlv_writer tlvs(buffer);
    tlvs.octets(smpp::tag::message_payload, octets_of("ab"));
    tlvs.u32(smpp::tag::qos_time_to_live, 90);
    const auto result = submission_of(request, tlvs.list(), noon);
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->octets, "ab");
    EXPECT_EQ(result->data_coding, 8);
    EXPECT_EQ(result->registered_delivery, 1);
    EXPECT_EQ(result->expires_ms, noon + 90'000);
    EXPECT_TRUE(result->tlvs.empty());
}

TEST(query, answers_with_state_date_and_error) {
    query_view found;
    found.state = State::submitted;
    auto answer = answer_query(found, 0x50);
    EXPECT_EQ(answer.state, smpp::message_state::enroute);
    EXPECT_FALSE(answer.final);
    EXPECT_EQ(answer.error_code, 0);

    found.state = State::queued;
    found.scheduled = true;
    EXPECT_EQ(answer_query(found, 0x50).state, smpp::message_state::scheduled);
    EXPECT_EQ(answer_query(found, 0x34).state, smpp::message_state::enroute);

    found = {};
    found.state = State::undeliverable;
    found.done_ms = noon;
    found.error = 300;
    answer = answer_query(found, 0x34);
    EXPECT_EQ(answer.state, smpp::message_state::undeliverable);
    EXPECT_TRUE(answer.final);
    EXPECT_EQ(answer.final_date.view(), "260101120000000+");
    EXPECT_EQ(answer.error_code, 0);  // one octet: 300 is not told, rather than another number
    found.error = 255;
    EXPECT_EQ(answer_query(found, 0x34).error_code, 255);
}

TEST(submission, at_most_once_is_asked_for_by_a_tlv_and_set_dpf_is_ignored) {
    const auto with = [](std::uint16_t tag, std::string_view value) {
        std::vector<std::uint8_t> raw{static_cast<std::uint8_t>(tag >> 8),
                                      static_cast<std::uint8_t>(tag), 0,
                                      static_cast<std::uint8_t>(value.size())};
        raw.insert(raw.end(), value.begin(), value.end());
        const auto tlvs = smpp::tlv_list::parse({raw.data(), raw.size()});
        EXPECT_TRUE(tlvs);
        return submission_of(plain_submit(), *tlvs, noon);
    };
    using namespace std::string_view_literals;
    EXPECT_TRUE(with(tag_at_most_once, "\x01")->at_most_once);
    EXPECT_FALSE(with(tag_at_most_once, "\0"sv)->at_most_once);
    EXPECT_TRUE(with(tag_at_most_once, "\x01")->tlvs.empty());
    EXPECT_EQ(with(tag_at_most_once, "\x02").error(), command_status::esme_rinvtlvval);
    EXPECT_EQ(with(tag_at_most_once, "\0\x01"sv).error(), command_status::esme_rinvtlvval);
    EXPECT_TRUE(with(smpp::tag::set_dpf, "\x01")->tlvs.empty());
    EXPECT_EQ(with(smpp::tag::user_message_reference, "\x01\x02")->tlvs.size(), 6U);
}

TEST(submission, replace_if_present_flag_is_carried) {
    auto request = plain_submit();
    EXPECT_FALSE(submission_of(request, {}, noon)->replace_if_present);
    request.replace_if_present_flag = 1;
    EXPECT_TRUE(submission_of(request, {}, noon)->replace_if_present);
}

TEST(submission, a_submit_multi_has_everything_but_destinations) {
    smpp::submit_multi request;
    request.source_addr = "ACME";
    request.short_message = octets_of("Hello");
    request.validity_period = "000001000000000R";
    request.priority_flag = 2;
    const auto result = submission_of(request, {}, noon);
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->source.digits, "ACME");
    EXPECT_EQ(result->octets, "Hello");
    EXPECT_EQ(result->expires_ms, noon + 86'400'000);
    EXPECT_EQ(result->priority, 2);
    EXPECT_TRUE(result->destination.digits.empty());
    request.replace_if_present_flag = 2;
    EXPECT_EQ(submission_of(request, {}, noon).error(), command_status::esme_rinvrepflag);
}

TEST(replacement, takes_text_and_times) {
    smpp::replace_sm request;
    request.short_message = octets_of("Bye");
    request.registered_delivery = 1;
    auto result = replacement_of(request, {}, noon);
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->octets, "Bye");
    EXPECT_EQ(result->registered_delivery, 1);
    EXPECT_FALSE(result->send_at_ms);
    EXPECT_FALSE(result->expires_ms);
    request.schedule_delivery_time = "000000010000000R";
    request.validity_period = "000001000000000R";
    result = replacement_of(request, {}, noon);
    EXPECT_EQ(result->send_at_ms, noon + 3'600'000);
    EXPECT_EQ(result->expires_ms, noon + 86'400'000);
    request.schedule_delivery_time = "x";
    EXPECT_EQ(replacement_of(request, {}, noon).error(), command_status::esme_rinvsched);
    request.schedule_delivery_time = "";
    request.validity_period = "x";
    EXPECT_EQ(replacement_of(request, {}, noon).error(), command_status::esme_rinvexpiry);

    const std::vector<std::uint8_t> raw{0x04, 0x24, 0, 2, 'H', 'i'};
    const auto tlvs = *smpp::tlv_list::parse({raw.data(), raw.size()});
    EXPECT_EQ(replacement_of(request, tlvs, noon).error(), command_status::esme_rinvmsglen);
    request = {};
    EXPECT_EQ(replacement_of(request, tlvs, noon)->octets, "Hi");
    EXPECT_EQ(replacement_of(request, {}, noon).error(), command_status::esme_rinvmsglen);
    request.sm_default_msg_id = 3;
    EXPECT_EQ(replacement_of(request, {}, noon).error(), command_status::esme_rinvdftmsgid);
}

}  // namespace
}  // namespace hikyaku::gateway::io
