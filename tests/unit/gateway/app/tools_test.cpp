#include "gateway/app/tools.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <sstream>
#include <string>
#include <vector>

#include "gateway/app/hex.hpp"
#include "gateway/app/text_plan.hpp"
#include "smpp/pdu/encode.hpp"
#include "smpp/pdu/tlv.hpp"
#include "smpp/text/hex.hpp"

namespace hikyaku::gateway::app {
namespace {

namespace json = boost::json;

struct tool_outcome {
    int exit_code = 0;
    std::vector<json::object> lines;
};

std::string text_of(const json::value& value) {
    return value.is_string() ? std::string(value.get_string().c_str()) : json::serialize(value);
}

template <class Tool>
tool_outcome run(Tool tool, const std::string& input) {
    std::istringstream in(input);
    std::ostringstream out;
    tool_outcome result;
    result.exit_code = tool(in, out);
    std::istringstream printed(out.str());
    for (std::string line; std::getline(printed, line);)
        result.lines.push_back(json::parse(line).get_object());
    return result;
}

tool_outcome plan(const std::string& input, plan_request request = {}) {
    return run([&](auto& in, auto& out) { return plan_texts(request, in, out); }, input);
}

// submit_sm: "42", TON 1, NPI 1 to 1/1 "4917", esm_class 0, registered_delivery 1, "Hi", and the
// TLVs user_message_reference 7 and an unknown 0x1500.
constexpr const char* submit_hex =
    "00000041"
    "00000004"
    "00000000"
    "00000009"
    "00"
    "0101343200"
    "0101343931370"
    "0"
    "000000"
    "00"
    "00"
    "01"
    "00"
    "00"
    "00"
    "024869"
    "020400020007"
    "15000003aabbcc";

std::string with_length(std::string hex) {
    hex.replace(0, 8, fmt::format("{:08x}", hex.size() / 2));
    return hex;
}

TEST(pdu_decode, prints_header_body_and_tlvs) {
    const auto result = run(decode_pdus, with_length(submit_hex) + "\n");
    EXPECT_EQ(result.exit_code, 0);
    ASSERT_EQ(result.lines.size(), 1U);
    const auto& pdu = result.lines[0];
    EXPECT_EQ(pdu.at("command"), "submit_sm");
    EXPECT_EQ(pdu.at("command_id").to_number<int>(), 4);
    EXPECT_EQ(pdu.at("command_status"), "ESME_ROK");
    EXPECT_EQ(pdu.at("sequence_number").to_number<int>(), 9);
    const auto& body = pdu.at("body").as_object();
    EXPECT_EQ(body.at("source_addr"), "42");
    EXPECT_EQ(body.at("destination_addr"), "4917");
    EXPECT_EQ(body.at("dest_addr_ton").to_number<int>(), 1);
    EXPECT_EQ(body.at("registered_delivery").to_number<int>(), 1);
    EXPECT_EQ(body.at("sm_length").to_number<int>(), 2);
    EXPECT_EQ(body.at("short_message"), "4869");
    const auto& tlvs = pdu.at("tlvs").as_array();
    ASSERT_EQ(tlvs.size(), 2U);
    EXPECT_EQ(tlvs[0].at("name"), "user_message_reference");
    EXPECT_EQ(tlvs[0].at("tag").to_number<int>(), 0x0204);
    EXPECT_EQ(tlvs[0].at("value").to_number<int>(), 7);
    EXPECT_EQ(tlvs[0].at("hex"), "0007");
    EXPECT_TRUE(tlvs[1].at("name").is_null());
    EXPECT_EQ(tlvs[1].at("hex"), "aabbcc");
}

TEST(pdu_decode, tells_the_kinds_of_faults_apart_and_goes_on) {
    struct test_case {
        std::string line, kind, status;
    };
    const std::vector<test_case> cases{
        {"0000001000000015", "incomplete", ""},
        {"00000008000000150000000000000001", "unrecoverable", "ESME_RINVCMDLEN"},
        {"00000010000000990000000000000001", "recoverable", "ESME_RINVCMDID"},
        {"not hex", "input", ""},
        {"000", "input", ""},
    };
    std::string input;
    for (const auto& one : cases)
        input += one.line + "\n\n";
    input += "00000010000000150000000000000001\n";
    const auto result = run(decode_pdus, input);
    EXPECT_EQ(result.exit_code, 1);
    ASSERT_EQ(result.lines.size(), cases.size() + 1);
    for (std::size_t i = 0; i < cases.size(); ++i) {
        const auto& error = result.lines[i].at("error").as_object();
        EXPECT_EQ(text_of(error.at("kind")), cases[i].kind) << cases[i].line;
        if (cases[i].status.empty())
            EXPECT_TRUE(error.at("status").is_null()) << cases[i].line;
        else
            EXPECT_EQ(text_of(error.at("status")), cases[i].status) << cases[i].line;
    }
    EXPECT_EQ(result.lines.back().at("command"), "enquire_link");
}

TEST(pdu_decode, names_the_faulty_field) {
    // sm_length says 2 but nothing follows it.
    auto hex = with_length(submit_hex);
    hex = with_length(hex.substr(0, hex.find("024869") + 2));
    const auto result = run(decode_pdus, hex + "\n");
    EXPECT_EQ(result.exit_code, 1);
    const auto& error = result.lines.at(0).at("error").as_object();
    EXPECT_EQ(error.at("status"), "ESME_RINVMSGLEN");
    EXPECT_EQ(error.at("field"), "short_message");
    EXPECT_EQ(result.lines[0].at("sequence_number").to_number<int>(), 9);
}

TEST(pdu_decode, counts_what_is_left_on_the_line) {
    const auto result = run(decode_pdus, "00000010 00000015 00000000 00000001 ffff\n");
    ASSERT_EQ(result.lines.size(), 1U);
    EXPECT_EQ(result.lines[0].at("octets_left").to_number<int>(), 2);
}

TEST(pdu_encode, is_the_reverse_of_decode) {
    const std::vector<std::string> pdus{
        with_length(submit_hex),
        "00000010800000040000005800000001",
        "00000010000000150000000000000000",
        // bind_transceiver with a password of nine characters
        with_length("000000000000000900000000ffffffff64656d6f00313233343536373839000034000000"),
        // submit_multi_resp with one refused destination
        with_length("000000008000002100000000000000056d3100010101343900000000"
                    "0b"),
        // submit_multi to an address and a distribution list
        with_length("0000000000000021000000000000000500000034320002010101343900026c6973740000"
                    "000000000000000000"),
        // a C-octet string with octets above 0x7F
        with_length("00000000800000040000000000000005e4ff00"),
    };
    for (const auto& hex : pdus) {
        std::istringstream first(hex + "\n");
        std::ostringstream decoded;
        ASSERT_EQ(decode_pdus(first, decoded), 0) << hex << decoded.str();
        const auto again = run(encode_pdus, decoded.str());
        ASSERT_EQ(again.exit_code, 0) << decoded.str();
        EXPECT_EQ(text_of(again.lines.at(0).at("hex")), hex) << decoded.str();
    }
}

TEST(pdu_encode, fills_in_defaults) {
    const auto result = run(encode_pdus, "{\"command\":\"enquire_link\"}\n");
    EXPECT_EQ(result.lines.at(0).at("hex"), "00000010000000150000000000000001");
}

TEST(pdu_encode, takes_tlvs_by_name_and_value) {
    const auto result =
        run(encode_pdus,
            "{\"command_id\":2147483652,\"body\":{\"message_id\":\"a\"},"
            "\"tlvs\":[{\"name\":\"message_state\",\"value\":2},{\"tag\":\"0x001E\","
            "\"value\":\"x\"}]}\n");
    EXPECT_EQ(result.lines.at(0).at("hex"),
              "0000001d"
              "80000004"
              "00000000"
              "00000001"
              "6100"
              "0427000102"
              "001e00027800");
}

TEST(pdu_encode, says_what_is_wrong) {
    struct test_case {
        std::string line, field;
    };
    const std::vector<test_case> cases{
        {"{\"command\":\"submit\"}", "command"},
        {"{}", "command"},
        {"{\"command\":\"submit_sm\",\"body\":{\"sorce_addr\":\"1\"}}", "sorce_addr"},
        {"{\"command\":\"submit_sm\",\"body\":{\"esm_class\":256}}", "esm_class"},
        {"{\"command\":\"submit_sm\",\"body\":{\"short_message\":\"xyz\"}}", "short_message"},
        {"{\"command\":\"submit_sm\",\"body\":{\"source_addr\":\"123456789012345678901\"}}",
         "source_addr"},
        {"{\"command\":\"submit_sm\",\"sequence_number\":-1}", "sequence_number"},
        {"{\"command\":\"submit_sm\",\"tlvs\":[{\"name\":\"nothing\"}]}", "name"},
        {"[1]", ""},
        {"{\"command\":", ""},
    };
    std::string input;
    for (const auto& one : cases)
        input += one.line + "\n";
    const auto result = run(encode_pdus, input);
    EXPECT_EQ(result.exit_code, 1);
    ASSERT_EQ(result.lines.size(), cases.size());
    for (std::size_t i = 0; i < cases.size(); ++i) {
        ASSERT_TRUE(result.lines[i].contains("error")) << cases[i].line;
        const auto& error = result.lines[i].at("error").as_object();
        if (cases[i].field.empty())
            EXPECT_TRUE(error.at("field").is_null()) << cases[i].line;
        else
            EXPECT_EQ(text_of(error.at("field")), cases[i].field) << cases[i].line;
        EXPECT_FALSE(error.at("sentence").as_string().empty());
    }
}

TEST(text_plan, takes_the_whole_input_as_one_text) {
    const auto result = plan("Hello\n{}");
    EXPECT_EQ(result.exit_code, 0);
    ASSERT_EQ(result.lines.size(), 1U);
    const auto& planned = result.lines[0];
    EXPECT_EQ(planned.at("encoding"), "gsm7");
    EXPECT_EQ(planned.at("units").to_number<int>(), 10);  // braces are two septets each
    ASSERT_EQ(planned.at("segments").as_array().size(), 1U);
    EXPECT_EQ(planned.at("segments").at(0).at("hex"), "48656c6c6f0a1b281b29");
}

TEST(text_plan, takes_one_text_a_line) {
    plan_request request;
    request.lines = true;
    const auto result = plan("a\r\n\nb\n", request);
    ASSERT_EQ(result.lines.size(), 3U);
    EXPECT_EQ(result.lines[0].at("units").to_number<int>(), 1);
    EXPECT_EQ(result.lines[1].at("units").to_number<int>(), 0);
}

TEST(text_plan, shows_units_without_the_header) {
    plan_request request;
    request.text = std::string(200, 'a');
    const auto result = plan("", request);
    const auto& segments = result.lines.at(0).at("segments").as_array();
    ASSERT_EQ(segments.size(), 2U);
    EXPECT_EQ(segments[0].at("octets").to_number<int>(), 159);
    EXPECT_EQ(segments[0].at("units").to_number<int>(), 153);
    EXPECT_EQ(segments[1].at("units").to_number<int>(), 47);
    EXPECT_TRUE(result.lines[0].at("udhi").as_bool());
}

TEST(text_plan, counts_utf16_units) {
    plan_request request;
    request.text = "督促😀";
    const auto result = plan("", request);
    EXPECT_EQ(result.lines.at(0).at("encoding"), "ucs2");
    EXPECT_EQ(result.lines[0].at("units").to_number<int>(), 4);
    EXPECT_EQ(result.lines[0].at("segments").at(0).at("hex"), "77634fc3d83dde00");
    EXPECT_EQ(result.lines[0].at("forcing_ucs2").as_array().size(), 3U);
}

TEST(text_plan, reports_faults) {
    plan_request request;
    request.text = "ab\xff";
    auto result = plan("", request);
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_EQ(result.lines.at(0).at("error").at("kind"), "invalid_utf8");
    EXPECT_EQ(result.lines[0].at("error").at("position").to_number<int>(), 2);
    request.text = std::string(400, 'a');
    request.options.parts_max = 2;
    result = plan("", request);
    EXPECT_EQ(result.lines.at(0).at("error").at("kind"), "too_many_parts");
    EXPECT_EQ(result.lines[0].at("error").at("segments_needed").to_number<int>(), 3);
}

TEST(text_plan, shows_the_plan_of_one_profile) {
    plan_request request;
    std::string fault;
    request.targets = *targets_of({.profiles = {"docomo"}}, {}, fault);
    std::string wide;
    for (int i = 0; i < 133; ++i)
        wide += "請";
    request.text = wide;
    const auto result = plan("", request);
    const auto& planned = result.lines.at(0);
    EXPECT_EQ(planned.at("segmentation"), "udh16");
    EXPECT_EQ(planned.at("units_per_part").to_number<int>(), 66);
    EXPECT_EQ(planned.at("segments").as_array().size(), 3U);
    EXPECT_EQ(planned.at("billed_units").to_number<int>(), 3);
    EXPECT_FALSE(planned.contains("by_carrier"));
    EXPECT_FALSE(planned.contains("range"));
}

TEST(text_plan, shows_the_range_over_profiles_when_none_is_named) {
    plan_request request;
    std::string fault;
    request.targets = *targets_of({}, {}, fault);
    std::string wide;
    for (int i = 0; i < 133; ++i)
        wide += "請";
    request.text = wide;
    const auto result = plan("", request);
    const auto& planned = result.lines.at(0);
    const auto& rows = planned.at("by_carrier").as_array();
    ASSERT_EQ(rows.size(), 5U);
    const std::vector<std::string> names{"standard", "docomo", "au", "softbank", "rakuten"};
    for (std::size_t i = 0; i < names.size(); ++i)
        EXPECT_EQ(text_of(rows[i].at("profile")), names[i]);
    EXPECT_EQ(json::serialize(rows[1].at("price_steps")),
              R"({"ucs2":{"first":70,"next":66},"septets":{"first":160,"next":152}})");
    EXPECT_EQ(json::serialize(rows[3].at("price_steps")), R"({"ucs2":"flat","septets":"flat"})");
    EXPECT_TRUE(rows[0].at("price_steps").at("ucs2").is_null());
    EXPECT_EQ(json::serialize(planned.at("range")),
              R"({"planned":5,"units":{"least":133,"most":133},"parts":{"least":2,"most":3},)"
              R"("billed_units":{"least":1,"most":3}})");
}

TEST(text_plan, plans_for_the_carriers_of_a_configuration) {
    config::settings settings;
    for (const auto* name : {"one", "two", "three"})
        settings.carriers.push_back({.name = name});
    settings.carriers[0].text.segmentation = config::segmentation::payload;
    settings.carriers[1].text.parts_max = 1;
    settings.routes.push_back(
        {.name = "both", .targets = {{.carrier = "one"}, {.carrier = "two"}}});
    std::string fault;
    const auto names = [&](const plan_question& question) {
        std::string all;
        const auto targets = targets_of(question, settings, fault);
        if (!targets) return fault;
        for (const auto& target : *targets)
            all += target.name + " ";
        return all;
    };
    EXPECT_EQ(names({}), "one two three ");
    EXPECT_EQ(names({.route = "both"}), "one two ");
    EXPECT_EQ(names({.profiles = {"au"}, .carriers = {"three"}}), "au three ");
    EXPECT_EQ(names({.profiles = {"ua"}}), "no profile is named 'ua'");
    EXPECT_EQ(names({.carriers = {"four"}}), "no carrier is named 'four'");
    EXPECT_EQ(names({.route = "none"}), "no route is named 'none'");
    plan_request request;
    request.text = std::string(200, 'x');
    request.targets = *targets_of({.route = "both"}, settings, fault);
    const auto result = plan("", request);
    const auto& planned = result.lines.at(0);
    EXPECT_EQ(planned.at("segmentation"), "payload");
    EXPECT_EQ(planned.at("parts").to_number<int>(), 2);
    EXPECT_EQ(planned.at("by_carrier").at(0).at("carrier"), "one");
    EXPECT_EQ(planned.at("by_carrier").at(1).at("error").at("segments_needed").to_number<int>(), 2);
    EXPECT_EQ(planned.at("range").at("planned").to_number<int>(), 1);
}

TEST(text_plan, shows_what_transliteration_changes) {
    plan_request request;
    request.text = "“a”";
    request.options.transliterate = smpp::text::transliteration::punctuation;
    const auto result = plan("", request);
    EXPECT_EQ(result.lines.at(0).at("encoding"), "gsm7");
    EXPECT_EQ(json::serialize(result.lines[0].at("replaced")),
              R"([{"position":0,"from":"“","to":"\""},{"position":4,"from":"”","to":"\""}])");
}

