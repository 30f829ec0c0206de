#include "bench/values/values.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string_view>

namespace hikyaku::bench {
namespace {

using std::chrono::microseconds;

TEST(values, spans) {
    struct row {
        std::string_view text;
        std::optional<std::int64_t> us;
    };
    constexpr row rows[] = {
        {"0", 0},
        {"0s", 0},
        {"250us", 250},
        {"1ms", 1000},
        {"0.5s", 500'000},
        {"1.25ms", 1250},
        {"2s", 2'000'000},
        {"1m", 60'000'000},
        {"1min", 60'000'000},
        {"2h", 7'200'000'000},
        {"", {}},
        {"5", {}},
        {"s", {}},
        {"-1s", {}},
        {"1.2.3s", {}},
        {"1e3s", {}},
        {"1 s", {}},
        {"1d", {}},
        {"99999999h", {}},
    };
    for (const row& one : rows) {
        const auto read = parse_span(one.text);
        EXPECT_EQ(read.has_value(), one.us.has_value()) << one.text;
        if (read && one.us) EXPECT_EQ(read->count(), *one.us) << one.text;
        if (!read) EXPECT_NE(read.error().find(std::string(one.text)), std::string::npos);
    }
}

TEST(values, paces) {
    EXPECT_EQ(*parse_pace("max"), std::nullopt);
    EXPECT_DOUBLE_EQ(**parse_pace("5000/s"), 5000);
    EXPECT_DOUBLE_EQ(**parse_pace("12.5"), 12.5);
    EXPECT_DOUBLE_EQ(**parse_pace("300/min"), 5);
    EXPECT_DOUBLE_EQ(**parse_pace("7200/h"), 2);
    for (const auto* const bad : {"", "0", "0/s", "-1/s", "5/d", "fast", "/s", "9999999999/s"})
        EXPECT_FALSE(parse_pace(bad).has_value()) << bad;
}

TEST(values, fractions) {
    EXPECT_DOUBLE_EQ(*parse_fraction("0"), 0);
    EXPECT_DOUBLE_EQ(*parse_fraction("1"), 1);
    EXPECT_DOUBLE_EQ(*parse_fraction("0.25"), 0.25);
    EXPECT_DOUBLE_EQ(*parse_fraction("5%"), 0.05);
    EXPECT_DOUBLE_EQ(*parse_fraction("100%"), 1);
    for (const auto* const bad : {"", "1.1", "101%", "-0.1", "%", "x", "0.5s"})
        EXPECT_FALSE(parse_fraction(bad).has_value()) << bad;
}

TEST(values, endpoints_come_back_as_they_were_written) {
    for (const auto* const text : {"127.0.0.1:2776", "[::1]:80", "0.0.0.0:0"}) {
        const auto read = parse_endpoint(text);
        ASSERT_TRUE(read.has_value()) << text;
        EXPECT_EQ(format_endpoint(*read), text);
    }
    EXPECT_EQ(format_endpoint(*parse_endpoint("localhost:8090")), "127.0.0.1:8090");
    for (const auto* const bad : {"", "127.0.0.1", "example.org:80", "127.0.0.1:70000", ":80"})
        EXPECT_FALSE(parse_endpoint(bad).has_value()) << bad;
}

}  // namespace
}  // namespace hikyaku::bench
