// Pages of an account's messages, and their texts, read from the store.
#include <gtest/gtest.h>

#include "store/ids.hpp"
#include "tests/support/engine_fixture.hpp"

namespace hikyaku::gateway {
namespace {

using testing::engine_world;
using namespace std::chrono_literals;
using ids = std::vector<message_id>;

struct message_lists : ::testing::Test {
    engine_world world;
    ids sent;  // of the shop, the newest first

    void SetUp() override {
        world.start();
        for (int i = 0; i < 6; ++i) {
            world.advance(1s);
            auto message = engine_world::text_to(i % 2 == 0 ? "81901" : "81902", "x");
            if (i == 5) message.source.digits = "Other";
            sent.insert(sent.begin(), world.submit(std::move(message)));
            world.submit("of another account", engine_world::bank);
        }
    }
    message_page list(const message_range& range) {
        return world.gateway->list_messages(engine_world::shop, range);
    }
    ids found(const message_range& range) {
        ids out;
        for (const auto& each : list(range).messages)
            out.push_back(each.id);
        return out;
    }
    std::int64_t accepted_ms(std::size_t index) {
        return store::id_milliseconds(static_cast<std::uint64_t>(sent.at(index)));
    }
};

TEST_F(message_lists, the_newest_first_and_only_ones_own) {
    EXPECT_EQ(found({}), sent);
    EXPECT_EQ(list({}).looked_to, message_id{});
    const auto bank = world.gateway->list_messages(engine_world::bank, {});
    EXPECT_EQ(bank.messages.size(), 6U);
    EXPECT_EQ(bank.messages.front().source.digits, "Shop");
}

TEST_F(message_lists, page_after_page_and_back) {
    const auto first = list({.limit = 2});
    ASSERT_EQ(first.messages.size(), 2U);
    EXPECT_EQ(first.looked_to, sent[1]);
    EXPECT_EQ(found({.beyond = first.looked_to, .limit = 2}), (ids{sent[2], sent[3]}));
    EXPECT_EQ(found({.beyond = sent[5]}), ids{});
    EXPECT_EQ(found({.beyond = sent[2], .newest_first = false, .limit = 2}),
              (ids{sent[1], sent[0]}));
    EXPECT_EQ(found({.beyond = sent[0], .newest_first = false}), ids{});
}

TEST_F(message_lists, a_page_ends_early) {
    const auto page = list({.limit = 6, .looked_at_max = 3});
    EXPECT_EQ(page.messages.size(), 1U) << "every second one is the other account's";
    EXPECT_NE(page.looked_to, message_id{});
    ids all{page.messages.front().id};
    for (auto next = page.looked_to; next != message_id{};) {
        const auto more = list({.beyond = next, .limit = 6, .looked_at_max = 3});
        for (const auto& each : more.messages)
            all.push_back(each.id);
        next = more.looked_to;
    }
    EXPECT_EQ(all, sent);
}

TEST_F(message_lists, by_addresses_and_times) {
    EXPECT_EQ(found({.destination = "81902"}), (ids{sent[0], sent[2], sent[4]}));
    EXPECT_EQ(found({.source = "Other"}), ids{sent[0]});
    EXPECT_EQ(found({.source = "Other", .destination = "81901"}), ids{});
    EXPECT_EQ(found({.from_ms = accepted_ms(1)}), (ids{sent[0], sent[1]}));
    EXPECT_EQ(found({.from_ms = accepted_ms(1) + 1}), ids{sent[0]});
    EXPECT_EQ(found({.to_ms = accepted_ms(4)}), (ids{sent[4], sent[5]}));
    EXPECT_EQ(found({.to_ms = accepted_ms(4) - 1}), ids{sent[5]});
    EXPECT_EQ(found({.from_ms = 5, .to_ms = 4}), ids{});
}

TEST_F(message_lists, texts) {
    const std::string_view long_text =
        "A text that is longer than one segment, so that it is cut, and that has [brackets] and "
        "other characters which take two septets each: {} ~ | \\ ^ and so on until the end of it.";
    for (const std::string_view text :
         {std::string_view("Hello {world}"), long_text,
          std::string_view("\xE4\xB8\x96\xE7\x95\x8C \xF0\x9F\x99\x82"), std::string_view("@")})
        EXPECT_EQ(world.gateway->text_of(engine_world::shop, world.submit(text)), text);
    const auto id = world.submit("secret", engine_world::bank);
    EXPECT_EQ(world.gateway->text_of(engine_world::shop, id), "");
    EXPECT_EQ(world.gateway->text_of(engine_world::bank, id), "secret");
    EXPECT_EQ(world.gateway->text_of(engine_world::shop, message_id{1}), "");
    auto octets = engine_world::text_to("81901", "");
    octets.text.reset();
    octets.octets = std::string("\x00\xFF", 2);
    octets.binary = true;
    EXPECT_EQ(world.gateway->text_of(engine_world::shop, world.submit(std::move(octets))), "");
}

}  // namespace
}  // namespace hikyaku::gateway
