// The messages that come of requests to the sendsms door: texts, octets, classes, reports.
#include <gtest/gtest.h>

#include "tests/unit/gateway/api/sendsms/fixture.hpp"

namespace hikyaku::gateway::api {
namespace {

using namespace std::string_view_literals;
using smpp::text::encoding_choice;

TEST_F(sendsms, texts_by_coding_and_charset) {
    const struct {
        std::string_view parameters;
        std::string_view text;
        encoding_choice choice;
    } rows[] = {
        {"text=a%20b+c", "a b c", encoding_choice::automatic},
        {"text=%E3%81%82", "\u3042", encoding_choice::automatic},  // ours: Kannel sends '?'
        {"text=%E3%81%82%E2%80%99x&coding=0", "??x", encoding_choice::gsm7},
        {"text=%E2%82%AC%C3%A9&coding=0", "\u20AC\u00E9", encoding_choice::gsm7},
        {"text=%ff%fe&charset=utf-8&coding=0", "??", encoding_choice::gsm7},
        {"text=%E9&charset=ISO-8859-1", "\u00E9", encoding_choice::automatic},
        {"text=%80&charset=windows-1252", "\u20AC", encoding_choice::automatic},
        {"text=%30%42&coding=2", "\u3042", encoding_choice::ucs2},
        {"text=%E3%81%82&coding=2&charset=UTF-8", "\u3042", encoding_choice::ucs2},
        {"text=100%&coding=0", "100%", encoding_choice::gsm7},
    };
    for (const auto& each : rows) {
        ASSERT_EQ(get(std::string("to=819012340000&").append(each.parameters)).body, ok)
            << each.parameters;
        ASSERT_TRUE(last().text) << each.parameters;
        EXPECT_EQ(*last().text, each.text) << each.parameters;
        EXPECT_EQ(last().encoding, each.choice) << each.parameters;
    }
    EXPECT_EQ(get("to=819012340000&text=%30&coding=2").body, "Charset or body misformed, rejected");
    gateway.account.transliteration = config::transliteration::punctuation;
    (void)get("to=819012340000&coding=0&text=%E2%80%99");
    EXPECT_EQ(*last().text, "'") << "the account lets other characters stand for it";
}

// The data_coding values are those that Kannel put into submit_sm for the same parameters.
TEST_F(sendsms, data_coding_and_octets) {
    const struct {
        std::string_view parameters;
        unsigned data_coding;
        std::string_view octets;
    } rows[] = {
        {"text=mwi&mwi=0", 216, "mwi"},
        {"text=mwi&mwi=1", 217, "mwi"},
        {"text=mwi&mwi=3", 219, "mwi"},
        {"text=mwi&mwi=4", 192, "mwi"},
        {"text=mwi&mwi=7", 195, "mwi"},
        {"text=mwi&mwi=1&coding=0", 217, "mwi"},
        {"text=%30%42&mwi=1&coding=2", 233, "0B"},
        {"text=%30%42&mwi=1&coding=1", 233, "0B"},
        {"text=mwi&mwi=1&mclass=0", 217, "mwi"},
        {"text=%40&alt-dcs=1", 241, "\0"sv},
        {"text=cls&mclass=1&alt-dcs=1", 241, "cls"},
        {"text=cls&mclass=3&alt-dcs=1", 243, "cls"},
        {"text=x&udh=%05%00%03%01%02%01&coding=0", 0, "\x05\0\x03\x01\x02\x01x"sv},
        {"text=%30%42&udh=%05%00%03%01%02%01&coding=2", 8, "\x05\0\x03\x01\x02\x01\x30\x42"sv},
    };
    for (const auto& each : rows) {
        ASSERT_EQ(get(std::string("to=819012340000&").append(each.parameters)).body, ok)
            << each.parameters;
        EXPECT_FALSE(last().text) << each.parameters;
        EXPECT_FALSE(last().binary) << each.parameters;
        EXPECT_EQ(last().data_coding, each.data_coding) << each.parameters;
        EXPECT_EQ(last().octets, each.octets) << each.parameters;
        const bool header = each.parameters.find("udh") != std::string_view::npos;
        EXPECT_EQ(last().esm_class, header ? 0x40 : 0) << each.parameters;
    }
}

TEST_F(sendsms, binary_messages_and_classes) {
    const struct {
        std::string_view parameters;
        std::string_view octets;
        std::optional<int> message_class;
        unsigned esm_class;
    } rows[] = {
        {"text=%01%02%FF&coding=1", "\x01\x02\xFF", {}, 0},
        {"text=%01&coding=1&mclass=2", "\x01", 2, 0},
        {"text=%01&coding=1&alt-dcs=1", "\x01", 1, 0},
        {"text=%01&udh=%06%05%04%15%81%15%81", "\x06\x05\x04\x15\x81\x15\x81\x01", {}, 0x40},
        {"text=%01&coding=1&pid=127&alt-dcs=1&mclass=3", "\x01", 3, 0},
    };
    for (const auto& each : rows) {
        ASSERT_EQ(get(std::string("to=819012340000&").append(each.parameters)).body, ok);
        EXPECT_TRUE(last().binary) << each.parameters;
        EXPECT_EQ(last().octets, each.octets) << each.parameters;
        EXPECT_EQ(last().esm_class, each.esm_class) << each.parameters;
        ASSERT_EQ(last().message_class.has_value(), each.message_class.has_value());
        EXPECT_EQ(last().message_class.value_or(9), each.message_class.value_or(9));
    }
    (void)get("to=819012340000&text=flash&mclass=0");
    EXPECT_EQ(*last().text, "flash");
    EXPECT_EQ(last().message_class, 0);
}

TEST_F(sendsms, everything_else) {
    (void)get(
        "to=819012340000&text=x&validity=60&deferred=30&pid=64&priority=2&rpi=1&smsc=alpha"
        "&account=dept%207&binfo=abcdefgh");
    EXPECT_EQ(last().origin, Origin::http);
    EXPECT_EQ(last().expires_ms, now.wall_ms + 60 * 60'000);
    EXPECT_EQ(last().send_at_ms, now.wall_ms + 30 * 60'000);
    EXPECT_EQ(last().protocol_id, 64);
    EXPECT_EQ(last().priority, 2);
    EXPECT_EQ(last().esm_class, 0x80);
    EXPECT_EQ(last().tag, "alpha");
    EXPECT_EQ(last().reference, "dept 7");
    EXPECT_EQ(last().service_type, "abcde");
    (void)get("to=819012340000&text=x&validity=0&deferred=0");
    EXPECT_FALSE(last().expires_ms);
    EXPECT_FALSE(last().send_at_ms);
    EXPECT_EQ(last().registered_delivery, 0);
}

TEST_F(sendsms, reports) {
    const struct {
        int mask;
        unsigned registered;
    } rows[] = {{1, 1}, {2, 2}, {3, 1}, {4, 16}, {7, 17}, {8, 0}, {16, 0}, {31, 17}};
    for (const auto& each : rows) {
        (void)get(
            "to=%2B819012340000&dlr-url=http%3A%2F%2Fa%2F%3Fp%3D%25p%26P%3D%25P%26d%3D%25d"
            "&dlr-mask=" +
            std::to_string(each.mask));
        EXPECT_EQ(last().registered_delivery, each.registered) << each.mask;
        EXPECT_EQ(last().callback.mask, each.mask);
        EXPECT_EQ(last().callback.url, "http://a/?p=%%2B819012340000&P=123&d=%d");
    }
    (void)get("to=819012340000&dlrurl=http://a/&dlrmask=1");
    EXPECT_EQ(last().callback.url, "http://a/");
    for (const std::string_view none :
         {"dlr-mask=31", "dlr-url=http://a/", "dlr-url=http://a/&dlr-mask=0"}) {
        (void)get(std::string("to=819012340000&").append(none));
        EXPECT_EQ(last().callback.url, "") << none;
        EXPECT_EQ(last().registered_delivery, 0) << none;
    }
    const auto before = gateway.submitted.size();
    EXPECT_EQ(get("to=819012340000&dlr-mask=1&dlr-url=http://a/" + std::string(4090, 'x')).body,
              "DLR-URL field misformed, rejected");
    EXPECT_EQ(gateway.submitted.size(), before);
}

}  // namespace
}  // namespace hikyaku::gateway::api
