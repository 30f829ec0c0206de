#include "gateway/engine/directory/adaptive_window.hpp"

#include <algorithm>

namespace hikyaku::gateway {

void adaptive_window::answered(time sent, time now) {
    if (!adaptive_) return;
    if (delay_target_.count() > 0 && now - sent > delay_target_) {
        refused(sent, now);
        return;
    }
    if (sent <= cut_ || size_ >= max_) return;
    if (++good_ >= size_) {
        ++size_;
        good_ = 0;
    }
}

void adaptive_window::refused(time sent, time now) {
    if (!adaptive_ || sent <= cut_) return;
    size_ = std::max(1U, size_ / 2);
    good_ = 0;
    cut_ = now;
}

double congestion_share(std::uint8_t state) {
    constexpr std::uint8_t optimum_end = 89, congested = 100;
    constexpr double least = 0.05;
    if (state <= optimum_end || state > congested) return 1.0;
    return std::max(least, static_cast<double>(congested - state) / (congested - optimum_end));
}

}  // namespace hikyaku::gateway
