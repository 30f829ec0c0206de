// Histories in which two rare steps cross: what one of them has begun is not on disk, or not over,
// when the other one comes.
#include <gtest/gtest.h>

#include "gateway/model/tables.hpp"
#include "tests/support/engine_fixture.hpp"

namespace hikyaku::gateway {
namespace {

using smpp::command_status;
namespace table = model::table;
using testing::engine_world;
using namespace std::chrono_literals;

using states = std::vector<State>;

class crossed_histories : public ::testing::Test {
protected:
    engine_world world;

    static submission text(std::size_t octets, bool once = false) {
        auto message = engine_world::text_to("819012345678", std::string(octets, 'a'));
        message.origin = Origin::smpp;
        message.at_most_once = once;
        return message;
    }
    testing::sent_segment segment(std::size_t index) { return world.outputs->sent.at(index); }
    std::size_t sent() { return world.outputs->sent.size(); }
    void ready(std::uint32_t window = 10) {
        world.start();
        world.bind_up(1, engine_world::alpha, window);
        world.session_up(100);
    }
    /// Time passes while the batches of the turns are on their way.
    void advance_without_commits(std::chrono::milliseconds by) {
        world.commits_itself = false;
        const auto end = world.now().steady + by;
        while (world.now().steady < end) {
            world.turn();
            world.clock.move_to(world.now().steady + 100ms);
            world.gateway->tick(world.now());
        }
        world.turn();
    }
    void commit_again() {
        world.commits_itself = true;
        world.settle();
    }
    void expect_nothing_queued() {
        EXPECT_EQ(world.account().queued, 0U);
        EXPECT_EQ(world.entries(table::queue), 0U);
        EXPECT_EQ(world.gateway->memory().waiting, 0U);
        EXPECT_EQ(world.gateway->memory().in_flight, 0U);
        EXPECT_EQ(world.gateway->memory().live, 0U);
    }
};

TEST_F(crossed_histories, a_receipt_for_what_was_to_be_sent_again_takes_it_out_of_the_queue) {
    ready();
    const auto id = world.submit(text(200));
    ASSERT_EQ(sent(), 2U);
    world.respond(segment(1), "B1");  // its key is stored, the outcome waits for the other segment
    world.crash_and_start();
    world.session_up(100);
    world.bind_up(1, engine_world::alpha, 1);
    ASSERT_EQ(sent(), 1U);
    world.gateway->on_response(bind_id{1}, segment(0).token, command_status::esme_rok, "A2",
                               world.now());
    world.gateway->on_bind_down(bind_id{1}, world.now());
    world.settle();
    world.gateway->on_bind_up(bind_id{2}, {engine_world::alpha, 10, false, true}, world.now());
    world.hand_in_receipt(2, "B1", "DELIVRD", "819012345678");
    world.settle();
    EXPECT_EQ(world.state_of(id), State::submitted);
    expect_nothing_queued();
    world.bind_up(3);
    EXPECT_EQ(sent(), 1U);
    world.hand_in_receipt(3, "A2", "DELIVRD", "819012345678");
    world.settle();
    EXPECT_EQ(world.delivered_states(), states{State::delivered});
}

TEST_F(crossed_histories, a_receipt_that_ends_the_waiting_leaves_a_submitted_message) {
    ready(1);
    const auto id = world.submit(text(200, true));
    world.fail(segment(0), attempt_failure::timed_out);
    ASSERT_EQ(sent(), 2U);
    world.respond(segment(1), "A2");
    EXPECT_EQ(world.state_of(id), State::queued);
    world.receipt("lost", "DELIVRD");  // of the first segment: nobody told its id
    EXPECT_EQ(world.state_of(id), State::submitted);
    expect_nothing_queued();
    EXPECT_EQ(world.deliveries(), 0U);
    world.receipt("A2", "DELIVRD");
    EXPECT_EQ(world.delivered_states(), states{State::delivered});
}

TEST_F(crossed_histories, a_validity_that_ends_between_write_and_report_is_over_after_the_answer) {
    world.start();
    world.session_up(100);
    world.advance(2s);
    auto message = text(5);
    message.expires_ms = world.now().wall_ms + 2'000;
    world.commits_itself = false;
    const auto id = world.hand_in(std::move(message)).id;
    world.turn();
    ASSERT_TRUE(world.write_batches());
    advance_without_commits(4s);
    EXPECT_TRUE(world.outputs->settled.empty());
    EXPECT_EQ(world.deliveries(), 0U);
    commit_again();
    ASSERT_EQ(world.outputs->settled.size(), 1U);
    EXPECT_EQ(world.outputs->settled[0].why, refusal::none);
    world.advance(2s);
    EXPECT_EQ(world.state_of(id), State::expired);
    EXPECT_EQ(world.delivered_states(), states{State::expired});
    EXPECT_EQ(world.gateway->count().finished[static_cast<std::size_t>(State::expired)], 1U);
    expect_nothing_queued();
}

TEST_F(crossed_histories, a_queue_that_is_read_while_a_retry_moves_still_knows_its_time) {
    ready();
    auto later = text(5);
    later.send_at_ms = world.now().wall_ms + 1'000;
    world.submit(std::move(later));
    const auto id = world.submit(text(5));
    ASSERT_EQ(sent(), 1U);
    world.advance(900ms);
    world.commits_itself = false;
    world.gateway->on_response(bind_id{1}, segment(0).token, command_status::esme_rx_t_appn, "",
                               world.now());
    advance_without_commits(
        500ms);  // the store has the old place of the first, and reads the other
    EXPECT_EQ(sent(), 2U);
    commit_again();
    world.respond(segment(1), "A1");
    world.advance(1min);
    ASSERT_EQ(sent(), 3U);
    world.respond(segment(2), "A2");
    EXPECT_EQ(world.state_of(id), State::submitted);
    expect_nothing_queued();
}

TEST_F(crossed_histories, what_leaves_a_queue_while_it_is_counted_is_counted_once) {
    world.limits.flow_ready_max = 8;
    world.limits.flow_ready_reserved = 2;
    world.start();
    std::vector<message_id> ids;
    for (int i = 0; i < 2500; ++i)
        ids.push_back(world.hand_in(text(5)).id);
    world.settle();
    world.crash_and_start();  // and the first 2,000 entries are counted
    const auto counted = world.account().queued;
    ASSERT_GT(counted, 1000U);
    ASSERT_LT(counted, 2500U);
    for (const std::size_t one : {1000, 2400})  // before the place of the count, and behind it
        EXPECT_EQ(
            world.gateway->cancel(engine_world::shop, ids[one], {session_id{1}, 9}, world.now()),
            refusal::none);
    world.settle();
    world.advance(1s);
    EXPECT_EQ(world.account().queued, 2498U);
    EXPECT_EQ(world.entries(table::queue), 2498U);
}

TEST_F(crossed_histories, a_new_message_does_not_overtake_those_that_memory_has_no_room_for) {
    world.limits.flow_ready_max = 16;
    world.limits.flow_ready_reserved = 2;
    world.start();
    std::vector<std::string> submitted, went_out;
    const auto submit = [&] {
        const auto phone = "8190" + std::to_string(10000000 + submitted.size());
        submitted.push_back(phone);
        world.submit(engine_world::text_to(phone, "Hello"));
    };
    while (submitted.size() < 40)
        submit();
    world.bind_up(1, engine_world::alpha, 1);
    for (std::size_t i = 0; i < sent(); ++i) {  // each answer lets the next one out
        went_out.push_back(segment(i).destination);
        if (i == 5) submit();
        world.respond(segment(i), "A" + std::to_string(i));
    }
    EXPECT_EQ(went_out, submitted);
}

TEST_F(crossed_histories, a_segment_that_its_marked_carrier_refused_goes_to_the_other) {
    world.settings.routes[0].targets = {{.carrier = "alpha"}, {.carrier = "beta"}};
    ready();
    const auto id = world.submit(text(200, true));
    ASSERT_EQ(sent(), 2U);
    world.bind_up(2, engine_world::beta);
    world.refuse(segment(0), command_status::esme_rinvbndsts);  // the other is still in flight
    ASSERT_EQ(sent(), 3U);
    EXPECT_EQ(segment(2).bind, bind_id{2});
    EXPECT_EQ(segment(2).octets, segment(0).octets);
    world.respond(segment(1), "A2");
    world.respond(segment(2), "B1");
    EXPECT_EQ(world.state_of(id), State::submitted);
    expect_nothing_queued();
}

TEST_F(crossed_histories, a_carrier_without_marks_takes_back_the_mark_for_another) {
    world.settings.routes[0].targets = {{.carrier = "beta", .priority = 0},
                                        {.carrier = "alpha", .priority = 1}};
    world.settings.carriers[1].on_unknown = config::unknown_outcome::await_receipt;
    ready();
    world.bind_up(2, engine_world::beta);
    world.commits_itself = false;
    world.hand_in(text(5));
    for (int batches = 0; batches < 2; ++batches) {  // the acceptance, then the mark
        world.turn();
        ASSERT_TRUE(world.write_batches());
        if (batches == 1) world.gateway->on_bind_down(bind_id{2}, world.now());
        world.report_batches();
    }
    world.turn();
    ASSERT_EQ(sent(), 1U);
    EXPECT_EQ(segment(0).bind, bind_id{1});
    ASSERT_TRUE(world.write_batches());
    world.crash_and_start();
    commit_again();
    world.bind_up(1);
    EXPECT_EQ(sent(), 1U) << "alpha's messages are sent again";
}

TEST_F(crossed_histories, a_replacement_of_a_marked_message_is_sent_after_a_crash) {
    ready();
    world.commits_itself = false;
    auto message = text(0, true);
    message.text.reset();
    message.octets = "Hello";
    const auto id = world.hand_in(std::move(message)).id;
    for (int batches = 0; batches < 2; ++batches) {  // the acceptance, then the mark
        world.turn();
        ASSERT_TRUE(world.write_batches());
        if (batches == 1) world.gateway->on_bind_down(bind_id{1}, world.now());
        world.report_batches();
    }
    world.turn();
    operation_target what;
    what.id = id;
    what.source.digits = "Shop";
    replacement by;
    by.octets = "Bye";
    by.send_at_ms = world.now().wall_ms + 60'000;
    ASSERT_EQ(world.gateway->replace(engine_world::shop, what, std::move(by), {session_id{1}, 9},
                                     world.now()),
              command_status::esme_rok);
    commit_again();
    ASSERT_EQ(sent(), 0U);
    world.crash_and_start();
    world.bind_up(1);
    world.advance(61s);
    ASSERT_EQ(sent(), 1U);
    EXPECT_EQ(segment(0).octets, "Bye");
}

TEST_F(crossed_histories, a_mark_lasts_as_long_as_a_segment_is_in_flight) {
    ready(1);
    const auto id = world.submit(text(200, true));
    ASSERT_EQ(sent(), 1U);  // the other waits for the window
    world.advance(5s);
    world.crash_and_start();
    world.bind_up(1);
    world.advance(5s);
    EXPECT_EQ(sent(), 0U);
    EXPECT_EQ(world.state_of(id), State::queued);
}

TEST_F(crossed_histories, a_late_refusal_leaves_the_other_segment_waiting) {
    ready();
    const auto id = world.submit(text(200, true));
    ASSERT_EQ(sent(), 2U);
    world.fail(segment(0), attempt_failure::timed_out);
    world.fail(segment(1), attempt_failure::timed_out);
    world.refuse(segment(0), command_status::esme_rx_t_appn);
    EXPECT_EQ(world.gateway->memory().waiting, 1U);
    world.receipt("lost", "DELIVRD");
    world.advance(1min);
    ASSERT_EQ(sent(), 3U);
    world.respond(segment(2), "A1");
    world.receipt("A1", "DELIVRD");
    EXPECT_EQ(world.state_of(id), State::delivered);
    EXPECT_EQ(world.entries(table::unmatched), 0U);
    expect_nothing_queued();
}

TEST_F(crossed_histories, a_receipt_with_an_untold_id_is_of_the_segment_at_its_own_carrier) {
    world.settings.routes[0].targets = {{.carrier = "alpha"}, {.carrier = "beta"}};
    ready(1);
    const auto id = world.submit(text(200, true));
    world.bind_up(2, engine_world::beta, 1);
    ASSERT_EQ(sent(), 2U);
    ASSERT_EQ(segment(1).bind, bind_id{2});
    world.fail(segment(0), attempt_failure::timed_out);
    world.fail(segment(1), attempt_failure::timed_out);
    world.receipt("lost", "DELIVRD", "000", 2);
    const auto view = world.gateway->find(engine_world::shop, id);
    EXPECT_EQ(view->segments[0].state, State::submitted);
    EXPECT_EQ(view->segments[1].state, State::delivered);
    EXPECT_EQ(view->segments[1].carrier_message_id, "lost");
}

TEST_F(crossed_histories, a_receipt_with_an_untold_id_may_be_of_the_segment_in_flight) {
    ready();
    const auto id = world.submit(text(200, true));
    ASSERT_EQ(sent(), 2U);
    world.fail(segment(0), attempt_failure::timed_out);
    world.receipt("A2", "UNDELIV");
    EXPECT_EQ(world.entries(table::unmatched), 1U);
    world.respond(segment(1), "A2");
    EXPECT_EQ(world.entries(table::unmatched), 0U);
    const auto view = world.gateway->find(engine_world::shop, id);
    EXPECT_EQ(view->segments[0].carrier_message_id, "");
    EXPECT_EQ(view->segments[1].state, State::undeliverable);
}

TEST_F(crossed_histories, a_late_refusal_of_one_carrier_says_nothing_of_the_others_attempt) {
    world.settings.routes[0].targets = {{.carrier = "alpha"}, {.carrier = "beta"}};
    world.settings.carriers[1].on_unknown = config::unknown_outcome::await_receipt;
    ready();
    const auto id = world.submit(text(5));
    world.bind_up(2, engine_world::beta);
    world.fail(segment(0), attempt_failure::timed_out);
    ASSERT_EQ(sent(), 2U);
    ASSERT_EQ(segment(1).bind, bind_id{2});
    world.fail(segment(1), attempt_failure::timed_out);
    world.refuse(segment(1), command_status::esme_rx_t_appn);
    EXPECT_EQ(world.gateway->cancel(engine_world::shop, id, {session_id{1}, 9}, world.now()),
              refusal::not_cancellable);  // alpha may have sent it
    world.advance(2min);
    ASSERT_EQ(sent(), 3U);
    world.respond(segment(2), "A2");
    EXPECT_EQ(world.state_of(id), State::submitted);
    expect_nothing_queued();
}

TEST_F(crossed_histories, a_late_response_counts_though_another_bind_went_down) {
    ready();
    const auto id = world.submit(text(5, true));
    world.bind_up(2);
    world.fail(segment(0), attempt_failure::timed_out);
    world.bind_down(2, attempt_failure::not_sent, {});
    world.respond(segment(0), "A1");
    EXPECT_EQ(world.state_of(id), State::submitted);
    expect_nothing_queued();
}

}  // namespace
}  // namespace hikyaku::gateway
