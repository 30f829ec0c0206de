// Histories of two or three rare steps: what a refusal, a late answer or a failed attempt means
// after another one has already said something else.
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

// Late refusals.

TEST_F(histories, a_late_refusal_counts_its_attempt_once) {
    for (const std::uint32_t attempts_max : {1U, 2U, 3U}) {
        SCOPED_TRACE(attempts_max);
        engine_world own;
        own.settings.carriers[0].retries[0x64] = {config::retry_rule::action::retry, 5s, 5s,
                                                  attempts_max};
        own.start();
        own.bind_up(1);
        own.session_up(100);
        const auto id = own.submit(once());
        if (attempts_max > 1) {
            own.refuse(own.outputs->sent.back(), command_status::esme_rx_t_appn);
            own.advance(10s);
            ASSERT_EQ(own.outputs->sent.size(), 2U);
        }
        own.fail(own.outputs->sent.back(), attempt_failure::timed_out);
        own.advance(1min);
        own.refuse(own.outputs->sent.back(), command_status::esme_rx_t_appn);  // late
        EXPECT_EQ(own.gateway->memory().waiting, 0U) << "its outcome is known";
        const auto attempts = own.gateway->find(engine_world::shop, id)->segments[0].attempts;
        EXPECT_EQ(attempts, attempts_max == 1 ? 1U : 2U);
        own.advance(1min);
        if (attempts_max < 3) {  // that was the last attempt
            EXPECT_EQ(own.state_of(id), State::rejected);
            EXPECT_EQ(own.delivered_states(), states{State::rejected});
        } else {
            ASSERT_EQ(own.outputs->sent.size(), 3U);
            EXPECT_EQ(own.deliveries(), 0U);
            own.refuse(own.outputs->sent.back(), command_status::esme_rx_t_appn);
            EXPECT_EQ(own.state_of(id), State::rejected);
        }
        EXPECT_EQ(own.entries(table::queue), 0U);
        EXPECT_EQ(own.account().queued, 0U);
        EXPECT_EQ(own.gateway->memory().waiting, 0U);
    }
}

TEST_F(histories, a_late_refusal_of_an_earlier_attempt_says_nothing_of_the_last) {
    // Attempt 1 at alpha has no answer, attempt 2 at beta neither; beta's receipt is awaited.
    world.settings.routes[0].targets = {{"alpha", 1, 0}, {"beta", 1, 1}};
    world.settings.carriers[1].on_unknown = config::unknown_outcome::await_receipt;
    world.start();
    world.bind_up(1);
    world.bind_up(2, engine_world::beta);
    world.session_up(100);
    const auto id = world.submit("Hello");
    world.fail(segment(0), attempt_failure::timed_out);
    ASSERT_EQ(sent(), 2U);
    EXPECT_EQ(segment(1).bind, bind_id{2});
    world.fail(segment(1), attempt_failure::timed_out);
    for (const auto status : {command_status::esme_rx_t_appn, command_status::esme_rinvdstadr}) {
        engine_world& own = world;
        own.refuse(segment(0), status);
        own.advance(10min);
        EXPECT_EQ(sent(), 2U);
        EXPECT_EQ(own.state_of(id), State::queued);
        EXPECT_EQ(own.deliveries(), 0U);
    }
    world.respond(segment(1), "B1");
    EXPECT_EQ(world.state_of(id), State::submitted);
    expect_nothing_queued();
}

TEST_F(histories, a_late_refusal_for_good_of_the_attempt_before_the_last_leaves_the_retry) {
    ready();
    const auto id = world.submit("Hello");
    world.fail(segment(0), attempt_failure::timed_out);
    world.advance(1min);
    ASSERT_EQ(sent(), 2U);
    world.fail(segment(1), attempt_failure::timed_out);
    world.refuse(segment(0), command_status::esme_rinvdstadr);
    EXPECT_EQ(world.state_of(id), State::queued);
    world.advance(3min);
    ASSERT_EQ(sent(), 3U);
    world.respond(segment(2), "A3");
    EXPECT_EQ(world.state_of(id), State::submitted);
}

TEST_F(histories, a_late_refusal_after_the_end_changes_nothing) {
    for (const auto status : {command_status::esme_rx_t_appn, command_status::esme_rinvdstadr}) {
        engine_world own;
        own.start();
        own.bind_up(1);
        own.session_up(100);
        auto message = once();
        message.expires_ms = own.now().wall_ms + 60'000;
        const auto id = own.submit(std::move(message));
        own.fail(own.outputs->sent[0], attempt_failure::timed_out);
        own.advance(62s);
        own.refuse(own.outputs->sent[0], status);
        own.advance(10min);
        EXPECT_EQ(own.state_of(id), State::unknown);
        EXPECT_EQ(own.delivered_states(), states{State::unknown});
        EXPECT_EQ(own.outputs->sent.size(), 1U);
        EXPECT_EQ(own.entries(table::queue), 0U);
    }
}

