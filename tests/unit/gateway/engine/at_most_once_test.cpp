// At-most-once messages, and late responses in every order.
#include <gtest/gtest.h>

#include "gateway/model/tables.hpp"
#include "tests/support/engine_fixture.hpp"

namespace hikyaku::gateway {
namespace {

using smpp::command_status;
namespace table = model::table;
using testing::engine_world;
using namespace std::chrono_literals;

submission once(std::string_view text = "Hello", std::string_view to = "819012345678") {
    auto message = engine_world::text_to(to, text);
    message.origin = Origin::smpp;
    message.at_most_once = true;
    return message;
}

class at_most_once : public ::testing::Test {
protected:
    engine_world world;

    const testing::sent_segment& last() { return world.outputs->sent.back(); }
    std::size_t sent() { return world.outputs->sent.size(); }
    /// Submits, and lets the only attempt end in one of the two ways.
    message_id with_unknown_outcome(attempt_failure why, submission message = once()) {
        world.start();
        world.bind_up(1);
        world.session_up(100);
        const auto id = world.submit(std::move(message));
        if (why == attempt_failure::timed_out) {
            world.fail(last(), why);
        } else {
            world.bind_down(1, why, {last()});
            world.bind_up(2);
        }
        return id;
    }
};

TEST_F(at_most_once, is_never_sent_again_and_is_unknown_in_the_end) {
    for (const auto why : {attempt_failure::timed_out, attempt_failure::outcome_unknown}) {
        engine_world own;
        own.start();
        own.bind_up(1);
        own.session_up(100);
        auto message = once();
        message.expires_ms = own.now().wall_ms + 3'600'000;
        const auto id = own.submit(std::move(message));
        const auto attempt = own.outputs->sent[0];
        if (why == attempt_failure::timed_out) {
            own.fail(attempt, why);
        } else {
            own.bind_down(1, why, {attempt});
            own.bind_up(2);
        }
        own.advance(59min);
        EXPECT_EQ(own.outputs->sent.size(), 1U);
        EXPECT_EQ(own.deliveries(), 0U);
        EXPECT_EQ(own.gateway->cancel(engine_world::shop, id, {session_id{1}, 1}, own.now()),
                  refusal::not_cancellable);
        own.advance(2min);
        EXPECT_EQ(own.outputs->sent.size(), 1U);
        EXPECT_EQ(own.state_of(id), State::unknown);
        EXPECT_EQ(own.delivered_states(), std::vector{State::unknown});
        EXPECT_EQ(own.gateway->count().resends_withheld, 1U);
        EXPECT_EQ(own.account().queued, 0U);
        EXPECT_EQ(own.entries(table::queue), 0U);
    }
}

TEST_F(at_most_once, what_was_surely_not_sent_is_sent) {
    world.start();
    world.bind_up(1);
    world.submit(once());
    world.bind_down(1, attempt_failure::not_sent, {last()});
    world.bind_up(2);
    EXPECT_EQ(sent(), 2U);
    world.refuse(last(), command_status::esme_rx_t_appn);  // nor was this
    world.advance(1min);
    EXPECT_EQ(sent(), 3U);
}

TEST_F(at_most_once, the_account_can_ask_for_it) {
    world.settings.accounts[0].at_most_once = true;
    with_unknown_outcome(attempt_failure::timed_out, engine_world::text_to("819012345678", "Hi"));
    world.advance(30min);
    EXPECT_EQ(sent(), 1U);
}

TEST_F(at_most_once, others_are_sent_again_as_the_carrier_says) {
    auto message = once();
    message.at_most_once = false;
    with_unknown_outcome(attempt_failure::timed_out, std::move(message));
    world.advance(1min);
    EXPECT_EQ(sent(), 2U);
}

TEST_F(at_most_once, a_late_response_and_its_receipt_are_the_outcome) {
    const auto id = with_unknown_outcome(attempt_failure::timed_out);
    world.respond(last(), "A1");
    EXPECT_EQ(world.state_of(id), State::submitted);
    EXPECT_EQ(world.account().queued, 0U);
    world.receipt("A1", "DELIVRD");
    EXPECT_EQ(world.delivered_states(), std::vector{State::delivered});
    world.advance(80h);
    EXPECT_EQ(sent(), 1U);
    EXPECT_EQ(world.deliveries(), 1U);
}

TEST_F(at_most_once, a_late_refusal_lets_it_be_sent_again) {
    const auto id = with_unknown_outcome(attempt_failure::timed_out);
    world.refuse(last(), command_status::esme_rthrottled);
    world.advance(2min);
    ASSERT_EQ(sent(), 2U);
    world.respond(last(), "A1");
    EXPECT_EQ(world.state_of(id), State::submitted);
}

TEST_F(at_most_once, a_late_refusal_says_that_it_was_not_sent) {
    const auto id = with_unknown_outcome(attempt_failure::timed_out);
    world.refuse(last(), command_status::esme_rx_t_appn);
    const auto view = world.gateway->find(engine_world::shop, id);
    ASSERT_TRUE(view);
    EXPECT_EQ(view->segments[0].error, static_cast<std::uint32_t>(command_status::esme_rx_t_appn));
    EXPECT_EQ(world.gateway->cancel(engine_world::shop, id, {session_id{1}, 99}, world.now()),
              refusal::none);
}

TEST_F(at_most_once, a_late_refusal_for_good_ends_it) {
    const auto id = with_unknown_outcome(attempt_failure::timed_out);
    world.refuse(last(), command_status::esme_rinvdstadr);
    EXPECT_EQ(world.state_of(id), State::rejected);
    EXPECT_EQ(world.delivered_states(), std::vector{State::rejected});
    EXPECT_EQ(sent(), 1U);
}

TEST_F(at_most_once, a_receipt_with_an_id_that_was_never_told_is_its_outcome) {
    const auto id = with_unknown_outcome(attempt_failure::outcome_unknown);
    world.hand_in_receipt(2, "lost-1", "DELIVRD", "819099999999");  // somebody else's
    world.settle();
    EXPECT_EQ(world.state_of(id), State::queued);
    world.hand_in_receipt(2, "lost-2", "DELIVRD", "+819012345678");
    world.settle();
    EXPECT_EQ(world.state_of(id), State::delivered);
    EXPECT_EQ(world.delivered_states(), std::vector{State::delivered});
    EXPECT_EQ(world.gateway->find(engine_world::shop, id)->segments[0].carrier_message_id,
              "lost-2");
    EXPECT_EQ(world.entries(table::queue), 0U);
    EXPECT_EQ(world.entries(table::unmatched), 1U);
}

TEST_F(at_most_once, such_a_receipt_is_not_guessed_when_it_may_be_anothers) {
    const auto id = with_unknown_outcome(attempt_failure::outcome_unknown);
    const auto other = world.submit(once("Second"));  // in flight to the same phone
    ASSERT_EQ(sent(), 2U);
    world.hand_in_receipt(2, "early", "DELIVRD", "819012345678");
    world.settle();
    EXPECT_EQ(world.state_of(id), State::queued);
    world.respond(last(), "early");
    EXPECT_EQ(world.state_of(other), State::delivered);
    EXPECT_EQ(world.state_of(id), State::queued);
    // Two that wait: nobody can tell them apart.
    world.submit(once("Third"));
    world.bind_down(2, attempt_failure::outcome_unknown, {last()});
    world.bind_up(3);
    world.hand_in_receipt(3, "lost", "DELIVRD", "819012345678");
    world.settle();
    EXPECT_EQ(world.state_of(id), State::queued);
}

TEST_F(at_most_once, a_receipt_whose_id_nobody_told_is_known_when_it_comes_again) {
    world.settings.carriers[0].response_id = config::message_id_form::hexadecimal;
    world.settings.carriers[0].receipt_id = config::message_id_form::decimal;
    world.start();
    world.bind_up(1);
    world.session_up(100);
    const auto id = world.submit(once(std::string(200, 'a')));
    ASSERT_EQ(sent(), 2U);
    world.fail(world.outputs->sent[0], attempt_failure::timed_out);
    world.fail(world.outputs->sent[1], attempt_failure::timed_out);
    for (int i = 0; i < 2; ++i) {  // 4101 is 0x1005, not 0x4101
        world.hand_in_receipt(1, "4101", "DELIVRD", "819012345678");
        world.settle();
        EXPECT_EQ(world.state_of(id), State::queued);
    }
    world.hand_in_receipt(1, "4102", "DELIVRD", "819012345678");
    world.settle();
    EXPECT_EQ(world.state_of(id), State::delivered);
    const auto found = world.gateway->find(engine_world::shop, id);
    EXPECT_EQ(found->segments[0].carrier_message_id, "1005");
    EXPECT_EQ(found->segments[1].carrier_message_id, "1006");
}

TEST_F(at_most_once, one_receipt_does_not_end_two_segments_that_wait) {
    world.start();
    world.bind_up(1);
    world.session_up(100);
    const auto id = world.submit(once(std::string(200, 'a')));
    ASSERT_EQ(sent(), 2U);
    const auto second = world.outputs->sent[1];
    world.fail(world.outputs->sent[0], attempt_failure::timed_out);
    world.fail(second, attempt_failure::timed_out);
    world.hand_in_receipt(1, "lost-2", "DELIVRD", "819012345678");  // taken for the first one's
    world.settle();
    world.respond(second, "lost-2");
    world.hand_in_receipt(1, "lost-2", "DELIVRD", "819012345678");
    world.settle();
    EXPECT_EQ(world.state_of(id), State::queued);
    world.hand_in_receipt(1, "lost-1", "DELIVRD", "819012345678");
    world.settle();
    EXPECT_EQ(world.state_of(id), State::delivered);
}

TEST_F(at_most_once, of_attempts_that_were_refused_no_receipt_comes) {
    world.start();
    world.bind_up(1);
    world.session_up(100);
    const auto id = world.submit(once(std::string(200, 'a')));
    ASSERT_EQ(sent(), 2U);
    for (std::size_t i = 0; i < 2; ++i)
        world.refuse(world.outputs->sent[i], command_status::esme_rx_t_appn);
    world.advance(2min);
    ASSERT_EQ(sent(), 4U);
    for (std::size_t i = 2; i < 4; ++i)
        world.fail(world.outputs->sent[i], attempt_failure::timed_out);
    for (const auto* lost : {"lost-1", "lost-2"}) {
        EXPECT_EQ(world.state_of(id), State::queued);
        world.hand_in_receipt(1, lost, "DELIVRD", "819012345678");
        world.settle();
    }
    EXPECT_EQ(world.state_of(id), State::delivered);
}

TEST_F(at_most_once, waits_through_a_restart) {
    auto message = once();
    message.expires_ms = world.now().wall_ms + 3'600'000;
    const auto id = with_unknown_outcome(attempt_failure::timed_out, std::move(message));
    world.crash_and_start();
    world.bind_up(1);
    world.session_up(100);
    world.advance(5s);
    EXPECT_EQ(sent(), 0U);
    EXPECT_EQ(world.state_of(id), State::queued);
    world.crash_and_start();
    world.bind_up(1);
    world.session_up(100);
    world.advance(5s);
    world.hand_in_receipt(1, "lost", "UNDELIV", "819012345678");
    world.settle();
    EXPECT_EQ(world.state_of(id), State::undeliverable);

    engine_world own;
    own.start();
    own.bind_up(1);
    auto second = once();
    second.expires_ms = own.now().wall_ms + 600'000;
    const auto other = own.submit(std::move(second));
    own.fail(own.outputs->sent[0], attempt_failure::timed_out);
    own.crash_and_start();
    own.bind_up(1);
    own.advance(11min);
    EXPECT_TRUE(own.outputs->sent.empty());
    EXPECT_EQ(own.state_of(other), State::unknown);
}

TEST_F(at_most_once, one_segment_waits_and_the_others_go_on) {
    world.start();
    world.bind_up(1, engine_world::alpha, 1);
    world.session_up(100);
    const auto id = world.submit(once(std::string(200, 'a')));
    world.fail(last(), attempt_failure::timed_out);
    ASSERT_EQ(sent(), 2U);  // the second segment
    world.respond(last(), "A2");
    world.receipt("A2", "DELIVRD");
    EXPECT_EQ(world.state_of(id), State::queued);
    EXPECT_EQ(world.deliveries(), 0U);
    world.respond(world.outputs->sent[0], "A1");
    world.receipt("A1", "DELIVRD");
    EXPECT_EQ(world.state_of(id), State::delivered);
    EXPECT_EQ(world.deliveries(), 1U);
    EXPECT_EQ(world.entries(table::queue), 0U);
    EXPECT_EQ(sent(), 2U);
}

// Late responses of messages that may be sent again.

class late_response : public at_most_once {
protected:
    message_id timed_out() {
        auto message = once();
        message.at_most_once = false;
        return with_unknown_outcome(attempt_failure::timed_out, std::move(message));
    }
};

TEST_F(late_response, before_the_retry_stops_it) {
    const auto id = timed_out();
    world.respond(last(), "A1");
    world.advance(2h);
    EXPECT_EQ(sent(), 1U);
    EXPECT_EQ(world.state_of(id), State::submitted);
}

TEST_F(late_response, after_the_retry_was_sent_both_ids_count_and_one_receipt_is_given) {
    const auto id = timed_out();
    world.advance(1min);
    ASSERT_EQ(sent(), 2U);
    world.respond(world.outputs->sent[0], "A1");
    world.refuse(world.outputs->sent[1], command_status::esme_rsubmitfail);  // changes nothing
    EXPECT_EQ(world.state_of(id), State::submitted);
    world.receipt("A1", "DELIVRD");
    EXPECT_EQ(world.delivered_states(), std::vector{State::delivered});
    world.advance(1h);
    EXPECT_EQ(sent(), 2U);
}

TEST_F(late_response, that_refuses_for_now_leaves_the_retry_as_it_is_planned) {
    const auto id = timed_out();
    world.refuse(last(), command_status::esme_rthrottled);
    EXPECT_EQ(world.state_of(id), State::queued);
    world.advance(1min);
    ASSERT_EQ(sent(), 2U);
    world.respond(last(), "A1");
    EXPECT_EQ(world.state_of(id), State::submitted);
}

TEST_F(late_response, that_refuses_for_good_stops_the_retry) {
    const auto id = timed_out();
    world.refuse(last(), command_status::esme_rinvdstadr);
    EXPECT_EQ(world.state_of(id), State::rejected);
    world.advance(1h);
    EXPECT_EQ(sent(), 1U);
    EXPECT_EQ(world.delivered_states(), std::vector{State::rejected});
}

TEST_F(late_response, that_refuses_for_good_after_the_retry_was_sent_changes_nothing) {
    const auto id = timed_out();
    world.advance(1min);
    ASSERT_EQ(sent(), 2U);
    world.refuse(world.outputs->sent[0], command_status::esme_rinvdstadr);
    world.respond(last(), "A1");
    EXPECT_EQ(world.state_of(id), State::submitted);
    world.receipt("A1", "DELIVRD");
    EXPECT_EQ(world.delivered_states(), std::vector{State::delivered});
}

}  // namespace
}  // namespace hikyaku::gateway