TEST(receipt_parse, prints_every_field_or_null) {
    const auto result =
        run(parse_receipts,
            "id:0123 sub:001 dlvrd:001 submit date:2401021530 done date:2401021531 stat:DELIVRD "
            "err:000 text:Hello\nid:7 stat:UNDELIV\nmy id: 5\n");
    EXPECT_EQ(result.exit_code, 1);
    ASSERT_EQ(result.lines.size(), 3U);
    EXPECT_EQ(result.lines[0].at("id"), "0123");
    EXPECT_EQ(result.lines[0].at("sub"), "001");
    EXPECT_EQ(result.lines[0].at("dlvrd"), "001");
    EXPECT_EQ(result.lines[0].at("submit_date"), "2401021530");
    EXPECT_EQ(result.lines[0].at("done_date"), "2401021531");
    EXPECT_EQ(result.lines[0].at("stat"), "DELIVRD");
    EXPECT_EQ(result.lines[0].at("err"), "000");
    EXPECT_EQ(result.lines[0].at("text"), "Hello");
    EXPECT_EQ(result.lines[1].at("stat"), "UNDELIV");
    EXPECT_TRUE(result.lines[1].at("submit_date").is_null());
    EXPECT_EQ(result.lines[2].at("error"), "not a receipt");
}