TEST_F(histories, a_second_late_answer_to_one_attempt_means_nothing) {
    ready();
    const auto id = world.submit(once());
    world.fail(segment(0), attempt_failure::timed_out);
    world.respond(segment(0), "A1");
    world.refuse(segment(0), command_status::esme_rinvdstadr);
    world.respond(segment(0), "A2");
    EXPECT_EQ(world.state_of(id), State::submitted);
    EXPECT_EQ(segment_of(id).carrier_message_id, "A1");
    EXPECT_EQ(world.gateway->count().late_responses, 3U);
}

TEST_F(histories, a_late_response_of_the_first_attempt_does_not_count_back) {
    ready();
    const auto id = world.submit("Hello");
    world.fail(segment(0), attempt_failure::timed_out);
    world.advance(1min);
    ASSERT_EQ(sent(), 2U);
    world.fail(segment(1), attempt_failure::timed_out);
    world.respond(segment(0), "A1");
    EXPECT_EQ(segment_of(id).attempts, 2U);
    EXPECT_EQ(segment_of(id).carrier_message_id, "A1");
    world.respond(segment(1), "A2");
    EXPECT_EQ(segment_of(id).carrier_message_id, "A2");
    world.receipt("A1", "DELIVRD");
    EXPECT_EQ(world.delivered_states(), states{State::delivered});
    expect_nothing_queued();
}

TEST_F(histories, an_attempt_that_fails_after_the_first_was_accepted_late_changes_nothing) {
    world.settings.routes[0].targets = {{"alpha", 1, 0}, {"beta", 1, 1}};
    world.settings.carriers[1].on_unknown = config::unknown_outcome::await_receipt;
    world.start();
    world.bind_up(1);
    world.bind_up(2, engine_world::beta);
    world.session_up(100);
    const auto id = world.submit("Hello");
    world.fail(segment(0), attempt_failure::timed_out);
    ASSERT_EQ(sent(), 2U);
    world.respond(segment(0), "A1");  // while the second one is under way
    world.fail(segment(1), attempt_failure::timed_out);
    EXPECT_EQ(world.state_of(id), State::submitted);
    EXPECT_EQ(world.gateway->count().resends_withheld, 0U);
    world.advance(1h);
    EXPECT_EQ(sent(), 2U);
    expect_nothing_queued();
    world.receipt("A1", "DELIVRD");
    EXPECT_EQ(world.delivered_states(), states{State::delivered});
}

TEST_F(histories, an_attempt_that_fails_after_the_receipt_of_the_first_leaves_its_error) {
    for (const auto why : {attempt_failure::timed_out, attempt_failure::outcome_unknown}) {
        engine_world own;
        own.settings.routes[0].targets = {{"alpha", 1, 0}, {"beta", 1, 1}};
        own.start();
        own.bind_up(1);
        own.bind_up(2, engine_world::beta);
        own.session_up(100);
        const auto id = own.submit("Hello");
        const auto first = own.outputs->sent.at(0);
        own.fail(first, attempt_failure::timed_out);
        ASSERT_EQ(own.outputs->sent.size(), 2U);
        const auto second = own.outputs->sent[1];
        own.respond(first, "A1");  // while the second one is under way
        own.receipt("A1", "UNDELIV", "027");
        own.fail(second, why);
        EXPECT_EQ(own.state_of(id), State::undeliverable);
        ASSERT_EQ(own.deliveries(), 1U);
        EXPECT_EQ(own.outputs->delivered[0].event.error, 27U);
        EXPECT_EQ(own.gateway->find(engine_world::shop, id)->segments.at(0).error, 27U);
    }
}

TEST_F(histories, a_receipt_on_the_way_with_an_untold_id_is_no_outcome) {
    ready();
    const auto id = world.submit(once());
    world.fail(segment(0), attempt_failure::timed_out);
    world.receipt("lost", "ACCEPTD");
    EXPECT_EQ(world.state_of(id), State::queued);
    EXPECT_EQ(segment_of(id).carrier_message_id, "");
    EXPECT_EQ(world.gateway->memory().waiting, 1U);
    world.receipt("lost", "DELIVRD");
    EXPECT_EQ(world.delivered_states(), states{State::delivered});
    expect_nothing_queued();
}

// Segments with different refusals.

TEST_F(histories, the_longest_pause_of_its_segments_is_the_messages) {
    const auto later = command_status::esme_rx_t_appn, sooner = command_status::esme_rsyserr;
    world.settings.carriers[0].retries[0x64] = {config::retry_rule::action::retry, 60s, 60s, 10};
    world.settings.carriers[0].retries[0x08] = {config::retry_rule::action::retry, 5s, 5s, 10};
    ready();
    for (const bool longest_first : {true, false}) {
        const auto before = sent();
        const auto id = world.submit(engine_world::text_to("819012345678", std::string(200, 'a')));
        ASSERT_EQ(sent(), before + 2);
        world.refuse(segment(before), longest_first ? later : sooner);
        world.refuse(segment(before + 1), longest_first ? sooner : later);
        world.advance(50s);
        EXPECT_EQ(sent(), before + 2);
        world.advance(30s);
        ASSERT_EQ(sent(), before + 4);
        world.respond(segment(before + 2), "A" + std::to_string(before));
        world.respond(segment(before + 3), "B" + std::to_string(before));
        EXPECT_EQ(world.state_of(id), State::submitted);
    }
    expect_nothing_queued();
}

