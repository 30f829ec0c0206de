// At-most-once messages, and those of carriers whose receipts are awaited, over the death of the
// process: what the store says before a segment is sent, and when it says the truth again.
#include <gtest/gtest.h>

#include <algorithm>

#include "gateway/model/tables.hpp"
#include "tests/support/engine_fixture.hpp"

namespace hikyaku::gateway {
namespace {

using smpp::command_status;
namespace table = model::table;
using testing::engine_world;
using namespace std::chrono_literals;

const std::string two_segments(200, 'a');

class marks : public ::testing::Test {
protected:
    engine_world world;

    std::size_t sent() { return world.outputs->sent.size(); }
    const testing::sent_segment& last() { return world.outputs->sent.back(); }
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

// What was sent.

TEST_F(marks, what_is_in_flight_at_a_crash_is_not_sent_again) {
    begin();
    const auto id = world.submit(once());
    ASSERT_EQ(sent(), 1U);
    die_and_begin();
    EXPECT_EQ(sent(), 0U);
    EXPECT_EQ(world.state_of(id), State::queued);
    EXPECT_EQ(world.account().queued, 1U);
    EXPECT_EQ(world.gateway->count().resends_withheld, 1U);
    EXPECT_EQ(world.gateway->cancel(engine_world::shop, id, {session_id{1}, 1}, world.now()),
              refusal::not_cancellable);
    world.advance(61min);
    EXPECT_EQ(sent(), 0U);
    EXPECT_EQ(world.state_of(id), State::unknown);
    EXPECT_EQ(world.delivered_states(), std::vector{State::unknown});
    EXPECT_EQ(world.account().queued, 0U);
    EXPECT_EQ(world.entries(table::queue), 0U);
}

TEST_F(marks, its_receipt_is_still_its_outcome) {
    begin();
    const auto id = world.submit(once());
    die_and_begin();
    die_and_begin();
    world.receipt("never-told", "DELIVRD");
    EXPECT_EQ(world.state_of(id), State::delivered);
    EXPECT_EQ(world.delivered_states(), std::vector{State::delivered});
    EXPECT_EQ(world.entries(table::queue), 0U);
    world.advance(2h);
    EXPECT_EQ(sent(), 0U);
}

TEST_F(marks, a_response_that_was_not_stored_is_an_unknown_outcome) {
    begin();
    const auto id = world.submit(once());
    world.commits_itself = false;
    world.respond(last(), "A1");
    world.commits_itself = true;
    die_and_begin();
    EXPECT_EQ(sent(), 0U);
    world.receipt("A1", "UNDELIV");
    EXPECT_EQ(world.state_of(id), State::undeliverable);
}

TEST_F(marks, an_answered_segment_and_one_in_flight) {
    begin();
    const auto id = world.submit(once(two_segments));
    ASSERT_EQ(sent(), 2U);
    world.respond(world.outputs->sent[0], "A1");
    die_and_begin();
    EXPECT_EQ(sent(), 0U);
    world.receipt("A1", "DELIVRD");
    EXPECT_EQ(world.state_of(id), State::queued);
    world.receipt("never-told", "DELIVRD");
    EXPECT_EQ(world.state_of(id), State::delivered);
    EXPECT_EQ(world.deliveries(), 1U);
}

TEST_F(marks, a_failure_by_an_id_whose_outcome_was_not_stored_counts) {
    begin();
    const auto id = world.submit(once(two_segments));
    ASSERT_EQ(sent(), 2U);
    world.respond(world.outputs->sent[0], "A1");
    die_and_begin();
    world.receipt("A1", "UNDELIV");
    world.receipt("never-told", "DELIVRD");
    EXPECT_EQ(world.state_of(id), State::undeliverable);
    EXPECT_EQ(world.gateway->find(engine_world::shop, id)->segments[0].carrier_message_id,
              "a1");  // as its key has it
}

/// The first segment went to alpha, got its id there, and again to beta; the process died before
/// the second had left for beta, as the store said it might have. Each of the first one's receipts
/// must not count for the second.
TEST_F(marks, a_receipt_of_an_attempt_that_another_receipt_has_settled_is_nobodys) {
    has_two_carriers();
    world.settings.carriers[1].on_unknown = config::unknown_outcome::await_receipt;
    begin();
    const auto id = world.submit(plain(two_segments));
    ASSERT_EQ(sent(), 2U);
    const auto first = world.outputs->sent[0];
    const auto second = world.outputs->sent[1];
    world.fail(first, attempt_failure::timed_out);
    world.fail(second, attempt_failure::timed_out);
    world.gateway->pause_carrier(engine_world::alpha, true, world.now());
    world.bind_up(2, engine_world::beta);
    world.advance(2min);
    ASSERT_EQ(sent(), 4U) << "both to beta";
    world.respond(first, "A1");  // late
    world.crash_and_start();
    world.session_up(100);
    world.bind_up(1);
    world.bind_up(2, engine_world::beta);
    world.advance(5s);
    EXPECT_EQ(sent(), 0U);
    world.receipt("A1", "DELIVRD");
    world.receipt("B1", "DELIVRD", "000", 2);  // of the first at beta, which told no id
    EXPECT_EQ(world.state_of(id), State::queued);
    world.advance(61min);
    EXPECT_EQ(world.state_of(id), State::unknown);
}

/// The first segment got its id at alpha, which the process that died had not written down but for
/// the receipt's key, and went to beta in the next one. There all three wait, and the first one's
/// receipt is taken for another's: then the one of alpha must not count for a third.
TEST_F(marks, a_receipt_of_an_attempt_before_that_is_waited_for_may_have_counted_already) {
    has_two_carriers();
    world.settings.carriers[1].on_unknown = config::unknown_outcome::await_receipt;
    begin();
    const auto id = world.submit(plain(std::string(400, 'a')));
    ASSERT_EQ(sent(), 3U);
    world.respond(world.outputs->sent[2], "A3");
    world.crash_and_start();
    world.bind_up(2, engine_world::beta);
    ASSERT_EQ(sent(), 3U) << "all to beta";
    world.crash_and_start();
    world.session_up(100);
    world.bind_up(1);
    world.bind_up(2, engine_world::beta);
    world.advance(5s);
    ASSERT_EQ(sent(), 0U);
    world.receipt("B3", "DELIVRD", "000", 2);  // of the third; beta told no id
    world.receipt("B1", "DELIVRD", "000", 2);
    world.receipt("A3", "DELIVRD");
    EXPECT_EQ(world.state_of(id), State::queued) << "nothing is known of the second";
    world.receipt("B2", "DELIVRD", "000", 2);
    EXPECT_EQ(world.state_of(id), State::delivered);
    EXPECT_EQ(world.delivered_states(), std::vector{State::delivered});
    EXPECT_EQ(world.entries(table::queue), 0U);
}

TEST_F(marks, carriers_whose_receipts_are_awaited_get_nothing_twice_either) {
    world.settings.carriers[0].on_unknown = config::unknown_outcome::await_receipt;
    begin();
    const auto id = world.submit(plain());
    ASSERT_EQ(sent(), 1U);
    die_and_begin();
    EXPECT_EQ(sent(), 0U);
    world.advance(61min);
    EXPECT_EQ(sent(), 0U);
    EXPECT_EQ(world.state_of(id), State::unknown);
}

TEST_F(marks, other_messages_are_not_marked_and_are_sent_again) {
    begin();
    const auto commits = world.gateway->count().commits;
    world.submit(plain());
    EXPECT_EQ(world.gateway->count().commits, commits + 1);  // its acceptance
    EXPECT_EQ(world.entries(table::outcomes), 0U);
    die_and_begin();
    EXPECT_EQ(sent(), 1U);
}

TEST_F(marks, the_end_of_its_time_may_come_while_nothing_runs) {
    begin();
    const auto id = world.submit(once());
    world.clock.move_to(world.now().steady + 2h);
    die_and_begin();
    EXPECT_EQ(sent(), 0U);
    EXPECT_EQ(world.state_of(id), State::unknown);
    EXPECT_EQ(world.delivered_states(), std::vector{State::unknown});
}

TEST_F(marks, the_carrier_that_has_it_is_the_one_whose_receipts_count) {
    has_two_carriers();
    begin();
    world.bind_up(2, engine_world::beta);
    const auto id = accept_by_hand(once());  // for alpha
    EXPECT_EQ(sent(), 0U);
    world.gateway->on_bind_down(bind_id{1}, world.now());
    world.commits_itself = true;
    world.settle();
    ASSERT_EQ(sent(), 1U);
    EXPECT_EQ(last().bind, bind_id{2});
    world.crash_and_start();
    world.session_up(100);
    world.bind_up(2, engine_world::beta);
    world.advance(5s);
    EXPECT_EQ(sent(), 0U);
    world.receipt("never-told", "DELIVRD", "000", 2);
    EXPECT_EQ(world.state_of(id), State::delivered);
}

TEST_F(marks, a_message_of_two_carriers_that_differ) {
    has_two_carriers();
    world.settings.carriers[1].on_unknown = config::unknown_outcome::await_receipt;
    begin(1);
    world.bind_up(2, engine_world::beta);
    const auto id = world.submit(plain(two_segments));
    ASSERT_EQ(sent(), 1U);  // the second waits for alpha's window
    world.gateway->on_bind_down(bind_id{1}, world.now());
    world.settle();
    ASSERT_EQ(sent(), 1U);  // not to beta while alpha may still answer
    world.respond(last(), "A1");
    ASSERT_EQ(sent(), 2U);
    EXPECT_EQ(last().bind, bind_id{2});
    world.crash_and_start();
    world.bind_up(2, engine_world::beta);
    world.advance(61min);
    EXPECT_EQ(sent(), 0U);
    EXPECT_EQ(world.state_of(id), State::unknown);
}

TEST_F(marks, a_route_that_is_gone_after_the_crash) {
    for (const bool other_route : {true, false}) {
        engine_world own;
        own.start();
        own.bind_up(1);
        own.session_up(100);
        const auto in_flight = own.submit(once());
        const auto known = own.submit(once("Second"));
        ASSERT_EQ(own.outputs->sent.size(), 2U);
        own.fail(own.outputs->sent[1], attempt_failure::timed_out);
        own.settings.routes[0].name = "new";
        if (!other_route) own.settings.routes[0].prefixes = {"1"};
        own.crash_and_start();
        own.bind_up(1);
        own.session_up(100);
        own.advance(5s);
        EXPECT_TRUE(own.outputs->sent.empty());
        const auto expected = other_route ? State::queued : State::unknown;
        EXPECT_EQ(own.state_of(in_flight), expected);
        EXPECT_EQ(own.state_of(known), expected);
        own.advance(61min);
        EXPECT_TRUE(own.outputs->sent.empty());
        EXPECT_EQ(own.delivered_states(), (std::vector{State::unknown, State::unknown}));
    }
}

// What was not sent.

TEST_F(marks, nothing_is_sent_before_the_mark_is_on_disk) {
    begin();
    const auto id = accept_by_hand(once());
    ASSERT_EQ(world.outputs->commits.size(), 1U);  // the mark
    EXPECT_EQ(sent(), 0U);
    world.write_batches();
    world.turn();
    EXPECT_EQ(sent(), 0U);
    world.report_batches();
    world.turn();
    EXPECT_EQ(sent(), 1U);
    EXPECT_EQ(world.state_of(id), State::queued);
}

TEST_F(marks, what_was_not_marked_yet_is_sent_after_the_crash) {
    begin();
    accept_by_hand(once());
    world.commits_itself = true;
    die_and_begin();
    EXPECT_EQ(sent(), 1U);
}

TEST_F(marks, a_refusal_that_is_stored_lets_it_be_sent_after_the_crash) {
    for (const auto status : {command_status::esme_rthrottled, command_status::esme_rx_t_appn}) {
        engine_world own;
        own.start();
        own.bind_up(1);
        own.submit(once());
        ASSERT_EQ(own.outputs->sent.size(), 1U);
        own.refuse(own.outputs->sent[0], status);
        own.crash_and_start();
        own.bind_up(1);
        own.advance(2min);
        EXPECT_EQ(own.outputs->sent.size(), 1U);
    }
}

TEST_F(marks, a_mark_is_taken_back_when_nothing_was_sent_for_a_second) {
    begin();
    world.outputs->deaf_binds = {bind_id{1}};
    const auto id = world.submit(once());
    EXPECT_EQ(world.entries(table::outcomes), 1U);
    world.advance(2s);
    die_and_begin();
    ASSERT_EQ(sent(), 1U);
    world.respond(last(), "A1");
    EXPECT_EQ(world.state_of(id), State::submitted);
}

TEST_F(marks, a_drain_takes_back_the_marks_of_what_is_not_sent) {
    for (const bool committed : {true, false}) {
        engine_world own;
        own.start();
        own.bind_up(1);
        own.outputs->deaf_binds = {bind_id{1}};
        own.commits_itself = false;
        own.hand_in(once());
        own.turn();
        own.write_batches();
        own.report_batches();
        own.turn();
        ASSERT_EQ(own.outputs->commits.size(), 1U);
        own.commits_itself = committed;
        own.turn();
        own.gateway->begin_drain();
        own.commits_itself = true;
        own.settle();
        EXPECT_TRUE(own.gateway->drained());
        EXPECT_TRUE(own.outputs->sent.empty());
        own.crash_and_start();
        own.bind_up(1);
        own.advance(1s);
        EXPECT_EQ(own.outputs->sent.size(), 1U) << committed;
    }
}

TEST_F(marks, no_more_are_marked_than_fit_into_the_window) {
    world.start();
    for (int i = 0; i < 10; ++i)
        world.submit(once("Hello", "8190000000" + std::to_string(10 + i)));
    world.commits_itself = false;
    world.bind_up(1, engine_world::alpha, 3);
    EXPECT_EQ(sent(), 0U);
    world.write_batches();  // marks, and then the crash
    world.commits_itself = true;
    world.crash_and_start();
    world.bind_up(1, engine_world::alpha, 20);
    world.advance(5s);
    EXPECT_EQ(sent(), 7U);
    EXPECT_EQ(world.gateway->count().resends_withheld, 3U);
}

TEST_F(marks, no_more_are_marked_than_the_rate_lets_out) {
    world.settings.carriers[0].contract_rate = config::rate{10, 1000ms};
    begin(50);
    world.advance(2s);
    for (int i = 0; i < 20; ++i)
        world.hand_in(once("Hello", "8190000000" + std::to_string(10 + i)));
    world.settle();
    const auto before = sent();
    EXPECT_LE(world.entries(table::outcomes), before + 1);
    world.advance(1900ms);
    EXPECT_GE(sent(), 16U);  // and the rate is used
    EXPECT_LE(world.entries(table::outcomes), sent() + 1);
}

TEST_F(marks, all_of_a_backlog_is_sent_with_others_between) {
    world.start();
    std::vector<message_id> ids;
    for (int i = 0; i < 200; ++i) {
        auto message = once(std::to_string(i), "8190000000" + std::to_string(100 + i));
        message.at_most_once = i % 3 != 0;
        ids.push_back(world.submit(std::move(message)));
    }
    world.accept_everything();
    world.bind_up(1, engine_world::alpha, 7);
    world.advance(1s);
    ASSERT_EQ(sent(), 200U);
    for (const auto id : ids)
        EXPECT_EQ(world.state_of(id), State::submitted);
    EXPECT_EQ(world.entries(table::queue), 0U);
}

// While the mark is being stored.

TEST_F(marks, it_can_be_cancelled_until_it_is_sent) {
    begin();
    const auto id = accept_by_hand(once());
    ASSERT_EQ(world.gateway->cancel(engine_world::shop, id, {session_id{1}, 7}, world.now()),
              refusal::none);
    world.commits_itself = true;
    world.settle();
    EXPECT_EQ(sent(), 0U);
    EXPECT_EQ(world.state_of(id), State::deleted);
    EXPECT_EQ(world.account().queued, 0U);
    EXPECT_EQ(world.delivered_states(), std::vector{State::deleted});
}

TEST_F(marks, it_can_be_replaced_until_it_is_sent) {
    begin();
    const auto id = accept_by_hand(once());
    operation_target what;
    what.id = id;
    what.source = once().source;
    replacement by;
    by.octets = "Another";
    by.registered_delivery = 1;
    ASSERT_EQ(world.gateway->replace(engine_world::shop, what, std::move(by), {session_id{1}, 7},
                                     world.now()),
              command_status::esme_rok);
    world.commits_itself = true;
    world.settle();
    ASSERT_EQ(sent(), 1U);
    EXPECT_EQ(last().octets, "Another");
    die_and_begin();
    EXPECT_EQ(sent(), 0U);
    world.receipt("never-told", "DELIVRD");
    EXPECT_EQ(world.state_of(id), State::delivered);
}

TEST_F(marks, it_can_expire) {
    begin();
    auto message = once();
    message.expires_ms = world.now().wall_ms + 600'000;
    const auto id = accept_by_hand(std::move(message));
    world.leap(11min);
    world.commits_itself = true;
    world.settle();
    EXPECT_EQ(sent(), 0U);
    EXPECT_EQ(world.state_of(id), State::expired);
}

TEST_F(marks, a_late_answer_of_another_segment_may_come) {
    for (const auto status : {command_status::esme_rok, command_status::esme_rx_t_appn,
                              command_status::esme_rinvdstadr}) {
        engine_world own;
        own.start();
        own.bind_up(1, engine_world::alpha, 1);
        own.session_up(100);
        const auto id = own.submit(once(two_segments));
        const auto first = own.outputs->sent[0];
        own.commits_itself = false;
        own.fail(first, attempt_failure::timed_out);
        ASSERT_EQ(own.outputs->sent.size(), 1U);  // the second segment's mark is under way
        own.gateway->on_response(first.bind, first.token, status, "A1", own.now());
        own.commits_itself = true;
        own.advance(2min);
        if (status == command_status::esme_rinvdstadr) {
            EXPECT_EQ(own.outputs->sent.size(), 1U);
            EXPECT_EQ(own.state_of(id), State::rejected);
            continue;
        }
        ASSERT_GE(own.outputs->sent.size(), 2U);
        own.respond(own.outputs->sent[1], "A2");
        if (status != command_status::esme_rok) {
            ASSERT_EQ(own.outputs->sent.size(), 3U);
            own.respond(own.outputs->sent[2], "A3");
        }
        EXPECT_EQ(own.state_of(id), State::submitted);
        EXPECT_EQ(own.account().queued, 0U);
    }
}

}  // namespace
}  // namespace hikyaku::gateway
