// What an application made for Jasmin is told of its messages, by the levels that it asks for, and
// its replies: which requests, and with what.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "gateway/engine/delivery/callback_url.hpp"
#include "gateway/model/tables.hpp"
#include "tests/support/engine_fixture.hpp"

namespace hikyaku::gateway {
namespace {

namespace table = model::table;
using testing::engine_world;
using namespace std::chrono_literals;
using strings = std::vector<std::string>;

class jasmin_callbacks : public ::testing::Test {
protected:
    engine_world world;
    static constexpr std::uint8_t level_1 = callback_type::accepted | callback_type::refused;
    static constexpr std::uint8_t level_2 = callback_type::delivered | callback_type::failed;

    void SetUp() override {
        auto& door = world.settings.accounts[0].jasmin.emplace();
        door.username = "shop-user";
        door.password = "x";
    }
    void start() {
        world.start();
        world.bind_up(1, engine_world::alpha, 1000);
    }
    static submission message(std::uint8_t mask) {
        auto made = engine_world::text_to("819012345678", "x");
        made.origin = Origin::http;
        made.callback = {"http://app/dlr", CallbackForm::jasmin, CallbackMethod::get, mask};
        made.registered_delivery = (mask & callback_type::delivered) != 0 ? 1 : 0;
        return made;
    }
    /// Acknowledges everything until nothing more is requested; the URLs.
    strings drain() {
        strings all;
        for (std::size_t i = 0; i < world.outputs->requested.size(); ++i) {
            const auto request = world.outputs->requested.at(i);
            all.push_back(request.url);
            world.gateway->on_callback_answer(request.account, request.token,
                                              {200, std::nullopt, ""}, world.now());
            world.settle();
        }
        world.outputs->requested.clear();
        return all;
    }
    /// "level/message_status" of each.
    strings told() {
        strings all;
        for (const auto& url : drain()) {
            const auto value = [&url](std::string_view name) {
                const auto at = url.find(name) + name.size();
                return url.substr(at, url.find('&', at) - at);
            };
            all.push_back(value("&level=") + "/" + value("&message_status="));
        }
        return all;
    }
};

TEST_F(jasmin_callbacks, by_level_when_all_goes_well) {
    start();
    const struct {
        std::uint8_t mask;
        strings told;
    } rows[] = {{level_1, {"1/ESME_ROK"}},
                {level_2, {"2/DELIVRD"}},
                {level_1 | level_2, {"1/ESME_ROK", "2/DELIVRD"}}};
    for (const auto& row : rows) {
        world.submit(message(row.mask));
        const auto id = fmt::format("m{}", row.mask);
        world.respond(world.outputs->sent.back(), id);
        world.receipt(id, "DELIVRD");
        EXPECT_EQ(told(), row.told) << int{row.mask};
        EXPECT_EQ(world.entries(table::outbox), 0U);
    }
}

TEST_F(jasmin_callbacks, by_level_when_the_carrier_refuses) {
    start();
    const struct {
        std::uint8_t mask;
        strings told;
    } rows[] = {{level_1, {"1/ESME_RINVDSTADR"}},
                {level_2, {"2/REJECTD"}},
                {level_1 | level_2, {"1/ESME_RINVDSTADR"}}};
    for (const auto& row : rows) {
        world.submit(message(row.mask));
        world.refuse(world.outputs->sent.back(), smpp::command_status::esme_rinvdstadr);
        EXPECT_EQ(told(), row.told) << int{row.mask};
    }
    world.submit(message(level_1));
    world.refuse(world.outputs->sent.back(), static_cast<smpp::command_status>(0x4AB));
    EXPECT_EQ(told(), strings{"1/0x000004ab"});
}

TEST_F(jasmin_callbacks, by_level_when_it_expires_here_or_there) {
    world.start();
    for (const auto mask : {level_1, level_2}) {
        auto made = message(mask);
        made.expires_ms = world.now().wall_ms + 60'000;
        world.submit(std::move(made));
        world.advance(120s);
        EXPECT_EQ(told(), strings{mask == level_1 ? "1/EXPIRED" : "2/EXPIRED"});
    }
    world.bind_up(1, engine_world::alpha, 1000);
    world.submit(message(level_1 | level_2));
    world.respond(world.outputs->sent.back(), "a");
    world.receipt("a", "NOCRED", "0x0A");
    EXPECT_EQ(told(), (strings{"1/ESME_ROK", "2/NOCRED"}));
}

TEST_F(jasmin_callbacks, what_the_parameters_say) {
    start();
    const auto id = static_cast<std::uint64_t>(world.submit(message(level_1 | level_2)));
    world.respond(world.outputs->sent.back(), "a\xFF&");
    world.receipt("a\xFF&", "UNDELIV", "024");
    const auto urls = drain();
    ASSERT_EQ(urls.size(), 2U);
    EXPECT_EQ(urls[0], fmt::format("http://app/dlr?id={}&level=1&message_status=ESME_ROK"
                                   "&connector=alpha",
                                   id));
    EXPECT_TRUE(urls[1].starts_with(
        fmt::format("http://app/dlr?id={}&level=2&message_status=UNDELIV&connector=alpha"
                    "&id_smsc=a%EF%BF%BD%26&sub=001&dlvrd=000&subdate=",
                    id)))
        << urls[1];
    EXPECT_TRUE(urls[1].ends_with("&err=024&text=")) << urls[1];
}

TEST_F(jasmin_callbacks, replies_by_reply_url) {
    auto& account = world.settings.accounts[0];
    account.numbers = {"5050"};
    account.jasmin->reply_url = "http://app/mo?key=%41#there";
    start();
    world.reply("STOP  now", "5050");
    world.hand_in_deliver_sm(1, std::string_view("\x30\x42\0A", 4), "819012345678", "5050", 0, 8);
    world.hand_in_deliver_sm(1, std::string_view("\x06\x05\x04\x15\x81\x15\x81\x01\xFF", 9),
                             "819012345678", "5050", 0x40, 4);
    world.settle();
    const auto ids = [&] {
        strings all;
        for (const auto& each : world.outputs->requested)
            all.push_back(fmt::to_string(each.token));
        return all;
    }();
    const auto urls = drain();
    ASSERT_EQ(urls.size(), 3U);
    EXPECT_EQ(urls[0], "http://app/mo?key=%41&id=" + ids[0] +
                           "&from=819012345678&to=5050&origin-connector=alpha&coding=0"
                           "&content=STOP++now&binary=53544f5020206e6f77");
    EXPECT_TRUE(urls[1].ends_with("&coding=8&content=0B%00A&binary=30420041")) << urls[1];
    EXPECT_TRUE(urls[2].ends_with("&coding=4&content=%01%FF&binary=01ff")) << urls[2];
    EXPECT_EQ(world.entries(table::outbox), 0U);
}

TEST_F(jasmin_callbacks, without_its_words_a_2xx_is_no_acknowledgement) {
    start();
    world.submit(message(level_1));
    world.respond(world.outputs->sent.back(), "a");
    ASSERT_EQ(world.outputs->requested.size(), 1U);
    const auto first = world.outputs->requested[0];
    http_answer answer{200, std::nullopt, "", "OK"};
    answer.is_refused = true;
    world.gateway->on_callback_answer(first.account, first.token, answer, world.now());
    world.settle();
    EXPECT_EQ(world.entries(table::outbox), 1U);
    world.advance(10s);
    ASSERT_EQ(world.outputs->requested.size(), 2U);
    EXPECT_EQ(world.outputs->requested[1].url, first.url);
    EXPECT_EQ(drain().size(), 2U);
    EXPECT_EQ(world.entries(table::outbox), 0U);
}

TEST_F(jasmin_callbacks, accounts_by_username) {
    world.start();
    EXPECT_EQ(world.gateway->account_by_jasmin_username("shop-user"), engine_world::shop);
    EXPECT_FALSE(world.gateway->account_by_jasmin_username("shop"));
    EXPECT_FALSE(world.gateway->account_by_username("shop-user")) << "of another door";
}

}  // namespace
}  // namespace hikyaku::gateway
