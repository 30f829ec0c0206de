#include "gateway/replies/day_arithmetic.hpp"

namespace hikyaku::gateway::replies {

using namespace std::chrono;

std::optional<int> number(const std::string& text) {
    if (text.empty() || text.size() > 4) return std::nullopt;
    int value = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + (c - '0');
    }
    return value;
}

std::optional<named_day> one_day(sys_days day, bool is_behind) {
    return named_day{day, day, is_behind};
}

std::optional<named_day> exactly(int year_number, int month_number, int day_number) {
    const date made{year(year_number), month(static_cast<unsigned>(month_number)),
                    day(static_cast<unsigned>(day_number))};
    if (!made.ok()) return std::nullopt;
    return named_day{made, made};
}

std::optional<named_day> in_some_year(const asked& about, int month_number, int day_number) {
    const date today{about.today};
    std::optional<date> ahead, behind;
    for (int back = -1; back <= 4; ++back) {  // the 29th of February may be years away
        const date made{today.year() + years(back), month(static_cast<unsigned>(month_number)),
                        day(static_cast<unsigned>(day_number))};
        if (made.ok() && sys_days(made) >= about.today && !ahead) ahead = made;
        if (made.ok() && sys_days(made) <= about.today) behind = made;
    }
    if (!ahead || month_number < 1 || month_number > 12) return std::nullopt;
    return named_day{*ahead, behind.value_or(*ahead)};
}

std::optional<named_day> in_some_month(const asked& about, int day_number) {
    if (day_number < 1 || day_number > 31) return std::nullopt;
    const date today{about.today};
    const year_month this_month{today.year(), today.month()};
    std::optional<date> ahead, behind;
    for (int forth = -2; forth <= 2; ++forth) {
        const auto when = this_month + months(forth);
        const date made{when.year(), when.month(), day(static_cast<unsigned>(day_number))};
        if (!made.ok()) continue;
        if (sys_days(made) >= about.today && !ahead) ahead = made;
        if (sys_days(made) <= about.today) behind = made;
    }
    if (!ahead || !behind) return std::nullopt;
    return named_day{*ahead, *behind};
}

std::optional<named_day> of_month(const asked& about, int forth, int day_number) {
    const date today{about.today};
    const auto when = year_month{today.year(), today.month()} + months(forth);
    const date made{when.year(), when.month(), day(static_cast<unsigned>(day_number))};
    if (!made.ok()) return std::nullopt;
    return named_day{made, made};
}

std::optional<named_day> end_of_month(const asked& about, int forth) {
    const date today{about.today};
    const auto when = year_month{today.year(), today.month()} + months(forth);
    return one_day(sys_days(when / last));
}

std::optional<named_day> of_week(const asked& about, int forth, weekday wanted) {
    return one_day(about.today - (weekday(about.today) - Monday) + weeks(forth) +
                   (wanted - Monday));
}

std::optional<named_day> next_weekday(const asked& about, weekday wanted) {
    auto ahead = wanted - weekday(about.today);
    if (ahead == days(0)) ahead = weeks(1);
    auto behind = weekday(about.today) - wanted;
    if (behind == days(0)) behind = weeks(1);
    return named_day{about.today + ahead, about.today - behind};
}

std::optional<named_day> months_later(const asked& about, int count) {
    const date today{about.today};
    auto made = today + months(count);
    if (!made.ok()) made = made.year() / made.month() / last;
    return named_day{made, made};
}

}  // namespace hikyaku::gateway::replies
