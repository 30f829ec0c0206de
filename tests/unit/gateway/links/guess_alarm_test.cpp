// The alarm about codes that are guessed from many networks, each within its own budget.
#include "gateway/links/guess_alarm.hpp"

#include <gtest/gtest.h>

#include "gateway/links/network.hpp"
#include "seeded_random.hpp"

namespace hikyaku::gateway::links {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using news = guess_alarm::news;

constexpr miss_rate per_minute{600, seconds(60)};

TEST(guess_alarm, is_raised_when_the_budget_is_used_up_and_once) {
    guess_alarm alarm(per_minute);
    const milliseconds now = seconds(1000);
    for (int i = 0; i < 600; ++i)
        EXPECT_EQ(alarm.miss(now), news::none) << i;
    EXPECT_FALSE(alarm.is_raised());
    EXPECT_DOUBLE_EQ(alarm.used(now), 1.0);
    EXPECT_EQ(alarm.miss(now), news::raised);
    EXPECT_EQ(alarm.miss(now), news::none);
    EXPECT_TRUE(alarm.is_raised());
    EXPECT_EQ(alarm.times_raised(), 1U);
    EXPECT_EQ(alarm.misses(), 2U);
}

TEST(guess_alarm, ends_when_all_is_forgotten) {
    guess_alarm alarm(per_minute);
    for (int i = 0; i < 700; ++i)
        (void)alarm.miss(seconds(1000));
    EXPECT_EQ(alarm.ends_after(seconds(1000)), milliseconds(60000));
    EXPECT_EQ(alarm.look(seconds(1059)), news::none);
    EXPECT_EQ(alarm.look(seconds(1060)), news::ended);
    EXPECT_FALSE(alarm.is_raised());
    EXPECT_EQ(alarm.ends_after(seconds(1060)), milliseconds(0));
    EXPECT_EQ(alarm.misses(), 100U) << "of the last one";
    for (int i = 0; i < 600; ++i)
        EXPECT_EQ(alarm.miss(seconds(1060)), news::none);
    EXPECT_EQ(alarm.miss(seconds(1060)), news::raised);
    EXPECT_EQ(alarm.times_raised(), 2U);
}

TEST(guess_alarm, misses_during_it_prolong_it_and_no_further_than_a_period) {
    guess_alarm alarm(per_minute);
    for (int i = 0; i < 100'000; ++i)
        (void)alarm.miss(seconds(1000));
    EXPECT_EQ(alarm.ends_after(seconds(1000)), milliseconds(60000));
    (void)alarm.miss(seconds(1030));
    EXPECT_EQ(alarm.look(seconds(1060)), news::none);
    EXPECT_EQ(alarm.ends_after(seconds(1060)), milliseconds(100));
}

TEST(guess_alarm, what_comes_slowly_is_no_guessing) {
    guess_alarm alarm(per_minute);
    milliseconds now = seconds(1);
    for (int i = 0; i < 10'000; ++i, now += milliseconds(100))
        EXPECT_EQ(alarm.miss(now), news::none) << i;
    EXPECT_EQ(alarm.times_raised(), 0U);
}

TEST(guess_alarm, without_a_rate_there_is_none) {
    guess_alarm alarm({});
    for (int i = 0; i < 100'000; ++i)
        EXPECT_EQ(alarm.miss(seconds(1)), news::none);
    EXPECT_EQ(alarm.used(seconds(1)), 0);
}

/// One wrong code from each of 100,000 networks: no network has used up its own budget.
TEST(guess_alarm, a_hundred_thousand_networks_with_one_code_each) {
    seeded_random seed(1);
    miss_limiter each(miss_rate{20, seconds(60)}, 1 << 16, seed);
    guess_alarm all(miss_rate{1200, seconds(60)});
    std::size_t refused_by_network = 0;
    std::size_t before = 0;
    for (std::uint32_t i = 0; i < 100'000; ++i) {
        const milliseconds now(i / 5);  // 5,000 a second
        const network_key network{0x0a0000U + i, false};
        if (!each.allow(network, now)) ++refused_by_network;
        each.miss(network, now);
        if (all.miss(now) == news::raised) before = i;
    }
    EXPECT_EQ(refused_by_network, 0U);
    EXPECT_LE(each.networks(), each.networks_max()) << "memory stays as it is";
    EXPECT_TRUE(all.is_raised());
    EXPECT_EQ(all.times_raised(), 1U);
    EXPECT_NEAR(static_cast<double>(before), 1200, 10);
}

}  // namespace
}  // namespace hikyaku::gateway::links
