// What is announced of an account: the senders and link domains that it has really used.
#include <gtest/gtest.h>

#include "gateway/model/tables.hpp"
#include "tests/support/engine_fixture.hpp"

namespace hikyaku::gateway {
namespace {

using testing::engine_world;
using namespace std::chrono_literals;
using texts = std::vector<std::string>;

constexpr auto day = std::chrono::hours{24};

class announce : public ::testing::Test {
protected:
    engine_world world;
    int answered = 0;

    void SetUp() override {
        world.settings.links.base_url = "https://pay.example";
        world.settings.accounts[0].links.track = true;
        world.settings.accounts[0].links.domains = {"go.shop.example"};
        world.settings.accounts[0].announce =
            config::account_announce{.name = "The Shop", .samples = {"Your order is ready"}};
        start();
    }
    void start() {
        world.responder = [this](const sent_segment& segment) {
            world.respond(segment, "A" + std::to_string(++answered));
        };
        world.start();
        world.bind_up(1);
    }
    using sent_segment = testing::sent_segment;
    void send(std::string_view sender, account_id account = engine_world::shop,
              std::string_view text = "Hello") {
        auto message = engine_world::text_to("819012345678", text);
        message.source = {0, 0, std::string(sender)};
        world.submit(std::move(message), account);
        world.advance(20ms);
    }
    used_names_view used(account_id account = engine_world::shop) {
        return world.gateway->announced(account).used;
    }
    void restart() {
        world.crash_and_start();
        world.bind_up(1);
    }
};

TEST_F(announce, every_sender_and_domain_that_was_used) {
    EXPECT_EQ(used().senders, texts{});
    send("Shop");
    send("4912345678");
    EXPECT_EQ(used().domains, texts{}) << "no link was sent";
    send("Shop", engine_world::shop, "https://shop.example/1");
    send("Bank", engine_world::bank);
    EXPECT_EQ(used().senders, (texts{"4912345678", "Shop"}));
    EXPECT_EQ(used().domains, texts{"go.shop.example"});
    EXPECT_EQ(used(engine_world::bank).senders, texts{"Bank"});
    restart();
    EXPECT_EQ(used().senders, (texts{"4912345678", "Shop"}));
    EXPECT_EQ(used().domains, texts{"go.shop.example"});
}

TEST_F(announce, what_no_carrier_took_was_not_used) {
    world.responder = nullptr;
    send("Shop");
    EXPECT_EQ(used().senders, texts{});
    world.respond(world.outputs->sent[0], "A1");
    world.advance(20ms);
    EXPECT_EQ(used().senders, texts{"Shop"});
}

TEST_F(announce, is_shown_for_30_days_after_the_last_use_and_not_for_31) {
    send("Old");
    world.leap(std::chrono::hours{23});
    send("Old");  // the store is not touched
    const auto rows = world.entries(model::table::used_names);
    EXPECT_EQ(rows, 1U);
    world.leap(30 * day - 1min);
    EXPECT_EQ(used().senders, texts{"Old"}) << "less than 30 days after the last use";
    restart();
    EXPECT_EQ(used().senders, texts{"Old"});
    world.leap(day + 1min);
    EXPECT_EQ(used().senders, texts{});
    world.advance(2s);
    EXPECT_EQ(world.entries(model::table::used_names), 0U) << "nor is it kept";
    restart();
    EXPECT_EQ(used().senders, texts{});
}

TEST_F(announce, a_message_costs_the_store_nothing_more_but_once_a_day) {
    send("Shop");
    const auto before = world.entries(model::table::used_names);
    for (int i = 0; i < 50; ++i)
        send("Shop");
    EXPECT_EQ(world.entries(model::table::used_names), before);
    world.leap(20 * day);
    send("Shop");
    world.leap(20 * day);
    EXPECT_EQ(used().senders, texts{"Shop"}) << "touched when it was used again";
}

TEST_F(announce, nothing_grows_without_a_limit) {
    for (int i = 0; i < 1005; ++i)
        send("4912" + std::to_string(100'000 + i));
    EXPECT_EQ(used().senders.size(), 1000U);
    EXPECT_FALSE(used().is_complete);
    EXPECT_TRUE(used(engine_world::bank).is_complete);
}

TEST_F(announce, by_the_host_that_is_asked) {
    send("Shop");
    const auto at = [this](std::string_view host) { return world.gateway->announced_at(host); };
    ASSERT_EQ(at("go.shop.example").size(), 1U);
    EXPECT_EQ(at("go.shop.example")[0].says.name, "The Shop");
    EXPECT_EQ(at("go.shop.example")[0].used.senders, texts{"Shop"});
    EXPECT_TRUE(at("pay.example").empty()) << "the bank has nothing to say";
    EXPECT_TRUE(at("elsewhere.example").empty());
    world.reload([](config::settings& next) {
        next.accounts[1].announce = config::account_announce{.name = "The Bank"};
        next.accounts[0].announce.reset();
    });
    ASSERT_EQ(at("").size(), 1U);
    EXPECT_EQ(at("")[0].says.name, "The Bank");
    EXPECT_EQ(at("go.shop.example")[0].says.name, "go.shop.example")
        << "the account's name is the operator's word";
    EXPECT_EQ(world.gateway->domain_owner("go.shop.example"), engine_world::shop);
    EXPECT_EQ(world.gateway->domain_owner("pay.example"), std::nullopt);
}

}  // namespace
}  // namespace hikyaku::gateway
