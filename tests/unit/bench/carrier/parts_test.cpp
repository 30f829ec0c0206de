#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "bench/carrier/rate_watch.hpp"
#include "bench/carrier/schedule.hpp"
#include "bench/carrier/slab.hpp"

namespace hikyaku::bench {
namespace {

using namespace std::chrono_literals;
using time = rate_watch::time;

constexpr time origin{std::chrono::hours(1)};

TEST(rate_watch, a_second_ends_exactly_a_second_later) {
    rate_watch watch;
    for (int i = 0; i < 10; ++i)
        watch.add(origin);
    EXPECT_EQ(watch.in_last_second(origin), 10U);
    EXPECT_EQ(watch.in_last_second(origin + 1s - 1ns), 10U);
    EXPECT_EQ(watch.in_last_second(origin + 1s), 0U);
    watch.add(origin + 1s);
    EXPECT_EQ(watch.most(), 10U);
}

TEST(rate_watch, sees_a_burst_across_the_border_of_two_seconds) {
    rate_watch watch;
    for (int i = 0; i < 5; ++i)
        watch.add(origin + 900ms);
    for (int i = 0; i < 5; ++i)
        watch.add(origin + 1100ms);
    EXPECT_EQ(watch.most(), 10U);
}

TEST(rate_watch, agrees_with_counting_by_hand) {
    std::mt19937_64 random(7);
    std::vector<time> arrivals;
    rate_watch watch;
    time now = origin;
    std::uint64_t most = 0;
    for (int i = 0; i < 5000; ++i) {
        now +=
            std::chrono::microseconds(random() % 1500);  // about 1300 in a second: the ring grows
        arrivals.push_back(now);
        watch.add(now);
        std::uint64_t count = 0;
        for (auto at = arrivals.rbegin(); at != arrivals.rend() && *at > now - 1s; ++at)
            ++count;
        ASSERT_EQ(watch.in_last_second(now), count) << i;
        most = std::max(most, count);
        ASSERT_EQ(watch.most(), most) << i;
    }
    EXPECT_GT(most, 1024U);
}

TEST(schedule, gives_what_is_due_in_order) {
    schedule<int> later;
    EXPECT_EQ(later.next(), std::nullopt);
    later.add(origin + 2s, 20);
    later.add(origin + 1s, 10);
    later.add(origin + 2s, 21);
    later.add(origin + 2s, 22);
    EXPECT_EQ(later.next(), origin + 1s);
    EXPECT_EQ(later.take(origin + 999ms), std::nullopt);
    for (const int expected : {10, 20, 21, 22})
        EXPECT_EQ(later.take(origin + 2s), expected);
    EXPECT_EQ(later.take(origin + 9s), std::nullopt);
}

TEST(slab, an_old_handle_finds_nothing) {
    slab<std::string> places;
    const auto first = places.add("first");
    const auto second = places.add("second");
    EXPECT_NE(first, 0U);
    EXPECT_EQ(places.size(), 2U);
    places.remove(first);
    EXPECT_EQ(places.find(first), nullptr);
    const auto third = places.add("third");  // in the place of the first
    EXPECT_NE(third, first);
    EXPECT_EQ(places.find(first), nullptr);
    EXPECT_EQ(*places.find(third), "third");
    EXPECT_EQ(*places.find(second), "second");
    EXPECT_EQ(places.find(0), nullptr);
    EXPECT_EQ(places.find(UINT64_MAX), nullptr);
    EXPECT_EQ(places.size(), 2U);
}

}  // namespace
}  // namespace hikyaku::bench
