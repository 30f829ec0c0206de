#include "bench/carrier/phone_clock.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>

namespace hikyaku::bench {

phone_clock::reading phone_clock::at(std::string_view number, std::int64_t ms) {
    constexpr std::int64_t hour_s = 3600, day_s = 24 * hour_s;
    const auto* zone = zone_.empty() ? nullptr : zones_.find(zone_);
    if (const auto of_number = zones_.of_number(number); zone == nullptr && !of_number.empty())
        zone = of_number.front();
    const std::int64_t offset_s = zone == nullptr ? 0 : zone->at(ms).offset_ms / 1000;
    const std::int64_t local_s = ms / 1000 + offset_s;
    const std::int64_t hour = (local_s % day_s + day_s) % day_s / hour_s;
    const auto away = std::abs(offset_s);
    reading told;
    told.text = fmt::format("{:%Y-%m-%dT%H:%M:%S}{}{:02}:{:02}",
                            fmt::gmtime(static_cast<std::time_t>(local_s)),
                            offset_s < 0 ? '-' : '+', away / hour_s, away % hour_s / 60);
    told.zone = zone == nullptr ? "UTC" : zone->name();
    told.night = hour < day_begins_hour || hour >= night_begins_hour;
    return told;
}

}  // namespace hikyaku::bench
