#include "gateway/app/store_guard.hpp"

#include <algorithm>
#include <cstdlib>

namespace hikyaku::gateway::app {
namespace {

constexpr std::string_view machine_row = "guard_machine", file_row = "guard_file",
                           boot_row = "guard_boot", distance_row = "guard_distance_ms",
                           wall_row = "guard_wall_ms", doubts_row = "guard_doubts",
                           since_row = "guard_since_ms";

constexpr doubts bit(doubt what) {
    return static_cast<doubts>(what);
}

std::int64_t distance_of(const clock_reading& clock) {
    return clock.wall_ms - clock.since_ms;
}

}  // namespace

std::vector<std::string_view> names_of(doubts what) {
    std::vector<std::string_view> names;
    const auto add = [&](doubt each, std::string_view name) {
        if ((what & bit(each)) != 0) names.push_back(name);
    };
    add(doubt::machine, "machine");
    add(doubt::file, "file");
    add(doubt::clock, "clock");
    add(doubt::unknown, "unknown");
    return names;
}

std::string_view rule_of(doubts what) {
    if (what == 0) return "";
    return what == bit(doubt::clock) ? "clock_jumped" : "store_unconfirmed";
}

store_guard::store_guard(const store_stamp& now, const clock_reading& clock,
                         const store::snapshot& from, std::int64_t last_ms)
    : stamp_(now), known_(now), boot_(clock.boot), distance_ms_(distance_of(clock)) {
    const auto number = [&from](std::string_view row) {
        return from.get(store::meta, row).value_or(0);
    };
    const auto machine = from.get(store::meta, machine_row);
    if (!machine) {
        if (last_ms != 0) doubts_ = bit(doubt::unknown);
        since_ms_ = clock.wall_ms;
        return;
    }
    known_ = {*machine, number(file_row)};
    doubts_ = static_cast<doubts>(number(doubts_row));
    since_ms_ = static_cast<std::int64_t>(number(since_row));
    const auto before = doubts_;
    if (known_.machine != stamp_.machine) doubts_ |= bit(doubt::machine);
    if (known_.file != stamp_.file) doubts_ |= bit(doubt::file);
    const auto written_ms = static_cast<std::int64_t>(number(wall_row));
    if (clock.wall_ms < std::max(last_ms, written_ms) - behind_ms) doubts_ |= bit(doubt::clock);
    // Since another start of the machine any time may have passed.
    if (clock.boot != 0 && clock.boot == number(boot_row)) {
        distance_ms_ = static_cast<std::int64_t>(number(distance_row));
        if (std::abs(distance_of(clock) - distance_ms_) > jump_ms) doubts_ |= bit(doubt::clock);
    }
    if (doubts_ != before && before == 0) since_ms_ = clock.wall_ms;
}

bool store_guard::look(const clock_reading& clock) {
    if ((doubts_ & bit(doubt::clock)) != 0) return false;
    if (std::abs(distance_of(clock) - distance_ms_) <= jump_ms) return false;
    if (doubts_ == 0) since_ms_ = clock.wall_ms;
    doubts_ |= bit(doubt::clock);
    return true;
}

// What the store was is kept until it is confirmed: so a second start finds the same doubts.
void store_guard::write(const clock_reading& clock, store::batch& rows) {
    written_ms_ = clock.wall_ms;
    const auto put = [&rows](std::string_view row, auto number) {
        rows.put(store::meta, row, static_cast<std::uint64_t>(number));
    };
    put(machine_row, known_.machine);
    put(file_row, known_.file);
    put(boot_row, boot_);
    put(distance_row, distance_ms_);
    put(wall_row, clock.wall_ms);
    put(doubts_row, doubts_);
    put(since_row, since_ms_);
}

void store_guard::write_confirmed(const clock_reading& clock, store::batch& rows) {
    auto after = *this;
    after.confirmed_ms_ = distance_of(clock);
    after.confirmed();
    after.write(clock, rows);
    confirmed_ms_ = distance_of(clock);
}

void store_guard::confirmed() {
    doubts_ = 0;
    known_ = stamp_;
    distance_ms_ = confirmed_ms_;
}

}  // namespace hikyaku::gateway::app
