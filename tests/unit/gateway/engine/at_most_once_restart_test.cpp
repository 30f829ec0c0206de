// At-most-once messages, and those of carriers whose receipts are awaited, over the death of the
// process: what the store says of what was sent.
#include <algorithm>

#include "gateway/model/tables.hpp"
#include "tests/unit/gateway/engine/marks.hpp"

namespace hikyaku::gateway {
namespace {

using smpp::command_status;
namespace table = model::table;
using testing::engine_world;
using testing::marks;
using namespace std::chrono_literals;

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

}  // namespace
}  // namespace hikyaku::gateway
