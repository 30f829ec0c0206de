// Under which domain a code is which link, how often people may use one, and when a hit of it may
// be answered.
#include <gtest/gtest.h>

#include "gateway/links/classify.hpp"
#include "gateway/model/records.hpp"
#include "gateway/model/tables.hpp"
#include "tests/support/engine_fixture.hpp"

namespace hikyaku::gateway {
namespace {

namespace record = model::record;
namespace table = model::table;
using links::hit_class;
using testing::engine_world;
using namespace std::chrono_literals;

class link_keys : public ::testing::Test {
protected:
    engine_world world;

    void SetUp() override {
        world.settings.links.base_url = "https://pay.example";
        for (auto& each : world.settings.accounts)
            each.links.track = true;
    }
    void start() {
        world.start();
        world.bind_up(1);
    }
    std::string code_of(submission message, account_id account = engine_world::shop) {
        const auto id = world.submit(std::move(message), account);
        return world.gateway->find(account, id)->links.at(0);
    }
    std::string code_of(account_id account) {
        return code_of(engine_world::text_to("819012345678", "Pay https://shop.example/invoice/1"),
                       account);
    }
    std::string code_with_uses(std::uint32_t uses) {
        auto message = engine_world::text_to("819012345678", "Pay https://shop.example/invoice/1");
        message.link_max_uses = uses;
        return code_of(std::move(message));
    }
    bool has(std::string_view host, std::string_view code) {
        return world.gateway->find_link_at(host, code).has_value();
    }
    void hit(std::string_view host, std::string_view code,
             hit_class what = hit_class::human_likely) {
        const auto link = world.gateway->find_link_at(host, code);
        ASSERT_TRUE(link.has_value()) << code;
        world.gateway->on_hit(
            {code, static_cast<std::uint8_t>(what), 5, "GET", "10.1.2.0", "Phone"}, *link,
            world.now());
    }
    bool is_used_up(std::string_view code) {
        return world.gateway->find_link_at("", code)->is_used_up();
    }
    /// A link of that message under that code, as another one of it might have been made.
    void put_link(message_id message, account_id account, std::string_view code, const char* domain,
                  const char* target) {
        flatbuffers::FlatBufferBuilder fb;
        const auto id = static_cast<std::uint64_t>(message);
        fb.Finish(record::CreateLinkDirect(fb, stored(account), id, target, world.now().wall_ms,
                                           world.now().wall_ms + 1'000'000, domain));
        store::batch rows;
        rows.put(
            table::link_records, model::link_record_key(id, code),
            std::string_view(reinterpret_cast<const char*>(fb.GetBufferPointer()), fb.GetSize()));
        rows.add(table::link_index, {world.store().hash(code), id, 0});
        const store::batch* const one[] = {&rows};
        ASSERT_TRUE(world.store().apply(one));
    }
};

TEST_F(link_keys, a_link_is_answered_under_the_domains_of_its_account_alone) {
    world.settings.accounts[0].links.domains = {"go.shop.example", "old.shop.example"};
    world.settings.accounts[1].links.base_url = "https://go.bank.example/l";
    start();
    const auto of_shop = code_of(engine_world::shop);
    const auto of_bank = code_of(engine_world::bank);
    EXPECT_EQ(world.outputs->sent[0].octets, "Pay https://go.shop.example/" + of_shop);
    EXPECT_EQ(world.outputs->sent[1].octets, "Pay https://go.bank.example/l/" + of_bank);
    EXPECT_TRUE(has("go.shop.example", of_shop));
    EXPECT_TRUE(has("old.shop.example", of_shop));
    EXPECT_FALSE(has("go.bank.example", of_shop));
    EXPECT_FALSE(has("pay.example", of_shop));
    EXPECT_FALSE(has("", of_shop));
    EXPECT_FALSE(has("evil.example", of_shop));
    EXPECT_TRUE(has("go.bank.example", of_bank));
    EXPECT_FALSE(has("go.shop.example", of_bank));
}

TEST_F(link_keys, one_of_the_default_domain_stays_there_when_the_account_gets_its_own) {
    start();
    const auto code = code_of(engine_world::shop);
    EXPECT_TRUE(has("pay.example", code));
    EXPECT_TRUE(has("", code)) << "a proxy that does not pass Host on";
    EXPECT_FALSE(has("go.shop.example", code));
    world.reload([](config::settings& next) {
        next.accounts[0].links.domains = {"go.shop.example"};
        next.accounts[1].links.domains = {"go.bank.example"};
    });
    EXPECT_TRUE(has("pay.example", code));
    EXPECT_TRUE(has("go.shop.example", code));
    EXPECT_FALSE(has("go.bank.example", code));
}

TEST_F(link_keys, a_domain_that_is_given_to_another_account_is_that_one_s) {
    world.settings.accounts[0].links.domains = {"go.example"};
    start();
    const auto code = code_of(engine_world::shop);
    world.reload([](config::settings& next) { next.accounts[0].links.domains.clear(); });
    EXPECT_TRUE(has("go.example", code)) << "what was sent goes on";
    world.reload([](config::settings& next) { next.accounts[1].links.domains = {"go.example"}; });
    EXPECT_FALSE(has("go.example", code));
}

TEST_F(link_keys, the_same_code_on_two_domains_is_two_links) {
    world.settings.accounts[0].links.domains = {"a.example", "b.example"};
    start();
    const auto first = world.submit("Pay https://shop.example/1 now");
    const auto code = world.gateway->find(engine_world::shop, first)->links.at(0);
    const auto second = world.submit("Pay https://shop.example/2 now");
    put_link(second, engine_world::shop, code, "b.example", "https://shop.example/other");
    EXPECT_EQ(world.gateway->find_link_at("a.example", code)->target, "https://shop.example/1");
    EXPECT_EQ(world.gateway->find_link_at("b.example", code)->target, "https://shop.example/other");
    hit("a.example", code);
    hit("b.example", code);
    hit("b.example", code);
    world.advance(20ms);
    const auto hits_of = [this](message_id id) {
        return world.gateway->find(engine_world::shop, id)->hits_total;
    };
    EXPECT_EQ(hits_of(first), 1U);
    EXPECT_EQ(hits_of(second), 2U);
    world.crash_and_start();
    EXPECT_EQ(hits_of(first), 1U) << "counted anew, by the message in the hit";
    EXPECT_EQ(hits_of(second), 2U);
}

TEST_F(link_keys, a_link_of_a_version_before_is_that_of_the_default_domain_or_its_account) {
    world.settings.accounts[0].links.base_url = "https://go.shop.example";
    start();
    const auto message = world.submit("Pay https://shop.example/1 now");
    put_link(message, engine_world::shop, "oldcodeABC", nullptr, "https://shop.example/old");
    EXPECT_TRUE(has("pay.example", "oldcodeABC"));
    EXPECT_TRUE(has("go.shop.example", "oldcodeABC"));
    EXPECT_FALSE(has("go.bank.example", "oldcodeABC"));
}

TEST_F(link_keys, only_people_use_a_link_up) {
    start();
    const auto code = code_with_uses(2);
    for (const auto what :
         {hit_class::preview, hit_class::prefetch, hit_class::scanner, hit_class::unknown}) {
        hit("", code, what);
        hit("", code, what);
    }
    EXPECT_FALSE(is_used_up(code));
    hit("", code);
    EXPECT_FALSE(is_used_up(code));
    hit("", code);  // in the same turn
    EXPECT_TRUE(is_used_up(code)) << "before it is on disk";
    world.advance(20ms);
    EXPECT_TRUE(is_used_up(code));
    hit("", code);
    world.advance(20ms);
    EXPECT_EQ(world.gateway->find_link_at("", code)->uses, 2U) << "and no more is counted";
    EXPECT_FALSE(is_used_up(code_of(engine_world::shop))) << "others have no limit";
}

TEST_F(link_keys, uses_are_exact_over_a_crash_at_any_time) {
    start();
    const auto code = code_with_uses(3);
    hit("", code);
    world.advance(20ms);  // stored
    world.commits_itself = false;
    hit("", code);
    world.turn();  // with the writer, in the hit log
    world.commits_itself = true;
    world.crash_and_start();
    EXPECT_EQ(world.gateway->find_link_at("", code)->uses, 2U);
    world.advance(20ms);
    world.crash_and_start();
    EXPECT_EQ(world.gateway->find_link_at("", code)->uses, 2U) << "counted once";
    hit("", code);
    EXPECT_TRUE(is_used_up(code));
}

TEST_F(link_keys, what_was_used_is_forgotten_with_the_link) {
    start();
    auto message = engine_world::text_to("819012345678", "Pay https://shop.example/invoice/1");
    message.link_max_uses = 1;
    message.link_expires_ms = world.now().wall_ms + 3'600'000;
    const auto code = code_of(std::move(message));
    EXPECT_EQ(world.gateway->find_link_at("", code)->expires_ms, world.now().wall_ms + 3'600'000);
    hit("", code);
    world.advance(20ms);
    EXPECT_EQ(world.entries(table::link_uses), 1U);
    world.leap(std::chrono::hours{24 * 31});
    world.advance(20s);
    EXPECT_EQ(world.entries(table::link_records), 0U);
    EXPECT_EQ(world.entries(table::link_uses), 0U);
}

TEST_F(link_keys, a_hit_is_safe_at_once_or_when_the_disk_has_it) {
    start();
    const auto code = code_of(engine_world::shop);
    const auto is_safe = [this] {
        return world.gateway->hits_safe() >= world.gateway->hits_taken();
    };
    hit("", code);
    world.turn();
    EXPECT_TRUE(is_safe());
    EXPECT_TRUE(world.outputs->syncs.empty()) << "only the death of the process is survived";
    world.reload([](config::settings& next) { next.accounts[1].policy = "any"; });
    world.commits_itself = false;
    hit("", code);
    EXPECT_FALSE(is_safe());
    world.turn();
    EXPECT_FALSE(is_safe());
    ASSERT_EQ(world.outputs->syncs.size(), 1U);
    EXPECT_EQ(world.outputs->syncs[0], world.gateway->hits_taken());
    world.gateway->on_hits_synced(world.outputs->syncs[0]);
    EXPECT_TRUE(is_safe());
    hit("", code);
    world.turn();
    EXPECT_FALSE(is_safe());
    world.commits_itself = true;
    world.advance(20ms);
    EXPECT_TRUE(is_safe()) << "it is in the store";
    world.reload(
        [](config::settings& next) { next.links.survive = config::hits_survive::process; });
    hit("", code);
    world.turn();
    EXPECT_TRUE(is_safe());
}

}  // namespace
}  // namespace hikyaku::gateway
