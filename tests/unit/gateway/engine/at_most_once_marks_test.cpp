// The marks of at-most-once messages: what the store says before a segment is sent, when it says
// the truth again, and what may happen while a mark is being stored.
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
