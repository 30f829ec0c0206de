// Visits: unique hits, what raises them to a person's, links that were seen, and hits of before by
// other lists; exact whenever the program dies.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>

#include "gateway/engine/hits/hit_counter_cache.hpp"
#include "gateway/links/hit_lists.hpp"
#include "gateway/model/records.hpp"
#include "gateway/model/tables.hpp"
#include "tests/support/engine_fixture.hpp"

namespace hikyaku::gateway {
namespace {

namespace table = model::table;
using links::hit_class;
using links::hit_reason;
using testing::engine_world;
using namespace std::chrono_literals;

constexpr std::string_view phone_agent =
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/17.5 Mobile/15E148 Safari/604.1";
constexpr std::string_view home = "203.0.113.0/24";

std::uint32_t bits(std::initializer_list<hit_reason> reasons) {
    std::uint32_t sum = 0;
    for (const auto each : reasons)
        sum |= static_cast<std::uint32_t>(each);
    return sum;
}

class visits : public ::testing::Test {
protected:
    engine_world world;
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
        code = view().links.at(0);
    }
    message_view view() { return *world.gateway->find(engine_world::shop, message); }
    std::uint32_t of(hit_class what) {
        return view().hits_by_class.at(static_cast<std::size_t>(what));
    }
    link_view link() { return *world.gateway->find_link(code); }
    void hit(std::uint32_t reasons, std::string_view agent = phone_agent,
             std::string_view from = home, std::string_view method = "GET") {
        const auto kind = links::class_of(reasons);
        world.gateway->on_hit({code, static_cast<std::uint8_t>(kind), reasons, method, from, agent},
                              link(), world.now());
    }
    void person() { hit(bits({hit_reason::mobile_browser})); }
    /// A phone_agent that lacks a header: nobody knows.
    void unsure() { hit(bits({hit_reason::mobile_browser, hit_reason::no_accept_language})); }
    void machine() { hit(bits({hit_reason::automation_agent}), "curl/8"); }
    visitor who(std::string_view agent = phone_agent) { return {code, home, agent}; }
    std::uint32_t asset(std::string_view agent = phone_agent) {
        return world.gateway->on_asset(who(agent), link(), world.now());
    }
    seen_answer tell_seen(std::int64_t at_ms, account_id account = engine_world::shop) {
        const auto answer =
            world.gateway->tell_seen(account, code, at_ms, {session_id{7}, 0}, world.now());
        world.settle();
        return answer;
    }
    const model::record::HitCounts* stored(store::record_reader& reader) {
        return world.store().read().get(
            table::hit_counts, model::message_key(static_cast<std::uint64_t>(message)), reader);
    }
    void crash() {
        world.crash_and_start();
        taken_ = 0;
    }
    /// Posts of the webhook so far, each taken.
    std::vector<testing::kept_event> told() {
        std::vector<testing::kept_event> all;
        for (std::size_t i = 0; i < 20; ++i) {
            world.advance(1s);
            if (taken_ == world.outputs->posted.size()) break;
            while (taken_ < world.outputs->posted.size()) {
                const auto post = world.outputs->posted[taken_++];
                all.insert(all.end(), post.events.begin(), post.events.end());
                world.gateway->on_webhook_answer(post.account, post.token, {200, {}, ""},
                                                 world.now());
            }
            world.settle();
        }
        return all;
    }
    std::shared_ptr<const links::hit_lists> lists_with(std::string_view pattern,
                                                       config::agent_says says) {
        config::settings settings;
        settings.agents.agents.push_back({says, {std::string(pattern)}});
        return std::make_shared<const links::hit_lists>(settings);
    }
    void reclassify(std::shared_ptr<const links::hit_lists> lists) {
        world.gateway->use_hit_lists(std::move(lists), world.now());
        world.gateway->begin_reclassification(world.now());
        for (int i = 0; i < 1000 && world.gateway->reclassification().running; ++i)
            world.advance(20ms);
        EXPECT_FALSE(world.gateway->reclassification().running);
    }

