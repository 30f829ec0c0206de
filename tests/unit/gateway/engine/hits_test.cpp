// Hits on tracked links: stored, counted, told, and forgotten with what they belong to.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "gateway/engine/hits/hit_counter_cache.hpp"
#include "gateway/links/classify.hpp"
#include "gateway/model/records.hpp"
#include "gateway/model/tables.hpp"
#include "tests/support/engine_fixture.hpp"

namespace hikyaku::gateway {
namespace {

namespace table = model::table;
using testing::engine_world;
using namespace std::chrono_literals;

class hits : public ::testing::Test {
protected:
    engine_world world;
    message_id message{};
    std::string code;

    void SetUp() override { start(true); }
    void start(bool told) {
        world.settings.links.base_url = "https://pay.example";
        world.settings.accounts[0].links.track = true;
        if (told) {
            world.settings.accounts[0].webhook =
                config::account_webhook{.url = "https://shop.example/hook"};
        }
        world.start();
        world.bind_up(1);
        message = world.submit("Pay https://shop.example/invoice/1 now");
        code = world.gateway->find(engine_world::shop, message)->links.at(0);
    }
    // Counters that are in the store; 0 if none are.
    std::uint32_t stored_total() {
        const auto snapshot = world.store().read();
        const auto value = snapshot.get(table::hit_counts,
                                        model::message_key(static_cast<std::uint64_t>(message)));
        store::record_reader reader;
        const auto* counts = value ? reader.read<model::record::HitCounts>(*value) : nullptr;
        return counts == nullptr ? 0 : counts->total();
    }
    std::uint32_t total() { return world.gateway->find(engine_world::shop, message)->hits_total; }
    void hit(links::hit_class what, std::string_view of) {
        if (const auto link = world.gateway->find_link(of)) {
            world.gateway->on_hit({of, static_cast<std::uint8_t>(what), 5, "GET", "10.1.2.0",
                                   std::string_view("Phone 1.0")},
                                  *link, world.now());
        }
    }
};

class untold_hits : public hits {
protected:
    void SetUp() override { start(false); }
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
    world.advance(20ms);
    hit(links::hit_class::unknown, code);
    world.advance(20ms);
    auto view = world.gateway->find(engine_world::shop, message);
    EXPECT_EQ(view->hits_total, 3U);
    EXPECT_EQ(view->hits_by_class, (std::vector<std::uint32_t>{1, 1, 0, 0, 1, 0}));
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
    world.advance(20ms);
    view = world.gateway->find(engine_world::shop, message);
    EXPECT_EQ(view->hits_by_class, (std::vector<std::uint32_t>{1, 1, 0, 1, 1, 0}));
}

TEST_F(hits, answered_ones_survive_a_crash_before_the_commit_and_count_once) {
    hit(links::hit_class::human_likely, code);
    world.advance(20ms);
    world.commits_itself = false;
    hit(links::hit_class::preview, code);
    world.turn();  // with the writer
    hit(links::hit_class::scanner, code);
    hit(links::hit_class::human_likely, "nosuchcode");
    world.advance(std::chrono::seconds(2));
    world.commits_itself = true;
    world.crash_and_start();
    world.advance(20ms);
    auto view = world.gateway->find(engine_world::shop, message);
    EXPECT_EQ(view->hits_by_class, (std::vector<std::uint32_t>{1, 1, 0, 1, 0, 0}));
    EXPECT_EQ(world.entries(table::hits), 3U);
    EXPECT_EQ(world.entries(table::outbox), 3U) << "and told";
    for (int i = 0; i < 2; ++i) {
        world.crash_and_start();
        world.advance(20ms);
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
    world.advance(20ms);
    hit(links::hit_class::unknown, code);
    world.advance(20ms);
    EXPECT_EQ(world.gateway->find(engine_world::shop, message)->hits_total, 4U);
}

TEST_F(hits, retention_does_not_wait_for_the_disk_between_its_steps) {
    world.responder = [this](const auto& segment) {
        world.respond(segment, fmt::format("R{}", segment.token));
    };
    const auto count = world.entries(table::messages) + 3200;
    for (int i = 0; i < 3200; ++i)
        world.submit(engine_world::text_to("819012345678", "old"));
    ASSERT_EQ(world.entries(table::messages), count);
    world.commits_itself = false;
    world.leap(std::chrono::hours{24 * 31});
    world.advance(60ms);  // a slow disk
    EXPECT_EQ(world.entries(table::messages), count);
    world.write_batches();
    EXPECT_EQ(world.entries(table::messages), count - std::size_t{8 * 300})
        << "eight steps at once";
    world.commits_itself = true;
    world.report_batches();
    world.advance(60ms);
    EXPECT_EQ(world.entries(table::messages), 0U);
    EXPECT_EQ(world.gateway->count().expired_by_retention, count);
}

TEST_F(hits, retention_of_hits_goes_on_as_soon_as_a_step_is_on_disk) {
    for (int i = 0; i < 700; ++i)
        hit(links::hit_class::unknown, code);
    world.advance(5s);
    world.commits_itself = false;
    world.leap(std::chrono::hours{24 * 31});
    world.advance(100ms);  // a slow disk
    EXPECT_EQ(world.entries(table::hits), 700U);
    world.write_batches();
    EXPECT_EQ(world.entries(table::hits), 400U);
    world.commits_itself = true;
    world.report_batches();
    world.advance(30ms);
    EXPECT_EQ(world.entries(table::hits), 0U);
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
    EXPECT_EQ(world.entries(table::hits), 0U);
    EXPECT_EQ(world.entries(table::hit_counts), 0U);
    EXPECT_FALSE(world.gateway->find(engine_world::shop, second).has_value());
    EXPECT_EQ(world.state_of(queued), State::queued);
    EXPECT_TRUE(world.gateway->find_link(code).has_value());  // links live for 90 days
    world.leap(std::chrono::hours{24 * 120});
    world.advance(15s);
    EXPECT_EQ(world.entries(table::link_records), 0U);
    EXPECT_EQ(world.entries(table::expiry), 0U);
}

TEST_F(untold_hits, one_commit_takes_those_of_ten_milliseconds) {
    world.advance(20ms);
    const auto before = world.gateway->count().commits;
    for (int i = 0; i < 8; ++i) {
        hit(links::hit_class::unknown, code);
        world.advance(1ms);
    }
    EXPECT_EQ(world.gateway->count().commits, before);
    EXPECT_EQ(total(), 8U);
    world.advance(5ms);
    EXPECT_EQ(world.gateway->count().commits, before + 1);
    EXPECT_EQ(world.entries(table::hits), 8U);
    hit(links::hit_class::unknown, code);
    world.submit("something that waits for the disk");
    EXPECT_EQ(world.entries(table::hits), 9U) << "with everything else";
}

TEST_F(hits, told_with_the_same_commit) {
    hit(links::hit_class::unknown, code);
    world.advance(5ms);
    EXPECT_EQ(world.entries(table::hits), 0U);
    EXPECT_EQ(world.entries(table::outbox), 0U);
    world.advance(6ms);
    EXPECT_EQ(world.entries(table::hits), 1U);
    EXPECT_EQ(world.outputs->posted.size(), 1U);
}

TEST_F(hits, what_does_not_fit_is_counted_as_lost) {
    world.settings.links.hits_pending_max = 1;
    world.commits_itself = false;
    hit(links::hit_class::unknown, code);
    world.turn();
    hit(links::hit_class::unknown, code);
    world.turn();
    EXPECT_EQ(world.gateway->count().hits_lost, 1U);
}

TEST_F(hits, counters_are_written_later_and_only_once_for_many_hits) {
    for (int i = 0; i < 100; ++i)
        hit(links::hit_class::human_likely, code);
    world.advance(100ms);
    EXPECT_EQ(world.entries(table::hits), 100U);
    EXPECT_EQ(stored_total(), 0U);
    EXPECT_EQ(total(), 100U) << "who asks gets them from memory";
    world.advance(2 * hit_counter_cache::period);
    EXPECT_EQ(stored_total(), 100U);
    EXPECT_EQ(total(), 100U);
}

TEST_F(hits, counted_exactly_whenever_the_program_dies) {
    // At each moment some hits are in their counter, some only in the table, some only in the log.
    std::uint32_t made = 0;
    for (int round = 0; round < 60; ++round) {
        for (int i = 0; i <= round % 3; ++i, ++made)
            hit(links::hit_class::unknown, code);
        if (round % 4 != 0) world.advance(std::chrono::milliseconds(37 * round));
        world.gateway->flush(world.now());
        world.crash_and_start();
        ASSERT_EQ(total(), made) << round;
    }
    world.advance(2 * hit_counter_cache::period + 20ms);
    EXPECT_EQ(stored_total(), made);
    EXPECT_EQ(world.entries(table::hits), made);
}

TEST_F(hits, counted_exactly_after_the_clock_was_set_back) {
    hit(links::hit_class::unknown, code);
    world.advance(5s);
    hit(links::hit_class::unknown, code);
    world.clock.set_back(1h);
    hit(links::hit_class::unknown, code);
    world.advance(100ms);
    world.crash_and_start();
    EXPECT_EQ(total(), 3U);
    world.advance(5s);
    world.crash_and_start();
    EXPECT_EQ(total(), 3U);
}

TEST_F(hits, counted_exactly_when_two_links_of_a_message_were_tapped_at_once) {
    message = world.submit("https://shop.example/1 or https://shop.example/2");
    const auto codes = world.gateway->find(engine_world::shop, message)->links;
    ASSERT_EQ(codes.size(), 2U);
    for (const auto& tapped : {codes[0], codes[1], codes[0]})  // in the store in another order
        hit(links::hit_class::unknown, tapped);
    world.advance(100ms);
    ASSERT_EQ(stored_total(), 0U);
    world.crash_and_start();
    EXPECT_EQ(total(), 3U);
    world.advance(5s);
    world.crash_and_start();
    EXPECT_EQ(total(), 3U);
}

TEST_F(hits, beyond_the_bound_of_a_link_they_are_counted_and_not_kept) {
    for (int i = 0; i < 1500; ++i)
        hit(links::hit_class::unknown, code);
    world.advance(20ms);
    EXPECT_EQ(world.entries(table::hits), 1000U);
    world.crash_and_start();
    EXPECT_EQ(total(), 1500U);
    hit(links::hit_class::unknown, code);
    world.advance(5s);
    EXPECT_EQ(stored_total(), 1501U);
}

TEST_F(untold_hits, written_before_the_end_of_an_orderly_stop) {
    world.respond(world.outputs->sent[0], "A1");
    hit(links::hit_class::unknown, code);
    world.gateway->begin_drain();
    world.turn();
    EXPECT_TRUE(world.gateway->drained());
    EXPECT_EQ(world.entries(table::hits), 1U);
    EXPECT_EQ(stored_total(), 1U);
}

TEST_F(hits, tapped_while_message_or_link_is_being_removed_leaves_no_counters) {
    world.respond(world.outputs->sent[0], "A1");
    for (int i = 0; i < 3; ++i)
        hit(links::hit_class::unknown, code);
    world.advance(5s);
    EXPECT_EQ(stored_total(), 3U);
    const auto remove_and_tap = [&](std::chrono::hours after) {
        world.commits_itself = false;
        world.leap(after);
        world.advance(30ms);  // the disk is slow
        hit(links::hit_class::unknown, code);
        world.advance(30ms);
        world.write_batches();
        world.commits_itself = true;
        world.report_batches();
        world.advance(5s);
    };
    remove_and_tap(std::chrono::hours{24 * 31});
    EXPECT_EQ(world.entries(table::messages), 0U);
    EXPECT_EQ(world.entries(table::hit_counts), 0U);
    hit(links::hit_class::unknown, code);
    world.advance(5s);
    EXPECT_EQ(stored_total(), 1U) << "the link is there for 90 days";
    remove_and_tap(std::chrono::hours{24 * 120});
    EXPECT_EQ(world.entries(table::link_records), 0U);
    EXPECT_EQ(world.entries(table::hit_counts), 0U);
}

TEST_F(hits, counters_on_their_way_do_not_outlive_the_message) {
    world.respond(world.outputs->sent[0], "A1");
    world.receipt("A1", "DELIVRD");
    world.advance(15s);
    world.leap(std::chrono::hours{24 * 31});
    hit(links::hit_class::unknown, code);
    world.advance(20s);
    EXPECT_EQ(world.entries(table::messages), 0U);
    ASSERT_LE(world.entries(table::hit_counts), 1U);
    hit(links::hit_class::unknown, code);  // the link is there for 90 days
    world.advance(20s);
    EXPECT_EQ(world.entries(table::hit_counts), 1U);
    world.leap(std::chrono::hours{24 * 90});
    world.advance(20s);
    EXPECT_EQ(world.entries(table::link_records), 0U);
    EXPECT_EQ(world.entries(table::hit_counts), 0U) << "gone with the link";
}

TEST_F(hits, a_user_agent_is_cut_between_characters) {
    const auto told = [&](const std::string& agent) {
        const auto link = world.gateway->find_link(code);
        world.gateway->on_hit({code, 0, 5, "GET", "10.1.2.0", agent}, *link, world.now());
        world.advance(1s);
        const auto post = world.outputs->posted.back();
        world.gateway->on_webhook_answer(post.account, post.token, {200, {}, ""}, world.now());
        world.settle();
        return post.events.back().user_agent;
    };
    const std::string most(255, 'm');
    EXPECT_EQ(told(most + "m"), most + "m");
    EXPECT_EQ(told(most + "\xC3\xA9"), most);
    EXPECT_EQ(told(most.substr(1) + "\xE6\x94\xAF"), most.substr(1));
    EXPECT_EQ(told(most.substr(2) + "\xE6\x94\xAFx"), most.substr(2) + "\xE6\x94\xAF");
    EXPECT_EQ(told(most + "\xFF\xFE"), most + "\xFF");  // mended where JSON is written
}

}  // namespace
}  // namespace hikyaku::gateway
