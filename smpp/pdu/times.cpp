#include "smpp/pdu/times.hpp"

#include <algorithm>
#include <cassert>
#include <cstddef>

namespace hikyaku::smpp {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr days relative_year{365};
constexpr days relative_month{30};
constexpr int quarter_hours_max = 48;

/// The digits of a time field, read but not judged.
struct parts {
    int year, month, day, hour, minute, second, tenths, quarters;
};

int two_digits(std::string_view text, std::size_t at) {
    return (text[at] - '0') * 10 + (text[at + 1] - '0');
}

parts read_parts(std::string_view text) {
    return {two_digits(text, 0), two_digits(text, 2),  two_digits(text, 4), two_digits(text, 6),
            two_digits(text, 8), two_digits(text, 10), text[12] - '0',      two_digits(text, 13)};
}

void put_two(char* to, std::int64_t value) {
    assert(value >= 0 && value <= 99);
    to[0] = static_cast<char>('0' + value / 10);
    to[1] = static_cast<char>('0' + value % 10);
}

/// The year with these last two digits that is nearest to the year of `now`.
int full_year(int two, sys_time now) {
    const std::chrono::year_month_day today(std::chrono::floor<days>(now));
    const int present = static_cast<int>(today.year());
    const int century = present - present % 100;
    int year = century + two;
    if (year > present + 49) year -= 100;
    if (year < present - 50) year += 100;
    return year;
}

boost::system::result<sys_time, time_error> absolute(const parts& p, char direction, sys_time now) {
    const std::chrono::year_month_day date{std::chrono::year(full_year(p.year, now)),
                                           std::chrono::month(static_cast<unsigned>(p.month)),
                                           std::chrono::day(static_cast<unsigned>(p.day))};
    if (!date.ok() || p.hour > 23 || p.minute > 59 || p.second > 59 ||
        p.quarters > quarter_hours_max)
        return time_error::out_of_range;
    const sys_time local = std::chrono::sys_days(date) + hours(p.hour) + minutes(p.minute) +
                           seconds(p.second) + milliseconds(100 * p.tenths);
    const minutes ahead(15 * p.quarters);
    return direction == '+' ? local - ahead : local + ahead;
}

boost::system::result<sys_time, time_error> relative(const parts& p, sys_time now) {
    if (p.tenths != 0 || p.quarters != 0) return time_error::out_of_range;
    return now + relative_year * p.year + relative_month * p.month + days(p.day) + hours(p.hour) +
           minutes(p.minute) + seconds(p.second);
}

}  // namespace

boost::system::result<std::optional<sys_time>, time_error> parse_time(std::string_view text,
                                                                      sys_time now) {
    if (text.empty()) return std::optional<sys_time>{};
    if (text.size() != std::tuple_size_v<decltype(time_text::chars)>) return time_error::bad_length;
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (!std::ranges::all_of(text.substr(0, 15), is_digit)) return time_error::bad_digits;
    const char direction = text.back();
    if (direction != '+' && direction != '-' && direction != 'R') return time_error::bad_direction;
    const parts read = read_parts(text);
    const auto when = direction == 'R' ? relative(read, now) : absolute(read, direction, now);
    if (!when) return when.error();
    return std::optional<sys_time>{*when};
}

time_text format_absolute_time(sys_time when, int offset_quarter_hours) {
    assert(offset_quarter_hours >= -quarter_hours_max && offset_quarter_hours <= quarter_hours_max);
    const sys_time local = when + minutes(15 * offset_quarter_hours);
    const auto midnight = std::chrono::floor<days>(local);
    const std::chrono::year_month_day date(midnight);
    const std::chrono::hh_mm_ss<milliseconds> time(local - midnight);
    const int year = static_cast<int>(date.year()) % 100;
    time_text out;
    char* const to = out.chars.data();
    put_two(to, year < 0 ? year + 100 : year);
    put_two(to + 2, static_cast<unsigned>(date.month()));
    put_two(to + 4, static_cast<unsigned>(date.day()));
    put_two(to + 6, time.hours().count());
    put_two(to + 8, time.minutes().count());
    put_two(to + 10, time.seconds().count());
    to[12] = static_cast<char>('0' + time.subseconds().count() / 100);
    put_two(to + 13, offset_quarter_hours < 0 ? -offset_quarter_hours : offset_quarter_hours);
    to[15] = offset_quarter_hours < 0 ? '-' : '+';
    return out;
}

boost::system::result<time_text, time_error> format_relative_time(milliseconds from_now) {
    if (from_now < milliseconds::zero()) return time_error::out_of_range;
    constexpr days end = relative_year * 100;
    if (from_now > end) return time_error::out_of_range;
    const seconds whole = std::chrono::ceil<seconds>(from_now);
    if (whole >= end) return time_error::out_of_range;
    auto day_count = std::chrono::floor<days>(whole);
    const std::chrono::hh_mm_ss<seconds> time(whole - day_count);
    std::int64_t years = 0;
    std::int64_t months = 0;
    if (day_count > days(99)) {
        years = day_count / relative_year;
        day_count %= relative_year;
        months = day_count / relative_month;
        day_count %= relative_month;
    }
    time_text out;
    char* const to = out.chars.data();
    put_two(to, years);
    put_two(to + 2, months);
    put_two(to + 4, day_count.count());
    put_two(to + 6, time.hours().count());
    put_two(to + 8, time.minutes().count());
    put_two(to + 10, time.seconds().count());
    std::ranges::copy(std::string_view("000R"), to + 12);
    return out;
}

}  // namespace hikyaku::smpp
