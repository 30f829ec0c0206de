// How the C++ tests wait, and the one guard against waiting for ever, as HANGS_AFTER is that of the
// drivers in Python. No test measures with it: what a faster, slower or busier machine moves is no
// assertion. A wait whose time is over has failed, even if what it waited for holds by then: nobody
// told the waiter, and the program's own threads wait in the same way.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace hikyaku::tests {

/// What has not happened after so long is said to hang.
inline constexpr std::chrono::seconds hangs_after{120};

/// For a deadline of the program that must not end a wait: the guard comes before it.
inline constexpr std::chrono::seconds beyond_hanging = 3 * hangs_after;

/// For a timer of the program that must not run out before the test has done its part, on a busy
/// machine too, and that the test then waits for.
inline constexpr std::chrono::milliseconds short_timer{1000};

/// Waits until `ready()`, which is asked under `lock` at once and at each wake-up of `changed`.
/// False when `within` is over, whatever `ready` would say then.
template <class Ready>
[[nodiscard]] bool wait_until(std::condition_variable& changed, std::unique_lock<std::mutex>& lock,
                              Ready ready, std::chrono::milliseconds within = hangs_after) {
    const auto end = std::chrono::steady_clock::now() + within;
    while (!ready())
        if (changed.wait_until(lock, end) == std::cv_status::timeout) return false;
    return true;
}

/// Turns an io_context until `done()`, which is asked after each handler, and now and then. False
/// when `within` is over, whatever `done` would say then.
template <class Loop, class Done>
[[nodiscard]] bool turn_until(Loop& loop, const Done& done,
                              std::chrono::milliseconds within = hangs_after) {
    const auto end = std::chrono::steady_clock::now() + within;
    while (!done()) {
        if (std::chrono::steady_clock::now() >= end) return false;
        loop.restart();
        loop.run_one_for(std::chrono::milliseconds(20));
    }
    return true;
}

}  // namespace hikyaku::tests
