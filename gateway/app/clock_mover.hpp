// Moves a sandbox's clock to a moment: not in one jump, but from one due time to the next. Between
// two hops everything that has come due is done: messages go out, carriers answer, rows are on
// disk. So things happen in their order, as if the time had passed, in seconds for weeks. Pure but
// for the functions that it is given; engine's thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>

#include "gateway/engine/types.hpp"

namespace hikyaku::gateway::app {

struct clock_outside {
    std::function<instant()> now;
    /// The clock stands now, and is this much later.
    std::function<void(std::int64_t by_ms)> hop;
    /// The next moment at which something is due that waits for the wall clock; empty: nothing.
    std::function<std::optional<std::int64_t>()> next_due;
    /// All that is due is done.
    std::function<bool()> rests;
};

class clock_mover {
public:
    using completion = std::function<void()>;
    /// Without anything due: what is looked at in rounds (retention) keeps its order so far.
    static constexpr std::chrono::hours hop_max{6};
    /// Of real time, for what is due at one moment: behind a slow carrier it is not waited for
    /// longer.
    static constexpr std::chrono::seconds wait_max{5};

    explicit clock_mover(clock_outside outside) : outside_(std::move(outside)) {}

    /// False: a move is under way. `done` is called when the clock says `to_ms`, and everything is
    /// done that was due until then.
    [[nodiscard]] bool begin(std::int64_t to_ms, completion done);
    /// To be called after each turn while it moves. True: it has hopped, and wants a turn at once.
    bool step();
    /// Stays where it is; the completion is called.
    void give_up();
    [[nodiscard]] bool moving() const { return done_ != nullptr; }
    /// Hops, since the start of the process, that did not wait for all that was due.
    [[nodiscard]] std::uint64_t hurried() const { return hurried_; }

private:
    clock_outside outside_;
    std::int64_t to_ms_ = 0;
    steady_time hopped_at_{};
    completion done_;
    std::uint64_t hurried_ = 0;
};

}  // namespace hikyaku::gateway::app
