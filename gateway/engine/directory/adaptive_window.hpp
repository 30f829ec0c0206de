// How many segments one bind may have without response: additive increase, multiplicative decrease
// (AIMD) between 1 and what the configuration allows, so that a carrier that refuses or slows down
// is given less and one that answers well gets its whole window back. Also what the
// congestion_state of SMPP 5.0 means for our pace. Pure: time is an argument. Owned by the
// carriers' binds (carriers.hpp), engine's thread.
#pragma once

#include <chrono>
#include <cstdint>

namespace hikyaku::gateway {

class adaptive_window {
public:
    using time = std::chrono::steady_clock::time_point;

    /// A window that stays as it is.
    adaptive_window(std::uint32_t requests)  // NOLINT: a number is a window
        : max_(requests), size_(requests) {}
    /// Begins with `max`, which is at least 1. Responses that took longer than `delay_target` count
    /// as a sign of congestion; zero: none does.
    adaptive_window(std::uint32_t max, std::chrono::milliseconds delay_target)
        : max_(max), size_(max), delay_target_(delay_target), adaptive_(true) {}

    [[nodiscard]] std::uint32_t size() const { return size_; }
    [[nodiscard]] std::uint32_t max() const { return max_; }

    /// A response came at `now` to a request sent at `sent`, and it was no refusal for now. One
    /// more for each whole window of good answers.
    void answered(time sent, time now);
    /// ESME_RTHROTTLED, ESME_RMSGQFUL, or no response in time: half, but once per round trip:
    /// requests that were not sent after the last cut tell nothing about the smaller window.
    void refused(time sent, time now);

private:
    std::uint32_t max_;
    std::uint32_t size_;
    std::uint32_t good_ = 0;
    std::chrono::milliseconds delay_target_{0};
    time cut_{};
    bool adaptive_ = false;
};

/// The share of window and rate that a carrier is given which reports this congestion_state (5.0,
/// 4.8.4.18: up to 79 is load, 80 to 89 the optimum, 90 to 99 nearing congestion, 100 congested):
/// all of it up to 89, then less and less, a twentieth at 100. Values above 100 are reserved and
/// change nothing.
[[nodiscard]] double congestion_share(std::uint8_t state);

}  // namespace hikyaku::gateway
