// The gate at the hand-off: whom it is asked about and when, and what each of its answers means for
// the message, those behind it, and what the store knows.
#include "tests/unit/gateway/engine/gates.hpp"

namespace hikyaku::gateway {
namespace {

using smpp::command_status;
namespace table = model::table;
using testing::engine_world;
using testing::gates;
using namespace std::chrono_literals;

TEST_F(gates, is_asked_about_every_purpose_but_transactional) {
    start();
    world.submit(reminder("transactional", Purpose::transactional));
    world.submit("no purpose");
    EXPECT_TRUE(gate.asked.empty());
    std::vector<message_id> others;
    for (const auto purpose : {Purpose::service, Purpose::dunning, Purpose::marketing})
        others.push_back(world.submit(reminder("asked", purpose)));
    ASSERT_EQ(gate.asked.size(), 3U);
    for (std::size_t i = 0; i < 3; ++i)
        EXPECT_EQ(gate.asked[i].message, others[i]);
    EXPECT_EQ(world.outputs->sent.size(), 5U);
    EXPECT_EQ(world.gateway->count().gate_allowed, 3U);
    expect_empty();
}

TEST_F(gates, sees_what_the_message_says) {
    gate.answer = [](const gate_question& about) -> gate_verdict {
        EXPECT_EQ(about.record.purpose(), Purpose::service);
        EXPECT_EQ(about.record.contact()->id()->str(), "c-1");
        EXPECT_EQ(about.record.contact()->zones()->Get(1)->str(), "Asia/Tokyo");
        EXPECT_EQ(about.record.contact()->tags()->Get(0)->str(), "own");
        EXPECT_EQ(about.record.debtor()->str(), "D-1");
        EXPECT_EQ(about.record.debt()->str(), "L-7");
        EXPECT_EQ(about.record.destination()->digits()->str(), "819012345678");
        return gate_allow{};
    };
    start();
    auto message = reminder("thanks", Purpose::service);
    message.contact = {"c-1", {"Europe/Berlin", "Asia/Tokyo"}, {"own"}};
    message.debtor = "D-1";
    message.debt = "L-7";
    const auto id = world.submit(std::move(message));
    EXPECT_EQ(gate.asked.size(), 1U);
    const auto view = world.gateway->find(engine_world::shop, id);
    ASSERT_TRUE(view);
    EXPECT_EQ(view->purpose, Purpose::service);
    EXPECT_EQ(view->contact.id, "c-1");
    EXPECT_EQ(view->contact.zones, (std::vector<std::string>{"Europe/Berlin", "Asia/Tokyo"}));
    EXPECT_EQ(view->contact.tags, std::vector<std::string>{"own"});
    EXPECT_EQ(view->debtor, "D-1");
    EXPECT_EQ(view->debt, "L-7");
}

TEST_F(gates, an_account_may_have_another_purpose_by_default) {
    world.settings.accounts[0].purpose_default = config::purpose::dunning;
    start();
    const auto id = world.submit("pay");
    EXPECT_EQ(gate.asked.size(), 1U);
    EXPECT_EQ(world.gateway->find(engine_world::shop, id)->purpose, Purpose::dunning);
    world.submit(reminder("a code", Purpose::transactional));
    EXPECT_EQ(gate.asked.size(), 1U);
}

TEST_F(gates, is_asked_when_a_carrier_can_take_the_message_and_not_before) {
    world.start();
    world.accept_everything();
    world.submit(reminder());
    world.advance(1h);
    EXPECT_TRUE(gate.asked.empty());
    world.bind_up(1);
    ASSERT_EQ(gate.asked.size(), 1U);
    EXPECT_EQ(gate.asked[0].at_ms, world.now().wall_ms);
}

TEST_F(gates, tells_the_carrier_by_when_it_has_to_deliver) {
    gate.answer = [](const gate_question& about) -> gate_verdict {
        return gate_allow{about.now_ms + 90 * 60'000};
    };
    start();
    world.submit(reminder());
    auto shorter = reminder();
    shorter.expires_ms = in(10min);
    world.submit(std::move(shorter));
    world.submit("no purpose");
    ASSERT_EQ(world.outputs->sent.size(), 3U);
    EXPECT_EQ(world.outputs->sent[0].validity, "000000013000000R");
    EXPECT_EQ(world.outputs->sent[1].validity, "000000001000000R");
    EXPECT_EQ(world.outputs->sent[2].validity, "");
}

TEST_F(gates, tells_the_carrier_the_default_validity_if_that_is_over_first) {
    gate.answer = [](const gate_question& about) -> gate_verdict {
        return gate_allow{about.now_ms + 100 * 3'600'000};
    };
    start();
    world.submit(reminder());  // 72 hours
    ASSERT_EQ(world.outputs->sent.size(), 1U);
    EXPECT_EQ(world.outputs->sent[0].validity, "000003000000000R");
}

TEST_F(gates, never_tells_the_carrier_more_than_is_allowed) {
    gate.answer = [](const gate_question& about) { return gate_allow{about.now_ms + 61'999}; };
    start();
    world.submit(reminder());
    ASSERT_EQ(world.outputs->sent.size(), 1U);
    EXPECT_EQ(world.outputs->sent[0].validity, "000000000101000R");
    gate.answer = [](const gate_question& about) { return gate_allow{about.now_ms + 999}; };
    world.submit(reminder());
    EXPECT_EQ(world.outputs->sent.size(), 1U);
    EXPECT_EQ(world.gateway->count().gate_delayed, 1U);
}

TEST_F(gates, a_delayed_message_holds_up_nobody_behind_it) {
    start();
    const auto opens = in(2h);
    close_until(opens);
    const auto first = world.submit(reminder("first"));
    world.submit(reminder("a code", Purpose::transactional));
    EXPECT_EQ(texts(), std::vector<std::string>{"a code"});
    EXPECT_EQ(world.state_of(first), State::queued);
    EXPECT_EQ(world.gateway->find(engine_world::shop, first)->not_before_ms, opens);
    EXPECT_EQ(world.gateway->oldest_ready_age_ms(world.now()), 0);
    world.advance(2h - 1ms);
    EXPECT_EQ(texts().size(), 1U);
    world.advance(2ms);
    EXPECT_EQ(texts(), (std::vector<std::string>{"a code", "first"}));
    EXPECT_EQ(world.gateway->count().gate_delayed, 1U);
    expect_empty();
}

TEST_F(gates, a_queue_in_which_all_is_delayed_is_left_alone_until_then) {
    start();
    const auto opens = in(2h);
    close_until(opens);
    constexpr std::size_t many = 4500;  // more than one turn takes, more than is loaded at once
    for (std::size_t i = 0; i < many; ++i) {
        ASSERT_EQ(world.hand_in(reminder()).why, refusal::none);
        if (i % 900 == 899) world.settle();
    }
    world.settle();
    EXPECT_EQ(gate.asked.size(), many);
    EXPECT_EQ(world.gateway->memory().ready, 0U);
    EXPECT_EQ(world.gateway->memory().live, 0U);
    world.advance(2h - 1s);
    EXPECT_EQ(gate.asked.size(), many);
    EXPECT_TRUE(world.outputs->sent.empty());
    world.advance(10s);
    EXPECT_EQ(gate.asked.size(), 2 * many);
    EXPECT_EQ(world.outputs->sent.size(), many);
    expect_empty();
}

TEST_F(gates, one_turn_asks_about_a_bounded_number_and_serves_the_others) {
    world.settings.routes[0].targets = {{.carrier = "alpha"}};
    world.start();
    const auto opens = in(2h);
    close_until(opens);
    for (std::size_t i = 0; i < 600; ++i)
        ASSERT_EQ(world.hand_in(reminder()).why, refusal::none);
    for (const std::uint8_t priority : {std::uint8_t{1}, std::uint8_t{0}}) {
        auto other = engine_world::text_to("819087654321", "a code");
        other.priority = priority;
        ASSERT_EQ(world.hand_in(std::move(other), engine_world::bank).why, refusal::none);
    }
    world.settle();
    world.gateway->on_bind_up(bind_id{1}, {engine_world::alpha, 10, true, true}, world.now());
    world.gateway->flush(world.now());
    EXPECT_EQ(gate.asked.size(), 500U);
    EXPECT_EQ(texts(), (std::vector<std::string>{"a code", "a code"}));
    EXPECT_LE(world.gateway->next_deadline(world.now()), world.now().steady);
    world.settle();
    EXPECT_EQ(gate.asked.size(), 600U);
}

TEST_F(gates, one_turn_asks_about_a_bounded_number_over_all_queues) {
    world.settings.accounts.resize(6, world.settings.accounts[0]);
    for (std::size_t i = 2; i < 6; ++i) {
        world.settings.accounts[i].name = "other" + std::to_string(i);
        world.settings.accounts[i].system_id = world.settings.accounts[i].name;
        world.settings.accounts[i].api_tokens = {world.settings.accounts[i].name};
    }
    world.start();
    gate.answer = [](const auto&) { return gate_block{"no"}; };
    for (std::uint32_t account = 1; account <= 6; ++account)
        for (std::size_t i = 0; i < 450; ++i)
            ASSERT_EQ(world.hand_in(reminder(), account_id{account}).why, refusal::none);
    world.settle();
    world.gateway->on_bind_up(bind_id{1}, {engine_world::alpha, 10, true, true}, world.now());
    world.gateway->flush(world.now());
    EXPECT_EQ(gate.asked.size(), 2000U);
    world.settle();
    EXPECT_EQ(gate.asked.size(), 2700U);
    expect_empty();
}

TEST_F(gates, a_delay_survives_a_restart) {
    start();
    close_until(in(2h));
    const auto id = world.submit(reminder());
    world.crash_and_start();
    world.accept_everything();
    world.bind_up(1);
    world.advance(1h);
    EXPECT_EQ(gate.asked.size(), 1U);
    EXPECT_EQ(world.account().queued, 1U);
    world.advance(61min);
    EXPECT_EQ(gate.asked.size(), 2U);
    EXPECT_EQ(world.state_of(id), State::submitted);
    expect_empty();
}

TEST_F(gates, a_delay_that_is_longer_than_the_message_lives_ends_it_in_time) {
    start();
    for (const auto late : {0min, 1min, 600min}) {
        const auto expires = in(30min);
        close_until(expires + std::chrono::milliseconds(late).count());
        auto message = reminder();
        message.expires_ms = expires;
        const auto asked = gate.asked.size();
        const auto id = world.submit(std::move(message));
        world.advance(29min);
        EXPECT_EQ(world.state_of(id), State::queued);
        world.advance(2min);
        EXPECT_EQ(world.state_of(id), State::expired) << late.count();
        EXPECT_EQ(gate.asked.size(), asked + 1);
    }
    EXPECT_TRUE(world.outputs->sent.empty());
    EXPECT_EQ(world.delivered_states(), std::vector<State>(3, State::expired));
    expect_empty();
}

TEST_F(gates, one_that_is_wrong_about_the_time_is_asked_once_a_second) {
    gate.answer = [](const gate_question& about) { return gate_delay{about.now_ms - 5}; };
    start();
    world.submit(reminder());
    world.advance(10s);
    EXPECT_GE(gate.asked.size(), 9U);
    EXPECT_LE(gate.asked.size(), 11U);
    gate.answer = [](const gate_question& about) { return gate_allow{about.now_ms}; };
    world.advance(2s);
    EXPECT_TRUE(world.outputs->sent.empty());
    gate.answer = [](const gate_question&) { return gate_allow{}; };
    world.advance(2s);
    EXPECT_EQ(world.outputs->sent.size(), 1U);
}

TEST_F(gates, a_blocked_message_is_rejected_with_the_reason) {
    gate.answer = [](const gate_question&) { return gate_block{"third contact this week"}; };
    start();
    const auto id = world.submit(reminder());
    EXPECT_TRUE(world.outputs->sent.empty());
    EXPECT_EQ(world.state_of(id), State::rejected);
    EXPECT_EQ(world.delivered_states(), std::vector<State>{State::rejected});
    EXPECT_EQ(told().source, ErrorSource::gateway);
    EXPECT_EQ(told().error, static_cast<std::uint32_t>(command_status::esme_rprohibited));
    EXPECT_EQ(told().info, "third contact this week");
    EXPECT_EQ(world.gateway->count().gate_blocked, 1U);
    world.crash_and_start();
    EXPECT_EQ(world.state_of(id), State::rejected);
    expect_empty();
}

TEST_F(gates, a_message_that_lacks_a_field_is_rejected_with_its_name) {
    gate.answer = [](const gate_question&) { return gate_require{{"contact.zones", "debt"}}; };
    start();
    const auto id = world.submit(reminder());
    EXPECT_EQ(world.state_of(id), State::rejected);
    EXPECT_EQ(told().error, static_cast<std::uint32_t>(command_status::esme_rmissingtlv));
    EXPECT_EQ(told().info, "required: contact.zones, debt");
    EXPECT_EQ(world.gateway->count().gate_required, 1U);
    expect_empty();
}

TEST_F(gates, a_delayed_message_can_be_cancelled) {
    start();
    close_until(in(2h));
    const auto id = world.submit(reminder());
    EXPECT_EQ(world.gateway->cancel(engine_world::shop, id, {session_id{1}, 9}, world.now()),
              refusal::none);
    world.advance(3h);
    EXPECT_EQ(gate.asked.size(), 1U);
    EXPECT_TRUE(world.outputs->sent.empty());
    EXPECT_EQ(world.state_of(id), State::deleted);
    expect_empty();
}

TEST_F(gates, a_delayed_message_that_is_replaced_stays_delayed_and_is_asked_about_as_new) {
    start();
    close_until(in(2h));
    auto message = reminder();
    message.debtor = "D-1";
    const auto id = world.submit(std::move(message));
    operation_target what;
    what.id = id;
    what.source = {5, 0, "Shop"};
    replacement by;
    by.octets = "pay now";
    EXPECT_EQ(world.gateway->replace(engine_world::shop, what, std::move(by), {session_id{1}, 9},
                                     world.now()),
              command_status::esme_rok);
    world.advance(1h);
    EXPECT_EQ(gate.asked.size(), 1U);
    std::string debtor;
    gate.answer = [&debtor](const gate_question& about) {
        debtor = about.record.debtor()->str();
        return gate_allow{};
    };
    world.advance(2h);
    EXPECT_EQ(gate.asked.size(), 2U);
    EXPECT_EQ(debtor, "D-1");
    EXPECT_EQ(texts(), std::vector<std::string>{"pay now"});
    expect_empty();
}

/// An at-most-once message is asked about before its mark and, when something has changed until
/// that is on disk, again.
TEST_F(gates, a_delay_between_mark_and_sending_takes_the_mark_back) {
    start();
    const auto opens = in(2h);
    gate.answer = [this, opens](const gate_question& about) -> gate_verdict {
        if (gate.asked.size() == 1) gate.change();
        if (gate.asked.size() == 1 || about.now_ms >= opens) return gate_allow{};
        return gate_delay{opens};
    };
    auto message = reminder();
    message.at_most_once = true;
    const auto id = world.submit(std::move(message));
    EXPECT_EQ(gate.asked.size(), 2U);
    EXPECT_TRUE(world.outputs->sent.empty());
    world.crash_and_start();
    world.accept_everything();
    world.bind_up(1);
    EXPECT_EQ(world.state_of(id), State::queued);
    world.advance(2h + 1s);
    EXPECT_EQ(world.outputs->sent.size(), 1U);
    EXPECT_EQ(world.state_of(id), State::submitted);
    expect_empty();
}

}  // namespace
}  // namespace hikyaku::gateway
