// Where a webhook or a callback may go: URLs, and the addresses that are no private ones.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "gateway/io/http_client_connection.hpp"
#include "gateway/io/networks.hpp"

namespace hikyaku::gateway::io {
namespace {

TEST(http_target, urls) {
    const auto simple = parse_http_url("https://app.example/hook?a=1#f");
    ASSERT_TRUE(simple);
    EXPECT_TRUE(simple->tls);
    EXPECT_EQ(simple->host, "app.example");
    EXPECT_EQ(simple->port, 443);
    EXPECT_EQ(simple->host_header, "app.example");
    EXPECT_EQ(simple->path, "/hook?a=1");
    const auto v6 = parse_http_url("http://[2001:db8::1]:8080");
    ASSERT_TRUE(v6);
    EXPECT_FALSE(v6->tls);
    EXPECT_EQ(v6->host, "2001:db8::1");
    EXPECT_EQ(v6->port, 8080);
    EXPECT_EQ(v6->host_header, "[2001:db8::1]:8080");
    EXPECT_EQ(v6->path, "/");
    EXPECT_EQ(parse_http_url("http://app.example?x=1")->path, "/?x=1");
    for (const std::string_view url :
         {"", "app.example", "/hook", "ftp://app.example/", "https:///hook",
          "https://u:p@app.example/", "https://app.example:0/", "https://app.example:99999/",
          "https://app example/", "https://app.example/\r\nX: y"})
        EXPECT_FALSE(parse_http_url(url)) << url;
}

TEST(http_target, public_addresses) {
    for (const char* text : {"8.8.8.8", "1.1.1.1", "172.15.255.255", "172.32.0.1", "100.128.0.1",
                             "192.167.1.1", "169.253.1.1", "223.255.255.255", "2606:4700::1111",
                             "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"})
        EXPECT_TRUE(is_public_address(boost::asio::ip::make_address(text))) << text;
    for (const char* text : {"0.0.0.0",
                             "10.0.0.1",
                             "100.64.0.1",
                             "127.0.0.1",
                             "127.255.255.254",
                             "169.254.169.254",
                             "172.16.0.1",
                             "172.31.255.255",
                             "192.0.0.1",
                             "192.0.2.1",
                             "192.168.0.1",
                             "198.18.0.1",
                             "198.19.255.255",
                             "198.51.100.1",
                             "203.0.113.1",
                             "224.0.0.1",
                             "255.255.255.255",
                             "::",
                             "::1",
                             "::ffff:127.0.0.1",
                             "::ffff:10.0.0.1",
                             "::127.0.0.1",
                             "fe80::1",
                             "fc00::1",
                             "fd12:3456::1",
                             "fec0::1",
                             "ff02::1",
                             "2001:db8::1",
                             "2001::1",
                             "64:ff9b::7f00:1",
                             "64:ff9b:1::1",
                             "2002:7f00:1::1",
                             "2002:a00:1::1",
                             "100::1"})
        EXPECT_FALSE(is_public_address(boost::asio::ip::make_address(text))) << text;
}

// Each block of IANA's special-purpose registries that is no global unicast: its first and its last
// address, and its neighbours where they are public. As text, so that nothing is computed alike.
struct address_block {
    const char* first;
    const char* last;
    const char* before = nullptr;
    const char* behind = nullptr;
};

constexpr address_block v4_blocks[] = {
    {"0.0.0.0", "0.255.255.255", nullptr, "1.0.0.0"},
    {"10.0.0.0", "10.255.255.255", "9.255.255.255", "11.0.0.0"},
    {"100.64.0.0", "100.127.255.255", "100.63.255.255", "100.128.0.0"},
    {"127.0.0.0", "127.255.255.255", "126.255.255.255", "128.0.0.0"},
    {"169.254.0.0", "169.254.255.255", "169.253.255.255", "169.255.0.0"},
    {"172.16.0.0", "172.31.255.255", "172.15.255.255", "172.32.0.0"},
    {"192.0.0.0", "192.0.0.255", "191.255.255.255", "192.0.1.0"},
    {"192.0.2.0", "192.0.2.255", "192.0.1.255", "192.0.3.0"},
    {"192.88.99.0", "192.88.99.255", "192.88.98.255", "192.88.100.0"},
    {"192.168.0.0", "192.168.255.255", "192.167.255.255", "192.169.0.0"},
    {"198.18.0.0", "198.19.255.255", "198.17.255.255", "198.20.0.0"},
    {"198.51.100.0", "198.51.100.255", "198.51.99.255", "198.51.101.0"},
    {"203.0.113.0", "203.0.113.255", "203.0.112.255", "203.0.114.0"},
    {"224.0.0.0", "239.255.255.255", "223.255.255.255"},
    {"240.0.0.0", "255.255.255.255"},
};

constexpr address_block v6_blocks[] = {
    {"::", "64:ff9a:ffff:ffff:ffff:ffff:ffff:ffff"},
    {"64:ff9b::1:0:0", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", nullptr, "2000::"},
    {"2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", "2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
     "2001:200::"},
    {"2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
     "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::"},
    {"3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", "3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
     "3fff:1000::"},
    {"4000::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
     "3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
    {"fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
    {"fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
    {"fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
    {"ff00::", "ff02::1"},
};

bool is_public(const std::string& text) {
    return is_public_address(boost::asio::ip::make_address(text));
}

TEST(http_target, the_bounds_of_each_block) {
    const auto expect_bounds = [](const address_block& block) {
        for (const char* inside : {block.first, block.last})
            EXPECT_FALSE(is_public(inside)) << inside;
        for (const char* outside : {block.before, block.behind})
            if (outside != nullptr) EXPECT_TRUE(is_public(outside)) << outside;
    };
    std::ranges::for_each(v4_blocks, expect_bounds);
    std::ranges::for_each(v6_blocks, expect_bounds);
}

TEST(http_target, the_bounds_of_each_block_wrapped_into_ipv6) {
    const auto wrapped = [](const char* text) {
        const auto number = boost::asio::ip::make_address_v4(text).to_uint();
        return std::vector{
            fmt::format("::ffff:{}", text), fmt::format("64:ff9b::{}", text),
            fmt::format("2002:{:x}:{:x}::1", number >> 16, number & 0xFFFF),
            fmt::format("2002:{:x}:{:x}:ffff:808:808:808:808", number >> 16, number & 0xFFFF)};
    };
    for (const auto& block : v4_blocks) {
        for (const char* inside : {block.first, block.last})
            for (const auto& text : wrapped(inside))
                EXPECT_FALSE(is_public(text)) << text;
        for (const char* outside : {block.before, block.behind}) {
            if (outside == nullptr) continue;
            for (const auto& text : wrapped(outside))
                EXPECT_TRUE(is_public(text)) << text;
        }
    }
}

}  // namespace
}  // namespace hikyaku::gateway::io
