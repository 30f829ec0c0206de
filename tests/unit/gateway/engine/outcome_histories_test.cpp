// Histories of two or three rare steps: what a receipt or an end of a segment means after another
// one has already said something else.
#include <gtest/gtest.h>

#include "tests/unit/gateway/engine/histories.hpp"

namespace hikyaku::gateway {
namespace {

using smpp::command_status;
namespace table = model::table;
using testing::engine_world;
using testing::histories;
using namespace std::chrono_literals;

using states = std::vector<State>;

// An outcome after "unknown".

TEST_F(histories, an_outcome_after_unknown_is_told_once_more_and_no_other) {
    for (const bool restarted : {false, true}) {
        SCOPED_TRACE(restarted);
        engine_world own;
        own.start();
        own.bind_up(1);
        own.session_up(100);
        auto message = once();
        message.expires_ms = own.now().wall_ms + 60'000;
        const auto id = own.submit(std::move(message));
        const auto attempt = own.outputs->sent.at(0);
        own.fail(attempt, attempt_failure::timed_out);
        own.advance(62s);
        ASSERT_EQ(own.delivered_states(), states{State::unknown});
        own.respond(attempt, "A1");  // late: nothing is told by it
        EXPECT_EQ(own.state_of(id), State::unknown);
        own.acknowledge_delivery(own.outputs->delivered[0]);
        if (restarted) {
            own.crash_and_start();
            own.bind_up(1);
            own.session_up(100);
        }
        const auto before = own.deliveries();
        own.receipt("A1", "UNKNOWN");  // nothing new
        EXPECT_EQ(own.deliveries(), before);
        own.receipt("A1", "DELIVRD");
        EXPECT_EQ(own.state_of(id), State::delivered);
        ASSERT_EQ(own.deliveries(), before + 1);
        EXPECT_EQ(own.delivered_states().back(), State::delivered);
        own.receipt("A1", "DELIVRD");
        own.receipt("A1", "UNDELIV");
        own.receipt("A1", "UNKNOWN");
        EXPECT_EQ(own.state_of(id), State::delivered);
        EXPECT_EQ(own.deliveries(), before + 1);
        EXPECT_EQ(own.entries(table::queue), 0U);
        EXPECT_EQ(own.entries(table::unmatched), 0U);
    }
}

TEST_F(histories, an_outcome_after_a_receipt_that_says_unknown) {
    ready();
    const auto id = world.submit("Hello");
    world.respond(segment(0), "A1");
    world.receipt("A1", "UNKNOWN");
    EXPECT_EQ(world.state_of(id), State::unknown);
    world.receipt("A1", "UNDELIV", "034");
    EXPECT_EQ(world.delivered_states(), (states{State::unknown, State::undeliverable}));
    EXPECT_EQ(world.outputs->delivered.back().event.error, 34U);
    world.receipt("A1", "DELIVRD");  // a failure is the end
    EXPECT_EQ(world.delivered_states().size(), 2U);
    EXPECT_EQ(world.state_of(id), State::undeliverable);
}

TEST_F(histories, one_segments_outcome_after_unknown_and_the_others_stay) {
    for (const bool each : {false, true}) {
        SCOPED_TRACE(each);
        engine_world own;
        own.settings.accounts[0].delivery.parts =
            each ? config::receipt_parts::each : config::receipt_parts::one;
        own.start();
        own.bind_up(1);
        own.session_up(100);
        const auto id = own.submit(two_segments());
        ASSERT_EQ(own.outputs->sent.size(), 2U);
        own.respond(own.outputs->sent[0], "A1");
        own.respond(own.outputs->sent[1], "A2");
        own.receipt("A1", "UNKNOWN");
        own.receipt("A2", "DELIVRD");
        EXPECT_EQ(own.state_of(id), State::unknown);
        own.receipt("A1", "EXPIRED");
        EXPECT_EQ(own.state_of(id), State::expired);
        EXPECT_EQ(own.delivered_states(),
                  each ? (states{State::unknown, State::delivered, State::expired})
                       : (states{State::unknown, State::expired}));
        EXPECT_EQ(own.outputs->delivered.back().event.part, each ? 1 : 0);
    }
}

TEST_F(histories, both_segments_outcomes_after_unknown_are_one_receipt_for_each_change) {
    const auto id = given_up(two_segments());
    world.respond(segment(0), "A1");
    world.respond(segment(1), "A2");
    world.receipt("A1", "DELIVRD");
    EXPECT_EQ(world.state_of(id), State::unknown);
    world.receipt("A2", "DELIVRD");
    EXPECT_EQ(world.state_of(id), State::delivered);
    EXPECT_EQ(world.delivered_states().back(), State::delivered);
    EXPECT_EQ(std::ranges::count(world.delivered_states(), State::delivered), 1);
    expect_nothing_queued();
}

// Several segments, each with another end.

TEST_F(histories, of_several_ends_a_known_failure_says_most) {
    struct row {
        std::vector<std::string> stats;
        State state;
        std::uint32_t error;  // told: of the segment that made the state; the n-th has 100 + n
    };
    const row rows[] = {
        {{"DELIVRD", "DELIVRD"}, State::delivered, 100},
        {{"UNKNOWN", "REJECTD"}, State::rejected, 101},
        {{"REJECTD", "UNKNOWN"}, State::rejected, 100},
        {{"UNKNOWN", "DELIVRD"}, State::unknown, 100},
        {{"DELIVRD", "UNKNOWN"}, State::unknown, 101},
        {{"UNKNOWN", "UNKNOWN"}, State::unknown, 100},
        {{"UNDELIV", "REJECTD"}, State::undeliverable, 100},
        {{"REJECTD", "UNDELIV"}, State::rejected, 100},
        {{"DELIVRD", "DELIVRD", "EXPIRED"}, State::expired, 102},
        {{"UNKNOWN", "DELIVRD", "UNDELIV"}, State::undeliverable, 102},
        {{"UNKNOWN", "UNDELIV", "EXPIRED"}, State::undeliverable, 101},
        {{"DELIVRD", "DELETED", "UNKNOWN"}, State::deleted, 101},
    };
    for (const auto& [stats, state, error] : rows) {
        for (const bool backward : {false, true}) {
            SCOPED_TRACE(stats[0] + " " + stats[1] + (backward ? " backward" : ""));
            engine_world own;
            own.start();
            own.bind_up(1);
            own.session_up(100);
            const auto id = own.submit(
                engine_world::text_to("819012345678", std::string(153 * stats.size() - 20, 'a')));
            ASSERT_EQ(own.outputs->sent.size(), stats.size());
            for (std::size_t i = 0; i < stats.size(); ++i)
                own.respond(own.outputs->sent[i], "A" + std::to_string(i));
            for (std::size_t n = 0; n < stats.size(); ++n) {
                EXPECT_EQ(own.deliveries(), 0U) << "told before the last one's end";
                const auto i = backward ? stats.size() - 1 - n : n;
                own.receipt("A" + std::to_string(i), stats[i], std::to_string(100 + i));
            }
            EXPECT_EQ(own.state_of(id), state);
            ASSERT_EQ(own.deliveries(), 1U);
            EXPECT_EQ(own.outputs->delivered[0].event.state, state);
            EXPECT_EQ(own.outputs->delivered[0].event.error, error);
            EXPECT_EQ(own.outputs->delivered[0].event.parts_delivered,
                      std::ranges::count(stats, "DELIVRD"));
            EXPECT_EQ(own.gateway->count().finished[static_cast<std::size_t>(state)], 1U);
        }
    }
}

TEST_F(histories, a_refused_segment_beside_one_without_an_outcome) {
    for (const bool first_waits : {true, false}) {
        SCOPED_TRACE(first_waits);
        engine_world own;
        own.start();
        own.bind_up(1);
        own.session_up(100);
        const auto id = own.submit(two_segments());
        ASSERT_EQ(own.outputs->sent.size(), 2U);
        const auto waiting = own.outputs->sent[first_waits ? 0 : 1];
        const auto refused = own.outputs->sent[first_waits ? 1 : 0];
        own.fail(waiting, attempt_failure::timed_out);
        own.refuse(refused, command_status::esme_rinvdstadr);
        EXPECT_EQ(own.state_of(id), State::rejected);
        EXPECT_EQ(own.delivered_states(), states{State::rejected});
        EXPECT_EQ(own.outputs->delivered[0].event.error,
                  static_cast<std::uint32_t>(command_status::esme_rinvdstadr));
        EXPECT_EQ(own.entries(table::queue), 0U);
        EXPECT_EQ(own.gateway->memory().waiting, 0U);
        // The other one's outcome changes its own record and nothing that was told.
        own.respond(waiting, "A1");
        own.receipt("A1", "DELIVRD");
        EXPECT_EQ(own.state_of(id), State::rejected);
        EXPECT_EQ(own.deliveries(), 1U);
        EXPECT_EQ(own.gateway->find(engine_world::shop, id)->segments[first_waits ? 0 : 1].state,
                  State::delivered);
    }
}

}  // namespace
}  // namespace hikyaku::gateway
