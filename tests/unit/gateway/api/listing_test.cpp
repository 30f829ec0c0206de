// The listing of messages, with the real engine and its store: what is shown, page by page and line
// by line, and that each message looks as when it is asked for alone.
#include "gateway/api/listing.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <deque>

#include "gateway/api/json/text.hpp"
#include "gateway/api/messages.hpp"
#include "gateway/api/times.hpp"
#include "store/ids.hpp"
#include "tests/support/engine_fixture.hpp"

namespace hikyaku::gateway::api {
namespace {

using testing::engine_world;
using namespace std::chrono_literals;

// Does its work when the test says so.
class slow_readers final : public readers {
public:
    explicit slow_readers(store::environment& from) : from_(from) {}
    taken_place take_place(account_id account) override {
        asked_by = account;
        return {shortage_now == shortage::none ? place : nullptr, shortage_now};
    }
    std::size_t places_of_account() const override { return 4; }
    void run(std::function<void(store::environment&)> work, std::function<void()> done) override {
        jobs.emplace_back(std::move(work), std::move(done));
    }
    void work_off() {
        ASSERT_EQ(jobs.size(), 1u);
        const auto [work, done] = std::move(jobs.front());
        jobs.pop_front();
        work(from_);
        ++slices;
        done();
    }
    shortage shortage_now = shortage::none;
    account_id asked_by{};
    int slices = 0;
    std::shared_ptr<void> place = std::make_shared<char>();
    std::deque<std::pair<std::function<void(store::environment&)>, std::function<void()>>> jobs;

private:
    store::environment& from_;
};

struct Listing : ::testing::Test {
    engine_world world;
    std::unique_ptr<slow_readers> pool;

