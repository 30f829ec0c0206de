// Replies, stored replies to HTTP requests, and forgetting what is old.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "gateway/model/tables.hpp"
#include "tests/support/engine_fixture.hpp"

namespace hikyaku::gateway {
namespace {

namespace table = model::table;
using testing::engine_world;
using namespace std::chrono_literals;
using kind = idempotent_reply::kind;

class events : public ::testing::Test {
protected:
    engine_world world;
};

TEST_F(events, replies_by_keyword_then_by_number) {
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
          row{"BANK stop", "81501234", 200}, row{"bank", "999", 200},
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
    EXPECT_EQ(world.entries(table::replies), 1U);
    world.leap(25h);
    world.advance(30s);
    EXPECT_EQ(world.entries(table::replies), 0U);
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
