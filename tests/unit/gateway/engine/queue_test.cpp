// The backlog: schedules, expiry, priorities, queues larger than memory, and starting again.
#include <gtest/gtest.h>

#include "gateway/model/tables.hpp"
#include "tests/support/engine_fixture.hpp"

namespace hikyaku::gateway {
namespace {

using smpp::command_status;
namespace table = model::table;
using testing::engine_world;
using namespace std::chrono_literals;

class queues : public ::testing::Test {
protected:
    engine_world world;

    /// Many messages in few commits.
    void submit_many(std::size_t count, account_id account = engine_world::shop,
                     std::optional<std::int64_t> expires = std::nullopt,
                     std::uint8_t priority = 0) {
        for (std::size_t i = 0; i < count; ++i) {
            auto message = engine_world::text_to(std::to_string(81'900'000'000 + i), "x");
            message.expires_ms = expires;
            message.priority = priority;
            ASSERT_EQ(world.hand_in(std::move(message), account).why, refusal::none);
            if (i % 500 == 499) world.settle();
        }
        world.settle();
    }
    std::set<std::string> destinations() {
        std::set<std::string> out;
        for (const auto& segment : world.outputs->sent)
            out.insert(segment.destination);
        return out;
    }
    void expect_empty() {
        for (const auto& account : world.gateway->accounts())
            EXPECT_EQ(account.queued, 0U) << account.name;
        EXPECT_EQ(world.gateway->queued(), 0U);
        EXPECT_EQ(world.entries(table::queue), 0U);
        EXPECT_EQ(world.gateway->oldest_ready_age_ms(world.now()), 0);
    }
};

TEST_F(queues, a_scheduled_message_waits_for_its_time) {
    world.start();
    world.accept_everything();
    world.bind_up(1);
    auto message = engine_world::text_to("819012345678", "later");
    message.send_at_ms = world.now().wall_ms + 60'000;
    const auto id = world.submit(std::move(message));
    world.submit("now");
    EXPECT_EQ(world.outputs->sent.size(), 1U);
    world.advance(59'990ms);
    EXPECT_EQ(world.outputs->sent.size(), 1U);
    world.advance(20ms);
    ASSERT_EQ(world.outputs->sent.size(), 2U);
    EXPECT_EQ(world.outputs->sent[1].octets, "later");
    EXPECT_EQ(world.state_of(id), State::submitted);
    expect_empty();
}

TEST_F(queues, schedules_survive_a_restart) {
    world.start();
    for (const int minutes : {30, 10, 20}) {
        auto message = engine_world::text_to("819012345678", std::to_string(minutes));
        message.send_at_ms = world.now().wall_ms + minutes * 60'000;
        world.submit(std::move(message));
    }
    world.crash_and_start();
    world.accept_everything();
    world.bind_up(1);
    EXPECT_EQ(world.account().queued, 3U);
    world.advance(9min);
    EXPECT_TRUE(world.outputs->sent.empty());
    world.advance(22min);
    ASSERT_EQ(world.outputs->sent.size(), 3U);
    EXPECT_EQ(world.outputs->sent[0].octets, "10");
    EXPECT_EQ(world.outputs->sent[1].octets, "20");
    EXPECT_EQ(world.outputs->sent[2].octets, "30");
    expect_empty();
}

TEST_F(queues, expires_while_the_carrier_is_down_with_a_receipt) {
    world.start();
    world.session_up(100);
    auto message = engine_world::text_to("819012345678", "Hello");
    message.expires_ms = world.now().wall_ms + 60'000;
    const auto id = world.submit(std::move(message));
    world.advance(59s);
    EXPECT_EQ(world.state_of(id), State::queued);
    world.advance(3s);
    EXPECT_EQ(world.state_of(id), State::expired);
    EXPECT_EQ(world.delivered_states(), std::vector<State>{State::expired});
    world.bind_up(1);
    EXPECT_TRUE(world.outputs->sent.empty());
    expect_empty();
}

TEST_F(queues, expires_while_it_waits_for_a_retry) {
    world.start();
    world.bind_up(1);
    world.session_up(100);
    auto message = engine_world::text_to("819012345678", "Hello");
    message.expires_ms = world.now().wall_ms + 20'000;
    world.submit(std::move(message));
    world.refuse(world.outputs->sent[0], command_status::esme_rx_t_appn);
    world.advance(25s);
    EXPECT_EQ(world.delivered_states(), std::vector<State>{State::expired});
    world.advance(1min);
    EXPECT_EQ(world.outputs->sent.size(), 1U);
    expect_empty();
}

TEST_F(queues, expires_deep_in_a_backlog_of_which_memory_holds_the_head_only) {
    world.start();
    submit_many(9000);
    submit_many(1000, engine_world::shop, world.now().wall_ms + 60'000);
    EXPECT_EQ(world.account().queued, 10000U);
    world.advance(70s);
    EXPECT_EQ(world.account().queued, 9000U);
    EXPECT_EQ(world.entries(table::queue), 9000U);
    EXPECT_EQ(world.account().outbox_smpp, 1000U);
    EXPECT_EQ(world.gateway->count().finished[static_cast<std::size_t>(State::expired)], 1000U);
    world.accept_everything();
    world.bind_up(1, engine_world::alpha, 100);
    world.advance(10ms);
    EXPECT_EQ(destinations().size(), 9000U);
    EXPECT_EQ(world.outputs->sent.size(), 9000U);
    expect_empty();
}

TEST_F(queues, a_backlog_larger_than_memory_goes_out_whole_once_and_in_order) {
    world.start();
    submit_many(10000);
    world.accept_everything();
    world.bind_up(1, engine_world::alpha, 100);
    submit_many(500, engine_world::bank);
    world.advance(10ms);
    ASSERT_EQ(world.outputs->sent.size(), 10500U);
    EXPECT_EQ(destinations().size(), 10000U);
    std::vector<std::string> order;
    for (const auto& segment : world.outputs->sent)
        order.push_back(segment.destination);
    order.resize(10000);
    EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
    expect_empty();
    EXPECT_EQ(world.gateway->count().accepted, 10500U);
}

TEST_F(queues, a_message_seen_on_disk_before_its_commit_is_reported_is_sent_once_and_later) {
    world.start();
    submit_many(5000);
    world.commits_itself = false;
    const auto result = world.hand_in(engine_world::text_to("81999", "last"));
    world.turn();
    ASSERT_TRUE(world.write_batches());
    world.gateway->on_bind_up(bind_id{1}, {engine_world::alpha, 10000, true, true}, world.now());
    for (int i = 0; i < 10; ++i) {
        world.turn();
        world.gateway->tick(world.now());
    }
    EXPECT_EQ(world.outputs->sent.size(), 5000U);
    EXPECT_TRUE(world.outputs->settled.size() == 5000U);
    world.commits_itself = true;
    world.advance(200ms);
    ASSERT_EQ(world.outputs->sent.size(), 5001U);
    EXPECT_EQ(world.outputs->sent.back().octets, "last");
    EXPECT_EQ(world.state_of(result.id), State::queued);
}

TEST_F(queues, a_backlog_survives_a_restart_in_the_middle) {
    world.settings.carriers[0].contract_rate = config::rate{2000, 1000ms};
    world.start();
    submit_many(10000);
    submit_many(300, engine_world::bank);
    world.accept_everything();
    world.bind_up(1, engine_world::alpha, 100);
    world.advance(2500ms);
    auto before = destinations();
    EXPECT_GT(before.size(), 2000U);
    EXPECT_LT(before.size(), 9000U);
    world.crash_and_start();
    world.bind_up(1, engine_world::alpha, 100);
    world.advance(10s);
    auto all = destinations();
    all.merge(before);
    EXPECT_EQ(all.size(), 10000U);
    EXPECT_TRUE(before.empty());  // what was answered is not sent again
    expect_empty();
}

TEST_F(queues, counters_are_right_when_a_restarted_backlog_moves_while_it_is_counted) {
    world.settings.carriers[0].contract_rate = config::rate{3000, 1000ms};
    world.settings.carriers[0].retries[0x64] = {config::retry_rule::action::retry, 5s, 5s, 100};
    world.start();
    submit_many(6000);
    submit_many(6000, engine_world::bank);
    world.crash_and_start();
    // One of three comes back by a retry, while the first round over the queue counts.
    std::size_t seen = 0;
    world.responder = [&](const testing::sent_segment& segment) {
        const bool again = ++seen % 3 == 0;
        world.gateway->on_response(
            segment.bind, segment.token,
            again ? command_status::esme_rx_t_appn : command_status::esme_rok,
            again ? "" : "id" + std::to_string(seen), world.now());
    };
    world.bind_up(1, engine_world::alpha, 100);
    world.advance(60s);
    EXPECT_EQ(destinations().size(), 6000U);
    expect_empty();
}

TEST_F(queues, higher_priorities_go_first) {
    world.settings.carriers[0].contract_rate = config::rate{10, 1000ms};
    world.start();
    for (std::uint8_t priority = 0; priority < 4; ++priority)
        submit_many(3, engine_world::shop, std::nullopt, priority);
    world.accept_everything();
    world.bind_up(1);
    world.advance(3s);
    ASSERT_EQ(world.outputs->sent.size(), 12U);
    for (std::size_t i = 0; i < 12; ++i)
        EXPECT_EQ(world.outputs->sent[i].priority, 3 - i / 3) << i;
}

TEST_F(queues, a_bulk_does_not_delay_anothers_single_message) {
    world.settings.carriers[0].contract_rate = config::rate{100, 1000ms};
    world.start();
    submit_many(10000);
    world.accept_everything();
    world.bind_up(1);
    world.advance(3s);
    const auto before = world.outputs->sent.size();
    world.submit("urgent", engine_world::bank);
    world.advance(150ms);
    ASSERT_GT(world.outputs->sent.size(), before);
    EXPECT_TRUE(world.outputs->sent[before].octets == "urgent" ||
                world.outputs->sent[before + 1].octets == "urgent");
}

TEST_F(queues, accounts_share_a_carrier_by_weight) {
    world.settings.accounts[1].weight = 3;
    world.settings.carriers[0].contract_rate = config::rate{100, 1000ms};
    world.start();
    submit_many(1000);
    submit_many(1000, engine_world::bank);
    world.accept_everything();
    world.bind_up(1);
    world.advance(5s);
    EXPECT_NEAR(static_cast<double>(1000 - world.account(engine_world::bank).queued),
                3.0 * static_cast<double>(1000 - world.account(engine_world::shop).queued), 5);
}

TEST_F(queues, backlogs_of_a_dead_carrier_never_block_another) {
    world.settings.accounts.clear();
    for (int i = 0; i < 18; ++i) {
        config::account account;
        account.name = "account" + std::to_string(i);
        account.system_id = account.name;
        world.settings.accounts.push_back(account);
    }
    world.settings.routes[0].prefixes = {"81"};
    world.settings.routes.push_back(world.settings.routes[0]);
    world.settings.routes[1].name = "germany";
    world.settings.routes[1].prefixes = {"49"};
    world.settings.routes[1].targets = {{.carrier = "beta"}};
    world.start();
    for (std::uint32_t i = 0; i < 17; ++i)
        submit_many(4096, account_id{i + 1});
    world.accept_everything();
    world.bind_up(2, engine_world::beta);
    world.submit(engine_world::text_to("4915112345678", "Hallo"), account_id{18});
    ASSERT_EQ(world.outputs->sent.size(), 1U);
    EXPECT_EQ(world.outputs->sent[0].octets, "Hallo");
}

TEST_F(queues, numbers_of_names_outlive_a_change_of_the_file) {
    world.start();
    world.submit("shop");
    world.submit("bank", engine_world::bank);
    std::swap(world.settings.accounts[0], world.settings.accounts[1]);
    std::swap(world.settings.carriers[0], world.settings.carriers[1]);
    auto other = world.settings.routes[0];
    other.name = "other";
    other.prefixes = {"999"};
    world.settings.routes.insert(world.settings.routes.begin(), other);
    world.crash_and_start();
    EXPECT_EQ(world.account(engine_world::bank).name, "bank");
    EXPECT_EQ(world.account(engine_world::bank).queued, 1U);
    EXPECT_EQ(world.gateway->account_by_system_id("shop"), engine_world::shop);
    EXPECT_EQ(world.gateway->find_token("token-shop")->account, engine_world::shop);
    EXPECT_FALSE(world.gateway->find_token("token"));
    world.accept_everything();
    world.bind_up(1, world.gateway->carrier_by_name("alpha"));
    EXPECT_EQ(world.outputs->sent.size(), 2U);
    expect_empty();
}

TEST_F(queues, numbers_of_names_that_cannot_be_are_not_believed) {
    namespace table = model::table;
    using model::name_key, model::name_kind;
    world.start();
    store::batch damage;
    damage.put(table::names, name_key(name_kind::carrier, "alpha"), 0xFFFFFFFFU);
    damage.put(table::names, name_key(name_kind::carrier, "beta"), 0U);
    damage.put(table::names, name_key(name_kind::account, "shop"), stored(engine_world::bank));
    const store::batch* one[] = {&damage};
    ASSERT_TRUE(world.store().apply(one));
    world.crash_and_start();
    const auto shop = world.gateway->account_by_system_id("shop");
    const auto bank = world.gateway->account_by_system_id("bank");
    ASSERT_TRUE(shop && bank);
    EXPECT_NE(*shop, *bank);
    EXPECT_NE(world.gateway->carrier_by_name("alpha"), world.gateway->carrier_by_name("beta"));
    world.accept_everything();
    world.bind_up(1, world.gateway->carrier_by_name("alpha"));
    world.submit(engine_world::text_to("819012345678", "x"), *shop);
    EXPECT_EQ(world.outputs->sent.size(), 1U);
}

TEST_F(queues, messages_of_a_rule_that_is_gone_take_another_or_end) {
    world.settings.routes[0].prefixes = {"81"};
    world.settings.routes.push_back(world.settings.routes[0]);
    world.settings.routes[1].name = "germany";
    world.settings.routes[1].prefixes = {"49"};
    world.start();
    std::vector<message_id> japan, germany;
    for (int i = 0; i < 450; ++i) {
        japan.push_back(world.submit(engine_world::text_to("8190", "x")));
        if (i < 3) germany.push_back(world.submit(engine_world::text_to("4915", "x")));
    }
    auto later = engine_world::text_to("8190", "later");
    later.send_at_ms = world.now().wall_ms + 3'600'000;
    world.submit(std::move(later));
    world.settings.routes.pop_back();
    world.settings.routes[0].name = "new";
    world.crash_and_start();
    EXPECT_EQ(world.gateway->find(engine_world::shop, japan[449])->id, japan[449]);
    world.accept_everything();
    world.bind_up(1, engine_world::alpha, 100);
    world.session_up(100);
    world.advance(2s);
    EXPECT_EQ(world.outputs->sent.size(), 450U);
    EXPECT_EQ(world.gateway->find(engine_world::shop, japan[0])->route, "new");
    for (const auto id : germany)
        EXPECT_EQ(world.state_of(id), State::rejected);
    EXPECT_EQ(world.deliveries(), 3U);
    world.crash_and_start();  // where they have moved to is on disk
    world.bind_up(1, engine_world::alpha, 100);
    world.leap(2h);
    ASSERT_EQ(world.outputs->sent.size(), 1U);
    EXPECT_EQ(world.outputs->sent[0].octets, "later");
    expect_empty();
}

TEST_F(queues, messages_of_an_account_that_is_gone_end_and_the_others_stay) {
    world.start();
    submit_many(5000);
    submit_many(300, engine_world::bank);
    world.settings.accounts.pop_back();
    world.crash_and_start();
    world.advance(1s);
    EXPECT_EQ(world.entries(table::queue), 5000U);
    EXPECT_EQ(world.account().queued, 5000U);
    world.accept_everything();
    world.bind_up(1, engine_world::alpha, 100);
    world.advance(100ms);
    EXPECT_EQ(world.outputs->sent.size(), 5000U);
    expect_empty();
}

TEST_F(queues, a_paused_carrier_sends_nothing_until_it_is_resumed) {
    world.start();
    world.accept_everything();
    world.bind_up(1);
    world.gateway->pause_carrier(engine_world::alpha, true, world.now());
    world.submit("x");
    world.advance(5s);
    EXPECT_TRUE(world.outputs->sent.empty());
    EXPECT_TRUE(world.gateway->carriers()[0].paused);
    EXPECT_GE(world.gateway->oldest_ready_age_ms(world.now()), 5000);
    world.gateway->pause_carrier(engine_world::alpha, false, world.now());
    world.settle();
    EXPECT_EQ(world.outputs->sent.size(), 1U);
}

TEST_F(queues, ids_never_come_twice_when_the_clock_is_set_back_between_two_runs) {
    world.start();
    world.advance(1h);
    const auto first = world.submit("x");
    world.crash_and_start();
    world.clock = testing::virtual_clock{};
    world.crash_and_start();
    const auto second = world.submit("x");
    EXPECT_GT(second, first);
}

}  // namespace
}  // namespace hikyaku::gateway
