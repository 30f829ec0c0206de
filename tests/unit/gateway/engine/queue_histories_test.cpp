// Histories of two or three rare steps in what waits: times that change before they are on disk,
// what replaces what, and who gets which share.
#include <gtest/gtest.h>

#include "gateway/model/tables.hpp"
#include "tests/support/engine_fixture.hpp"

namespace hikyaku::gateway {
namespace {

using smpp::command_status;
namespace table = model::table;
using testing::engine_world;
using namespace std::chrono_literals;

using states = std::vector<State>;
using strings = std::vector<std::string>;

class waiting_histories : public ::testing::Test {
protected:
    engine_world world;

    static submission sms(std::string_view text, std::string_view to = "819012345678") {
        auto message = engine_world::text_to(to, "");
        message.text.reset();
        message.octets = text;
        return message;
    }
    static operation_target by_id(message_id id) {
        operation_target what;
        what.id = id;
        what.source.digits = "Shop";
        return what;
    }
    command_status prolong(message_id id, std::chrono::seconds by) {
        replacement change;
        change.octets = "Bye";
        change.registered_delivery = 1;
        change.expires_ms =
            world.now().wall_ms + std::chrono::duration_cast<std::chrono::milliseconds>(by).count();
        return world.gateway->replace(engine_world::shop, by_id(id), std::move(change),
                                      {session_id{1}, 7}, world.now());
    }
    strings sent_texts() {
        strings all;
        for (const auto& one : world.outputs->sent)
            all.push_back(one.octets);
        return all;
    }
    /// Time passes while the batches of the turns are on their way.
    void advance_without_commits(std::chrono::seconds by) {
        world.commits_itself = false;
        const auto end = world.now().steady + by;
        while (world.now().steady < end) {
            world.turn();
            world.clock.move_to(world.now().steady + 100ms);
            world.gateway->tick(world.now());
        }
        world.turn();
    }
    void expect_nothing_queued() {
        EXPECT_EQ(world.account().queued, 0U);
        EXPECT_EQ(world.entries(table::queue), 0U);
    }
};

// A validity that changes before it is on disk.

TEST_F(waiting_histories, a_prolonged_validity_counts_before_its_commit) {
    world.start();
    world.session_up(100);
    auto message = sms("Hello");
    message.expires_ms = world.now().wall_ms + 5'000;
    const auto id = world.submit(std::move(message));
    world.advance(4s);
    ASSERT_EQ(prolong(id, 60s), command_status::esme_rok);
    advance_without_commits(5s);  // the old validity ends, and stands in the store
    EXPECT_EQ(world.state_of(id), State::queued);
    world.commits_itself = true;
    world.settle();
    world.advance(5s);
    EXPECT_EQ(world.state_of(id), State::queued);
    EXPECT_EQ(world.deliveries(), 0U);
    world.bind_up(1);
    EXPECT_EQ(sent_texts(), strings{"Bye"});
    world.respond(world.outputs->sent[0], "A1");
    expect_nothing_queued();
}

TEST_F(waiting_histories, a_prolonged_validity_that_ends_before_its_commit_is_over_once) {
    world.start();
    world.session_up(100);
    auto message = sms("Hello");
    message.expires_ms = world.now().wall_ms + 5'000;
    const auto id = world.submit(std::move(message));
    world.advance(4s);
    ASSERT_EQ(prolong(id, 5s), command_status::esme_rok);
    advance_without_commits(10s);
    world.commits_itself = true;
    world.settle();
    world.advance(5s);
    EXPECT_EQ(world.state_of(id), State::expired);
    EXPECT_EQ(world.delivered_states(), states{State::expired});
    EXPECT_EQ(world.outputs->operations.size(), 1U) << "the request has its answer";
    world.bind_up(1);
    EXPECT_TRUE(world.outputs->sent.empty());
    expect_nothing_queued();
    EXPECT_EQ(world.gateway->memory().live, 0U);
}

TEST_F(waiting_histories, a_shortened_validity_ends_it_at_its_new_time) {
    world.start();
    world.session_up(100);
    auto message = sms("Hello");
    message.expires_ms = world.now().wall_ms + 600'000;
    const auto id = world.submit(std::move(message));
    ASSERT_EQ(prolong(id, 5s), command_status::esme_rok);
    world.advance(7s);
    EXPECT_EQ(world.state_of(id), State::expired);
    EXPECT_EQ(world.delivered_states(), states{State::expired});
    expect_nothing_queued();
}

TEST_F(waiting_histories, what_is_in_flight_at_the_end_of_its_validity_may_still_be_taken) {
    world.start();
    world.bind_up(1);
    world.session_up(100);
    auto message = sms("Hello");
    message.expires_ms = world.now().wall_ms + 5'000;
    const auto id = world.submit(std::move(message));
    world.advance(10s);
    EXPECT_EQ(world.state_of(id), State::queued);
    world.respond(world.outputs->sent[0], "A1");
    EXPECT_EQ(world.state_of(id), State::submitted);
    world.receipt("A1", "DELIVRD");
    EXPECT_EQ(world.delivered_states(), states{State::delivered});
    expect_nothing_queued();
}

TEST_F(waiting_histories, refused_for_now_after_the_end_of_its_validity_it_expires) {
    world.start();
    world.bind_up(1);
    world.session_up(100);
    auto message = sms("Hello");
    message.expires_ms = world.now().wall_ms + 5'000;
    const auto id = world.submit(std::move(message));
    world.advance(10s);
    world.refuse(world.outputs->sent[0], command_status::esme_rx_t_appn);
    world.advance(3s);
    EXPECT_EQ(world.state_of(id), State::expired);
    world.advance(2min);
    EXPECT_EQ(world.outputs->sent.size(), 1U);
    EXPECT_EQ(world.delivered_states(), states{State::expired});
    expect_nothing_queued();
}

// Replaced, cancelled, and one of many.

TEST_F(waiting_histories, replace_if_present_leaves_each_message_of_a_submit_multi) {
    const strings three{"819000000001", "819000000002", "819000000003"};
    for (const auto& to : three) {
        SCOPED_TRACE(to);
        engine_world own;
        own.start();
        std::vector<phone_address> destinations;
        for (const auto& digits : three)
            destinations.push_back({1, 1, digits});
        const auto group = own.gateway->submit_multi(engine_world::shop, sms("of many", ""),
                                                     destinations, {session_id{1}, 50}, own.now());
        ASSERT_EQ(group.why, refusal::none);
        own.settle();
        own.outputs->settled.clear();
        auto alone = sms("alone", to);
        alone.replace_if_present = true;
        ASSERT_EQ(own.hand_in(std::move(alone)).why, refusal::none);
        own.settle();
        ASSERT_EQ(own.outputs->settled.size(), 1U);
        EXPECT_NE(own.outputs->settled[0].id, group.id);
        EXPECT_EQ(own.account().queued, 4U);
        EXPECT_EQ(own.gateway->count().replaced, 0U);
        own.bind_up(1);
        ASSERT_EQ(own.outputs->sent.size(), 4U);
        EXPECT_EQ(std::ranges::count(own.outputs->sent, "of many", &testing::sent_segment::octets),
                  3);
        EXPECT_EQ(own.outputs->sent[3].octets, "alone");
    }
}

TEST_F(waiting_histories, replace_if_present_replaces_the_only_one_of_a_submit_multi) {
    world.start();
    const std::vector<phone_address> one{{1, 1, "819012345678"}};
    const auto only = world.gateway->submit_multi(engine_world::shop, sms("old"), one,
                                                  {session_id{1}, 50}, world.now());
    world.settle();
    auto message = sms("new");
    message.replace_if_present = true;
    ASSERT_EQ(world.hand_in(std::move(message)).why, refusal::none);
    world.settle();
    EXPECT_EQ(world.outputs->settled.back().id, only.id);
    world.bind_up(1);
    EXPECT_EQ(sent_texts(), strings{"new"});
}

TEST_F(waiting_histories, replace_if_present_passes_over_what_is_at_the_carrier) {
    world.start();
    world.bind_up(1, engine_world::alpha, 1);
    const auto out = world.submit(sms("out"));
    const auto older = world.submit(sms("older"));
    world.submit(sms("elsewhere", "819099999999"));
    auto message = sms("new");
    message.replace_if_present = true;
    ASSERT_EQ(world.hand_in(std::move(message)).why, refusal::none);
    world.settle();
    EXPECT_EQ(world.outputs->settled.back().id, older);
    EXPECT_EQ(world.account().queued, 3U);
    // With that out too, there is none to replace.
    world.respond(world.outputs->sent[0], "A1");
    EXPECT_EQ(world.state_of(out), State::submitted);
    world.respond(world.outputs->sent[1], "A2");
    ASSERT_EQ(sent_texts(), (strings{"out", "elsewhere", "new"}));
    auto another = sms("another");
    another.replace_if_present = true;
    ASSERT_EQ(world.hand_in(std::move(another)).why, refusal::none);
    world.settle();
    EXPECT_NE(world.outputs->settled.back().id, older);
    EXPECT_EQ(world.gateway->count().replaced, 1U);
}

TEST_F(waiting_histories, what_is_not_on_disk_yet_cannot_be_cancelled) {
    world.start();
    world.commits_itself = false;
    const auto result = world.hand_in(sms("Hello"));
    EXPECT_EQ(world.gateway->cancel(engine_world::shop, result.id, {session_id{1}, 8}, world.now()),
              refusal::not_cancellable);
    world.commits_itself = true;
    world.settle();
    world.bind_up(1);
    EXPECT_EQ(sent_texts(), strings{"Hello"});
}

TEST_F(waiting_histories, a_short_id_outlives_a_replacement) {
    world.start();
    auto message = sms("Hello");
    message.short_id = true;
    const auto id = world.submit(std::move(message));
    const auto alias = world.alias_of(id);
    ASSERT_NE(alias, 0U);
    ASSERT_EQ(prolong(id, 600s), command_status::esme_rok);
    world.settle();
    EXPECT_EQ(world.alias_of(id), alias);
}

TEST_F(waiting_histories, the_queue_of_all_accounts_is_full_for_a_submit_multi_too) {
    world.settings.store.queued_messages_max = 4;
    world.start();
    const std::vector<phone_address> three{
        {1, 1, "819000000001"}, {1, 1, "819000000002"}, {1, 1, "819000000003"}};
    const auto submit = [&] {
        const auto why = world.gateway
                             ->submit_multi(engine_world::shop, sms("of many", ""), three,
                                            {session_id{1}, 50}, world.now())
                             .why;
        world.settle();
        return why;
    };
    EXPECT_EQ(submit(), refusal::none);
    EXPECT_EQ(submit(), refusal::queue_full);
    EXPECT_EQ(world.account().queued, 3U);
}

TEST_F(waiting_histories, no_receipt_is_told_before_the_paced_answer_to_its_submission) {
    for (const bool multi : {false, true}) {
        SCOPED_TRACE(multi);
        engine_world own;
        own.settings.accounts[0].rate.per_second = config::rate{1, 1000ms};
        own.settings.accounts[0].rate.burst = 1;
        own.settings.accounts[0].rate.excess = config::on_excess::pace;
        own.start();
        own.accept_everything(true);
        own.bind_up(1);
        own.session_up(100);
        own.submit(sms("first"));
        EXPECT_EQ(own.outputs->settled.size(), 1U);
        if (multi) {
            const std::vector<phone_address> two{{1, 1, "819000000001"}, {1, 1, "819000000002"}};
            ASSERT_EQ(own.gateway
                          ->submit_multi(engine_world::shop, sms("of many", ""), two,
                                         {session_id{1}, 50}, own.now())
                          .why,
                      refusal::none);
            own.settle();
        } else {
            own.submit(sms("second"));
        }
        EXPECT_EQ(own.deliveries(), multi ? 3U : 2U);
        EXPECT_EQ(own.outputs->settled.size(), 2U) << "the answer did not wait any longer";
        own.advance(10s);
        EXPECT_EQ(own.outputs->settled.size(), 2U);
    }
}

TEST_F(waiting_histories, nor_that_of_another_of_its_submit_multi) {
    world.settings.accounts[0].rate.per_second = config::rate{1, 1000ms};
    world.settings.accounts[0].rate.burst = 1;
    world.settings.accounts[0].rate.excess = config::on_excess::pace;
    world.start();
    world.bind_up(1);
    world.session_up(100);
    const std::vector<phone_address> two{{1, 1, "819000000001"}, {1, 1, "819000000002"}};
    ASSERT_EQ(world.gateway
                  ->submit_multi(engine_world::shop, sms("of many", ""), two, {session_id{1}, 50},
                                 world.now())
                  .why,
              refusal::none);
    world.settle();
    ASSERT_EQ(world.outputs->sent.size(), 2U);
    EXPECT_TRUE(world.outputs->settled.empty());
    world.respond(world.outputs->sent[1], "A2");
    world.hand_in_receipt(1, "A2", "DELIVRD", "819000000002");
    world.settle();
    EXPECT_EQ(world.deliveries(), 1U);
    EXPECT_EQ(world.outputs->settled.size(), 1U);
}

TEST_F(waiting_histories, cancelled_while_its_replacement_is_not_on_disk) {
    world.start();
    world.session_up(100);
    const auto id = world.submit(sms("Hello"));
    world.commits_itself = false;
    ASSERT_EQ(prolong(id, 600s), command_status::esme_rok);
    world.turn();
    ASSERT_EQ(world.gateway->cancel(engine_world::shop, id, {session_id{1}, 8}, world.now()),
              refusal::none);
    world.commits_itself = true;
    world.settle();
    world.bind_up(1);
    world.advance(5s);
    EXPECT_TRUE(world.outputs->sent.empty());
    EXPECT_EQ(world.state_of(id), State::deleted);
    EXPECT_EQ(world.delivered_states(), states{State::deleted});
    expect_nothing_queued();
}

// Shares.

TEST_F(waiting_histories, one_at_a_time_beside_a_bulk_gets_its_share_and_no_more) {
    struct row {
        std::uint32_t bulk, single;  // weights
    };
    for (const auto& [bulk, single] : {row{1, 1}, row{3, 1}, row{1, 3}, row{4, 2}}) {
        SCOPED_TRACE(std::to_string(bulk) + ":" + std::to_string(single));
        engine_world own;
        own.settings.accounts[0].weight = bulk;
        own.settings.accounts[1].weight = single;
        own.settings.carriers[0].contract_rate = config::rate{10, 1000ms};
        own.start();
        for (int i = 0; i < 500; ++i)
            ASSERT_EQ(own.hand_in(sms("bulk", "81900000" + std::to_string(1000 + i))).why,
                      refusal::none);
        own.settle();
        own.accept_everything();
        own.bind_up(1, engine_world::alpha, 100);
        own.advance(2s);  // what the rate had saved is gone
        const auto before = own.outputs->sent.size();
        for (int i = 0; i < 2400; ++i) {
            if (own.account(engine_world::bank).queued == 0)
                own.submit(sms("single"), engine_world::bank);
            own.advance(10ms);
        }
        std::size_t singles = 0;
        for (auto i = before; i < own.outputs->sent.size(); ++i)
            singles += own.outputs->sent[i].octets == "single" ? 1 : 0;
        const auto all = own.outputs->sent.size() - before;
        EXPECT_GT(all, 200U);
        EXPECT_NEAR(static_cast<double>(singles),
                    static_cast<double>(all) * single / (bulk + single), 3);
    }
}

TEST_F(waiting_histories, after_a_long_silence_an_account_has_its_share_and_no_more) {
    world.settings.carriers[0].contract_rate = config::rate{10, 1000ms};
    world.start();
    world.accept_everything();
    world.bind_up(1, engine_world::alpha, 100);
    world.submit(sms("early"), engine_world::bank);
    for (int i = 0; i < 400; ++i)
        ASSERT_EQ(world.hand_in(sms("bulk", "81900000" + std::to_string(1000 + i))).why,
                  refusal::none);
    world.advance(10s);
    for (int i = 0; i < 100; ++i)
        ASSERT_EQ(
            world.hand_in(sms("late", "81900000" + std::to_string(1000 + i)), engine_world::bank)
                .why,
            refusal::none);
    const auto before = world.outputs->sent.size();
    world.advance(10s);
    std::size_t late = 0;
    for (auto i = before; i < world.outputs->sent.size(); ++i)
        late += world.outputs->sent[i].octets == "late" ? 1 : 0;
    EXPECT_NEAR(static_cast<double>(late),
                static_cast<double>(world.outputs->sent.size() - before) / 2, 2);
}

}  // namespace
}  // namespace hikyaku::gateway
