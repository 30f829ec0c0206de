// A moment that tests of times count from.
#pragma once

#include <cstdint>

namespace hikyaku::gateway::io::testing_support {

inline constexpr std::int64_t noon = 1'767'268'800'000;  // 2026-01-01 12:00 UTC

}  // namespace hikyaku::gateway::io::testing_support
