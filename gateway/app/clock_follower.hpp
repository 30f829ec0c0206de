// Another part of the process that goes by the clock of the gateway in it: the simulated carrier of
// `hikyaku sandbox`. Called on the gateway's thread.
#pragma once

#include <cstdint>
#include <optional>

#include "gateway/engine/types.hpp"

namespace hikyaku::gateway::app {

class clock_follower {
public:
    virtual ~clock_follower() = default;
    /// What the clock says, after each move of it, and at the start.
    virtual void on_clock(const instant& now) = 0;
    /// The next moment at which it has something to do; empty: none.
    [[nodiscard]] virtual std::optional<std::int64_t> next_due(const instant& now) = 0;
    /// All that was due is done and acknowledged.
    [[nodiscard]] virtual bool rests(const instant& now) = 0;
};

}  // namespace hikyaku::gateway::app
