// query_sm, cancel_sm and replace_sm by id, on messages in the store.
#include <gtest/gtest.h>

#include "gateway/engine/submission/message_match.hpp"
#include "gateway/model/tables.hpp"
#include "tests/support/engine_fixture.hpp"

namespace hikyaku::gateway {
namespace {

using smpp::command_status;
namespace table = model::table;
using testing::engine_world;
using namespace std::chrono_literals;

submission sms(std::string_view text, std::string_view to = "819012345678") {
    auto message = engine_world::text_to(to, "");
    message.text.reset();
    message.octets = text;
    return message;
}

operation_target by_id(message_id id, std::string source = "Shop") {
    operation_target what;
    what.id = id;
    what.source.digits = std::move(source);
    return what;
}

replacement new_text(std::string octets) {
    replacement by;
    by.octets = std::move(octets);
    by.registered_delivery = 1;
    return by;
}

class operations : public ::testing::Test {
protected:
    engine_world world;

    std::optional<query_view> query(const operation_target& what,
                                    account_id account = engine_world::shop) {
        return world.gateway->query(account, what, world.now());
    }
    command_status cancel(const operation_target& what, account_id account = engine_world::shop) {
        return world.gateway->cancel_matching(account, what, {session_id{1}, 77}, world.now());
    }
    command_status replace(const operation_target& what, replacement by,
                           account_id account = engine_world::shop) {
        return world.gateway->replace(account, what, std::move(by), {session_id{1}, 78},
                                      world.now());
    }
    std::vector<command_status> settled() {
        std::vector<command_status> all;
        for (const auto& [ticket, status] : world.outputs->operations)
            all.push_back(status);
        return all;
    }
    std::vector<std::string> sent_texts() {
        std::vector<std::string> texts;
        for (const auto& one : world.outputs->sent)
            texts.push_back(one.octets);
        return texts;
    }
};

TEST_F(operations, query_tells_every_state) {
    world.start();
    auto later = sms("later");
    later.send_at_ms = world.now().wall_ms + 3'600'000;
    const auto scheduled = world.submit(std::move(later));
    ASSERT_TRUE(query(by_id(scheduled)));
    EXPECT_TRUE(query(by_id(scheduled))->scheduled);
    EXPECT_EQ(query(by_id(scheduled))->state, State::queued);

    const auto id = world.submit(sms("Hello"));
    EXPECT_EQ(query(by_id(id))->state, State::queued);
    EXPECT_FALSE(query(by_id(id))->scheduled);
    world.bind_up(1);
    EXPECT_EQ(query(by_id(id))->state, State::queued);  // in flight
    world.respond(world.outputs->sent.back(), "A1");
    EXPECT_EQ(query(by_id(id))->state, State::submitted);
    EXPECT_EQ(query(by_id(id))->done_ms, 0);
    world.advance(5s);
    const auto done = world.now().wall_ms;
    world.receipt("A1", "UNDELIV", "034");
    EXPECT_EQ(query(by_id(id))->state, State::undeliverable);
    EXPECT_EQ(query(by_id(id))->done_ms, done);
    EXPECT_EQ(query(by_id(id))->error, 34U);
    world.crash_and_start();
    EXPECT_EQ(query(by_id(id))->state, State::undeliverable);
    EXPECT_EQ(query(by_id(id))->error, 34U);

    const struct {
        const char* stat;
        State state;
    } finals[] = {{"DELIVRD", State::delivered},
                  {"EXPIRED", State::expired},
                  {"DELETED", State::deleted},
                  {"REJECTD", State::rejected},
                  {"UNKNOWN", State::unknown}};
    world.bind_up(1);
    int number = 0;
    for (const auto& [stat, state] : finals) {
        const auto one = world.submit(sms("Hello"));
        const auto carrier_id = "B" + std::to_string(++number);
        world.respond(world.outputs->sent.back(), carrier_id);
        world.receipt(carrier_id, stat);
        EXPECT_EQ(query(by_id(one))->state, state) << stat;
    }
}

TEST_F(operations, query_wants_the_same_source_and_the_same_account) {
    world.start();
    const auto id = world.submit(sms("Hello"));
    EXPECT_TRUE(query(by_id(id)));
    EXPECT_FALSE(query(by_id(id, "Stop")));
    EXPECT_FALSE(query(by_id(id, "")));
    EXPECT_FALSE(query(by_id(id), engine_world::bank));
    EXPECT_FALSE(query(by_id(message_id{12345})));
    auto nameless = sms("Hello");
    nameless.source = {};
    const auto without = world.submit(std::move(nameless));
    EXPECT_TRUE(query(by_id(without, "")));
    EXPECT_FALSE(query(by_id(without, "Shop")));
    auto number = sms("Hello");
    number.source = {0, 0, "+81 90-1111"};
    const auto numbered = world.submit(std::move(number));
    EXPECT_TRUE(query(by_id(numbered, "81901111")));
    EXPECT_TRUE(query(by_id(numbered, "+81901111")));
    // What is not on disk yet has not been answered either: nobody knows its id.
    world.commits_itself = false;
    const auto fresh = world.hand_in(sms("Hello")).id;
    EXPECT_FALSE(query(by_id(fresh)));
}

TEST(message_match, addresses_are_compared_as_the_planner_writes_them) {
    EXPECT_TRUE(same_address("81901111", "+81 (90) 11-11"));
    EXPECT_TRUE(same_address("My Shop-1", "My Shop-1"));
    EXPECT_FALSE(same_address("MyShop1", "My Shop-1"));
    EXPECT_FALSE(same_address("Shop", "shop"));
    EXPECT_FALSE(same_address("Shop", ""));
    EXPECT_TRUE(same_address("", ""));
}

TEST_F(operations, cancel_takes_a_queued_message_out_for_good) {
    world.start();
    world.session_up(100);
    const auto id = world.submit(sms("Hello"));
    EXPECT_EQ(cancel(by_id(id, "Other")), command_status::esme_rcancelfail);
    EXPECT_EQ(cancel(by_id(id), engine_world::bank), command_status::esme_rcancelfail);
    auto elsewhere = by_id(id);
    elsewhere.destination.digits = "819099999999";
    EXPECT_EQ(cancel(elsewhere), command_status::esme_rcancelfail);

    world.commits_itself = false;
    elsewhere.destination.digits = "+819012345678";
    EXPECT_EQ(cancel(elsewhere), command_status::esme_rok);
    world.turn();
    EXPECT_TRUE(settled().empty());  // not on disk yet
    world.commits_itself = true;
    world.settle();
    EXPECT_EQ(settled(), std::vector{command_status::esme_rok});
    EXPECT_EQ(world.outputs->operations[0].first.sequence, 77U);
    EXPECT_EQ(query(by_id(id))->state, State::deleted);
    EXPECT_EQ(world.delivered_states(), std::vector{State::deleted});
    EXPECT_EQ(cancel(by_id(id)), command_status::esme_rcancelfail);
    world.crash_and_start();
    world.bind_up(1);
    EXPECT_TRUE(world.outputs->sent.empty());
}

TEST_F(operations, cancel_and_replace_come_too_late_for_what_a_carrier_has) {
    world.start();
    world.bind_up(1);
    const auto id = world.submit(sms("Hello"));
    EXPECT_EQ(cancel(by_id(id)), command_status::esme_rcancelfail);  // in flight
    EXPECT_EQ(replace(by_id(id), new_text("Bye")), command_status::esme_rreplacefail);
    world.fail(world.outputs->sent.back(), attempt_failure::timed_out);
    EXPECT_EQ(cancel(by_id(id)), command_status::esme_rcancelfail);  // perhaps with the phone
    EXPECT_EQ(replace(by_id(id), new_text("Bye")), command_status::esme_rreplacefail);
    world.respond(world.outputs->sent.back(), "A1");
    EXPECT_EQ(cancel(by_id(id)), command_status::esme_rcancelfail);
    EXPECT_EQ(replace(by_id(id), new_text("Bye")), command_status::esme_rreplacefail);
    EXPECT_TRUE(world.outputs->operations.empty());
}

TEST_F(operations, a_refused_message_that_waits_can_be_cancelled_and_replaced) {
    world.start();
    world.bind_up(1);
    const auto id = world.submit(sms("Hello"));
    world.refuse(world.outputs->sent.back(), command_status::esme_rx_t_appn);
    ASSERT_EQ(replace(by_id(id), new_text("Bye")), command_status::esme_rok);
    world.advance(29s);
    EXPECT_EQ(world.outputs->sent.size(), 1U);  // it keeps its time
    world.advance(10s);
    EXPECT_EQ(sent_texts(), (std::vector<std::string>{"Hello", "Bye"}));
}

TEST_F(operations, what_may_have_reached_the_phone_cannot_be_cancelled_whatever_came_later) {
    for (const bool refused_last : {false, true}) {
        engine_world own;
        own.start();
        own.bind_up(1);
        const auto id = own.submit(sms("Hello"));
        if (!refused_last) {
            own.refuse(own.outputs->sent.back(), command_status::esme_rx_t_appn);
            own.advance(40s);
        }
        own.fail(own.outputs->sent.back(), attempt_failure::timed_out);
        own.advance(40s);
        if (refused_last) {
            ASSERT_EQ(own.outputs->sent.size(), 2U);
            own.refuse(own.outputs->sent.back(), command_status::esme_rx_t_appn);
        }
        own.crash_and_start();
        EXPECT_EQ(own.state_of(id), State::queued);
        EXPECT_EQ(own.gateway->cancel(engine_world::shop, id, {session_id{1}, 1}, own.now()),
                  refusal::not_cancellable);
    }
}

TEST_F(operations, replace_changes_the_text_and_keeps_the_id) {
    world.start();
    world.session_up(100);
    const auto id = world.submit(sms("Hello"));
    world.commits_itself = false;
    ASSERT_EQ(replace(by_id(id), new_text("Goodbye")), command_status::esme_rok);
    world.bind_up(1);
    EXPECT_TRUE(world.outputs->sent.empty());  // not before it is on disk
    EXPECT_TRUE(settled().empty());
    world.commits_itself = true;
    world.settle();
    EXPECT_EQ(settled(), std::vector{command_status::esme_rok});
    EXPECT_EQ(sent_texts(), std::vector<std::string>{"Goodbye"});
    world.respond(world.outputs->sent.back(), "A1");
    world.receipt("A1", "DELIVRD");
    ASSERT_EQ(world.deliveries(), 1U);
    EXPECT_EQ(world.outputs->delivered[0].event.message, id);
    EXPECT_EQ(world.gateway->count().replaced, 1U);
    EXPECT_EQ(world.account().queued, 0U);
    EXPECT_EQ(world.entries(table::queue), 0U);
    EXPECT_EQ(world.entries(table::messages), 1U);
}

TEST_F(operations, replace_keeps_purpose_and_person) {
    world.start();
    auto message = sms("Hello");
    message.purpose = Purpose::dunning;
    message.contact = {"c", {"Asia/Tokyo"}, {"own"}};
    message.debtor = "d";
    message.debt = "e";
    const auto id = world.submit(std::move(message));
    ASSERT_EQ(replace(by_id(id), new_text("Goodbye")), command_status::esme_rok);
    world.settle();
    world.crash_and_start();
    const auto view = world.gateway->find(engine_world::shop, id);
    ASSERT_TRUE(view);
    EXPECT_EQ(view->purpose, Purpose::dunning);
    EXPECT_EQ(view->contact.id, "c");
    EXPECT_EQ(view->contact.zones, std::vector<std::string>{"Asia/Tokyo"});
    EXPECT_EQ(view->contact.tags, std::vector<std::string>{"own"});
    EXPECT_EQ(view->debtor, "d");
    EXPECT_EQ(view->debt, "e");
    world.bind_up(1);
    EXPECT_EQ(sent_texts(), std::vector<std::string>{"Goodbye"});
}

TEST_F(operations, a_replacement_survives_a_restart_once_it_is_answered) {
    world.start();
    const auto id = world.submit(sms("Hello"));
    ASSERT_EQ(replace(by_id(id), new_text(std::string(200, 'a'))), command_status::esme_rok);
    world.settle();
    const auto lost = world.submit(sms("Second"));
    world.commits_itself = false;
    ASSERT_EQ(replace(by_id(lost), new_text("never written")), command_status::esme_rok);
    world.turn();
    world.commits_itself = true;
    world.crash_and_start();
    world.bind_up(1);
    ASSERT_EQ(world.outputs->sent.size(), 3U);  // two segments, and the old text of the other
    EXPECT_EQ(world.outputs->sent[0].octets.size() + world.outputs->sent[1].octets.size(),
              200U + 12U);
    EXPECT_EQ(world.outputs->sent[2].octets, "Second");
}

TEST_F(operations, replace_moves_the_times) {
    world.start();
    world.bind_up(1);
    auto message = sms("Hello");
    const auto start = world.now().wall_ms;
    message.send_at_ms = start + 60'000;
    message.expires_ms = start + 600'000;
    const auto id = world.submit(std::move(message));
    auto by = new_text("Later");
    by.send_at_ms = start + 120'000;
    ASSERT_EQ(replace(by_id(id), by), command_status::esme_rok);
    world.advance(90s);
    EXPECT_TRUE(world.outputs->sent.empty());
    by = new_text("Last");  // NULL times: as they are
    ASSERT_EQ(replace(by_id(id), by), command_status::esme_rok);
    world.settle();
    EXPECT_TRUE(world.outputs->sent.empty());
    world.advance(31s);
    EXPECT_EQ(sent_texts(), std::vector<std::string>{"Last"});
    EXPECT_EQ(world.gateway->find(engine_world::shop, id)->expires_ms, start + 600'000);
}

TEST_F(operations, a_default_validity_counts_from_the_new_time_of_sending) {
    world.settings.accounts[0].validity_default = std::chrono::hours(1);
    world.start();
    world.bind_up(1);
    const auto start = world.now().wall_ms;
    auto message = sms("Hello");
    message.send_at_ms = start + 10'000;
    const auto id = world.submit(std::move(message));
    auto by = new_text("Later");
    by.send_at_ms = start + 7'200'000;
    ASSERT_EQ(replace(by_id(id), by), command_status::esme_rok);
    world.advance(7201s);
    EXPECT_EQ(sent_texts(), std::vector<std::string>{"Later"});
    EXPECT_EQ(world.gateway->find(engine_world::shop, id)->expires_ms, start + 10'800'000);
}

TEST_F(operations, replace_changes_validity_and_receipts) {
    world.start();
    world.session_up(100);
    const auto id = world.submit(sms("Hello"));
    auto by = new_text("Bye");
    by.expires_ms = world.now().wall_ms + 5'000;
    by.registered_delivery = 0;
    ASSERT_EQ(replace(by_id(id), by), command_status::esme_rok);
    world.advance(10s);
    EXPECT_EQ(query(by_id(id))->state, State::expired);
    EXPECT_EQ(world.deliveries(), 0U);
}

TEST_F(operations, replace_refuses_with_its_own_statuses_and_changes_nothing) {
    world.settings.accounts[0].parts_max = 2;
    world.start();
    const auto id = world.submit(sms("Hello"));
    EXPECT_EQ(replace(by_id(id), new_text(std::string(400, 'a'))), command_status::esme_rinvmsglen);
    auto by = new_text("Bye");
    by.send_at_ms = world.now().wall_ms + std::int64_t{400} * 24 * 3600 * 1000;
    EXPECT_EQ(replace(by_id(id), by), command_status::esme_rinvsched);
    by = new_text("Bye");
    by.expires_ms = world.now().wall_ms - 1;
    EXPECT_EQ(replace(by_id(id), by), command_status::esme_rinvexpiry);
    by = new_text("Bye");
    by.registered_delivery = 0xE0;
    EXPECT_EQ(replace(by_id(id), by), command_status::esme_rinvregdlvflg);
    EXPECT_EQ(replace(by_id(id, "Other"), new_text("Bye")), command_status::esme_rreplacefail);
    EXPECT_EQ(replace(by_id(message_id{99}), new_text("Bye")), command_status::esme_rreplacefail);
    world.gateway->set_store_failing(true);
    EXPECT_EQ(replace(by_id(id), new_text("Bye")), command_status::esme_rsyserr);
    EXPECT_EQ(cancel(by_id(id)), command_status::esme_rsyserr);
    world.gateway->set_store_failing(false);
    EXPECT_TRUE(world.outputs->operations.empty());
    world.bind_up(1);
    EXPECT_EQ(sent_texts(), std::vector<std::string>{"Hello"});
}

TEST_F(operations, replace_keeps_the_data_coding) {
    world.start();
    auto message = sms(std::string("\x04\x1F", 2));
    message.data_coding = 8;
    const auto id = world.submit(std::move(message));
    ASSERT_EQ(replace(by_id(id), new_text(std::string("\x04\x20\x04\x21", 4))),
              command_status::esme_rok);
    world.bind_up(1);
    ASSERT_EQ(world.outputs->sent.size(), 1U);
    EXPECT_EQ(world.outputs->sent[0].data_coding, 8);
    EXPECT_EQ(world.outputs->sent[0].octets, std::string("\x04\x20\x04\x21", 4));
}

TEST_F(operations, links_of_the_old_text_stay_and_the_new_text_has_its_own) {
    world.settings.links.base_url = "https://l.example/";
    world.settings.accounts[0].links.track = true;
    world.start();
    const auto id = world.submit(sms("Pay https://shop.example/pay?order=1 now"));
    const auto before = world.gateway->find(engine_world::shop, id)->links;
    ASSERT_EQ(before.size(), 1U);
    ASSERT_EQ(replace(by_id(id), new_text("Pay https://shop.example/late?order=1 now")),
              command_status::esme_rok);
    world.settle();
    const auto after = world.gateway->find(engine_world::shop, id)->links;
    ASSERT_EQ(after.size(), 2U);
    EXPECT_EQ(after[0], before[0]);
    EXPECT_EQ(world.gateway->find_link(after[0])->target, "https://shop.example/pay?order=1");
    EXPECT_EQ(world.gateway->find_link(after[1])->target, "https://shop.example/late?order=1");
    EXPECT_EQ(world.gateway->find_link(after[1])->message, id);
    world.bind_up(1);
    EXPECT_NE(world.outputs->sent[0].octets.find(after[1]), std::string::npos);
}

TEST_F(operations, a_replaced_message_can_be_cancelled_before_it_is_on_disk) {
    world.start();
    const auto id = world.submit(sms("Hello"));
    ASSERT_EQ(replace(by_id(id), new_text("Bye")), command_status::esme_rok);
    ASSERT_EQ(replace(by_id(id), new_text("Bye again")), command_status::esme_rok);
    ASSERT_EQ(cancel(by_id(id)), command_status::esme_rok);
    world.bind_up(1);
    EXPECT_TRUE(world.outputs->sent.empty());
    EXPECT_EQ(settled(), std::vector(3, command_status::esme_rok));
    EXPECT_EQ(query(by_id(id))->state, State::deleted);
    EXPECT_EQ(world.entries(table::queue), 0U);
}

TEST_F(operations, an_alert_goes_to_the_receiving_sessions_of_the_owner) {
    world.settings.accounts[0].numbers = {"+8150"};
    world.start();
    world.bind_up(1);
    world.session_up(100);
    world.session_up(200, engine_world::bank);
    world.gateway->on_session_up(session_id{101}, {engine_world::shop, true, false, 10},
                                 world.now());
    smpp::alert_notification alert;
    alert.source_addr = "819012345678";
    alert.esme_addr = "8150";
    world.gateway->on_alert_notification(bind_id{1}, alert, {}, world.now());
    ASSERT_EQ(world.outputs->alerts.size(), 1U);
    EXPECT_EQ(world.outputs->alerts[0], std::pair(session_id{100}, std::string("819012345678")));
    alert.esme_addr = "8199";
    world.gateway->on_alert_notification(bind_id{1}, alert, {}, world.now());
    EXPECT_EQ(world.outputs->alerts.size(), 1U);
    EXPECT_EQ(world.gateway->count().alerts, 2U);
    EXPECT_EQ(world.gateway->count().alerts_unowned, 1U);
}

}  // namespace
}  // namespace hikyaku::gateway
