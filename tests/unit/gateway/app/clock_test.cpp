#include "gateway/app/clock.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <vector>

namespace hikyaku::gateway::app {
namespace {

using std::chrono::milliseconds;

struct reading {
    std::int64_t steady_ms;
    std::int64_t system_ms;
    std::int64_t wall_ms;  // expected
    std::int64_t ahead_ms = 0;
};

void expect_readings(monotone_wall clock, const std::vector<reading>& readings) {
    for (std::size_t i = 0; i < readings.size(); ++i) {
        const auto& one = readings[i];
        const std::chrono::steady_clock::time_point steady{milliseconds(one.steady_ms)};
        const auto now = clock.read(steady, one.system_ms);
        EXPECT_EQ(now.wall_ms, one.wall_ms) << "reading " << i;
        EXPECT_EQ(now.steady, steady) << "reading " << i;
        EXPECT_EQ(clock.ahead_ms(), one.ahead_ms) << "reading " << i;
    }
}

TEST(monotone_wall, follows_the_system) {
    expect_readings(monotone_wall{}, {{0, 100'000, 100'000}, {10, 100'010, 100'010}});
}

TEST(monotone_wall, adopts_a_step_forward_at_once) {
    expect_readings(monotone_wall{}, {{0, 100'000, 100'000}, {10, 900'000, 900'000}});
}

TEST(monotone_wall, stands_still_after_a_small_step_back) {
    expect_readings(monotone_wall{}, {{0, 100'000, 100'000},
                                      {10, 99'500, 100'000},
                                      {300, 99'790, 100'000},
                                      {600, 100'090, 100'090}});
}

TEST(monotone_wall, keeps_the_steady_pace_after_a_great_step_back) {
    expect_readings(monotone_wall{}, {{0, 5'000'000, 5'000'000},
                                      {1000, 1'401'000, 5'001'000, 3'600'000},
                                      {61'000, 1'461'000, 5'061'000, 3'600'000},
                                      // The date is set right again.
                                      {62'000, 5'062'000, 5'062'000}});
}

TEST(monotone_wall, counts_great_steps_back_once_each) {
    monotone_wall clock;
    const auto at = [](std::int64_t ms) {
        return std::chrono::steady_clock::time_point{milliseconds(ms)};
    };
    (void)clock.read(at(0), 5'000'000);
    (void)clock.read(at(1), 1'000'000);
    (void)clock.read(at(2), 1'000'001);
    EXPECT_EQ(clock.steps_back(), 1U);
    (void)clock.read(at(3), 5'000'003);
    (void)clock.read(at(4), 4'000'000);
    EXPECT_EQ(clock.steps_back(), 2U);
}

TEST(monotone_wall, begins_at_the_last_known_time) {
    expect_readings(monotone_wall{2'000'000}, {{50, 1'000'000, 2'000'000, 1'000'000},
                                               {150, 1'000'100, 2'000'100, 1'000'000},
                                               {250, 2'500'000, 2'500'000}});
}

TEST(monotone_wall, never_goes_back_whatever_comes) {
    monotone_wall clock;
    std::int64_t last = 0;
    std::uint64_t state = 42;
    std::int64_t system = 1'000'000;
    for (std::int64_t steady = 0; steady < 100'000; steady += 7) {
        state = state * 6364136223846793005U + 1442695040888963407U;
        const auto dice = state >> 60;
        system += dice == 0 ? -50'000 : dice == 1 ? -400 : dice == 2 ? 30'000 : 7;
        const auto now =
            clock.read(std::chrono::steady_clock::time_point{milliseconds(steady)}, system);
        ASSERT_GE(now.wall_ms, last);
        last = now.wall_ms;
    }
}

}  // namespace
}  // namespace hikyaku::gateway::app
