// The window of one bind: half after a sign of congestion, once per round trip, one more for each
// window of good answers; and what a congestion_state leaves.
#include "gateway/engine/directory/adaptive_window.hpp"
#include "tests/unit/gateway/engine/start.hpp"

#include <gtest/gtest.h>

namespace hikyaku::gateway {
namespace {

using namespace std::chrono_literals;
using time = adaptive_window::time;

TEST(adaptive_window, begins_with_the_whole_and_never_exceeds_it) {
    adaptive_window window(8, 5s);
    for (int i = 0; i < 100; ++i)
        window.answered(start, start + 10ms);
    EXPECT_EQ(window.size(), 8U);
    EXPECT_EQ(window.max(), 8U);
}

TEST(adaptive_window, halves_once_per_round_trip) {
    adaptive_window window(16, 5s);
    // Eight requests of the same moment are refused: one sign, not eight.
    for (int i = 0; i < 8; ++i)
        window.refused(start, start + 20ms + i * 1ms);
    EXPECT_EQ(window.size(), 8U);
    // One that was sent before the cut tells nothing either, one sent after it does.
    window.refused(start + 19ms, start + 40ms);
    EXPECT_EQ(window.size(), 8U);
    window.refused(start + 20ms, start + 40ms);
    EXPECT_EQ(window.size(), 8U);
    window.refused(start + 21ms, start + 41ms);
    EXPECT_EQ(window.size(), 4U);
}

TEST(adaptive_window, never_falls_below_one) {
    adaptive_window window(3, 5s);
    for (int i = 1; i < 10; ++i)
        window.refused(start + i * 1s, start + i * 1s + 1ms);
    EXPECT_EQ(window.size(), 1U);
    window.answered(start + 20s, start + 20s + 1ms);
    EXPECT_EQ(window.size(), 2U);
}

TEST(adaptive_window, grows_by_one_for_each_window_of_good_answers) {
    adaptive_window window(10, 5s);
    window.refused(start, start);  // 5
    auto at = start + 1s;
    std::string sizes;
    for (int i = 0; i < 5 + 6 + 7 + 8 + 9; ++i) {
        window.answered(at, at + 1ms);
        if (sizes.empty() || sizes.back() != static_cast<char>('0' + window.size()))
            sizes += static_cast<char>('0' + window.size());
    }
    EXPECT_EQ(sizes, "56789:");  // ':' follows '9'
    EXPECT_EQ(window.size(), 10U);
}

TEST(adaptive_window, answers_from_before_the_cut_do_not_make_it_grow) {
    adaptive_window window(10, 5s);
    window.refused(start, start + 1s);
    for (int i = 0; i < 50; ++i)
        window.answered(start + 500ms, start + 1100ms);
    EXPECT_EQ(window.size(), 5U);
}

TEST(adaptive_window, slow_answers_are_a_sign_of_congestion) {
    struct row {
        std::chrono::milliseconds target, took;
        std::uint32_t size;
    };
    for (const row& one : {row{200ms, 200ms, 8}, row{200ms, 201ms, 4}, row{0ms, 60000ms, 8}}) {
        adaptive_window window(8, one.target);
        window.answered(start, start + one.took);
        EXPECT_EQ(window.size(), one.size) << one.took.count();
    }
}

TEST(adaptive_window, a_fixed_one_stays) {
    adaptive_window window(8);
    window.refused(start, start);
    window.refused(start + 1s, start + 1s);
    EXPECT_EQ(window.size(), 8U);
}

TEST(congestion_share, is_whole_up_to_the_optimum_and_little_at_the_end) {
    for (const int state : {0, 1, 50, 79, 80, 89})
        EXPECT_EQ(congestion_share(static_cast<std::uint8_t>(state)), 1.0) << state;
    double before = 1.0;
    for (int state = 90; state <= 100; ++state) {
        const auto share = congestion_share(static_cast<std::uint8_t>(state));
        EXPECT_LT(share, before) << state;
        EXPECT_GE(share, 0.05) << state;
        before = share;
    }
    EXPECT_EQ(congestion_share(100), 0.05);
    for (const int reserved : {101, 200, 255})
        EXPECT_EQ(congestion_share(static_cast<std::uint8_t>(reserved)), 1.0) << reserved;
}

}  // namespace
}  // namespace hikyaku::gateway
