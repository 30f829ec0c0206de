#include "gateway/io/lockout_table.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace hikyaku::gateway::io {
namespace {

using namespace std::chrono_literals;
using boost::asio::ip::make_address;

constexpr lockout_table::time_point start{1000h};

config::lockout three_in_a_minute() {
    config::lockout settings;
    settings.failures_max = 3;
    settings.within = 60s;
    settings.lasts = 300s;
    settings.addresses_max = 4;
    return settings;
}

class lockout : public ::testing::Test {
protected:
    bool fail(const std::string& from, std::chrono::seconds after = 0s) {
        return table.on_failure(make_address(from), start + after);
    }
    [[nodiscard]] bool locked(const std::string& from, std::chrono::seconds after = 0s) const {
        return table.is_locked(make_address(from), start + after);
    }
    config::lockout settings = three_in_a_minute();
    lockout_table table{settings};
};

TEST_F(lockout, begins_with_the_last_allowed_failure_and_ends_with_its_time) {
    EXPECT_FALSE(fail("192.0.2.1"));
    EXPECT_FALSE(fail("192.0.2.1", 10s));
    EXPECT_FALSE(locked("192.0.2.1", 10s));
    EXPECT_TRUE(fail("192.0.2.1", 20s));  // told once
    EXPECT_TRUE(locked("192.0.2.1", 20s));
    EXPECT_EQ(table.locked(start + 20s), 1U);
    EXPECT_FALSE(fail("192.0.2.1", 21s));
    EXPECT_TRUE(locked("192.0.2.1", 320s));
    EXPECT_FALSE(locked("192.0.2.1", 321s));
    EXPECT_EQ(table.locked(start + 321s), 0U);
    EXPECT_FALSE(locked("192.0.2.2", 20s));
}

TEST_F(lockout, begins_to_count_anew_after_it_or_after_a_quiet_time) {
    fail("192.0.2.1");
    fail("192.0.2.1", 1s);
    EXPECT_FALSE(fail("192.0.2.1", 62s));  // more than `within` later: the first
    EXPECT_FALSE(fail("192.0.2.1", 63s));
    EXPECT_TRUE(fail("192.0.2.1", 64s));
    EXPECT_FALSE(fail("192.0.2.1", 364s));  // the lock is over
    EXPECT_FALSE(fail("192.0.2.1", 365s));
    EXPECT_TRUE(fail("192.0.2.1", 366s));
}

TEST_F(lockout, a_right_password_clears) {
    fail("192.0.2.1");
    fail("192.0.2.1");
    table.on_success(make_address("192.0.2.1"));
    EXPECT_EQ(table.size(), 0U);
    EXPECT_FALSE(fail("192.0.2.1"));
    table.on_success(make_address("192.0.2.9"));  // nothing to clear
    EXPECT_EQ(table.size(), 1U);
}

TEST_F(lockout, counts_ipv6_by_its_64_and_mapped_ipv4_as_ipv4) {
    fail("2001:db8:1:2::1");
    fail("2001:db8:1:2:ffff::9");
    EXPECT_TRUE(fail("2001:db8:1:2:3:4:5:6"));
    EXPECT_TRUE(locked("2001:db8:1:2::ffff"));
    EXPECT_FALSE(locked("2001:db8:1:3::1"));
    fail("192.0.2.1");
    fail("::ffff:192.0.2.1");
    EXPECT_TRUE(fail("192.0.2.1"));
    EXPECT_TRUE(locked("::ffff:192.0.2.1"));
    EXPECT_FALSE(locked("::ffff:192.0.2.2"));
}

TEST_F(lockout, remembers_no_more_than_it_may_and_forgets_the_oldest) {
    for (const auto* from : {"192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"})
        fail(from);
    fail("192.0.2.1", 1s);
    fail("192.0.2.5", 2s);  // instead of .2, which failed longest ago
    EXPECT_EQ(table.size(), 4U);
    EXPECT_TRUE(fail("192.0.2.1", 3s));
    fail("192.0.2.2", 4s);
    fail("192.0.2.2", 4s);
    EXPECT_FALSE(locked("192.0.2.2", 4s));  // its first failure is forgotten
}

TEST_F(lockout, another_account_s_right_password_clears_nothing) {
    const auto from = boost::asio::ip::make_address("192.0.2.1");
    settings.failures_max = 3;
    (void)table.on_failure(from, start, "victim");
    (void)table.on_failure(from, start, "victim");
    table.on_success(from, "own");
    EXPECT_TRUE(table.on_failure(from, start, "victim"));
    const auto other = boost::asio::ip::make_address("192.0.2.2");
    (void)table.on_failure(other, start, "own");
    (void)table.on_failure(other, start, "own");
    table.on_success(other, "own");
    EXPECT_FALSE(table.on_failure(other, start, "own"));
}

// Whose failures they were, whose right password comes then, and whether it clears them.
TEST_F(lockout, only_failures_of_one_name_are_cleared_and_only_by_it) {
    settings.failures_max = 10;
    struct row {
        std::vector<std::string> failed;
        std::string right;
        bool cleared;
    };
    const row rows[] = {
        {{"own"}, "own", true},
        {{"own", "own"}, "own", true},
        {{"victim"}, "own", false},
        {{"victim", "own"}, "own", false},
        {{"own", "victim"}, "own", false},
        {{"victim", "own", "own"}, "own", false},
        {{"own", "victim", "own"}, "own", false},
        {{"victim", "victim", "own"}, "own", false},
        {{"victim", "own", "own", "own", "own"}, "own", false},
        {{"one", "two", "three", "own"}, "own", false},
        {{"victim", "own", "own"}, "victim", false},
        {{""}, "", true},
    };
    const auto from = make_address("192.0.2.1");
    for (const auto& [failed, right, cleared] : rows) {
        lockout_table own(settings);
        std::string trace;
        for (const auto& name : failed) {
            EXPECT_FALSE(own.on_failure(from, start, name));
            trace += name + " ";
        }
        own.on_success(from, right);
        EXPECT_EQ(own.size(), cleared ? 0U : 1U) << trace << "then right: " << right;
        // What is left of the failures locks with the rest.
        const auto left = settings.failures_max - (cleared ? 0 : failed.size());
        for (std::size_t i = 1; i < left; ++i)
            EXPECT_FALSE(own.on_failure(from, start, "own")) << trace << i;
        EXPECT_TRUE(own.on_failure(from, start, "own")) << trace;
    }
}

TEST_F(lockout, old_failures_of_another_name_do_not_keep_those_that_count_from_being_cleared) {
    const auto from = make_address("192.0.2.1");
    (void)table.on_failure(from, start, "victim");
    (void)table.on_failure(from, start + 61s, "own");  // the first is too old to count
    table.on_success(from, "own");
    EXPECT_EQ(table.size(), 0U);
}

TEST_F(lockout, a_failure_during_the_lock_prolongs_it_and_is_told_to_nobody) {
    EXPECT_FALSE(fail("192.0.2.1"));
    EXPECT_FALSE(fail("192.0.2.1"));
    EXPECT_TRUE(fail("192.0.2.1"));
    EXPECT_FALSE(fail("192.0.2.1", 200s));
    EXPECT_TRUE(locked("192.0.2.1", 499s));
    EXPECT_FALSE(locked("192.0.2.1", 500s));
}

TEST_F(lockout, within_and_lasts_count_to_the_second) {
    fail("192.0.2.1");
    fail("192.0.2.1", 60s);
    EXPECT_TRUE(fail("192.0.2.1", 120s)) << "each within a minute of the one before";
    fail("192.0.2.2");
    fail("192.0.2.2", 61s);
    EXPECT_FALSE(fail("192.0.2.2", 122s));
}

TEST_F(lockout, its_table_forgets_a_lock_only_for_lack_of_room) {
    settings.failures_max = 1;
    EXPECT_TRUE(fail("192.0.2.1"));
    for (const auto* from : {"192.0.2.2", "192.0.2.3", "192.0.2.4"})
        EXPECT_TRUE(fail(from, 1s));
    EXPECT_EQ(table.locked(start + 1s), 4U);
    EXPECT_TRUE(fail("192.0.2.5", 1s));
    EXPECT_EQ(table.locked(start + 1s), 4U);
    EXPECT_FALSE(locked("192.0.2.1", 1s));
    settings.addresses_max = 0;
    lockout_table none(settings);
    EXPECT_FALSE(none.on_failure(make_address("192.0.2.1"), start));
    EXPECT_EQ(none.size(), 0U);
}

TEST_F(lockout, spares_exempt_networks) {
    config::network ten;
    ten.bytes = {10};
    ten.prefix_bits = 8;
    settings.exempt = {ten};
    for (int i = 0; i < 10; ++i)
        EXPECT_FALSE(fail("10.1.2.3"));
    EXPECT_FALSE(locked("10.1.2.3"));
    EXPECT_EQ(table.size(), 0U);
}

TEST_F(lockout, is_off_with_zero_failures) {
    settings.failures_max = 0;
    for (int i = 0; i < 10; ++i)
        EXPECT_FALSE(fail("192.0.2.1"));
    EXPECT_FALSE(locked("192.0.2.1"));
}

}  // namespace
}  // namespace hikyaku::gateway::io
