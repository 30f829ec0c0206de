// The outbox over SMPP: windows, redelivery, refusals, order, and nothing lost.
#include <gtest/gtest.h>

#include "gateway/model/tables.hpp"
#include "tests/support/engine_fixture.hpp"

namespace hikyaku::gateway {
namespace {

using smpp::command_status;
namespace table = model::table;
using testing::engine_world;
using namespace std::chrono_literals;

class outbox : public ::testing::Test {
protected:
    engine_world world;
    std::vector<message_id> ids;

    /// `count` receipts are put into the outbox of "shop".
    void fill(std::size_t count) {
        if (!world.gateway) {
            world.start();
            world.bind_up(1, engine_world::alpha, 1000);
        }
        world.accept_everything(true);
        for (std::size_t i = 0; i < count; ++i)
            ids.push_back(world.submit("x"));
    }
    std::vector<message_id> order() {
        std::vector<message_id> out;
        for (const auto& one : world.outputs->delivered)
            out.push_back(one.event.message);
        return out;
    }
};

TEST_F(outbox, waits_for_a_session_and_goes_in_order_under_its_window) {
    fill(25);
    EXPECT_EQ(world.account().outbox_smpp, 25U);
    world.session_up(100, engine_world::shop, 10);
    EXPECT_EQ(world.deliveries(), 10U);
    for (std::size_t i = 0; i < world.deliveries(); ++i) {
        world.acknowledge_delivery(world.outputs->delivered[i]);
        EXPECT_LE(world.deliveries() - (i + 1), 10U);
    }
    EXPECT_EQ(order(), ids);
    EXPECT_EQ(world.account().outbox_smpp, 0U);
    EXPECT_EQ(world.entries(table::outbox), 0U);
    EXPECT_EQ(world.gateway->count().delivered_smpp, 25U);
}

TEST_F(outbox, several_sessions_share_and_transmitters_get_nothing) {
    fill(6);
    world.gateway->on_session_up(session_id{99}, {engine_world::shop, true, false, 10},
                                 world.now());
    world.session_up(98, engine_world::bank);
    EXPECT_EQ(world.deliveries(), 0U);
    world.session_up(100, engine_world::shop, 2);
    world.session_up(101, engine_world::shop, 3);
    std::map<session_id, int> count;
    for (const auto& one : world.outputs->delivered)
        ++count[one.session];
    EXPECT_EQ(count[session_id{100}], 2);
    EXPECT_EQ(count[session_id{101}], 3);
    EXPECT_EQ(world.account().sessions, 3U);
}

TEST_F(outbox, redelivered_after_the_session_went_down) {
    fill(5);
    world.session_up(100, engine_world::shop, 3);
    ASSERT_EQ(world.deliveries(), 3U);
    world.acknowledge_delivery(world.outputs->delivered[1]);
    ASSERT_EQ(world.deliveries(), 4U);
    world.session_down(100);
    const auto late = world.outputs->delivered[0];
    world.outputs->delivered.clear();
    world.session_up(101);
    EXPECT_EQ(order(), (std::vector<message_id>{ids[0], ids[2], ids[3], ids[4]}));
    world.acknowledge_delivery(late);  // of a session that is gone: means nothing
    EXPECT_EQ(world.account().outbox_smpp, 4U);
    const auto delivered = world.outputs->delivered;
    for (const auto& one : delivered)
        world.acknowledge_delivery(one);
    EXPECT_EQ(world.entries(table::outbox), 0U);
}

TEST_F(outbox, kept_over_a_restart_until_acknowledged) {
    fill(3);
    world.session_up(100);
    world.acknowledge_delivery(world.outputs->delivered[0]);
    world.crash_and_start();
    EXPECT_EQ(world.account().outbox_smpp, 2U);
    world.session_up(100);
    EXPECT_EQ(order(), (std::vector<message_id>{ids[1], ids[2]}));
}

TEST_F(outbox, an_entry_seen_on_disk_before_its_commit_is_reported_comes_once) {
    fill(4096 + 10);  // more than memory holds: the rest is read from the store
    world.responder = nullptr;
    ids.push_back(world.submit("x"));
    world.respond(world.outputs->sent.back(), "last");
    world.commits_itself = false;
    world.hand_in_receipt(1, "last", "DELIVRD", "819012345678");
    world.turn();
    ASSERT_TRUE(world.write_batches());
    world.session_up(100, engine_world::shop, 10000);
    EXPECT_EQ(world.deliveries(), 4106U);
    world.commits_itself = true;
    world.settle();
    EXPECT_EQ(order(), ids);
}

TEST_F(outbox, a_temporary_refusal_pauses_and_keeps_the_order) {
    fill(4);
    world.session_up(100, engine_world::shop, 2);
    world.acknowledge_delivery(world.outputs->delivered[0], command_status::esme_rx_t_appn);
    world.acknowledge_delivery(world.outputs->delivered[1], command_status::esme_rmsgqful);
    EXPECT_EQ(world.deliveries(), 2U);
    world.advance(999ms);
    EXPECT_EQ(world.deliveries(), 2U);
    world.advance(2ms);  // two failures of one window are one pause
    ASSERT_EQ(world.deliveries(), 4U);
    EXPECT_EQ(order()[2], ids[0]);
    EXPECT_EQ(order()[3], ids[1]);
    world.acknowledge_delivery(world.outputs->delivered[2], command_status::esme_rx_t_appn);
    world.advance(1999ms);
    EXPECT_EQ(world.deliveries(), 4U);
    world.advance(2ms);
    EXPECT_EQ(world.deliveries(), 5U);
    EXPECT_EQ(world.account().outbox_smpp, 4U);
}

TEST_F(outbox, a_timeout_is_a_temporary_failure_however_often) {
    fill(1);
    world.session_up(100);
    for (int i = 0; i < 20; ++i) {
        world.gateway->on_delivery_timeout(
            session_id{100}, world.outputs->delivered.back().event.sequence, world.now());
        world.advance(31s);
        ASSERT_EQ(world.deliveries(), static_cast<std::size_t>(i) + 2);
    }
    EXPECT_EQ(world.account().dead_letters, 0U);
}

TEST_F(outbox, a_permanent_refusal_drops_and_odd_ones_end_as_dead_letters) {
    fill(2);
    world.session_up(100, engine_world::shop, 1);
    world.acknowledge_delivery(world.outputs->delivered[0], command_status::esme_rx_p_appn);
    ASSERT_EQ(world.deliveries(), 2U);
    EXPECT_EQ(world.account().outbox_smpp, 1U);
    EXPECT_EQ(world.gateway->count().deliveries_dropped, 1U);
    for (int i = 0; i < 10; ++i) {
        world.acknowledge_delivery(world.outputs->delivered.back(), command_status{0x4FF});
        world.advance(31s);
    }
    EXPECT_EQ(world.deliveries(), 11U);
    EXPECT_EQ(world.account().outbox_smpp, 0U);
    EXPECT_EQ(world.account().dead_letters, 1U);
    world.crash_and_start();
    EXPECT_EQ(world.account().dead_letters, 1U);
    world.session_up(100);
    EXPECT_EQ(world.gateway->replay_dead_letters(engine_world::shop, 10, world.now()), 1U);
    EXPECT_EQ(world.gateway->replay_dead_letters(engine_world::shop, 10, world.now()), 0U);
    world.settle();
    ASSERT_EQ(world.deliveries(), 1U);
    EXPECT_EQ(order()[0], ids[1]);
    EXPECT_EQ(world.account().dead_letters, 0U);
}

TEST_F(outbox, an_event_that_nothing_reads_becomes_a_dead_letter) {
    world.limits.outbox_ready_max = 2;  // less than there are: they must not be read for ever
    fill(5);
    world.damage_events(3);
    world.crash_and_start();
    EXPECT_EQ(world.account().outbox_smpp, 5U);
    world.session_up(100);
    EXPECT_EQ(order(), (std::vector<message_id>{ids[3], ids[4]}));
    EXPECT_EQ(world.account().outbox_smpp, 2U);
    EXPECT_EQ(world.account().dead_letters, 3U);
    EXPECT_EQ(world.gateway->count().dead_letters, 3U);
    EXPECT_EQ(world.entries(table::outbox), 2U);
    EXPECT_EQ(world.entries(table::dead_letters), 3U);
    // Tried once more, they are still the same.
    EXPECT_EQ(world.gateway->replay_dead_letters(engine_world::shop, 10, world.now()), 3U);
    world.settle();
    EXPECT_EQ(world.deliveries(), 2U);
    EXPECT_EQ(world.account().dead_letters, 3U);
    EXPECT_EQ(world.entries(table::outbox), 2U);
}

TEST_F(outbox, a_session_that_cannot_take_an_entry_is_tried_later) {
    fill(2);
    world.outputs->deaf_sessions = {session_id{100}};
    world.session_up(100);
    EXPECT_EQ(world.deliveries(), 0U);
    world.outputs->deaf_sessions.clear();
    world.advance(2s);
    EXPECT_EQ(order(), ids);
}

TEST_F(outbox, what_nobody_takes_ends_with_the_retention) {
    fill(25);
    EXPECT_EQ(world.entries(table::outbox), 25U);
    world.leap(29 * 24h);
    world.advance(60s);
    EXPECT_EQ(world.entries(table::outbox), 25U);
    world.leap(2 * 24h);
    world.advance(60s);
    EXPECT_EQ(world.entries(table::outbox), 0U);
    EXPECT_EQ(world.account().outbox_smpp, 0U);
    world.session_up(100, engine_world::shop, 10);
    EXPECT_EQ(world.deliveries(), 0U);
    fill(1);
    EXPECT_EQ(world.deliveries(), 1U);
}

TEST_F(outbox, dead_letters_end_with_the_retention) {
    fill(2);
    world.damage_events(2);
    world.crash_and_start();
    world.session_up(100);
    ASSERT_EQ(world.account().dead_letters, 2U);
    world.leap(31 * 24h);
    world.advance(60s);
    EXPECT_EQ(world.entries(table::dead_letters), 0U);
    EXPECT_EQ(world.account().dead_letters, 0U);
}

TEST_F(outbox, receipts_go_where_the_account_wants_them) {
    world.settings.accounts[0].delivery.receipts = config::deliver_by::none;
    fill(2);
    EXPECT_EQ(world.account().outbox_smpp, 0U);
    EXPECT_EQ(world.entries(table::outbox), 0U);
    EXPECT_EQ(world.state_of(ids[0]), State::delivered);
}

}  // namespace
}  // namespace hikyaku::gateway
