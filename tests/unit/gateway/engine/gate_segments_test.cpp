// The gate and a message of several segments, or one whose attempts fail: what is asked about
// again, and what happens to the rest when its time is over.
#include "tests/unit/gateway/engine/gates.hpp"

namespace hikyaku::gateway {
namespace {

using smpp::command_status;
namespace table = model::table;
using testing::engine_world;
using testing::gates;
using namespace std::chrono_literals;

/// Three segments.
std::string long_text() {
    return std::string(400, 'x');
}

TEST_F(gates, only_the_first_segment_is_asked_about) {
    start();
    world.submit(reminder(long_text()));
    EXPECT_EQ(world.outputs->sent.size(), 3U);
    EXPECT_EQ(gate.asked.size(), 1U);
}

TEST_F(gates, a_first_segment_that_was_not_taken_is_asked_about_again) {
    start();
    world.responder = nullptr;
    const auto id = world.submit(reminder());
    world.refuse(world.outputs->sent.at(0), command_status::esme_rx_t_appn);
    close_until(in(6h));
    world.advance(1h);
    EXPECT_EQ(gate.asked.size(), 2U);
    EXPECT_EQ(world.outputs->sent.size(), 1U);
    world.accept_everything();
    world.advance(6h);
    EXPECT_EQ(world.state_of(id), State::submitted);
    expect_empty();
}

TEST_F(gates, what_may_have_reached_the_phone_is_asked_about_again_and_ends_as_unknown) {
    start();
    world.responder = nullptr;
    world.submit(reminder());
    gate.answer = [](const gate_question&) { return gate_block{"paid"}; };
    world.fail(world.outputs->sent.at(0), attempt_failure::outcome_unknown);
    world.advance(1h);
    EXPECT_EQ(gate.asked.size(), 2U);
    EXPECT_EQ(world.outputs->sent.size(), 1U);
    EXPECT_EQ(world.delivered_states(), std::vector<State>{State::unknown});
    EXPECT_EQ(told().info, "paid");
    expect_empty();
}

TEST_F(gates, its_receipt_still_tells_what_became_of_it) {
    start();
    world.responder = nullptr;
    const auto id = world.submit(reminder());
    gate.answer = [](const gate_question&) { return gate_block{"paid"}; };
    world.fail(world.outputs->sent.at(0), attempt_failure::timed_out);
    world.advance(1h);
    EXPECT_EQ(world.state_of(id), State::unknown);
    world.acknowledge_delivery(world.outputs->delivered.at(0));
    world.respond(world.outputs->sent[0], "id-1");  // late
    world.receipt("id-1", "DELIVRD");
    EXPECT_EQ(world.delivered_states(), (std::vector<State>{State::unknown, State::delivered}));
    EXPECT_EQ(world.state_of(id), State::delivered);
    expect_empty();
}

TEST_F(gates, the_rest_of_a_message_is_not_sent_after_its_time) {
    const auto by = in(10min);
    gate.answer = [by](const gate_question&) { return gate_allow{by}; };
    start();
    world.responder = nullptr;
    const auto id = world.submit(reminder(long_text()));
    ASSERT_EQ(world.outputs->sent.size(), 3U);
    world.respond(world.outputs->sent[0], "id-1");
    world.respond(world.outputs->sent[1], "id-2");
    for (std::size_t i = 2; i < world.outputs->sent.size() && world.now().wall_ms < by; ++i) {
        world.refuse(world.outputs->sent[i], command_status::esme_rx_t_appn);
        world.advance(4min);
    }
    const auto sent = world.outputs->sent.size();
    EXPECT_GT(sent, 3U);
    world.advance(2h);
    EXPECT_EQ(world.outputs->sent.size(), sent);
    EXPECT_LT(world.outputs->sent.back().at.wall_ms, by);
    EXPECT_EQ(world.state_of(id), State::expired);
    ASSERT_GE(gate.asked.size(), 1U);
    for (std::size_t i = 0; i < gate.asked.size(); ++i)
        EXPECT_EQ(gate.asked[i].begun, i > 0);
    expect_empty();
}

TEST_F(gates, at_that_very_time_it_is_over) {
    world.settings.carriers[0].throttle_pause = 5s;
    const auto by = in(5s);
    gate.answer = [by](const gate_question&) { return gate_allow{by}; };
    start();
    world.responder = nullptr;
    const auto id = world.submit(reminder(long_text()));
    ASSERT_EQ(world.outputs->sent.size(), 3U);
    world.respond(world.outputs->sent[0], "id-1");
    world.respond(world.outputs->sent[1], "id-2");
    world.refuse(world.outputs->sent[2], command_status::esme_rthrottled);
    world.advance(4999ms);
    EXPECT_EQ(world.state_of(id), State::queued);
    world.advance(1ms);  // the carrier takes segments again
    EXPECT_EQ(world.outputs->sent.size(), 3U);
    EXPECT_EQ(world.state_of(id), State::expired);
    expect_empty();
}

TEST_F(gates, the_rest_expires_at_that_time_though_no_carrier_is_there) {
    const auto by = in(10min);
    gate.answer = [by](const gate_question&) { return gate_allow{by}; };
    start();
    world.responder = nullptr;
    const auto id = world.submit(reminder(long_text()));
    ASSERT_EQ(world.outputs->sent.size(), 3U);
    world.respond(world.outputs->sent[0], "id-1");
    const auto sent = world.outputs->sent;
    world.bind_down(1, attempt_failure::not_sent, {sent[1], sent[2]});
    world.advance(9min);
    EXPECT_EQ(world.state_of(id), State::queued);
    world.advance(2min);
    EXPECT_EQ(world.state_of(id), State::expired);
    expect_empty();
}

TEST_F(gates, that_time_survives_a_restart) {
    const auto by = in(10min);
    gate.answer = [by](const gate_question&) { return gate_allow{by}; };
    start();
    world.responder = nullptr;
    const auto id = world.submit(reminder(long_text()));
    ASSERT_EQ(world.outputs->sent.size(), 3U);
    world.respond(world.outputs->sent[0], "id-1");
    world.refuse(world.outputs->sent[1], command_status::esme_rx_t_appn);
    world.refuse(world.outputs->sent[2], command_status::esme_rx_t_appn);
    world.crash_and_start();
    world.advance(11min);
    world.bind_up(1);
    EXPECT_TRUE(world.outputs->sent.empty());
    EXPECT_EQ(world.state_of(id), State::expired);
    EXPECT_EQ(gate.asked.size(), 1U);
    expect_empty();
}

TEST_F(gates, what_waits_for_its_outcome_does_so_beyond_that_time_and_a_restart) {
    const auto by = in(10min);
    gate.answer = [by](const gate_question&) { return gate_allow{by}; };
    start();
    world.responder = nullptr;
    auto message = reminder();
    message.at_most_once = true;
    const auto id = world.submit(std::move(message));
    ASSERT_EQ(world.outputs->sent.size(), 1U);
    world.fail(world.outputs->sent[0], attempt_failure::outcome_unknown);
    world.advance(20min);
    EXPECT_EQ(world.state_of(id), State::queued);
    world.crash_and_start();
    world.bind_up(1);
    world.advance(2s);
    world.receipt("strange", "DELIVRD");
    EXPECT_EQ(world.state_of(id), State::delivered);
    EXPECT_TRUE(world.outputs->sent.empty());
    expect_empty();
}

/// A receipt tells after a crash that one segment is out; the answer was not on disk.
TEST_F(gates, a_lost_answer_is_asked_for_again) {
    start();
    world.responder = nullptr;
    world.submit(reminder(long_text()));
    ASSERT_EQ(world.outputs->sent.size(), 3U);
    world.respond(world.outputs->sent[0], "id-1");
    world.crash_and_start();
    gate.answer = [](const gate_question&) { return gate_block{"paid"}; };
    world.gateway->on_bind_up(bind_id{1}, {engine_world::alpha, 10, false, true}, world.now());
    world.receipt("id-1", "DELIVRD");
    EXPECT_EQ(gate.asked.size(), 1U);
    world.bind_up(2);
    EXPECT_EQ(gate.asked.size(), 2U);
    EXPECT_TRUE(world.outputs->sent.empty());
    expect_empty();
}

TEST_F(gates, no_segment_follows_one_in_flight_after_that_time) {
    const auto by = in(10min);
    gate.answer = [by](const gate_question&) { return gate_allow{by}; };
    world.start();
    world.bind_up(1, engine_world::alpha, 1);
    const auto id = world.submit(reminder(long_text()));
    world.advance(11min);
    ASSERT_EQ(world.outputs->sent.size(), 1U);
    world.bind_up(2);  // has room for the rest
    EXPECT_EQ(world.outputs->sent.size(), 1U);
    world.respond(world.outputs->sent[0], "id-1");
    EXPECT_EQ(world.outputs->sent.size(), 1U);
    EXPECT_EQ(world.state_of(id), State::expired);
    expect_empty();
}

}  // namespace
}  // namespace hikyaku::gateway
