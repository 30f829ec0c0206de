// [account.replies]: whose replies are read, by which rules, and what is answered.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/load.hpp"
#include "tests/unit/config/support.hpp"

namespace hikyaku::config {
namespace {

using test::world;
using ::testing::HasSubstr;

std::string with_replies(std::string_view lines) {
    return "[[account]]\nname = 'a'\napi_tokens = ['a-long-token-of-twenty-chars']\n"
           "[account.replies]\n" +
           std::string(lines) + "\n";
}

TEST(account_replies, are_read_with_a_policy_or_where_the_account_says_so) {
    EXPECT_FALSE(account{}.reads_replies());
    account with_policy;
    with_policy.policy = "uk";
    EXPECT_TRUE(with_policy.reads_replies());
    EXPECT_TRUE(world{}.load(with_replies("read = true"))->values.accounts[0].reads_replies());
}

TEST(account_replies, texts_of_a_language_stand_beside_those_of_all) {
    const auto read =
        world{}.load(with_replies("stop_text = 'gone'\n[[account.replies.texts]]\nlanguage = 'ja'\n"
                                  "stop_text = '停止'"));
    ASSERT_TRUE(read);
    const auto& replies = read->values.accounts[0].replies;
    EXPECT_EQ(replies.stop, "gone");
    ASSERT_EQ(replies.texts.size(), 1U);
    EXPECT_EQ(replies.texts[0].language, reply_language::japanese);
    EXPECT_EQ(replies.texts[0].stop, "停止");
}

TEST(account_replies, rules_are_a_file_whose_faults_have_their_lines) {
    world there;
    const auto of = [&](std::string_view text) {
        there.files["own.toml"] = text;
        return there.faults_of(with_replies("rules = 'own.toml'"));
    };
    EXPECT_THAT(world{}.faults_of(with_replies("rules = 'none.toml'")),
                HasSubstr("test.toml:5: the file 'none.toml' cannot be read"));
    EXPECT_EQ(of("language = \"en\"\nwhat = 1\n"), "own.toml:2: 'what' is no key of this file\n");
    const std::string rule =
        "language = \"en\"\n[[rule]]\nintent = \"stop\"\nconfidence = 0.9\nmatch = [\"x\"]\n";
    EXPECT_EQ(of(rule), "");
    auto from = there.as_sources();
    from.check_reply_rules = [](const reply_rules& rules) {
        return std::optional(reply_rules_fault{rules.rules.at(0).line, "is no pattern"});
    };
    const auto checked = load_text(with_replies("rules = 'own.toml'"), "test.toml", from);
    ASSERT_TRUE(checked.has_error());
    EXPECT_EQ(describe(checked.error()), "own.toml:2: is no pattern\n");
    EXPECT_EQ(there.load(with_replies("rules = 'own.toml'"))->values.accounts[0].replies.own_rules,
              (std::vector<reply_rules>{*parse_reply_rules(rule)}));
}

TEST(account_replies, numbers_may_be_shared) {
    EXPECT_EQ(world{}.faults_of("[[account]]\nname = 'a'\napi_tokens = ['t']\nnumbers = ['1']\n"
                                "[[account]]\nname = 'b'\napi_tokens = ['u']\nnumbers = ['1']\n"),
              "");
}

}  // namespace
}  // namespace hikyaku::config
