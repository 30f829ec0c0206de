// Time fields: what is read, what is refused, what is written.
#include "smpp/pdu/times.hpp"

#include <gtest/gtest.h>

#include <string_view>

namespace hikyaku::smpp {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using std::chrono::sys_days;

constexpr sys_time now = sys_days(std::chrono::year(2026) / 3 / 10) + 9h + 30min;

constexpr sys_time at(int year, unsigned month, unsigned day, milliseconds of_day) {
    return sys_days(std::chrono::year(year) / static_cast<int>(month) / static_cast<int>(day)) +
           of_day;
}

TEST(parse_time, empty_is_no_time) {
    const auto read = parse_time("", now);
    ASSERT_TRUE(read.has_value());
    EXPECT_FALSE(read->has_value());
}

TEST(parse_time, good_texts) {
    struct row {
        std::string_view text;
        sys_time when;
    };
    for (const row& r : {
             row{"260310120000000+", at(2026, 3, 10, 12h)},
             row{"260310120000000-", at(2026, 3, 10, 12h)},
             row{"260310120000700+", at(2026, 3, 10, 12h + 700ms)},         // tenths
             row{"260310120000004+", at(2026, 3, 10, 11h)},                 // one hour east
             row{"260310120000020-", at(2026, 3, 10, 17h)},                 // five hours west
             row{"260310120000922+", at(2026, 3, 10, 6h + 30min + 900ms)},  // 5 h 30 min east
             row{"260310120000023+", at(2026, 3, 10, 6h + 15min)},          // 5 h 45 min east
             row{"260310003000004+", at(2026, 3, 9, 23h + 30min)},          // over midnight
             row{"261231233000048-", at(2027, 1, 1, 11h + 30min)},          // over the year
             row{"280229000000000+", at(2028, 2, 29, 0h)},                  // leap day
             row{"990101000000000+", at(1999, 1, 1, 0h)},                   // nearest century
             row{"750101000000000+", at(2075, 1, 1, 0h)},
             row{"760101000000000+", at(1976, 1, 1, 0h)},
             row{"250101000000000+", at(2025, 1, 1, 0h)},  // the past is no fault
             row{"000000000000000R", now},
             row{"000000000005000R", now + 5s},
             row{"000000000130000R", now + 90s},
             row{"000000240000000R", now + 24h},  // hours over 23
             row{"000002000000000R", now + 48h},
             row{"000100000000000R", now + 30 * 24h},
             row{"010000000000000R", now + 365 * 24h},
             row{"999999999999000R", now + (99 * 365 + 99 * 30 + 99) * 24h + 99h + 99min + 99s},
         }) {
        const auto read = parse_time(r.text, now);
        ASSERT_TRUE(read.has_value()) << r.text;
        ASSERT_TRUE(read->has_value()) << r.text;
        EXPECT_EQ(**read - r.when, 0ms) << r.text;
    }
}

TEST(parse_time, bad_texts) {
    struct row {
        std::string_view text;
        time_error error;
    };
    for (const row& r : {
             row{"2", time_error::bad_length},
             row{"260310120000000", time_error::bad_length},
             row{"260310120000000+ ", time_error::bad_length},
             row{"20260310120000+", time_error::bad_length},
             row{"2603101200000000", time_error::bad_direction},
             row{"260310120000000r", time_error::bad_direction},
             row{"260310120000000Z", time_error::bad_direction},
             row{"2603101200 0000+", time_error::bad_digits},
             row{"-60310120000000+", time_error::bad_digits},
             row{"2603101200000-4+", time_error::bad_digits},
             row{"260010120000000+", time_error::out_of_range},
             row{"261310120000000+", time_error::out_of_range},
             row{"260300120000000+", time_error::out_of_range},
             row{"260631120000000+", time_error::out_of_range},
             row{"260229120000000+", time_error::out_of_range},
             row{"260310240000000+", time_error::out_of_range},
             row{"260310126000000+", time_error::out_of_range},
             row{"260310120060000+", time_error::out_of_range},
             row{"260310120000049+", time_error::out_of_range},
             row{"000000000005100R", time_error::out_of_range},
             row{"000000000005004R", time_error::out_of_range},
         }) {
        const auto read = parse_time(r.text, now);
        ASSERT_TRUE(read.has_error()) << r.text;
        EXPECT_EQ(read.error(), r.error) << r.text;
    }
}

TEST(format_absolute_time, utc_and_offsets) {
    const sys_time when = at(2026, 3, 9, 23h + 59min + 58s + 789ms);
    EXPECT_EQ(format_absolute_time(when).view(), "260309235958700+");
    EXPECT_EQ(format_absolute_time(when, 4).view(), "260310005958704+");
    EXPECT_EQ(format_absolute_time(when, -22).view(), "260309182958722-");
    EXPECT_EQ(format_absolute_time(at(2100, 1, 1, 0h)).view(), "000101000000000+");
    for (const int offset : {-48, -1, 0, 1, 22, 48}) {
        const auto back = parse_time(format_absolute_time(when, offset).view(), now);
        ASSERT_TRUE(back.has_value() && back->has_value());
        EXPECT_EQ(**back - when, -89ms) << offset;  // cut to tenths
    }
}

TEST(format_relative_time, texts) {
    struct row {
        milliseconds from_now;
        std::string_view text;
    };
    for (const row& r : {
             row{0ms, "000000000000000R"},
             row{1ms, "000000000001000R"},
             row{1000ms, "000000000001000R"},
             row{25h + 61s, "000001010101000R"},
             row{99 * 24h + 23h + 59min + 59s, "000099235959000R"},
             row{100 * 24h, "000310000000000R"},
             row{365 * 24h, "010000000000000R"},
             row{364 * 24h, "001204000000000R"},
             row{(99 * 365 + 364) * 24h + 23h, "991204230000000R"},
         }) {
        const auto text = format_relative_time(r.from_now);
        ASSERT_TRUE(text.has_value()) << r.text;
        EXPECT_EQ(text->view(), r.text);
        const auto back = parse_time(text->view(), now);
        ASSERT_TRUE(back.has_value() && back->has_value());
        EXPECT_EQ(**back - now, std::chrono::ceil<std::chrono::seconds>(r.from_now)) << r.text;
    }
}

TEST(format_relative_time, refuses_what_cannot_be_written) {
    for (const milliseconds wrong : {milliseconds(-1), milliseconds(100 * 365 * 24h),
                                     milliseconds(100 * 365 * 24h) - 1ms, milliseconds::max()}) {
        const auto text = format_relative_time(wrong);
        ASSERT_TRUE(text.has_error());
        EXPECT_EQ(text.error(), time_error::out_of_range);
    }
}

}  // namespace
}  // namespace hikyaku::smpp
