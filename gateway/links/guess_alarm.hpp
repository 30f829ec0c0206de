// Notices that codes are guessed from many networks at once, each of which stays within its own
// budget (limiter.hpp): all misses of all networks together have a budget too. When it is used up
// the alarm is raised, and what would be answered "not available" is refused; links that exist work
// on for everybody. The alarm ends when the misses have been forgotten again, which takes a whole
// period without any, or longer with some. Memory is fixed, time is an argument. Pure; redirector's
// thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "gateway/links/limiter.hpp"

namespace hikyaku::gateway::links {

class guess_alarm {
public:
    using milliseconds = std::chrono::milliseconds;

    /// Without a rate there is never an alarm. `rate->count` misses are allowed at once, and one
    /// more each `period / count`.
    explicit guess_alarm(std::optional<miss_rate> rate);

    /// What a call has changed.
    enum class news : std::uint8_t { none, raised, ended };

    /// Time has passed. `now` is steady time from any origin.
    news look(milliseconds now);
    /// One code was not available. Misses during the alarm prolong it.
    news miss(milliseconds now);

    [[nodiscard]] bool is_raised() const { return raised_; }
    /// The misses that are not forgotten, as a share of the budget: 0 to 1.
    [[nodiscard]] double used(milliseconds now) const;
    /// How long the alarm lasts from now if nothing more is missed; 0 without one.
    [[nodiscard]] milliseconds ends_after(milliseconds now) const;
    /// Misses since the alarm was raised; those of the last one when there is none.
    [[nodiscard]] std::uint64_t misses() const { return misses_; }
    [[nodiscard]] std::uint64_t times_raised() const { return times_; }

private:
    using microseconds = std::chrono::microseconds;

    microseconds interval_{0};  // one miss is forgotten in this time; 0 = no limit
    microseconds full_{0};      // interval_ * count
    microseconds forgotten_at_ = microseconds::min();
    bool raised_ = false;
    std::uint64_t misses_ = 0;
    std::uint64_t times_ = 0;
};

}  // namespace hikyaku::gateway::links
