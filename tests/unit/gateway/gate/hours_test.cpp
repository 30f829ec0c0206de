// Golden tables of the contact hours: the seconds around their ends, days with 23 and 25 hours in
// both hemispheres, several zones, and where the zone of a person comes from.
#include <gtest/gtest.h>

#include "tests/unit/gateway/gate/support.hpp"

namespace hikyaku::gateway::gate {
namespace {

using test::asked;
using test::at;
using test::judge;

struct row {
    std::string now, wanted;
};

void expect_rows(judge& ask, asked question, const std::vector<row>& rows) {
    for (const row& each : rows) {
        question.now = each.now;
        EXPECT_EQ(ask(question), each.wanted) << each.now;
    }
}

TEST(hours, end_with_the_second_that_is_named) {
    for (const char* pack : {"japan/lender", "japan/servicer", "japan/agent", "japan/merchant"}) {
        judge ask(pack);
        expect_rows(
            ask, {},
            {{"2026-12-01T07:59:59+09:00", "delay until 2026-11-30T23:00:00Z: contact_hours"},
             {"2026-12-01T08:00:00+09:00", "allow by 2026-12-01T12:00:00Z"},
             {"2026-12-01T20:59:59+09:00", "allow by 2026-12-01T12:00:00Z"},
             {"2026-12-01T21:00:00+09:00", "delay until 2026-12-01T23:00:00Z: contact_hours"},
             {"2026-12-31T23:59:59+09:00", "delay until 2026-12-31T23:00:00Z: contact_hours"},
             {"2028-02-29T21:00:00+09:00", "delay until 2028-02-29T23:00:00Z: contact_hours"}});
    }
}

TEST(hours, bind_services_and_never_what_is_transactional) {
    judge ask("japan/lender");
    asked night{.now = "2026-12-01T03:00:00+09:00"};
    night.why = purpose::service;
    EXPECT_EQ(ask(night), "delay until 2026-11-30T23:00:00Z: contact_hours");
    night.why = purpose::transactional;
    EXPECT_EQ(ask(night), "allow");
}

TEST(hours, are_those_of_the_wall_on_days_that_change_the_clock) {
    judge ask("us/third-party");
    asked new_york{.number = "12125550123", .zones = {"America/New_York"}};
    expect_rows(ask, new_york,
                {// 2027-03-14 has 23 hours, 2027-11-07 has 25.
                 {"2027-03-14T11:59:59Z", "delay until 2027-03-14T12:00:00Z: contact_hours"},
                 {"2027-03-14T12:00:00Z", "allow by 2027-03-15T01:00:00Z"},
                 {"2027-03-14T01:59:59Z", "allow by 2027-03-14T02:00:00Z"},
                 {"2027-03-14T02:00:00Z", "delay until 2027-03-14T12:00:00Z: contact_hours"},
                 {"2027-11-07T12:59:59Z", "delay until 2027-11-07T13:00:00Z: contact_hours"},
                 {"2027-11-07T13:00:00Z", "allow by 2027-11-08T02:00:00Z"},
                 {"2027-11-07T01:00:00Z", "delay until 2027-11-07T13:00:00Z: contact_hours"}});
    asked sydney{.number = "", .zones = {"Australia/Sydney"}};
    expect_rows(ask, sydney,
                {// 2026-10-04 has 23 hours, 2027-04-04 has 25.
                 {"2026-10-03T20:59:59Z", "delay until 2026-10-03T21:00:00Z: contact_hours"},
                 {"2026-10-03T21:00:00Z", "allow by 2026-10-04T10:00:00Z"},
                 {"2027-04-03T21:59:59Z", "delay until 2027-04-03T22:00:00Z: contact_hours"},
                 {"2027-04-03T22:00:00Z", "allow by 2027-04-04T11:00:00Z"}});
    judge british("uk");
    asked london{.number = "447700900123"};
    expect_rows(british, london,
                {{"2027-03-28T06:59:59Z", "delay until 2027-03-28T07:00:00Z: contact_hours"},
                 {"2027-03-28T07:00:00Z", "allow by 2027-03-28T20:00:00Z"},
                 {"2027-10-31T07:59:59Z", "delay until 2027-10-31T08:00:00Z: contact_hours"},
                 {"2027-10-31T08:00:00Z", "allow by 2027-10-31T21:00:00Z"}});
}

TEST(hours, of_two_zones_are_what_both_allow) {
    judge ask("us/third-party");
    // An Eastern number with a Pacific address: 11:00 to 21:00 Eastern.
    asked both{.number = "12125550123", .zones = {"America/New_York", "America/Los_Angeles"}};
    expect_rows(ask, both,
                {{"2026-12-01T10:59:59-05:00", "delay until 2026-12-01T16:00:00Z: contact_hours"},
                 {"2026-12-01T11:00:00-05:00", "allow by 2026-12-02T02:00:00Z"},
                 {"2026-12-01T20:59:59-05:00", "allow by 2026-12-02T02:00:00Z"},
                 {"2026-12-01T21:00:00-05:00", "delay until 2026-12-02T16:00:00Z: contact_hours"}});
    // The same without naming the number's zone, where the account wants that to count.
    judge strict(test::shipped("us/third-party"));
    for (rule& each : strict.rules().rules)
        if (each.kind == rule_kind::zone) each.number_zone_too = true;
    asked address{.number = "12125550123", .zones = {"America/Los_Angeles"}};
    expect_rows(strict, address,
                {{"2026-12-01T10:59:59-05:00", "delay until 2026-12-01T16:00:00Z: contact_hours"},
                 {"2026-12-01T20:59:59-05:00", "allow by 2026-12-02T02:00:00Z"},
                 {"2026-12-01T21:00:00-05:00", "delay until 2026-12-02T16:00:00Z: contact_hours"}});
}

TEST(hours, of_zones_without_a_common_hour_block) {
    policy rules = test::shipped("japan/lender");
    for (rule& each : rules.rules)
        if (each.kind == rule_kind::hours) each.close_ms = 12 * hour_ms;
    judge ask(rules);
    EXPECT_EQ(ask({.zones = {"Asia/Tokyo", "America/New_York"}}), "block: contact_hours");
    EXPECT_TRUE(ask.windows({.zones = {"Asia/Tokyo", "America/New_York"}}).empty());
}

TEST(zones, come_from_the_contact_then_the_number_then_the_account) {
    policy rules = test::shipped("us/first-party");
    rules.account_zones = {"Asia/Tokyo"};
    judge ask(rules);
    const std::string now = "2026-12-01T20:00:00Z";  // 05:00 in Tokyo, 10:00 in Honolulu
    EXPECT_EQ(ask({.now = now, .number = "819012345678", .zones = {"Pacific/Honolulu"}}),
              "allow by 2026-12-02T07:00:00Z");
    EXPECT_EQ(ask({.now = now, .number = "+18085550123"}), "allow by 2026-12-02T07:00:00Z");
    EXPECT_EQ(ask({.now = now, .number = "819012345678"}),
              "delay until 2026-12-01T23:00:00Z: contact_hours");
    EXPECT_EQ(ask({.now = now, .number = ""}), "delay until 2026-12-01T23:00:00Z: contact_hours");
}

TEST(zones, that_nobody_knows_block) {
    judge ask("japan/lender");
    EXPECT_EQ(ask({.number = ""}), "block: zone_unknown");
    EXPECT_EQ(ask({.number = "89990123456789"}), "block: zone_unknown");
    EXPECT_EQ(ask({.zones = {"Asia/Tokio"}}), "block: zone_unknown");
    EXPECT_EQ(ask({.zones = {"Asia/Tokyo", "Mars/Olympus"}}), "block: zone_unknown");
    EXPECT_EQ(ask({.zones = {""}}), "block: zone_unknown");
    EXPECT_EQ(ask({.zones = {"../../etc/passwd"}}), "block: zone_unknown");
    asked service{.why = purpose::service, .number = ""};
    EXPECT_EQ(ask(service), "block: zone_unknown");
}

TEST(zones, of_all_japanese_mobile_numbers_are_one) {
    zone_book book;
    for (const char* number : {"816012345678", "817012345678", "818012345678", "+819012345678"}) {
        const auto zones = book.of_number(number);
        ASSERT_EQ(zones.size(), 1U) << number;
        EXPECT_EQ(zones.front()->name(), "Asia/Tokyo");
    }
}

TEST(windows, are_told_whole_for_fourteen_days) {
    judge ask("japan/lender");
    const auto windows = ask.windows({.now = "2026-12-01T20:59:59+09:00"});
    ASSERT_EQ(windows.size(), 15U);
    EXPECT_EQ(windows.front().from_ms, at("2026-12-01T08:00:00+09:00"));
    EXPECT_EQ(windows.front().to_ms, at("2026-12-01T21:00:00+09:00"));
    EXPECT_EQ(windows.back().from_ms, at("2026-12-15T08:00:00+09:00"));
    EXPECT_EQ(ask.windows({.now = "2026-12-01T21:00:00+09:00"}).front().from_ms,
              at("2026-12-02T08:00:00+09:00"));
    judge british("uk");
    const auto spring = british.windows({.now = "2027-03-27T12:00:00Z", .number = "447700900123"});
    ASSERT_GE(spring.size(), 2U);
    EXPECT_EQ(spring[0].to_ms, at("2027-03-27T21:00:00Z"));
    EXPECT_EQ(spring[1].from_ms, at("2027-03-28T07:00:00Z"));
}

TEST(deliver_by, leaves_no_time_for_a_carrier_that_tries_again) {
    judge ask("japan/lender");
    asked late{.now = "2026-12-01T20:45:00+09:00"};
    late.carrier_retry_ms = 72 * hour_ms;
    EXPECT_EQ(ask(late), "allow by 2026-12-01T12:00:00Z");
    late.now = "2026-12-01T20:45:01+09:00";
    EXPECT_EQ(ask(late), "delay until 2026-12-01T23:00:00Z: deliver_by");
    // It tries for less than the floor: that is enough.
    late.carrier_retry_ms = 10 * minute_ms;
    EXPECT_EQ(ask(late), "allow by 2026-12-01T12:00:00Z");
    late.now = "2026-12-01T20:50:01+09:00";
    EXPECT_EQ(ask(late), "delay until 2026-12-01T23:00:00Z: deliver_by");
    // Nobody knows for how long it tries.
    late.carrier_retry_ms = std::nullopt;
    EXPECT_EQ(ask(late), "delay until 2026-12-01T23:00:00Z: deliver_by");
}

TEST(deliver_by, needs_the_whole_time_where_the_carrier_does_not_keep_the_validity) {
    judge ask("japan/lender");
    asked careless{.now = "2026-12-01T15:00:00+09:00"};
    careless.carrier_keeps_validity = false;
    careless.carrier_retry_ms = 6 * hour_ms;
    EXPECT_EQ(ask(careless), "allow by 2026-12-01T12:00:00Z");
    careless.now = "2026-12-01T15:00:01+09:00";
    EXPECT_EQ(ask(careless), "delay until 2026-12-01T23:00:00Z: deliver_by");
    careless.carrier_retry_ms = 72 * hour_ms;
    EXPECT_EQ(ask(careless), "block: deliver_by");
    careless.carrier_retry_ms = std::nullopt;
    EXPECT_EQ(ask(careless), "block: deliver_by");
}

}  // namespace
}  // namespace hikyaku::gateway::gate
