// Splits a load run into intervals of equal length, each with a report of its own, so that a long
// run shows how latencies change while it goes on. A generator repeats for the present interval
// what it counts for the whole run, and asks now and then whether one has ended. One thread, that
// of the generator; two reports of memory, and nothing at all when no intervals are wanted.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include "bench/load/report.hpp"

namespace hikyaku::bench {

class intervals {
public:
    using time = load_report::time;
    using handler = std::function<void(const load_report&)>;

    /// Empty `every`: no intervals.
    explicit intervals(std::optional<std::chrono::nanoseconds> every) : every_(every) {}
    /// Called from roll() and end() with each interval's report; its `interval` counts from 1.
    void set_handler(handler on_end) { on_end_ = std::move(on_end); }

    void start(time now, bool receipts_wanted);
    /// Applies `change` to the present interval's report.
    template <class Change>
    void count(Change&& change) {
        if (present_) change(*present_);
    }
    /// Ends the interval if its time is over. One that was missed altogether is not made up: the
    /// next one to end is then longer.
    void roll(time now);
    /// Ends the last interval, however short.
    void end(time now);

private:
    void next(time now);

    std::optional<std::chrono::nanoseconds> every_;
    handler on_end_;
    std::unique_ptr<load_report> present_;  // since start(), if intervals are wanted
    time due_{};
};

}  // namespace hikyaku::bench
