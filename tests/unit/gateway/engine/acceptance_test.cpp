// The door: what is accepted is on disk, what is refused says why, what is cancelled is not sent.
#include <gtest/gtest.h>

#include "gateway/model/tables.hpp"
#include "tests/support/engine_fixture.hpp"

namespace hikyaku::gateway {
namespace {

using smpp::command_status;
namespace table = model::table;
using testing::engine_world;
using namespace std::chrono_literals;

class acceptance : public ::testing::Test {
protected:
    engine_world world;
};

TEST_F(acceptance, answered_and_sent_only_after_the_commit) {
    world.start();
    world.bind_up(1);
    world.commits_itself = false;
    const auto result = world.hand_in(engine_world::text_to("819012345678", "Hello"));
    ASSERT_EQ(result.why, refusal::none);
    EXPECT_EQ(result.segments, 1U);
    world.turn();
    EXPECT_FALSE(world.gateway->find(engine_world::shop, result.id).has_value());
    ASSERT_TRUE(world.write_batches());
    world.turn();
    EXPECT_TRUE(world.outputs->settled.empty());
    EXPECT_TRUE(world.outputs->sent.empty());
    world.report_batches();
    world.turn();
    ASSERT_EQ(world.outputs->settled.size(), 1U);
    EXPECT_EQ(world.outputs->settled[0].why, refusal::none);
    EXPECT_EQ(world.outputs->settled[0].id, result.id);
    EXPECT_EQ(world.outputs->settled[0].ticket.sequence, 1U);
    ASSERT_EQ(world.outputs->sent.size(), 1U);
    EXPECT_EQ(world.outputs->sent[0].octets, "Hello");
    EXPECT_EQ(world.outputs->sent[0].source, "Shop");
    EXPECT_EQ(world.outputs->sent[0].source_ton, 5);
    EXPECT_EQ(world.outputs->sent[0].destination, "819012345678");
    EXPECT_EQ(world.outputs->sent[0].registered_delivery, 1);
}

TEST_F(acceptance, a_refused_commit_gives_the_submission_back_and_sends_nothing) {
    world.start();
    world.bind_up(1);
    world.acceptances_to_fail = 1;
    const auto result = world.hand_in(engine_world::text_to("819012345678", "Hello"));
    world.settle();
    ASSERT_EQ(world.outputs->settled.size(), 1U);
    EXPECT_EQ(world.outputs->settled[0].why, refusal::store_failing);
    EXPECT_TRUE(world.outputs->sent.empty());
    EXPECT_FALSE(world.gateway->find(engine_world::shop, result.id).has_value());
    EXPECT_EQ(world.account().queued, 0U);
    EXPECT_EQ(world.gateway->queued(), 0U);
    world.submit("again");
    EXPECT_EQ(world.outputs->sent.size(), 1U);
    EXPECT_EQ(world.gateway->count().accepted, 1U);
}

TEST_F(acceptance, refused_while_the_disk_refuses_but_nothing_accepted_is_lost) {
    world.start();
    const auto id = world.submit("kept");
    world.gateway->set_store_failing(true);
    world.bind_up(1);
    EXPECT_TRUE(world.outputs->sent.empty());  // its outcome could not be kept
    EXPECT_EQ(world.hand_in(engine_world::text_to("819012345678", "no")).why,
              refusal::store_failing);
    world.gateway->set_store_failing(false);
    world.advance(2s);
    EXPECT_EQ(world.outputs->sent.size(), 1U);
    EXPECT_EQ(world.state_of(id), State::queued);
}

TEST_F(acceptance, queues_have_an_end) {
    world.settings.accounts[0].queued_max = 3;
    world.settings.store.queued_messages_max = 4;
    world.start();
    for (int i = 0; i < 3; ++i)
        world.submit("shop");
    const auto full = world.hand_in(engine_world::text_to("819012345678", "one too many"));
    EXPECT_EQ(full.why, refusal::queue_full);
    EXPECT_GT(full.detail, 0U);
    world.submit("bank", engine_world::bank);
    EXPECT_EQ(world.hand_in(engine_world::text_to("819012345678", "x"), engine_world::bank).why,
              refusal::queue_full);
    world.accept_everything();
    world.bind_up(1);
    EXPECT_EQ(world.account().queued, 0U);
    world.submit("room again");
}

TEST_F(acceptance, too_much_waiting_for_the_disk) {
    world.settings.store.pending_bytes_max = 1000;
    world.start();
    world.commits_itself = false;
    submit_result result;
    int taken = 0;
    for (; taken < 100; ++taken) {
        result = world.hand_in(engine_world::text_to("819012345678", "Hello"));
        if (result.why != refusal::none) break;
        world.turn();
    }
    EXPECT_EQ(result.why, refusal::store_busy);
    EXPECT_GT(taken, 1);
    EXPECT_LT(taken, 10);
    world.commits_itself = true;
    world.settle();
    EXPECT_EQ(world.outputs->settled.size(), static_cast<std::size_t>(taken));
    world.submit("again");
}

// Else the writer would refuse all of them at once, as if the disk had failed.
TEST_F(acceptance, what_one_turn_gathers_is_bounded_too) {
    world.settings.store.pending_bytes_max = 20000;
    world.start();
    world.commits_itself = false;
    submit_result result;
    int taken = 0;
    for (; taken < 1000; ++taken) {
        result = world.hand_in(engine_world::text_to("819012345678", "Hello"));
        if (result.why != refusal::none) break;
    }
    EXPECT_EQ(result.why, refusal::store_busy);
    EXPECT_GT(taken, 10);
    EXPECT_LT(taken, 200);
    world.commits_itself = true;
    world.settle();
    EXPECT_EQ(world.outputs->settled.size(), static_cast<std::size_t>(taken));
    world.submit("again");
}

TEST_F(acceptance, over_the_rate_is_refused_with_the_time_to_wait) {
    world.settings.accounts[0].rate = {config::rate{10, 1000ms}, 10, config::on_excess::reject};
    world.start();
    for (int i = 0; i < 9; ++i)
        world.submit("x");
    const auto result = world.hand_in(engine_world::text_to("819012345678", std::string(170, 'x')));
    EXPECT_EQ(result.why, refusal::rate_exceeded);
    EXPECT_NEAR(result.detail, 100, 2);
    world.submit("the last one");  // a refusal takes nothing
    world.submit("bank is not shop", engine_world::bank);
    EXPECT_EQ(world.gateway->count().refused[static_cast<std::size_t>(refusal::rate_exceeded)], 1U);
}

TEST_F(acceptance, a_paced_account_is_answered_later_but_stored_and_sent_at_once) {
    world.settings.accounts[0].rate = {config::rate{10, 1000ms}, 10, config::on_excess::pace};
    world.start();
    world.bind_up(1, engine_world::alpha, 1000);
    for (int i = 0; i < 15; ++i)
        EXPECT_EQ(world.hand_in(engine_world::text_to("819012345678", "x")).why, refusal::none);
    world.settle();
    EXPECT_EQ(world.outputs->settled.size(), 10U);
    EXPECT_EQ(world.outputs->sent.size(), 15U);
    world.advance(200ms);
    EXPECT_EQ(world.outputs->settled.size(), 12U);
    world.advance(300ms);
    EXPECT_EQ(world.outputs->settled.size(), 15U);
    for (int i = 0; i < 105; ++i)
        (void)world.hand_in(engine_world::text_to("819012345678", "x"));
    EXPECT_EQ(world.hand_in(engine_world::text_to("819012345678", "x")).why,
              refusal::rate_exceeded);  // more than ten seconds ahead
}

TEST_F(acceptance, no_rule_no_route) {
    world.settings.routes[0].prefixes = {"81"};
    world.start();
    EXPECT_EQ(world.hand_in(engine_world::text_to("4915112345678", "Hallo")).why,
              refusal::no_route);
    world.settle();
    EXPECT_TRUE(world.outputs->settled.empty());
    EXPECT_EQ(world.entries(table::messages), 0U);
}

TEST_F(acceptance, estimate_plans_without_accepting) {
    world.settings.routes[0].targets = {{"beta", 1, 2}, {"alpha", 1, 1}};
    world.start();
    const auto out = world.gateway->estimate(
        engine_world::shop, engine_world::text_to("819012345678", std::string(70, 'x') + "飛"),
        world.now());
    EXPECT_EQ(out.why, refusal::none);
    EXPECT_EQ(out.encoding, smpp::text::encoding::ucs2);
    EXPECT_EQ(out.units, 71U);
    EXPECT_EQ(out.segment_octets, (std::vector<std::uint32_t>{140, 14}));
    EXPECT_EQ(out.forcing, std::vector<std::string>{"飛"});
    EXPECT_EQ(out.route, "all");
    EXPECT_EQ(out.carriers, (std::vector<std::string>{"alpha", "beta"}));
    world.settle();
    EXPECT_EQ(world.entries(table::messages), 0U);
}

TEST_F(acceptance, found_by_id_and_reference_by_its_own_account_only) {
    world.start();
    std::vector<message_id> ids;
    for (int i = 0; i < 5; ++i) {
        auto message = engine_world::text_to("819012345678", "Hello");
        message.reference = "order-1";
        message.tag = "dunning";
        ids.push_back(world.submit(std::move(message)));
        world.advance(10ms);
    }
    auto other = engine_world::text_to("819012345678", "Hello");
    other.reference = "order-11";
    world.submit(std::move(other));
    const auto found = world.gateway->find_by_reference(engine_world::shop, "order-1", 3);
    ASSERT_EQ(found.size(), 3U);
    EXPECT_EQ(found[0].id, ids[4]);
    EXPECT_EQ(found[2].id, ids[2]);
    EXPECT_EQ(found[0].reference, "order-1");
    EXPECT_EQ(found[0].tag, "dunning");
    EXPECT_EQ(found[0].route, "all");
    EXPECT_EQ(world.gateway->find_by_reference(engine_world::shop, "order-1", 100).size(), 5U);
    EXPECT_TRUE(world.gateway->find_by_reference(engine_world::bank, "order-1", 3).empty());
    EXPECT_FALSE(world.gateway->find(engine_world::bank, ids[0]).has_value());
    EXPECT_FALSE(world.gateway->find(engine_world::shop, message_id{12345}).has_value());
}

TEST_F(acceptance, cancel_what_is_queued) {
    world.start();
    world.session_up(100);
    const auto id = world.submit("never");
    EXPECT_EQ(world.gateway->cancel(engine_world::bank, id, {}, world.now()), refusal::not_found);
    EXPECT_EQ(world.gateway->cancel(engine_world::shop, message_id{77}, {}, world.now()),
              refusal::not_found);
    world.commits_itself = false;
    EXPECT_EQ(world.gateway->cancel(engine_world::shop, id, {session_id{5}, 9}, world.now()),
              refusal::none);
    world.turn();
    EXPECT_TRUE(world.outputs->cancelled.empty());
    world.commits_itself = true;
    world.settle();
    ASSERT_EQ(world.outputs->cancelled.size(), 1U);
    EXPECT_EQ(world.outputs->cancelled[0].first.sequence, 9U);
    EXPECT_EQ(world.outputs->cancelled[0].second, id);
    EXPECT_EQ(world.state_of(id), State::deleted);
    EXPECT_EQ(world.delivered_states(), std::vector<State>{State::deleted});
    EXPECT_EQ(world.gateway->cancel(engine_world::shop, id, {}, world.now()),
              refusal::not_cancellable);
    world.bind_up(1);
    world.advance(2s);
    EXPECT_TRUE(world.outputs->sent.empty());
    EXPECT_EQ(world.account().queued, 0U);
    EXPECT_EQ(world.entries(table::queue), 0U);
}

TEST_F(acceptance, cancel_what_is_scheduled_but_not_what_is_in_flight) {
    world.start();
    world.bind_up(1);
    auto later = engine_world::text_to("819012345678", "later");
    later.send_at_ms = world.now().wall_ms + 3'600'000;
    const auto scheduled = world.submit(std::move(later));
    EXPECT_EQ(world.gateway->cancel(engine_world::shop, scheduled, {}, world.now()), refusal::none);
    const auto sent = world.submit("now");
    EXPECT_EQ(world.gateway->cancel(engine_world::shop, sent, {}, world.now()),
              refusal::not_cancellable);
    world.settle();
    world.respond(world.outputs->sent[0], "a1");
    EXPECT_EQ(world.gateway->cancel(engine_world::shop, sent, {}, world.now()),
              refusal::not_cancellable);
    world.leap(2h);
    EXPECT_EQ(world.outputs->sent.size(), 1U);
    EXPECT_EQ(world.state_of(scheduled), State::deleted);
}

TEST_F(acceptance, drains) {
    world.start();
    world.bind_up(1);
    world.session_up(100);
    const auto id = world.submit("in flight");
    world.bind_down(99, attempt_failure::not_sent, {});  // a bind that nobody knows
    world.gateway->begin_drain();
    EXPECT_EQ(world.hand_in(engine_world::text_to("819012345678", "x")).why,
              refusal::shutting_down);
    EXPECT_FALSE(world.gateway->drained());
    world.respond(world.outputs->sent[0], "a1");
    EXPECT_TRUE(world.gateway->drained());
    world.receipt("a1", "DELIVRD");
    EXPECT_TRUE(world.gateway->drained());
    EXPECT_EQ(world.deliveries(), 0U);  // nothing new is handed out
    EXPECT_EQ(world.state_of(id), State::delivered);
    world.crash_and_start();
    world.session_up(100);
    EXPECT_EQ(world.delivered_states(), std::vector<State>{State::delivered});
}

TEST_F(acceptance, a_drain_waits_for_a_receipt_that_waits_for_the_end_of_its_turn) {
    world.start();
    world.bind_up(1);
    const auto id = world.submit("in flight");
    world.gateway->begin_drain();
    const testing::sent_segment sent = world.outputs->sent.at(0);
    world.hand_in_receipt(1, "a1", "DELIVRD", sent.destination);
    world.gateway->on_response(sent.bind, sent.token, smpp::command_status::esme_rok, "a1",
                               world.now());
    EXPECT_FALSE(world.gateway->drained());
    world.settle();
    EXPECT_TRUE(world.gateway->drained());
    EXPECT_EQ(world.gateway->count().receipts_early, 0U);  // it did wait
    EXPECT_EQ(world.state_of(id), State::delivered);
}

TEST_F(acceptance, draining_answers_paced_submissions_at_once) {
    world.settings.accounts[0].rate = {config::rate{1, 1000ms}, 1, config::on_excess::pace};
    world.start();
    (void)world.hand_in(engine_world::text_to("819012345678", "x"));
    (void)world.hand_in(engine_world::text_to("819012345678", "x"));
    world.settle();
    EXPECT_EQ(world.outputs->settled.size(), 1U);
    world.gateway->begin_drain();
    world.advance(1ms);
    world.gateway->tick(world.now());
    EXPECT_EQ(world.outputs->settled.size(), 2U);
    EXPECT_TRUE(world.gateway->drained());
}

TEST_F(acceptance, what_waits_for_the_rate_asks_for_it_without_a_message) {
    world.settings.accounts[0].rate = {config::rate{1, 1000ms}, 1, config::on_excess::pace};
    world.start();
    const auto asked = [this] {
        return world.gateway->refuses_now(engine_world::shop, 1, world.now());
    };
    EXPECT_EQ(asked(), refusal::none);
    submit_result last;
    for (int i = 0; i < 100 && last.why == refusal::none; ++i)
        last = world.hand_in(engine_world::text_to("819012345678", "x"));
    EXPECT_EQ(last.why, refusal::rate_exceeded) << "ten seconds are owed";
    EXPECT_EQ(last.segments, 1U);
    EXPECT_EQ(asked(), refusal::rate_exceeded);
    world.advance(1s);
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(asked(), refusal::none) << "asking takes nothing";
    EXPECT_EQ(world.hand_in(engine_world::text_to("819012345678", "x")).why, refusal::none);
    EXPECT_EQ(asked(), refusal::rate_exceeded);
    world.gateway->begin_drain();
    EXPECT_EQ(asked(), refusal::shutting_down);
}

}  // namespace
}  // namespace hikyaku::gateway
