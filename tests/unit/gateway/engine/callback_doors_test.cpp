// Callback doors that a reload takes away from an account that has another one: what waits for them
// waits on, however long, and the other door's events pass it by.
#include <gtest/gtest.h>

#include "gateway/engine/delivery/callback_url.hpp"
#include "gateway/model/tables.hpp"
#include "tests/support/engine_fixture.hpp"

namespace hikyaku::gateway {
namespace {

namespace table = model::table;
using config::settings;
using testing::engine_world;
using namespace std::chrono_literals;
using strings = std::vector<std::string>;

class callback_doors : public ::testing::Test {
protected:
    engine_world world;
    std::size_t answered = 0;

    /// With longer patience than the default, so that a wrong default is seen.
    static void open_jasmin(settings& file) {
        auto& door = file.accounts[0].jasmin.emplace();
        door.username = "jasmin-user";
        door.give_up_after = 48h;
        door.reply_url = "http://jasmin/mo";
    }
    static void close_jasmin(settings& file) { file.accounts[0].jasmin.reset(); }
    void SetUp() override {
        world.settings.accounts[0].sendsms.emplace().username = "kannel-user";
        world.settings.accounts[0].numbers = {"5050"};
        open_jasmin(world.settings);
    }
    void start() {
        world.start();
        world.bind_up(1, engine_world::alpha, 1000);
        world.accept_everything();
    }
    void submit(std::string url, CallbackForm form) {
        auto made = engine_world::text_to("819012345678", "x");
        made.origin = Origin::http;
        made.callback = {std::move(url), form, CallbackMethod::get, callback_type::accepted};
        world.submit(std::move(made));
    }
    /// Answers what is requested, now and in consequence, with this status; without queries.
    strings answer(std::uint32_t status) {
        strings urls;
        for (; answered < world.outputs->requested.size(); ++answered) {
            const auto request = world.outputs->requested[answered];
            urls.push_back(request.url.substr(0, request.url.find('?')));
            world.gateway->on_callback_answer(request.account, request.token,
                                              {status, std::nullopt, ""}, world.now());
            world.settle();
        }
        return urls;
    }
    strings pass(std::chrono::minutes by, std::uint32_t status) {
        strings urls;
        for (std::chrono::minutes passed{0}; passed < by; passed += 10min) {
            world.leap(10min);
            for (auto& url : answer(status))
                urls.push_back(std::move(url));
        }
        return urls;
    }
    void expect_waiting(std::uint64_t events) {
        EXPECT_EQ(world.entries(table::outbox), events);
        EXPECT_EQ(world.entries(table::dead_letters), 0U);
    }
};

TEST_F(callback_doors, reports_wait_for_their_door_and_the_other_goes_on) {
    start();
    for (const std::uint32_t status : {0U, 500U}) {  // the host waits, or the event alone
        submit("http://jasmin/dlr", CallbackForm::jasmin);
        EXPECT_EQ(answer(status), strings{"http://jasmin/dlr"});
        world.reload(close_jasmin);
        EXPECT_EQ(pass(96h, 200), strings{});
        submit("http://kannel/dlr", CallbackForm::kannel);
        EXPECT_EQ(answer(200), strings{"http://kannel/dlr"});
        expect_waiting(1);
        world.reload(open_jasmin);
        EXPECT_EQ(answer(status), strings{"http://jasmin/dlr"}) << "at once";
        expect_waiting(1);
        EXPECT_EQ(pass(10min, 200), strings{"http://jasmin/dlr"});
        expect_waiting(0);
    }
}

TEST_F(callback_doors, a_request_that_is_under_way_is_no_dead_letter_when_it_fails) {
    start();
    for (const std::uint32_t status : {0U, 500U}) {
        submit("http://jasmin/dlr", CallbackForm::jasmin);
        world.leap(96h);
        world.reload(close_jasmin);
        EXPECT_EQ(answer(status), strings{"http://jasmin/dlr"});
        EXPECT_EQ(pass(96h, 200), strings{});
        expect_waiting(1);
        world.reload(open_jasmin);
        EXPECT_EQ(answer(200), strings{"http://jasmin/dlr"});
        expect_waiting(0);
    }
}

TEST_F(callback_doors, a_request_that_is_under_way_counts_when_it_is_answered) {
    start();
    submit("http://jasmin/dlr", CallbackForm::jasmin);
    world.reload(close_jasmin);
    EXPECT_EQ(answer(200), strings{"http://jasmin/dlr"});
    expect_waiting(0);
    world.reload(open_jasmin);
    EXPECT_EQ(answer(200), strings{});
}

TEST_F(callback_doors, replies_wait_for_a_reply_url) {
    start();
    world.reply("one", "5050");
    EXPECT_EQ(answer(0), strings{"http://jasmin/mo"});
    world.reload([](settings& file) { file.accounts[0].jasmin->reply_url.clear(); });
    EXPECT_EQ(pass(96h, 200), strings{});
    expect_waiting(1);
    world.reload([](settings& file) { file.accounts[0].sendsms->reply_url = "http://kannel/mo"; });
    EXPECT_EQ(answer(200), strings{"http://kannel/mo"}) << "the first door that has one";
    expect_waiting(0);
}

TEST_F(callback_doors, a_start_without_the_door_is_the_same) {
    start();
    submit("http://jasmin/dlr", CallbackForm::jasmin);
    submit("http://kannel/dlr", CallbackForm::kannel);
    world.reload(close_jasmin);
    world.crash_and_start();
    answered = 0;
    EXPECT_EQ(answer(200), strings{"http://kannel/dlr"});
    EXPECT_EQ(pass(96h, 200), strings{});
    expect_waiting(1);
    world.reload(open_jasmin);
    EXPECT_EQ(answer(200), strings{"http://jasmin/dlr"});
    expect_waiting(0);
}

TEST_F(callback_doors, a_report_of_a_message_of_the_door_that_went_waits_too) {
    start();
    world.responder = nullptr;
    submit("http://jasmin/dlr", CallbackForm::jasmin);
    world.reload(close_jasmin);
    world.respond(world.outputs->sent.back(), "a");
    EXPECT_EQ(answer(200), strings{});
    expect_waiting(1);
    world.reload(open_jasmin);
    EXPECT_EQ(answer(200), strings{"http://jasmin/dlr"});
}

/// More than is looked at in one turn, and than is kept in memory of one host.
TEST_F(callback_doors, many_that_wait_hold_up_nothing_and_come_in_their_order) {
    constexpr int many = 2500;
    start();
    for (int i = 0; i < many; ++i)
        submit("http://jasmin/" + std::to_string(i), CallbackForm::jasmin);
    answer(0);
    world.reload(close_jasmin);
    for (int i = 0; i < many; ++i)
        submit("http://kannel/" + std::to_string(i), CallbackForm::kannel);
    EXPECT_EQ(answer(200).size(), std::size_t{many});
    expect_waiting(many);
    pass(60min, 200);
    world.reload(open_jasmin);
    const auto told = answer(200);
    ASSERT_EQ(told.size(), std::size_t{many});
    for (std::size_t i = 0; i < told.size(); ++i)
        ASSERT_EQ(told[i], "http://jasmin/" + std::to_string(i));
    expect_waiting(0);
}

/// A door that is gone is no reason to keep what can be no callback.
TEST_F(callback_doors, what_cannot_be_read_is_a_dead_letter) {
    start();
    submit("http://jasmin/dlr", CallbackForm::jasmin);
    submit("http://jasmin/dlr", CallbackForm::jasmin);
    world.damage_events(1);
    world.reload(close_jasmin);
    world.crash_and_start();
    EXPECT_EQ(world.entries(table::outbox), 1U);
    EXPECT_EQ(world.entries(table::dead_letters), 1U);
}

}  // namespace
}  // namespace hikyaku::gateway
