// The turn of the engine's loop that is under way: its reading of the clocks, what the driver has
// said of the process, and when tick() is wanted next. Every room reads it. Engine's thread only.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>

#include "gateway/engine/types.hpp"

namespace hikyaku::gateway {

inline constexpr std::int64_t never_ms = std::numeric_limits<std::int64_t>::max();

struct turn {
    instant now;
    steady_time deadline{};      // when tick() is wanted
    bool draining = false;       // nothing new is taken or handed out
    bool store_failing = false;  // the writer's last transaction failed

    /// Neither clock goes back.
    void set_now(instant read) {
        now.steady = std::max(now.steady, read.steady);
        now.wall_ms = std::max(now.wall_ms, read.wall_ms);
    }
    void want_tick(steady_time at) { deadline = std::min(deadline, at); }
    /// The same by the wall clock, looked at again within a second; never_ms = not at all.
    void want_tick_ms(std::int64_t wall_ms) {
        if (wall_ms == never_ms) return;
        const auto ahead = std::clamp<std::int64_t>(wall_ms - now.wall_ms, 0, 1000);
        want_tick(now.steady + std::chrono::milliseconds(ahead));
    }
};

}  // namespace hikyaku::gateway
