// Virtual time and chance: what happens when, and every decision that is left to chance. A run is
// a function of the seed alone, so nothing in the simulation may ask the machine for the time or
// for random numbers. The trace is a hash over all that has happened, by which two runs compare.
#pragma once

#include <cstdint>
#include <functional>
#include <queue>
#include <random>
#include <vector>

namespace hikyaku::sim {

inline constexpr std::int64_t millisecond_us = 1'000;
inline constexpr std::int64_t second_us = 1'000'000;
inline constexpr std::int64_t hour_us = 3600 * second_us;

class dice {
public:
    explicit dice(std::uint64_t seed) : bits_(seed) {}
    std::uint64_t operator()() { return bits_(); }
    /// From `low` to `high`, both included.
    [[nodiscard]] std::int64_t between(std::int64_t low, std::int64_t high) {
        return std::uniform_int_distribution<std::int64_t>(low, high)(bits_);
    }
    [[nodiscard]] std::size_t below(std::size_t count) {
        return static_cast<std::size_t>(between(0, static_cast<std::int64_t>(count) - 1));
    }
    [[nodiscard]] bool chance(double probability) {
        return std::uniform_real_distribution<>(0, 1)(bits_) < probability;
    }
    template <class Container>
    [[nodiscard]] const auto& pick(const Container& from) {
        return from[below(std::size(from))];
    }

private:
    std::mt19937_64 bits_;
};

class scheduler {
public:
    void at(std::int64_t delay_us, std::function<void()> what) {
        queue_.push({now_us_ + std::max<std::int64_t>(delay_us, 0), order_++, std::move(what)});
    }
    /// Takes the next event and sets the time to it. REQUIRES: there is one.
    [[nodiscard]] std::function<void()> next() {
        auto what = std::move(const_cast<event&>(queue_.top()).what);
        now_us_ = queue_.top().at_us;
        queue_.pop();
        ++events_;
        return what;
    }
    [[nodiscard]] std::int64_t now_us() const { return now_us_; }
    [[nodiscard]] std::uint64_t events() const { return events_; }

    /// Adds to the trace: the time, what has happened, and to whom.
    void trace(std::uint64_t what, std::uint64_t whom) {
        for (const auto value : {static_cast<std::uint64_t>(now_us_), what, whom}) {
            trace_ = (trace_ ^ value) * 0x100000001b3;
            trace_ ^= trace_ >> 29;
        }
    }
    [[nodiscard]] std::uint64_t trace() const { return trace_; }

private:
    struct event {
        std::int64_t at_us;
        std::uint64_t order;
        std::function<void()> what;
        bool operator>(const event& other) const {
            return at_us != other.at_us ? at_us > other.at_us : order > other.order;
        }
    };
    std::priority_queue<event, std::vector<event>, std::greater<>> queue_;
    std::uint64_t order_ = 0, events_ = 0;
    std::int64_t now_us_ = 0;
    std::uint64_t trace_ = 0xcbf29ce484222325;
};

}  // namespace hikyaku::sim
