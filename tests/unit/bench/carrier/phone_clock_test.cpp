#include "bench/carrier/phone_clock.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace hikyaku::bench {
namespace {

std::int64_t utc(int year, unsigned month, unsigned day, int hour, int minute, int second) {
    const std::chrono::sys_days date = std::chrono::year(year) / month / day;
    return std::chrono::duration_cast<std::chrono::milliseconds>((date + std::chrono::hours(hour) +
                                                                  std::chrono::minutes(minute) +
                                                                  std::chrono::seconds(second))
                                                                     .time_since_epoch())
        .count();
}

TEST(phone_clock, goes_by_the_zone_of_the_number) {
    struct row {
        const char* number;
        std::int64_t at;
        const char *text, *zone;
        bool night;
    };
    const row rows[] = {
        {"+819012345678", utc(2026, 12, 10, 11, 59, 59), "2026-12-10T20:59:59+09:00", "Asia/Tokyo",
         false},
        {"+819012345678", utc(2026, 12, 10, 12, 0, 0), "2026-12-10T21:00:00+09:00", "Asia/Tokyo",
         true},
        {"+819012345678", utc(2026, 12, 10, 22, 59, 59), "2026-12-11T07:59:59+09:00", "Asia/Tokyo",
         true},
        {"+819012345678", utc(2026, 12, 10, 23, 0, 0), "2026-12-11T08:00:00+09:00", "Asia/Tokyo",
         false},
        {"+493012345678", utc(2026, 7, 1, 19, 0, 0), "2026-07-01T21:00:00+02:00", "Europe/Berlin",
         true},
        {"+18085550123", utc(2026, 12, 10, 12, 30, 0), "2026-12-10T02:30:00-10:00",
         "Pacific/Honolulu", true},
        {"12345", utc(2026, 12, 10, 12, 30, 0), "2026-12-10T12:30:00+00:00", "UTC", false},
    };
    phone_clock clock;
    for (const auto& each : rows) {
        const auto told = clock.at(each.number, each.at);
        EXPECT_EQ(told.text, each.text) << each.number;
        EXPECT_EQ(told.zone, each.zone) << each.number;
        EXPECT_EQ(told.night, each.night) << each.text;
    }
}

TEST(phone_clock, may_be_set_for_all_phones) {
    phone_clock clock("America/New_York");
    EXPECT_EQ(clock.at("+819012345678", utc(2026, 12, 10, 2, 0, 0)).text,
              "2026-12-09T21:00:00-05:00");
}

}  // namespace
}  // namespace hikyaku::bench
