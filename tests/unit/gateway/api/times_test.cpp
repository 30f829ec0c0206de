// RFC 3339 times, durations with units, and the targets of requests.
#include "gateway/api/times.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "gateway/api/target.hpp"

namespace hikyaku::gateway::api {
namespace {

TEST(times, parses_rfc_3339) {
    const std::pair<std::string_view, std::int64_t> rows[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"2026-04-01T00:00:00Z", 1775001600000},
        {"2026-04-01T09:00:00+09:00", 1775001600000},
        {"2026-03-31T19:30:00-04:30", 1775001600000},
        {"2026-04-01t00:00:00.5z", 1775001600500},
        {"2026-04-01 00:00:00.1234Z", 1775001600123},
        {"2024-02-29T23:59:60Z", 1709251200000},
        {"2024-02-29T23:59:60.25+00:00", 1709251200250},
        {"1969-12-31T23:59:59.001Z", -999},
        {"2026-03-31T00:01:00-23:59", 1775001600000},
    };
    for (const auto& [text, expected] : rows) {
        const auto parsed = parse_time(text);
        ASSERT_TRUE(parsed) << text;
        EXPECT_EQ(*parsed, expected) << text;
    }
}

TEST(times, refuses_everything_else) {
    for (const std::string_view text : {"",
                                        "2026-04-01",
                                        "2026-04-01T00:00:00",
                                        "2026-04-01T00:00Z",
                                        "2026-13-01T00:00:00Z",
                                        "2026-02-29T00:00:00Z",
                                        "2026-04-01T24:00:00Z",
                                        "2026-04-01T00:60:00Z",
                                        "2026-04-01T00:00:61Z",
                                        "2026-04-01T00:00:00+24:00",
                                        "2026-04-01T00:00:00+09:60",
                                        "2026-04-01T00:00:00",
                                        "2026-4-1T00:00:00Z",
                                        "2026-04-01T00:00:00+9:00",
                                        "+026-04-01T00:00:00Z",
                                        "2026-04-01x00:00:00Z",
                                        "2026-04-01T00:00:00Z+09:00",
                                        "2026-04-01T00:00:00+0900",
                                        "2026-04-01T00:00:00.Z",
                                        "2026-04-01T00:00:00Zx",
                                        "tomorrow",
                                        "26-04-01T00:00:00Z"})
        EXPECT_FALSE(parse_time(text)) << text;
}

TEST(times, formats_and_parses_back) {
    EXPECT_EQ(format_time(0), "1970-01-01T00:00:00.000Z");
    EXPECT_EQ(format_time(1775001600123), "2026-04-01T00:00:00.123Z");
    EXPECT_EQ(parse_time(format_time(1709251199999)), 1709251199999);
}

TEST(times, writes_moments_before_1970_and_after_9999) {
    EXPECT_EQ(format_time(-1), "1969-12-31T23:59:59.999Z");
    EXPECT_EQ(format_time(253402300800000), "10000-01-01T00:00:00.000Z");
}

TEST(times, dates_of_headers) {
    EXPECT_EQ(format_http_date(784887151), "Tue, 15 Nov 1994 08:12:31 GMT");
    EXPECT_EQ(format_http_date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
    EXPECT_EQ(parse_http_date("Tue, 15 Nov 1994 08:12:31 GMT"), 784887151);
    EXPECT_EQ(parse_http_date("Sat, 31 Dec 2016 23:59:60 GMT"), 1483228800);
    for (const std::string_view text :
         {"", "Tue, 15 Nov 1994 08:12:31", "15 Nov 1994 08:12:31 GMT",
          "Tue, 15 Foo 1994 08:12:31 GMT", "Tue, 31 Feb 1994 08:12:31 GMT",
          "Tue, 15 Nov 1994 25:12:31 GMT", "Tue, 15 Nov 1994 08:12:61 GMT",
          "Tue, 15 Nov 1994 08:12:31 UTC", "Tuesday, 15-Nov-94 08:12:31 G"})
        EXPECT_FALSE(parse_http_date(text)) << text;
}

TEST(times, durations) {
    const std::pair<std::string_view, std::int64_t> rows[] = {
        {"30s", 30}, {"90m", 5400}, {"2h", 7200}, {"3d", 259200}, {"0s", 0}};
    for (const auto& [text, expected] : rows) {
        ASSERT_TRUE(parse_duration(text)) << text;
        EXPECT_EQ(parse_duration(text)->count(), expected) << text;
    }
    for (const std::string_view text : {"", "h", "2", "2w", "-2h", "2 h", "2hh", "1.5h",
                                        "99999999999999999999s", "9223372036854775807d"})
        EXPECT_FALSE(parse_duration(text)) << text;
}

TEST(target, path_and_query) {
    EXPECT_EQ(split_target("/a?b=c").path, "/a");
    EXPECT_EQ(split_target("/a?b=c").query, "b=c");
    EXPECT_EQ(split_target("/a").query, "");
    EXPECT_EQ(split_target("http://host:80/a?b").path, "/a");
    EXPECT_EQ(split_target("http://host").path, "/");
    EXPECT_EQ(split_target("/a#f").path, "/a");
}

TEST(target, percent_decoding) {
    EXPECT_EQ(decode_percent("/v1/messages%3Aestimate"), "/v1/messages:estimate");
    EXPECT_EQ(decode_percent("a+b"), "a+b");
    for (const std::string_view text : {"%", "a%4", "%zz", "%+1", "%-1"})
        EXPECT_FALSE(decode_percent(text)) << text;
}

TEST(target, decodes_forms_as_kannel_does) {
    EXPECT_EQ(decode_form("a+b%2Bc%20d"), "a b+c d");
    EXPECT_EQ(decode_form("%C3%A9\xC3\xA9|%00"), std::string_view("\u00E9\u00E9|\0", 6));
    EXPECT_EQ(decode_form("50%+of%zz%4%41%4"), "50% of%zz%4A%4");
}

TEST(target, takes_parameters_one_by_one) {
    std::string_view query = "a=1&b&&c=x=%zz";
    std::vector<std::pair<std::string_view, std::string_view>> all;
    while (const auto each = take_parameter(query))
        all.emplace_back(each->name, each->value);
    EXPECT_THAT(all,
                ::testing::ElementsAre(::testing::Pair("a", "1"), ::testing::Pair("b", ""),
                                       ::testing::Pair("", ""), ::testing::Pair("c", "x=%zz")));
}

TEST(target, query_values) {
    EXPECT_EQ(query_value("a=1&b=x%20y+z&b=2", "b"), "x y z");
    EXPECT_EQ(query_value("a", "a"), "");
    EXPECT_EQ(query_value("c=%zz&a=\xC3\xA9|%2B", "a"), "\u00E9|+");
    EXPECT_FALSE(query_value("ab=1", "a"));
    EXPECT_FALSE(query_value("", "a"));
    EXPECT_FALSE(query_value("a=%4", "a"));
}

}  // namespace
}  // namespace hikyaku::gateway::api
