#include "gateway/app/sandbox_clock.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "gateway/app/clock_mover.hpp"

namespace hikyaku::gateway::app {
namespace {

constexpr std::int64_t hour_ms = 3600 * 1000;

instant at(std::int64_t system_ms) {
    return {steady_time(std::chrono::milliseconds(system_ms)), system_ms};
}

TEST(sandbox_clock, runs_on_from_where_it_was_moved_to) {
    sandbox_clock clock;
    EXPECT_EQ(clock.read(at(1000)).wall_ms, 1000);
    clock.stand(at(1000));
    clock.move(8 * hour_ms);
    EXPECT_EQ(clock.read(at(5000)).wall_ms, 1000 + 8 * hour_ms) << "it stands";
    clock.run(at(5000));
    const auto now = clock.read(at(6000));
    EXPECT_EQ(now.wall_ms, 2000 + 8 * hour_ms);
    EXPECT_EQ(now.system_ms(), 6000);
    EXPECT_EQ(now.steady, at(6000).steady);
}

TEST(sandbox_clock, goes_on_after_a_restart) {
    sandbox_clock clock;
    clock.stand(at(1000));
    clock.move(hour_ms);
    sandbox_clock running(clock.kept(at(1000), false));
    EXPECT_FALSE(running.stands());
    EXPECT_EQ(running.read(at(61'000)).wall_ms, 61'000 + hour_ms);
    sandbox_clock standing(clock.kept(at(1000), true));
    EXPECT_TRUE(standing.stands());
    EXPECT_EQ(standing.read(at(61'000)).wall_ms, 1000 + hour_ms);
}

TEST(sandbox_clock, never_goes_back) {
    sandbox_clock clock;
    EXPECT_EQ(clock.read(at(9000)).wall_ms, 9000);
    EXPECT_EQ(clock.read(at(8000)).wall_ms, 9000);
    clock.stand(at(8000));
    EXPECT_EQ(clock.read(at(20'000)).wall_ms, 9000);
    clock.run(at(20'000));
    EXPECT_EQ(clock.read(at(20'000)).wall_ms, 9000) << "it runs on behind the system's";
    EXPECT_EQ(clock.read(at(21'000)).wall_ms, 10'000);
}

/// Due times, and how many looks each takes until it is done.
class clock_mover_test : public ::testing::Test {
protected:
    clock_mover_test()
        : mover({.now = [this] { return now; },
                 .hop =
                     [this](std::int64_t by_ms) {
                         now.wall_ms += by_ms;
                         if (by_ms > 0) hops.push_back(now.wall_ms);
                         looks_left = looks_each;
                     },
                 .next_due = [this]() -> std::optional<std::int64_t> {
                     const auto next = std::ranges::upper_bound(due, now.wall_ms);
                     if (next == due.end()) return std::nullopt;
                     return *next;
                 },
                 .rests = [this] { return looks_left == 0 || looks_left-- == 0; }}) {}

    void turn_until_done() {
        for (int turns = 0; mover.moving(); ++turns) {
            ASSERT_LT(turns, 1000);
            (void)mover.step();
            now.steady += step;
        }
    }

    instant now = at(0);
    std::vector<std::int64_t> due, hops;
    int looks_each = 0, looks_left = 0;
    std::chrono::milliseconds step{1};
    clock_mover mover;
};

TEST_F(clock_mover_test, stops_at_each_moment_at_which_something_is_due) {
    due = {5, 7, 7 * hour_ms, 30 * hour_ms};
    looks_each = 3;
    bool done = false;
    ASSERT_TRUE(mover.begin(20 * hour_ms, [&] { done = true; }));
    EXPECT_FALSE(mover.begin(1, [] {})) << "one at a time";
    turn_until_done();
    EXPECT_TRUE(done);
    EXPECT_EQ(hops, (std::vector<std::int64_t>{5, 7, 6 * hour_ms + 7, 7 * hour_ms, 13 * hour_ms,
                                               19 * hour_ms, 20 * hour_ms}));
    EXPECT_EQ(mover.hurried(), 0U);
}

TEST_F(clock_mover_test, does_not_wait_for_ever) {
    due = {5};
    looks_each = 1'000'000;
    step = std::chrono::seconds(1);
    ASSERT_TRUE(mover.begin(10, [] {}));
    turn_until_done();
    EXPECT_EQ(now.wall_ms, 10);
    EXPECT_EQ(mover.hurried(), 3U) << "of the begin and two hops";
}

TEST_F(clock_mover_test, a_move_that_is_given_up_is_answered) {
    int answers = 0;
    ASSERT_TRUE(mover.begin(10, [&] { ++answers; }));
    mover.give_up();
    mover.give_up();
    EXPECT_EQ(answers, 1);
    EXPECT_FALSE(mover.moving());
    EXPECT_EQ(now.wall_ms, 0);
}

}  // namespace
}  // namespace hikyaku::gateway::app
