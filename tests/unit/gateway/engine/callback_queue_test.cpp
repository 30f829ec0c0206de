// Which callback comes next when servers are slow, dead or refuse single URLs.
#include "gateway/engine/delivery/callback_queue.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace hikyaku::gateway {
namespace {

using namespace std::chrono_literals;
using offered = callback_queue::offered;

struct callback_queues : ::testing::Test {
    callback_queue queue;
    callback_queue::time_point now{1h};
    std::int64_t now_ms = 1'000'000;

    std::vector<std::uint64_t> take_all() {
        std::vector<std::uint64_t> taken;
        while (const auto sequence = queue.next(now))
            taken.push_back(*sequence);
        return taken;
    }
    void advance(std::chrono::milliseconds by) {
        now += by;
        now_ms += by.count();
    }
    auto dead(std::uint64_t sequence) {
        return queue.failed(sequence, {.host_is_dead = true}, now, now_ms);
    }
    auto refused(std::uint64_t sequence) {
        return queue.failed(sequence, {.host_is_dead = false}, now, now_ms);
    }
};

TEST_F(callback_queues, few_at_a_time_and_fewer_to_one_host) {
    for (std::uint64_t i = 1; i <= 20; ++i)
        EXPECT_EQ(queue.offer("slow", i), offered::taken);
    EXPECT_EQ(take_all(), (std::vector<std::uint64_t>{1, 2, 3, 4, 5, 6}));
    EXPECT_EQ(queue.offer("other", 21), offered::taken);
    EXPECT_EQ(queue.offer("other", 22), offered::taken);
    EXPECT_EQ(queue.offer("other", 23), offered::taken);
    EXPECT_EQ(take_all(), (std::vector<std::uint64_t>{21, 22})) << "eight in all";
    queue.succeeded(21);
    (void)refused(22);
    EXPECT_TRUE(queue.next_due(now).has_value());
    EXPECT_EQ(queue.offer("other", 24), offered::taken);
    EXPECT_EQ(take_all(), (std::vector<std::uint64_t>{23, 24}));
    EXPECT_EQ(queue.running(), 8U);
    EXPECT_FALSE(queue.next_due(now).has_value()) << "only an answer makes place";
}

TEST_F(callback_queues, hosts_take_turns) {
    for (const std::uint64_t i : {1, 3, 5})
        (void)queue.offer("a", i);
    for (const std::uint64_t i : {2, 4, 6})
        (void)queue.offer("b", i);
    EXPECT_EQ(take_all(), (std::vector<std::uint64_t>{1, 2, 3, 4, 5, 6}));
}

TEST_F(callback_queues, a_dead_host_is_left_alone_and_then_asked_once) {
    for (std::uint64_t i = 1; i <= 5; ++i)
        (void)queue.offer("dead", i);
    EXPECT_EQ(take_all().size(), 5U);
    for (std::uint64_t i = 1; i <= 5; ++i)
        EXPECT_EQ(dead(i).failing_since_ms, 1'000'000);
    (void)queue.offer("alive", 9);
    EXPECT_EQ(take_all(), (std::vector<std::uint64_t>{9})) << "others are not held up";
    queue.succeeded(9);
    ASSERT_TRUE(queue.next_due(now));
    EXPECT_EQ(*queue.next_due(now), now + 5s) << "failures under way together count as one";
    advance(5s);
    EXPECT_EQ(take_all(), (std::vector<std::uint64_t>{1}));
    EXPECT_EQ(dead(1).failing_since_ms, 1'000'000);
    EXPECT_EQ(*queue.next_due(now), now + 10s);
    advance(10s);
    EXPECT_EQ(take_all(), (std::vector<std::uint64_t>{1}));
    queue.succeeded(1);
    EXPECT_EQ(take_all(), (std::vector<std::uint64_t>{2, 3, 4, 5}));
}

TEST_F(callback_queues, pauses_double_up_to_ten_minutes) {
    (void)queue.offer("dead", 1);
    for (const auto pause : {5s, 10s, 20s, 40s, 80s, 160s, 320s, 600s, 600s}) {
        ASSERT_EQ(take_all().size(), 1U);
        (void)dead(1);
        ASSERT_EQ(*queue.next_due(now), now + pause);
        advance(pause - 1ms);
        EXPECT_FALSE(queue.next(now));
        advance(1ms);
    }
    ASSERT_EQ(take_all().size(), 1U);
    (void)queue.failed(1, {.host_is_dead = true, .retry_after = 30min, .jitter = 7}, now, now_ms);
    EXPECT_EQ(*queue.next_due(now), now + 30min);
}

TEST_F(callback_queues, a_refused_url_waits_alone) {
    for (std::uint64_t i = 1; i <= 3; ++i)
        (void)queue.offer("host", i);
    EXPECT_EQ(take_all().size(), 3U);
    EXPECT_EQ(refused(2).failing_since_ms, 1'000'000);
    queue.succeeded(1);
    (void)queue.offer("host", 4);
    EXPECT_EQ(take_all(), (std::vector<std::uint64_t>{4}));
    queue.succeeded(3);
    queue.succeeded(4);
    advance(5s);
    EXPECT_EQ(take_all(), (std::vector<std::uint64_t>{2}));
    EXPECT_EQ(refused(2).failing_since_ms, 1'000'000) << "since its first refusal";
    EXPECT_EQ(*queue.next_due(now), now + 10s);
    EXPECT_TRUE(queue.withdraw(2));
    EXPECT_FALSE(queue.withdraw(2));
    EXPECT_FALSE(queue.next_due(now));
    EXPECT_EQ(queue.hosts(), 0U);
}

TEST_F(callback_queues, what_one_host_has_in_memory_is_bounded_and_filled_up_again) {
    for (std::uint64_t i = 1; i <= callback_queue::waiting_of_host_max; ++i)
        EXPECT_EQ(queue.offer("host", i), offered::taken);
    EXPECT_EQ(queue.offer("host", 100), offered::later);
    EXPECT_EQ(queue.offer("host", 101), offered::later);
    EXPECT_EQ(queue.offer("other", 102), offered::taken);
    EXPECT_FALSE(queue.wanted_refill());
    while (const auto sequence = queue.next(now))
        queue.succeeded(*sequence);
    const auto wanted = queue.wanted_refill();
    ASSERT_TRUE(wanted);
    EXPECT_EQ(wanted->host, "host");
    EXPECT_EQ(wanted->from, 100U);
    EXPECT_EQ(queue.offer("host", 103), offered::later) << "not before those in front of it";
    queue.refilled("host", 0, false);
    EXPECT_EQ(queue.offer("host", 100), offered::taken);
    queue.refilled("host", 101, true);
    EXPECT_EQ(take_all(), (std::vector<std::uint64_t>{100}));
    EXPECT_EQ(queue.wanted_refill()->from, 101U);
}

TEST_F(callback_queues, hosts_are_bounded_and_forgotten) {
    for (std::uint64_t i = 1; i <= callback_queue::hosts_max; ++i)
        EXPECT_EQ(queue.offer("h" + std::to_string(i), i), offered::taken);
    EXPECT_EQ(queue.offer("one more", 999), offered::full);
    queue.succeeded(queue.next(now).value());
    EXPECT_EQ(queue.offer("one more", 999), offered::taken);
    while (const auto sequence = queue.next(now))
        queue.succeeded(*sequence);
    EXPECT_EQ(queue.hosts(), 0U);
}

TEST_F(callback_queues, a_dead_host_can_be_withdrawn_from) {
    (void)queue.offer("dead", 1);
    (void)take_all();
    (void)dead(1);
    EXPECT_TRUE(queue.withdraw(1));
    EXPECT_EQ(queue.hosts(), 0U);
    (void)queue.offer("dead", 2);
    (void)take_all();
    queue.dropped(2);
    EXPECT_FALSE(queue.is_running(2));
    EXPECT_EQ(queue.hosts(), 0U);
}

}  // namespace
}  // namespace hikyaku::gateway
