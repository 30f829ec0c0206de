// The units of the settings table's limits: durations are limited in milliseconds. Used by the
// files tables_*.cpp.
#pragma once

#include <cstdint>

namespace hikyaku::config {

inline constexpr std::uint64_t second = 1000;
inline constexpr std::uint64_t minute = 60 * second;
inline constexpr std::uint64_t hour = 60 * minute;
inline constexpr std::uint64_t day = 24 * hour;

}  // namespace hikyaku::config
