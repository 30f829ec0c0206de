// Accounts under a policy pack: the engine's messages meet the rules, with the facts of the store.
// 2026-01-01 00:00 UTC, when these tests begin, is 09:00 in Tokyo.
#include "tests/unit/gateway/dunning/protected_world.hpp"

namespace hikyaku::gateway::dunning {
namespace {

using testing::engine_world;
using testing::protected_world;
using namespace std::chrono_literals;

class packs : public protected_world {
protected:
    void start_under(std::string_view pack, bool is_shadow = false) {
        start();
        obey(pack, is_shadow);
    }
    static submission to(std::string_view number, std::string_view debtor) {
        auto message = engine_world::text_to(number, "pay");
        message.purpose = Purpose::dunning;
        message.debtor = debtor;
        return message;
    }
    std::string rule_of(message_id id) {
        const auto made = desk->find_decision(id);
        return !made || made->reasons.empty() ? "" : made->reasons[0].rule;
    }
};

TEST_F(packs, keep_the_night_quiet_and_tell_the_carrier_until_when) {
    start_under("japan/lender");
    world.submit(to("819011110001", "d-1"));
    ASSERT_EQ(sent(), 1U);
    EXPECT_FALSE(world.outputs->sent[0].validity.empty());
    world.advance(12h);  // 21:00
    const auto late = world.submit(to("819011110002", "d-2"));
    EXPECT_EQ(sent(), 1U);
    EXPECT_EQ(rule_of(late), "contact_hours");
    world.submit("a code, at any time");
    EXPECT_EQ(sent(), 2U);
    world.advance(11h - 1s);
    EXPECT_EQ(sent(), 2U);
    world.advance(3s);  // 08:00
    EXPECT_EQ(sent(), 3U);
    EXPECT_EQ(world.outputs->sent[2].destination, "819011110002");
}

/// 00:00 UTC is evening in New York and day in Tokyo.
TEST_F(packs, take_only_an_international_number_for_a_country) {
    start();
    obey("us/first-party", false, {"America/New_York"});
    world.advance(8h);  // 03:00 there
    const auto national = [&](std::uint8_t type, std::string_view number, std::string_view debtor) {
        auto message = to(number, debtor);
        message.destination.ton = type;
        return world.submit(message);
    };
    national(2, "2125551234", "d-1");  // which is Morocco, read otherwise
    national(0, "2125551235", "d-2");
    EXPECT_EQ(sent(), 0U);
    national(1, "212612345678", "d-3");  // Morocco
    EXPECT_EQ(sent(), 1U);
    obey("us/first-party");
    EXPECT_EQ(why(national(2, "2125551236", "d-4")), "zone_unknown");
}

TEST_F(packs, send_nothing_by_a_carrier_that_may_ring_after_a_hold_has_begun) {
    world.settings.carriers[0].delivery_retry = 2h;
    world.settings.carriers[0].keeps_validity = false;
    start();
    for (const std::string_view pack : {"", "japan/lender"}) {
        if (!pack.empty()) obey(pack);
        auto later = hold_on(model::party_scope::debtor, "d-1");
        later.from_ms = world.now().wall_ms + 600'000;
        const auto held = place(std::move(later));
        const auto id = world.submit(to("819011110001", "d-1"));
        EXPECT_EQ(sent(), 0U) << pack;
        EXPECT_EQ(desk->find_decision(id)->says, gate::outcome::delay) << pack;
        EXPECT_EQ(rule_of(id), "hold_promise") << pack;
        world.advance(11min);
        EXPECT_EQ(why(id), "hold_promise") << pack;
        lift(held.hold.id);
    }
}

TEST_F(packs, count_what_named_no_debtor_for_each_of_that_phone) {
    start_under("us/first-party");
    world.advance(15h);  // 10:00 in New York
    world.submit(to("12125551234", ""));
    ASSERT_EQ(sent(), 1U);
    world.advance(4h + 30min);
    const auto second = world.submit(to("12125551234", "u-1"));
    EXPECT_EQ(sent(), 1U);
    EXPECT_EQ(desk->find_decision(second)->says, gate::outcome::delay);
}

TEST_F(packs, tell_why_a_hold_has_ended_a_message) {
    start_under("japan/lender");
    world.advance(12h);  // 21:00
    const auto id = world.submit(to("819011110002", "d-2"));
    EXPECT_EQ(rule_of(id), "contact_hours");
    place(hold_on(model::party_scope::debtor, "d-2", gate::hold_kind::dispute));
    EXPECT_EQ(why(id), "hold_dispute");
    EXPECT_EQ(desk->find_decision(id)->says, gate::outcome::block);
    EXPECT_EQ(rule_of(id), "hold_dispute");
}

TEST_F(packs, forget_what_was_counted_and_did_not_go) {
    start_under("japan/lender");
    counted_in_vain();
    place(hold_on(model::party_scope::debtor, "d-1"));
    world.bind_up(2);
    const auto other = world.submit(to(phone, "d-2"));
    EXPECT_EQ(desk->find_decision(other)->says, gate::outcome::delay);
    EXPECT_EQ(sent(), 0U);
    world.advance(62s);
    EXPECT_EQ(sent(), 1U) << "nothing else went to that phone";
    crash_and_start();
    world.accept_everything();
    obey("japan/lender");
    world.bind_up(3);
    world.submit(to(phone, "d-3"));
    world.advance(62s);
    EXPECT_EQ(sent(), 0U) << "what went still counts";
}

TEST_F(packs, count_anew_what_goes_later_than_it_was_counted) {
    start_under("japan/lender");
    counted_in_vain();
    world.advance(5min);
    world.bind_up(2);
    settle();
    EXPECT_EQ(sent(), 1U);
    world.submit(to(phone, "d-2"));
    world.advance(5min);
    EXPECT_EQ(sent(), 1U) << "the first counts, though its first row was taken back";
}

TEST_F(packs, count_what_went_to_a_phone_and_to_a_debtor_also_over_a_crash) {
    start_under("japan/lender");
    world.submit(to("819011110001", "d-1"));
    ASSERT_EQ(sent(), 1U);
    const auto again = world.submit(to("819011110001", "d-2"));
    const auto by_debtor = world.submit(to("819011110003", "d-1"));
    EXPECT_EQ(sent(), 1U);
    EXPECT_EQ(desk->find_decision(again)->says, gate::outcome::delay);
    EXPECT_EQ(desk->find_decision(by_debtor)->says, gate::outcome::delay);
    crash_and_start();
    world.accept_everything();
    obey("japan/lender");
    world.bind_up(1);
    const auto third = world.submit(to("819011110001", "d-3"));
    EXPECT_EQ(sent(), 0U) << "the store remembers";
    EXPECT_EQ(desk->find_decision(third)->says, gate::outcome::delay);
    world.submit(to("819011110009", "d-9"));
    EXPECT_EQ(sent(), 1U);
}

/// An attempt that the carrier refused is no contact that would keep back its own repetition.
TEST_F(packs, do_not_count_a_message_against_itself) {
    start_under("japan/lender");
    world.responder = nullptr;
    world.submit(to("819011110001", "d-1"));
    ASSERT_EQ(sent(), 1U);
    world.refuse(world.outputs->sent[0], smpp::command_status::esme_rthrottled);
    world.advance(5s);
    EXPECT_EQ(sent(), 2U);
}

TEST_F(packs, have_holds_and_stops_beside_their_rules) {
    start_under("japan/lender");
    place(hold_on(model::party_scope::debtor, "d-1"));
    const auto held = world.submit(to("819011110001", "d-1"));
    EXPECT_EQ(world.state_of(held), State::rejected);
    EXPECT_EQ(rule_of(held), "hold_promise");
    (void)desk->stop({{0, static_cast<std::uint8_t>(Purpose::dunning)}, 0, ""}, next_ticket(),
                     world.now());
    settle();
    const auto stopped = world.submit(to("819011110002", "d-2"));
    EXPECT_EQ(sent(), 0U);
    EXPECT_EQ(rule_of(stopped), "stop");
}

TEST_F(packs, in_shadow_write_down_what_they_would_have_done) {
    start_under("japan/lender", true);
    world.submit(to("819011110001", "d-1"));
    const auto second = world.submit(to("819011110001", "d-1"));
    EXPECT_EQ(sent(), 2U);
    const auto made = desk->find_decision(second);
    ASSERT_TRUE(made);
    EXPECT_TRUE(made->is_shadow);
    EXPECT_EQ(made->says, gate::outcome::delay) << "what it would have been";
    EXPECT_FALSE(made->reasons.empty());
    EXPECT_FALSE(made->values.empty());
}

TEST_F(packs, in_shadow_leave_holds_and_suppressions_in_force) {
    start_under("japan/lender", true);
    place(hold_on(model::party_scope::debtor, "d-1"));
    const auto held = world.submit(to("819011110001", "d-1"));
    EXPECT_EQ(sent(), 0U);
    EXPECT_EQ(world.state_of(held), State::rejected);
    EXPECT_EQ(rule_of(held), "hold_promise");
    EXPECT_FALSE(desk->find_decision(held)->is_shadow);
}

TEST_F(packs, in_shadow_give_the_carrier_no_bound) {
    start_under("japan/lender", true);
    world.submit(to("819011110001", "d-1"));
    ASSERT_EQ(sent(), 1U);
    EXPECT_TRUE(world.outputs->sent[0].validity.empty());
}

TEST_F(packs, in_shadow_make_a_stop_no_longer) {
    start_under("japan/lender", true);
    world.advance(12h);  // 21:00
    const stop_position of{0, static_cast<std::uint8_t>(Purpose::dunning)};
    (void)desk->stop({of, 0, ""}, next_ticket(), world.now());
    settle();
    const auto id = world.submit(to("819011110001", "d-1"));
    ASSERT_EQ(sent(), 0U);
    const auto made = desk->find_decision(id);
    ASSERT_TRUE(made);
    ASSERT_EQ(made->reasons.size(), 1U);
    EXPECT_EQ(made->reasons[0].rule, "stop");
    EXPECT_EQ(desk->resume(of, next_ticket(), world.now()), refusal::none);
    settle();
    world.advance(5min + 1s);
    EXPECT_EQ(sent(), 1U);
}

TEST_F(packs, leave_suppressions_of_every_purpose_in_force) {
    start_under("japan/lender");
    suppress("+819011110001", gate::set_of(Purpose::service));
    auto thanks = to("819011110001", "d-1");
    thanks.purpose = Purpose::service;
    EXPECT_EQ(world.state_of(world.submit(thanks)), State::rejected);
    EXPECT_EQ(sent(), 0U);
}

TEST_F(packs, count_a_message_that_is_tried_again_once) {
    start_under("us/first-party");
    world.responder = nullptr;
    world.submit(to("819011110001", "d-1"));
    for (std::size_t i = 0; i < 8; ++i) {
        ASSERT_EQ(sent(), i + 1);
        world.refuse(world.outputs->sent[i], smpp::command_status::esme_rthrottled);
        world.advance(30s);
    }
    world.accept_everything();
    world.advance(2min);
    const auto next = world.submit(to("819011110001", "d-2"));
    const auto made = desk->find_decision(next);
    ASSERT_TRUE(made);
    EXPECT_EQ(made->says, gate::outcome::delay);
    for (const auto& each : made->reasons)
        EXPECT_NE(each.rule, "max_per_7d");
}

TEST_F(packs, count_a_message_once_by_however_many_names_it_is_known) {
    start_under("japan/lender");  // three in seven days
    for (int day = 0; day < 3; ++day) {
        auto message = to("819011110001", "d-1");
        message.contact.id = "c-1";
        message.debt = "L-1";
        world.submit(std::move(message));
        EXPECT_EQ(sent(), static_cast<std::size_t>(day) + 1);
        world.advance(24h);
    }
    const auto fourth = world.submit(to("819011110001", "d-2"));
    EXPECT_EQ(sent(), 3U);
    EXPECT_EQ(rule_of(fourth), "max_per_7d");
}

TEST_F(packs, count_for_a_contact_point_only_what_went_there_and_for_a_day_only_reminders) {
    start_under("us/first-party");
    world.advance(17h);  // 12:00 in New York
    auto thanks = to("12125550001", "d-1");
    thanks.purpose = Purpose::service;
    world.submit(std::move(thanks));
    ASSERT_EQ(sent(), 1U);
    const auto reminder = world.submit(to("12125550002", "d-1"));
    EXPECT_EQ(sent(), 2U) << rule_of(reminder);
    const auto too_soon = world.submit(to("12125550001", "d-2"));
    EXPECT_EQ(rule_of(too_soon), "min_gap") << "thanks count as a contact";
}

TEST_F(packs, tell_the_carrier_of_a_hold_that_is_known_to_begin) {
    start_under("japan/lender");
    auto later = hold_on(model::party_scope::debtor, "d-1");
    later.from_ms = world.now().wall_ms + 3'600'000;
    place(later);
    world.submit(to("819011110001", "d-1"));
    world.submit(to("819011110002", "d-2"));
    ASSERT_EQ(sent(), 2U);
    EXPECT_NE(world.outputs->sent[0].validity, world.outputs->sent[1].validity);
}

TEST_F(packs, stay_with_the_messages_of_an_account_that_is_removed) {
    start_under("japan/lender");
    world.advance(13h);  // 22:00
    world.submit(to("819011110001", "d-1"));
    gate->take_policies({}, [](std::uint32_t) { return false; });
    const auto late = world.submit(to("819011110002", "d-2"));
    EXPECT_EQ(sent(), 0U);
    EXPECT_EQ(rule_of(late), "contact_hours");
    gate->take_policies({}, [](std::uint32_t) { return true; });
    world.submit(to("819011110003", "d-3"));
    EXPECT_EQ(sent(), 1U) << "one that is there has the rules of its configuration";
}

}  // namespace
}  // namespace hikyaku::gateway::dunning
