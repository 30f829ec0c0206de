#include <algorithm>
#include <array>

#include "gateway/replies/day_patterns.hpp"

namespace hikyaku::gateway::replies {

using namespace std::chrono;

namespace {

weekday weekday_of_name(const std::string& text) {
    constexpr std::array<std::string_view, 7> names{"sun", "mon", "tue", "wed",
                                                    "thu", "fri", "sat"};
    const auto at = std::ranges::find_if(names, [&](auto name) { return text.starts_with(name); });
    return weekday(static_cast<unsigned>(at - names.begin()));
}

int month_of_name(const std::string& text) {
    constexpr std::array<std::string_view, 12> names{"jan", "feb", "mar", "apr", "may", "jun",
                                                     "jul", "aug", "sep", "oct", "nov", "dec"};
    const auto at = std::ranges::find_if(names, [&](auto name) { return text.starts_with(name); });
    return static_cast<int>(at - names.begin()) + 1;
}

int count_of(const std::string& text) {
    constexpr std::array<std::string_view, 11> names{
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"};
    if (const auto digits = number(text)) return *digits;
    const auto at = std::ranges::find(names, text);
    if (at != names.end()) return static_cast<int>(at - names.begin());
    return text == "a couple of" || text == "a couple" ? 2 : 1;
}

#define HIKYAKU_WEEKDAYS                                                                      \
    u"(mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday|s)?|thu(?:rs?(?:day)?)?|fri(?:day)?|sat(?:" \
    u"urday)?|sun(?:day)?)\\b"
#define HIKYAKU_MONTHS                                                                        \
    u"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:" \
    u"ember)?|"                                                                               \
    u"oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\\b\\.?"

/// With a date, or a part of one.
std::vector<day_pattern> with_a_date() {
    return {
        {u"\\b(\\d{4})-(\\d{1,2})-(\\d{1,2})\\b",
         [](const asked&, const words& w) {
             return exactly(*number(w[1]), *number(w[2]), *number(w[3]));
         }},
        {u"\\b" HIKYAKU_MONTHS u" (?:the )?(\\d{1,2})(?:st|nd|rd|th)?\\b(?:,? (\\d{4}))?",
         [](const asked& q, const words& w) {
             const int month_number = month_of_name(w[1]), day_number = *number(w[2]);
             return w[3].empty() ? in_some_year(q, month_number, day_number)
                                 : exactly(*number(w[3]), month_number, day_number);
         }},
        {u"\\b(\\d{1,2})(?:st|nd|rd|th)? (?:of )?" HIKYAKU_MONTHS u"(?:,? (\\d{4}))?",
         [](const asked& q, const words& w) {
             const int month_number = month_of_name(w[2]), day_number = *number(w[1]);
             return w[3].empty() ? in_some_year(q, month_number, day_number)
                                 : exactly(*number(w[3]), month_number, day_number);
         }},
        {u"(?<![\\d/$])(\\d{1,2})/(\\d{1,2})(?:/(\\d{4}|\\d{2}))?(?![\\d/])",
         [](const asked& q, const words& w) {
             int first = *number(w[1]), second = *number(w[2]);
             if (first > 12) std::swap(first, second);  // the day stands in front
             if (w[3].empty()) return in_some_year(q, first, second);
             const int year_number = *number(w[3]);
             return exactly(year_number < 100 ? 2000 + year_number : year_number, first, second);
         }},
        {u"\\bend of (next|the|this)?(?: ?)(?:month)\\b|\\bmonth'?s? end\\b|\\beom\\b",
         [](const asked& q, const words& w) { return end_of_month(q, w[1] == "next" ? 1 : 0); }},
        {u"\\bend of (next|the|this)?(?: ?)(?:week)\\b",
         [](const asked& q, const words& w) { return of_week(q, w[1] == "next" ? 1 : 0, Friday); }},
        {u"\\b(next|this) month on the (\\d{1,2})(?:st|nd|rd|th)?\\b",
         [](const asked& q, const words& w) {
             return of_month(q, w[1] == "next" ? 1 : 0, *number(w[2]));
         }},
        {u"\\b(\\d{1,2})(?:st|nd|rd|th) (?:of )?(next|this) month\\b",
         [](const asked& q, const words& w) {
             return of_month(q, w[2] == "next" ? 1 : 0, *number(w[1]));
         }},
    };
}

/// Seen from today.
std::vector<day_pattern> seen_from_today() {
    return {
        {u"\\bday after tomorrow\\b|\\b(?:tomorrow|tmrw|tmr|2moro|tomoz|tommorow|tomorow)\\b",
         [](const asked& q, const words& w) {
             return one_day(q.today + days(w[0].starts_with("day") ? 2 : 1));
         }},
        {u"\\b(?:today|tonight|this (?:morning|afternoon|evening))\\b",
         [](const asked& q, const words&) { return one_day(q.today); }},
        {u"\\byesterday\\b|\\blast night\\b",
         [](const asked& q, const words&) { return one_day(q.today - days(1), true); }},
        {u"\\blast " HIKYAKU_WEEKDAYS,
         [](const asked& q, const words& w) {
             auto made = next_weekday(q, weekday_of_name(w[1]));
             made->is_behind = true;
             return made;
         }},
        {u"\\b(?:a|one) week from " HIKYAKU_WEEKDAYS u"|\\b" HIKYAKU_WEEKDAYS u" week\\b",
         [](const asked& q, const words& w) {
             auto made = next_weekday(q, weekday_of_name(w[1].empty() ? w[2] : w[1]));
             made->ahead = date(sys_days(made->ahead) + weeks(1));
             return made;
         }},
        {u"\\bnext " HIKYAKU_WEEKDAYS u"|\\b" HIKYAKU_WEEKDAYS u" next week\\b",
         [](const asked& q, const words& w) {
             return of_week(q, 1, weekday_of_name(w[1].empty() ? w[2] : w[1]));
         }},
        {u"\\b" HIKYAKU_WEEKDAYS,
         [](const asked& q, const words& w) { return next_weekday(q, weekday_of_name(w[1])); }},
        {u"\\b(?:in|within|after|wait) (?:another "
         u")?(an?|one|two|three|four|five|six|seven|eight|nine|ten|"
         u"a couple of|a couple|\\d{1,2}) (?:more )?(day|week|month|fortnight)s?\\b|"
         u"\\b(a|one|two|three|\\d{1,2}) (day|week|month)s? from (?:today|now)\\b",
         [](const asked& q, const words& w) {
             const int count = count_of(w[1].empty() ? w[3] : w[1]);
             const auto& unit = w[2].empty() ? w[4] : w[2];
             if (unit == "month") return months_later(q, count);
             return one_day(q.today + days(count * (unit == "day" ? 1 : unit == "week" ? 7 : 14)));
         }},
        {u"\\b(an?|one|two|three|four|five|six|seven|\\d{1,2}) (day|week)s? ago\\b",
         [](const asked& q, const words& w) {
             return one_day(q.today - days(count_of(w[1]) * (w[2] == "day" ? 1 : 7)), true);
         }},
        {u"\\b(\\d{1,2})(?:st|nd|rd|th)\\b",
         [](const asked& q, const words& w) { return in_some_month(q, *number(w[1])); }},
        {u"\\bpay ?day\\b",
         [](const asked& q, const words&) -> std::optional<named_day> {
             if (q.salary_day == 0) return std::nullopt;
             return in_some_month(q, q.salary_day);
         },
         true},
    };
}

}  // namespace

std::vector<day_pattern> english_days() {
    auto all = with_a_date();
    for (auto& each : seen_from_today())
        all.push_back(std::move(each));
    return all;
}

}  // namespace hikyaku::gateway::replies