constexpr std::string_view whole_receipt =
    "id:7 sub:001 dlvrd:001 submit date:2401021530 done date:2401021531 stat:DELIVRD err:000 text:";

// What is said here is what the engine does: both ask kind_of() and read_receipt().
TEST(receipt_parse, says_how_sure_the_gateway_is_and_why) {
    const struct {
        std::string text;
        const char *sure, *reason, *state;
    } rows[] = {
        {std::string(whole_receipt), "certain", "all standard fields", "delivered"},
        {"id:7 stat:UNDELIV", "likely", "only id, stat", "undeliverable"},
        {"id:7 stat:ENROUTE err:3", "likely", "only id, stat, err", "submitted"},
        {"id:7 sub:1 dlvrd:1 stat:GONE", "likely",
         "only id, sub, dlvrd, stat; stat is no known state", "unknown"},
        {"Receipt " + std::string(whole_receipt), "likely",
         "all standard fields; there are words beside the fields", "delivered"},
        {"my id:7 and stat:DELIVRD", "no_receipt",
         "there are words beside the fields, as in a person's reply", "delivered"},
        {"id:7 stat:odd", "no_receipt",
         "stat is no known state, and fewer than two other fields stand beside it", "unknown"},
        {"id:7", "no_receipt", "there is no stat", "unknown"},
        {"stat:DELIVRD", "no_receipt", "there is no id", "delivered"},
        {"I have paid", "no_receipt", "there is no id", "unknown"},
    };
    for (const auto& row : rows) {
        const auto result = run(parse_receipts, row.text + "\n");
        ASSERT_EQ(result.lines.size(), 1U) << row.text;
        const auto& line = result.lines[0];
        EXPECT_EQ(line.at("sure"), row.sure) << row.text;
        EXPECT_EQ(line.at("reason"), row.reason) << row.text;
        EXPECT_EQ(line.at("taken").at("state"), row.state) << row.text;
        EXPECT_EQ(line.contains("error"), std::string_view(row.sure) == "no_receipt") << row.text;
        EXPECT_EQ(result.exit_code, std::string_view(row.sure) == "no_receipt" ? 1 : 0) << row.text;
        EXPECT_FALSE(line.contains("tlvs")) << row.text;
    }
    const auto whole = run(parse_receipts, std::string(whole_receipt) + "\n").lines[0];
    EXPECT_EQ(whole.at("taken").at("id"), "7");
    EXPECT_EQ(whole.at("taken").at("final"), true);
}

