#include "gateway/app/sandbox_clock.hpp"

#include <algorithm>
#include <cassert>

namespace hikyaku::gateway::app {

instant sandbox_clock::read(const instant& system) {
    last_ms_ = std::max(last_ms_, time_.stands_ms.value_or(system.wall_ms + time_.moved_ms));
    return {system.steady, last_ms_, last_ms_ - system.wall_ms};
}

void sandbox_clock::run(const instant& system) {
    time_ = {read(system).moved_ms, std::nullopt};
}

void sandbox_clock::move(std::int64_t by_ms) {
    assert(time_.stands_ms && by_ms >= 0);
    *time_.stands_ms += by_ms;
}

sandbox_time sandbox_clock::kept(const instant& system, bool stands) {
    const auto now = read(system);
    if (stands) return {0, now.wall_ms};
    return {now.moved_ms, std::nullopt};
}

}  // namespace hikyaku::gateway::app
