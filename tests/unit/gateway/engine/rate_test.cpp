// The two limits on a rate: what an account may submit, and what a carrier may be sent.
#include "gateway/engine/directory/rate.hpp"

#include <gtest/gtest.h>

#include <deque>

#include "tests/support/engine_fixture.hpp"
#include "tests/unit/gateway/engine/start.hpp"

namespace hikyaku::gateway {
namespace {

using config::rate;
using config::rate_limit;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using namespace std::chrono_literals;

TEST(token_bucket, bursts_then_refuses_until_it_is_worth_trying) {
    token_bucket bucket(rate{10, 1000ms}, 20);
    for (int i = 0; i < 20; ++i)
        ASSERT_TRUE(bucket.try_take(1, start)) << i;
    EXPECT_FALSE(bucket.try_take(1, start));
    EXPECT_EQ(bucket.wait_for(1, start), 100ms);
    EXPECT_EQ(bucket.wait_for(5, start), 500ms);
    EXPECT_FALSE(bucket.try_take(1, start + 99ms));
    EXPECT_TRUE(bucket.try_take(1, start + 100ms));
    EXPECT_FALSE(bucket.try_take(1, start + 100ms));
}

TEST(token_bucket, default_burst_is_one_second_and_at_least_ten) {
    struct row {
        rate limit;
        std::uint32_t burst;
    };
    for (const auto& [limit, burst] :
         {row{{1, 1000ms}, 10}, row{{100, 1000ms}, 100}, row{{30, 60000ms}, 10},
          row{{7200, 3600000ms}, 10}, row{{6000, 60000ms}, 100}}) {
        token_bucket bucket(limit, 0);
        for (std::uint32_t i = 0; i < burst; ++i)
            ASSERT_TRUE(bucket.try_take(1, start)) << limit.count << " " << i;
        EXPECT_FALSE(bucket.try_take(1, start)) << limit.count;
    }
}

TEST(token_bucket, never_holds_more_than_the_burst) {
    token_bucket bucket(rate{10, 1000ms}, 5);
    ASSERT_TRUE(bucket.try_take(5, start));
    EXPECT_TRUE(bucket.try_take(5, start + 1h));
    EXPECT_FALSE(bucket.try_take(1, start + 1h));
}

TEST(token_bucket, more_than_the_burst_is_taken_from_a_full_bucket_only) {
    token_bucket bucket(rate{10, 1000ms}, 10);
    ASSERT_TRUE(bucket.try_take(1, start));
    EXPECT_FALSE(bucket.try_take(15, start));
    EXPECT_EQ(bucket.wait_for(15, start), 100ms);
    EXPECT_TRUE(bucket.try_take(15, start + 100ms));
    EXPECT_EQ(bucket.wait_for(1, start + 100ms), 600ms);  // a debt of 5, and one more
}

TEST(token_bucket, debt_tells_how_long_to_pace) {
    token_bucket bucket(rate{10, 1000ms}, 10);
    EXPECT_EQ(bucket.take_in_debt(10, start), 0us);
    EXPECT_EQ(bucket.take_in_debt(1, start), 100ms);
    EXPECT_EQ(bucket.take_in_debt(4, start), 500ms);
    EXPECT_EQ(bucket.take_in_debt(1, start + 600ms), 0us);
}

TEST(token_bucket, unlimited_never_refuses_and_a_clock_that_stands_adds_nothing) {
    token_bucket open(std::nullopt, 0);
    EXPECT_FALSE(open.limited());
    EXPECT_TRUE(open.try_take(1'000'000, start));
    EXPECT_EQ(open.take_in_debt(1'000'000, start), 0us);
    EXPECT_EQ(open.wait_for(1, start), 0us);
    token_bucket bucket(rate{10, 1000ms}, 1);
    ASSERT_TRUE(bucket.try_take(1, start));
    EXPECT_FALSE(bucket.try_take(1, start - 5s));
    EXPECT_FALSE(bucket.try_take(1, start));
}

/// Sends greedily at every tick and notes when; ticks are `tick` apart, give or take.
std::vector<steady_time> send_greedily(contract_rate& limit, steady_time from, steady_time to,
                                       microseconds tick, std::uint64_t seed) {
    testing::seeded_bits random{seed};
    std::vector<steady_time> sent;
    for (auto now = from; now < to;) {
        while (limit.ready(now)) {
            limit.take(now);
            sent.push_back(now);
        }
        const auto jitter = static_cast<std::int64_t>(random() % 1000);
        now += nanoseconds{tick} * (500 + jitter / 2) / 1000;  // half a tick to a whole one
    }
    return sent;
}

std::size_t most_in_any_window(const std::vector<steady_time>& sent, nanoseconds window) {
    std::size_t most = 0;
    std::size_t begin = 0;
    for (std::size_t end = 0; end < sent.size(); ++end) {
        while (sent[end] - sent[begin] >= window)
            ++begin;  // half-open: one whole window later is another window
        most = std::max(most, end - begin + 1);
    }
    return most;
}

struct rate_row {
    rate limit;
    microseconds tick;
    seconds duration;
};

class contract_rates : public ::testing::TestWithParam<rate_row> {};

TEST_P(contract_rates, is_a_wall_in_every_window_and_fully_used) {
    const auto [limit, tick, duration] = GetParam();
    contract_rate contract(limit, start);
    const auto begin = start + limit.period + 10ms;  // the first window counts as used up
    const auto sent = send_greedily(contract, begin, begin + duration, tick, 7);
    EXPECT_LE(most_in_any_window(sent, limit.period), limit.count);
    const double allowed = static_cast<double>(limit.count) *
                           static_cast<double>(milliseconds(duration).count()) /
                           static_cast<double>(limit.period.count());
    EXPECT_GE(static_cast<double>(sent.size()), 0.975 * allowed);
}

INSTANTIATE_TEST_SUITE_P(
    rates, contract_rates,
    ::testing::Values(rate_row{{1, 1000ms}, 5ms, 20s}, rate_row{{10, 1000ms}, 5ms, 20s},
                      rate_row{{100, 1000ms}, 5ms, 20s}, rate_row{{1000, 1000ms}, 5ms, 20s},
                      rate_row{{10000, 1000ms}, 5ms, 20s}, rate_row{{1000, 1000ms}, 100us, 20s},
                      rate_row{{30, 60000ms}, 5ms, 600s}, rate_row{{7, 1000ms}, 1ms, 20s},
                      rate_row{{5000, 3600000ms}, 5ms, 7200s}));

TEST(contract_rate, an_earlier_process_may_have_used_the_window) {
    contract_rate contract(rate{10, 1000ms}, start);
    EXPECT_FALSE(contract.ready(start));
    EXPECT_FALSE(contract.ready(start + 1000ms));
    EXPECT_TRUE(contract.ready(start + 1000ms + contract_rate::guard));
}

TEST(contract_rate, restarts_do_not_add_up_in_a_long_window) {
    testing::seeded_bits random{5};
    for (const auto& limit : {rate{1, 60000ms}, rate{30, 60000ms}, rate{120, 60000ms},
                              rate{3000, 3600000ms}, rate{5000, 3600000ms}}) {
        std::vector<steady_time> sent;
        for (auto now = start; now < start + 2 * limit.period;) {  // processes, one after another
            contract_rate contract(limit, now);
            const auto end = now + limit.period * (100 + random() % 900) / 1000;
            const auto more = send_greedily(contract, now, end, 10ms, random());
            sent.insert(sent.end(), more.begin(), more.end());
            now = end;
        }
        EXPECT_LE(most_in_any_window(sent, limit.period), limit.count) << limit.count;
        if (limit.count > 1) EXPECT_GE(sent.size(), limit.count * 7 / 5) << limit.count;
    }
}

TEST(contract_rate, after_idle_no_burst_beyond_the_window_and_the_rate_is_used_again) {
    contract_rate contract(rate{100, 1000ms}, start);
    auto sent = send_greedily(contract, start + 2s, start + 4s, 2ms, 1);
    const auto later = send_greedily(contract, start + 60s, start + 64s, 2ms, 2);
    EXPECT_GE(later.size(), 390U);
    sent.insert(sent.end(), later.begin(), later.end());
    EXPECT_LE(most_in_any_window(sent, 1s), 100U);
    // Even spacing: what may be caught up is a tenth of a second's worth.
    EXPECT_LE(most_in_any_window(later, 10ms), 12U);
}

TEST(contract_rate, pauses_of_a_busy_thread_never_break_the_wall) {
    testing::seeded_bits random{3};
    contract_rate contract(rate{50, 1000ms}, start);
    std::vector<steady_time> sent;
    for (auto now = start + 2s; now < start + 60s;) {
        while (contract.ready(now)) {
            contract.take(now);
            sent.push_back(now);
        }
        now += microseconds{random() % 10 == 0 ? random() % 900'000 : random() % 3000};
    }
    EXPECT_LE(most_in_any_window(sent, 1s), 50U);
    EXPECT_GT(sent.size(), 500U);
}

TEST(contract_rate, next_tells_when_and_unlimited_is_always_ready) {
    contract_rate contract(rate{1, 1000ms}, start);
    const auto first = contract.next();
    EXPECT_EQ(first, start + 1000ms + contract_rate::guard);
    contract.take(first);
    EXPECT_EQ(contract.next(), first + 1000ms + contract_rate::guard);
    contract_rate open(std::nullopt, start);
    EXPECT_TRUE(open.ready(start));
    open.take(start);
    EXPECT_TRUE(open.ready(start));
}

TEST(contract_rate, what_counts_for_several_waits_until_all_of_them_are_free) {
    contract_rate contract(rate{4, 1000ms}, start);
    const auto window = 1000ms + contract_rate::guard;
    auto now = start + 5s;
    contract.take(now);
    contract.take(contract.next());
    const auto second = contract.next(3) - window;  // the first one makes room for the third
    EXPECT_GE(contract.next(3), now + window);
    EXPECT_LE(second, now + 300ms);
    contract.hold(contract.next(3));
    EXPECT_EQ(contract.next(), contract.next(3));
    now = contract.next(3);
    contract.take(now, 3);
    EXPECT_GT(contract.next(), now);  // the hold is over, three intervals are not
    EXPECT_GE(contract.next(), now + 3 * window / 4 - contract_rate::catch_up);
}

TEST(contract_rate, more_than_the_whole_rate_is_paid_for_afterwards) {
    contract_rate contract(rate{2, 1000ms}, start);
    const auto now = start + 5s;
    EXPECT_LE(contract.next(10), now);
    contract.take(now, 10);
    EXPECT_GE(contract.next(), now + 4900ms);
}

struct rate_change {
    rate_limit before, after;
};

class changed_rates : public ::testing::TestWithParam<rate_change> {};

// Whatever was sent before the change counts: no window of the new limit sees more than it.
TEST_P(changed_rates, the_new_limit_is_a_wall_from_the_change_on_and_is_used) {
    const auto& [before, after] = GetParam();
    contract_rate limit(before, start);
    std::deque<steady_time> sent;
    auto now = start;
    const auto run_until = [&](steady_time end) {
        for (; now < end; now += 1ms) {
            if (!limit.ready(now)) continue;
            limit.take(now);
            sent.push_back(now);
        }
    };
    run_until(start + 90s);
    const auto changed = now;
    const auto earlier = sent.size();
    limit.change(after, now);
    const auto period = std::chrono::duration_cast<nanoseconds>(after->period);
    run_until(changed + 3 * period);
    for (std::size_t i = std::max<std::size_t>(earlier, after->count); i < sent.size(); ++i)
        ASSERT_GT(sent[i] - sent[i - after->count], period) << i;
    EXPECT_GE(sent.size() - earlier, after->count);
}

INSTANTIATE_TEST_SUITE_P(all, changed_rates,
                         ::testing::Values(rate_change{rate{100, 1000ms}, rate{50, 1000ms}},
                                           rate_change{rate{50, 1000ms}, rate{100, 1000ms}},
                                           rate_change{rate{10, 1000ms}, rate{30, 60000ms}},
                                           rate_change{rate{30, 60000ms}, rate{10, 1000ms}},
                                           rate_change{rate{10, 1000ms}, rate{600, 60000ms}},
                                           rate_change{std::nullopt, rate{20, 1000ms}},
                                           rate_change{rate{1, 86400000ms}, rate{1000, 1000ms}}));

TEST(contract_rate, the_same_limit_changes_nothing_and_none_is_always_ready) {
    contract_rate limit(rate{10, 1000ms}, start - 1h);
    limit.take(start);
    const auto next = limit.next();
    limit.change(rate{10, 1000ms}, start + 1ms);
    EXPECT_EQ(limit.next(), next);
    limit.change(std::nullopt, start + 1ms);
    EXPECT_TRUE(limit.ready(start + 1ms));
}

TEST(token_bucket, another_limit_keeps_what_was_used) {
    token_bucket bucket(rate{10, 1000ms}, 20);
    ASSERT_TRUE(bucket.try_take(15, start));
    bucket.change(rate{10, 1000ms}, 10, start);
    EXPECT_TRUE(bucket.try_take(5, start));
    EXPECT_FALSE(bucket.try_take(1, start));
    (void)bucket.take_in_debt(10, start);
    bucket.change(rate{100, 1000ms}, 50, start);
    EXPECT_EQ(bucket.wait_for(1, start), 110ms);
    bucket.change(std::nullopt, 0, start);
    EXPECT_TRUE(bucket.try_take(1000, start));
}

}  // namespace
}  // namespace hikyaku::gateway
