// A world whose gate answers as a test says, and remembers what it was asked.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "gateway/gate/gate.hpp"
#include "gateway/model/tables.hpp"
#include "tests/support/engine_fixture.hpp"

namespace hikyaku::gateway::testing {

class scripted_gate final : public gate_port {
public:
    /// It may answer otherwise from now on.
    void change() { ++facts_version_; }
    struct question {
        message_id message{};
        std::int64_t at_ms = 0;
        bool begun = false;
    };
    std::function<gate_verdict(const gate_question&)> answer = [](const auto&) {
        return gate_allow{};
    };
    std::vector<question> asked;

    gate_verdict ask(const gate_question& about) override {
        asked.push_back({message_id{about.message}, about.now_ms, about.begun});
        return answer(about);
    }
};

class gates : public ::testing::Test {
protected:
    scripted_gate gate;
    engine_world world;

    gates() { world.asked_gate = &gate; }

    void start() {
        world.start();
        world.accept_everything();
        world.bind_up(1);
        world.session_up(100);
    }
    static submission reminder(std::string_view text = "pay", Purpose purpose = Purpose::dunning) {
        auto message = engine_world::text_to("819012345678", text);
        message.purpose = purpose;
        return message;
    }
    /// Nothing goes out before this time.
    void close_until(std::int64_t until_ms) {
        gate.answer = [until_ms](const gate_question& about) -> gate_verdict {
            if (about.now_ms < until_ms) return gate_delay{until_ms};
            return gate_allow{};
        };
    }
    std::int64_t in(std::chrono::milliseconds after) { return world.now().wall_ms + after.count(); }
    std::vector<std::string> texts() {
        std::vector<std::string> out;
        for (const auto& segment : world.outputs->sent)
            out.push_back(segment.octets);
        return out;
    }
    told_error told() {
        EXPECT_EQ(world.deliveries(), 1U);
        return world.outputs->delivered.empty() ? told_error{}
                                                : world.outputs->delivered[0].event.told;
    }
    void expect_empty() {
        EXPECT_EQ(world.gateway->queued(), 0U);
        EXPECT_EQ(world.account().queued, 0U);
        EXPECT_EQ(world.entries(model::table::queue), 0U);
    }
};

}  // namespace hikyaku::gateway::testing
