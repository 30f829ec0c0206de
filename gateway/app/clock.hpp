// The gateway's two clocks. `steady` is the system's monotonic clock; `wall` follows the system's
// date but never goes back, because ids, expiry and retention are ordered by it. Rules: a step back
// of less than a second makes the wall clock stand still until the date has caught up; after a
// greater one it goes on from where it was at the pace of the steady clock, until the date is
// reached or the program is started anew; a step forward is adopted at once. monotone_wall is pure
// and tested with injected readings; system_clock reads the real ones, on any one thread.
#pragma once

#include <chrono>
#include <cstdint>

#include "gateway/engine/types.hpp"

namespace hikyaku::gateway::app {

class monotone_wall {
public:
    /// `floor_ms`: no reading is earlier than this (the last time known to the store), 0 = none.
    explicit monotone_wall(std::int64_t floor_ms = 0) : floor_ms_(floor_ms) {}

    /// Turns one reading of both clocks into an instant. `steady` must not go back from call to
    /// call.
    [[nodiscard]] instant read(std::chrono::steady_clock::time_point steady,
                               std::int64_t system_ms);

    /// How far the wall clock runs ahead of the system's date since a step back; 0 = it follows it.
    [[nodiscard]] std::int64_t ahead_ms() const { return ahead_ms_; }
    /// Steps back of a second or more that were seen.
    [[nodiscard]] std::uint64_t steps_back() const { return steps_back_; }

private:
    std::int64_t floor_ms_;
    bool started_ = false;
    std::chrono::steady_clock::time_point anchor_steady_{};
    std::int64_t anchor_ms_ = 0;
    std::int64_t last_ms_ = 0;
    std::int64_t ahead_ms_ = 0;
    std::uint64_t steps_back_ = 0;
};

class system_clock {
public:
    explicit system_clock(std::int64_t floor_ms = 0) : wall_(floor_ms) {}
    [[nodiscard]] instant now();
    [[nodiscard]] const monotone_wall& wall() const { return wall_; }

private:
    monotone_wall wall_;
};

}  // namespace hikyaku::gateway::app