    void start() {
        world.start();
        world.bind_up(1);
        pool = std::make_unique<slow_readers>(world.store());
    }
    http_response begin(const listing_query& query) {
        return listing_response(query, std::make_shared<const shown_names>(world.gateway->names()),
                                *pool);
    }
    // The whole body of a query.
    std::string body(listing_query query) {
        const auto response = begin(query);
        EXPECT_EQ(response.status, 200u);
        if (response.source == nullptr) return {};
        int woken = 0;
        response.source->on_wake([&woken] { ++woken; });
        std::string out;
        while (response.source->next(out, 1000, {}) == source_state::wait) {
            EXPECT_EQ(response.source->next(out, 1000, {}), source_state::wait) << "one at a time";
            pool->work_off();
        }
        EXPECT_EQ(woken, pool->slices);
        pool->slices = 0;
        return out;
    }
    static listing_query query_of(std::string_view text, bool lines = false,
                                  account_id account = engine_world::shop) {
        auto read = read_listing_query(text, lines);
        EXPECT_TRUE(read) << text;
        read->account = account;
        return *read;
    }
    static std::vector<std::string> ids_in(const std::string& document) {
        std::vector<std::string> ids;
        const auto body = boost::json::parse(document);
        for (const auto& each : body.at("messages").as_array())
            ids.emplace_back(each.at("id").as_string());
        return ids;
    }
    static std::string next_in(const std::string& document) {
        const auto body = boost::json::parse(document);
        return body.as_object().contains("next") ? std::string(body.at("next").as_string())
                                                 : std::string();
    }
};

TEST_F(Listing, shows_each_message_as_it_is_shown_alone) {
    world.settings.links.base_url = "https://pay.example";
    world.settings.accounts[0].links.track = true;
    start();
    std::vector<message_id> ids;
    const auto sent = [this] { return world.outputs->sent.back(); };
    ids.push_back(world.submit("delivered"));
    world.respond(sent(), "id-1");
    world.receipt("id-1", "DELIVRD");
    ids.push_back(world.submit("refused"));
    world.refuse(sent(), smpp::command_status::esme_rinvdstadr);
    ids.push_back(world.submit("failed"));
    world.respond(sent(), "id-3");
    world.receipt("id-3", "UNDELIV", "099");
    ids.push_back(world.submit(std::string(300, 'x')));
    world.respond(world.outputs->sent[world.outputs->sent.size() - 2], "id-4");
    world.respond(sent(), "id-5");
    world.receipt("id-4", "DELIVRD");
    auto full = engine_world::text_to("819012345679", "see https://shop.example/1");
    full.reference = "case-1";
    full.tag = "gold";
    full.purpose = Purpose::dunning;
    full.contact = {"c1", {"Asia/Tokyo"}, {"own"}};
    full.debtor = "d1";
    full.debt = "b1";
    ids.push_back(world.submit(std::move(full)));
    world.respond(sent(), "id-6");
    const auto code = world.gateway->find(engine_world::shop, ids.back())->links.at(0);
    hit_facts hit;
    hit.code = code;
    hit.method = "GET";
    world.gateway->on_hit(hit, *world.gateway->find_link(code), world.now());
    auto later = engine_world::text_to("819012345679", "later");
    later.send_at_ms = world.now().wall_ms + 3'600'000;
    ids.push_back(world.submit(std::move(later)));
    ids.push_back(world.submit("cancelled later"));
    world.respond(sent(), "id-7");
    world.advance(10s);  // counters of hits are on disk, nothing rests in memory

    const auto listed = body(query_of("", true));
    std::string alone;
    for (const auto id : ids)
        alone += write_json(to_json(*world.gateway->find(engine_world::shop, id))) + "\n";
    EXPECT_EQ(listed, alone);
    EXPECT_NE(listed.find(R"("hits":{"total":1)"), std::string::npos);
    EXPECT_NE(listed.find(R"("status":"undeliverable")"), std::string::npos);
}

TEST_F(Listing, shows_another_carriers_cut) {
    world.settings.carriers[1].text.segmentation = config::segmentation::sar;
    world.settings.routes[0].targets.push_back({.carrier = "beta", .priority = 1});
    world.start();
    pool = std::make_unique<slow_readers>(world.store());
    const auto id = world.submit(std::string(300, 'x'));  // planned for alpha, which never comes up
    world.accept_everything();
    world.bind_up(2, engine_world::beta);
    ASSERT_EQ(world.outputs->sent.size(), 2u);
    EXPECT_EQ(body(query_of("", true)),
              write_json(to_json(*world.gateway->find(engine_world::shop, id))) + "\n");
}

TEST_F(Listing, pages_lead_to_each_other) {
    start();
    std::vector<std::string> all, seen;
    for (int i = 0; i < 25; ++i) {
        all.push_back(format_id(world.submit("mine")));
        (void)world.submit("theirs", engine_world::bank);
    }
    std::string query = "limit=10";
    int pages = 0;
    for (;; ++pages) {
        const auto page = body(query_of(query));
        for (const auto& each : ids_in(page))
            seen.push_back(each);
        if (next_in(page).empty()) break;
        EXPECT_EQ(next_in(page), seen.back()) << "of the account's own";
        query = "limit=10&after=" + next_in(page);
    }
    EXPECT_EQ(pages, 2);
    EXPECT_EQ(seen, all);
    EXPECT_EQ(ids_in(body(query_of("limit=25"))), all);
    EXPECT_EQ(body(query_of("after=" + all.back())), "{\"messages\":[]}");
    EXPECT_EQ(ids_in(body(query_of("", false, engine_world::bank))).size(), 25u);
}

TEST_F(Listing, by_time_and_status) {
    start();
    const auto first = world.submit("first");
    world.respond(world.outputs->sent.back(), "id-1");
    world.receipt("id-1", "DELIVRD");
    world.advance(10s);
    const auto middle_ms = world.now().wall_ms;
    const auto second = world.submit("second");
    world.respond(world.outputs->sent.back(), "id-2");
    world.advance(10s);
    const auto end_ms = world.now().wall_ms;
    auto waits = engine_world::text_to("819012345678", "waits");
    waits.send_at_ms = world.now().wall_ms + 3'600'000;
    const auto third = world.submit(std::move(waits));
    struct row {
        std::string query;
        std::vector<message_id> found;
    };
    const row rows[] = {
        {"", {first, second, third}},
        {"status=delivered", {first}},
        {"status=submitted", {second}},
        {"status=queued", {third}},
        {"status=queued,delivered", {first, third}},
        {"status=expired", {}},
        {"from=" + format_time(middle_ms), {second, third}},
        {"to=" + format_time(middle_ms), {first}},
        {"from=" + format_time(middle_ms) + "&to=" + format_time(end_ms), {second}},
        {"from=" + format_time(middle_ms) + "&status=delivered", {}},
        {"after=" + format_id(first) + "&limit=1", {second}},
        {"from=" + format_time(end_ms) + "&to=" + format_time(middle_ms), {}},
    };
    for (const row& each : rows) {
        std::vector<std::string> wanted;
        for (const auto id : each.found)
            wanted.push_back(format_id(id));
        EXPECT_EQ(ids_in(body(query_of(each.query))), wanted) << each.query;
    }
}

TEST_F(Listing, is_read_in_slices) {
    start();
    world.accept_everything();
    std::size_t mine = 0;
    for (int i = 0; i < 3000; ++i) {
        const bool own = i % 10 == 0;
        (void)world.hand_in(engine_world::text_to("819012345678", "x"),
                            own ? engine_world::shop : engine_world::bank);
        if (own) ++mine;
    }
    world.settle();
    const auto response = begin(query_of("", true));
    std::string out;
    std::size_t most = 0;
    while (response.source->next(out, 1000, {}) == source_state::wait) {
        most = std::max(most, out.size());
        out.clear();
        pool->work_off();
    }
    EXPECT_EQ(pool->slices, 3) << "1,024 are looked at a slice";
    EXPECT_GT(most, 0u);
    pool->slices = 0;
    const auto all = body(query_of("", true, engine_world::bank));
    EXPECT_EQ(static_cast<std::size_t>(std::ranges::count(all, '\n')), 3000 - mine);
}

TEST_F(Listing, a_page_ends_early_where_little_is_found) {
    start();
    for (int i = 0; i < 30; ++i)
        (void)world.hand_in(engine_world::text_to("819012345678", "x"), engine_world::bank);
    const auto last = world.submit("mine");
    auto query = query_of("");
    query.looked_at_max = 20;
    const auto page = body(query);
    EXPECT_EQ(ids_in(page), std::vector<std::string>{});
    auto behind = query_of("after=" + next_in(page));
    behind.looked_at_max = 20;
    EXPECT_EQ(ids_in(body(behind)), std::vector{format_id(last)});
    EXPECT_EQ(next_in(body(behind)), "");
}

TEST_F(Listing, ends_with_its_client) {
    start();
    (void)world.submit("x");
    auto response = begin(query_of(""));
    std::string out;
    EXPECT_EQ(response.source->next(out, 1000, {}), source_state::wait);
    EXPECT_EQ(pool->place.use_count(), 2);
    response.source.reset();
    EXPECT_EQ(pool->place.use_count(), 2) << "its slice is still to be read";
    pool->work_off();
    EXPECT_EQ(pool->place.use_count(), 1) << "the place is free";
    EXPECT_TRUE(pool->jobs.empty()) << "and nothing follows";
    response = begin(query_of(""));
    response.source.reset();
    EXPECT_EQ(pool->place.use_count(), 1) << "at once where no slice runs";
}

TEST_F(Listing, a_stop_breaks_a_long_one_and_lets_a_short_one_end) {
    start();
    world.accept_everything();
    const auto begun = [this] {
        auto response = begin(query_of("", true));
        std::string out;
        EXPECT_EQ(response.source->next(out, 1000, {}), source_state::wait);
        int woken = 0;
        response.source->on_wake([&woken] { ++woken; });
        response.source->stop();
        EXPECT_EQ(woken, 1);
        response.source->on_wake({});
        return response;
    };
    const auto first = world.submit("short");
    auto response = begun();
    std::string out;
    EXPECT_EQ(response.source->next(out, 1000, {}), source_state::wait) << "its slice runs";
    pool->work_off();
    EXPECT_EQ(response.source->next(out, 1000, {}), source_state::end);
    EXPECT_NE(out.find(format_id(first)), std::string::npos);
    for (int i = 0; i < 3000; ++i)
        (void)world.hand_in(engine_world::text_to("819012345678", "x"));
    world.settle();
    response = begun();
    pool->work_off();
    EXPECT_EQ(response.source->next(out, 1000, {}), source_state::broken);
    EXPECT_TRUE(pool->jobs.empty());
}

TEST_F(Listing, too_many_are_refused) {
    start();
    pool->shortage_now = readers::shortage::of_all;
    EXPECT_EQ(begin(query_of("")).status, 503u);
    EXPECT_EQ(pool->asked_by, engine_world::shop);
    pool->shortage_now = readers::shortage::of_account;
    const auto own = begin(query_of(""));
    EXPECT_EQ(own.status, 503u);
    EXPECT_NE(own.body.find("server_busy"), std::string::npos);
    EXPECT_NE(own.body.find("an account may read 4 listings at a time"), std::string::npos);
}

TEST(ListingQuery, faults_name_the_parameter) {
    struct row {
        std::string_view query, code, word;
    };
    const row rows[] = {
        {"after=0", "field_invalid", "after"},
        {"after=x", "field_invalid", "after"},
        {"from=yesterday", "field_invalid", "from"},
        {"to=2026-04-01", "field_invalid", "to"},
        {"to=", "field_invalid", "to"},
        {"status=done", "field_invalid", "status"},
        {"status=", "field_invalid", "status"},
        {"status=queued,", "field_invalid", "status"},
        {"limit=0", "field_invalid", "limit"},
        {"limit=1000001", "field_invalid", "limit"},
        {"limit=-1", "field_invalid", "limit"},
        {"limit=1x", "field_invalid", "limit"},
        {"limit=1&limit=2", "field_invalid", "limit"},
        {"page=2", "field_unknown", "page"},
        {"limit=1&Limit=2", "field_unknown", "Limit"},
    };
    for (const row& each : rows) {
        const auto read = read_listing_query(each.query, false);
        ASSERT_FALSE(read) << each.query;
        EXPECT_EQ(line_of(read.error().code).name, each.code) << each.query;
        EXPECT_NE(read.error().detail.find(each.word), std::string::npos) << read.error().detail;
    }
}

TEST(ListingQuery, nothing_stands_beside_a_reference) {
    query_values query;
    query.add({.name = "reference", .text = "case-1"});
    EXPECT_FALSE(fault_beside_reference(query));
    for (const std::string_view name : {"after", "from", "to", "status", "limit"}) {
        query_values both = query;
        both.add({.name = name, .text = "1"});
        const auto fault = fault_beside_reference(both);
        ASSERT_TRUE(fault) << name;
        EXPECT_EQ(fault->code, problem_code::field_invalid);
        EXPECT_TRUE(fault->detail.starts_with(fmt::format("{} must not", name))) << fault->detail;
    }
}

TEST(ListingQuery, what_is_read) {
    EXPECT_EQ(read_listing_query("", false)->limit, 100u);
    EXPECT_EQ(read_listing_query("", true)->limit, 0u);
    EXPECT_EQ(read_listing_query("limit=1000000", true)->limit, 1'000'000u);
    EXPECT_EQ(read_listing_query("after=41", false)->first, 42u);
    const auto between =
        read_listing_query("from=2026-04-01T09:00:00%2B09:00&to=2026-04-02T00:00:00Z", false);
    EXPECT_EQ(between->first, store::first_id_at(1'775'001'600'000));
    EXPECT_EQ(between->end, store::first_id_at(1'775'088'000'000));
}

TEST(ListingQuery, lines_are_asked_for_by_accept) {
    for (const std::string_view accept :
         {"application/x-ndjson", "application/json;q=0.5, application/x-ndjson;q=1",
          "Application/X-NDJSON"})
        EXPECT_TRUE(wants_lines(accept)) << accept;
    for (const std::string_view accept : {"", "*/*", "application/json", "application/x-ndjsonx"})
        EXPECT_FALSE(wants_lines(accept)) << accept;
}

}  // namespace
}  // namespace hikyaku::gateway::api
