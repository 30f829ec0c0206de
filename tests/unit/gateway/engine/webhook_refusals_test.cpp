// Events that a webhook's receiver refuses: the others are not held up, nothing is lost, and who
// refuses everything is not asked without end.
#include <gtest/gtest.h>

#include <set>

#include "gateway/engine/delivery/webhook_batches.hpp"
#include "gateway/model/tables.hpp"
#include "tests/support/engine_fixture.hpp"

namespace hikyaku::gateway {
namespace {

namespace table = model::table;
using testing::engine_world;
using namespace std::chrono_literals;
using std::chrono::milliseconds;

class refused_events : public ::testing::Test {
protected:
    std::unique_ptr<engine_world> world;
    std::vector<message_id> ids;
    std::set<message_id> poisoned;
    std::uint32_t refusal_status = 400;
    std::vector<message_id> accepted;  // in the order in which the receiver took them
    std::size_t answered = 0;

    void SetUp() override { anew(); }
    void anew() {
        world = std::make_unique<engine_world>();
        ids.clear();
        poisoned.clear();
        accepted.clear();
        answered = 0;
        world->settings.accounts[0].webhook =
            config::account_webhook{.url = "https://shop.example/hook", .batch_max = 100};
    }
    /// Receipts of `count` messages, while the receiver is silent.
    void fill(std::size_t count) {
        if (!world->gateway) {
            world->start();
            world->bind_up(1, engine_world::alpha, 1000);
        }
        world->accept_everything(true);
        for (std::size_t i = 0; i < count; ++i) {
            auto message = engine_world::text_to("819012345678", "x");
            message.origin = Origin::http;
            ids.push_back(world->submit(std::move(message)));
        }
    }
    /// The receiver answers what has come: it refuses each post that holds a poisoned event.
    void answer_all() {
        while (answered < world->outputs->posted.size()) {
            const auto post = world->outputs->posted[answered++];
            const bool bad = std::ranges::any_of(
                post.events, [&](const auto& event) { return poisoned.contains(event.message); });
            for (const auto& event : post.events)
                if (!bad) accepted.push_back(event.message);
            world->gateway->on_webhook_answer(post.account, post.token,
                                              {bad ? refusal_status : 200, std::nullopt, ""},
                                              world->now());
            world->settle();
        }
    }
    void answer_one(std::uint32_t status) {
        const auto& post = world->outputs->posted.at(answered++);
        world->gateway->on_webhook_answer(post.account, post.token, {status, std::nullopt, ""},
                                          world->now());
        world->settle();
    }
    void pass(milliseconds time) {
        const auto end = world->now().steady + time;
        answer_all();
        while (world->now().steady < end) {
            world->advance(std::min<milliseconds>(
                1s, std::chrono::ceil<milliseconds>(end - world->now().steady)));
            answer_all();
        }
    }
    std::size_t posts() { return world->outputs->posted.size(); }
    std::vector<message_id> good() {
        std::vector<message_id> all;
        std::ranges::copy_if(ids, std::back_inserter(all),
                             [&](message_id id) { return !poisoned.contains(id); });
        return all;
    }
    std::set<message_id> accepted_set() { return {accepted.begin(), accepted.end()}; }
};

TEST_F(refused_events, one_poisoned_event_holds_nobody_up_wherever_it_stands) {
    for (const std::size_t place : {0U, 1U, 2U, 50U, 99U, 100U}) {
        anew();
        fill(101);
        poisoned = {ids[place]};
        const auto before = world->now().steady;
        answer_all();
        EXPECT_EQ(world->now().steady, before) << "no pause";
        EXPECT_EQ(accepted, good()) << "all others, in their order";
        EXPECT_LE(posts(), 24U) << place;
        EXPECT_EQ(world->account().outbox_webhook, 1U);
    }
}

TEST_F(refused_events, the_culprit_waits_alone_with_growing_pauses_and_is_delivered_at_last) {
    fill(20);
    poisoned = {ids[7]};
    answer_all();
    auto last = world->now().steady;
    for (const auto pause : {5s, 10s, 20s, 40s, 80s, 160s}) {
        const auto before = posts();
        while (posts() == before)
            world->advance(1s);
        ASSERT_EQ(world->outputs->posted.back().events.size(), 1U);
        EXPECT_EQ(world->outputs->posted.back().events[0].message, ids[7]);
        const auto waited = world->now().steady - last;
        EXPECT_GE(waited, pause);
        EXPECT_LE(waited, pause * 5 / 4 + 2s);
        last = world->now().steady;
        answer_all();
        fill(1);  // what comes meanwhile does not wait
        answer_all();
        EXPECT_EQ(accepted.back(), ids.back());
    }
    EXPECT_EQ(world->gateway->count().events_refused, 7U);
    poisoned.clear();
    pass(400s);
    EXPECT_EQ(accepted_set(), std::set<message_id>(ids.begin(), ids.end()));
    EXPECT_EQ(accepted.size(), ids.size()) << "each once";
    EXPECT_EQ(world->entries(table::outbox), 0U);
}

TEST_F(refused_events, the_culprit_dies_by_itself) {
    fill(10);
    poisoned = {ids[3], ids[4]};
    for (int hour = 0; hour < 31 && world->account().dead_letters < 2; ++hour) {
        pass(1h);
        fill(1);
        answer_all();
        ASSERT_EQ(accepted.back(), ids.back());
    }
    EXPECT_EQ(world->account().dead_letters, 2U);
    EXPECT_EQ(world->account().outbox_webhook, 0U);
    EXPECT_GE(world->now().wall_ms - testing::virtual_clock::start_wall_ms, 24 * 3600 * 1000);
    EXPECT_EQ(accepted, good());
    poisoned.clear();
    EXPECT_EQ(world->gateway->replay_dead_letters(engine_world::shop, 10, world->now()), 2U);
    world->settle();
    answer_all();
    EXPECT_EQ(accepted_set().size(), ids.size());
    EXPECT_EQ(world->entries(table::dead_letters), 0U);
}

TEST_F(refused_events, who_refuses_everything_is_not_asked_without_end) {
    fill(500);
    poisoned = {ids.begin(), ids.end()};
    pass(1s);
    EXPECT_LE(posts(), webhook_batches::quick_refusals + 3) << "in the first second";
    pass(59s);
    EXPECT_LE(posts(), webhook_batches::quick_refusals + 20) << "in the first minute";
    const auto before = posts();
    pass(1h);
    EXPECT_LE(posts() - before, 2U * 60 + 5) << "in the hour after it";
    EXPECT_EQ(world->account().outbox_webhook, 500U) << "nothing is lost";
    poisoned.clear();
    pass(10min);
    EXPECT_EQ(accepted_set().size(), 500U);
    EXPECT_EQ(accepted.size(), 500U);
    EXPECT_EQ(world->entries(table::outbox), 0U);
}

TEST_F(refused_events, a_crowd_of_them_does_not_hide_the_others) {
    fill(1001);
    poisoned = {ids.begin() + 1, ids.end()};
    fill(500);
    pass(10min);
    const auto got = accepted_set();
    const auto wanted = good();
    const auto missing = std::ranges::count_if(wanted, [&](auto id) { return !got.contains(id); });
    EXPECT_EQ(missing, 0) << "of " << wanted.size() << " after " << posts() << " posts";
}

TEST_F(refused_events, answers_about_the_receiver_leave_the_batch_as_it_is) {
    for (const std::uint32_t status : {401U, 404U, 408U, 429U, 503U, 302U}) {
        anew();
        fill(30);
        answer_one(200);
        ASSERT_EQ(world->outputs->posted.back().events.size(), 29U);
        answer_one(status);
        for (const auto pause : {5s, 10s}) {
            const auto before = posts();
            world->advance(pause - 1ms);
            EXPECT_EQ(posts(), before) << status;
            world->advance(pause);
            ASSERT_EQ(posts(), before + 1) << status;
            EXPECT_EQ(world->outputs->posted.back().events.size(), 29U) << status;
            answer_one(status);
        }
        EXPECT_EQ(world->gateway->count().events_refused, 0U);
    }
}

TEST_F(refused_events, an_answer_that_may_mean_either_halves_after_a_pause) {
    refusal_status = 500;
    fill(40);
    poisoned = {ids[20]};
    answer_all();
    EXPECT_EQ(accepted.size(), 1U);
    const auto first = posts();
    world->advance(4999ms);
    EXPECT_EQ(posts(), first);
    pass(30min);
    EXPECT_EQ(accepted_set().size(), 39U);
    EXPECT_EQ(world->account().outbox_webhook, 1U);
}

TEST_F(refused_events, one_that_is_tried_again_while_the_webhook_is_enabled_is_posted_once) {
    fill(1);
    poisoned = {ids[0]};
    answer_all();
    world->advance(1min);
    ASSERT_EQ(posts(), answered + 1);  // it is under way again
    poisoned.clear();
    world->gateway->enable_webhook(engine_world::shop, world->now());
    world->settle();
    answer_all();
    world->advance(1min);
    answer_all();
    EXPECT_EQ(accepted, std::vector{ids[0]});
    EXPECT_EQ(world->account().outbox_webhook, 0U);
}

TEST_F(refused_events, one_that_nothing_reads_any_more_does_not_wait_for_another_try) {
    fill(2);
    poisoned = {ids[0]};
    answer_all();
    EXPECT_EQ(world->gateway->memory().events_alone_most, 1U);
    ASSERT_EQ(world->account().outbox_webhook, 1U);
    world->damage_events(1);
    pass(1min);
    EXPECT_EQ(world->gateway->memory().events_alone_most, 0U);
    EXPECT_EQ(world->account().outbox_webhook, 0U);
    EXPECT_EQ(world->account().dead_letters, 1U);
    EXPECT_EQ(world->entries(table::outbox), 0U);
    fill(1);
    answer_all();
    EXPECT_EQ(accepted, (std::vector<message_id>{ids[1], ids[2]}));
}

TEST_F(refused_events, a_restart_knows_nothing_of_it_and_nothing_is_lost) {
    fill(50);
    poisoned = {ids[10]};
    answer_all();
    EXPECT_EQ(world->account().outbox_webhook, 1U);
    world->crash_and_start();
    answered = 0;
    world->bind_up(1, engine_world::alpha, 1000);
    fill(5);
    answer_all();
    EXPECT_EQ(accepted, good());
    EXPECT_EQ(world->account().outbox_webhook, 1U);
}

TEST_F(refused_events, whoever_enables_the_webhook_has_all_tried_again) {
    fill(50);
    poisoned = {ids[10], ids[30]};
    answer_all();
    poisoned.clear();
    world->gateway->enable_webhook(engine_world::shop, world->now());
    world->settle();
    answer_all();
    EXPECT_EQ(accepted_set().size(), 50U);
    EXPECT_EQ(world->gateway->memory().events_alone_most, 0U);
}

}  // namespace
}  // namespace hikyaku::gateway
