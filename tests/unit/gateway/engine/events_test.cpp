// Replies, stored replies to HTTP requests, hits, and forgetting what is old.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "gateway/links/classify.hpp"
#include "tests/support/engine_fixture.hpp"

namespace hikyaku::gateway {
namespace {

using store::table;
using testing::engine_world;
using namespace std::chrono_literals;
using kind = idempotent_reply::kind;

class events : public ::testing::Test {
protected:
    engine_world world;
};

TEST_F(events, replies_by_number_then_by_keyword) {
    world.settings.accounts[0].numbers = {"+81501234"};
    world.settings.accounts[1].keywords = {"Bank"};
    world.start();
    world.bind_up(1);
    world.session_up(100);
    world.session_up(200, engine_world::bank);
    struct row {
        std::string_view text, to;
        std::uint64_t session;
    };
    std::size_t count = 0;
    for (const auto& [text, to, session] :
         {row{"hello", "81501234", 100}, row{"hello", "+81501234", 100},
          row{"BANK stop", "81501234", 100}, row{"bank", "999", 200},
          row{" bAnK  stop", "999", 200}, row{"\r\nBANK\nstop", "999", 200}}) {
        world.reply(text, to);
        ASSERT_EQ(world.deliveries(), ++count) << text;
        const auto& got = world.outputs->delivered.back();
        EXPECT_EQ(got.session, session_id{session}) << text;
        EXPECT_EQ(got.event.kind, EventKind::reply);
        EXPECT_EQ(got.event.text, text);
        EXPECT_EQ(got.event.octets, text);
        EXPECT_EQ(got.event.source, "819012345678");
        EXPECT_EQ(got.event.destination, to);
    }
    EXPECT_EQ(world.outputs->acknowledged.size(), count);
    EXPECT_EQ(world.gateway->count().replies, count);
}

TEST_F(events, unroutable_replies_are_kept_and_counted) {
    world.settings.accounts[0].keywords = {"shop"};
    world.start();
    world.bind_up(1);
    for (const auto* text : {"shopping", "", "   ", "hello shop"})
        world.reply(text, "4242");
    EXPECT_EQ(world.gateway->count().replies_unroutable, 4U);
    EXPECT_EQ(world.entries(table::unmatched), 4U);
    EXPECT_EQ(world.outputs->acknowledged.size(), 4U);
    world.crash_and_start();
    EXPECT_EQ(world.entries(table::unmatched), 4U);
}

TEST_F(events, replies_in_ucs2_and_behind_a_header_are_read) {
    world.settings.accounts[0].numbers = {"4242"};
    world.start();
    world.bind_up(1);
    world.session_up(100);
    world.hand_in_deliver_sm(1, std::string_view("\x98\xDB\x81\x1A", 4), "8190", "4242", 0, 8);
    world.hand_in_deliver_sm(1, std::string_view("\x05\x00\x03\x01\x02\x01hello", 11), "8190",
                             "4242", 0x40, 0);
    world.settle();
    ASSERT_EQ(world.deliveries(), 2U);
    EXPECT_EQ(world.outputs->delivered[0].event.text, "飛脚");
    EXPECT_EQ(world.outputs->delivered[1].event.text, "hello");
    EXPECT_EQ(world.outputs->delivered[1].event.octets.size(), 11U);
}

class idempotency : public events {
protected:
    const std::string hash = std::string(32, 'h');
    idempotent_reply begin(std::string_view key = "key-1", account_id account = engine_world::shop,
                           std::string_view body_hash = {}) {
        return world.gateway->begin_idempotent(
            account, key, body_hash.empty() ? std::string_view(hash) : body_hash, world.now());
    }
    void store(std::string_view key = "key-1") {
        world.gateway->store_reply(engine_world::shop, key, 202, "application/json", "{\"a\":1}",
                                   world.now());
    }
};

TEST_F(idempotency, fresh_in_flight_replay_mismatch) {
    world.start();
    EXPECT_EQ(begin().what, kind::fresh);
    EXPECT_EQ(begin().what, kind::in_flight);
    EXPECT_EQ(begin("key-1", engine_world::bank).what, kind::fresh);
    EXPECT_EQ(begin("key-2").what, kind::fresh);
    world.commits_itself = false;
    store();
    world.turn();
    EXPECT_EQ(begin().what, kind::in_flight);
    world.write_batches();
    EXPECT_EQ(begin().what, kind::in_flight);
    world.commits_itself = true;
    world.settle();
    const auto replay = begin();
    EXPECT_EQ(replay.what, kind::replay);
    EXPECT_EQ(replay.status, 202U);
    EXPECT_EQ(replay.content_type, "application/json");
    EXPECT_EQ(replay.body, "{\"a\":1}");
    EXPECT_EQ(begin("key-1", engine_world::shop, std::string(32, 'x')).what, kind::mismatch);
    world.crash_and_start();
    EXPECT_EQ(begin().what, kind::replay);
    EXPECT_EQ(begin("key-2").what, kind::fresh);  // was never answered
}

TEST_F(idempotency, forgotten_when_the_request_or_the_commit_failed) {
    world.start();
    EXPECT_EQ(begin().what, kind::fresh);
    world.gateway->forget_reply(engine_world::shop, "key-1");
    store();  // has no effect any more
    EXPECT_EQ(begin().what, kind::fresh);
    world.acceptances_to_fail = 1;
    (void)world.hand_in(engine_world::text_to("819012345678", "x"));
    store();
    world.settle();
    EXPECT_EQ(world.outputs->settled.back().why, refusal::store_failing);
    EXPECT_EQ(begin().what, kind::fresh);
}

TEST_F(idempotency, expires_after_a_day_and_its_successor_lives_as_long) {
    world.start();
    EXPECT_EQ(begin().what, kind::fresh);
    store();
    world.settle();
    world.leap(23h);
    EXPECT_EQ(begin().what, kind::replay);
    // Retention has not come by yet when the key is used again.
    world.clock.move_to(world.now().steady + 1h);
    EXPECT_EQ(begin().what, kind::fresh);
    store();
    world.settle();
    world.advance(1min);
    EXPECT_EQ(begin().what, kind::replay);
    EXPECT_EQ(world.entries(table::idempotency), 1U);
    world.leap(25h);
    world.advance(30s);
    EXPECT_EQ(world.entries(table::idempotency), 0U);
    EXPECT_EQ(world.entries(table::expiry), 0U);
}

class hits : public events {
protected:
    message_id message{};
    std::string code;

