// The outbox of an application made for Kannel: which reports are requested, with what, how often,
// and what survives a crash. And replies by reply_url.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "gateway/engine/delivery/callback_queue.hpp"
#include "gateway/model/tables.hpp"
#include "tests/support/engine_fixture.hpp"

namespace hikyaku::gateway {
namespace {

namespace table = model::table;
using testing::engine_world;
using namespace std::chrono_literals;

class callbacks : public ::testing::Test {
protected:
    engine_world world;

    void SetUp() override {
        auto& door = world.settings.accounts[0].sendsms.emplace();
        door.username = "shop-user";
        door.password = "x";
    }
    void start() {
        world.start();
        world.bind_up(1, engine_world::alpha, 1000);
    }
    static submission message(std::uint8_t mask, std::string url = "http://app/dlr?t=%d&m=%A") {
        auto made = engine_world::text_to("819012345678", "x");
        made.origin = Origin::http;
        made.callback.url = std::move(url);
        made.callback.mask = mask;
        made.registered_delivery = (mask & 1) != 0 ? 1 : (mask & 2) != 0 ? 2 : 0;
        if ((mask & 4) != 0) made.registered_delivery |= 0x10;
        return made;
    }
    [[nodiscard]] std::vector<std::string> urls() const {
        std::vector<std::string> all;
        for (const auto& each : world.outputs->requested)
            all.push_back(each.url);
        return all;
    }
    void answer(std::size_t index, std::uint32_t status) {
        const auto request = world.outputs->requested.at(index);
        world.gateway->on_callback_answer(request.account, request.token,
                                          {status, std::nullopt, ""}, world.now());
        world.settle();
    }
    /// Answers everything with 200 until nothing more is requested; the URLs.
    std::vector<std::string> drain() {
        for (std::size_t i = 0; i < world.outputs->requested.size(); ++i)
            answer(i, 200);
        return urls();
    }
    std::vector<std::string> types() {
        std::vector<std::string> all;
        for (const auto& url : drain())
            all.push_back(url.substr(url.find("t=") + 2, url.find('&') - url.find("t=") - 2));
        return all;
    }
};

using strings = std::vector<std::string>;

TEST_F(callbacks, by_mask_when_all_goes_well) {
    const struct {
        std::uint8_t mask;
        strings types;
    } rows[] = {{31, {"8", "4", "1"}},
                {1, {"1"}},
                {2, {}},
                {3, {"1"}},
                {4, {"4"}},
                {8, {"8"}},
                {16, {}},
                {24, {"8"}}};
    start();
    for (const auto& each : rows) {
        world.outputs->requested.clear();
        world.submit(message(each.mask));
        EXPECT_EQ(world.outputs->sent.back().registered_delivery, (each.mask & 4) != 0 ? 17 : 1);
        const auto id = "m" + std::to_string(each.mask);
        world.respond(world.outputs->sent.back(), id);
        world.receipt(id, "ENROUTE");
        world.receipt(id, "DELIVRD");
        EXPECT_EQ(types(), each.types) << int{each.mask};
        EXPECT_EQ(world.entries(table::outbox), 0U);
    }
}

TEST_F(callbacks, by_mask_when_the_phone_does_not_get_it) {
    const struct {
        std::uint8_t mask;
        strings types;
    } rows[] = {{31, {"8", "2"}}, {1, {}}, {2, {"2"}}, {3, {"2"}}, {16, {}}, {18, {"2"}}};
    start();
    for (const auto& each : rows) {
        world.outputs->requested.clear();
        world.submit(message(each.mask));
        const auto id = "u" + std::to_string(each.mask);
        world.respond(world.outputs->sent.back(), id);
        world.receipt(id, "UNDELIV", "024");
        EXPECT_EQ(types(), each.types) << int{each.mask};
    }
}

TEST_F(callbacks, by_mask_when_the_carrier_refuses) {
    const struct {
        std::uint8_t mask;
        strings types;
    } rows[] = {{31, {"16"}}, {2, {}}, {16, {"16"}}, {19, {"16"}}, {8, {}}};
    start();
    for (const auto& each : rows) {
        world.outputs->requested.clear();
        world.submit(message(each.mask));
        world.refuse(world.outputs->sent.back(), smpp::command_status::esme_rinvdstadr);
        EXPECT_EQ(types(), each.types) << int{each.mask};
    }
}

TEST_F(callbacks, an_event_that_nothing_reads_becomes_a_dead_letter) {
    start();
    world.accept_everything(true);
    for (int i = 0; i < 3; ++i)
        world.submit(message(1));
    world.damage_events(2);
    world.crash_and_start();
    EXPECT_EQ(types(), strings{"1"});
    EXPECT_EQ(world.account().dead_letters, 2U);
    EXPECT_EQ(world.gateway->count().dead_letters, 2U);
    EXPECT_EQ(world.entries(table::outbox), 0U);
    EXPECT_EQ(world.entries(table::dead_letters), 2U);
}

TEST_F(callbacks, what_the_escapes_stand_for) {
    start();
    const auto id = world.submit(
        message(31, "http://app/?d=%d&A=%A&F=%F&i=%i&I=%I&n=%n&k=%k&T=%T&D=%D&e=%#smpp#dlr_err#"));
    world.respond(world.outputs->sent.back(), "abc");
    world.receipt("abc", "UNDELIV", "024");
    const auto got = drain();
    ASSERT_EQ(got.size(), 2U);
    const auto number = std::to_string(static_cast<std::uint64_t>(id));
    EXPECT_EQ(got[0], "http://app/?d=8&A=ACK%2F&F=abc&i=alpha&I=" + number +
                          "&n=shop-user&k=ACK%2F&T=1767225600&D=%3Fsmpp_resp%3F&e=");
    EXPECT_EQ(got[1],
              "http://app/?d=2&A=id%3Aabc+sub%3A001+dlvrd%3A000+submit+date%3A2601010000+"
              "done+date%3A2601010000+stat%3AUNDELIV+err%3A024+text%3A&F=abc&i=alpha&I=" +
                  number +
                  "&n=shop-user&k=id%3Aabc&T=1767225600&D=%3Fsmpp%3Fdlr_err%3D%2503%2500%2518%26"
                  "&e=%03%00%18");
    world.outputs->requested.clear();
    world.submit(message(16));
    world.refuse(world.outputs->sent.back(), smpp::command_status::esme_rinvdstadr);
    EXPECT_EQ(drain(), strings{"http://app/dlr?t=16&m=NACK%2F0x0000000b%2FESME_RINVDSTADR"});
}

TEST_F(callbacks, say_what_the_carrier_said) {
    start();
    const auto told = [this](std::string_view stat, std::string_view err,
                             const std::vector<std::uint8_t>& code) {
        static std::uint32_t number = 0;
        world.outputs->requested.clear();
        const auto carrier_id = "w" + std::to_string(++number);
        world.submit(message(3, "http://app/?A=%A&D=%D"));
        world.respond(world.outputs->sent.back(), carrier_id);
        const auto text = fmt::format("id:{} stat:{} err:{} text:", carrier_id, stat, err);
        std::vector<std::uint8_t> raw;
        smpp::tlv_writer tlvs(raw);
        if (!code.empty()) tlvs.octets(smpp::tag::network_error_code, code);
        smpp::deliver_sm request;
        request.source_addr = "819012345678";
        request.esm_class = 0x04;
        request.short_message = smpp::text::octets_of(text);
        world.gateway->on_deliver_sm(bind_id{1}, number, request, tlvs.list(), world.now());
        world.settle();
        const auto got = drain();
        EXPECT_EQ(got.size(), 1U);
        return got.empty() ? std::string() : got.back().substr(got.back().find("stat"));
    };
    EXPECT_EQ(told("UNDELIV", "2050", {3, 8, 2}),
              "stat%3AUNDELIV+err%3A2050+text%3A&D=%3Fsmpp%3Fdlr_err%3D%2503%2508%2502%26");
    EXPECT_EQ(told("NOCRED", "0x0A", {}), "stat%3ANOCRED+err%3A0x0A+text%3A&D=%3Fsmpp%3F");
    EXPECT_EQ(told("failed", "70000", {}), "stat%3Afailed+err%3A70000+text%3A&D=%3Fsmpp%3F");
    EXPECT_EQ(told("2", "7", {7}), "stat%3A2+err%3A7+text%3A&D=%3Fsmpp%3Fdlr_err%3D%2507%26");
    EXPECT_EQ(told("DELIVRD", "000", {}),
              "stat%3ADELIVRD+err%3A000+text%3A&D=%3Fsmpp%3Fdlr_err%3D%2503%2500%2500%26");
}

TEST_F(callbacks, expired_in_our_queue_is_refused) {
    world.start();
    auto made = message(31);
    made.expires_ms = world.now().wall_ms + 60'000;
    world.submit(std::move(made));
    world.advance(120s);
    EXPECT_EQ(drain(), strings{"http://app/dlr?t=16&m=NACK%2Fexpired"});
}

TEST_F(callbacks, one_report_for_a_message_of_several_parts) {
    start();
    auto made = message(31);
    made.text = std::string(300, 'a');
    world.settings.accounts[0].delivery.parts = config::receipt_parts::each;
    world.submit(std::move(made));
    ASSERT_EQ(world.outputs->sent.size(), 2U);
    world.respond(world.outputs->sent[0], "one");
    EXPECT_TRUE(urls().empty());
    world.respond(world.outputs->sent[1], "two");
    world.receipt("one", "DELIVRD");
    world.receipt("two", "DELIVRD");
    EXPECT_EQ(types(), (strings{"8", "1"}));
}

TEST_F(callbacks, a_receipt_before_its_response) {
    start();
    world.submit(message(31));
    world.receipt("early", "DELIVRD");
    EXPECT_TRUE(urls().empty());
    world.respond(world.outputs->sent.back(), "early");
    EXPECT_EQ(types(), (strings{"8", "1"}));
}

TEST_F(callbacks, not_to_the_webhook_too) {
    world.settings.accounts[0].webhook = config::account_webhook{.url = "https://shop.example/"};
    start();
    world.submit(message(1));
    world.respond(world.outputs->sent.back(), "a");
    world.receipt("a", "DELIVRD");
    EXPECT_EQ(urls().size(), 1U);
    EXPECT_TRUE(world.outputs->posted.empty());
}

TEST_F(callbacks, kept_until_a_2xx_over_a_crash) {
    start();
    world.submit(message(8));
    world.respond(world.outputs->sent.back(), "a");
    ASSERT_EQ(urls().size(), 1U);
    EXPECT_EQ(world.account().outbox_callback, 1U);
    world.crash_and_start();
    ASSERT_EQ(urls(), strings{"http://app/dlr?t=8&m=ACK%2F"}) << "requested again after the crash";
    answer(0, 500);
    EXPECT_EQ(world.entries(table::outbox), 1U);
    world.advance(4900ms);
    EXPECT_EQ(urls().size(), 1U);
    world.advance(2s);
    ASSERT_EQ(urls().size(), 2U);
    answer(1, 204);
    EXPECT_EQ(world.entries(table::outbox), 0U);
    EXPECT_EQ(world.account().outbox_callback, 0U);
    EXPECT_EQ(world.gateway->count().delivered_callback, 1U);
    world.crash_and_start();
    EXPECT_TRUE(urls().empty());
}

TEST_F(callbacks, told_once_also_after_a_crash_between_both_reports) {
    start();
    world.submit(message(31));
    world.respond(world.outputs->sent.back(), "a");
    EXPECT_EQ(types(), strings{"8"});
    world.crash_and_start();
    world.bind_up(1, engine_world::alpha, 1000);
    world.receipt("a", "DELIVRD");
    EXPECT_EQ(types(), strings{"1"});
}

TEST_F(callbacks, a_dead_server_does_not_hold_up_others_and_ends_in_dead_letters) {
    start();
    world.accept_everything();
    for (int i = 0; i < 100; ++i)
        world.submit(message(8, "http://dead/?" + std::to_string(i)));
    ASSERT_EQ(urls().size(), callback_queue::running_of_host_max);
    world.submit(message(8, "http://alive/?1"));
    ASSERT_EQ(urls().size(), callback_queue::running_of_host_max + 1);
    EXPECT_EQ(urls().back(), "http://alive/?1");
    for (std::size_t i = 0; i < urls().size(); ++i) {
        const auto alive = urls()[i].starts_with("http://alive");
        answer(i, alive ? 200 : 0);
    }
    // It stays dead for longer than give_up_after.
    std::size_t answered = urls().size();
    for (int hour = 0; hour < 50; ++hour) {
        world.advance(30min);
        for (; answered < urls().size(); ++answered)
            answer(answered, 0);
    }
    EXPECT_GT(world.account().dead_letters, 0U);
    const auto dead = world.account().dead_letters;
    EXPECT_EQ(world.entries(table::outbox) + dead, 100U);
    EXPECT_EQ(world.account().outbox_callback + dead, 100U);
    world.submit(message(8, "http://alive/?2"));
    EXPECT_EQ(urls().back(), "http://alive/?2");
    answer(urls().size() - 1, 200);
    // It is back, and the operator asks for the dead letters again.
    EXPECT_EQ(world.gateway->replay_dead_letters(engine_world::shop, 1000, world.now()), dead);
    world.settle();
    answered = urls().size();
    for (int minute = 0; minute < 30 && world.entries(table::outbox) > 0; ++minute) {
        world.advance(1min);
        for (; answered < urls().size(); ++answered)
            answer(answered, 200);
    }
    EXPECT_EQ(world.entries(table::outbox), 0U);
    EXPECT_EQ(world.account().dead_letters, 0U);
    std::set<std::string> different;
    for (const auto& url : urls())
        different.insert(url);
    EXPECT_EQ(different.size(), 102U) << "each of them was requested";
}

TEST_F(callbacks, an_answer_nobody_waits_for_means_nothing) {
    start();
    world.submit(message(8));
    world.respond(world.outputs->sent.back(), "a");
    answer(0, 200);
    answer(0, 500);
    EXPECT_EQ(world.entries(table::outbox), 0U);
    EXPECT_EQ(world.account().dead_letters, 0U);
    EXPECT_EQ(world.gateway->count().deliveries_failed, 0U);
}

TEST_F(callbacks, nothing_is_requested_while_draining) {
    start();
    world.submit(message(8));
    world.gateway->begin_drain();
    world.respond(world.outputs->sent.back(), "a");
    EXPECT_TRUE(urls().empty());
    EXPECT_EQ(world.entries(table::outbox), 1U);
}

TEST_F(callbacks, replies_by_reply_url) {
    auto& account = world.settings.accounts[0];
    account.numbers = {"5050"};
    account.sendsms->reply_url = "http://app/mo?p=%p&P=%P&a=%a&c=%c&C=%C&u=%u&d=%d&i=%i&n=%n&O=%O";
    account.webhook = config::account_webhook{.url = "https://shop.example/"};
    start();
    world.reply("STOP  now", "5050");
    world.hand_in_deliver_sm(1, std::string_view("\x30\x42\0 \0A", 6), "819012345678", "5050", 0,
                             8);
    world.hand_in_deliver_sm(1, std::string_view("\x06\x05\x04\x15\x81\x15\x81\x01\xFF", 9),
                             "819012345678", "5050", 0x40, 4);
    world.settle();
    EXPECT_EQ(drain(), (strings{"http://app/mo?p=819012345678&P=5050&a=STOP+now&c=0&C=UTF-8&u=&d=-1"
                                "&i=alpha&n=shop-user&O=00",
                                "http://app/mo?p=819012345678&P=5050&a=0B%00+%00A&c=2&C=UTF-16BE&u="
                                "&d=-1&i=alpha&n=shop-user&O=08",
                                "http://app/mo?p=819012345678&P=5050&a=%01%FF&c=1&C=8-BIT"
                                "&u=%06%05%04%15%81%15%81&d=-1&i=alpha&n=shop-user&O=04"}));
    EXPECT_TRUE(world.outputs->posted.empty());
    EXPECT_EQ(world.entries(table::outbox), 0U);
}

TEST_F(callbacks, long_replies_come_whole) {
    auto& account = world.settings.accounts[0];
    account.numbers = {"5050"};
    account.sendsms->reply_url = "http://app/mo?%b";
    start();
    for (const auto& [number, text] : {std::pair{2, "world"}, std::pair{1, "hello "}}) {
        const std::string header{5, 0, 3, 7, 2, static_cast<char>(number)};
        world.hand_in_deliver_sm(1, header + text, "819012345678", "5050", 0x40);
        world.settle();
    }
    EXPECT_EQ(drain(), strings{"http://app/mo?hello+world"});
}

TEST_F(callbacks, replies_elsewhere_if_the_account_says_so) {
    auto& account = world.settings.accounts[0];
    account.numbers = {"5050"};
    account.sendsms->reply_url = "http://app/mo";
    account.delivery.replies = config::deliver_by::smpp;
    start();
    world.session_up(7);
    world.reply("hello", "5050");
    EXPECT_EQ(world.deliveries(), 1U);
    EXPECT_TRUE(urls().empty());
}

TEST_F(callbacks, accounts_by_username_and_carriers_up) {
    world.start();
    EXPECT_EQ(world.gateway->account_by_username("shop-user"), engine_world::shop);
    EXPECT_FALSE(world.gateway->account_by_username("shop"));
    const auto first = world.hand_in(message(0)).id;
    EXPECT_FALSE(world.gateway->has_carrier_up(first));
    world.bind_up(1, engine_world::beta);
    const auto second = world.hand_in(message(0)).id;
    EXPECT_FALSE(world.gateway->has_carrier_up(second)) << "the route leads to the other one";
    world.bind_up(2, engine_world::alpha);
    const auto third = world.hand_in(message(0)).id;
    EXPECT_TRUE(world.gateway->has_carrier_up(third));
    world.settle();
}

/// The report of a message that no carrier has given an id.
TEST_F(callbacks, an_unknown_end_without_an_id_is_told) {
    world.settings.accounts[0].at_most_once = true;
    start();
    auto made = message(2, "http://app/dlr?t=%d&m=%A&F=%F");
    made.expires_ms = world.now().wall_ms + 60000;
    world.submit(std::move(made));
    const auto sent = world.outputs->sent.back();
    world.gateway->on_attempt_failed(sent.bind, sent.token, attempt_failure::timed_out,
                                     world.now());
    world.advance(2min);
    ASSERT_EQ(drain().size(), 1U);
    EXPECT_NE(urls()[0].find("t=2&m=id%3A0+sub%3A001"), std::string::npos) << urls()[0];
    EXPECT_TRUE(urls()[0].ends_with("&F="));
}

TEST_F(callbacks, what_a_carrier_writes_is_utf8_in_the_url) {
    start();
    world.submit(message(1, "http://app/dlr?t=%d&m=%A&F=%F"));
    const std::string id = std::string(61, 'x') + "\xE6\x94\xFF";
    world.respond(world.outputs->sent.back(), id);
    world.hand_in_receipt(1, id, "DELIVRD", "819012345678");
    world.settle();
    ASSERT_EQ(drain().size(), 1U);
    const std::string mended = std::string(61, 'x') + "%EF%BF%BD%EF%BF%BD";
    EXPECT_TRUE(urls()[0].ends_with("&F=" + mended)) << urls()[0];
    // The id of a receipt has 64 octets: the second mark would be the 65th to 67th.
    EXPECT_NE(urls()[0].find("id%3A" + std::string(61, 'x') + "%EF%BF%BD+sub"), std::string::npos)
        << urls()[0];
}

}  // namespace
}  // namespace hikyaku::gateway