TEST(receipt_parse, shows_words_in_no_list_beside_what_they_are_taken_for) {
    const auto result = run(parse_receipts,
                            "id:1 sub:1 dlvrd:0 stat:NOCRED err:0x0A\n"
                            "id:1 stat:delivered err:000\n");
    ASSERT_EQ(result.lines.size(), 2U);
    const auto& taken = result.lines[0].at("taken");
    EXPECT_EQ(taken.at("state"), "unknown");
    EXPECT_EQ(taken.at("stat"), "NOCRED");
    EXPECT_TRUE(taken.at("error").at("code").is_null());
    EXPECT_EQ(taken.at("error").at("text"), "0x0A");
    EXPECT_EQ(taken.at("error").at("stat"), "NOCRED");
    EXPECT_EQ(result.lines[1].at("taken").at("stat"), "delivered");
    EXPECT_EQ(result.lines[1].at("taken").at("state"), "delivered");
    EXPECT_FALSE(result.lines[1].at("taken").as_object().contains("error"));
}

TEST(receipt_parse, reads_whole_pdus_with_their_tlvs) {
    const auto hex_of = [](std::uint8_t esm_class, std::string_view text, bool tlvs) {
        smpp::deliver_sm body;
        body.esm_class = esm_class;
        body.short_message = {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
        std::vector<std::uint8_t> buffer, octets;
        smpp::tlv_writer writer(buffer);
        if (tlvs) writer.cstring(smpp::tag::receipted_message_id, "AB").u8(0x0427, 5);
        EXPECT_TRUE(smpp::encode(octets, smpp::make_pdu(1, body, writer.list())).has_value());
        return smpp::text::to_hex(octets) + "\n";
    };
    auto line = run(parse_receipts, hex_of(0, "nothing", true)).lines.at(0);
    EXPECT_EQ(line.at("sure"), "certain");
    EXPECT_EQ(line.at("tlvs").at("receipted_message_id"), "AB");
    EXPECT_EQ(line.at("tlvs").at("message_state"), 5);
    EXPECT_TRUE(line.at("tlvs").at("network_error_code").is_null());
    EXPECT_EQ(line.at("taken").at("id"), "AB");
    EXPECT_EQ(line.at("taken").at("state"), "undeliverable");
    line = run(parse_receipts, hex_of(smpp::esm_class::receipt, "id:7 and words", false)).lines[0];
    EXPECT_EQ(line.at("sure"), "certain");
    EXPECT_EQ(line.at("reason"), "esm_class says so");
    EXPECT_EQ(line.at("id"), "7");
    // Copied with the text's own coding: UTF-16.
    std::string wide;
    for (const char c : whole_receipt) {
        wide.push_back('\0');
        wide.push_back(c);
    }
    line = run(parse_receipts, hex_of(0, wide, false)).lines.at(0);
    EXPECT_EQ(line.at("sure"), "certain");
    EXPECT_EQ(line.at("done_date"), "2401021531");
    line = run(parse_receipts, hex_of(0x08, whole_receipt, false)).lines.at(0);
    EXPECT_EQ(line.at("sure"), "no_receipt");
    EXPECT_EQ(line.at("reason"), "esm_class says that the phone's user wrote it");
}

TEST(receipt_parse, shows_octets_that_are_not_utf8) {
    const auto result = run(parse_receipts, "id:1 stat:DELIVRD text:caf\xe9\n");
    EXPECT_EQ(result.lines.at(0).at("text"), "caf\xc3\xa9");
}

TEST(hex, reads_what_people_paste) {
    EXPECT_EQ(from_hex("0x00 Ff:10"), (std::vector<std::uint8_t>{0, 255, 16}));
    EXPECT_EQ(from_hex("0g"), std::nullopt);
    EXPECT_EQ(from_hex("abc"), std::nullopt);
    EXPECT_EQ(from_hex("0 0f F"), (std::vector<std::uint8_t>{0, 255}));
}

}  // namespace
}  // namespace hikyaku::gateway::app
