// Packs and what accounts make of them.
#include <gtest/gtest.h>

#include <set>

#include "tests/unit/gateway/gate/support.hpp"

namespace hikyaku::gateway::gate {
namespace {

using test::asked;
using test::judge;

policy with(config::account_policy_rules own, std::string_view pack = "japan/lender") {
    config::account account;
    account.policy = pack;
    account.policy_rules = std::move(own);
    return compile(*config::find_pack(config::shipped_packs(), pack), account);
}

TEST(packs, are_the_eight_and_have_the_words_of_the_gate) {
    std::set<std::string> names;
    for (const auto& pack : config::shipped_packs()) {
        names.insert(pack.pack);
        for (const auto& each : pack.rules) {
            for (const std::string& word : each.holds)
                EXPECT_TRUE(hold_kind_from(word)) << word;
            for (const std::string& word : each.consents)
                EXPECT_TRUE(consent_kind_from(word)) << word;
        }
        std::uint32_t held = 0;
        const policy made = compile(pack);
        for (const rule& each : made.rules) {
            if (each.kind == rule_kind::hold) held |= each.kinds;
            EXPECT_NE(each.purposes, 0) << each.id;
            EXPECT_EQ(each.purposes & set_of(purpose::transactional), 0) << each.id;
        }
        EXPECT_EQ(held, (1U << hold_kinds) - 1) << pack.pack;
    }
    EXPECT_EQ(names,
              (std::set<std::string>{"eu", "japan/agent", "japan/lender", "japan/merchant",
                                     "japan/servicer", "uk", "us/first-party", "us/third-party"}));
}

TEST(accounts, take_their_own_hours_and_counts) {
    config::account_policy_rules own;
    own.open = "10:00";
    own.close = "18:00";
    own.max_per_7d = 1;
    own.min_gap = std::chrono::hours{48};
    judge ask(with(own));
    EXPECT_EQ(ask({.now = "2026-12-01T09:59:59+09:00"}),
              "delay until 2026-12-01T01:00:00Z: contact_hours");
    EXPECT_EQ(ask({.now = "2026-12-01T10:00:00+09:00"}), "allow by 2026-12-01T09:00:00Z");
    asked again{.now = "2026-12-02T10:00:00+09:00"};
    again.history = {{test::at("2026-12-01T10:00:00+09:00"), purpose::dunning}};
    EXPECT_EQ(ask(again), "delay until 2026-12-08T01:00:00Z: max_per_7d min_gap");
}

TEST(accounts, add_days_of_rest_and_blackout_days) {
    config::account_policy_rules own;
    own.rest_weekdays = {"saturday", "sunday"};
    own.rest_holidays = true;
    own.blackout_days = {"2026-12-31", "2027-01-02..2027-01-05"};
    judge ask(with(own));
    EXPECT_EQ(ask({.now = "2026-12-30T22:00:00+09:00"}),
              "delay until 2027-01-05T23:00:00Z: contact_hours");
    EXPECT_EQ(ask({.now = "2026-12-31T12:00:00+09:00"}),
              "delay until 2027-01-05T23:00:00Z: blackout_days");
    EXPECT_EQ(ask({.now = "2027-01-01T12:00:00+09:00"}),
              "delay until 2027-01-05T23:00:00Z: own_rest_days");
    EXPECT_EQ(ask({.now = "2027-01-11T12:00:00+09:00"}),  // 成人の日
              "delay until 2027-01-11T23:00:00Z: own_rest_days");
    asked service{.why = purpose::service, .now = "2026-12-31T12:00:00+09:00"};
    EXPECT_EQ(ask(service), "allow by 2026-12-31T12:00:00Z");
    own.holiday_calendars = {"US"};
    judge american(with(own));
    EXPECT_EQ(american({.now = "2027-01-18T12:00:00+09:00"}),  // Martin Luther King's day
              "delay until 2027-01-18T23:00:00Z: own_rest_days");
}

TEST(accounts, set_the_floor_and_the_age_of_consents) {
    config::account_policy_rules own;
    own.deliver_floor = std::chrono::hours{2};
    own.consent_within = std::chrono::days{1};
    judge ask(with(own, "us/third-party"));
    asked late{.now = "2026-12-01T19:00:01-05:00", .number = "12125550123"};
    late.carrier_retry_ms = day_ms;
    EXPECT_EQ(ask(late), "delay until 2026-12-02T13:00:00Z: deliver_by");
    late.now = "2026-12-01T12:00:00-05:00";
    late.consents_known = true;
    late.consents = {{consent_kind::texted, test::at("2026-11-30T11:00:00-05:00"), "m"}};
    EXPECT_EQ(ask(late), "require: consent_fresh");
}

}  // namespace
}  // namespace hikyaku::gateway::gate
