// The time fields of SMPP: absolute "YYMMDDhhmmsstnnp" and relative "YYMMDDhhmmss000R"
// (3.4, 7.1.1), read and written. The gateway calls this for schedule_delivery_time,
// validity_period and final_date; the present moment is always an argument, because nothing here
// reads a clock.
#pragma once

#include <array>
#include <boost/system/result.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace hikyaku::smpp {

using sys_time = std::chrono::sys_time<std::chrono::milliseconds>;

enum class time_error : std::uint8_t {
    bad_length,     // neither empty nor 16 characters
    bad_digits,     // something else than digits in front of the last character
    bad_direction,  // the last character is not '+', '-' or 'R'
    out_of_range,   // month 13, 31 June, 49 quarter hours, tenths in a relative time, ...
};

/// The 16 characters of a time field.
struct time_text {
    std::array<char, 16> chars{};
    [[nodiscard]] std::string_view view() const { return {chars.data(), chars.size()}; }
};

/// Empty text is no time (immediate delivery, the gateway's own validity) and gives an empty
/// optional.
///
/// Absolute: local time with tenths of a second, `nn` quarter hours (0-48) ahead of UTC with '+' or
/// behind it with '-'. The two digits of the year mean the century that brings it nearest to `now`.
/// Relative: counted from `now`; each pair may be 00-99, a year is 365 days and a month 30 days.
/// An absolute time in the past is no error here: whether it is one depends on the field.
[[nodiscard]] boost::system::result<std::optional<sys_time>, time_error> parse_time(
    std::string_view text, sys_time now);

/// Absolute, cut to tenths; `offset` in quarter hours from UTC, -48..48 (assert).
[[nodiscard]] time_text format_absolute_time(sys_time when, int offset_quarter_hours = 0);

/// Relative, rounded up to whole seconds so that a short validity never becomes none. Up to 99 days
/// are written in days, because peers disagree on the length of months; beyond, with years of 365
/// and months of 30 days. out_of_range for a negative duration or one of 100 years and more.
[[nodiscard]] boost::system::result<time_text, time_error> format_relative_time(
    std::chrono::milliseconds from_now);

}  // namespace hikyaku::smpp
