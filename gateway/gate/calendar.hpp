// Civil days, and the national holidays of the countries that gateway/gate/tables has. A day is a
// number: days since 1970-01-01. Pure; the table is unfolded when it is first asked.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hikyaku::gateway::gate {

using day_number = std::int32_t;

inline constexpr std::int64_t second_ms = 1000;
inline constexpr std::int64_t minute_ms = 60 * second_ms;
inline constexpr std::int64_t hour_ms = 60 * minute_ms;
inline constexpr std::int64_t day_ms = 24 * hour_ms;

/// "08:00" of a time since midnight.
[[nodiscard]] std::string format_clock(std::int64_t ms);

/// The day of a local time, which may be before 1970.
[[nodiscard]] constexpr day_number day_of(std::int64_t local_ms) {
    return static_cast<day_number>(local_ms >= 0 ? local_ms / day_ms
                                                 : (local_ms - (day_ms - 1)) / day_ms);
}

/// 0 = Sunday.
[[nodiscard]] constexpr unsigned weekday_of(day_number day) {
    return static_cast<unsigned>(((day + 4) % 7 + 7) % 7);
}

/// "2026-12-31"; empty for anything else and for days that there are not.
[[nodiscard]] std::optional<day_number> parse_day(std::string_view text);
[[nodiscard]] std::string format_day(day_number day);

enum class day_kind : std::uint8_t {
    working,
    holiday,
    unknown,  // no table for the country, or not for the year
};
/// `country`: ISO 3166. Days of the week say nothing here.
[[nodiscard]] day_kind kind_of_day(std::string_view country, day_number day);
[[nodiscard]] bool has_calendar(std::string_view country);

}  // namespace hikyaku::gateway::gate
