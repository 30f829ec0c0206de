#include "gateway/gate/calendar.hpp"

#include <date/date.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <vector>

#include "gateway/gate/tables/tables.hpp"

namespace hikyaku::gateway::gate {
namespace {

day_number number_of(int year, unsigned month, unsigned day) {
    const date::year_month_day civil{date::year{year}, date::month{month}, date::day{day}};
    return static_cast<day_number>(date::sys_days{civil}.time_since_epoch().count());
}

struct country_days {
    std::vector<day_number> holidays;  // sorted
    day_number first = 0, last = 0;    // what the table tells about
};

unsigned two_digits(std::string_view text, std::size_t at) {
    return static_cast<unsigned>((text[at] - '0') * 10 + (text[at + 1] - '0'));
}

using calendar = std::map<std::string_view, country_days>;

const calendar& all_days() {
    static const calendar made = [] {
        calendar days;
        for (std::size_t i = 0; i < tables::holiday_rows_count; ++i) {
            const auto& row = tables::holiday_rows[i];
            auto& country = days[row.country];
            if (country.holidays.empty()) country.first = number_of(row.year, 1, 1);
            country.last = number_of(row.year, 12, 31);
            for (std::size_t at = 0; at + 4 <= row.days.size(); at += 4)
                country.holidays.push_back(
                    number_of(row.year, two_digits(row.days, at), two_digits(row.days, at + 2)));
        }
        return days;
    }();
    return made;
}

bool has_form(std::string_view text, std::string_view form) {
    return std::ranges::equal(
        text, form,
        [](char c, char wanted) { return wanted == '0' ? c >= '0' && c <= '9' : c == wanted; });
}

}  // namespace

std::string format_clock(std::int64_t ms) {
    return fmt::format("{:02}:{:02}", ms / hour_ms, ms / minute_ms % 60);
}

std::optional<day_number> parse_day(std::string_view text) {
    if (!has_form(text, "0000-00-00")) return std::nullopt;
    const int year = static_cast<int>(two_digits(text, 0) * 100 + two_digits(text, 2));
    const date::year_month_day civil{date::year{year}, date::month{two_digits(text, 5)},
                                     date::day{two_digits(text, 8)}};
    if (!civil.ok()) return std::nullopt;
    return static_cast<day_number>(date::sys_days{civil}.time_since_epoch().count());
}

std::string format_day(day_number day) {
    const date::year_month_day civil{date::sys_days{date::days{day}}};
    return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(civil.year()),
                       static_cast<unsigned>(civil.month()), static_cast<unsigned>(civil.day()));
}

bool has_calendar(std::string_view country) {
    return all_days().contains(country);
}

day_kind kind_of_day(std::string_view country, day_number day) {
    const auto& calendars = all_days();
    const auto at = calendars.find(country);
    if (at == calendars.end() || day < at->second.first || day > at->second.last)
        return day_kind::unknown;
    return std::ranges::binary_search(at->second.holidays, day) ? day_kind::holiday
                                                                : day_kind::working;
}

}  // namespace hikyaku::gateway::gate
