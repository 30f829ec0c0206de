// The one guard of the C++ tests against waiting for ever, as HANGS_AFTER is that of the drivers in
// Python. No test measures with it: what a faster, slower or busier machine moves is no assertion.
#pragma once

#include <chrono>

namespace hikyaku::tests {

/// What has not happened after so long is said to hang.
inline constexpr std::chrono::seconds hangs_after{120};

/// For a timer of the program that must not run out before the test has done its part, on a busy
/// machine too, and that the test then waits for.
inline constexpr std::chrono::milliseconds short_timer{1000};

}  // namespace hikyaku::tests
