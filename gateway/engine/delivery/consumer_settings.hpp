// What the composition root says of a consumer, an application inside the process that takes events
// (consumers.hpp), and what the engine tells of it. Plain data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace hikyaku::gateway {

/// What a consumer is and wants to hear. Named in code, not in the configuration.
struct consumer_settings {
    std::string name;                   // for ever: under it the store keeps the consumer's outbox
    std::vector<std::string> accounts;  // by name; one that is not configured has no events
    bool receipts = true, replies = true, hits = true, links_seen = true;
    /// Instead of all that: the end of each message about which the gate is asked, of every
    /// account, also where nobody has asked for a receipt.
    bool asked_only = false;
    /// Beside those: replies of the accounts that have them read, whole where they can be.
    bool read_replies = false;
    std::size_t window = 256;  // events that it has in hand at once, at most
};

/// A consumer as an operator sees it.
struct consumer_view {
    std::string name;
    std::uint64_t waiting = 0;  // in its outbox, with those in hand
    std::size_t in_hand = 0;
};

}  // namespace hikyaku::gateway
