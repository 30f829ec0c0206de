#include "gateway/app/clock_mover.hpp"

#include <algorithm>
#include <utility>

namespace hikyaku::gateway::app {

bool clock_mover::begin(std::int64_t to_ms, completion done) {
    if (moving()) return false;
    to_ms_ = to_ms;
    done_ = std::move(done);
    outside_.hop(0);
    hopped_at_ = outside_.now().steady;
    return true;
}

bool clock_mover::step() {
    if (!moving()) return false;
    const auto now = outside_.now();
    const bool rests = outside_.rests();
    if (!rests && now.steady - hopped_at_ < wait_max) return false;
    if (!rests) ++hurried_;
    if (now.wall_ms >= to_ms_) {
        give_up();
        return false;
    }
    constexpr auto most = std::chrono::duration_cast<std::chrono::milliseconds>(hop_max).count();
    auto next = std::min(to_ms_, now.wall_ms + most);
    if (const auto due = outside_.next_due(); due && *due > now.wall_ms)
        next = std::min(next, *due);
    outside_.hop(next - now.wall_ms);
    hopped_at_ = now.steady;
    return true;
}

void clock_mover::give_up() {
    if (moving()) std::exchange(done_, nullptr)();
}

}  // namespace hikyaku::gateway::app
