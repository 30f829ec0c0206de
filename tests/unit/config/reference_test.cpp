// The settings table against the structs and the reference page, and the effective print.
#include "config/reference.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "config/table.hpp"
#include "tests/unit/config/support.hpp"

namespace hikyaku::config {
namespace {

using test::world;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(table, defaults_are_those_of_the_structs) {
    std::size_t compared = 0;
    for (const section* each : all_sections())
        for (const setting& s : each->settings) {
            if (s.form == kind::table || s.print(s, each->defaults).empty()) continue;
            EXPECT_EQ(s.print(s, each->defaults), s.default_text) << each->heading << " " << s.key;
            ++compared;
        }
    EXPECT_GT(compared, 150U);
}

TEST(table, every_line_is_complete) {
    std::set<std::string_view> headings;
    for (const section* each : all_sections()) {
        EXPECT_TRUE(headings.insert(each->heading).second) << each->heading;
        std::set<std::string_view> keys;
        for (const setting& s : each->settings) {
            SCOPED_TRACE(std::string{each->heading} + " " + std::string{s.key});
            EXPECT_TRUE(keys.insert(s.key).second);
            EXPECT_TRUE(s.read && s.print);
            EXPECT_LE(s.min, s.max);
            EXPECT_EQ(s.form == kind::count || s.form == kind::rate, !s.unit.empty());
            EXPECT_EQ(s.form == kind::choice, !s.choices.empty());
            EXPECT_EQ(s.form == kind::table, s.nested != nullptr);
            if (each->heading.empty() || each->heading == "[server]") continue;
            EXPECT_FALSE(s.sentence.empty());
            EXPECT_FALSE(s.sentence.ends_with('.'));
            EXPECT_EQ(s.sentence.find('|'), std::string_view::npos);
        }
    }
}

std::string page_path() {
    return HIKYAKU_SOURCE_DIR "/docs/config.md";
}

TEST(reference, page_is_up_to_date) {
    std::ifstream in{page_path(), std::ios::binary};
    std::stringstream page;
    page << in.rdbuf();
    EXPECT_EQ(page.str(), markdown_reference()) << "run: ./dev docs";
}

TEST(reference, names_keys_types_and_defaults) {
    const std::string page = markdown_reference();
    EXPECT_THAT(page, HasSubstr("\n## `[server.smpp]`\n"));
    EXPECT_THAT(page, HasSubstr("\n### rate of [[account]]\n"));
    EXPECT_THAT(page, HasSubstr("| `code_length` | number | `10` | characters, 10 to 32 |"));
    EXPECT_THAT(page, HasSubstr("| `password` | text, *secret* | `\"\"` |"));
    EXPECT_THAT(page, HasSubstr("| `hosts` | list of addresses | `[]` |"));
    EXPECT_THAT(page, HasSubstr("| `system_id` | text | required |"));
    EXPECT_THAT(page, HasSubstr("| `retention` | duration | `\"30d\"` | 1m to 3650d |"));
    EXPECT_THAT(page, Not(HasSubstr("`[server]`")));
}

constexpr std::string_view sample = R"(
[server.links]
listen = "127.0.0.1:9"
base_url = "https://pay.example"
trusted_proxies = ["10.0.0.0/8"]
[[account]]
name = "a"
system_id = "a"
password = "hidden-1"
rate = { per_second = "50/s", burst = 60, on_excess = "pace" }
webhook = { url = "https://x.example", secret = "hidden-2", secret_previous = "hidden-3" }
[[carrier]]
name = "c"
hosts = ["h.example:1", "[::1]:2"]
system_id = "s"
password = "hidden-4"
source_npi = 9
retry = [{ status = "ESME_RTHROTTLED", action = "retry", delay = "2s" }]
[[route]]
name = "r"
prefixes = ["49"]
carrier = "c"
)";

TEST(effective, masks_secrets_and_shows_the_rest) {
    world w;
    w.variables = {{"T", "hidden-5"}};
    std::string text{sample};
    text.replace(text.find("system_id"), 0, "api_tokens = ['${T}', 'hidden-6']\n");
    const auto got = w.load(text);
    ASSERT_TRUE(got) << describe(got.error());
    const std::string shown = effective_text(got->values);
    EXPECT_THAT(shown, Not(HasSubstr("hidden")));
    EXPECT_THAT(shown, HasSubstr("\npassword = \"********\"\n"));
    EXPECT_THAT(shown, HasSubstr("\npassword_hash = \"\"\n"));
    EXPECT_THAT(shown, HasSubstr("\napi_tokens = [\"********\", \"********\"]\n"));
    EXPECT_THAT(shown, HasSubstr("secret = \"********\", secret_previous = \"********\""));
    EXPECT_THAT(shown, HasSubstr("\ntrusted_proxies = [\"10.0.0.0/8\"]\n"));
    EXPECT_THAT(shown, HasSubstr("\nhosts = [\"h.example:1\", \"[::1]:2\"]\n"));
    EXPECT_THAT(shown, HasSubstr("{ status = \"0x00000058\", action = \"retry\", delay = \"2s\""));
    EXPECT_THAT(shown, HasSubstr("\nexpires_after = \"90d\"\n"));
    EXPECT_THAT(shown, HasSubstr("\nsource_npi = 9\n"));
    EXPECT_THAT(shown, Not(HasSubstr("source_ton")));
}

TEST(effective, masks_what_is_secret_in_urls) {
    const auto got = world{}.load(R"(
[server.http]
sendsms = true
[[account]]
name = "a"
api_tokens = ["0123456789012345678901"]
webhook = { url = "https://x.example:8443/in/a?hidden-1=1#hidden-2", secret = "s" }
sendsms = { username = "u", password = "p", reply_url = "https://y.example?t=hidden-3&p=%p" }
links = { track = true, base_url = "https://pay.example/l" }
[[account]]
name = "b"
api_tokens = ["9123456789012345678901"]
webhook = { url = "https://x.example/#hidden-4?", secret = "s" }
[server.links]
base_url = "https://go.example"
)");
    ASSERT_TRUE(got) << describe(got.error());
    auto values = got->values;
    std::string shown = effective_text(values);
    EXPECT_THAT(shown, Not(HasSubstr("hidden")));
    EXPECT_THAT(shown, HasSubstr("url = \"https://x.example:8443/in/a?********\""));
    EXPECT_THAT(shown, HasSubstr("reply_url = \"https://y.example?********\""));
    EXPECT_THAT(shown, HasSubstr("url = \"https://x.example/#********\""));
    EXPECT_THAT(shown, HasSubstr("base_url = \"https://pay.example/l\""));
    EXPECT_THAT(shown, HasSubstr("base_url = \"https://go.example\""));
    // Whatever setting a URL stands in, and whatever it looks like.
    for (const auto& [written, expected] :
         {std::pair{"http://hidden:hidden@h.example/p@q", "http://********@h.example/p@q"},
          std::pair{"HTTPS://hidden@h", "HTTPS://********@h"},
          std::pair{"http://hidden@hidden@h?hidden", "http://********@h?********"},
          std::pair{"http://h?a@hidden", "http://h?********"}, std::pair{"http://", "http://"},
          std::pair{"://hidden@", "://********@"}, std::pair{"no url at all?", "no url at all?"}}) {
        values.accounts[0].name = written;
        EXPECT_THAT(effective_text(values), HasSubstr(std::string("name = \"") + expected + "\""));
    }
}

TEST(effective, loads_again_as_the_same) {
    const auto first = world{}.load(sample);
    ASSERT_TRUE(first) << describe(first.error());
    const std::string once = effective_text(first->values);
    const auto second = world{}.load(once);
    ASSERT_TRUE(second) << describe(second.error()) << once;
    EXPECT_EQ(effective_text(second->values), once);
    EXPECT_EQ(second->values.accounts[0].password, "********");
    EXPECT_EQ(second->values.carriers[0].retries.at(0x58).delay, seconds{2});
}

}  // namespace
}  // namespace hikyaku::config
