// What accounts of each kind are under, written down a second time from the sources that the packs
// in config/policy name, as plain values; and what a business has set for itself beside that.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/law/wall.hpp"

namespace hikyaku::law {

struct rules {
    bool any = false;     // it is under a pack
    bool shadow = false;  // which holds nothing back
    int open = 8 * 3600;  // seconds after midnight
    int close = 21 * 3600;
    bool sundays = false;       // of rest, for dunning and marketing
    bool own_holidays = false;  // of where the person may be, likewise
    bool japans_holidays = false;
    std::vector<date::local_days> dark;  // nothing at all
    unsigned day_max = 0, week_max = 0;  // to one contact point; 0 = any number
    std::int64_t gap_ms = 4 * hour_ms;
    std::int64_t floor_ms = 15 * minute_ms;  // of the window that is left
    bool number_zones = false;               // count beside those that are named
    std::vector<std::string> zones;          // of whom nothing else tells
};

inline constexpr std::int64_t week_ms = 7 * day_ms;

/// "japan/lender": Money Lending Business Act, article 21(1), its Enforcement Rules, article 19(1);
/// "us/first-party": Regulation F, 12 CFR 1006.6(b)(1), 1006.14(b)(2) by analogy; "uk": CONC 7.9;
/// "eu": custom, with Sundays and national holidays. Caps and the gap are practice. "": no pack.
[[nodiscard]] inline rules rules_of(std::string_view pack) {
    rules made;
    made.any = !pack.empty();
    if (pack == "us/first-party") {
        made.week_max = 7;
    } else if (made.any) {
        made.day_max = 1;
        made.week_max = 3;
    }
    made.sundays = made.own_holidays = pack == "eu";
    return made;
}

}  // namespace hikyaku::law
