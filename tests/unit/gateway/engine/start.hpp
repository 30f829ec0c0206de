// The moment at which tests of parts with a clock begin.
#pragma once

#include <chrono>

#include "gateway/engine/directory/rate.hpp"

namespace hikyaku::gateway {

inline constexpr steady_time start{std::chrono::hours{1000}};

}  // namespace hikyaku::gateway
