// The written forms of single values, and networks.
#include "config/values.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "config/checks.hpp"
#include "config/nearest.hpp"
#include "config/special_networks.hpp"

namespace hikyaku::config {
namespace {

using ::testing::HasSubstr;

TEST(duration, takes_every_unit_and_prints_the_largest) {
    const struct {
        std::string_view text;
        std::int64_t milliseconds;
        std::string_view printed;
    } rows[] = {{"500ms", 500, "500ms"}, {"30s", 30000, "30s"},     {"5m", 300000, "5m"},
                {"5min", 300000, "5m"},  {"2h", 7200000, "2h"},     {"7d", 604800000, "7d"},
                {"0s", 0, "0s"},         {"60s", 60000, "1m"},      {"24h", 86400000, "1d"},
                {"90m", 5400000, "90m"}, {"1500ms", 1500, "1500ms"}};
    for (const auto& row : rows) {
        const auto got = parse_duration(row.text);
        ASSERT_TRUE(got) << row.text;
        EXPECT_EQ(got->count(), row.milliseconds) << row.text;
        EXPECT_EQ(format_duration(*got), row.printed);
    }
}

TEST(duration, refuses_other_texts) {
    for (const std::string_view text : {"", "30", "s", "-1s", "1.5s", "30 s", "30sec", "1h30m",
                                        "99999999999999999999s", "9223372036854775807d", "+1s"}) {
        const auto got = parse_duration(text);
        ASSERT_FALSE(got) << text;
        EXPECT_THAT(got.error(), HasSubstr("write it as \"500ms\""));
    }
}

TEST(size, takes_binary_units) {
    const struct {
        std::string_view text;
        std::uint64_t bytes;
        std::string_view printed;
    } rows[] = {{"0B", 0, "0B"},
                {"512B", 512, "512B"},
                {"4KiB", 4096, "4KiB"},
                {"1024KiB", 1048576, "1MiB"},
                {"64MiB", 67108864, "64MiB"},
                {"1GiB", 1073741824, "1GiB"},
                {"2TiB", 2199023255552, "2TiB"},
                {"1025B", 1025, "1025B"}};
    for (const auto& row : rows) {
        const auto got = parse_size(row.text);
        ASSERT_TRUE(got) << row.text;
        EXPECT_EQ(*got, row.bytes);
        EXPECT_EQ(format_size(*got), row.printed);
    }
    for (const std::string_view text :
         {"", "64", "64MB", "64mib", "-1B", "1.5GiB", "MiB", "18446744073709551615KiB"})
        EXPECT_FALSE(parse_size(text)) << text;
}

TEST(rate, takes_periods_and_the_word_unlimited) {
    const struct {
        std::string_view text;
        std::uint32_t count;
        std::int64_t milliseconds;
        std::string_view printed;
    } rows[] = {{"100/s", 100, 1000, "100/s"},
                {"30/min", 30, 60000, "30/min"},
                {"30/m", 30, 60000, "30/min"},
                {"5000/h", 5000, 3600000, "5000/h"},
                {"4294967295/d", 4294967295, 86400000, "4294967295/d"}};
    for (const auto& row : rows) {
        const auto got = parse_rate(row.text);
        ASSERT_TRUE(got && *got) << row.text;
        EXPECT_EQ((*got)->count, row.count);
        EXPECT_EQ((*got)->period.count(), row.milliseconds);
        EXPECT_EQ(format_rate(*got), row.printed);
    }
    const auto unlimited = parse_rate("unlimited");
    ASSERT_TRUE(unlimited);
    EXPECT_FALSE(unlimited->has_value());
    EXPECT_EQ(format_rate(*unlimited), "unlimited");
}

TEST(rate, refuses_zero_and_other_texts) {
    EXPECT_THAT(parse_rate("0/s").error(), HasSubstr("must not be zero"));
    for (const std::string_view text :
         {"", "100", "100/", "/s", "100/sec", "100 /s", "-5/s", "4294967296/s", "Unlimited"})
        EXPECT_FALSE(parse_rate(text)) << text;
}

TEST(address, takes_names_and_both_families) {
    const struct {
        std::string_view text;
        std::string_view host;
        std::uint16_t port;
    } rows[] = {{"127.0.0.1:2775", "127.0.0.1", 2775},
                {"[::1]:2775", "::1", 2775},
                {"smsc.north-1.example:65535", "smsc.north-1.example", 65535},
                {"0.0.0.0:0", "0.0.0.0", 0}};
    for (const auto& row : rows) {
        const auto got = parse_address(row.text);
        ASSERT_TRUE(got) << row.text;
        EXPECT_EQ(got->host, row.host);
        EXPECT_EQ(got->port, row.port);
        EXPECT_EQ(format_address(*got), row.text);
    }
}

TEST(address, says_what_is_missing) {
    const struct {
        std::string_view text;
        std::string_view hint;
    } rows[] = {{"127.0.0.1", "the port is missing"},
                {"localhost:", "the port is a number"},
                {"localhost:65536", "the port is a number"},
                {"localhost:80a", "the port is a number"},
                {":2775", "for every interface"},
                {"::1:2775", "in brackets"},
                {"[::g]:2775", "brackets hold an IPv6 address"},
                {"[]:2775", "brackets hold an IPv6 address"},
                {"http://a:2775", "in brackets"},
                {"a b:2775", "without \"http://\" or spaces"}};
    for (const auto& row : rows) {
        const auto got = parse_address(row.text);
        ASSERT_FALSE(got) << row.text;
        EXPECT_THAT(got.error(), HasSubstr(row.hint)) << row.text;
    }
}

using octets = std::vector<std::uint8_t>;

bool contains(std::string_view text, const octets& bytes) {
    const auto net = parse_network(text);
    EXPECT_TRUE(net) << text;
    return net && net->contains(bytes.data(), bytes.size() == 16);
}

// First and last of a network, and what stands before and behind it, for each length of prefix.
TEST(network, contains_its_bounds_and_nothing_beyond) {
    const octets address{0xAC, 0x5A, 0xA5, 0x3C};
    for (unsigned bits = 1; bits <= 32; ++bits) {
        const auto value = static_cast<std::uint32_t>(address[0]) << 24 | address[1] << 16 |
                           address[2] << 8 | address[3];
        const std::uint32_t behind = bits == 32 ? 0 : 0xFFFFFFFFU >> bits;
        const std::uint32_t first = value & ~behind;
        const auto octets_of = [](std::uint32_t number) {
            return octets{
                static_cast<std::uint8_t>(number >> 24), static_cast<std::uint8_t>(number >> 16),
                static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)};
        };
        const auto v6 = [&](std::uint32_t number) {
            octets all{0x20, 0x01, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0};
            const auto last = octets_of(number);
            all.insert(all.end(), last.begin(), last.end());
            return all;
        };
        network four;
        std::ranges::copy(octets_of(first), four.bytes.begin());
        four.prefix_bits = static_cast<std::uint8_t>(bits);
        network six;
        std::ranges::copy(v6(first), six.bytes.begin());
        six.prefix_bits = static_cast<std::uint8_t>(96 + bits);
        six.v6 = true;
        for (const auto& [number, inside] :
             {std::pair{first, true}, std::pair{first | behind, true}, std::pair{first - 1, false},
              std::pair{(first | behind) + 1, false}}) {
            EXPECT_EQ(four.contains(octets_of(number).data(), false), inside) << bits;
            EXPECT_EQ(six.contains(v6(number).data(), true), inside) << bits;
        }
    }
}

TEST(private_host, the_bounds_of_each_block) {
    struct block {
        const char* first;
        const char* last;
        const char* before = nullptr;
        const char* behind = nullptr;
    };
    constexpr block blocks[] = {
        {"0.0.0.0", "0.255.255.255", nullptr, "1.0.0.0"},
        {"10.0.0.0", "10.255.255.255", "9.255.255.255", "11.0.0.0"},
        {"100.64.0.0", "100.127.255.255", "100.63.255.255", "100.128.0.0"},
        {"127.0.0.0", "127.255.255.255", "126.255.255.255", "128.0.0.0"},
        {"169.254.0.0", "169.254.255.255", "169.253.255.255", "169.255.0.0"},
        {"172.16.0.0", "172.31.255.255", "172.15.255.255", "172.32.0.0"},
        {"192.168.0.0", "192.168.255.255", "192.167.255.255", "192.169.0.0"},
        {"::", "::1", nullptr, "::2"},
        {"fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
         "fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fe00::"},
        {"fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
         "fe7f:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fec0::"},
    };
    for (const auto& [first, last, before, behind] : blocks) {
        for (const std::string inside : {first, last}) {
            EXPECT_TRUE(is_private_host(inside)) << inside;
            if (inside.find(':') == std::string::npos)
                EXPECT_TRUE(is_private_host("::ffff:" + inside)) << inside;
        }
        for (const char* outside : {before, behind}) {
            if (outside == nullptr) continue;
            EXPECT_FALSE(is_private_host(outside)) << outside;
            if (std::string_view(outside).find(':') == std::string_view::npos)
                EXPECT_FALSE(is_private_host(std::string("::ffff:") + outside)) << outside;
        }
    }
    for (const char* name : {"localhost", "a.localhost"})
        EXPECT_TRUE(is_private_host(name)) << name;
    for (const char* name : {"", "localhost.example", "mylocalhost", "10.0.0", "10.example"})
        EXPECT_FALSE(is_private_host(name)) << name;
}

TEST(network, contains_by_prefix) {
    EXPECT_TRUE(contains("10.0.0.0/8", {10, 255, 0, 1}));
    EXPECT_FALSE(contains("10.0.0.0/8", {11, 0, 0, 1}));
    EXPECT_TRUE(contains("192.168.4.0/22", {192, 168, 7, 255}));
    EXPECT_FALSE(contains("192.168.4.0/22", {192, 168, 8, 0}));
    EXPECT_TRUE(contains("192.0.2.7", {192, 0, 2, 7}));
    EXPECT_FALSE(contains("192.0.2.7", {192, 0, 2, 6}));
    EXPECT_TRUE(contains("0.0.0.0/0", {255, 255, 255, 255}));
    const octets v6{0x20, 0x01, 0x0d, 0xb8, 0, 0x20, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9};
    EXPECT_TRUE(contains("2001:db8:20::/48", v6));
    EXPECT_FALSE(contains("2001:db8:21::/48", v6));
    EXPECT_TRUE(contains("2001:db8:20::/47", v6));
    EXPECT_FALSE(contains("0.0.0.0/0", v6));
    EXPECT_FALSE(contains("::/0", {10, 0, 0, 1}));
}

TEST(network, mapped_addresses_are_ipv4) {
    const octets mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 1, 2, 3};
    EXPECT_TRUE(contains("10.0.0.0/8", mapped));
    EXPECT_FALSE(contains("11.0.0.0/8", mapped));
    EXPECT_FALSE(contains("::/0", mapped));
    EXPECT_EQ(format_network(*parse_network("::ffff:10.0.0.0/104")), "10.0.0.0/8");
    EXPECT_TRUE(contains("::ffff:10.0.0.0/104", {10, 9, 9, 9}));
}

