// Networks: the key of the tables and the text that is stored.
#include "gateway/links/network.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace hikyaku::gateway::links {
namespace {

using octets = std::vector<std::uint8_t>;

octets v6(std::initializer_list<unsigned> groups) {
    octets bytes;
    for (const unsigned group : groups) {
        bytes.push_back(static_cast<std::uint8_t>(group >> 8));
        bytes.push_back(static_cast<std::uint8_t>(group));
    }
    bytes.resize(16);
    return bytes;
}

TEST(network, text_is_cut) {
    struct row {
        octets address;
        std::string_view expected;
    };
    const row rows[] = {
        {{203, 0, 113, 77}, "203.0.113.0/24"},
        {{0, 0, 0, 0}, "0.0.0.0/24"},
        {{255, 255, 255, 255}, "255.255.255.0/24"},
        {v6({0x2001, 0xdb8, 1, 2, 3, 4, 5, 6}), "2001:db8:1::/48"},
        {v6({0x2001, 0xdb8, 0, 2, 3, 4, 5, 6}), "2001:db8::/48"},
        {v6({0x2001, 0, 0, 2}), "2001::/48"},
        {v6({0x2001, 0, 0xab, 2}), "2001:0:ab::/48"},
        {v6({0, 0, 0, 0, 0, 0, 0, 1}), "::/48"},
        {v6({0, 1, 0}), "0:1::/48"},
        {v6({0xfe80, 0, 0, 0, 0xffff}), "fe80::/48"},
        {v6({0, 0, 0, 0, 0, 0xffff, 0xcb00, 0x714d}), "203.0.113.0/24"},
        {v6({0, 0, 0, 0, 1, 0xffff, 0xcb00, 0x714d}), "::/48"},
    };
    for (const row& r : rows)
        EXPECT_EQ(network_text(r.address), r.expected);
}

TEST(network, key_is_24_or_64_bits) {
    const network_key v4_key = network_of(octets{203, 0, 113, 77});
    EXPECT_EQ(v4_key, (network_key{0xcb0071, false}));
    EXPECT_EQ(v4_key, network_of(octets{203, 0, 113, 1}));
    EXPECT_NE(v4_key, network_of(octets{203, 0, 114, 77}));
    EXPECT_EQ(v4_key, network_of(v6({0, 0, 0, 0, 0, 0xffff, 0xcb00, 0x71ff})));

    const network_key v6_key = network_of(v6({0x2001, 0xdb8, 1, 2, 3, 4, 5, 6}));
    EXPECT_EQ(v6_key, (network_key{0x20010db800010002, true}));
    EXPECT_EQ(v6_key, network_of(v6({0x2001, 0xdb8, 1, 2})));
    EXPECT_NE(v6_key, network_of(v6({0x2001, 0xdb8, 1, 3})));
    EXPECT_NE(network_of(v6({})), network_of(octets{0, 0, 0, 0})) << "families are apart";
}

}  // namespace
}  // namespace hikyaku::gateway::links
