// Networks that an operator knows: however they overlap, and as stored hits name them.
#include "gateway/links/network_list.hpp"

#include <gtest/gtest.h>

#include "config/values.hpp"

namespace hikyaku::gateway::links {
namespace {

using config::network_class;

config::link_network listed(std::initializer_list<const char*> ranges, network_class says) {
    config::link_network out;
    for (const char* each : ranges)
        out.ranges.push_back(*config::parse_network(each));
    out.says = says;
    return out;
}

std::uint8_t bit(network_class what) {
    return static_cast<std::uint8_t>(1U << static_cast<unsigned>(what));
}

std::uint8_t v4(const network_list& list, std::array<std::uint8_t, 4> address) {
    return list.says_of(address);
}

TEST(network_list, an_empty_one_says_nothing) {
    const network_list none;
    EXPECT_TRUE(none.empty());
    EXPECT_EQ(v4(none, {203, 0, 113, 1}), 0);
    EXPECT_EQ(none.says_of_network("203.0.113.0/24").some, 0);
}

TEST(network_list, ranges_end_where_they_end_and_overlap) {
    const auto scanner = bit(network_class::scanner), preview = bit(network_class::preview);
    const network_list list({listed({"203.0.112.0/22", "255.255.255.255"}, network_class::scanner),
                             listed({"203.0.113.128/25"}, network_class::preview),
                             listed({"203.0.113.0/24"}, network_class::scanner)});
    EXPECT_EQ(v4(list, {203, 0, 111, 255}), 0);
    EXPECT_EQ(v4(list, {203, 0, 112, 0}), scanner);
    EXPECT_EQ(v4(list, {203, 0, 113, 127}), scanner);
    EXPECT_EQ(v4(list, {203, 0, 113, 128}), scanner | preview);
    EXPECT_EQ(v4(list, {203, 0, 113, 255}), scanner | preview);
    EXPECT_EQ(v4(list, {203, 0, 114, 0}), scanner);
    EXPECT_EQ(v4(list, {203, 0, 115, 255}), scanner);
    EXPECT_EQ(v4(list, {203, 0, 116, 0}), 0);
    EXPECT_EQ(v4(list, {255, 255, 255, 255}), scanner);
    EXPECT_EQ(v4(list, {255, 255, 255, 254}), 0);
    std::array<std::uint8_t, 16> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 203, 0, 113, 200};
    EXPECT_EQ(list.says_of(mapped), scanner | preview);

    const auto whole = list.says_of_network("203.0.113.0/24");
    EXPECT_EQ(whole.all, scanner);
    EXPECT_EQ(whole.some, scanner | preview);
    const auto outside = list.says_of_network("198.51.100.0/24");
    EXPECT_EQ(outside.some, 0);
    EXPECT_EQ(list.says_of_network("no network").some, 0);
}

TEST(network_list, of_version_6) {
    const auto automation = bit(network_class::automation);
    const network_list list({listed({"2001:db8:1::/48", "::/0"}, network_class::automation)});
    std::array<std::uint8_t, 16> address{0x20, 0x01, 0x0d, 0xb8, 0, 1};
    EXPECT_EQ(list.says_of(address), automation);
    EXPECT_EQ(list.says_of_network("2001:db8:1::/48").all, automation);
    const network_list narrow({listed({"2001:db8:1:2::/64"}, network_class::automation)});
    EXPECT_EQ(narrow.says_of(address), 0);
    EXPECT_EQ(narrow.says_of_network("2001:db8:1::/48").all, 0);
    EXPECT_EQ(narrow.says_of_network("2001:db8:1::/48").some, automation);
    EXPECT_NE(list.fingerprint(), narrow.fingerprint());
}

}  // namespace
}  // namespace hikyaku::gateway::links
