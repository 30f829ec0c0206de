// What the clock on the wall says where a simulated phone is: in the zone of its number, or in the
// one that all phones are set to. Used by the page, on the carrier's thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/gate/zone_book.hpp"

namespace hikyaku::bench {

class phone_clock {
public:
    /// Hours in which a phone that rings wakes somebody: before 8 and from 21 on.
    static constexpr std::int64_t day_begins_hour = 8, night_begins_hour = 21;

    /// `zone`: an IANA name; empty: the first one in which the number may be, or UTC.
    explicit phone_clock(std::string zone = {}) : zone_(std::move(zone)) {}

    struct reading {
        std::string text;  // "2026-12-10T23:40:05+09:00"
        std::string zone;  // "Asia/Tokyo"
        bool night = false;
    };
    [[nodiscard]] reading at(std::string_view number, std::int64_t ms);

private:
    std::string zone_;
    gateway::gate::zone_book zones_;
};

}  // namespace hikyaku::bench
