#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "gateway/io/logging.hpp"
#include "gateway/io/password_pool.hpp"
#include "gateway/io/smpp_carrier_client.hpp"
#include "gateway/io/spawn.hpp"

namespace hikyaku::gateway::io {
namespace {

using std::chrono::milliseconds;

TEST(logging, masks_all_but_the_last_three) {
    EXPECT_EQ(mask("4917012345"), "*******345");
    EXPECT_EQ(mask("1234"), "*234");
    EXPECT_EQ(mask("123"), "***");
    EXPECT_EQ(mask(""), "");
}

TEST(logging, writes_text_and_json) {
    EXPECT_EQ(format_log_line(false, "bound", {{"account", "shop"}, {"port", 2775}}),
              "bound account=shop port=2775");
    EXPECT_EQ(format_log_line(false, "x", {{"why", "two words"}, {"empty", ""}}),
              "x why=\"two words\" empty=\"\"");
    EXPECT_EQ(format_log_line(true, "bound", {{"account", "shop"}, {"port", 2775}}),
              "\"message\":\"bound\",\"account\":\"shop\",\"port\":2775");
}

TEST(logging, masks_whole_characters) {
    EXPECT_EQ(mask("Gr\xC3\xBC\xC3\x9F"), "****\xC3\x9F");
    EXPECT_EQ(mask("ab\xE6\x94\xAF"), "**\xE6\x94\xAF");
    EXPECT_EQ(mask("a\xF0\x9F\x98\x80"), "*****");
    EXPECT_EQ(mask("ab\xFF\xFE\xFD"), "**\xFF\xFE\xFD");
}

TEST(logging, lets_no_peer_forge_a_line) {
    const std::pair<std::string_view, std::string_view> rows[] = {
        {{"a\n\"b\xff", 5}, "a\\u000a\\\"b\xEF\xBF\xBD"},
        {{"\0\x1b[2J\r\x7f\t\\", 9}, "\\u0000\\u001b[2J\\u000d\\u007f\\u0009\\\\"},
        {"\xE6\x94\xAF \xF0\x9F\x98\x80", "\xE6\x94\xAF \xF0\x9F\x98\x80"},
        {"\xED\xA0\x80\xC0\x8A", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
        // Next line, the separators, right-to-left override, zero width, a tag beyond the first
        // plane.
        {"\xC2\x85\xE2\x80\xA8\xE2\x80\xA9\xE2\x80\xAE\xE2\x80\x8B\xEF\xBB\xBF\xF3\xA0\x81\x81",
         "\\u0085\\u2028\\u2029\\u202e\\u200b\\ufeff\\udb40\\udc41"},
    };
    for (const auto& [given, shown] : rows) {
        EXPECT_EQ(format_log_line(false, "x", {{"id", given}}), fmt::format("x id=\"{}\"", shown));
        EXPECT_EQ(format_log_line(true, "x", {{"id", given}}),
                  fmt::format("\"message\":\"x\",\"id\":\"{}\"", shown));
    }
}

boost::asio::awaitable<void> end_well() {
    co_return;
}
boost::asio::awaitable<void> end_badly() {
    throw std::runtime_error("broken");
    co_return;
}

TEST(tasks, counts_what_runs_and_what_fails) {
    boost::asio::io_context context;
    tasks running(context);
    running.spawn("good", end_well());
    running.spawn("bad", end_badly());
    EXPECT_EQ(running.running(), 2U);
    EXPECT_EQ(running.names(10), (std::vector<std::string>{"good", "bad"}));
    EXPECT_EQ(running.names(1), (std::vector<std::string>{"good"}));
    context.run();
    EXPECT_EQ(running.running(), 0U);
    EXPECT_EQ(running.started(), 2U);
    EXPECT_EQ(running.failed(), 1U);
}

/// The answers of checks in the order in which they came.
std::vector<password_verdict> check(
    password_pool& pool, boost::asio::io_context& context,
    const std::vector<std::pair<password_secret, std::string>>& all) {
    std::vector<password_verdict> answers;
    auto keep_running = boost::asio::make_work_guard(context);
    for (const auto& [secret, password] : all) {
        pool.verify("shop", secret, password, [&](password_verdict verdict) {
            answers.push_back(verdict);
            if (answers.size() == all.size()) keep_running.reset();
        });
        context.restart();
    }
    context.run();
    return answers;
}

TEST(password_pool, knows_right_from_wrong) {
    const auto hash = hash_password("right");
    ASSERT_TRUE(hash.starts_with("$argon2id$"));
    boost::asio::io_context context;
    password_pool pool(context, {.threads = 1, .waiting_max = 8, .decoy_hash = hash});
    using verdict = password_verdict;
    EXPECT_EQ(check(pool, context,
                    {{{hash, ""}, "right"},
                     {{hash, ""}, "wrong"},
                     {{hash, ""}, ""},
                     {{"", "plain"}, "plain"},
                     {{"", "plain"}, "plain "},
                     {{"", ""}, ""},
                     {{"", ""}, "anything"}}),
              (std::vector{verdict::right, verdict::wrong, verdict::wrong, verdict::right,
                           verdict::wrong, verdict::wrong, verdict::wrong}));
    EXPECT_EQ(pool.hashed(), 7U);
}

TEST(password_pool, remembers_a_good_password_and_nothing_else) {
    const auto hash = hash_password("right");
    const auto other = hash_password("right");
    boost::asio::io_context context;
    password_pool pool(context, {.threads = 1, .waiting_max = 8, .decoy_hash = hash});
    using verdict = password_verdict;
    EXPECT_EQ(check(pool, context, {{{hash, ""}, "right"}}), std::vector{verdict::right});
    EXPECT_EQ(pool.hashed(), 1U);
    EXPECT_EQ(check(pool, context, {{{hash, ""}, "right"}}), std::vector{verdict::right});
    EXPECT_EQ(pool.hashed(), 1U);
    EXPECT_EQ(check(pool, context, {{{hash, ""}, "wrong"}}), std::vector{verdict::wrong});
    EXPECT_EQ(pool.hashed(), 2U);
    // A new hash, even of the same password, is checked anew.
    EXPECT_EQ(check(pool, context, {{{other, ""}, "right"}}), std::vector{verdict::right});
    EXPECT_EQ(pool.hashed(), 3U);
}

TEST(password_pool, refuses_when_too_many_wait) {
    const auto hash = hash_password("right");
    boost::asio::io_context context;
    password_pool pool(context, {.threads = 0, .waiting_max = 2, .decoy_hash = hash});
    std::vector<password_verdict> answers;
    for (int i = 0; i < 3; ++i) {
        pool.verify(
            "shop", {hash, ""}, "right",
            [&](password_verdict verdict) { answers.push_back(verdict); });
    }
    context.run();
    EXPECT_EQ(answers, std::vector{password_verdict::busy});
    pool.stop();
    context.restart();
    context.run();
    EXPECT_EQ(answers.size(), 3U);
}

TEST(password_pool, answers_every_check_once_when_it_stops) {
    const auto hash = hash_password("right");
    boost::asio::io_context context;
    password_pool pool(context, {.threads = 2, .waiting_max = 8, .decoy_hash = hash});
    std::map<std::string, std::vector<password_verdict>> answers;
    const auto verify = [&](const std::string& account) {
        pool.verify(account, {hash, ""}, "right",
                    [&answers, account](auto verdict) { answers[account].push_back(verdict); });
    };
    for (const std::string account : {"a", "b", "c", "d", "e", "f", "g", "h"})
        verify(account);
    pool.stop();
    verify("later");
    context.run();
    EXPECT_EQ(answers.size(), 9U);
    for (const auto& [account, verdicts] : answers) {
        ASSERT_EQ(verdicts.size(), 1U) << account;
        EXPECT_NE(verdicts[0], password_verdict::wrong) << account;
    }
    EXPECT_EQ(answers["later"], std::vector{password_verdict::busy});
}

TEST(reconnect, waits_longer_after_each_failure_within_the_bounds) {
    const milliseconds min{1000}, max{60000};
    EXPECT_EQ(reconnect_delay(0, min, max, 0.0), min);
    EXPECT_EQ(reconnect_delay(0, min, max, 1.0), 2 * min);
    EXPECT_EQ(reconnect_delay(3, min, max, 1.0), 8 * min);
    EXPECT_EQ(reconnect_delay(3, min, max, 0.5), milliseconds(4500));
    EXPECT_EQ(reconnect_delay(30, min, max, 1.0), max);
    EXPECT_EQ(reconnect_delay(4'000'000'000U, min, max, 0.0), min);
    EXPECT_EQ(reconnect_delay(5, min, min, 1.0), min);
}

}  // namespace
}  // namespace hikyaku::gateway::io
