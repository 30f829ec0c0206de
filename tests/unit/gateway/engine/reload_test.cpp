// Another configuration while the engine works: accounts, carriers and routes that come, change, go
// and come back.
#include <gtest/gtest.h>

#include "gateway/model/tables.hpp"
#include "tests/support/engine_fixture.hpp"

namespace hikyaku::gateway {
namespace {

using config::settings;
using testing::engine_world;
using namespace std::chrono_literals;

template <class Named>
void erase_named(std::vector<Named>& list, std::string_view name) {
    std::erase_if(
        list, [&](const Named& each) { return each.name == name; });
}

class reload : public ::testing::Test {
protected:
    engine_world world;

    [[nodiscard]] std::size_t sent_on(std::uint64_t bind) const {
        return static_cast<std::size_t>(
            std::ranges::count(world.outputs->sent, bind_id{bind}, &testing::sent_segment::bind));
    }
    void start_bound() {
        world.start();
        world.bind_up(1, engine_world::alpha);
        world.bind_up(2, engine_world::beta);
    }
    static void remove_alpha(settings& file) {
        erase_named(file.carriers, "alpha");
        file.routes[0].targets = {{.carrier = "beta"}};
    }
    [[nodiscard]] std::uint64_t queued_rows() { return world.entries(model::table::queue); }
};

TEST_F(reload, the_same_settings_change_nothing) {
    start_bound();
    world.accept_everything();
    world.submit("one");
    world.reload([](settings&) {});
    world.submit("two");
    EXPECT_EQ(sent_on(1), 2U);
    EXPECT_EQ(world.gateway->accounts().size(), 2U);
    EXPECT_EQ(world.gateway->carriers().size(), 2U);
}

TEST_F(reload, a_new_account_with_carrier_and_route_works_at_once) {
    start_bound();
    world.reload([](settings& file) {
        config::account post;
        post.name = "post";
        post.system_id = "post-office";
        post.api_tokens = {"token-post"};
        post.numbers = {"818000"};
        file.accounts.push_back(post);
        config::carrier gamma;
        gamma.name = "gamma";
        gamma.contract_rate = std::nullopt;
        file.carriers.push_back(gamma);
        config::route own;
        own.name = "of-post";
        own.accounts = {"post"};
        own.targets = {{.carrier = "gamma"}};
        file.routes.insert(file.routes.begin(), own);
    });
    const auto token = world.gateway->find_token("token-post");
    ASSERT_TRUE(token);
    const std::optional post = token->account;
    EXPECT_EQ(world.gateway->account_by_system_id("post-office"), post);
    const auto gamma = world.gateway->carrier_by_name("gamma");
    world.bind_up(3, gamma);
    world.submit("from post", *post);
    world.submit("from shop");
    EXPECT_EQ(sent_on(3), 1U);
    EXPECT_EQ(sent_on(1), 1U);
    world.session_up(100, *post);
    world.reply("yes", "818000", 3);
    EXPECT_EQ(world.deliveries(), 1U);
    world.receipt("nobody's", "DELIVRD", "000", 3);
    EXPECT_EQ(world.gateway->count().receipts_unmatched, 1U);
}

TEST_F(reload, what_an_account_is_known_by_and_may_do_changes_at_once) {
    start_bound();
    for (int i = 0; i < 2; ++i)  // looked up, and recognized
        EXPECT_EQ(world.gateway->find_token("token-shop")->account, engine_world::shop);
    world.reload([](settings& file) {
        file.accounts[0].api_tokens = {"another"};
        file.accounts[0].password = "new";
        file.accounts[0].senders = {"Bank"};
    });
    EXPECT_FALSE(world.gateway->find_token("token-shop"));
    EXPECT_EQ(world.gateway->find_token("another")->account, engine_world::shop);
    EXPECT_EQ(world.gateway->settings_of(engine_world::shop).password, "new");
    EXPECT_EQ(world.hand_in(engine_world::text_to("819012345678", "x")).why,
              refusal::source_not_allowed);
}

TEST_F(reload, a_changed_rate_counts_what_was_used) {
    world.settings.accounts[0].rate = {.per_second = config::rate{10, 1000ms}, .burst = 10};
    start_bound();
    for (int i = 0; i < 8; ++i)
        world.submit("x");
    world.reload([](settings& file) { file.accounts[0].rate.burst = 4; });
    EXPECT_EQ(world.hand_in(engine_world::text_to("819012345678", "x")).why, refusal::none);
    EXPECT_EQ(world.hand_in(engine_world::text_to("819012345678", "x")).why, refusal::none);
    EXPECT_EQ(world.hand_in(engine_world::text_to("819012345678", "x")).why,
              refusal::rate_exceeded);
    world.settle();
    world.reload([](settings& file) { file.accounts[0].rate.per_second = std::nullopt; });
    world.submit("free");
}

TEST_F(reload, messages_of_a_removed_account_go_on_and_its_events_wait_for_its_return) {
    start_bound();
    world.session_up(100);
    const auto sent = world.submit("sent");
    world.gateway->pause_carrier(engine_world::alpha, true, world.now());
    const auto waiting = world.submit("waiting");
    world.reload([](settings& file) { erase_named(file.accounts, "shop"); });
    EXPECT_FALSE(world.gateway->find_token("token-shop"));
    EXPECT_EQ(world.gateway->accounts().size(), 1U);
    EXPECT_EQ(world.hand_in(engine_world::text_to("819012345678", "x")).why,
              refusal::shutting_down);
    world.session_down(100);
    world.gateway->pause_carrier(engine_world::alpha, false, world.now());
    world.settle();
    ASSERT_EQ(world.outputs->sent.size(), 2U);
    world.respond(world.outputs->sent[0], "a");
    world.respond(world.outputs->sent[1], "b");
    world.receipt("a", "DELIVRD");
    world.receipt("b", "UNDELIV");
    EXPECT_EQ(world.deliveries(), 0U);
    world.reload([this](settings& file) { file.accounts.push_back(world.settings.accounts[0]); });
    EXPECT_EQ(world.gateway->find_token("token-shop")->account, engine_world::shop);
    world.session_up(101);
    EXPECT_EQ(world.delivered_states(), (std::vector{State::delivered, State::undeliverable}));
    EXPECT_EQ(world.state_of(sent), State::delivered);
    EXPECT_EQ(world.state_of(waiting), State::undeliverable);
    EXPECT_EQ(world.account().queued, 0U);
}

TEST_F(reload, an_account_that_comes_back_after_a_restart_is_the_same) {
    start_bound();
    world.accept_everything();
    const auto id = world.submit("x");
    world.reload([](settings& file) { erase_named(file.accounts, "shop"); });
    world.crash_and_start();
    world.bind_up(1);
    world.receipt("id-1", "DELIVRD");
    world.reload([](settings& file) {
        config::account shop;
        shop.name = "shop";
        file.accounts.push_back(shop);
    });
    EXPECT_EQ(world.state_of(id), State::delivered);
}

TEST_F(reload, a_removed_carrier_gets_nothing_new_and_answers_for_what_it_has) {
    start_bound();
    world.session_up(100);
    const auto id = world.submit("in flight");
    world.reload(remove_alpha);
    EXPECT_EQ(world.gateway->carriers().size(), 1U);
    world.submit("to the other");
    EXPECT_EQ(sent_on(1), 1U);
    EXPECT_EQ(sent_on(2), 1U);
    world.respond(world.outputs->sent[0], "late");
    world.receipt("late", "DELIVRD");
    EXPECT_EQ(world.state_of(id), State::delivered);
    world.bind_down(1, attempt_failure::not_sent, {});
    world.submit("to the other again");
    EXPECT_EQ(sent_on(2), 2U);
}

TEST_F(reload, what_a_removed_carrier_loses_in_flight_goes_to_another) {
    start_bound();
    const auto id = world.submit("in flight");
    const auto lost = world.outputs->sent[0];
    world.reload(remove_alpha);
    world.accept_everything();
    world.bind_down(1, attempt_failure::outcome_unknown, {lost});
    EXPECT_EQ(sent_on(2), 1U);
    EXPECT_EQ(world.state_of(id), State::submitted);
}

TEST_F(reload, receipts_of_a_carrier_that_has_come_back_find_their_message) {
    start_bound();
    world.accept_everything();
    const auto id = world.submit("x");
    world.reload(remove_alpha);
    world.bind_down(1, attempt_failure::not_sent, {});
    world.reload([](settings& file) {
        config::carrier alpha;
        alpha.name = "alpha";
        file.carriers.push_back(alpha);
    });
    EXPECT_EQ(world.gateway->carrier_by_name("alpha"), engine_world::alpha);
    world.bind_up(7, engine_world::alpha);
    world.receipt("id-1", "DELIVRD", "000", 7);
    EXPECT_EQ(world.state_of(id), State::delivered);
}

TEST_F(reload, a_mark_of_a_removed_carrier_moves_on_with_its_message) {
    start_bound();
    world.commits_itself = false;
    auto message = engine_world::text_to("819012345678", "once");
    message.origin = Origin::smpp;
    message.at_most_once = true;
    ASSERT_EQ(world.hand_in(std::move(message)).why, refusal::none);
    const auto step = [this] {
        world.turn();
        world.write_batches();
        world.report_batches();
    };
    step();        // accepted
    world.turn();  // its mark is on the way
    ASSERT_TRUE(world.outputs->sent.empty());
    world.reload(remove_alpha);
    world.commits_itself = true;
    world.write_batches();
    world.report_batches();
    world.settle();
    EXPECT_EQ(sent_on(1), 0U);
    EXPECT_EQ(sent_on(2), 1U);
    world.advance(10s);
    EXPECT_EQ(world.outputs->sent.size(), 1U);
}

TEST_F(reload, an_at_most_once_message_in_flight_at_a_removed_carrier_is_not_sent_again) {
    start_bound();
    auto message = engine_world::text_to("819012345678", "once");
    message.origin = Origin::smpp;
    message.at_most_once = true;
    const auto id = world.submit(std::move(message));
    const auto lost = world.outputs->sent.at(0);
    world.reload(remove_alpha);
    world.bind_down(1, attempt_failure::outcome_unknown, {lost});
    world.advance(1h);
    EXPECT_EQ(world.outputs->sent.size(), 1U);
    world.crash_and_start();
    world.bind_up(2, engine_world::beta);
    world.advance(1h);
    EXPECT_TRUE(world.outputs->sent.empty());
    EXPECT_NE(world.state_of(id), State::delivered);
}

TEST_F(reload, messages_of_a_removed_route_take_another_each_once) {
    world.start();  // no carrier is up
    constexpr std::size_t many = 1300;
    for (std::size_t i = 0; i < many; ++i)
        ASSERT_EQ(world.hand_in(engine_world::text_to("819012345678", "x")).why, refusal::none);
    world.settle();
    world.bind_up(2, engine_world::beta, 10000);
    world.accept_everything();
    world.reload([](settings& file) {
        file.routes[0].name = "new";
        file.routes[0].targets = {{.carrier = "beta"}};
    });
    EXPECT_EQ(sent_on(2), many);
    EXPECT_EQ(world.gateway->queued(), 0U);
    EXPECT_EQ(queued_rows(), 0U);
    EXPECT_EQ(world.account().queued, 0U);
}

TEST_F(reload, messages_without_any_route_left_are_rejected) {
    world.start();
    world.session_up(100);
    const auto id = world.submit("x");
    world.reload([](settings& file) { file.routes.clear(); });
    EXPECT_EQ(world.state_of(id), State::rejected);
    EXPECT_EQ(world.delivered_states(), std::vector{State::rejected});
    EXPECT_EQ(world.hand_in(engine_world::text_to("819012345678", "x")).why, refusal::no_route);
}

TEST_F(reload, a_moved_message_is_where_it_was_moved_to_after_a_restart) {
    world.start();
    const auto id = world.submit("x");
    world.reload([](settings& file) {
        file.routes[0].name = "new";
        file.routes[0].targets = {{.carrier = "beta"}};
    });
    world.crash_and_start();
    world.accept_everything();
    world.bind_up(1, engine_world::alpha);
    world.bind_up(2, engine_world::beta);
    world.advance(2s);
    EXPECT_EQ(sent_on(1), 0U);
    EXPECT_EQ(sent_on(2), 1U);
    EXPECT_EQ(world.state_of(id), State::submitted);
}

TEST_F(reload, a_message_in_flight_when_its_route_goes_ends_as_its_response_says) {
    start_bound();
    const auto taken = world.submit("taken");
    const auto refused = world.submit("refused");
    world.reload([](settings& file) {
        file.routes[0].name = "new";
        file.routes[0].targets = {{.carrier = "beta"}};
    });
    world.respond(world.outputs->sent[0], "a");
    world.refuse(world.outputs->sent[1], smpp::command_status::esme_rinvbndsts);  // next carrier
    EXPECT_EQ(world.state_of(taken), State::submitted);
    EXPECT_EQ(world.state_of(refused), State::queued);
    ASSERT_EQ(sent_on(2), 1U);
    world.respond(world.outputs->sent[2], "b");
    EXPECT_EQ(world.state_of(refused), State::submitted);
}

TEST_F(reload, a_message_that_was_refused_may_be_asked_of_new_targets) {
    world.settings.routes[0].targets = {{.carrier = "alpha"}};
    start_bound();
    const auto id = world.submit("x");
    world.reload([](settings& file) {
        file.routes[0].targets = {{.carrier = "beta"}, {.carrier = "alpha"}};
    });
    world.refuse(world.outputs->sent[0], smpp::command_status::esme_rinvbndsts);
    ASSERT_EQ(world.outputs->sent.size(), 2U);
    EXPECT_EQ(sent_on(2), 1U);
    EXPECT_EQ(world.state_of(id), State::queued);
}

TEST_F(reload, a_bind_that_leaves_gets_nothing_new) {
    start_bound();
    world.bind_up(3, engine_world::alpha);
    world.gateway->on_bind_leaving(bind_id{1}, world.now());
    for (int i = 0; i < 6; ++i)
        world.submit("x");
    EXPECT_EQ(sent_on(1), 0U);
    EXPECT_EQ(sent_on(3), 6U);
}

TEST_F(reload, a_smaller_window_counts_at_once) {
    start_bound();
    world.reload([](settings& file) { file.carriers[0].window = 2; });
    for (int i = 0; i < 6; ++i)
        world.submit("x");
    EXPECT_EQ(sent_on(1), 2U);
    world.reload([](settings& file) { file.carriers[0].window = 5; });
    EXPECT_EQ(sent_on(1), 5U);
}

TEST_F(reload, a_lower_contract_rate_counts_what_was_sent_before) {
    world.settings.carriers[0].contract_rate = config::rate{20, 1000ms};
    world.start();
    world.bind_up(1, engine_world::alpha, 1000);
    world.accept_everything();
    for (int i = 0; i < 200; ++i)
        ASSERT_EQ(world.hand_in(engine_world::text_to("819012345678", "x")).why, refusal::none);
    world.advance(3s);
    world.reload([](settings& file) { file.carriers[0].contract_rate = config::rate{5, 1000ms}; });
    const auto changed = world.now().steady;
    world.advance(5s);
    std::vector<steady_time> times;
    for (const auto& one : world.outputs->sent)
        times.push_back(one.at.steady);
    std::size_t after = 0;
    for (std::size_t i = 5; i < times.size(); ++i) {
        if (times[i] < changed) continue;
        ++after;
        EXPECT_GT(times[i] - times[i - 5], 1000ms) << i;
    }
    EXPECT_GE(after, 19U);
}

TEST_F(reload, retries_and_the_refusals_they_are_for_change_at_once) {
    start_bound();
    const auto id = world.submit("x");
    world.reload([](settings& file) {
        file.carriers[0].retries[0x0B] = {.then = config::retry_rule::action::retry,
                                          .delay = 1000ms};
    });
    world.refuse(world.outputs->sent[0], smpp::command_status::esme_rinvdstadr);
    EXPECT_EQ(world.state_of(id), State::queued);
    world.advance(3s);
    EXPECT_EQ(sent_on(1), 2U);
}

class reload_webhook : public reload {
protected:
    void SetUp() override {
        world.settings.accounts[0].webhook = config::account_webhook{.url = "https://a.example/"};
        world.settings.accounts[0].delivery.receipts = config::deliver_by::webhook;
        start_bound();
        world.accept_everything(true);
    }
    void answer(std::uint32_t status) {
        const auto& post = world.outputs->posted.back();
        world.gateway->on_webhook_answer(post.account, post.token, {.status = status}, world.now());
        world.settle();
    }
};

TEST_F(reload_webhook, another_url_is_tried_at_once) {
    world.submit("x");
    ASSERT_EQ(world.outputs->posted.size(), 1U);
    answer(500);
    world.advance(1s);
    ASSERT_EQ(world.outputs->posted.size(), 1U);  // it pauses
    world.reload([](settings& file) { file.accounts[0].webhook->url = "https://b.example/"; });
    ASSERT_EQ(world.outputs->posted.size(), 2U);
    answer(200);
    EXPECT_EQ(world.account().outbox_webhook, 0U);
}

TEST_F(reload_webhook, without_one_its_events_wait_until_it_comes_back) {
    world.submit("x");
    world.reload([](settings& file) { file.accounts[0].webhook.reset(); });
    answer(500);
    world.advance(1h);
    EXPECT_EQ(world.outputs->posted.size(), 1U);
    EXPECT_EQ(world.account().outbox_webhook, 0U);
    world.submit("told nobody");
    world.reload([](settings& file) {
        file.accounts[0].webhook = config::account_webhook{.url = "https://c.example/"};
    });
    world.advance(1s);
    ASSERT_EQ(world.outputs->posted.size(), 2U);
    EXPECT_EQ(world.outputs->posted.back().events.size(), 1U);
}

TEST_F(reload_webhook, a_removed_account_is_told_nothing_until_it_is_back) {
    world.submit("x");
    answer(200);
    world.responder = nullptr;
    world.submit("y");
    world.reload([](settings& file) { erase_named(file.accounts, "shop"); });
    world.respond(world.outputs->sent.back(), "z");
    world.receipt("z", "DELIVRD");
    world.advance(1h);
    EXPECT_EQ(world.outputs->posted.size(), 1U);
    world.reload([this](settings& file) { file.accounts.push_back(world.settings.accounts[0]); });
    world.advance(1s);
    EXPECT_EQ(world.outputs->posted.size(), 2U);
}

TEST_F(reload_webhook, the_url_of_sendsms_may_go_and_come) {
    world.reload([](settings& file) {
        file.accounts[0].sendsms =
            config::account_sendsms{.username = "kannel", .reply_url = "http://d.example/?p=%p"};
        file.accounts[0].numbers = {"818000"};
    });
    EXPECT_EQ(world.gateway->account_by_username("kannel"), engine_world::shop);
    world.reply("one", "818000");
    ASSERT_EQ(world.outputs->requested.size(), 1U);
    world.reload([](settings& file) { file.accounts[0].sendsms.reset(); });
    const auto& asked = world.outputs->requested.back();
    world.gateway->on_callback_answer(asked.account, asked.token, {.status = 500}, world.now());
    world.advance(1h);
    EXPECT_EQ(world.outputs->requested.size(), 1U);
    EXPECT_FALSE(world.gateway->account_by_username("kannel"));
}

}  // namespace
}  // namespace hikyaku::gateway
