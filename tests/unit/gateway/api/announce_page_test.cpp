// The page by which people check a message.
#include <gtest/gtest.h>

#include "gateway/api/announce/announce.hpp"

namespace hikyaku::gateway::api {
namespace {

announcement shop() {
    announcement made;
    made.says = {.name = "Shop & <Co>", .samples = {"Your \"order\""}, .contact = "0120-000-000"};
    made.used = {.senders = {"Shop"}, .domains = {"go.shop.example"}};
    return made;
}

TEST(announce_page, says_all_of_it_and_nothing_as_markup) {
    const announcement all[] = {shop()};
    const auto page = announce_page(all);
    EXPECT_EQ(page.status, 200U);
    for (const std::string_view words :
         {"Shop &amp; &lt;Co&gt;", "<li>Shop</li>", "<li>go.shop.example</li>",
          "Your &quot;order&quot;", "0120-000-000"})
        EXPECT_NE(page.body.find(words), std::string::npos) << words;
    EXPECT_EQ(page.body.find("<script"), std::string::npos);
    EXPECT_EQ(announce_page({}).status, 200U);
}

TEST(announce_page, as_json) {
    const announcement all[] = {shop()};
    EXPECT_EQ(announce_document(all).body,
              R"({"businesses":[{"name":"Shop & <Co>","senders":["Shop"],)"
              R"("domains":["go.shop.example"],"samples":["Your \"order\""],)"
              R"("how_to_check":null,"contact":"0120-000-000","complete":true}]})");
    EXPECT_EQ(escape_html("a\xFF<b>'"), "a\xEF\xBF\xBD&lt;b&gt;&#39;");
}

}  // namespace
}  // namespace hikyaku::gateway::api
