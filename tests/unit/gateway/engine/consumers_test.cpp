// Events for an application inside the process: its outbox, its window, and what a restart repeats.
#include <gtest/gtest.h>

#include "gateway/links/classify.hpp"
#include "gateway/model/tables.hpp"
#include "tests/support/engine_fixture.hpp"

namespace hikyaku::gateway {
namespace {

namespace table = model::table;
using testing::engine_world;
using testing::kept_event;

constexpr consumer_id desk{0};

class consumers_of_events : public ::testing::Test {
protected:
    engine_world world;

    void SetUp() override {
        world.consumers = {{.name = "desk", .accounts = {"shop"}, .window = 4}};
        world.settings.accounts[0].numbers = {"4242"};
        world.settings.accounts[1].numbers = {"4343"};
    }
    void start() {
        world.start();
        world.bind_up(1);
        world.accept_everything(true);
    }
    /// All that the desk was given since the last start.
    std::vector<kept_event> given() {
        std::vector<kept_event> all;
        for (const auto& one : world.outputs->consumed) {
            EXPECT_EQ(one.consumer, desk);
            all.insert(all.end(), one.events.begin(), one.events.end());
        }
        return all;
    }
    void consumed_up_to(std::uint64_t sequence) {
        world.gateway->on_consumed(desk, sequence, world.now());
        world.settle();
    }
    std::uint64_t waiting() { return world.gateway->consumers().at(0).waiting; }
    std::size_t in_hand() { return world.gateway->consumers().at(0).in_hand; }
};

TEST_F(consumers_of_events, get_a_copy_of_what_the_application_is_told) {
    start();
    world.session_up(100);
    const auto id = world.submit("Hello");
    world.reply("yes", "4242");
    const auto events = given();
    ASSERT_EQ(events.size(), 2U);
    EXPECT_EQ(events[0].kind, EventKind::receipt);
    EXPECT_EQ(events[0].message, id);
    EXPECT_EQ(events[0].state, State::delivered);
    EXPECT_EQ(events[1].kind, EventKind::reply);
    EXPECT_EQ(events[1].text, "yes");
    ASSERT_EQ(world.deliveries(), 2U);
    for (std::size_t i = 0; i < 2; ++i) {  // the same event has the same number for both
        EXPECT_EQ(world.outputs->delivered[i].event.sequence, events[i].sequence);
        EXPECT_EQ(world.outputs->delivered[i].event.kind, events[i].kind);
    }
}

TEST_F(consumers_of_events, an_event_that_nothing_reads_becomes_a_dead_letter) {
    world.limits.outbox_ready_max = 2;  // less than there are: they must not be read for ever
    start();
    for (int i = 0; i < 3; ++i)
        world.reply("r" + std::to_string(i), "4242");
    const auto events = given();
    ASSERT_EQ(events.size(), 3U);
    world.damage_events(world.entries(table::outbox));
    world.crash_and_start();
    EXPECT_TRUE(given().empty());
    EXPECT_EQ(waiting(), 0U);
    EXPECT_EQ(world.entries(table::dead_letters), 3U);
    world.bind_up(1);
    world.reply("after them", "4242");
    ASSERT_EQ(given().size(), 1U);
    EXPECT_EQ(given()[0].text, "after them");
}

TEST_F(consumers_of_events, both_outboxes_are_written_in_one_batch) {
    start();
    world.session_up(100);
    world.commits_itself = false;
    world.hand_in_deliver_sm(1, "yes", "819012345678", "4242");
    world.turn();
    ASSERT_EQ(world.outputs->commits.size(), 1U);
    EXPECT_EQ(world.entries(table::outbox), 0U);
    world.write_batches();
    EXPECT_EQ(world.entries(table::outbox), 2U);
    EXPECT_TRUE(given().empty());  // not before the writer has said so
    world.commits_itself = true;
    world.report_batches();
    world.settle();
    EXPECT_EQ(given().size(), 1U);
    EXPECT_EQ(world.deliveries(), 1U);
}

TEST_F(consumers_of_events, an_acknowledgement_removes_the_consumers_copy_only) {
    start();
    for (int i = 0; i < 3; ++i)
        world.reply("yes", "4242");
    ASSERT_EQ(given().size(), 3U);
    EXPECT_EQ(world.entries(table::outbox), 6U);
    consumed_up_to(given()[1].sequence);
    EXPECT_EQ(world.entries(table::outbox), 4U);
    EXPECT_EQ(world.account().outbox_smpp, 3U);
    EXPECT_EQ(waiting(), 1U);
    EXPECT_EQ(in_hand(), 1U);
    EXPECT_EQ(world.gateway->count().delivered_consumer, 2U);
    consumed_up_to(given()[1].sequence);  // once more means nothing
    EXPECT_EQ(waiting(), 1U);
    consumed_up_to(given()[2].sequence);
    EXPECT_EQ(waiting(), 0U);
    EXPECT_EQ(given().size(), 3U);
}

TEST_F(consumers_of_events, the_window_bounds_what_is_in_hand_and_the_order_is_kept) {
    start();
    for (int i = 0; i < 11; ++i)
        world.reply("r" + std::to_string(i), "4242");
    EXPECT_EQ(given().size(), 4U);
    EXPECT_EQ(waiting(), 11U);
    std::size_t acknowledged = 0;
    while (acknowledged < 11) {  // one at a time, then as many as there are
        const auto events = given();
        ASSERT_GT(events.size(), acknowledged);
        EXPECT_LE(events.size() - acknowledged, 4U);
        acknowledged = acknowledged < 4 ? acknowledged + 1 : events.size();
        consumed_up_to(events[acknowledged - 1].sequence);
    }
    const auto events = given();
    ASSERT_EQ(events.size(), 11U);
    for (std::size_t i = 0; i < events.size(); ++i)
        EXPECT_EQ(events[i].text, "r" + std::to_string(i));
    EXPECT_EQ(waiting(), 0U);
}

TEST_F(consumers_of_events, a_backlog_on_disk_is_read_in_order) {
    world.limits.outbox_ready_max = 3;
    world.consumers[0].window = 2;
    start();
    for (int i = 0; i < 12; ++i)
        world.reply("r" + std::to_string(i), "4242");
    for (std::size_t seen = 0; seen < 12;) {
        ASSERT_GT(given().size(), seen);
        seen = given().size();
        consumed_up_to(given().back().sequence);
    }
    const auto events = given();
    ASSERT_EQ(events.size(), 12U);
    for (std::size_t i = 0; i < events.size(); ++i)
        EXPECT_EQ(events[i].text, "r" + std::to_string(i));
}

TEST_F(consumers_of_events, what_was_not_acknowledged_comes_again_after_a_restart) {
    start();
    for (int i = 0; i < 6; ++i)
        world.reply("r" + std::to_string(i), "4242");
    const auto before = given();
    ASSERT_EQ(before.size(), 4U);
    consumed_up_to(before[0].sequence);
    world.crash_and_start();
    const auto again = given();
    ASSERT_EQ(again.size(), 4U);
    for (std::size_t i = 0; i < 4; ++i)
        EXPECT_EQ(again[i].text, "r" + std::to_string(i + 1));
    EXPECT_EQ(again[0].sequence, before[1].sequence);  // known by its number
    EXPECT_EQ(waiting(), 5U);
}

TEST_F(consumers_of_events, an_acknowledgement_that_was_not_written_is_not_given) {
    start();
    world.reply("yes", "4242");
    ASSERT_EQ(given().size(), 1U);
    world.commits_itself = false;
    world.gateway->on_consumed(desk, given()[0].sequence, world.now());
    world.turn();
    world.commits_itself = true;
    world.crash_and_start();
    ASSERT_EQ(given().size(), 1U);
    EXPECT_EQ(given()[0].text, "yes");
}

TEST_F(consumers_of_events, a_drain_hands_out_nothing_and_waits_for_what_is_in_hand) {
    start();
    world.reply("first", "4242");
    ASSERT_EQ(given().size(), 1U);
    world.gateway->begin_drain();
    world.reply("second", "4242");
    EXPECT_EQ(given().size(), 1U);
    EXPECT_FALSE(world.gateway->drained());
    consumed_up_to(given()[0].sequence);
    EXPECT_TRUE(world.gateway->drained());
    EXPECT_EQ(given().size(), 1U);
    EXPECT_EQ(waiting(), 1U);
    world.crash_and_start();
    ASSERT_EQ(given().size(), 1U);
    EXPECT_EQ(given()[0].text, "second");
}

TEST_F(consumers_of_events, a_failing_disk_hands_out_nothing) {
    start();
    world.gateway->set_store_failing(true);
    world.reply("yes", "4242");
    EXPECT_TRUE(given().empty());
    world.gateway->set_store_failing(false);
    world.advance(std::chrono::seconds(1));
    EXPECT_EQ(given().size(), 1U);
}

TEST_F(consumers_of_events, hear_what_the_application_has_no_way_to_be_told_of) {
    world.settings.accounts[0].delivery.replies = config::deliver_by::none;
    world.settings.accounts[0].delivery.receipts = config::deliver_by::none;
    start();
    world.submit("Hello");
    world.reply("yes", "4242");
    EXPECT_EQ(given().size(), 2U);
    EXPECT_EQ(world.account().outbox_smpp, 0U);
    EXPECT_EQ(world.entries(table::unmatched), 0U);  // somebody took the reply
    EXPECT_EQ(world.gateway->count().replies_unroutable, 0U);
}

TEST_F(consumers_of_events, hear_only_the_accounts_and_kinds_that_they_ask_for) {
    world.consumers[0].receipts = false;
    world.consumers.push_back({.name = "other", .accounts = {"bank", "nobody"}});
    start();
    world.submit("Hello");
    world.submit(engine_world::text_to("819012345678", "x"), engine_world::bank);
    world.reply("to shop", "4242");
    ASSERT_EQ(world.outputs->consumed.size(), 2U);
    const auto& other = world.outputs->consumed[0];
    EXPECT_EQ(other.consumer, consumer_id{1});
    ASSERT_EQ(other.events.size(), 1U);
    EXPECT_EQ(other.events[0].kind, EventKind::receipt);
    const auto& of_desk = world.outputs->consumed[1];
    EXPECT_EQ(of_desk.consumer, desk);
    ASSERT_EQ(of_desk.events.size(), 1U);
    EXPECT_EQ(of_desk.events[0].text, "to shop");
}

TEST_F(consumers_of_events, hear_hits_without_a_webhook) {
    world.settings.links.base_url = "https://pay.example";
    world.settings.accounts[0].links.track = true;
    world.consumers[0].receipts = false;
    start();
    const auto id = world.submit("Pay https://shop.example/invoice/1 now");
    const auto code = world.gateway->find(engine_world::shop, id)->links.at(0);
    const auto link = world.gateway->find_link(code);
    ASSERT_TRUE(link);
    const auto human = static_cast<std::uint8_t>(links::hit_class::human_likely);
    world.gateway->on_hit({code, human, 0, "GET", "10.1.2.0", "Phone 1.0"}, *link, world.now());
    world.advance(std::chrono::seconds(1));
    ASSERT_EQ(given().size(), 1U);
    EXPECT_EQ(given()[0].kind, EventKind::hit);
    EXPECT_EQ(given()[0].link, code);
    EXPECT_EQ(given()[0].message, id);
    EXPECT_EQ(given()[0].hit_class, human);
    EXPECT_EQ(given()[0].destination, "819012345678");
}

TEST_F(consumers_of_events, without_one_nothing_more_is_stored) {
    world.consumers.clear();
    start();
    world.reply("yes", "4242");
    EXPECT_EQ(world.entries(table::outbox), 1U);
    EXPECT_TRUE(world.outputs->consumed.empty());
    EXPECT_TRUE(world.gateway->consumers().empty());
    world.settings.links.base_url = "https://pay.example";
    world.settings.accounts[1].delivery.replies = config::deliver_by::none;
    world.crash_and_start();
    world.bind_up(1);
    world.reply("yes", "4343");
    EXPECT_EQ(world.entries(table::outbox), 1U);
    EXPECT_EQ(world.entries(table::unmatched), 1U);  // nobody takes the reply
}

TEST_F(consumers_of_events, an_outbox_waits_for_a_consumer_that_is_not_there) {
    start();
    world.reply("yes", "4242");
    const auto known = std::exchange(world.consumers, {});
    world.crash_and_start();
    EXPECT_TRUE(world.outputs->consumed.empty());
    EXPECT_EQ(world.entries(table::outbox), 2U);
    world.consumers = known;
    world.crash_and_start();
    ASSERT_EQ(given().size(), 1U);
    EXPECT_EQ(given()[0].text, "yes");
}

}  // namespace
}  // namespace hikyaku::gateway