    std::size_t taken_ = 0;
};

TEST_F(visits, five_taps_of_one_phone_are_five_hits_and_one_visit) {
    for (int i = 0; i < 5; ++i)
        person();
    world.advance(20ms);
    EXPECT_EQ(view().hits_total, 5U);
    EXPECT_EQ(view().hits_unique, 1U);
    EXPECT_EQ(view().seen_ms, 0);
    hit(bits({hit_reason::mobile_browser}), phone_agent, "198.51.100.0/24");
    machine();
    EXPECT_EQ(view().hits_unique, 3U);
    world.leap(24h);
    person();
    world.advance(20ms);
    EXPECT_EQ(view().hits_unique, 4U) << "another day";
    EXPECT_EQ(world.gateway->count().visits, 4U);
    const auto events = told();
    ASSERT_EQ(events.size(), 8U);
    EXPECT_TRUE(events[0].first_of_visit);
    EXPECT_FALSE(events[1].first_of_visit);
    EXPECT_TRUE(events[5].first_of_visit);
}

TEST_F(visits, are_exact_whenever_the_program_dies) {
    std::set<std::string> seen;
    std::uint32_t made = 0;
    for (int round = 0; round < 40; ++round) {
        for (int i = 0; i <= round % 3; ++i, ++made) {
            const auto from = fmt::format("10.0.{}.0/24", (round * 7 + i * 3) % 11);
            hit(bits({hit_reason::mobile_browser}), phone_agent, from);
            seen.insert(from);
        }
        if (round % 4 != 0) world.advance(std::chrono::milliseconds(37 * round));
        world.gateway->flush(world.now());
        crash();
        ASSERT_EQ(view().hits_total, made) << round;
        ASSERT_EQ(view().hits_unique, seen.size()) << round;
    }
    world.advance(2 * hit_counter_cache::period + 20ms);
    store::record_reader reader;
    const auto* counts = stored(reader);
    ASSERT_NE(counts, nullptr);
    EXPECT_EQ(counts->unique(), seen.size());
    EXPECT_EQ(counts->marks()->size(), made);
}

TEST_F(visits, do_not_grow_without_a_limit) {
    for (int i = 0; i < 1500; ++i)
        hit(bits({hit_reason::mobile_browser}), phone_agent,
            fmt::format("10.{}.{}.0/24", i / 250, i % 250));
    world.advance(5s);
    EXPECT_EQ(view().hits_total, 1500U);
    EXPECT_EQ(view().hits_unique, 1000U) << "of those that are kept one by one";
    store::record_reader reader;
    EXPECT_EQ(stored(reader)->marks()->size(), 1000U);
    crash();
    EXPECT_EQ(view().hits_unique, 1000U);
}

TEST_F(visits, of_hits_from_before_are_not_known) {
    person();
    world.advance(5s);
    {
        // As a former version has stored them.
        flatbuffers::FlatBufferBuilder fb;
        const std::vector<std::uint32_t> classes{1, 1, 0, 0, 0};
        fb.Finish(model::record::CreateHitCounts(fb, 2, fb.CreateVector(classes), 1, 1));
        store::batch rows;
        rows.put(
            table::hit_counts, model::message_key(static_cast<std::uint64_t>(message)),
            std::string_view(reinterpret_cast<const char*>(fb.GetBufferPointer()), fb.GetSize()));
        world.gateway->keep(rows, {}, world.now());
        world.settle();
    }
    crash();
    EXPECT_EQ(view().hits_total, 2U);
    EXPECT_EQ(view().hits_unique, std::nullopt);
    EXPECT_EQ(of(hit_class::preview), 1U);
    EXPECT_EQ(of(hit_class::automation), 0U);
}

TEST_F(visits, an_asset_raises_what_nobody_knew) {
    unsure();
    unsure();
    machine();
    hit(bits({hit_reason::mobile_browser, hit_reason::prefetch_header}));
    EXPECT_EQ(of(hit_class::unknown), 2U);
    EXPECT_EQ(asset(), 3U);
    EXPECT_EQ(of(hit_class::human_likely), 3U);
    EXPECT_EQ(of(hit_class::unknown), 0U);
    EXPECT_EQ(of(hit_class::prefetch), 0U);
    EXPECT_EQ(asset(), 0U) << "once";
    EXPECT_EQ(asset("curl/8"), 0U) << "a program's name speaks against it";
    EXPECT_EQ(of(hit_class::automation), 1U);
    EXPECT_EQ(asset("another phone_agent"), 0U);
    unsure();
    EXPECT_EQ(of(hit_class::unknown), 1U) << "earlier hits only";
    EXPECT_EQ(view().seen_ms, 0) << "an asset is no person who has seen it";
    EXPECT_EQ(view().hits_total, 5U);
    world.advance(20ms);
    crash();
    EXPECT_EQ(of(hit_class::human_likely), 3U);
    EXPECT_EQ(of(hit_class::unknown), 1U);
    EXPECT_EQ(world.gateway->count().hits_raised, 0U);
    for (const auto& each : told())
        EXPECT_EQ(each.kind, EventKind::hit);
}

TEST_F(visits, an_asset_of_the_next_day_is_another_visit) {
    unsure();
    world.leap(24h);
    EXPECT_EQ(asset(), 0U);
    EXPECT_EQ(of(hit_class::unknown), 1U);
}

TEST_F(visits, a_persons_act_raises_all_of_its_visit_and_the_link_is_seen) {
    unsure();
    machine();
    world.gateway->on_seen(who("curl/8"), link(), world.now());
    world.settle();
    EXPECT_EQ(of(hit_class::automation), 0U);
    EXPECT_EQ(of(hit_class::human_likely), 1U);
    EXPECT_EQ(of(hit_class::unknown), 1U);
    const auto first = view().seen_ms;
    EXPECT_EQ(first, world.now().wall_ms);
    world.advance(5s);
    world.gateway->on_seen(who(), link(), world.now());
    world.settle();
    EXPECT_EQ(of(hit_class::unknown), 0U);
    EXPECT_EQ(view().seen_ms, first) << "the first time counts";
    crash();
    EXPECT_EQ(view().seen_ms, first);
    EXPECT_EQ(of(hit_class::human_likely), 2U);
    std::size_t seen = 0;
    for (const auto& each : told())
        if (each.kind == EventKind::link_seen) ++seen;
    EXPECT_EQ(seen, 1U);
}

TEST_F(visits, a_target_tells_once_however_often) {
    EXPECT_EQ(tell_seen(0, account_id{99}).why, refusal::not_found) << "another account's";
    const auto at = world.now().wall_ms;
    world.advance(3s);
    const auto first = tell_seen(at);
    EXPECT_EQ(first.why, refusal::none);
    EXPECT_EQ(first.at_ms, at);
    EXPECT_EQ(tell_seen(at + 2000).at_ms, at);
    EXPECT_EQ(view().seen_ms, at);
    crash();
    EXPECT_EQ(tell_seen(at + 3000).at_ms, at);
    EXPECT_EQ(view().seen_ms, at);
    EXPECT_EQ(view().hits_total, 0U);
    const auto events = told();
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(events[0].kind, EventKind::link_seen);
    EXPECT_EQ(events[0].link, code);
    EXPECT_EQ(events[0].message, message);
    EXPECT_EQ(events[0].destination, "819012345678");
}

TEST_F(visits, a_target_is_answered_when_it_is_on_disk_also_twice_at_once) {
    world.commits_itself = false;
    const auto before = world.outputs->kept.size();
    const auto at = world.now().wall_ms;
    EXPECT_EQ(
        world.gateway->tell_seen(engine_world::shop, code, at, {session_id{7}, 0}, world.now())
            .at_ms,
        at);
    world.turn();
    EXPECT_EQ(world.gateway
                  ->tell_seen(engine_world::shop, code, at - 1000, {session_id{8}, 0}, world.now())
                  .at_ms,
              at)
        << "on its way";
    world.turn();
    EXPECT_EQ(world.outputs->kept.size(), before);
    world.write_batches();
    world.commits_itself = true;
    world.report_batches();
    EXPECT_EQ(world.outputs->kept.size(), before + 2);
    EXPECT_EQ(world.gateway->count().links_seen, 1U);
    EXPECT_EQ(told().size(), 1U);
}

TEST_F(visits, what_was_seen_goes_when_its_link_expires) {
    world.respond(world.outputs->sent[0], "A1");
    world.receipt("A1", "DELIVRD");
    EXPECT_EQ(tell_seen(world.now().wall_ms).why, refusal::none);
    EXPECT_EQ(world.entries(table::link_seen), 1U);
    world.leap(std::chrono::hours{24 * 91});
    world.advance(20s);
    EXPECT_EQ(world.entries(table::link_seen), 0U);
    EXPECT_EQ(world.entries(table::hit_counts), 0U);
    EXPECT_EQ(tell_seen(world.now().wall_ms).why, refusal::not_found) << "it has expired";
    world.gateway->on_seen(who(), link(), world.now());
    world.advance(1s);
    EXPECT_EQ(world.entries(table::link_seen), 0U);
    world.leap(std::chrono::hours{24 * 40});
    world.advance(20s);
    EXPECT_EQ(world.entries(table::link_records), 0U);
    EXPECT_EQ(world.entries(table::hit_counts), 0U);
    EXPECT_EQ(tell_seen(world.now().wall_ms).why, refusal::not_found);
}

TEST_F(visits, new_lists_apply_to_hits_of_before_and_tell_what_moved) {
    const auto soon = bits({hit_reason::mobile_browser, hit_reason::too_soon});
    hit(bits({hit_reason::scanner_agent, hit_reason::mobile_browser}),
        phone_agent);  // by lists of before
    hit(soon, phone_agent);
    hit(bits({}), "OurGate/1.0");
    world.advance(5s);
    const auto events = told().size();
    EXPECT_EQ(events, 3U);
    EXPECT_EQ(of(hit_class::scanner), 2U);
    reclassify(lists_with("^OurGate/", config::agent_says::scanner));
    const auto done = world.gateway->reclassification();
    EXPECT_EQ(done.looked_at, 3U);
    EXPECT_EQ(of(hit_class::human_likely), 1U);
    EXPECT_EQ(of(hit_class::scanner), 2U) << "too soon stays, OurGate is new";
    EXPECT_EQ(of(hit_class::unknown), 0U);
    EXPECT_EQ(done.moved[3][0], 1U);
    EXPECT_EQ(done.moved[4][3], 1U);
    EXPECT_EQ(view().hits_total, 3U);
    EXPECT_EQ(view().hits_unique, 2U);
    EXPECT_EQ(told().size(), 0U) << "never told twice as new";
    reclassify(lists_with("^OurGate/", config::agent_says::scanner));
    const auto again = world.gateway->reclassification();
    EXPECT_EQ(again.looked_at, 3U);
    EXPECT_EQ(again.reasons_only, 0U);
    EXPECT_EQ(again.moved, (reclassification_view{}.moved)) << "idempotent";
    crash();
    EXPECT_EQ(of(hit_class::human_likely), 1U);
    EXPECT_EQ(of(hit_class::scanner), 2U);
}

TEST_F(visits, what_was_raised_stays_a_persons_by_other_lists) {
    hit(bits({}), "NewPhone/1.0");
    hit(bits({}), "NewTool/1.0");
    EXPECT_EQ(asset("NewPhone/1.0"), 1U);
    EXPECT_EQ(asset("NewTool/1.0"), 1U);
    hit(bits({}), "Verified/1.0");
    world.gateway->on_seen(who("Verified/1.0"), link(), world.now());
    world.advance(20ms);
    config::settings settings;
    settings.agents.agents.push_back({config::agent_says::automation, {"^NewTool/", "^Verified/"}});
    settings.agents.agents.push_back({config::agent_says::app, {"^Nothing/"}});
    reclassify(std::make_shared<const links::hit_lists>(settings));
    EXPECT_EQ(of(hit_class::human_likely), 2U) << "by the asset, and by the person's act";
    EXPECT_EQ(of(hit_class::automation), 1U) << "a program's name speaks against an asset";
}

TEST_F(visits, a_reclassification_goes_on_after_each_death) {
    for (int i = 0; i < 700; ++i) {
        hit(bits({}), i % 2 == 0 ? "OurGate/1.0" : "Other/1.0",
            fmt::format("10.0.{}.0/24", i % 250));
        if (i % 50 == 0) world.advance(20ms);
    }
    world.advance(5s);
    const auto lists = lists_with("^OurGate/", config::agent_says::scanner);
    world.gateway->use_hit_lists(lists, world.now());
    world.gateway->begin_reclassification(world.now());
    int deaths = 0;
    for (int i = 0; i < 100 && world.gateway->reclassification().running; ++i) {
        world.advance(std::chrono::milliseconds(15));
        if (!world.gateway->reclassification().running) break;
        crash();
        world.gateway->use_hit_lists(lists, world.now());
        ++deaths;
        const auto& classes = view().hits_by_class;
        std::uint32_t sum = 0;
        for (const auto each : classes)
            sum += each;
        ASSERT_EQ(sum, 700U);
    }
    EXPECT_GE(deaths, 2);
    const auto done = world.gateway->reclassification();
    EXPECT_FALSE(done.running);
    EXPECT_EQ(done.looked_at, 700U);
    EXPECT_EQ(done.moved[4][3], 350U);
    EXPECT_EQ(of(hit_class::scanner), 350U);
    EXPECT_EQ(of(hit_class::unknown), 350U);
    crash();
    EXPECT_EQ(of(hit_class::scanner), 350U);
}

TEST_F(visits, a_step_waits_for_the_disk_and_hits_go_on) {
    for (int i = 0; i < 400; ++i)
        hit(bits({}), "OurGate/1.0");
    world.advance(5s);
    world.gateway->use_hit_lists(lists_with("^OurGate/", config::agent_says::scanner), world.now());
    world.commits_itself = false;
    world.gateway->begin_reclassification(world.now());
    world.advance(50ms);
    EXPECT_EQ(world.gateway->reclassification().looked_at, 0U);
    machine();
    world.write_batches();
    world.commits_itself = true;
    world.report_batches();
    for (int i = 0; i < 100 && world.gateway->reclassification().running; ++i)
        world.advance(20ms);
    EXPECT_EQ(of(hit_class::scanner), 400U);
    EXPECT_EQ(of(hit_class::automation), 1U);
    EXPECT_EQ(view().hits_total, 401U);
}

TEST_F(visits, a_reclassification_brings_no_counters_of_forgotten_messages_back) {
    world.respond(world.outputs->sent[0], "A1");
    world.receipt("A1", "DELIVRD");
    hit(bits({}), "OurGate/1.0");
    world.advance(15s);
    world.leap(std::chrono::hours{24 * 29});
    hit(bits({}), "OurGate/1.0");
    world.advance(5s);
    world.leap(std::chrono::hours{24 * 2});
    world.advance(20s);
    ASSERT_EQ(world.entries(table::messages), 0U);
    ASSERT_EQ(world.entries(table::hits), 1U);
    reclassify(lists_with("^OurGate/", config::agent_says::scanner));
    EXPECT_EQ(world.gateway->reclassification().looked_at, 1U);
    EXPECT_EQ(world.entries(table::hit_counts), 0U);
}

}  // namespace
}  // namespace hikyaku::gateway
