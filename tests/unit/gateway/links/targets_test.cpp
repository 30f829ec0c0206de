// Where the URLs of an account's messages may lead.
#include "gateway/links/targets.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace hikyaku::gateway::links {
namespace {

const std::vector<std::string> allowed{"shop.example", "*.pay.example.jp", "bank.example/pay/",
                                       "test.example:8443"};

TEST(targets, hosts_ports_and_paths) {
    const std::vector<std::pair<std::string_view, bool>> rows{
        {"https://shop.example", true},
        {"http://shop.example/", true},
        {"https://SHOP.example:443/any?x=1#y", true},
        {"https://shop.example:8443/", false},
        {"https://www.shop.example/", false},
        {"https://shop.example.evil.example/", false},
        {"https://evilshop.example/", false},
        {"https://shop.example@evil.example/", false},
        {"https://user@shop.example/", false},
        {"https://a.pay.example.jp/", true},
        {"https://a.b.pay.example.jp/", true},
        {"https://pay.example.jp/", false},
        {"https://xpay.example.jp/", false},
        {"https://bank.example/pay", true},
        {"https://bank.example/pay/7?a=b", true},
        {"https://bank.example/payments", false},
        {"https://bank.example/", false},
        {"https://bank.example/pay/../admin", false},
        {"https://bank.example/pay/%2e%2e/admin", false},
        {"https://bank.example/pay/..%2Fadmin", false},
        {"https://bank.example/%70ay/7", true},
        {"https://test.example:8443/", true},
        {"https://test.example/", false},
        {"https://192.0.2.1/", false},
        {"https://[2001:db8::1]/", false},
        {"no url", false},
    };
    for (const auto& [url, good] : rows)
        EXPECT_EQ(is_allowed_target(url, allowed), good) << url;
}

TEST(targets, the_first_foreign_url_of_a_text) {
    const auto find = [](std::string_view text) {
        return find_foreign_target(text, allowed, "https://links.example");
    };
    EXPECT_EQ(find("no link at all"), std::nullopt);
    EXPECT_EQ(find("Pay: https://shop.example/7. Thanks"), std::nullopt);
    EXPECT_EQ(find("https://links.example/7fW3kQ9xTz is ours"), std::nullopt);
    EXPECT_EQ(find("https://links.example.evil.example/x"), 0U);
    EXPECT_EQ(find("a https://shop.example and HTTPS://evil.example/x"), 27U);
    EXPECT_EQ(find("支払い:https://shop.example/7。"), std::nullopt);
    // Nobody can say where these lead.
    EXPECT_EQ(find("https://shop.example@evil.example/"), 0U);
    EXPECT_EQ(find("https://shop.exämple/"), 0U);
    EXPECT_EQ(find("https://shop.exampleü/"), 0U);
}

}  // namespace
}  // namespace hikyaku::gateway::links
