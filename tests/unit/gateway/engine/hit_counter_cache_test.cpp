#include "gateway/engine/hits/hit_counter_cache.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hikyaku::gateway {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

constexpr steady_time start{1h};

class hit_counter_cache_test : public ::testing::Test {
protected:
    void hit(std::uint64_t message, steady_time now, std::int64_t hit_ms = 0) {
        const message_id of{message};
        auto* known = cache.find(of);
        auto& counters = known == nullptr ? cache.add(of, {}) : *known;
        ++counters.total;
        cache.changed(of, counters, hit_ms, now);
    }
    // As the engine does: what has changed goes to the writer.
    std::vector<std::uint64_t> take(steady_time now, bool all = false) {
        std::vector<std::uint64_t> written;
        const auto slice = cache.take(now, all);
        for (const auto message : slice.messages) {
            auto* counters = cache.find(message);
            if (counters != nullptr && counters->changed) {
                cache.writing(*counters);
                written.push_back(static_cast<std::uint64_t>(message));
            }
        }
        ended = slice.ends_round;
        return written;
    }

    hit_counter_cache cache;
    bool ended = false;
};

TEST_F(hit_counter_cache_test, few_are_written_after_two_periods_in_the_order_of_keys) {
    EXPECT_FALSE(cache.next().has_value());
    EXPECT_THAT(take(start), ElementsAre());
    hit(30, start);
    hit(10, start);
    hit(20, start + 100ms);
    hit(10, start + 200ms);
    EXPECT_EQ(cache.next(), start + hit_counter_cache::period);
    EXPECT_THAT(take(start + hit_counter_cache::period - 1ms), ElementsAre());
    EXPECT_THAT(take(start + hit_counter_cache::period), ElementsAre()) << "the round begins";
    ASSERT_TRUE(cache.next().has_value());
    const auto due = *cache.next();
    EXPECT_LE(due, start + 2 * hit_counter_cache::period + 1ms);
    EXPECT_THAT(take(due), ElementsAre(10, 20, 30));
    EXPECT_TRUE(ended);
    EXPECT_FALSE(cache.next().has_value());
    EXPECT_EQ(cache.find(message_id{10})->total, 2U);
}

TEST_F(hit_counter_cache_test, many_are_spread_over_the_period) {
    for (std::uint64_t message = 1000; message > 0; --message)
        hit(message, start);
    const auto began = start + hit_counter_cache::period;
    take(began);
    std::size_t seen = 0;
    for (auto step = 1; step <= 10; ++step) {
        const auto now = began + hit_counter_cache::period * step / 10;
        const auto part = take(now);
        EXPECT_EQ(part.size(), 100U) << step;
        EXPECT_TRUE(std::is_sorted(part.begin(), part.end()));
        seen += part.size();
        EXPECT_EQ(ended, step == 10);
        EXPECT_THAT(take(now), ElementsAre()) << "a slice of less than slice_min";
    }
    EXPECT_EQ(seen, 1000U);
}

TEST_F(hit_counter_cache_test, asked_when_it_says_it_always_gets_on) {
    for (std::uint64_t message = 1; message <= 999; ++message)
        hit(message, start);
    std::size_t seen = 0;
    int asked = 0;
    for (; cache.next() && asked < 1000; ++asked)
        seen += take(*cache.next()).size();
    EXPECT_EQ(seen, 999U);
    EXPECT_LE(asked, 1 + 999 / 64 + 1);
}

TEST_F(hit_counter_cache_test, a_hit_behind_the_writing_waits_for_the_next_round) {
    hit(1, start);
    take(start + hit_counter_cache::period);
    hit(1, start + hit_counter_cache::period + 1ms);
    EXPECT_THAT(take(start + 2 * hit_counter_cache::period), ElementsAre(1)) << "with both hits";
    EXPECT_FALSE(cache.next().has_value());
    hit(1, start + 2 * hit_counter_cache::period);
    cache.written(message_id{1});
    ASSERT_NE(cache.find(message_id{1}), nullptr) << "it has changed";
    EXPECT_THAT(take(start + 10s, true), ElementsAre(1));
    ASSERT_NE(cache.find(message_id{1}), nullptr) << "it is being written";
    cache.written(message_id{1});
    EXPECT_EQ(cache.find(message_id{1}), nullptr);
    EXPECT_EQ(cache.size(), 0U);
}

TEST_F(hit_counter_cache_test, all_of_it_without_waiting) {
    for (std::uint64_t message = 1; message <= 200; ++message)
        hit(message, start);
    take(start + hit_counter_cache::period);
    take(start + hit_counter_cache::period + hit_counter_cache::period / 2);
    hit(500, start + hit_counter_cache::period + hit_counter_cache::period / 2);
    const auto now = start + hit_counter_cache::period + hit_counter_cache::period / 2;
    EXPECT_EQ(take(now, true).size(), 100U) << "the rest of the round";
    EXPECT_TRUE(ended);
    EXPECT_THAT(take(now, true), ElementsAre(500));
    EXPECT_TRUE(ended);
    EXPECT_THAT(take(now, true), ElementsAre());
    EXPECT_FALSE(ended);
}

TEST_F(hit_counter_cache_test, too_many_do_not_wait_for_their_time) {
    for (std::uint64_t message = 1; message <= hit_counter_cache::changed_max; ++message)
        hit(message, start);
    take(start);
    for (std::uint64_t message = 1; message <= hit_counter_cache::changed_max; ++message)
        hit(hit_counter_cache::changed_max + message, start);
    EXPECT_EQ(take(start).size(), hit_counter_cache::changed_max);
    EXPECT_TRUE(ended);
}

TEST_F(hit_counter_cache_test, what_is_not_counted_yet_is_known_by_its_time) {
    hit(1, start, 5000);
    take(start + hit_counter_cache::period);
    EXPECT_EQ(cache.uncounted_since(6000), 6000) << "the hit before is in the round";
    hit(2, start + hit_counter_cache::period, 5800);
    hit(3, start + hit_counter_cache::period, 5700);  // the clock was set back
    hit(2, start + hit_counter_cache::period, 5900);
    EXPECT_THAT(take(start + 2 * hit_counter_cache::period), ElementsAre(1));
    EXPECT_TRUE(ended);
    EXPECT_EQ(cache.uncounted_since(6000), 5700);
}

TEST_F(hit_counter_cache_test, the_forgotten_are_not_written) {
    hit(1, start);
    hit(2, start);
    cache.forget(message_id{1});
    EXPECT_THAT(take(start, true), ElementsAre(2));
    cache.forget(message_id{2});
    cache.written(message_id{2});  // its counters
    hit(2, start);
    EXPECT_THAT(take(start, true), ElementsAre());
    ASSERT_NE(cache.find(message_id{2}), nullptr) << "until its removal is on disk";
    EXPECT_EQ(cache.find(message_id{2})->total, 1U);
    cache.written(message_id{2});
    cache.written(message_id{1});
    EXPECT_EQ(cache.size(), 0U);
    hit(3, start);
    cache.release(message_id{3});
    EXPECT_NE(cache.find(message_id{3}), nullptr) << "it has changed";
}

}  // namespace
}  // namespace hikyaku::gateway
