// How many events the next post holds after each answer, and which events wait alone.
#include "gateway/engine/delivery/webhook_batches.hpp"

#include <gtest/gtest.h>

namespace hikyaku::gateway {
namespace {

using namespace std::chrono_literals;
using subject = webhook_batches::subject;

TEST(webhook_batches, what_each_status_speaks_of) {
    for (const std::uint32_t status : {400, 406, 409, 411, 413, 414, 415, 422, 423, 431, 451, 499})
        EXPECT_EQ(webhook_batches::subject_of(status), subject::event) << status;
    for (const std::uint32_t status : {0,   101, 301, 302, 304, 307, 308, 401, 402, 404, 405,
                                       407, 408, 410, 421, 425, 426, 429, 503, 511, 600, 999})
        EXPECT_EQ(webhook_batches::subject_of(status), subject::receiver) << status;
    for (const std::uint32_t status : {403, 500, 501, 502, 504, 505, 520, 599})
        EXPECT_EQ(webhook_batches::subject_of(status), subject::either) << status;
}

TEST(webhook_batches, a_refused_batch_is_halved_until_one_is_left) {
    for (std::size_t batch = 1; batch <= 300; ++batch) {
        for (std::size_t culprit = 0; culprit < batch; culprit += 1 + batch / 7) {
            webhook_batches batches;
            std::size_t head = 0, posts = 0;
            for (;;) {
                const auto size = std::min(batches.size(batch), batch - head);
                ASSERT_GE(size, 1U);
                ++posts;
                const bool holds = culprit >= head && culprit < head + size;
                if (holds && size == 1) break;
                if (holds) {
                    batches.refused(size, subject::event);
                } else {
                    batches.accepted(size, 1, false, {});
                    head += size;
                }
            }
            std::size_t halvings = 0;
            while ((std::size_t{1} << halvings) < batch)
                ++halvings;
            EXPECT_EQ(head, culprit);
            EXPECT_LE(posts, halvings + 2) << batch << " " << culprit;
        }
    }
}

TEST(webhook_batches, batches_grow_again) {
    webhook_batches batches;
    EXPECT_EQ(batches.size(100), 100U);
    batches.refused(1, subject::event);
    for (const std::size_t size : {1, 2, 4, 8, 16, 32, 64, 100, 100}) {
        EXPECT_EQ(batches.size(100), size);
        batches.accepted(size, 1, false, {});
    }
}

TEST(webhook_batches, refusals_in_a_row_become_slow_probes) {
    webhook_batches batches;
    for (std::uint32_t i = 0; i < webhook_batches::quick_refusals; ++i) {
        batches.refused(1, subject::event);
        EXPECT_FALSE(batches.is_probing());
        EXPECT_EQ(batches.pause(), 0ms);
    }
    for (const auto pause : {1s, 1s, 1s, 1s,  2s,  2s,  2s,  2s,  4s,  4s,  4s,  4s,  8s,
                             8s, 8s, 8s, 16s, 16s, 16s, 16s, 32s, 32s, 32s, 32s, 60s, 60s}) {
        batches.refused(1, subject::event);
        EXPECT_TRUE(batches.is_probing());
        EXPECT_EQ(batches.size(100), 1U);
        EXPECT_EQ(batches.pause(), pause);
    }
    batches.accepted(1, 1, false, {});
    EXPECT_FALSE(batches.is_probing());
    for (int i = 0; i < 100; ++i)
        batches.refused(10, subject::either);  // these wait for the receiver anyhow
    EXPECT_FALSE(batches.is_probing());
    EXPECT_EQ(batches.size(100), 5U);
}

TEST(webhook_batches, events_wait_alone_each_for_its_own_time) {
    webhook_batches batches;
    const webhook_batches::time_point start{1h};
    EXPECT_FALSE(batches.next_due());
    EXPECT_TRUE(batches.set_alone(7, 5s, start, 1000));
    EXPECT_TRUE(batches.set_alone(8, 3s, start, 2000));
    EXPECT_EQ(batches.next_due(), start + 3s);
    EXPECT_EQ(batches.take_alone(start + 2s, false), std::nullopt);
    EXPECT_EQ(batches.take_alone(start + 5s, false), 8U);
    EXPECT_EQ(batches.take_alone(start + 5s, false), std::nullopt);  // one a second
    EXPECT_EQ(batches.next_due(), start + 6s);
    EXPECT_EQ(batches.take_alone(start + 6s, false), 7U);
    EXPECT_FALSE(batches.next_due());
    EXPECT_TRUE(batches.set_alone(7, 10s, start + 6s, 9000));
    EXPECT_EQ(batches.failures_of(7), 2U);
    EXPECT_EQ(batches.alone().at(7).failing_since_ms, 1000);
    batches.postpone(8, start + 6s);
    EXPECT_EQ(batches.failures_of(8), 1U);
    EXPECT_EQ(batches.take_alone(start + 8s, false), 8U);
    batches.accepted_alone(8, start + 8s);  // the receiver was mended, perhaps
    EXPECT_EQ(batches.take_alone(start + 8s, false), 7U);
    batches.forget(7);
    EXPECT_TRUE(batches.alone().empty());
}

TEST(webhook_batches, what_waits_alone_is_tried_when_the_receiver_has_recovered) {
    webhook_batches batches;
    const webhook_batches::time_point start{1h};
    for (std::uint64_t sequence = 1; sequence <= 3; ++sequence)
        EXPECT_TRUE(batches.set_alone(sequence, 6h, start, 1));
    batches.accepted(5, 9, false, start + 10s);
    EXPECT_EQ(batches.next_due(), start + 6h);
    batches.accepted(5, 9, true, start + 10s);
    EXPECT_EQ(batches.take_alone(start + 10s, false), 1U);
    EXPECT_EQ(batches.take_alone(start + 11s, false), 2U);
    EXPECT_TRUE(batches.set_alone(1, 6h, start + 11s, 1));
    EXPECT_TRUE(batches.set_alone(2, 6h, start + 11s, 1));
    for (std::uint32_t i = 0; i <= webhook_batches::quick_refusals; ++i)
        batches.refused(1, subject::event);
    batches.accepted(1, 9, false, start + 12s);
    EXPECT_EQ(batches.take_alone(start + 12s, false), 1U);
}

TEST(webhook_batches, behind_an_accepted_probe_it_goes_on_until_one_is_refused) {
    webhook_batches batches;
    batches.accepted(1, 5, false, {});
    EXPECT_EQ(batches.behind(), 0U);
    for (std::uint32_t i = 0; i <= webhook_batches::quick_refusals; ++i)
        batches.refused(1, subject::event);
    batches.accepted(1, 500, false, {});
    EXPECT_EQ(batches.behind(), 500U);
    EXPECT_EQ(batches.size(100), 2U);
    batches.accepted(2, 502, false, {});
    EXPECT_EQ(batches.behind(), 502U);
    batches.refused(4, subject::event);  // somewhere in there, and the head is not known
    EXPECT_EQ(batches.behind(), 0U);
    EXPECT_EQ(batches.size(100), 1U);
}

TEST(webhook_batches, the_queue_and_the_lonely_take_turns) {
    webhook_batches batches;
    const webhook_batches::time_point start{1h};
    for (std::uint64_t sequence = 1; sequence <= 3; ++sequence)
        EXPECT_TRUE(batches.set_alone(sequence, 0s, start, 1));
    EXPECT_EQ(batches.take_alone(start + 1s, true), 1U);
    EXPECT_EQ(batches.take_alone(start + 3s, true), std::nullopt);
    EXPECT_EQ(batches.take_alone(start + 3s, true), 2U);
    EXPECT_EQ(batches.take_alone(start + 5s, false), 3U);
}

TEST(webhook_batches, no_more_than_some_thousand_wait_alone) {
    webhook_batches batches;
    const webhook_batches::time_point start{1h};
    for (std::uint64_t sequence = 1; sequence <= webhook_batches::alone_max; ++sequence)
        ASSERT_TRUE(batches.set_alone(sequence, 5s, start, 1));
    EXPECT_FALSE(batches.set_alone(99999, 5s, start, 1));
    EXPECT_TRUE(batches.set_alone(1, 5s, start, 1));
    EXPECT_EQ(batches.clear().size(), webhook_batches::alone_max);
    EXPECT_FALSE(batches.next_due());
    EXPECT_EQ(batches.size(100), 100U);
}

}  // namespace
}  // namespace hikyaku::gateway
