// The examples of docs/migrating.md and what the sample file shows as comments: they load.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "config/load.hpp"
#include "tests/unit/config/support.hpp"

namespace hikyaku::config {
namespace {

using test::world;

std::string read(const std::string& path) {
    std::ifstream in{HIKYAKU_SOURCE_DIR "/" + path, std::ios::binary};
    EXPECT_TRUE(in) << path;
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

/// What stands between "```toml" and "```".
std::vector<std::string> examples_in(const std::string& page) {
    constexpr std::string_view opening = "```toml\n", closing = "\n```\n";
    std::vector<std::string> list;
    for (auto at = page.find(opening); at != std::string::npos; at = page.find(opening, at)) {
        at += opening.size();
        list.push_back(page.substr(at, page.find(closing, at) - at) + "\n");
    }
    return list;
}

TEST(guides, examples_of_the_migration_load) {
    const auto examples = examples_in(read("docs/migrating.md"));
    ASSERT_EQ(examples.size(), 2U);
    for (const std::string& each : examples) {
        const auto got = world{}.load(each);
        ASSERT_TRUE(got) << describe(got.error()) << each;
        EXPECT_EQ(describe(got->warnings), "") << each;
        ASSERT_EQ(got->values.carriers.size(), 1U);
        const carrier& north = got->values.carriers[0];
        EXPECT_EQ(north.response_id, message_id_form::hexadecimal);
        EXPECT_EQ(north.receipt_id, message_id_form::decimal);
        EXPECT_EQ(north.contract_rate, (rate{50, milliseconds{1000}}));
        EXPECT_EQ(got->values.accounts.at(0).senders, std::vector<std::string>{"Shop"});
        EXPECT_EQ(got->values.routes.at(0).targets.at(0).carrier, "north");
    }
}

/// The sample with every commented setting switched on: "# key = value", and "# [[carrier]]".
TEST(guides, comments_of_the_sample_load) {
    std::istringstream lines{read("config/hikyaku.toml")};
    std::string text;
    std::size_t switched_on = 0;
    for (std::string line; std::getline(lines, line);) {
        const auto equals = line.find(" = ");
        const bool setting = line.starts_with("# ") && equals != std::string::npos &&
                             line.substr(2, equals - 2).find(' ') == std::string::npos;
        if (setting || line.starts_with("# [[")) {
            line.erase(0, 2);
            ++switched_on;
        }
        text += line + "\n";
    }
    EXPECT_GE(switched_on, 20U);
    world w;
    for (const char* name : {"outbind", "dunning-sendsms", "dunning-webhook-old", "japan"})
        w.files["/run/secrets/" + std::string{name}] = "secret\n";
    const auto got = w.load(text);
    ASSERT_TRUE(got) << describe(got.error()) << text;
    ASSERT_EQ(got->values.carriers.size(), 3U);
    EXPECT_EQ(got->values.carriers[2].text.profile, "docomo");
    EXPECT_TRUE(got->values.http.sendsms);
    EXPECT_TRUE(got->values.accounts.at(0).outbind);
}

}  // namespace
}  // namespace hikyaku::config