TEST_F(histories, a_throttled_segment_waits_with_the_one_that_was_refused_for_now) {
    ready();
    const auto id = world.submit(engine_world::text_to("819012345678", std::string(200, 'a')));
    ASSERT_EQ(sent(), 2U);
    world.refuse(segment(0), command_status::esme_rx_t_appn);
    world.refuse(segment(1), command_status::esme_rthrottled);
    world.advance(25s);
    EXPECT_EQ(sent(), 2U);
    world.advance(20s);
    ASSERT_EQ(sent(), 4U);
    world.respond(segment(2), "A1");
    world.respond(segment(3), "A2");
    EXPECT_EQ(world.state_of(id), State::submitted);
    expect_nothing_queued();
}

TEST_F(histories, what_is_half_sent_at_the_end_of_its_validity_is_not_torn) {
    world.start();
    world.bind_up(1, engine_world::alpha, 1);
    world.session_up(100);
    auto message = engine_world::text_to("819012345678", std::string(200, 'a'));
    message.expires_ms = world.now().wall_ms + 5'000;
    const auto id = world.submit(std::move(message));
    ASSERT_EQ(sent(), 1U);
    world.advance(10s);
    EXPECT_EQ(world.state_of(id), State::queued) << "the first is still under way";
    world.bind_up(2, engine_world::alpha, 1);
    ASSERT_EQ(sent(), 2U);
    world.respond(segment(0), "A1");
    world.respond(segment(1), "A2");
    EXPECT_EQ(world.state_of(id), State::submitted);
    expect_nothing_queued();
}

// Refused, then accepted, then viewed.

TEST_F(histories, an_acceptance_forgets_the_refusals_before_it) {
    ready();
    const auto id = world.submit("Hello");
    world.refuse(segment(0), command_status::esme_rx_t_appn);
    EXPECT_EQ(segment_of(id).error, static_cast<std::uint32_t>(command_status::esme_rx_t_appn));
    world.advance(40s);
    ASSERT_EQ(sent(), 2U);
    world.respond(segment(1), "A1");
    operation_target what;
    what.id = id;
    what.source.digits = "Shop";
    for (const bool restarted : {false, true}) {
        if (restarted) {
            world.crash_and_start();
            world.bind_up(1);
            world.session_up(100);
        }
        EXPECT_EQ(segment_of(id).error, 0U) << restarted;
        EXPECT_EQ(segment_of(id).state, State::submitted);
        EXPECT_EQ(segment_of(id).attempts, 2U);
        const auto asked = world.gateway->query(engine_world::shop, what, world.now());
        ASSERT_TRUE(asked);
        EXPECT_EQ(asked->error, 0U) << restarted;
    }
    world.receipt("A1", "DELIVRD");
    ASSERT_EQ(world.deliveries(), 1U);
    EXPECT_EQ(world.outputs->delivered[0].event.error, 0U);
}

TEST_F(histories, an_attempt_without_an_outcome_is_remembered_over_refusals_and_restarts) {
    ready();
    const auto id = world.submit("Hello");
    world.refuse(segment(0), command_status::esme_rx_t_appn);
    world.advance(40s);
    world.fail(segment(1), attempt_failure::timed_out);
    EXPECT_EQ(segment_of(id).error, 0U);
    world.advance(3min);
    ASSERT_EQ(sent(), 3U);
    world.refuse(segment(2), command_status::esme_rx_t_appn);
    EXPECT_EQ(segment_of(id).error, 0U) << "it may have reached the phone";
    world.crash_and_start();
    world.bind_up(1);
    EXPECT_EQ(world.gateway->cancel(engine_world::shop, id, {session_id{1}, 1}, world.now()),
              refusal::not_cancellable);
    world.advance(10min);
    ASSERT_EQ(sent(), 1U);
    world.refuse(segment(0), command_status::esme_rinvdstadr);
    EXPECT_EQ(world.state_of(id), State::rejected);
    EXPECT_EQ(segment_of(id).error, static_cast<std::uint32_t>(command_status::esme_rinvdstadr));
}

TEST_F(histories, an_acceptance_ends_a_run_of_throttling) {
    ready();
    const auto id = world.submit("Hello");
    for (int i = 0; i < 3; ++i) {
        world.refuse(segment(sent() - 1), command_status::esme_rthrottled);
        world.advance(31s);
    }
    ASSERT_EQ(sent(), 4U);
    EXPECT_EQ(segment_of(id).attempts, 0U) << "throttling counts no attempt";
    world.respond(segment(3), "A1");
    EXPECT_EQ(segment_of(id).attempts, 1U);
    EXPECT_EQ(segment_of(id).error, 0U);
}

}  // namespace
}  // namespace hikyaku::gateway