TEST(network, refuses_what_is_none) {
    for (const std::string_view text : {"", "10.0.0.0/33", "10.0.0/8", "10.0.0.0/", "::1/129",
                                        "10.0.0.0/8x", "example.org", "10.0.0.0/-1"})
        EXPECT_FALSE(parse_network(text)) << text;
    EXPECT_THAT(parse_network("10.1.2.3/8").error(), HasSubstr("write \"10.0.0.0/8\""));
}

TEST(expand, replaces_variables) {
    const environment_lookup lookup = [](std::string_view name) -> std::optional<std::string> {
        if (name == "USER_1") return "anna";
        if (name == "EMPTY") return "";
        return std::nullopt;
    };
    const struct {
        std::string_view text;
        std::string_view expected;
    } rows[] = {{"", ""},
                {"plain", "plain"},
                {"${USER_1}", "anna"},
                {"a-${USER_1}-b-${USER_1}", "a-anna-b-anna"},
                {"${EMPTY}", ""},
                {"${EMPTY:-x}", "x"},
                {"${MISSING:-}", ""},
                {"${MISSING:-a:-b}", "a:-b"},
                {"${USER_1:-x}", "anna"},
                {"$argon2id$v=19", "$argon2id$v=19"},
                {"$${USER_1}", "${USER_1}"},
                {"cost $5", "cost $5"}};
    for (const auto& row : rows) {
        const auto got = expand(row.text, lookup);
        ASSERT_TRUE(got.has_value()) << row.text;
        EXPECT_EQ(*got, row.expected) << row.text;
    }
    EXPECT_THAT(expand("${MISSING}", lookup).error(), HasSubstr("variable MISSING"));
    EXPECT_THAT(expand("${USER_1", lookup).error(), HasSubstr("without \"}\""));
    EXPECT_THAT(expand("${}", lookup).error(), HasSubstr("no name"));
    EXPECT_THAT(expand("${1X}", lookup).error(), HasSubstr("no name"));
}

