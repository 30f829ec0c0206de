// When each message of a run is meant to be sent. In an open loop (a rate is given) that is fixed
// beforehand and does not wait for answers, so a slow server cannot hide its slowness by slowing
// the measurement down; at full speed a message is meant to be sent when there is room for it.
// Pure, time is an argument.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace hikyaku::bench {

/// Between the loss of a connection and the next attempt.
inline constexpr std::chrono::milliseconds reconnect_pause{200};

class pacer {
public:
    using time = std::chrono::steady_clock::time_point;
    using span = std::chrono::nanoseconds;

    /// `per_second` empty: full speed. One of `count` and `duration` must be given; of both, what
    /// ends first. In an open loop a duration means the messages that fit into it, all of them.
    pacer(std::optional<double> per_second, std::optional<std::uint64_t> count,
          std::optional<span> duration);

    void start(time now);
    /// The moment at which the next message is meant to be sent, maybe in the future; empty when
    /// there is none any more. REQUIRES: started.
    [[nodiscard]] std::optional<time> next(time now) const;
    /// The next one was sent.
    void advance() { ++taken_; }
    /// No further messages, whatever was planned.
    void stop() { stopped_ = true; }

    [[nodiscard]] std::uint64_t taken() const { return taken_; }
    /// Planned and never sent; 0 at full speed for a duration, where nothing is planned.
    [[nodiscard]] std::uint64_t left() const { return count_ ? *count_ - taken_ : 0; }
    [[nodiscard]] time started() const { return start_; }
    /// When the last message is meant to be sent, if that is known.
    [[nodiscard]] std::optional<time> planned_end() const;

private:
    [[nodiscard]] time moment(std::uint64_t index) const;

    std::optional<double> per_second_;
    std::optional<std::uint64_t> count_;
    std::optional<span> duration_;
    time start_{};
    std::uint64_t taken_ = 0;
    bool stopped_ = false;
};

}  // namespace hikyaku::bench
