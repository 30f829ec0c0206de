// Bodies of POST /v1/messages: what they become, and every fault with its place.
#include "gateway/api/messages/json_request.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace hikyaku::gateway::api {
namespace {

constexpr std::int64_t now_ms = 1'000'000;

auto read(std::string_view body, std::uint32_t batch_max = 1000) {
    config::account account;
    return read_messages(body, account, batch_max, now_ms);
}

// One valid message with `more` among its members.
std::string with(std::string_view more) {
    return fmt::format(R"({{"from":"Shop","to":"+819012345678","text":"hi"{}{}}})",
                       more.empty() ? "" : ",", more);
}

submission only(std::string_view body) {
    auto request = read(body);
    EXPECT_TRUE(request) << body;
    if (!request) return {};
    EXPECT_EQ(request->items.size(), 1u) << body;
    EXPECT_FALSE(request->items[0].fault) << body << ' ' << request->items[0].fault->pointer;
    return request->items[0].message;
}

TEST(json_request, defaults) {
    const submission message = only(with(""));
    EXPECT_EQ(message.origin, Origin::http);
    EXPECT_EQ(message.source.digits, "Shop");
    EXPECT_EQ(message.source.ton, 5);
    EXPECT_EQ(message.destination.digits, "819012345678");
    EXPECT_EQ(message.destination.ton, 1);
    EXPECT_EQ(message.text, "hi");
    EXPECT_EQ(message.encoding, smpp::text::encoding_choice::automatic);
    EXPECT_FALSE(message.binary);
    EXPECT_EQ(message.registered_delivery, 1);
    EXPECT_EQ(message.priority, 0);
    EXPECT_FALSE(message.send_at_ms);
    EXPECT_FALSE(message.expires_ms);
    EXPECT_FALSE(message.parts_max);
    EXPECT_FALSE(message.track_links);
    EXPECT_FALSE(message.message_class);
    EXPECT_FALSE(message.transliterate);
    EXPECT_FALSE(message.purpose);
    EXPECT_TRUE(message.contact.empty());
    EXPECT_EQ(message.debtor + message.debt, "");
}

TEST(json_request, numbers_by_the_settings_of_the_account) {
    config::account account;
    account.home_country = "81";
    account.trunk_prefix = "0";
    account.international_prefix = "00";
    const auto request = read_messages(
        R"({"from":"Shop","to":["090-1234-5678",{"number":"00818012345678"},"000123","0123"],)"
        R"("text":"hi"})",
        account, 1000, now_ms);
    ASSERT_TRUE(request);
    ASSERT_EQ(request->items.size(), 4u);
    EXPECT_EQ(request->items[0].to, "+819012345678");
    EXPECT_EQ(request->items[0].message.destination.digits, "819012345678");
    EXPECT_EQ(request->items[1].to, "+818012345678");
    EXPECT_EQ(request->items[2].to, "000123");
    ASSERT_TRUE(request->items[3].fault);
    EXPECT_EQ(request->items[3].fault->code, problem_code::destination_invalid);
}

TEST(json_request, every_field) {
    const submission message = only(
        with(R"("encoding":"ucs2","parts_max":3,"valid_for":"2h","send_at":"1970-01-01T01:00:00Z",)"
             R"("priority":3,"receipt":"all","reference":"r-1","tag":"dunning","track_links":true,)"
             R"("class":0,"transliterate":"full","tlvs":[{"tag":"0x1400","text":"11"}])"));
    EXPECT_EQ(message.tlvs, std::string("\x14\x00\x00\x02"
                                        "11",
                                        6));
    EXPECT_EQ(message.message_class, 0);
    EXPECT_EQ(message.transliterate, smpp::text::transliteration::full);
    EXPECT_EQ(message.encoding, smpp::text::encoding_choice::ucs2);
    EXPECT_EQ(message.parts_max, 3u);
    EXPECT_EQ(message.send_at_ms, 3'600'000);
    EXPECT_EQ(message.expires_ms, 3 * 3'600'000);
    EXPECT_EQ(message.priority, 3);
    EXPECT_EQ(message.registered_delivery, 0x11);
    EXPECT_EQ(message.reference, "r-1");
    EXPECT_EQ(message.tag, "dunning");
    EXPECT_EQ(message.track_links, true);
}

TEST(json_request, choices) {
    EXPECT_EQ(only(with(R"("receipt":"none")")).registered_delivery, 0);
    EXPECT_EQ(only(with(R"("receipt":"failure")")).registered_delivery, 2);
    EXPECT_EQ(only(with(R"("receipt":"final")")).registered_delivery, 1);
    EXPECT_EQ(only(with(R"("encoding":"gsm7")")).encoding, smpp::text::encoding_choice::gsm7);
    EXPECT_EQ(only(with(R"("encoding":"auto")")).encoding, smpp::text::encoding_choice::automatic);
    EXPECT_EQ(only(with(R"("valid_for":90)")).expires_ms, now_ms + 90'000);
    EXPECT_EQ(only(with(R"("track_links":false)")).track_links, false);
    EXPECT_TRUE(only(with(R"("at_most_once":true)")).at_most_once);
    EXPECT_FALSE(only(with(R"("at_most_once":false)")).at_most_once);
    using smpp::text::transliteration;
    EXPECT_EQ(only(with(R"("transliterate":"off")")).transliterate, transliteration::off);
    EXPECT_EQ(only(with(R"("transliterate":"punctuation")")).transliterate,
              transliteration::punctuation);
    EXPECT_EQ(only(with(R"("class":3)")).message_class, 3);
}

TEST(json_request, binary) {
    const submission message =
        only(R"({"from":"Shop","to":"81901234567","encoding":"binary","data":"00fFa1"})");
    EXPECT_TRUE(message.binary);
    EXPECT_EQ(message.data_coding, 4);
    EXPECT_EQ(message.octets, std::string("\x00\xFF\xA1", 3));
    EXPECT_FALSE(message.text);
}

TEST(json_request, several_recipients) {
    const auto request =
        read(R"({"from":"Shop","text":"hi","reference":"all",)"
             R"("to":["+819012345678",{"number":"81 90 8765 4321","reference":"two"},)"
             R"("x",{"number":5}]})");
    ASSERT_TRUE(request);
    EXPECT_FALSE(request->single);
    ASSERT_EQ(request->items.size(), 4u);
    EXPECT_EQ(request->items[0].message.reference, "all");
    EXPECT_EQ(request->items[0].to, "+819012345678");
    EXPECT_EQ(request->items[1].message.reference, "two");
    EXPECT_EQ(request->items[1].message.destination.digits, "819087654321");
    EXPECT_EQ(request->items[1].message.text, "hi");
    ASSERT_TRUE(request->items[2].fault);
    EXPECT_EQ(request->items[2].fault->code, problem_code::destination_invalid);
    EXPECT_EQ(request->items[2].fault->pointer, "/to/2");
    EXPECT_EQ(request->items[2].to, "x");
    ASSERT_TRUE(request->items[3].fault);
    EXPECT_EQ(request->items[3].fault->pointer, "/to/3/number");
}

TEST(json_request, one_recipient_as_object_is_single) {
    const auto request =
        read(R"({"from":"Shop","text":"hi","to":{"number":"+819012345678","reference":"r"}})");
    ASSERT_TRUE(request);
    EXPECT_TRUE(request->single);
    EXPECT_EQ(request->items[0].message.reference, "r");
}

TEST(json_request, batch_keeps_sound_messages) {
    const auto request = read(fmt::format(R"({{"messages":[{},{{"to":"+819012345678"}},7,{}]}})",
                                          with(""), with(R"("reference":"last")")));
    ASSERT_TRUE(request);
    EXPECT_FALSE(request->single);
    ASSERT_EQ(request->items.size(), 4u);
    EXPECT_FALSE(request->items[0].fault);
    ASSERT_TRUE(request->items[1].fault);
    EXPECT_EQ(request->items[1].fault->pointer, "/messages/1/from");
    EXPECT_EQ(request->items[1].to, "+819012345678");
    ASSERT_TRUE(request->items[2].fault);
    EXPECT_EQ(request->items[2].fault->pointer, "/messages/2");
    EXPECT_FALSE(request->items[3].fault);
    EXPECT_EQ(request->items[3].message.reference, "last");
}

TEST(json_request, message_fault_hits_each_recipient) {
    const auto request = read(R"({"from":"Shop","to":["81901234567","81901234568"]})");
    ASSERT_TRUE(request);
    ASSERT_EQ(request->items.size(), 2u);
    for (const message_item& each : request->items) {
        ASSERT_TRUE(each.fault);
        EXPECT_EQ(each.fault->code, problem_code::field_missing);
        EXPECT_EQ(each.fault->pointer, "/text");
    }
}

TEST(json_request, the_only_sender_stands_in) {
    config::account account;
    account.senders = {"Example"};
    const std::string_view body = R"({"to":"81901234567","text":"hi"})";
    const auto request = read_messages(body, account, 10, now_ms);
    ASSERT_TRUE(request);
    ASSERT_FALSE(request->items[0].fault);
    EXPECT_EQ(request->items[0].message.source.digits, "Example");
    for (const auto& senders : {std::vector<std::string>{"A", "B"}, {"Exam*"}, {}}) {
        account.senders = senders;
        const auto refused = read_messages(body, account, 10, now_ms);
        ASSERT_TRUE(refused);
        ASSERT_TRUE(refused->items[0].fault);
        EXPECT_EQ(refused->items[0].fault->pointer, "/from");
    }
}

TEST(json_request, field_faults) {
    struct row {
        std::string body;
        problem_code code;
        std::string_view pointer;
    };
    using enum error_id;
    const std::string long_label(65, 'x');
    const row rows[] = {
        {with(R"("colour":1)"), field_unknown, "/colour"},
        {with(R"("a/b~c":1)"), field_unknown, "/a~1b~0c"},
        {R"({"to":"81901234567","text":"hi"})", field_missing, "/from"},
        {R"({"from":"Shop","text":"hi"})", field_missing, "/to"},
        {R"({"from":"Shop","to":"81901234567"})", field_missing, "/text"},
        {R"({"from":5,"to":"81901234567","text":"hi"})", field_invalid, "/from"},
        {R"({"from":"","to":"81901234567","text":"hi"})", source_invalid, "/from"},
        {R"({"from":"abcdefghijkl","to":"81901234567","text":"hi"})", source_invalid, "/from"},
        {R"({"from":"Shop","to":81901234567,"text":"hi"})", field_invalid, "/to"},
        {R"({"from":"Shop","to":null,"text":"hi"})", field_invalid, "/to"},
        {R"({"from":"Shop","to":[],"text":"hi"})", field_invalid, "/to"},
        {R"({"from":"Shop","to":"0901234567","text":"hi"})", destination_invalid, "/to"},
        {R"({"from":"Shop","to":{"reference":"r"},"text":"hi"})", field_missing, "/to/number"},
        {R"({"from":"Shop","to":{"number":"81901234567","x":1},"text":"hi"})", field_unknown,
         "/to/x"},
        {R"({"from":"Shop","to":{"number":"81901234567","reference":""},"text":"hi"})",
         field_invalid, "/to/reference"},
        {R"({"from":"Shop","to":{"number":"12"},"text":"hi"})", destination_invalid, "/to/number"},
        {R"({"from":"Shop","to":"81901234567","text":5})", field_invalid, "/text"},
        {with(R"("encoding":"latin1")"), field_invalid, "/encoding"},
        {with(R"("encoding":7)"), field_invalid, "/encoding"},
        {with(R"("encoding":"binary")"), field_invalid, "/text"},
        {with(R"("data":"00")"), field_invalid, "/data"},
        {R"({"from":"Shop","to":"81901234567","encoding":"binary"})", field_missing, "/data"},
        {R"({"from":"Shop","to":"81901234567","encoding":"binary","data":"0"})", field_invalid,
         "/data"},
        {R"({"from":"Shop","to":"81901234567","encoding":"binary","data":"0g"})", field_invalid,
         "/data"},
        {R"({"from":"Shop","to":"81901234567","encoding":"binary","data":""})", field_invalid,
         "/data"},
        {with(R"("class":4)"), field_invalid, "/class"},
        {with(R"("class":"flash")"), field_invalid, "/class"},
        {with(R"("transliterate":true)"), field_invalid, "/transliterate"},
        {with(R"("transliterate":"some")"), field_invalid, "/transliterate"},
        {with(R"("parts_max":0)"), field_invalid, "/parts_max"},
        {with(R"("parts_max":256)"), field_invalid, "/parts_max"},
        {with(R"("parts_max":"3")"), field_invalid, "/parts_max"},
        {with(R"("parts_max":3.0)"), field_invalid, "/parts_max"},
        {with(R"("valid_for":0)"), field_invalid, "/valid_for"},
        {with(R"("valid_for":-5)"), field_invalid, "/valid_for"},
        {with(R"("valid_for":"2 hours")"), field_invalid, "/valid_for"},
        {with(R"("valid_for":"367d")"), field_invalid, "/valid_for"},
        {with(R"("valid_for":18446744073709551615)"), field_invalid, "/valid_for"},
        {with(R"("send_at":"tomorrow")"), field_invalid, "/send_at"},
        {with(R"("send_at":1775001600)"), field_invalid, "/send_at"},
        {with(R"("priority":4)"), field_invalid, "/priority"},
        {with(R"("priority":-1)"), field_invalid, "/priority"},
        {with(R"("receipt":true)"), field_invalid, "/receipt"},
        {with(R"("receipt":"maybe")"), field_invalid, "/receipt"},
        {with(R"("reference":"")"), field_invalid, "/reference"},
        {with(R"("reference":1)"), field_invalid, "/reference"},
        {with(fmt::format(R"("reference":"{}")", long_label)), field_invalid, "/reference"},
        {with(R"("reference":"a\u0000b")"), field_invalid, "/reference"},
        {with(fmt::format(R"("tag":"{}")", long_label)), field_invalid, "/tag"},
        {with(R"("tlvs":{"0x1400":"1101"})"), field_invalid, "/tlvs"},
        {with(R"("tlvs":[{"tag":"0x1400"}])"), field_invalid, "/tlvs"},
        {with(R"("track_links":"yes")"), field_invalid, "/track_links"},
        {with(R"("track_links":1)"), field_invalid, "/track_links"},
        {with(R"("at_most_once":1)"), field_invalid, "/at_most_once"},
    };
    for (const row& each : rows) {
        const auto request = read(each.body);
        ASSERT_TRUE(request) << each.body;
        ASSERT_EQ(request->items.size(), 1u) << each.body;
        ASSERT_TRUE(request->items[0].fault) << each.body;
        EXPECT_EQ(request->items[0].fault->code, each.code) << each.body;
        EXPECT_EQ(request->items[0].fault->pointer, each.pointer) << each.body;
    }
}

TEST(json_request, whole_faults) {
    struct row {
        std::string_view body;
        problem_code code;
        std::string_view pointer;
        std::optional<std::uint64_t> position;
    };
    using enum error_id;
    const row rows[] = {
        {"", json_invalid, "", 0},
        {"{", json_invalid, "", 1},
        {R"({"to" 5})", json_invalid, "", 6},
        {R"({"to":5}x)", json_invalid, "", 8},
        {R"({"to":5} {)", json_invalid, "", 9},
        {"{\"to\":\"\xFF\"}", utf8_invalid, "", 7},
        {"{\"to\":\"\xED\xA0\x80\"}", utf8_invalid, "", 7},
        {"[[[[[[[[[[1]]]]]]]]]]", json_invalid, "", 8},
        {"[]", body_invalid, "", {}},
        {"\"text\"", body_invalid, "", {}},
        {"null", body_invalid, "", {}},
        {R"({"messages":[]})", field_invalid, "/messages", {}},
        {R"({"messages":{}})", field_invalid, "/messages", {}},
        {R"({"messages":[{}],"from":"Shop"})", field_unknown, "/from", {}},
    };
    for (const row& each : rows) {
        const auto request = read(each.body);
        ASSERT_FALSE(request) << each.body;
        EXPECT_EQ(request.error().code, each.code) << each.body;
        EXPECT_EQ(request.error().pointer, each.pointer) << each.body;
        EXPECT_EQ(request.error().position, each.position) << each.body;
    }
    EXPECT_TRUE(read(with("") + " \r\n\t"));
}

TEST(json_request, a_name_twice_in_one_object_is_no_json) {
    struct row {
        std::string_view body, pointer;
        std::uint64_t position;  // of the quote behind the second name
    };
    const row rows[] = {
        {R"({"to":"1","to":"2"})", "/to", 13},
        {R"({"to":"1","from":"S","t\u006f":"2"})", "/to", 29},
        {R"({"messages":[{"to":"1"},{"to":"1","text":"a","text":"b"}]})", "/messages/1/text", 50},
        {R"({"to":[{"number":"1","number":"2"}]})", "/to/0/number", 28},
        {R"({"x":{"a/b":[0,[1]],"~":1,"~":2}})", "/x/~0", 28},
        {R"({"":1,"":2})", "/", 7},
    };
    for (const row& each : rows) {
        const auto request = read(std::string{each.body});
        ASSERT_FALSE(request) << each.body;
        EXPECT_EQ(request.error().code, problem_code::json_invalid) << each.body;
        EXPECT_EQ(request.error().pointer, each.pointer) << each.body;
        EXPECT_EQ(request.error().position, each.position) << each.body;
        EXPECT_EQ(request.error().detail, "a field comes twice in one object");
    }
    // The same name in two objects, and as a value, is as it should be.
    EXPECT_TRUE(read(R"({"messages":[{"to":"1","text":"to"},{"to":"1","text":"to"}]})"));
}

TEST(json_request, batch_bound) {
    const std::string two = fmt::format(R"({{"messages":[{},{}]}})", with(""), with(""));
    EXPECT_TRUE(read(two, 2));
    const auto refused = read(two, 1);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, problem_code::batch_too_large);
    const auto list = read(R"({"from":"S","text":"t","to":["81901234567","1","2"]})", 2);
    ASSERT_FALSE(list);
    EXPECT_EQ(list.error().code, problem_code::batch_too_large);
}

TEST(json_request, bound_of_one_text_for_many) {
    const auto to_many = [](std::size_t text_bytes, std::size_t recipients) {
        std::string to;
        for (std::size_t i = 0; i < recipients; ++i)
            to += fmt::format(R"({}"+819012345678")", i == 0 ? "" : ",");
        return read(fmt::format(R"({{"from":"S","text":"{}","to":[{}]}})",
                                std::string(text_bytes, 'x'), to));
    };
    EXPECT_TRUE(to_many(8 << 10, 1000));
    EXPECT_TRUE(to_many(message_request::copied_bytes_max, 1)) << "planning refuses it";
    const auto refused = to_many(1 << 20, 1000);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, problem_code::batch_too_large);
    EXPECT_NE(refused.error().detail.find("8388608 octets"), std::string::npos);
}

}  // namespace
}  // namespace hikyaku::gateway::api
