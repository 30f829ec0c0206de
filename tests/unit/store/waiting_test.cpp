// The helper that the tests of the writer wait with.
#include "tests/support/waiting.hpp"

#include <gtest/gtest.h>

namespace hikyaku::tests {
namespace {

using namespace std::chrono_literals;

TEST(waiting, a_condition_that_nobody_tells_of_has_failed) {
    std::mutex mutex;
    std::condition_variable changed;
    std::unique_lock lock(mutex);
    const auto end = std::chrono::steady_clock::now() + 10ms;
    EXPECT_FALSE(wait_until(
        changed, lock, [&] { return std::chrono::steady_clock::now() >= end; }, 20ms));
    EXPECT_TRUE(wait_until(
        changed, lock, [] { return true; }, 0ms))
        << "it holds already";
}

// A loop in which nothing ever happens.
struct idle_loop {
    void restart() {}
    void run_one_for(std::chrono::milliseconds) { ++turns; }
    int turns = 0;
};

TEST(waiting, a_loop_has_its_time_and_no_more) {
    idle_loop loop;
    EXPECT_FALSE(turn_until(
        loop, [] { return false; }, 5ms));
    EXPECT_GT(loop.turns, 0);
    EXPECT_TRUE(turn_until(
        loop, [] { return true; }, 0ms));
    EXPECT_TRUE(turn_until(
        loop, [&] { return loop.turns > 0; }, 0ms));
}

}  // namespace
}  // namespace hikyaku::tests