TEST(quoted, escapes_what_toml_needs) {
    EXPECT_EQ(in_quotes("a\"b\\c\n\t\x01"), "\"a\\\"b\\\\c\\n\\t\\u0001\"");
    EXPECT_EQ(in_quotes("ü"), "\"ü\"");
}

TEST(nearest, finds_typing_mistakes_only) {
    const std::vector<std::string_view> keys{"password", "password_hash", "parts_max", "name",
                                             "rate"};
    EXPECT_EQ(nearest("pasword", keys), "password");
    EXPECT_EQ(nearest("apssword", keys), "password");
    EXPECT_EQ(nearest("PASSWORD", keys), "password");
    EXPECT_EQ(nearest("part_max", keys), "parts_max");
    EXPECT_EQ(nearest("nmae", keys), "name");
    EXPECT_EQ(nearest("colour", keys), "");
    EXPECT_EQ(nearest("", keys), "");
    EXPECT_EQ(nearest(std::string(100, 'x'), keys), "");
}

TEST(edit_distance, counts_edits_up_to_the_limit) {
    EXPECT_EQ(edit_distance("abc", "abc", 3), 0U);
    EXPECT_EQ(edit_distance("abc", "abd", 3), 1U);
    EXPECT_EQ(edit_distance("abcd", "acbd", 3), 1U);
    EXPECT_EQ(edit_distance("abc", "", 3), 3U);
    EXPECT_EQ(edit_distance("kitten", "sitting", 5), 3U);
    EXPECT_EQ(edit_distance("kitten", "sitting", 2), 3U);
}

}  // namespace
}  // namespace hikyaku::config
