#include "gateway/gate/openings.hpp"

#include <algorithm>

#include "gateway/gate/calendar.hpp"

namespace hikyaku::gateway::gate {
namespace {

using piece = openings::piece;
using state = openings::state;

// Whoever has to wait longer is not told when.
constexpr std::int64_t horizon_ms = 400 * day_ms;

std::int64_t time_of_day(std::int64_t local_ms) {
    return local_ms - day_ms * day_of(local_ms);
}

/// What both say together: the worse, for as long as neither changes.
piece joined(piece one, piece other) {
    return {std::max(one.is, other.is), std::min(one.end_ms, other.end_ms)};
}

}  // namespace

bool is_about_time(rule_kind what) {
    return what == rule_kind::hours || what == rule_kind::rest_days || what == rule_kind::blackout;
}

openings::openings(const policy& rules, purpose why, zone_book::zones zones,
                   std::span<const std::string_view> countries)
    : zones_(zones), countries_(countries) {
    for (const rule& each : rules.rules)
        if (is_about_time(each.kind) && (each.purposes & set_of(why)) != 0 && count_ < rules_max)
            rules_[count_++] = &each;
}

state openings::of_day(const rule& about, std::int32_t day) const {
    if (about.kind == rule_kind::blackout) {
        const bool dark = std::ranges::any_of(about.days, [day](const day_range& range) {
            return range.first <= day && day <= range.last;
        });
        return dark ? state::closed : state::open;
    }
    if ((about.weekdays >> weekday_of(day) & 1U) != 0) return state::closed;
    if (!about.holidays) return state::open;
    state worst = state::open;
    const auto look = [&](std::string_view country) {
        const day_kind kind = kind_of_day(country, day);
        if (kind == day_kind::unknown) worst = state::unknown;
        if (kind == day_kind::holiday) worst = std::max(worst, state::closed);
    };
    for (const std::string& country : about.calendars)
        look(country);
    if (!about.calendars.empty()) return worst;
    for (const std::string_view country : countries_)
        look(country);
    return countries_.empty() ? state::unknown : worst;
}

piece openings::of_rule_in(const rule& about, const local_zone& zone, std::int64_t ms) const {
    const stretch here = zone.at(ms);
    const std::int64_t local = ms + here.offset_ms;
    const std::int64_t clock = time_of_day(local);
    const std::int64_t midnight = ms - clock;
    piece made;
    std::int64_t change = day_ms;
    if (about.kind == rule_kind::hours) {
        const bool open = about.open_ms <= clock && clock < about.close_ms;
        made.is = open ? state::open : state::closed;
        if (open)
            change = about.close_ms;
        else
            change = clock < about.open_ms ? about.open_ms : day_ms;
    } else {
        made.is = of_day(about, day_of(local));
    }
    made.end_ms = std::min(midnight + change, here.end_ms);
    return made;
}

piece openings::of_rule(const rule& about, std::int64_t ms) const {
    piece all;
    for (const local_zone* const zone : zones_)
        all = joined(all, of_rule_in(about, *zone, ms));
    return all;
}

piece openings::at(std::int64_t ms) const {
    piece all;
    for (std::size_t i = 0; i < count_; ++i)
        all = joined(all, of_rule(*rules_[i], ms));
    return all;
}

std::optional<window> openings::next(std::int64_t from_ms, std::int64_t need_ms) const {
    if (count_ == 0) return window{from_ms, never_ms};
    const std::int64_t horizon = from_ms + horizon_ms;
    std::int64_t at_ms = from_ms;
    while (at_ms < horizon) {
        piece now = at(at_ms);
        if (now.is != state::open) {
            at_ms = now.end_ms;
            continue;
        }
        const std::int64_t begin = at_ms;
        while (now.is == state::open && now.end_ms < begin + horizon_ms) {
            at_ms = now.end_ms;
            now = at(at_ms);
        }
        if (now.is == state::open) return window{begin, never_ms};
        if (at_ms - begin >= need_ms) return window{begin, at_ms};
    }
    return std::nullopt;
}

std::int64_t openings::end_of_day(std::int64_t ms) const {
    std::int64_t latest = ms;
    for (const local_zone* const zone : zones_) {
        std::int64_t at_ms = ms;
        stretch here = zone->at(at_ms);
        const day_number day = day_of(at_ms + here.offset_ms);
        while (day_of(at_ms + here.offset_ms) <= day) {
            const std::int64_t clock = time_of_day(at_ms + here.offset_ms);
            at_ms = std::min(at_ms - clock + day_ms, here.end_ms);
            here = zone->at(at_ms);
        }
        latest = std::max(latest, at_ms);
    }
    return latest;
}

}  // namespace hikyaku::gateway::gate
