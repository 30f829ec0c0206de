// The tables of facts: complete, well formed, and right about days and numbers that are known.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <sstream>

#include "gateway/gate/tables/tables.hpp"
#include "tests/unit/gateway/gate/support.hpp"

namespace hikyaku::gateway::gate {
namespace {

day_kind kind(std::string_view country, std::string_view day) {
    return kind_of_day(country, *parse_day(day));
}

TEST(holidays, have_every_country_in_every_year_and_real_days) {
    std::map<std::string_view, std::set<int>> years;
    for (std::size_t i = 0; i < tables::holiday_rows_count; ++i) {
        const auto& row = tables::holiday_rows[i];
        SCOPED_TRACE(std::string(row.country) + " " + std::to_string(row.year));
        EXPECT_TRUE(years[row.country].insert(row.year).second);
        ASSERT_EQ(row.days.size() % 4, 0U);
        EXPECT_GE(row.days.size() / 4, 4U);
        EXPECT_LE(row.days.size() / 4, 30U);
        std::string last;
        for (std::size_t at = 0; at < row.days.size(); at += 4) {
            const std::string day(row.days.substr(at, 4));
            EXPECT_LT(last, day);
            EXPECT_TRUE(
                parse_day(std::to_string(row.year) + "-" + day.substr(0, 2) + "-" + day.substr(2)));
            last = day;
        }
        EXPECT_EQ(row.days.substr(0, 4), "0101");
    }
    EXPECT_GE(years.size(), 32U);
    for (const auto& [country, known] : years) {
        EXPECT_EQ(*known.begin(), 2024) << country;
        EXPECT_GE(*known.rbegin(), 2030) << country;
        EXPECT_EQ(known.size(), static_cast<std::size_t>(*known.rbegin() - 2023)) << country;
    }
}

TEST(holidays, of_japan_have_substitutes_and_citizens_days) {
    for (const char* day :
         {"2026-01-01", "2026-05-06", "2026-09-21", "2026-09-22", "2026-09-23", "2027-03-22",
          "2028-01-10", "2029-02-12", "2030-05-06", "2030-08-12", "2030-11-04"})
        EXPECT_EQ(kind("JP", day), day_kind::holiday) << day;
    for (const char* day : {"2026-01-02", "2026-12-25", "2026-12-31", "2027-09-22"})
        EXPECT_EQ(kind("JP", day), day_kind::working) << day;
}

TEST(holidays, of_other_countries_are_those_of_their_laws) {
    for (const auto& [country, day] :
         std::vector<std::pair<const char*, const char*>>{{"US", "2026-06-19"},
                                                          {"US", "2026-07-03"},
                                                          {"US", "2026-11-26"},
                                                          {"US", "2027-01-18"},
                                                          {"US", "2027-12-24"},
                                                          {"GB", "2026-08-31"},
                                                          {"GB", "2026-12-28"},
                                                          {"GB", "2027-01-01"},
                                                          {"DE", "2026-10-03"},
                                                          {"FR", "2026-07-14"},
                                                          {"IT", "2026-06-02"},
                                                          {"ES", "2026-10-12"},
                                                          {"PL", "2026-11-11"},
                                                          {"NL", "2026-04-27"},
                                                          {"AT", "2026-10-26"},
                                                          {"BE", "2026-07-21"},
                                                          {"SE", "2026-06-06"}})
        EXPECT_EQ(kind(country, day), day_kind::holiday) << country << " " << day;
    EXPECT_EQ(kind("DE", "2026-07-14"), day_kind::working);
    EXPECT_EQ(kind("US", "2026-12-26"), day_kind::working);
}

TEST(holidays, are_unknown_outside_of_the_table) {
    EXPECT_EQ(kind("BR", "2026-01-01"), day_kind::unknown);
    EXPECT_EQ(kind("JP", "2023-12-31"), day_kind::unknown);
    EXPECT_EQ(kind("JP", "2099-01-01"), day_kind::unknown);
}

TEST(numbers, have_zones_that_the_system_knows) {
    zone_book book;
    std::set<std::string> prefixes;
    for (std::size_t i = 0; i < tables::number_rows_count; ++i) {
        std::istringstream zones{std::string(tables::number_rows[i].zones)};
        for (std::string zone; zones >> zone;)
            EXPECT_NE(book.find(zone), nullptr) << zone;
        std::istringstream words{std::string(tables::number_rows[i].prefixes)};
        for (std::string prefix; words >> prefix;)
            EXPECT_TRUE(prefixes.insert(prefix).second) << prefix;
    }
    EXPECT_GE(prefixes.size(), 600U);
}

TEST(numbers, are_where_their_codes_are) {
    zone_book book;
    const auto zones_of = [&](std::string_view number) {
        std::string out;
        for (const local_zone* const zone : book.of_number(number))
            out += (out.empty() ? "" : " ") + zone->name();
        return out;
    };
    EXPECT_EQ(zones_of("+12125550123"), "America/New_York");
    EXPECT_EQ(zones_of("13105550123"), "America/Los_Angeles");
    EXPECT_EQ(zones_of("12085550123"), "America/Boise America/Denver America/Los_Angeles");
    EXPECT_EQ(zones_of("18085550123"), "Pacific/Honolulu");
    EXPECT_EQ(zones_of("14165550123"), "America/Toronto");
    EXPECT_EQ(zones_of("4915112345678"), "Europe/Berlin");
    EXPECT_EQ(zones_of("353871234567"), "Europe/Dublin");
    EXPECT_EQ(zones_of("212612345678"), "Africa/Casablanca Africa/El_Aaiun");
    EXPECT_EQ(zones_of("34612345678"), "Atlantic/Canary Europe/Madrid");
    EXPECT_EQ(zones_of("77012345678"), "Asia/Almaty Asia/Aqtobe");
    EXPECT_GT(book.of_number("15555550123").size(), 30U);  // no such area: all of the plan
    EXPECT_EQ(zones_of(""), "");
    EXPECT_EQ(zones_of("81"), "");
    EXPECT_EQ(zones_of("+81 90 1234 5678"), "");
    EXPECT_EQ(zones_of("8190123456789012"), "");
    EXPECT_EQ(country_of_number("819012345678"), "JP");
    EXPECT_EQ(country_of_number("12125550123"), "US");
    EXPECT_EQ(country_of_number("15555550123"), "");
    EXPECT_EQ(country_of_zone("Europe/Berlin"), "DE");
    EXPECT_EQ(country_of_zone("America/Sao_Paulo"), "");
}

TEST(zones, have_the_offsets_of_the_system) {
    zone_book book;
    const auto offset = [&](const char* zone, const char* when) {
        return book.find(zone)->at(test::at(when)).offset_ms / minute_ms;
    };
    EXPECT_EQ(offset("Asia/Tokyo", "2026-07-01T00:00:00Z"), 540);
    EXPECT_EQ(offset("Asia/Kolkata", "2026-07-01T00:00:00Z"), 330);
    EXPECT_EQ(offset("America/New_York", "2027-03-14T06:59:59Z"), -300);
    EXPECT_EQ(offset("America/New_York", "2027-03-14T07:00:00Z"), -240);
    EXPECT_EQ(offset("America/New_York", "2027-11-07T05:59:59Z"), -240);
    EXPECT_EQ(offset("America/New_York", "2027-11-07T06:00:00Z"), -300);
    EXPECT_EQ(offset("Australia/Lord_Howe", "2027-07-01T00:00:00Z"), 630);
    EXPECT_EQ(offset("America/New_York", "1969-01-01T00:00:00Z"), -300);  // before the first
    EXPECT_EQ(book.find("asia/tokyo"), nullptr);
    EXPECT_EQ(book.find("Nowhere"), nullptr);
}

TEST(days, begin_where_the_zone_says) {
    zone_book book;
    const auto begin = [&](const char* zone, const char* day) {
        return test::judge::utc(begin_of_day(*book.find(zone), *parse_day(day)));
    };
    EXPECT_EQ(begin("Asia/Tokyo", "2026-12-10"), "2026-12-09T15:00:00Z");
    EXPECT_EQ(begin("America/New_York", "2027-03-15"), "2027-03-15T04:00:00Z");
    // Clocks went forward at midnight: the day began at 01:00. (A day of the past: governments
    // change their minds.)
    EXPECT_EQ(begin("America/Havana", "2024-03-10"), "2024-03-10T05:00:00Z");
    EXPECT_FALSE(parse_day("2027-02-29"));
    EXPECT_TRUE(parse_day("2028-02-29"));
    EXPECT_FALSE(parse_day("2028-2-9"));
    EXPECT_EQ(weekday_of(*parse_day("2026-12-06")), 0U);
    EXPECT_EQ(day_of(-1), -1);
}

}  // namespace
}  // namespace hikyaku::gateway::gate
