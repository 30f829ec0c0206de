// Attempts: refusals, lost binds, late responses, and never a segment too many.
#include <gtest/gtest.h>

#include "gateway/model/tables.hpp"
#include "tests/support/engine_fixture.hpp"

namespace hikyaku::gateway {
namespace {

using smpp::command_status;
namespace table = model::table;
using testing::engine_world;
using namespace std::chrono_literals;

class attempts : public ::testing::Test {
protected:
    engine_world world;

    void two_carriers(std::uint32_t priority_of_beta) {
        world.settings.routes[0].targets = {{"alpha", 1, 0}, {"beta", 1, priority_of_beta}};
    }
    const testing::sent_segment& last() { return world.outputs->sent.back(); }
    std::size_t sent() { return world.outputs->sent.size(); }
    std::vector<std::string> sent_texts() {
        std::vector<std::string> texts;
        for (const auto& one : world.outputs->sent)
            texts.push_back(one.octets);
        return texts;
    }
};

TEST_F(attempts, a_temporary_refusal_moves_the_message_and_it_returns_at_its_time) {
    world.start();
    world.bind_up(1);
    world.session_up(100);
    const auto id = world.submit("Hello");
    world.refuse(last(), command_status::esme_rx_t_appn);
    world.advance(29s);
    EXPECT_EQ(sent(), 1U);
    EXPECT_EQ(world.state_of(id), State::queued);
    EXPECT_EQ(world.account().queued, 1U);
    world.advance(10s);  // 30 s and up to a quarter more
    ASSERT_EQ(sent(), 2U);
    world.refuse(last(), command_status::esme_rx_t_appn);
    world.advance(59s);
    EXPECT_EQ(sent(), 2U);
    world.advance(17s);
    ASSERT_EQ(sent(), 3U);
    world.respond(last(), "A1");
    EXPECT_EQ(world.gateway->find(engine_world::shop, id)->segments[0].attempts, 3U);
    world.receipt("A1", "DELIVRD");
    EXPECT_EQ(world.deliveries(), 1U);
    EXPECT_EQ(world.gateway->count().retries, 2U);
    EXPECT_EQ(world.account().queued, 0U);
    EXPECT_EQ(world.entries(table::queue), 0U);
}

TEST_F(attempts, a_waiting_retry_survives_a_restart_and_keeps_its_time_and_count) {
    world.start();
    world.bind_up(1);
    const auto id = world.submit("Hello");
    world.refuse(last(), command_status::esme_rx_t_appn);
    world.crash_and_start();
    world.bind_up(1);
    world.advance(29s);
    EXPECT_EQ(sent(), 0U);
    world.advance(10s);
    ASSERT_EQ(sent(), 1U);
    world.respond(last(), "A1");
    EXPECT_EQ(world.gateway->find(engine_world::shop, id)->segments[0].attempts, 2U);
}

TEST_F(attempts, refused_too_often_is_refused_for_good) {
    world.settings.carriers[0].retries[0x64] = {config::retry_rule::action::retry, 1s, 1s, 3};
    world.start();
    world.bind_up(1);
    world.session_up(100);
    const auto id = world.submit("Hello");
    for (int i = 1; i <= 3; ++i) {
        ASSERT_EQ(sent(), static_cast<std::size_t>(i));
        world.refuse(last(), command_status::esme_rx_t_appn);
        world.advance(2s);
    }
    EXPECT_EQ(sent(), 3U);
    EXPECT_EQ(world.state_of(id), State::rejected);
    EXPECT_EQ(world.delivered_states(), std::vector<State>{State::rejected});
}

TEST_F(attempts, a_permanent_refusal_gives_a_receipt_with_its_status) {
    world.start();
    world.bind_up(1);
    world.session_up(100);
    const auto id = world.submit("Hello");
    world.refuse(last(), command_status::esme_rinvdstadr);
    ASSERT_EQ(world.deliveries(), 1U);
    EXPECT_EQ(world.outputs->delivered[0].event.state, State::rejected);
    EXPECT_EQ(world.outputs->delivered[0].event.error, 0x0BU);
    EXPECT_EQ(world.state_of(id), State::rejected);
    EXPECT_EQ(world.entries(table::queue), 0U);
    EXPECT_EQ(world.account().queued, 0U);
}

TEST_F(attempts, throttled_keeps_the_place_and_pauses_the_carrier) {
    for (const auto status : {command_status::esme_rthrottled, command_status::esme_rmsgqful}) {
        SCOPED_TRACE(static_cast<unsigned>(status));
        engine_world own;
        own.start();
        own.bind_up(1, engine_world::alpha, 3);
        for (const auto* text : {"one", "two", "three", "four"})
            own.submit(text);
        const auto first = own.outputs->sent;
        ASSERT_EQ(first.size(), 3U);
        for (const auto& segment : first)
            own.refuse(segment, status);
        own.submit("five");
        own.advance(999ms);
        EXPECT_EQ(own.outputs->sent.size(), 3U);
        own.accept_everything();
        own.outputs->sent.clear();
        own.advance(2ms);
        std::vector<std::string> order;
        for (const auto& segment : own.outputs->sent)
            order.push_back(segment.octets);
        EXPECT_EQ(order, (std::vector<std::string>{"one", "two", "three", "four", "five"}));
        EXPECT_EQ(own.gateway->carriers()[0].throttled, 3U);
        EXPECT_EQ(own.gateway->count().finished[static_cast<std::size_t>(State::rejected)], 0U);
    }
}

TEST_F(attempts, refused_by_one_carrier_goes_to_the_next_and_ends_when_none_is_left) {
    two_carriers(1);
    world.start();
    world.bind_up(1);
    world.bind_up(2, engine_world::beta);
    world.session_up(100);
    const auto id = world.submit("Hello");
    EXPECT_EQ(last().bind, bind_id{1});
    world.refuse(last(), command_status::esme_rinvbndsts);
    ASSERT_EQ(sent(), 2U);
    EXPECT_EQ(last().bind, bind_id{2});
    world.refuse(last(), command_status::esme_rinvbndsts);
    EXPECT_EQ(sent(), 2U);
    EXPECT_EQ(world.state_of(id), State::rejected);
    EXPECT_EQ(world.delivered_states(), std::vector<State>{State::rejected});
}

TEST_F(attempts, the_next_carrier_being_down_is_waited_for) {
    two_carriers(0);
    world.start();
    world.bind_up(1);
    world.submit("Hello");
    world.refuse(last(), command_status::esme_rinvbndsts);
    EXPECT_EQ(sent(), 1U);
    world.bind_up(2, engine_world::beta);
    world.bind_down(1, attempt_failure::not_sent, {});
    world.advance(31s);
    ASSERT_EQ(sent(), 2U);
    EXPECT_EQ(last().bind, bind_id{2});
}

TEST_F(attempts, failover_when_a_carrier_is_down_and_all_down_loses_nothing) {
    two_carriers(1);
    world.start();
    world.accept_everything();
    world.bind_up(2, engine_world::beta);
    world.submit("one");
    EXPECT_EQ(last().bind, bind_id{2});
    world.bind_up(1);
    world.submit("two");
    EXPECT_EQ(last().bind, bind_id{1});
    world.bind_down(1, attempt_failure::not_sent, {});
    world.bind_down(2, attempt_failure::not_sent, {});
    for (int i = 0; i < 20; ++i)
        world.submit("waiting");
    world.leap(5h);
    EXPECT_EQ(sent(), 2U);
    EXPECT_EQ(world.account().queued, 20U);
    world.bind_up(3);
    EXPECT_EQ(sent(), 22U);
    EXPECT_EQ(world.account().queued, 0U);
}

TEST_F(attempts, a_bind_that_cannot_take_a_segment_loses_nothing) {
    world.start();
    world.bind_up(1);
    world.bind_up(2);
    world.outputs->deaf_binds = {bind_id{1}};
    for (int i = 0; i < 4; ++i)
        world.submit("x");
    EXPECT_EQ(sent(), 4U);
    for (const auto& segment : world.outputs->sent)
        EXPECT_EQ(segment.bind, bind_id{2});
}

TEST_F(attempts, a_lost_bind_with_unwritten_attempts_costs_nothing) {
    world.start();
    world.bind_up(1);
    const auto id = world.submit("Hello");
    world.bind_down(1, attempt_failure::not_sent, world.outputs->sent);
    world.bind_up(2);
    ASSERT_EQ(sent(), 2U);
    world.respond(last(), "A1");
    EXPECT_EQ(world.gateway->find(engine_world::shop, id)->segments[0].attempts, 1U);
    EXPECT_EQ(world.gateway->count().outcome_unknown, 0U);
}

TEST_F(attempts, order_is_kept_when_a_whole_window_comes_back) {
    world.start();
    world.bind_up(1, engine_world::alpha, 4);
    for (const auto* text : {"a", "b", "c", "d", "e", "f"})
        world.submit(text);
    ASSERT_EQ(sent(), 4U);
    world.bind_down(1, attempt_failure::not_sent, world.outputs->sent);
    world.outputs->sent.clear();
    world.bind_up(2, engine_world::alpha, 10);
    EXPECT_EQ(sent_texts(), (std::vector<std::string>{"a", "b", "c", "d", "e", "f"}));
}

TEST_F(attempts, unknown_outcome_is_sent_again_once_at_once_then_later) {
    world.start();
    world.bind_up(1);
    const auto id = world.submit("Hello");
    world.bind_down(1, attempt_failure::outcome_unknown, {last()});
    world.bind_up(2);
    ASSERT_EQ(sent(), 2U);
    world.bind_down(2, attempt_failure::outcome_unknown, {last()});
    world.bind_up(3);
    EXPECT_EQ(sent(), 2U);  // it may be this message that the carrier can't bear
    world.submit("another");
    ASSERT_EQ(sent(), 3U);
    EXPECT_EQ(last().octets, "another");
    world.advance(80s);
    ASSERT_EQ(sent(), 4U);
    EXPECT_EQ(last().octets, "Hello");
    world.respond(last(), "A1");
    EXPECT_EQ(world.gateway->find(engine_world::shop, id)->segments[0].attempts, 3U);
    EXPECT_EQ(world.gateway->count().outcome_unknown, 2U);
}

TEST_F(attempts, the_receipt_that_is_awaited_may_have_an_id_that_nobody_told) {
    world.settings.carriers[0].on_unknown = config::unknown_outcome::await_receipt;
    world.settings.carriers[0].address_rules = {{.of = config::address_rule::side::destination,
                                                 .prefix = "81",
                                                 .strip = "81",
                                                 .prepend = "0"}};
    world.start();
    world.bind_up(1);
    world.session_up(100);
    const auto id = world.submit("Hello");
    EXPECT_EQ(last().destination, "09012345678");
    world.bind_down(1, attempt_failure::outcome_unknown, {last()});
    world.bind_up(2);
    world.hand_in_receipt(2, "Z9", "DELIVRD", "09012345678");
    world.settle();
    EXPECT_EQ(world.state_of(id), State::delivered);
    EXPECT_EQ(sent(), 1U);
}

TEST_F(attempts, unknown_outcome_is_not_sent_again_where_receipts_are_awaited) {
    world.settings.carriers[0].on_unknown = config::unknown_outcome::await_receipt;
    world.start();
    world.bind_up(1);
    world.session_up(100);
    const auto id = world.submit("Hello");
    world.fail(last(), attempt_failure::timed_out);
    world.advance(5min);
    EXPECT_EQ(sent(), 1U);
    EXPECT_EQ(world.deliveries(), 0U) << "nothing is told as long as its receipt may come";
    world.respond(last(), "A1");  // late, and then its receipt tells what was unknown
    world.receipt("A1", "DELIVRD");
    EXPECT_EQ(world.state_of(id), State::delivered);
    EXPECT_EQ(world.account().queued, 0U);
    EXPECT_EQ(world.delivered_states(), std::vector<State>{State::delivered});
    world.receipt("A1", "DELIVRD");
    EXPECT_EQ(world.deliveries(), 1U);
    const auto unsent = world.submit("never written");
    world.bind_down(1, attempt_failure::not_sent, {last()});
    world.bind_up(2);
    EXPECT_EQ(sent(), 3U);
    EXPECT_EQ(world.state_of(unsent), State::queued);
}

TEST_F(attempts, a_late_response_stops_the_second_sending) {
    world.start();
    world.bind_up(1);
    const auto id = world.submit("Hello");
    world.fail(last(), attempt_failure::timed_out);
    world.advance(10s);
    world.respond(world.outputs->sent[0], "A1");
    EXPECT_EQ(world.state_of(id), State::submitted);
    world.advance(5min);
    EXPECT_EQ(sent(), 1U);
    EXPECT_EQ(world.entries(table::queue), 0U);
    EXPECT_EQ(world.account().queued, 0U);
    world.receipt("A1", "DELIVRD");
    EXPECT_EQ(world.state_of(id), State::delivered);
}

TEST_F(attempts, a_late_response_stops_one_that_waits_for_a_full_window) {
    world.start();
    world.bind_up(1, engine_world::alpha, 1);
    const auto id = world.submit("Hello");
    world.fail(last(), attempt_failure::timed_out);
    world.submit("other");
    ASSERT_EQ(sent(), 2U);
    world.advance(60s);  // back in memory, but the window is taken
    EXPECT_EQ(sent(), 2U);
    world.respond(world.outputs->sent[0], "A1");
    EXPECT_EQ(world.state_of(id), State::submitted);
    world.respond(world.outputs->sent[1], "A2");
    world.advance(60s);
    EXPECT_EQ(sent(), 2U);
    EXPECT_EQ(world.account().queued, 0U);
}

TEST_F(attempts, after_a_late_response_the_receipt_of_either_attempt_counts) {
    struct row {
        bool late_first;  // the late response comes before the second one
        command_status second;
        std::string_view receipt_id, stat;
        State state;
    };
    constexpr auto ok = command_status::esme_rok;
    for (const auto& [late_first, second, receipt_id, stat, state] :
         {row{true, ok, "A1", "DELIVRD", State::delivered},
          row{true, ok, "A1", "UNDELIV", State::submitted},  // the second may still arrive
          row{true, ok, "A2", "UNDELIV", State::undeliverable},
          row{false, ok, "A1", "DELIVRD", State::delivered},
          row{false, ok, "A1", "UNDELIV", State::submitted},
          row{false, ok, "A2", "UNDELIV", State::undeliverable},
          row{true, command_status::esme_rinvdstadr, "A1", "DELIVRD", State::delivered},
          row{true, command_status::esme_rinvdstadr, "A1", "UNDELIV", State::undeliverable},
          row{true, command_status::esme_rx_t_appn, "A1", "UNDELIV", State::undeliverable},
          row{true, command_status::esme_rthrottled, "A1", "DELIVRD", State::delivered}}) {
        engine_world own;
        own.start();
        own.bind_up(1);
        own.session_up(100);
        const auto id = own.submit("Hello");
        own.fail(own.outputs->sent[0], attempt_failure::timed_out);
        own.advance(40s);
        ASSERT_EQ(own.outputs->sent.size(), 2U);
        const auto again = own.outputs->sent[1];
        if (late_first) own.respond(own.outputs->sent[0], "A1");
        own.gateway->on_response(again.bind, again.token, second, second == ok ? "A2" : "",
                                 own.now());
        own.settle();
        if (!late_first) own.respond(own.outputs->sent[0], "A1");
        EXPECT_EQ(own.state_of(id), State::submitted);
        own.receipt(receipt_id, stat);
        EXPECT_EQ(own.state_of(id), state) << late_first << receipt_id << stat;
        own.advance(10min);
        EXPECT_EQ(own.outputs->sent.size(), 2U);
        EXPECT_EQ(own.account().queued, 0U);
        EXPECT_EQ(own.entries(table::queue), 0U);
    }
}

TEST_F(attempts, two_carriers_ids_of_one_segment_are_kept_apart) {
    two_carriers(1);
    world.settings.carriers[0].response_id = config::message_id_form::hexadecimal;
    world.settings.carriers[0].receipt_id = config::message_id_form::decimal;
    world.start();
    world.bind_up(1);
    const auto id = world.submit("Hello");
    world.fail(last(), attempt_failure::timed_out);
    world.bind_up(2, engine_world::beta);
    world.gateway->pause_carrier(engine_world::alpha, true, world.now());
    world.advance(40s);
    ASSERT_EQ(sent(), 2U);
    ASSERT_EQ(last().bind, bind_id{2});
    world.respond(last(), "beta-1");
    world.respond(world.outputs->sent[0], "1A2B");
    auto view = world.gateway->find(engine_world::shop, id);
    EXPECT_EQ(view->segments[0].carrier, "beta");
    EXPECT_EQ(view->segments[0].carrier_message_id, "beta-1");
    world.receipt("6699", "DELIVRD", "000", 1);
    EXPECT_EQ(world.state_of(id), State::delivered);
    world.leap(std::chrono::hours{24 * 31});
    world.advance(30s);
    world.receipt("6699", "DELIVRD", "000", 1);
    EXPECT_EQ(world.entries(table::unmatched), 1U) << "both ids are forgotten with the message";
}

TEST_F(attempts, the_window_of_a_bind_is_never_exceeded) {
    world.start();
    world.bind_up(1, engine_world::alpha, 3);
    world.bind_up(2, engine_world::alpha, 5);
    std::vector<testing::sent_segment> open;
    testing::seeded_bits random{9};
    std::size_t seen = 0;
    for (int i = 0; i < 300; ++i) {
        world.submit("x");
        for (; seen < sent(); ++seen)
            open.push_back(world.outputs->sent[seen]);
        std::map<bind_id, int> in_flight;
        for (const auto& segment : open)
            ++in_flight[segment.bind];
        ASSERT_LE(in_flight[bind_id{1}], 3);
        ASSERT_LE(in_flight[bind_id{2}], 5);
        while (!open.empty() && random() % 3 != 0) {
            const auto at = static_cast<std::ptrdiff_t>(random() % open.size());
            const auto answered = open[static_cast<std::size_t>(at)];
            open.erase(open.begin() + at);
            if (random() % 5 == 0)
                world.refuse(answered, command_status::esme_rinvdstadr);
            else
                world.respond(answered, "id" + std::to_string(i) + "-" + std::to_string(at));
            for (; seen < sent(); ++seen)
                open.push_back(world.outputs->sent[seen]);
        }
    }
    world.accept_everything();
    for (const auto& segment : open)
        world.respond(segment, "last" + std::to_string(segment.token));
    EXPECT_EQ(world.account().queued, 0U);
    EXPECT_EQ(sent(), 300U);
}

TEST_F(attempts, the_contract_rate_is_kept_and_used) {
    world.settings.carriers[0].contract_rate = config::rate{50, 1000ms};
    world.start();
    world.accept_everything();
    world.bind_up(1);
    world.bind_up(2);
    for (int i = 0; i < 300; ++i)
        world.submit(i % 2 == 0 ? "x" : std::string(170, 'x'));
    world.advance(5s);
    const auto& all = world.outputs->sent;
    for (std::size_t i = 50; i < all.size(); ++i)
        ASSERT_GE(all[i].at.steady - all[i - 50].at.steady, 1000ms) << i;
    EXPECT_GE(all.size(), 195U);  // the first second counts as used by an earlier process
    world.advance(10s);
    EXPECT_EQ(all.size(), 450U);
}

}  // namespace
}  // namespace hikyaku::gateway
