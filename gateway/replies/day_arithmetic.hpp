// The days that words like "on the 5th" and "next Friday" mean, seen from one day. Used inside this
// folder. Pure; any thread.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "gateway/replies/dates.hpp"

namespace hikyaku::gateway::replies {

struct asked {
    std::chrono::sys_days today;
    int salary_day;  // of the month; 0: not known
};

/// Empty: no number of at most four digits.
[[nodiscard]] std::optional<int> number(const std::string& text);

// All of them are empty where there is no such day.
[[nodiscard]] std::optional<named_day> one_day(std::chrono::sys_days day, bool is_behind = false);
[[nodiscard]] std::optional<named_day> exactly(int year, int month, int day);
/// Of a month and day without a year.
[[nodiscard]] std::optional<named_day> in_some_year(const asked& about, int month, int day);
[[nodiscard]] std::optional<named_day> in_some_month(const asked& about, int day);
/// `forth` months or weeks from this one. A week begins on Monday.
[[nodiscard]] std::optional<named_day> of_month(const asked& about, int forth, int day);
[[nodiscard]] std::optional<named_day> end_of_month(const asked& about, int forth);
[[nodiscard]] std::optional<named_day> of_week(const asked& about, int forth,
                                               std::chrono::weekday wanted);
/// The next one, which today is not.
[[nodiscard]] std::optional<named_day> next_weekday(const asked& about,
                                                    std::chrono::weekday wanted);
[[nodiscard]] std::optional<named_day> months_later(const asked& about, int count);

}  // namespace hikyaku::gateway::replies
