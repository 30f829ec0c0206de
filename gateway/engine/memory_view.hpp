// How much the engine holds in memory, in things that have a bound each: what the simulation checks
// after every step, and that nothing is left when everything has come to its end. O(number of
// flows and endpoints). Engine's thread only.
#pragma once

#include <chrono>
#include <cstddef>

namespace hikyaku::gateway {

/// How much that may be. The program has these numbers, which are no settings; a test gives smaller
/// ones, so that they are met.
struct engine_limits {
    /// Messages of one flow, and of all flows. Each flow may have the reserve whatever the others
    /// hold, so that backlogs of carriers that are down never keep somebody else's message out of
    /// memory.
    std::size_t flow_ready_max = 4096, ready_total_max = 65536, flow_ready_reserved = 64;

    /// Entries of one outbox that are in memory; the sessions' windows come on top for a moment.
    std::size_t outbox_ready_max = 4096;

    /// Submitted messages that are kept until their receipts come,
    /// because most come within seconds: about 50 MB.
    std::size_t resting_max = 65536;
    std::chrono::seconds rest_time{20};

    /// Timed-out attempts whose response may still come; the oldest are forgotten first.
    std::size_t late_attempts_max = 10000;

    /// Receipts in memory that came before their response; the others stay in the store only.
    std::size_t early_max = 100000;
};

struct memory_view {
    std::size_t live = 0;                // messages, without the resting ones
    std::size_t resting = 0;             // submitted messages that wait here for their receipts
    std::size_t flows = 0, ready = 0;    // of them in the queues
    std::size_t in_flight = 0;           // attempts
    std::size_t late = 0;                // attempts whose response may still come
    std::size_t waiting = 0;             // messages, by carrier, that wait for their outcome
    std::size_t early = 0;               // receipts that came before their response
    std::size_t outbox_ready_most = 0;   // of one endpoint
    std::size_t events_alone_most = 0;   // of one webhook: refused, and waiting for their next try
    std::size_t committing_entries = 0;  // what follows when the batches under way are on disk
    std::size_t committing_bytes = 0;
};

}  // namespace hikyaku::gateway
