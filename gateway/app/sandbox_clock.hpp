// The wall clock of a sandbox: the system's and what it was moved by, or a moment at which it
// stands. It never goes back. Pure: the system's time is an argument. One thread.
#pragma once

#include <cstdint>
#include <optional>

#include "gateway/engine/types.hpp"

namespace hikyaku::gateway::app {

/// What is kept of it over a restart.
struct sandbox_time {
    std::int64_t moved_ms = 0;              // ahead of the system, while it runs
    std::optional<std::int64_t> stands_ms;  // else it stands here
};

class sandbox_clock {
public:
    explicit sandbox_clock(const sandbox_time& kept = {}) : time_(kept) {}

    /// What it says at this moment of the system.
    [[nodiscard]] instant read(const instant& system);
    /// It stands from now on.
    void stand(const instant& system) { time_.stands_ms = read(system).wall_ms; }
    /// It goes on, from where it stands.
    void run(const instant& system);
    /// REQUIRES: it stands; by_ms >= 0.
    void move(std::int64_t by_ms);
    [[nodiscard]] bool stands() const { return time_.stands_ms.has_value(); }

    /// To be kept; while it stands only for a move as if it ran on.
    [[nodiscard]] sandbox_time kept(const instant& system, bool stands);

private:
    sandbox_time time_;
    std::int64_t last_ms_ = 0;
};

}  // namespace hikyaku::gateway::app
