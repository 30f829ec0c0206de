// A wall clock that is moved by hand: what is due by it happens at once, the steady clock stays.
#include <gtest/gtest.h>

#include "tests/support/engine_fixture.hpp"

namespace hikyaku::gateway {
namespace {

using testing::engine_world;

constexpr std::int64_t an_hour = 3600 * 1000;

class clock_moved : public ::testing::Test {
protected:
    void start() {
        world.start();
        world.bind_up(1);
    }
    message_id submit_at(std::int64_t after_ms, std::int64_t valid_ms = 0) {
        auto message = engine_world::text_to("819012345678", "due");
        message.send_at_ms = world.now().wall_ms + after_ms;
        if (valid_ms != 0) message.expires_ms = *message.send_at_ms + valid_ms;
        return world.submit(std::move(message));
    }
    [[nodiscard]] instant moved() const {
        auto now = world.now();
        now.wall_ms += by_ms;
        return now;
    }
    void move(std::int64_t ms) {
        by_ms += ms;
        world.gateway->on_clock_moved(moved());
        world.settle();
    }

    engine_world world;
    std::int64_t by_ms = 0;
};

TEST_F(clock_moved, what_is_due_goes_out_at_once) {
    start();
    const auto begin = world.now().wall_ms;
    EXPECT_EQ(world.gateway->next_due(moved()), std::nullopt);
    submit_at(2 * an_hour);
    submit_at(an_hour);
    EXPECT_EQ(world.gateway->next_due(moved()), begin + an_hour);
    EXPECT_TRUE(world.gateway->rests(moved()));
    move(an_hour - 1);
    EXPECT_TRUE(world.outputs->sent.empty());
    move(1);
    ASSERT_EQ(world.outputs->sent.size(), 1U);
    EXPECT_FALSE(world.gateway->rests(moved())) << "its carrier has not answered";
    world.respond(world.outputs->sent[0], "id-1");
    EXPECT_TRUE(world.gateway->rests(moved()));
    EXPECT_EQ(world.gateway->next_due(moved()), begin + 2 * an_hour);
}

TEST_F(clock_moved, what_is_over_expires_at_once) {
    start();
    world.gateway->pause_carrier(engine_world::alpha, true, world.now());
    const auto lost = submit_at(0, an_hour);
    EXPECT_EQ(world.gateway->next_due(moved()), world.now().wall_ms + an_hour);
    EXPECT_TRUE(world.gateway->rests(moved())) << "an operator has paused the carrier";
    move(an_hour);
    EXPECT_EQ(world.state_of(lost), State::expired);
}

TEST_F(clock_moved, what_has_no_carrier_does_not_keep_it_waiting) {
    world.start();
    world.submit("no bind");
    EXPECT_TRUE(world.gateway->rests(moved()));
    world.bind_up(1);
    EXPECT_FALSE(world.gateway->rests(moved()));
}

TEST_F(clock_moved, what_is_old_is_forgotten_at_once) {
    world.accept_everything(true);
    start();
    const auto done = world.submit("done");
    ASSERT_EQ(world.state_of(done), State::delivered);
    move(31 * 24 * an_hour);
    EXPECT_FALSE(world.gateway->find(engine_world::shop, done).has_value());
}

}  // namespace
}  // namespace hikyaku::gateway
