// A world for at-most-once messages, whose marks are on disk before a segment is sent.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/support/engine_fixture.hpp"

namespace hikyaku::gateway::testing {

class marks : public ::testing::Test {
protected:
    engine_world world;
    const std::string two_segments = std::string(200, 'a');

    std::size_t sent() { return world.outputs->sent.size(); }
    const sent_segment& last() { return world.outputs->sent.back(); }
    submission once(std::string_view text = "Hello", std::string_view to = "819012345678") {
        auto message = engine_world::text_to(to, text);
        message.origin = Origin::smpp;
        message.at_most_once = true;
        message.expires_ms = world.now().wall_ms + 3'600'000;
        return message;
    }
    submission plain(std::string_view text = "Hello") {
        auto message = once(text);
        message.at_most_once = false;
        return message;
    }
    void begin(std::uint32_t window = 10) {
        world.start();
        world.session_up(100);
        world.bind_up(1, engine_world::alpha, window);
    }
    /// kill -9, and a start at which the carrier is there again.
    void die_and_begin() {
        world.crash_and_start();
        world.session_up(100);
        world.bind_up(1);
        world.advance(5s);
    }
    void has_two_carriers() {
        world.settings.routes[0].targets = {{.carrier = "alpha", .priority = 0},
                                            {.carrier = "beta", .priority = 1}};
    }
    /// Accepted, and on disk; the mark may be in the batches that wait.
    message_id accept_by_hand(submission message) {
        world.commits_itself = false;
        const auto id = world.hand_in(std::move(message)).id;
        step();
        return id;
    }
    void step() {
        world.turn();
        world.write_batches();
        world.report_batches();
        world.turn();
    }
};

}  // namespace hikyaku::gateway::testing
