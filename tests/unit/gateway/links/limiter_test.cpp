// The limiter of unknown codes, the memory of recent hits, and the table below both.
#include "gateway/links/limiter.hpp"

#include <gtest/gtest.h>

#include <string>

#include "gateway/links/recent_hits.hpp"
#include "seeded_random.hpp"

namespace hikyaku::gateway::links {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr network_key home{0xcb0071, false};
constexpr network_key elsewhere{0xcb0072, false};

TEST(miss_limiter, refuses_after_the_count) {
    miss_limiter limiter(miss_rate{20, seconds(60)}, 100);
    const milliseconds now = seconds(1000);
    for (int i = 0; i < 20; ++i) {
        EXPECT_TRUE(limiter.allow(home, now)) << i;
        limiter.miss(home, now);
    }
    EXPECT_FALSE(limiter.allow(home, now));
    EXPECT_TRUE(limiter.allow(elsewhere, now));
    EXPECT_EQ(limiter.retry_after(home, now), milliseconds(3000));
    EXPECT_EQ(limiter.retry_after(elsewhere, now), milliseconds(0));
}

TEST(miss_limiter, asking_costs_nothing) {
    miss_limiter limiter(miss_rate{1, seconds(60)}, 100);
    for (int i = 0; i < 1000; ++i)
        EXPECT_TRUE(limiter.allow(home, milliseconds(i)));
    EXPECT_EQ(limiter.networks(), 0U);
}

TEST(miss_limiter, one_more_each_interval) {
    miss_limiter limiter(miss_rate{20, seconds(60)}, 100);  // one each 3 s
    const milliseconds start = seconds(5);
    for (int i = 0; i < 20; ++i)
        limiter.miss(home, start);
    EXPECT_FALSE(limiter.allow(home, start + milliseconds(2999)));
    EXPECT_TRUE(limiter.allow(home, start + milliseconds(3000)));
    limiter.miss(home, start + milliseconds(3000));
    EXPECT_FALSE(limiter.allow(home, start + milliseconds(5999)));
    EXPECT_TRUE(limiter.allow(home, start + milliseconds(6000)));
}

TEST(miss_limiter, everything_is_forgotten_after_a_period) {
    miss_limiter limiter(miss_rate{3, seconds(60)}, 100);
    for (int i = 0; i < 3; ++i)
        limiter.miss(home, milliseconds(0));
    for (int i = 0; i < 3; ++i) {
        EXPECT_TRUE(limiter.allow(home, seconds(60))) << i;
        limiter.miss(home, seconds(60));
    }
    EXPECT_FALSE(limiter.allow(home, seconds(60)));
}

TEST(miss_limiter, misses_while_refused_do_not_pile_up) {
    miss_limiter limiter(miss_rate{2, seconds(10)}, 100);
    for (int i = 0; i < 1000; ++i)
        limiter.miss(home, milliseconds(0));
    EXPECT_FALSE(limiter.allow(home, milliseconds(4999)));
    EXPECT_TRUE(limiter.allow(home, milliseconds(5000)));
}

TEST(miss_limiter, slow_misses_are_never_refused) {
    miss_limiter limiter(miss_rate{20, seconds(60)}, 100);
    for (int i = 0; i < 500; ++i) {
        EXPECT_TRUE(limiter.allow(home, seconds(3 * i))) << i;
        limiter.miss(home, seconds(3 * i));
    }
}

TEST(miss_limiter, guessing_all_day_gets_the_contracted_number) {
    miss_limiter limiter(miss_rate{20, seconds(60)}, 100);
    int tried = 0;
    for (milliseconds now{0}; now < seconds(600); now += milliseconds(100)) {
        if (!limiter.allow(home, now)) continue;
        ++tried;
        limiter.miss(home, now);
    }
    EXPECT_GE(tried, 20 + 199);
    EXPECT_LE(tried, 20 + 200);
}

TEST(miss_limiter, counts_that_do_not_divide_the_period) {
    miss_limiter limiter(miss_rate{7, milliseconds(1000)}, 100);
    int allowed = 0;
    for (; allowed < 100 && limiter.allow(home, milliseconds(0)); ++allowed)
        limiter.miss(home, milliseconds(0));
    EXPECT_EQ(allowed, 7);
    EXPECT_EQ(limiter.retry_after(home, milliseconds(0)), milliseconds(143)) << "rounded up";
    EXPECT_TRUE(limiter.allow(home, milliseconds(143)));
}

TEST(miss_limiter, unlimited) {
    miss_limiter limiter(std::nullopt, 100);
    for (int i = 0; i < 1000; ++i)
        limiter.miss(home, milliseconds(0));
    EXPECT_TRUE(limiter.allow(home, milliseconds(0)));
    EXPECT_EQ(limiter.retry_after(home, milliseconds(0)), milliseconds(0));
    EXPECT_EQ(limiter.networks(), 0U);
}

TEST(miss_limiter, memory_is_bounded_and_the_stalest_goes_first) {
    seeded_random source{3};
    miss_limiter limiter(miss_rate{2, seconds(60)}, 64, source);
    EXPECT_EQ(limiter.networks_max(), 64U);
    for (std::uint64_t i = 0; i < 10000; ++i)
        limiter.miss(network_key{i, true}, milliseconds(static_cast<std::int64_t>(i)));
    EXPECT_EQ(limiter.networks(), 64U);

    // A network that has used up its misses outlives ten thousand that missed once.
    limiter.miss(home, seconds(20));
    limiter.miss(home, seconds(20));
    for (std::uint64_t i = 0; i < 10000; ++i)
        limiter.miss(network_key{i, true}, seconds(20));
    EXPECT_FALSE(limiter.allow(home, seconds(20)));
    EXPECT_EQ(limiter.networks(), 64U);
}

TEST(network_table, capacity_is_rounded_up_to_rows) {
    EXPECT_EQ(miss_limiter(miss_rate{}, 1).networks_max(), 8U);
    EXPECT_EQ(miss_limiter(miss_rate{}, 9).networks_max(), 16U);
    EXPECT_EQ(recent_hits(1000).networks_max(), 1000U);
}

TEST(network_table, families_do_not_meet) {
    miss_limiter limiter(miss_rate{1, seconds(60)}, 100);
    limiter.miss(network_key{5, false}, milliseconds(0));
    EXPECT_FALSE(limiter.allow(network_key{5, false}, milliseconds(0)));
    EXPECT_TRUE(limiter.allow(network_key{5, true}, milliseconds(0)));
}

std::string code_number(int i) {
    return "code" + std::to_string(100000 + i);
}

TEST(recent_hits, counts_other_codes_only) {
    recent_hits hits(100);
    EXPECT_EQ(hits.note(home, "aaaaaaaaaa", seconds(1)), 0U);
    EXPECT_EQ(hits.note(home, "aaaaaaaaaa", seconds(2)), 0U) << "the same phone again";
    EXPECT_EQ(hits.note(home, "bbbbbbbbbb", seconds(3)), 1U);
    EXPECT_EQ(hits.note(home, "aaaaaaaaaa", seconds(4)), 1U);
    EXPECT_EQ(hits.note(home, "cccccccccc", seconds(5)), 2U);
    EXPECT_EQ(hits.note(elsewhere, "dddddddddd", seconds(5)), 0U);
}

TEST(recent_hits, forgets_after_the_window) {
    recent_hits hits(100, seconds(60));
    hits.note(home, "aaaaaaaaaa", seconds(0));
    EXPECT_EQ(hits.note(home, "bbbbbbbbbb", milliseconds(59999)), 1U);
    EXPECT_EQ(hits.note(home, "cccccccccc", milliseconds(60000)), 1U) << "a is 60 s old";
    EXPECT_EQ(hits.note(home, "aaaaaaaaaa", seconds(300)), 0U);
}

TEST(recent_hits, a_repeated_code_stays_recent) {
    recent_hits hits(100, seconds(60));
    hits.note(home, "aaaaaaaaaa", seconds(0));
    hits.note(home, "aaaaaaaaaa", seconds(50));
    EXPECT_EQ(hits.note(home, "bbbbbbbbbb", seconds(100)), 1U);
}

TEST(recent_hits, count_is_capped) {
    recent_hits hits(100);
    std::uint32_t most = 0;
    for (int i = 0; i < 500; ++i) {
        const std::uint32_t others = hits.note(home, code_number(i), milliseconds(i));
        const auto expected =
            std::min<std::size_t>(static_cast<std::size_t>(i), recent_hits::codes_per_network);
        EXPECT_EQ(others, expected) << i;
        most = std::max(most, others);
    }
    EXPECT_EQ(most, recent_hits::codes_per_network);
    EXPECT_EQ(hits.networks(), 1U);
}

TEST(recent_hits, memory_is_bounded) {
    seeded_random source{4};
    recent_hits hits(32, seconds(60), source);
    for (std::uint64_t i = 0; i < 5000; ++i)
        hits.note(network_key{i, false}, "aaaaaaaaaa", milliseconds(static_cast<std::int64_t>(i)));
    EXPECT_EQ(hits.networks(), 32U);
    EXPECT_EQ(hits.networks_max(), 32U);
    EXPECT_EQ(hits.note(network_key{4999, false}, "bbbbbbbbbb", seconds(5)), 1U)
        << "the newest is still there";
}

}  // namespace
}  // namespace hikyaku::gateway::links
