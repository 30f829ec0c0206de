#include "gateway/app/clock.hpp"

#include <algorithm>

namespace hikyaku::gateway::app {

instant monotone_wall::read(std::chrono::steady_clock::time_point steady, std::int64_t system_ms) {
    constexpr std::int64_t tolerance_ms = 1000;
    if (!started_) {
        started_ = true;
        anchor_steady_ = steady;
        anchor_ms_ = std::max(system_ms, floor_ms_);
        last_ms_ = anchor_ms_;
    }
    const auto elapsed =
        std::chrono::duration_cast<std::chrono::milliseconds>(steady - anchor_steady_);
    const std::int64_t predicted = anchor_ms_ + elapsed.count();
    if (system_ms > predicted - tolerance_ms) {
        anchor_steady_ = steady;
        anchor_ms_ = system_ms;
        last_ms_ = std::max(last_ms_, system_ms);
        ahead_ms_ = 0;
    } else {
        if (ahead_ms_ == 0) ++steps_back_;
        last_ms_ = std::max(last_ms_, predicted);
        ahead_ms_ = predicted - system_ms;
    }
    return {steady, last_ms_};
}

instant system_clock::now() {
    // The date first: being interrupted between the two readings must not push the wall clock
    // ahead.
    const auto date = std::chrono::system_clock::now().time_since_epoch();
    const auto steady = std::chrono::steady_clock::now();
    return wall_.read(steady, std::chrono::duration_cast<std::chrono::milliseconds>(date).count());
}

}  // namespace hikyaku::gateway::app
