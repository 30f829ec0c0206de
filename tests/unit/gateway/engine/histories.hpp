// A world for histories of attempts, receipts and refusals that come one after the other.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "gateway/model/tables.hpp"
#include "tests/support/engine_fixture.hpp"

namespace hikyaku::gateway::testing {

class histories : public ::testing::Test {
protected:
    engine_world world;

    static submission once(std::string_view text = "Hello") {
        auto message = engine_world::text_to("819012345678", text);
        message.origin = Origin::smpp;
        message.at_most_once = true;
        return message;
    }
    static submission two_segments() { return once(std::string(200, 'a')); }
    sent_segment segment(std::size_t index) { return world.outputs->sent.at(index); }
    std::size_t sent() { return world.outputs->sent.size(); }
    segment_view segment_of(message_id id, std::size_t index = 0) {
        return world.gateway->find(engine_world::shop, id)->segments.at(index);
    }
    std::uint64_t finished(State state) {
        return world.gateway->count().finished[static_cast<std::size_t>(state)];
    }
    void expect_nothing_queued() {
        EXPECT_EQ(world.account().queued, 0U);
        EXPECT_EQ(world.entries(model::table::queue), 0U);
        EXPECT_EQ(world.gateway->memory().waiting, 0U);
        EXPECT_EQ(world.gateway->memory().in_flight, 0U);
    }
    void ready() {
        world.start();
        world.bind_up(1);
        world.session_up(100);
    }
    /// A message whose only attempt has no answer, and whose validity is over.
    message_id given_up(submission message = once()) {
        ready();
        message.expires_ms = world.now().wall_ms + 60'000;
        const auto id = world.submit(std::move(message));
        for (std::size_t i = 0, all = sent(); i < all; ++i)
            world.fail(segment(i), attempt_failure::timed_out);
        world.advance(62s);
        EXPECT_EQ(world.state_of(id), State::unknown);
        EXPECT_EQ(world.delivered_states(), std::vector{State::unknown});
        return id;
    }
};

}  // namespace hikyaku::gateway::testing
