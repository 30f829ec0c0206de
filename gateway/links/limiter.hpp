// Keeps strangers from trying codes: a network that asked for too many unknown ones is refused for
// a while. The redirector asks allow() before it looks a code up, whatever the code (else a guesser
// would learn from the hits that get through), and calls miss() when the answer was "unknown".
// Memory is fixed, time is an argument. Redirector's thread only.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "gateway/links/network.hpp"
#include "gateway/links/network_table.hpp"

namespace hikyaku::gateway::links {

struct miss_rate {
    std::uint32_t count = 20;  // at least 1
    std::chrono::milliseconds period{60000};
};

class miss_limiter {
public:
    using milliseconds = std::chrono::milliseconds;

    /// Without a rate everything is allowed and nothing remembered. Of each network `rate.count`
    /// misses are allowed at once, and after that one more each `period / count`.
    miss_limiter(std::optional<miss_rate> rate, std::size_t networks_max,
                 random_source random = {});

    /// False if the network has used up its misses. `now` is steady time from any origin.
    [[nodiscard]] bool allow(const network_key& network, milliseconds now);

    /// Counts one unknown code. A refused request needs no miss(); if it gets one, the network
    /// waits no longer than a full period.
    void miss(const network_key& network, milliseconds now);

    /// How long a refused network has to wait, for Retry-After; 0 if it is allowed.
    [[nodiscard]] milliseconds retry_after(const network_key& network, milliseconds now);

    [[nodiscard]] std::size_t networks() const { return table_.size(); }
    [[nodiscard]] std::size_t networks_max() const { return table_.capacity(); }

private:
    using microseconds = std::chrono::microseconds;
    // One time per network tells all: when its misses will have been forgotten completely.
    struct entry {
        microseconds forgotten_at = microseconds::min();
        [[nodiscard]] microseconds freshness() const { return forgotten_at; }
    };

    microseconds wait(const network_key& network, milliseconds now);

    microseconds interval_{0};  // one miss is forgotten in this time; 0 = no limit
    microseconds full_{0};      // interval_ * count
    network_table<entry> table_;
};

}  // namespace hikyaku::gateway::links