    void SetUp() override {
        world.settings.links.base_url = "https://pay.example";
        world.settings.accounts[0].links.track = true;
        world.settings.accounts[0].webhook =
            config::account_webhook{.url = "https://shop.example/hook"};
        world.start();
        world.bind_up(1);
        message = world.submit("Pay https://shop.example/invoice/1 now");
        code = world.gateway->find(engine_world::shop, message)->links.at(0);
    }
    void hit(links::hit_class what, std::string_view of) {
        world.gateway->on_hit({of, static_cast<std::uint8_t>(what), 5, "GET", "10.1.2.0",
                               std::string_view("Phone 1.0")},
                              world.now());
    }
};

TEST_F(hits, links_are_stored_with_the_message_and_found) {
    EXPECT_EQ(world.outputs->sent[0].octets, "Pay https://pay.example/" + code + " now");
    const auto link = world.gateway->find_link(code);
    ASSERT_TRUE(link.has_value());
    EXPECT_EQ(link->target, "https://shop.example/invoice/1");
    EXPECT_EQ(link->message, message);
    EXPECT_EQ(link->created_ms, world.now().wall_ms);
    EXPECT_EQ(link->expires_ms - link->created_ms, std::int64_t{90} * 24 * 3600 * 1000);
    EXPECT_FALSE(world.gateway->find_link("nosuchcode").has_value());
    EXPECT_FALSE(world.gateway->find_link("").has_value());
}

TEST_F(hits, counted_by_class_stored_and_posted) {
    hit(links::hit_class::preview, code);
    hit(links::hit_class::human_likely, code);  // in the same turn
    hit(links::hit_class::human_likely, "nosuchcode");
    world.settle();
    hit(links::hit_class::unknown, code);
    world.settle();
    auto view = world.gateway->find(engine_world::shop, message);
    EXPECT_EQ(view->hits_total, 3U);
    EXPECT_EQ(view->hits_by_class, (std::vector<std::uint32_t>{1, 1, 0, 0, 1}));
    EXPECT_EQ(world.entries(table::hits), 3U);
    EXPECT_EQ(world.gateway->count().hits, 3U);
    ASSERT_EQ(world.outputs->posted.size(), 1U);
    EXPECT_EQ(world.outputs->posted[0].events[0].kind, EventKind::hit);
    EXPECT_EQ(world.outputs->posted[0].events[0].link, code);
    EXPECT_EQ(world.outputs->posted[0].events[0].message, message);
    EXPECT_EQ(world.outputs->posted[0].events[0].destination, "819012345678");
    EXPECT_EQ(world.account().outbox_webhook, 3U);
    world.crash_and_start();
    hit(links::hit_class::scanner, code);
    world.settle();
    view = world.gateway->find(engine_world::shop, message);
    EXPECT_EQ(view->hits_by_class, (std::vector<std::uint32_t>{1, 1, 0, 1, 1}));
}

TEST_F(hits, answered_ones_survive_a_crash_before_the_commit_and_count_once) {
    hit(links::hit_class::human_likely, code);
    world.settle();
    world.commits_itself = false;
    hit(links::hit_class::preview, code);
    world.turn();  // with the writer
    hit(links::hit_class::scanner, code);
    hit(links::hit_class::human_likely, "nosuchcode");
    world.advance(std::chrono::seconds(2));
    world.commits_itself = true;
    world.crash_and_start();
    world.settle();
    auto view = world.gateway->find(engine_world::shop, message);
    EXPECT_EQ(view->hits_by_class, (std::vector<std::uint32_t>{1, 1, 0, 1, 0}));
    EXPECT_EQ(world.entries(table::hits), 3U);
    EXPECT_EQ(world.entries(table::outbox), 3U) << "and told";
    for (int i = 0; i < 2; ++i) {
        world.crash_and_start();
        world.settle();
        EXPECT_EQ(world.gateway->find(engine_world::shop, message)->hits_total, 3U) << "not again";
    }
}

TEST_F(hits, bounded_while_the_disk_refuses) {
    world.settings.links.hits_pending_max = 3;
    world.commits_itself = false;
    for (int i = 0; i < 5; ++i)
        hit(links::hit_class::unknown, code);
    world.turn();
    EXPECT_EQ(world.gateway->count().hits_lost, 2U);
    world.commits_itself = true;
    world.settle();
    hit(links::hit_class::unknown, code);
    world.settle();
    EXPECT_EQ(world.gateway->find(engine_world::shop, message)->hits_total, 4U);
}

TEST_F(hits, retention_goes_on_as_soon_as_a_step_is_on_disk) {
    world.responder = [this](const auto& segment) {
        world.respond(segment, fmt::format("R{}", segment.token));
    };
    for (int i = 0; i < 700; ++i)
        world.submit(engine_world::text_to("819012345678", "old"));
    ASSERT_GT(world.entries(table::messages), 700U);
    world.commits_itself = false;
    world.leap(std::chrono::hours{24 * 31});
    world.clock.move_to(world.now().steady + 100ms);  // a slow disk, and ticks meanwhile
    world.gateway->tick(world.now());
    world.turn();
    ASSERT_GT(world.gateway->next_deadline(world.now()), world.now().steady);
    world.write_batches();
    world.report_batches();
    EXPECT_LE(world.gateway->next_deadline(world.now()), world.now().steady);
}

TEST_F(hits, retention_forgets_the_message_and_all_that_belongs_to_it) {
    auto referenced = engine_world::text_to("819012345678", "See https://shop.example/2");
    referenced.reference = "order-1";
    const auto second = world.submit(std::move(referenced));
    world.respond(world.outputs->sent[0], "A1");
    world.respond(world.outputs->sent[1], "A2");
    world.receipt("A2", "DELIVRD");
    world.receipt("nobody", "DELIVRD");
    hit(links::hit_class::unknown, code);
    auto later = engine_world::text_to("819012345678", "still to be sent");
    later.send_at_ms = world.now().wall_ms + std::int64_t{60} * 24 * 3600 * 1000;
    const auto queued = world.submit(std::move(later));
    world.leap(std::chrono::hours{24 * 29});
    world.advance(15s);
    EXPECT_EQ(world.entries(table::messages), 3U);
    EXPECT_EQ(world.entries(table::unmatched), 0U);
    world.leap(std::chrono::hours{24 * 2});
    world.advance(15s);
    EXPECT_EQ(world.entries(table::messages), 1U);
    EXPECT_EQ(world.entries(table::outcomes), 0U);
    EXPECT_EQ(world.entries(table::receipt_keys), 0U);
    EXPECT_EQ(world.entries(table::references), 0U);
    EXPECT_EQ(world.entries(table::hits), 0U);
    EXPECT_EQ(world.entries(table::hit_counts), 0U);
    EXPECT_FALSE(world.gateway->find(engine_world::shop, second).has_value());
    EXPECT_EQ(world.state_of(queued), State::queued);
    EXPECT_TRUE(world.gateway->find_link(code).has_value());  // links live for 90 days
    world.leap(std::chrono::hours{24 * 120});
    world.advance(15s);
    EXPECT_EQ(world.entries(table::links), 0U);
    EXPECT_EQ(world.entries(table::expiry), 0U);
}

TEST_F(events, retention_leaves_a_key_that_speaks_of_a_younger_message) {
    world.start();
    world.bind_up(1);
    world.submit("old");
    world.respond(world.outputs->sent[0], "A1");
    world.leap(std::chrono::hours{24 * 20});
    const auto young = world.submit("young");
    world.respond(world.outputs->sent[1], "A1");  // the carrier counts its ids round
    world.leap(std::chrono::hours{24 * 11});
    world.advance(15s);
    EXPECT_EQ(world.entries(table::messages), 1U);
    world.receipt("A1", "DELIVRD");
    EXPECT_EQ(world.state_of(young), State::delivered);
}

}  // namespace
}  // namespace hikyaku::gateway
