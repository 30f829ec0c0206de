// Counts what arrives in the last second, exactly and for any sliding second, and remembers the
// most it ever saw: the proof that a contract rate was kept. Also the simulated carrier's throttle.
// A ring of arrival times that grows to what one second holds; time is an argument, one thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace hikyaku::bench {

class rate_watch {
public:
    using time = std::chrono::steady_clock::time_point;
    static constexpr std::chrono::seconds window{1};

    /// One arrival. Times must not run backwards.
    void add(time now);
    /// Arrivals in (now - 1 s, now].
    [[nodiscard]] std::uint64_t in_last_second(time now);
    /// The most in any (t - 1 s, t].
    [[nodiscard]] std::uint64_t most() const { return most_; }

private:
    // Arrivals of one moment: a batch read at once takes one place.
    struct run {
        time at;
        std::uint64_t count = 0;
    };
    void forget(time now);
    void push(const run& added);

    std::vector<run> ring_ = std::vector<run>(1024);  // size is a power of two
    std::size_t head_ = 0;
    std::size_t used_ = 0;
    std::uint64_t total_ = 0;
    std::uint64_t most_ = 0;
};

}  // namespace hikyaku::bench
