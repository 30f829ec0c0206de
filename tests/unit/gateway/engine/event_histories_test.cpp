// Histories of events that are out for delivery while others are forgotten or answered.
#include <gtest/gtest.h>

#include "gateway/model/tables.hpp"
#include "tests/support/engine_fixture.hpp"

namespace hikyaku::gateway {
namespace {

using smpp::command_status;
namespace table = model::table;
using testing::engine_world;
using namespace std::chrono_literals;

class event_histories : public ::testing::Test {
protected:
    engine_world world;

    void receipts(std::size_t count, Origin origin = Origin::smpp, std::string callback = {}) {
        if (!world.gateway) {
            world.start();
            world.bind_up(1, engine_world::alpha, 1000);
        }
        world.accept_everything(true);
        for (std::size_t i = 0; i < count; ++i) {
            auto message = engine_world::text_to("819012345678", "x");
            message.origin = origin;
            message.callback.url = callback;
            message.callback.mask = callback.empty() ? 0 : 1;
            world.submit(std::move(message));
        }
    }
    void a_retention_passes() {
        world.leap(31 * 24h);
        world.advance(10s);
    }
    void expect_events(std::uint64_t count, std::uint64_t counted) {
        EXPECT_EQ(world.entries(table::outbox), count);
        EXPECT_EQ(counted, count);
    }
};

TEST_F(event_histories, one_that_a_session_has_outlives_its_retention) {
    receipts(3);
    world.session_up(100, engine_world::shop, 1);
    ASSERT_EQ(world.deliveries(), 1U);
    a_retention_passes();
    expect_events(1, world.account().outbox_smpp);
    world.session_down(100);  // so that the fresh one waits
    world.session_up(101, engine_world::shop, 1);
    ASSERT_EQ(world.deliveries(), 2U);
    receipts(1);
    expect_events(2, world.account().outbox_smpp);
    world.acknowledge_delivery(world.outputs->delivered[1]);
    expect_events(1, world.account().outbox_smpp);
    ASSERT_EQ(world.deliveries(), 3U);
    world.acknowledge_delivery(world.outputs->delivered[2]);
    expect_events(0, world.account().outbox_smpp);
}

TEST_F(event_histories, one_that_was_out_and_came_back_ends_with_the_retention) {
    for (const bool refused : {false, true}) {
        SCOPED_TRACE(refused);
        engine_world own;
        own.start();
        own.bind_up(1, engine_world::alpha, 1000);
        own.accept_everything(true);
        own.submit("x");
        own.session_up(100, engine_world::shop, 1);
        ASSERT_EQ(own.deliveries(), 1U);
        own.leap(31 * 24h);
        own.advance(5s);
        EXPECT_EQ(own.entries(table::outbox), 1U);
        if (refused) {
            own.acknowledge_delivery(own.outputs->delivered[0], command_status::esme_rmsgqful);
            own.advance(500ms);
        }
        own.session_down(100);
        own.advance(5s);
        EXPECT_EQ(own.entries(table::outbox), 0U);
        EXPECT_EQ(own.account().outbox_smpp, 0U);
    }
}

TEST_F(event_histories, those_that_a_webhook_has_outlive_their_retention) {
    world.settings.accounts[0].webhook =
        config::account_webhook{.url = "https://shop.example/hook", .batch_max = 10};
    receipts(4, Origin::http);
    ASSERT_EQ(world.outputs->posted.size(), 1U);
    ASSERT_EQ(world.outputs->posted[0].events.size(), 1U);
    a_retention_passes();
    expect_events(1, world.account().outbox_webhook);
    receipts(1, Origin::http);
    expect_events(2, world.account().outbox_webhook);
    const auto post = world.outputs->posted[0];
    world.gateway->on_webhook_answer(post.account, post.token, {200, std::nullopt, ""},
                                     world.now());
    world.settle();
    ASSERT_EQ(world.outputs->posted.size(), 2U);
    expect_events(1, world.account().outbox_webhook);
    const auto second = world.outputs->posted[1];
    ASSERT_EQ(second.events.size(), 1U);
    world.gateway->on_webhook_answer(second.account, second.token, {200, std::nullopt, ""},
                                     world.now());
    world.settle();
    expect_events(0, world.account().outbox_webhook);
}

TEST_F(event_histories, one_that_is_requested_outlives_its_retention) {
    auto& door = world.settings.accounts[0].sendsms.emplace();
    door.username = "shop-user";
    door.password = "x";
    receipts(1, Origin::http, "http://app/dlr?t=%d");
    ASSERT_EQ(world.outputs->requested.size(), 1U);
    a_retention_passes();
    EXPECT_EQ(world.entries(table::outbox), 1U);
    const auto request = world.outputs->requested[0];
    world.gateway->on_callback_answer(request.account, request.token, {200, std::nullopt, ""},
                                      world.now());
    world.settle();
    EXPECT_EQ(world.entries(table::outbox), 0U);
    EXPECT_EQ(world.outputs->requested.size(), 1U);
}

TEST_F(event_histories, a_late_answer_to_a_delivery_that_is_anothers_by_now_removes_nothing) {
    receipts(1);
    world.session_up(100, engine_world::shop, 1);
    const auto first = world.outputs->delivered.at(0);
    world.gateway->on_delivery_timeout(first.session, first.event.sequence, world.now());
    world.settle();
    world.advance(2s);
    world.session_down(100);
    world.session_up(101, engine_world::shop, 1);
    ASSERT_GE(world.deliveries(), 2U);
    world.acknowledge_delivery(first);  // of the session that is gone
    expect_events(1, world.account().outbox_smpp);
    world.acknowledge_delivery(world.outputs->delivered.back());
    expect_events(0, world.account().outbox_smpp);
}

TEST_F(event_histories, a_late_answer_of_another_session_removes_nothing) {
    receipts(1);
    world.session_up(100, engine_world::shop, 1);
    const auto first = world.outputs->delivered.at(0);
    world.session_up(101, engine_world::shop, 1);
    world.gateway->on_delivery_timeout(first.session, first.event.sequence, world.now());
    world.settle();
    ASSERT_EQ(world.deliveries(), 2U);
    EXPECT_EQ(world.outputs->delivered[1].session, session_id{101});
    world.acknowledge_delivery(first);
    expect_events(1, world.account().outbox_smpp);
    world.acknowledge_delivery(world.outputs->delivered[1]);
    expect_events(0, world.account().outbox_smpp);
    EXPECT_EQ(world.gateway->count().delivered_smpp, 1U);
}

TEST_F(event_histories, a_temporary_refusal_never_buries_and_a_success_ends_the_long_pauses) {
    receipts(1);
    world.session_up(100, engine_world::shop, 1);
    for (int i = 0; i < 12; ++i) {
        world.acknowledge_delivery(world.outputs->delivered.back(), command_status::esme_rmsgqful);
        world.advance(31s);
    }
    EXPECT_EQ(world.account().dead_letters, 0U);
    ASSERT_EQ(world.deliveries(), 13U);
    world.acknowledge_delivery(world.outputs->delivered.back());
    receipts(1);
    ASSERT_EQ(world.deliveries(), 14U);
    world.acknowledge_delivery(world.outputs->delivered.back(), command_status::esme_rmsgqful);
    world.advance(1500ms);
    EXPECT_EQ(world.deliveries(), 15U) << "the first pause is a second again";
}

TEST_F(event_histories, odd_answers_are_counted_for_each_event_and_forgotten_with_it) {
    receipts(1);
    world.session_up(100, engine_world::shop, 1);
    for (int i = 0; i < 9; ++i) {
        world.acknowledge_delivery(world.outputs->delivered.back(), command_status{0x4FF});
        world.advance(31s);
    }
    ASSERT_EQ(world.deliveries(), 10U);
    world.acknowledge_delivery(world.outputs->delivered.back());
    receipts(1);  // another one begins at none
    for (int i = 0; i < 9; ++i) {
        world.acknowledge_delivery(world.outputs->delivered.back(), command_status{0x4FF});
        world.advance(31s);
    }
    EXPECT_EQ(world.account().dead_letters, 0U);
    world.acknowledge_delivery(world.outputs->delivered.back(), command_status{0x4FF});
    EXPECT_EQ(world.account().dead_letters, 1U);
    // Replayed, it has ten tries again.
    EXPECT_EQ(world.gateway->replay_dead_letters(engine_world::shop, 10, world.now()), 1U);
    world.advance(31s);
    for (int i = 0; i < 9; ++i) {
        world.acknowledge_delivery(world.outputs->delivered.back(), command_status{0x4FF});
        world.advance(31s);
    }
    EXPECT_EQ(world.account().dead_letters, 0U);
    world.acknowledge_delivery(world.outputs->delivered.back());
    expect_events(0, world.account().outbox_smpp);
}

}  // namespace
}  // namespace hikyaku::gateway
