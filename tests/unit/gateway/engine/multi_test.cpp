// submit_multi: one acceptance for all destinations, one id for the application; and short ids.
#include <gtest/gtest.h>

#include "gateway/model/tables.hpp"
#include "tests/support/engine_fixture.hpp"

namespace hikyaku::gateway {
namespace {

using smpp::command_status;
namespace table = model::table;
using testing::engine_world;
using namespace std::chrono_literals;

const std::vector<std::string> three{"819000000001", "819000000002", "819000000003"};

class multi : public ::testing::Test {
protected:
    engine_world world;

    multi_result submit(const std::vector<std::string>& to, bool short_id = false) {
        auto message = engine_world::text_to("", "");
        message.text.reset();
        message.octets = "Hello";
        message.short_id = short_id;
        std::vector<phone_address> destinations;
        for (const auto& digits : to)
            destinations.push_back({1, 1, digits});
        return world.gateway->submit_multi(engine_world::shop, std::move(message), destinations,
                                           {session_id{1}, 50}, world.now());
    }
    static operation_target by_id(message_id id) {
        operation_target what;
        what.id = id;
        what.source.digits = "Shop";
        return what;
    }
    State group_state(message_id id) {
        const auto found = world.gateway->query(engine_world::shop, by_id(id), world.now());
        EXPECT_TRUE(found);
        return found ? found->state : State::unknown;
    }
};

TEST_F(multi, each_destination_is_a_message_and_all_are_accepted_at_once) {
    world.start();
    world.commits_itself = false;
    const auto result = submit(three);
    EXPECT_EQ(result.why, refusal::none);
    EXPECT_TRUE(result.refused.empty());
    world.turn();
    EXPECT_TRUE(world.outputs->settled.empty());
    ASSERT_EQ(world.outputs->commits.size(), 1U);  // one batch
    world.commits_itself = true;
    world.settle();
    ASSERT_EQ(world.outputs->settled.size(), 1U);  // one answer
    EXPECT_EQ(world.outputs->settled[0].id, result.id);
    EXPECT_EQ(world.outputs->settled[0].ticket.sequence, 50U);
    EXPECT_EQ(world.account().queued, 3U);
    EXPECT_EQ(world.gateway->count().accepted, 3U);
    world.crash_and_start();
    world.bind_up(1);
    ASSERT_EQ(world.outputs->sent.size(), 3U);
    for (std::size_t i = 0; i < 3; ++i)
        EXPECT_EQ(world.outputs->sent[i].destination, three[i]);
}

TEST_F(multi, a_disk_that_refuses_takes_none) {
    world.start();
    world.acceptances_to_fail = 1;
    ASSERT_EQ(submit(three).why, refusal::none);
    world.settle();
    ASSERT_EQ(world.outputs->settled.size(), 1U);
    EXPECT_EQ(world.outputs->settled[0].why, refusal::store_failing);
    EXPECT_EQ(world.account().queued, 0U);
    EXPECT_EQ(world.entries(table::messages), 0U);
}

TEST_F(multi, bad_destinations_are_refused_one_by_one) {
    world.settings.routes[0].prefixes = {"8190"};
    world.start();
    const auto result = submit({"12", "819000000001", "4917012345", "819000000002"});
    EXPECT_EQ(result.why, refusal::none);
    ASSERT_EQ(result.refused.size(), 2U);
    EXPECT_EQ(result.refused[0].index, 0U);
    EXPECT_EQ(result.refused[0].why, refusal::destination_invalid);
    EXPECT_EQ(result.refused[1].index, 2U);
    EXPECT_EQ(result.refused[1].why, refusal::no_route);
    world.settle();
    EXPECT_EQ(world.account().queued, 2U);
    const auto none = submit({"12", "4917012345"});
    EXPECT_EQ(none.why, refusal::none);
    EXPECT_EQ(none.id, message_id{});
    EXPECT_EQ(none.refused.size(), 2U);
    world.settle();
    EXPECT_EQ(world.outputs->settled.size(), 1U);
}

TEST_F(multi, rate_and_queue_count_every_destination_and_never_take_half) {
    world.settings.accounts[0].rate.per_second = config::rate{4, 1000ms};
    world.settings.accounts[0].rate.burst = 4;
    world.settings.accounts[0].rate.excess = config::on_excess::reject;
    world.settings.accounts[0].queued_max = 6;
    world.start();
    EXPECT_EQ(submit(three).why, refusal::none);
    const auto fast = submit(three);
    EXPECT_EQ(fast.why, refusal::rate_exceeded);
    EXPECT_TRUE(fast.refused.empty());
    world.settle();
    EXPECT_EQ(world.account().queued, 3U);
    world.advance(5s);
    auto four = three;
    four.push_back("819000000004");
    EXPECT_EQ(submit(four).why, refusal::queue_full);
    world.settle();
    EXPECT_EQ(world.account().queued, 3U);
    EXPECT_EQ(submit({three[0], three[1]}).why, refusal::none);  // the refused ones cost nothing
}

TEST_F(multi, each_has_its_receipt_with_the_id_that_was_answered) {
    world.start();
    world.bind_up(1);
    world.session_up(100);
    const auto id = submit(three).id;
    world.settle();
    ASSERT_EQ(world.outputs->sent.size(), 3U);
    for (std::size_t i = 0; i < 3; ++i) {
        const auto carrier_id = "A" + std::to_string(i);
        world.respond(world.outputs->sent[i], carrier_id);
        world.hand_in_receipt(1, carrier_id, i == 1 ? "UNDELIV" : "DELIVRD", three[i]);
        world.settle();
    }
    ASSERT_EQ(world.deliveries(), 3U);
    for (std::size_t i = 0; i < 3; ++i) {
        const auto& event = world.outputs->delivered[i].event;
        EXPECT_EQ(event.destination, three[i]);
        EXPECT_EQ(event.shown_id != message_id{} ? event.shown_id : event.message, id);
    }
    EXPECT_EQ(world.outputs->delivered[1].event.state, State::undeliverable);
}

TEST_F(multi, a_query_tells_of_the_group) {
    world.start();
    world.bind_up(1);
    const auto id = submit(three).id;
    world.settle();
    EXPECT_EQ(group_state(id), State::queued);
    for (std::size_t i = 0; i < 3; ++i)
        world.respond(world.outputs->sent[i], "A" + std::to_string(i));
    world.hand_in_receipt(1, "A0", "DELIVRD", three[0]);
    world.settle();
    EXPECT_EQ(group_state(id), State::submitted);
    world.hand_in_receipt(1, "A2", "EXPIRED", three[2]);
    world.hand_in_receipt(1, "A1", "DELIVRD", three[1]);
    world.settle();
    EXPECT_EQ(group_state(id), State::expired);
    const auto all = submit({three[0], three[1]}).id;
    world.settle();
    for (std::size_t i = 0; i < 2; ++i) {
        world.respond(world.outputs->sent[3 + i], "B" + std::to_string(i));
        world.hand_in_receipt(1, "B" + std::to_string(i), "DELIVRD", three[i]);
    }
    world.settle();
    EXPECT_EQ(group_state(all), State::delivered);
    world.crash_and_start();
    EXPECT_EQ(group_state(all), State::delivered);
    EXPECT_EQ(group_state(id), State::expired);
}

TEST_F(multi, a_cancellation_takes_all_that_wait_or_the_one_that_is_named) {
    world.start();
    const auto id = submit(three).id;
    world.settle();
    const auto cancel = [&](const operation_target& what) {
        const auto status = world.gateway->cancel_matching(engine_world::shop, what,
                                                           {session_id{1}, 9}, world.now());
        world.settle();
        return status;
    };
    auto one = by_id(id);
    one.destination.digits = three[1];
    EXPECT_EQ(cancel(one), command_status::esme_rok);
    EXPECT_EQ(world.account().queued, 2U);
    EXPECT_EQ(cancel(one), command_status::esme_rcancelfail);
    EXPECT_EQ(group_state(id), State::queued);
    world.bind_up(1, engine_world::alpha, 1);  // the first one leaves
    EXPECT_EQ(cancel(by_id(id)), command_status::esme_rok);
    EXPECT_EQ(world.account().queued, 1U);
    world.respond(world.outputs->sent[0], "A0");
    EXPECT_EQ(world.outputs->sent.size(), 1U);
    EXPECT_EQ(cancel(by_id(id)), command_status::esme_rcancelfail);
}

TEST_F(multi, replace_changes_all_that_wait) {
    world.start();
    const auto id = submit(three).id;
    world.settle();
    replacement by;
    by.octets = "Goodbye";
    by.registered_delivery = 1;
    ASSERT_EQ(world.gateway->replace(engine_world::shop, by_id(id), std::move(by),
                                     {session_id{1}, 9}, world.now()),
              command_status::esme_rok);
    world.settle();
    EXPECT_EQ(world.outputs->operations.size(), 1U);
    world.crash_and_start();
    world.bind_up(1);
    ASSERT_EQ(world.outputs->sent.size(), 3U);
    for (const auto& segment : world.outputs->sent)
        EXPECT_EQ(segment.octets, "Goodbye");
    // They are still one group, and have the id that was answered.
    world.session_up(100);
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_NE(group_state(id), State::delivered);
        const auto carrier_id = "A" + std::to_string(i);
        world.respond(world.outputs->sent[i], carrier_id);
        world.hand_in_receipt(1, carrier_id, "DELIVRD", three[i]);
        world.settle();
    }
    EXPECT_EQ(group_state(id), State::delivered);
    ASSERT_EQ(world.deliveries(), 3U);
    for (const auto& [session, event] : world.outputs->delivered)
        EXPECT_EQ(event.shown_id != message_id{} ? event.shown_id : event.message, id);
}

// Short ids for clients of 3.3.

class aliases : public multi {
protected:
    submission short_one() {
        auto message = engine_world::text_to("819012345678", "Hello");
        message.origin = Origin::smpp;
        message.short_id = true;
        return message;
    }
};

TEST_F(aliases, are_unique_and_go_on_after_a_restart) {
    world.start();
    const auto first = world.submit(short_one());
    const auto second = world.submit(short_one());
    const auto plain = world.submit("Hello");
    EXPECT_EQ(world.alias_of(plain), 0U);
    const auto one = world.alias_of(first), two = world.alias_of(second);
    EXPECT_GE(one, 0x10000000U);  // eight hexadecimal digits
    EXPECT_NE(one, two);
    EXPECT_EQ(world.gateway->find_alias(one), first);
    world.crash_and_start();
    EXPECT_EQ(world.gateway->find_alias(two), second);
    EXPECT_FALSE(world.gateway->find_alias(two + 1));
    const auto third = world.submit(short_one());
    EXPECT_EQ(world.alias_of(third), two + 1);
    EXPECT_EQ(world.entries(table::aliases), 3U);
}

TEST_F(aliases, stand_in_receipts_and_are_shared_by_a_group) {
    world.start();
    world.bind_up(1);
    world.session_up(100);
    const auto id = submit(three, true).id;
    world.settle();
    const auto alias = world.alias_of(id);
    EXPECT_EQ(world.outputs->settled.back().alias, alias);
    EXPECT_EQ(world.gateway->find_alias(alias), id);
    EXPECT_EQ(world.entries(table::aliases), 1U);
    for (std::size_t i = 0; i < 3; ++i) {
        world.respond(world.outputs->sent[i], "A" + std::to_string(i));
        world.hand_in_receipt(1, "A" + std::to_string(i), "DELIVRD", three[i]);
    }
    world.settle();
    ASSERT_EQ(world.deliveries(), 3U);
    for (const auto& one : world.outputs->delivered)
        EXPECT_EQ(one.event.alias, alias);
}

TEST_F(aliases, are_erased_with_their_message) {
    world.settings.store.retention = std::chrono::hours{1};
    world.start();
    world.bind_up(1);
    const auto id = world.submit(short_one());
    world.respond(world.outputs->sent[0], "A1");
    world.receipt("A1", "DELIVRD");
    EXPECT_EQ(world.entries(table::aliases), 1U);
    const auto alias = world.alias_of(id);
    world.leap(2h);
    world.advance(30s);
    EXPECT_EQ(world.entries(table::messages), 0U);
    EXPECT_EQ(world.entries(table::aliases), 0U);
    EXPECT_FALSE(world.gateway->find_alias(alias));
}

TEST_F(aliases, replace_if_present_gives_one_to_what_had_none) {
    world.start();
    const auto id = world.submit("Hello");
    auto message = short_one();
    message.replace_if_present = true;
    ASSERT_EQ(world.hand_in(std::move(message)).why, refusal::none);
    world.settle();
    ASSERT_EQ(world.outputs->settled.back().id, id);
    EXPECT_NE(world.alias_of(id), 0U);
    EXPECT_EQ(world.outputs->settled.back().alias, world.alias_of(id));
    EXPECT_EQ(world.gateway->find_alias(world.alias_of(id)), id);
}

}  // namespace
}  // namespace hikyaku::gateway
