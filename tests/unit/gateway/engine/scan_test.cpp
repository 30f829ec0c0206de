// Messages found by their addresses: cancel_sm without an id, and replace_if_present_flag.
#include <gtest/gtest.h>

#include "gateway/model/tables.hpp"
#include "tests/support/engine_fixture.hpp"

namespace hikyaku::gateway {
namespace {

using smpp::command_status;
namespace table = model::table;
using testing::engine_world;
using namespace std::chrono_literals;

submission scanned_sms(std::string_view text, std::string_view to = "819012345678",
                       std::string_view service_type = "") {
    auto message = engine_world::text_to(to, "");
    message.text.reset();
    message.octets = text;
    message.service_type = service_type;
    return message;
}

operation_target between(std::string source, std::string destination,
                         std::string service_type = "") {
    operation_target what;
    what.source.digits = std::move(source);
    what.destination.digits = std::move(destination);
    what.service_type = std::move(service_type);
    return what;
}

class scans : public ::testing::Test {
protected:
    engine_world world;

    command_status cancel(const operation_target& what, account_id account = engine_world::shop) {
        return world.gateway->cancel_matching(account, what, {session_id{1}, ++sequence_},
                                              world.now());
    }
    std::vector<command_status> settled() {
        std::vector<command_status> all;
        for (const auto& [ticket, status] : world.outputs->operations)
            all.push_back(status);
        return all;
    }
    submit_result present(submission message) {
        message.replace_if_present = true;
        return world.hand_in(std::move(message));
    }
    std::vector<std::string> sent_texts() {
        std::vector<std::string> texts;
        for (const auto& one : world.outputs->sent)
            texts.push_back(one.octets);
        return texts;
    }

private:
    std::uint32_t sequence_ = 0;
};

TEST_F(scans, cancel_takes_all_that_wait_between_two_addresses) {
    world.start();
    const auto first = world.submit(scanned_sms("one"));
    auto urgent = scanned_sms("two");
    urgent.priority = 3;
    const auto second = world.submit(std::move(urgent));
    auto scheduled = scanned_sms("three");
    scheduled.send_at_ms = world.now().wall_ms + 3'600'000;
    const auto third = world.submit(std::move(scheduled));
    const auto elsewhere = world.submit(scanned_sms("other", "819099999999"));
    const auto foreign = world.submit(scanned_sms("theirs"), engine_world::bank);
    ASSERT_EQ(cancel(between("Shop", "+819012345678")), command_status::esme_rok);
    EXPECT_TRUE(settled().empty());
    world.settle();
    EXPECT_EQ(settled(), std::vector{command_status::esme_rok});
    for (const auto id : {first, second, third})
        EXPECT_EQ(world.state_of(id), State::deleted);
    EXPECT_EQ(world.state_of(elsewhere), State::queued);
    EXPECT_EQ(world.state_of(foreign, engine_world::bank), State::queued);
    world.crash_and_start();
    world.bind_up(1);
    EXPECT_EQ(sent_texts(), (std::vector<std::string>{"other", "theirs"}));
}

TEST_F(scans, cancel_looks_at_source_and_service_type) {
    world.start();
    const auto plain = world.submit(scanned_sms("plain"));
    const auto typed = world.submit(scanned_sms("typed", "819012345678", "CMT"));
    ASSERT_EQ(cancel(between("Stop", "819012345678")), command_status::esme_rok);
    world.settle();
    ASSERT_EQ(cancel(between("Shop", "819012345678", "VMA")), command_status::esme_rok);
    world.settle();
    EXPECT_EQ(settled(), std::vector(2, command_status::esme_rcancelfail));
    ASSERT_EQ(cancel(between("Shop", "819012345678", "CMT")), command_status::esme_rok);
    world.settle();
    EXPECT_EQ(settled().back(), command_status::esme_rok);
    EXPECT_EQ(world.state_of(plain), State::queued);
    EXPECT_EQ(world.state_of(typed), State::deleted);
    // Without a destination it would be everything of that sender.
    EXPECT_EQ(cancel(between("Shop", "")), command_status::esme_rcancelfail);
}

TEST_F(scans, cancel_leaves_alone_what_a_carrier_has) {
    world.start();
    world.bind_up(1, engine_world::alpha, 1);
    const auto in_flight = world.submit(scanned_sms("one"));
    const auto waiting = world.submit(scanned_sms("two"));
    ASSERT_EQ(cancel(between("Shop", "819012345678")), command_status::esme_rok);
    world.settle();
    EXPECT_EQ(world.state_of(waiting), State::deleted);
    world.respond(world.outputs->sent.back(), "A1");
    EXPECT_EQ(world.state_of(in_flight), State::submitted);
    EXPECT_EQ(sent_texts(), std::vector<std::string>{"one"});
}

TEST_F(scans, a_long_queue_is_looked_through_in_slices) {
    world.start();
    constexpr int others = 2500;
    for (int i = 0; i < others; ++i) {
        ASSERT_EQ(world.hand_in(scanned_sms("bulk", "81900000" + std::to_string(1000 + i))).why,
                  refusal::none);
    }
    const auto wanted = world.submit(scanned_sms("wanted"));
    ASSERT_EQ(cancel(between("Shop", "819012345678")), command_status::esme_rok);
    world.turn();  // what was accepted before is on disk
    int slices = 0;
    for (; settled().empty() && slices < 10; ++slices) {
        world.gateway->tick(world.now());
        world.turn();
    }
    EXPECT_EQ(slices, 3);  // of a thousand entries
    EXPECT_EQ(settled(), std::vector{command_status::esme_rok});
    EXPECT_EQ(world.state_of(wanted), State::deleted);
    EXPECT_EQ(world.account().queued, static_cast<std::uint64_t>(others));
}

TEST_F(scans, accounts_take_turns_and_too_many_are_refused) {
    world.start();
    for (int i = 0; i < 2500; ++i)
        ASSERT_EQ(world.hand_in(scanned_sms("bulk", "81900000" + std::to_string(1000 + i))).why,
                  refusal::none);
    world.settle();
    const auto theirs = world.submit(scanned_sms("theirs"), engine_world::bank);
    for (int i = 0; i < 16; ++i)
        ASSERT_EQ(cancel(between("Shop", "819012345678")), command_status::esme_rok);
    EXPECT_EQ(cancel(between("Shop", "819012345678")), command_status::esme_rthrottled);
    EXPECT_EQ(present(scanned_sms("new")).why, refusal::rate_exceeded);
    ASSERT_EQ(cancel(between("Shop", "819012345678"), engine_world::bank),
              command_status::esme_rok);
    world.turn();
    for (int i = 0; i < 2; ++i) {
        world.gateway->tick(world.now());
        world.turn();
    }
    EXPECT_EQ(world.state_of(theirs, engine_world::bank), State::deleted);  // one of the two turns
    EXPECT_EQ(settled(), std::vector{command_status::esme_rok});
    EXPECT_FALSE(world.gateway->drained());
    world.settle();
    EXPECT_EQ(settled().size(), 17U);
}

TEST_F(scans, replace_if_present_replaces_the_latest_and_keeps_its_id) {
    world.start();
    world.session_up(100);
    const auto older = world.submit(scanned_sms("older"));
    const auto latest = world.submit(scanned_sms("latest"));
    world.outputs->settled.clear();
    auto message = scanned_sms("newest");
    message.priority = 2;
    const auto result = present(std::move(message));
    EXPECT_EQ(result.why, refusal::none);
    EXPECT_EQ(result.id, message_id{});
    EXPECT_TRUE(world.outputs->settled.empty());
    world.settle();
    ASSERT_EQ(world.outputs->settled.size(), 1U);
    EXPECT_EQ(world.outputs->settled[0].id, latest);
    EXPECT_EQ(world.outputs->settled[0].why, refusal::none);
    EXPECT_EQ(world.account().queued, 2U);
    world.crash_and_start();
    world.bind_up(1);
    EXPECT_EQ(sent_texts(), (std::vector<std::string>{"newest", "older"}));  // its priority counts
    world.respond(world.outputs->sent[0], "A1");
    EXPECT_EQ(world.state_of(latest), State::submitted);
    EXPECT_EQ(world.state_of(older), State::queued);
}

TEST_F(scans, replace_if_present_replaces_the_latest_whatever_its_priority) {
    world.start();
    auto urgent = scanned_sms("older");
    urgent.priority = 3;
    world.submit(std::move(urgent));
    const auto latest = world.submit(scanned_sms("latest"));
    world.outputs->settled.clear();
    ASSERT_EQ(present(scanned_sms("newest")).why, refusal::none);
    world.settle();
    ASSERT_EQ(world.outputs->settled.size(), 1U);
    EXPECT_EQ(world.outputs->settled[0].id, latest);
    world.bind_up(1);
    EXPECT_EQ(sent_texts(), (std::vector<std::string>{"older", "newest"}));
}

TEST_F(scans, replace_if_present_is_a_new_message_when_what_was_found_goes_out_meanwhile) {
    world.start();
    const auto old = world.submit(scanned_sms("old"));
    for (int i = 0; i < 1500; ++i) {  // more than are looked at in one slice
        auto later = scanned_sms("later", "81900000" + std::to_string(1000 + i));
        later.priority = 1;
        later.send_at_ms = world.now().wall_ms + 3'600'000;
        ASSERT_EQ(world.hand_in(std::move(later)).why, refusal::none);
    }
    world.settle();
    world.outputs->settled.clear();
    ASSERT_EQ(present(scanned_sms("new")).why, refusal::none);
    world.turn();
    world.gateway->tick(world.now());
    world.gateway->on_bind_up(bind_id{1}, {engine_world::alpha, 10, true, true}, world.now());
    world.turn();
    ASSERT_EQ(sent_texts(), std::vector<std::string>{"old"});
    ASSERT_TRUE(world.outputs->settled.empty());
    world.settle();
    EXPECT_EQ(sent_texts(), (std::vector<std::string>{"old", "new"}));
    ASSERT_EQ(world.outputs->settled.size(), 1U);
    EXPECT_NE(world.outputs->settled[0].id, old);
}

TEST_F(scans, replace_if_present_is_a_new_message_when_nothing_waits) {
    world.start();
    const auto typed = world.submit(scanned_sms("typed", "819012345678", "CMT"));
    world.submit(scanned_sms("elsewhere", "819099999999"));
    world.outputs->settled.clear();
    ASSERT_EQ(present(scanned_sms("new", "819012345678", "VMA")).why, refusal::none);
    world.settle();
    ASSERT_EQ(world.outputs->settled.size(), 1U);
    EXPECT_NE(world.outputs->settled[0].id, typed);
    EXPECT_EQ(world.state_of(world.outputs->settled[0].id), State::queued);
    EXPECT_EQ(world.account().queued, 3U);
}

TEST_F(scans, replace_if_present_sees_what_was_submitted_just_before_it) {
    world.start();
    world.commits_itself = false;
    const auto first = world.hand_in(scanned_sms("first"));
    ASSERT_EQ(present(scanned_sms("second")).why, refusal::none);
    ASSERT_EQ(present(scanned_sms("third")).why, refusal::none);
    world.commits_itself = true;
    world.settle();
    EXPECT_EQ(world.outputs->settled.size(), 3U);
    for (const auto& one : world.outputs->settled)
        EXPECT_EQ(one.id, first.id);
    EXPECT_EQ(world.account().queued, 1U);
    world.bind_up(1);
    EXPECT_EQ(sent_texts(), std::vector<std::string>{"third"});
}

TEST_F(scans, replace_if_present_sees_what_another_one_has_just_made) {
    world.start();
    world.commits_itself = false;
    ASSERT_EQ(present(scanned_sms("first")).why, refusal::none);
    ASSERT_EQ(present(scanned_sms("second")).why, refusal::none);
    world.commits_itself = true;
    world.settle();
    ASSERT_EQ(world.outputs->settled.size(), 2U);
    EXPECT_EQ(world.outputs->settled[0].id, world.outputs->settled[1].id);
    EXPECT_EQ(world.account().queued, 1U);
    world.bind_up(1);
    EXPECT_EQ(sent_texts(), std::vector<std::string>{"second"});
}

TEST_F(scans, a_paced_answer_is_given_though_its_message_is_replaced) {
    world.settings.accounts[0].rate.per_second = config::rate{1, 1000ms};
    world.settings.accounts[0].rate.burst = 1;
    world.settings.accounts[0].rate.excess = config::on_excess::pace;
    world.start();
    for (const char* one : {"one", "two", "three"})
        ASSERT_EQ(present(scanned_sms(one)).why, refusal::none);
    world.advance(10s);
    EXPECT_EQ(world.outputs->settled.size(), 3U);
}

TEST_F(scans, a_fault_or_a_full_rate_is_answered_before_anything_is_looked_for) {
    world.settings.accounts[0].rate.per_second = config::rate{1, 1000ms};
    world.settings.accounts[0].rate.burst = 1;
    world.settings.accounts[0].rate.excess = config::on_excess::reject;
    world.start();
    EXPECT_EQ(present(scanned_sms("x", "12")).why, refusal::destination_invalid);
    EXPECT_EQ(present(scanned_sms("one")).why, refusal::none);
    EXPECT_EQ(present(scanned_sms("two")).why, refusal::rate_exceeded);
}

TEST_F(scans, a_scan_waits_while_the_disk_refuses_and_ends_in_a_drain) {
    world.start();
    const auto id = world.submit(scanned_sms("one"));
    ASSERT_EQ(cancel(between("Shop", "819012345678")), command_status::esme_rok);
    world.gateway->set_store_failing(true);
    world.advance(5s);
    EXPECT_TRUE(settled().empty());
    world.gateway->set_store_failing(false);
    world.gateway->begin_drain();
    world.advance(2s);
    EXPECT_EQ(settled(), std::vector{command_status::esme_rok});
    EXPECT_EQ(world.state_of(id), State::deleted);
    EXPECT_TRUE(world.gateway->drained());
}

}  // namespace
}  // namespace hikyaku::gateway
