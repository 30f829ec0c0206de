// The outbox over webhooks: batches, back-off, give-up, replay, 410.
#include <gtest/gtest.h>

#include "gateway/model/tables.hpp"
#include "tests/support/engine_fixture.hpp"

namespace hikyaku::gateway {
namespace {

namespace table = model::table;
using testing::engine_world;
using namespace std::chrono_literals;
using std::chrono::milliseconds;

class webhooks : public ::testing::Test {
protected:
    engine_world world;
    std::vector<message_id> ids;

    void SetUp() override {
        world.settings.accounts[0].webhook =
            config::account_webhook{.url = "https://shop.example/hook", .batch_max = 10};
    }
    void fill(std::size_t count) {
        if (!world.gateway) {
            world.start();
            world.bind_up(1, engine_world::alpha, 1000);
        }
        world.accept_everything(true);
        for (std::size_t i = 0; i < count; ++i) {
            auto message = engine_world::text_to("819012345678", "x");
            message.origin = Origin::http;
            ids.push_back(world.submit(std::move(message)));
        }
    }
    std::size_t posts() { return world.outputs->posted.size(); }
    const testing::posted_batch& last() { return world.outputs->posted.back(); }
    void answer(std::uint32_t status,
                std::optional<std::chrono::seconds> retry_after = std::nullopt) {
        const auto post = last();
        world.gateway->on_webhook_answer(post.account, post.token, {status, retry_after, ""},
                                         world.now());
        world.settle();
    }
    /// The time from now to the next post.
    milliseconds next_post_in() {
        const auto before = posts();
        const auto start = world.now().steady;
        while (posts() == before && world.now().steady - start < 48h)
            world.advance(1s);
        return std::chrono::duration_cast<milliseconds>(last().at.steady - start);
    }
};

TEST_F(webhooks, batches_of_batch_max_one_at_a_time_removed_by_any_2xx) {
    fill(25);
    ASSERT_EQ(posts(), 1U);
    EXPECT_EQ(last().events.size(), 1U);  // the first did not wait for company
    EXPECT_EQ(last().events[0].message, ids[0]);
    EXPECT_EQ(last().events[0].state, State::delivered);
    answer(200);
    ASSERT_EQ(posts(), 2U);
    EXPECT_EQ(last().events.size(), 10U);
    EXPECT_EQ(last().events[9].message, ids[10]);
    answer(204);
    answer(299);
    EXPECT_EQ(posts(), 4U);
    EXPECT_EQ(last().events.size(), 4U);
    EXPECT_EQ(world.account().outbox_webhook, 4U);
    answer(200);
    EXPECT_EQ(posts(), 4U);
    EXPECT_EQ(world.account().outbox_webhook, 0U);
    EXPECT_EQ(world.entries(table::outbox), 0U);
    EXPECT_EQ(world.gateway->count().delivered_webhook, 25U);
}

TEST_F(webhooks, an_answer_to_an_old_post_means_nothing) {
    fill(1);
    const auto token = last().token;
    answer(200);
    fill(1);
    world.gateway->on_webhook_answer(engine_world::shop, token, {200, {}, ""}, world.now());
    world.settle();
    EXPECT_EQ(world.account().outbox_webhook, 1U);
}

TEST_F(webhooks, failures_back_off_doubling_with_jitter_and_keep_the_order) {
    fill(3);
    for (const auto pause : {5000ms, 10000ms, 20000ms, 40000ms, 80000ms}) {
        answer(pause == 20000ms ? 0 : 503);
        const auto waited = next_post_in();
        EXPECT_GE(waited, pause);
        EXPECT_LE(waited, pause * 5 / 4 + 10ms);
        EXPECT_EQ(last().events[0].message, ids[0]);
    }
    EXPECT_EQ(last().events.size(), 3U);
    EXPECT_EQ(world.account().outbox_webhook, 3U);
    answer(200);
    fill(1);
    answer(500);  // a success has made the next pause short again
    EXPECT_LE(next_post_in(), 7s);
}

TEST_F(webhooks, retry_after_is_honoured_up_to_a_day) {
    fill(1);
    answer(429, 600s);
    const auto waited = next_post_in();
    EXPECT_GE(waited, 600s);
    EXPECT_LE(waited, 601s);
    answer(503, 1s);  // less than the back-off
    EXPECT_GE(next_post_in(), 10s);
    answer(503, std::chrono::hours{1000});
    EXPECT_LE(next_post_in(), 24h + 1s);
}

TEST_F(webhooks, gone_disables_until_it_is_enabled_also_over_a_restart) {
    fill(2);
    answer(410);
    EXPECT_TRUE(world.account().webhook_disabled);
    world.advance(1min);
    EXPECT_EQ(posts(), 1U);
    world.crash_and_start();
    EXPECT_TRUE(world.account().webhook_disabled);
    EXPECT_EQ(world.account().outbox_webhook, 2U);
    world.advance(1min);
    EXPECT_EQ(posts(), 0U);
    world.gateway->enable_webhook(engine_world::shop, world.now());
    world.settle();
    ASSERT_EQ(posts(), 1U);
    EXPECT_EQ(last().events.size(), 2U);
    answer(200);
    world.crash_and_start();
    EXPECT_FALSE(world.account().webhook_disabled);
}

TEST_F(webhooks, given_up_after_a_day_of_failing_and_replayed_on_demand) {
    fill(2);
    answer(500);
    int answers = 0;
    while (world.account().dead_letters == 0 && answers < 30) {
        (void)next_post_in();
        answer(500);
        ++answers;
    }
    EXPECT_EQ(world.account().dead_letters, 2U);
    EXPECT_EQ(world.account().outbox_webhook, 0U);
    EXPECT_GE(world.now().wall_ms - testing::virtual_clock::start_wall_ms, 24 * 3600 * 1000);
    EXPECT_EQ(world.entries(table::dead_letters), 2U);
    world.crash_and_start();
    EXPECT_EQ(world.account().dead_letters, 2U);
    EXPECT_EQ(world.gateway->replay_dead_letters(engine_world::shop, 1, world.now()), 1U);
    world.settle();
    ASSERT_EQ(posts(), 1U);
    EXPECT_EQ(last().events[0].message, ids[0]);
    answer(500);  // not given up at once again
    EXPECT_EQ(world.account().dead_letters, 1U);
    EXPECT_EQ(world.gateway->replay_dead_letters(engine_world::shop, 10, world.now()), 1U);
    world.settle();
    EXPECT_EQ(last().events[0].message, ids[0]);
    answer(200);
    EXPECT_EQ(last().events[0].message, ids[1]);
    answer(200);
    EXPECT_EQ(world.account().dead_letters, 0U);
    EXPECT_EQ(world.entries(table::dead_letters), 0U);
    EXPECT_EQ(world.entries(table::outbox), 0U);
}

TEST_F(webhooks, our_own_down_time_does_not_count_as_failing) {
    fill(1);
    world.crash_and_start();
    world.leap(48h);
    ASSERT_EQ(posts(), 1U);
    answer(500);
    EXPECT_EQ(world.account().dead_letters, 0U);
    EXPECT_EQ(world.account().outbox_webhook, 1U);
}

TEST_F(webhooks, a_success_begins_the_failing_time_anew) {
    fill(1);
    answer(503);
    (void)next_post_in();
    answer(200);
    fill(1);
    world.leap(25h);  // the receiver takes its time
    answer(503);
    EXPECT_EQ(world.account().dead_letters, 0U);
    EXPECT_EQ(world.account().outbox_webhook, 1U);
}

TEST_F(webhooks, an_event_that_nothing_reads_becomes_a_dead_letter) {
    world.limits.outbox_ready_max = 2;
    fill(5);
    world.damage_events(3);
    world.crash_and_start();
    ASSERT_EQ(posts(), 1U);
    ASSERT_EQ(last().events.size(), 1U);  // of the two that were ready with it one is damaged
    EXPECT_EQ(last().events[0].message, ids[3]);
    answer(200);
    ASSERT_EQ(posts(), 2U);
    EXPECT_EQ(last().events[0].message, ids[4]);
    EXPECT_EQ(world.account().outbox_webhook, 1U);
    EXPECT_EQ(world.account().dead_letters, 3U);
    EXPECT_EQ(world.gateway->count().dead_letters, 3U);
    EXPECT_EQ(world.entries(table::outbox), 1U);
    EXPECT_EQ(world.entries(table::dead_letters), 3U);
}

TEST_F(webhooks, receipts_go_the_way_the_message_came_in) {
    world.start();
    world.bind_up(1);
    world.accept_everything(true);
    world.submit("over SMPP");
    EXPECT_EQ(posts(), 0U);
    EXPECT_EQ(world.account().outbox_smpp, 1U);
    fill(1);
    EXPECT_EQ(posts(), 1U);
}

TEST_F(webhooks, only_events_that_are_asked_for_are_posted) {
    world.settings.accounts[0].webhook->events = {"reply"};
    world.settings.accounts[0].numbers = {"+4242"};
    fill(1);
    EXPECT_EQ(posts(), 0U);
    EXPECT_EQ(world.entries(table::outbox), 0U);
    world.reply("hello", "4242");
    ASSERT_EQ(posts(), 1U);
    EXPECT_EQ(last().events[0].kind, EventKind::reply);
}

TEST_F(webhooks, replies_go_over_smpp_when_the_webhook_does_not_ask_for_them) {
    world.settings.accounts[0].webhook->events = {"receipt"};
    world.settings.accounts[0].numbers = {"4242"};
    world.start();
    world.bind_up(1);
    world.session_up(100);
    world.reply("hello", "4242");
    EXPECT_EQ(posts(), 0U);
    ASSERT_EQ(world.deliveries(), 1U);
    EXPECT_EQ(world.outputs->delivered[0].event.text, "hello");
}

}  // namespace
}  // namespace hikyaku::gateway
