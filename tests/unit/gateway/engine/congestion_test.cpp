#include "gateway/engine/congestion.hpp"

#include <gtest/gtest.h>

#include "gateway/engine/directory/rate.hpp"
#include "tests/support/engine_fixture.hpp"

namespace hikyaku::gateway {
namespace {

using testing::engine_world;
using namespace std::chrono_literals;

TEST(congestion, is_that_of_the_fullest) {
    EXPECT_EQ(congestion_state_of({}), 0);
    EXPECT_EQ(congestion_state_of({.writer = 0.25}), 25);
    EXPECT_EQ(congestion_state_of({.writer = 0.25, .account_queue = 0.5}), 50);
    EXPECT_EQ(congestion_state_of({.all_queues = 0.8, .rate = 0.1}), 80);
    EXPECT_EQ(congestion_state_of({.rate = 0.999}), 99);
    EXPECT_EQ(congestion_state_of({.rate = 1.0}), 99);
    EXPECT_EQ(congestion_state_of({.rate = 7.5}), 99);
    EXPECT_EQ(congestion_state_of({.rate = -0.1}), 0);
}

TEST(congestion, a_bucket_tells_what_was_used) {
    const steady_time start{100s};
    token_bucket bucket(config::rate{10, config::milliseconds{1000}}, 20);
    EXPECT_DOUBLE_EQ(bucket.used(start), 0);
    ASSERT_TRUE(bucket.try_take(15, start));
    EXPECT_DOUBLE_EQ(bucket.used(start), 0.75);
    EXPECT_NEAR(bucket.used(start + 1s), 0.25, 1e-9);
    token_bucket unlimited(std::nullopt, 0);
    EXPECT_DOUBLE_EQ(unlimited.used(start), 0);
}

TEST(congestion, grows_with_the_account_s_queue_and_rate) {
    engine_world world;
    world.settings.accounts[0].queued_max = 4;
    world.settings.accounts[1].rate.per_second = config::rate{10, config::milliseconds{1000}};
    world.settings.accounts[1].rate.burst = 10;
    world.start();
    EXPECT_EQ(world.gateway->congestion_of(engine_world::shop, world.now()), 0);
    world.submit("one");
    EXPECT_EQ(world.gateway->congestion_of(engine_world::shop, world.now()), 25);
    world.submit("two");
    world.submit("three");
    EXPECT_EQ(world.gateway->congestion_of(engine_world::shop, world.now()), 75);
    EXPECT_EQ(world.gateway->congestion_of(engine_world::bank, world.now()), 0);
    for (int i = 0; i < 5; ++i)
        world.submit("text", engine_world::bank);
    EXPECT_EQ(world.gateway->congestion_of(engine_world::bank, world.now()), 50);
}

TEST(wants_receiver, while_events_wait_and_nobody_can_receive) {
    engine_world world;
    world.start();
    world.bind_up(1);
    EXPECT_FALSE(world.gateway->wants_receiver(engine_world::shop));
    world.submit("text");
    ASSERT_EQ(world.outputs->sent.size(), 1U);
    world.respond(world.outputs->sent[0], "id-1");
    world.receipt("id-1", "DELIVRD");
    EXPECT_TRUE(world.gateway->wants_receiver(engine_world::shop));
    EXPECT_FALSE(world.gateway->wants_receiver(engine_world::bank));
    world.gateway->on_session_up(session_id{5}, {engine_world::shop, true, false, 10, 0x34},
                                 world.now());
    world.settle();
    EXPECT_TRUE(world.gateway->wants_receiver(engine_world::shop));  // a transmitter
    world.session_up(6);
    EXPECT_FALSE(world.gateway->wants_receiver(engine_world::shop));
    ASSERT_EQ(world.outputs->delivered.size(), 1U);
    world.acknowledge_delivery(world.outputs->delivered[0]);
    world.session_down(6);
    EXPECT_FALSE(world.gateway->wants_receiver(engine_world::shop));  // all is told
}

}  // namespace
}  // namespace hikyaku::gateway
