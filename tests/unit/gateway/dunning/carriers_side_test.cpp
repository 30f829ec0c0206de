// What carriers have of messages that ask the gate: the rest of one that has begun, what they may
// still store when a hold is placed, what they deliver too late, and what a crash may not forget.
#include <set>

#include "config/policy.hpp"
#include "gateway/gate/compile.hpp"
#include "tests/unit/gateway/dunning/protected_world.hpp"

namespace hikyaku::gateway::dunning {
namespace {

using model::party_scope;
using smpp::command_status;
using testing::engine_world;
using testing::protected_world;
using namespace std::chrono_literals;

class carriers_side : public protected_world {
protected:
    void obey(std::string_view pack) {
        const auto* found = config::find_pack(config::shipped_packs(), pack);
        ASSERT_NE(found, nullptr);
        boost::unordered_flat_map<std::uint32_t, gate::policy> policies;
        policies.emplace(stored(engine_world::shop), gate::compile(*found, {}));
        gate->take_policies(std::move(policies), [](std::uint32_t) { return true; });
    }
    static submission long_reminder() {
        auto message = reminder();
        message.text = std::string(400, 'x');  // three segments
        return message;
    }
    [[nodiscard]] std::string why_of(message_id id, std::size_t segment) {
        return world.gateway->find(engine_world::shop, id).value().segments.at(segment).info;
    }
    [[nodiscard]] auto& cancels() { return world.outputs->cancels; }
    void answer_cancel(std::size_t index, command_status status) {
        world.gateway->on_response(cancels().at(index).bind, cancels().at(index).token, status, "",
                                   world.now());
        settle();
    }
};

TEST_F(carriers_side, nothing_goes_out_before_its_contact_is_on_disk) {
    start();
    world.commits_itself = false;
    const auto taken =
        world.gateway->submit(engine_world::shop, reminder(), next_ticket(), world.now());
    ASSERT_EQ(taken.why, refusal::none);
    world.settle();
    ASSERT_TRUE(world.write_batches());
    world.report_batches();
    world.settle();
    EXPECT_EQ(sent(), 0U) << "accepted, and not counted yet";
    ASSERT_TRUE(world.write_batches());
    world.report_batches();
    world.settle();
    EXPECT_EQ(sent(), 1U);
}

TEST_F(carriers_side, the_rest_of_what_has_begun_ends_under_a_hold) {
    start(false);
    world.responder = nullptr;
    world.bind_up(1, engine_world::alpha, 1);
    const auto id = world.submit(long_reminder());
    ASSERT_EQ(sent(), 1U);
    place(hold_on(party_scope::debtor, "d-1"));
    world.respond(world.outputs->sent[0], "a-1");
    answer_cancel(0, command_status::esme_rcancelfail);
    EXPECT_EQ(sent(), 1U);
    EXPECT_EQ(why_of(id, 1), "hold_promise");
    EXPECT_EQ(why_of(id, 2), "hold_promise");
}

TEST_F(carriers_side, the_rest_of_what_has_begun_waits_for_the_end_of_a_stop) {
    start(false);
    world.responder = nullptr;
    world.bind_up(1, engine_world::alpha, 1);
    world.submit(long_reminder());
    ASSERT_EQ(sent(), 1U);
    const stop_row stop{{0, static_cast<std::uint8_t>(Purpose::dunning)}, 1, "night shift"};
    ASSERT_EQ(desk->stop(stop, next_ticket(), world.now()), refusal::none);
    settle();
    world.respond(world.outputs->sent[0], "a-1");
    settle();
    EXPECT_EQ(sent(), 1U);
    ASSERT_EQ(desk->resume(stop.of, next_ticket(), world.now()), refusal::none);
    settle();
    world.advance(6min);
    EXPECT_EQ(sent(), 2U);
}

TEST_F(carriers_side, a_hold_asks_the_carrier_to_forget_what_it_has) {
    start();
    const auto id = world.submit(reminder());
    ASSERT_EQ(sent(), 1U);
    const auto answer = place(hold_on(party_scope::contact, std::string(phone)));
    EXPECT_EQ(answer.ended.with_carriers.size(), 1U);
    ASSERT_EQ(cancels().size(), 1U);
    EXPECT_EQ(cancels()[0].message_id, "id-1");
    EXPECT_EQ(cancels()[0].destination, phone);
    answer_cancel(0, command_status::esme_rok);
    EXPECT_EQ(world.state_of(id), State::deleted);
    place(hold_on(party_scope::contact, std::string(phone)));
    EXPECT_EQ(cancels().size(), 1U) << "there is nothing left to be forgotten";
}

TEST_F(carriers_side, a_carrier_that_refuses_is_not_asked_again) {
    start();
    const auto id = world.submit(reminder());
    place(hold_on(party_scope::debt, "L-7"));
    ASSERT_EQ(cancels().size(), 1U);
    answer_cancel(0, command_status::esme_rcancelfail);
    EXPECT_EQ(world.state_of(id), State::submitted);
    world.advance(1s);  // until that is on disk
    crash_and_start();
    world.bind_up(1);
    settle();
    EXPECT_EQ(cancels().size(), 0U) << "these are the new process's";
}

TEST_F(carriers_side, what_was_to_be_forgotten_is_asked_about_after_a_crash) {
    start();
    world.submit(reminder());
    world.bind_down(1, attempt_failure::not_sent, {});
    place(hold_on(party_scope::debtor, "d-1"));
    EXPECT_EQ(cancels().size(), 0U);
    crash_and_start();
    world.bind_up(1);
    settle();
    ASSERT_EQ(cancels().size(), 1U);
    EXPECT_EQ(cancels()[0].message_id, "id-1");
}

TEST_F(carriers_side, what_a_carrier_is_about_to_take_is_forgotten_too) {
    start();
    world.responder = nullptr;
    world.submit(reminder());
    ASSERT_EQ(sent(), 1U);
    place(hold_on(party_scope::debtor, "d-1"));
    EXPECT_EQ(cancels().size(), 0U);
    world.respond(world.outputs->sent[0], "a-1");
    settle();
    ASSERT_EQ(cancels().size(), 1U);
    EXPECT_EQ(cancels()[0].message_id, "a-1");
}

TEST_F(carriers_side, what_a_carrier_has_taken_late_is_forgotten_too) {
    start();
    world.responder = nullptr;
    world.submit(reminder());
    ASSERT_EQ(sent(), 1U);
    const auto first = world.outputs->sent[0];
    world.fail(first, attempt_failure::timed_out);
    place(hold_on(party_scope::debtor, "d-1"));
    EXPECT_EQ(cancels().size(), 0U);
    world.respond(first, "a-1");
    settle();
    ASSERT_EQ(cancels().size(), 1U);
    EXPECT_EQ(cancels()[0].message_id, "a-1");
}

TEST_F(carriers_side, parts_are_asked_for_one_after_the_other_where_a_window_is_small) {
    start(false);
    world.bind_up(1, engine_world::alpha, 1);
    world.submit(long_reminder());
    ASSERT_EQ(sent(), 3U);
    place(hold_on(party_scope::debtor, "d-1"));
    for (std::size_t i = 0; i < 3; ++i) {
        ASSERT_EQ(cancels().size(), i + 1);
        answer_cancel(i, command_status::esme_rcancelfail);
    }
    EXPECT_EQ(cancels().size(), 3U);
    EXPECT_EQ(std::set({cancels()[0].message_id, cancels()[1].message_id, cancels()[2].message_id}),
              std::set<std::string>({"id-1", "id-2", "id-3"}));
}

TEST_F(carriers_side, a_hold_that_will_begin_bounds_what_goes_out_before_it) {
    start(false);
    world.responder = nullptr;
    world.bind_up(1, engine_world::alpha, 1);
    world.submit(long_reminder());
    ASSERT_EQ(sent(), 1U);
    EXPECT_EQ(world.outputs->sent[0].validity, "");
    auto later = hold_on(party_scope::debtor, "d-1");
    later.from_ms = world.now().wall_ms + 600'000;
    place(std::move(later));
    world.respond(world.outputs->sent[0], "a-1");
    ASSERT_EQ(sent(), 2U);
    EXPECT_EQ(world.outputs->sent[1].validity, "000000001000000R");
    world.advance(10min);
    world.respond(world.outputs->sent[1], "a-2");
    EXPECT_EQ(sent(), 2U) << "the hold has begun";
}

TEST_F(carriers_side, one_that_takes_no_cancels_is_not_asked) {
    world.settings.carriers[0].cancels = false;
    start();
    world.submit(reminder());
    place(hold_on(party_scope::debtor, "d-1"));
    EXPECT_EQ(cancels().size(), 0U);
}

TEST_F(carriers_side, a_receipt_outside_the_window_is_counted_for_the_carrier) {
    start();
    obey("japan/lender");
    world.submit(reminder());
    ASSERT_EQ(sent(), 1U);
    world.advance(12h);  // 21:00 in Tokyo
    world.receipt("id-1", "DELIVRD");
    settle();
    EXPECT_EQ(world.gateway->carriers()[0].delivered_late, 1U);
}

TEST_F(carriers_side, one_inside_is_not) {
    start();
    obey("japan/lender");
    world.submit(reminder());
    world.advance(12h - 1s);
    world.receipt("id-1", "DELIVRD");
    settle();
    EXPECT_EQ(world.gateway->carriers()[0].delivered_late, 0U);
}

TEST_F(carriers_side, that_tries_for_long_and_ignores_the_validity_gets_nothing_late) {
    world.settings.carriers[0].delivery_retry = 4h;
    world.settings.carriers[0].keeps_validity = false;
    start();
    obey("japan/lender");
    world.advance(8h - 1s);  // 16:59:59 in Tokyo, 4 h before the end of the window
    world.submit(reminder());
    EXPECT_EQ(sent(), 1U);
    world.advance(2s);
    auto other = reminder();
    other.destination.digits = "819033333333";
    other.contact.id = "c-3";
    other.debtor = "d-3";
    const auto id = world.submit(std::move(other));
    EXPECT_EQ(sent(), 1U);
    EXPECT_EQ(desk->find_decision(id)->says, gate::outcome::delay);
    EXPECT_NE(desk->find_decision(id)->values, "") << "what the rules saw is kept";
}

}  // namespace
}  // namespace hikyaku::gateway::dunning
