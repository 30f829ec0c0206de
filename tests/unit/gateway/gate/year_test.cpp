// The gate against a second, slow implementation, minute by minute over a year that has every kind
// of day: random questions by a printed seed, in zones of both hemispheres.
#include <gtest/gtest.h>

#include <random>

#include "tests/unit/gateway/gate/slow_gate.hpp"
#include "tests/unit/gateway/gate/support.hpp"

namespace hikyaku::gateway::gate {
namespace {

using std::chrono::minutes;
using test::slow_gate;
using test::slow_rules;

constexpr std::uint32_t seed = 20;
constexpr int questions = 150;

rule rule_of(rule_kind kind, std::string id) {
    rule made;
    made.kind = kind;
    made.id = std::move(id);
    made.purposes = set_of(purpose::dunning);
    return made;
}

/// The same rules in the gate's own form.
policy policy_of(const slow_rules& from) {
    policy made;
    made.rules.push_back(rule_of(rule_kind::zone, "zone_unknown"));
    rule hours = rule_of(rule_kind::hours, "hours");
    hours.open_ms = static_cast<std::int32_t>(from.open_minute * minute_ms);
    hours.close_ms = static_cast<std::int32_t>(from.close_minute * minute_ms);
    made.rules.push_back(hours);
    rule rest = rule_of(rule_kind::rest_days, "rest");
    for (const unsigned day : from.weekdays)
        rest.weekdays = static_cast<std::uint8_t>(rest.weekdays | 1U << day);
    made.rules.push_back(rest);
    rule blackout = rule_of(rule_kind::blackout, "blackout");
    for (const std::string& day : from.dates)
        blackout.days.push_back({*parse_day(day), *parse_day(day)});
    made.rules.push_back(blackout);
    const auto count = [&](rule_kind kind, std::size_t most, std::int64_t span_ms) {
        rule cap = rule_of(kind, "cap");
        cap.count = static_cast<std::uint32_t>(most);
        cap.span_ms = span_ms;
        if (most > 0) made.rules.push_back(cap);
    };
    count(rule_kind::cap_day, from.max_per_day, 0);
    count(rule_kind::cap_period, from.max_per_7d, 7 * day_ms);
    rule gap = rule_of(rule_kind::gap, "gap");
    gap.span_ms = std::chrono::milliseconds{from.gap}.count();
    made.rules.push_back(gap);
    if (from.one_a_debtor) made.rules.push_back(rule_of(rule_kind::debtor_day, "debtor"));
    rule deliver = rule_of(rule_kind::deliver_by, "deliver_by");
    deliver.span_ms = std::chrono::milliseconds{from.need}.count();
    made.rules.push_back(deliver);
    return made;
}

std::int64_t ms_of(slow_gate::moment at) {
    return std::chrono::milliseconds{at.time_since_epoch()}.count();
}

void compare(const slow_rules& rules) {
    const slow_gate::moment first{date::sys_days{date::year{2027} / 1 / 1}};
    const slow_gate slow(rules, first, date::days{390});
    const policy fast = policy_of(rules);
    zone_book book;
    const std::vector<std::string_view> zones(rules.zones.begin(), rules.zones.end());
    std::mt19937 random(seed);
    const auto below = [&](int limit) {
        return static_cast<int>(random() % static_cast<unsigned>(limit));
    };
    int delayed = 0;
    for (int i = 0; i < questions; ++i) {
        const slow_gate::moment now = first + date::days{8} + minutes{below(365 * 24 * 60)};
        std::vector<contact_fact> history;
        for (int sent = below(6); sent > 0; --sent)
            history.push_back({ms_of(now - minutes{below(9 * 24 * 60) - 60}),
                               static_cast<purpose>(below(4)), below(4) > 0, below(2) > 0});
        facts about;
        about.now_ms = ms_of(now);
        about.zones = zones;
        about.history = history;
        about.debtor = "d";
        about.carrier_retry_ms = day_ms;
        const decision made = decide(about, fast, book);
        const auto wanted = slow.first_allowed(now, history);
        ASSERT_TRUE(wanted) << "the year is too short";
        if (*wanted == now) {
            ASSERT_EQ(made.says, outcome::allow) << test::judge::utc(about.now_ms);
            ASSERT_EQ(made.deliver_by_ms, ms_of(slow.end_of_window(now)));
        } else {
            ASSERT_EQ(made.says, outcome::delay) << test::judge::utc(about.now_ms);
            ASSERT_EQ(test::judge::utc(made.until_ms), test::judge::utc(ms_of(*wanted)))
                << "asked at " << test::judge::utc(about.now_ms) << ", question " << i;
            ++delayed;
        }
    }
    EXPECT_GT(delayed, questions / 10);
    EXPECT_LT(delayed, questions);
}

TEST(year, of_japan_is_the_same_for_both) {
    compare({.zones = {"Asia/Tokyo"},
             .max_per_day = 1,
             .max_per_7d = 3,
             .gap = minutes{240},
             .need = minutes{15},
             .one_a_debtor = true});
}

TEST(year, of_two_american_zones_is_the_same_for_both) {
    compare({.zones = {"America/New_York", "America/Los_Angeles"},
             .max_per_7d = 2,
             .gap = minutes{600},
             .need = minutes{15}});
}

TEST(year, of_southern_zones_with_days_of_rest_is_the_same_for_both) {
    compare({.zones = {"Australia/Lord_Howe", "Pacific/Auckland"},
             .open_minute = 9 * 60,
             .close_minute = 20 * 60 + 30,
             .weekdays = {0, 6},
             .dates = {"2027-04-02", "2027-04-05", "2027-12-27"},
             .max_per_day = 2,
             .one_a_debtor = true});
}

TEST(year, with_hours_inside_the_change_of_the_clock_is_the_same_for_both) {
    compare(
        {.zones = {"America/Havana"}, .open_minute = 30, .close_minute = 24 * 60, .weekdays = {3}});
    compare(
        {.zones = {"Europe/London"}, .open_minute = 90, .close_minute = 24 * 60, .weekdays = {2}});
}

}  // namespace
}  // namespace hikyaku::gateway::gate
