// The own requests of one session that wait for their response, found by sequence number and
// ordered by time. It exists apart from the session so that its bookkeeping can be tested alone:
// a slab of entries, an open-addressing index over it, and two lists through it, one of requests in
// flight and one of those given up (abandoned), whose late responses must still find their token.
// Only smpp::session calls it, on the session's thread. Nothing is allocated once it has grown.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "smpp/pdu/constants.hpp"

namespace hikyaku::smpp {

struct window_entry {
    std::uint32_t sequence = 0;
    command_id command = command_id::submit_sm;  // of the request
    std::uint64_t token = 0;                     // the owner's
    std::uint64_t stream_begin = 0;  // offset of its first byte in the session's bulk output
    std::chrono::steady_clock::time_point deadline{};
    bool abandoned = false;
};

class request_window {
public:
    /// `in_flight_max` requests may be unanswered; the last `abandoned_max` that were given up are
    /// remembered.
    request_window(std::uint32_t in_flight_max, std::uint32_t abandoned_max);

    /// A smaller limit takes effect as responses come in; nothing is dropped.
    void set_max(std::uint32_t in_flight_max) { in_flight_max_ = in_flight_max; }
    [[nodiscard]] std::uint32_t max() const { return in_flight_max_; }
    [[nodiscard]] std::uint32_t in_flight() const { return in_flight_.count; }
    [[nodiscard]] std::uint32_t abandoned() const { return abandoned_.count; }
    [[nodiscard]] bool full() const { return in_flight_.count >= in_flight_max_; }

    /// REQUIRES: not full, no entry with this sequence number, a deadline not before the last
    /// one's.
    void add(const window_entry& added);
    /// Null if there is none. Valid until the next call that changes the window.
    [[nodiscard]] const window_entry* find(std::uint32_t sequence) const;
    /// REQUIRES: an entry with this number exists. Works for abandoned ones too.
    void remove(std::uint32_t sequence);
    /// The request in flight for the longest time, or null.
    [[nodiscard]] const window_entry* oldest() const;
    /// Gives up the oldest request: it stays findable, marked abandoned, until `abandoned_max`
    /// others were given up after it. REQUIRES: oldest() is not null.
    void abandon_oldest();

private:
    using slot = std::uint32_t;
    static constexpr slot none = 0xFFFFFFFF;

    struct node {
        window_entry entry;
        slot previous = none;
        slot next = none;
    };
    struct list {
        slot head = none;
        slot tail = none;
        std::uint32_t count = 0;
    };

    // Consecutive numbers must not stand side by side: a removal walks to the end of its run.
    [[nodiscard]] std::size_t home(std::uint32_t sequence) const {
        return (sequence * 0x9E3779B1U) >> shift_;
    }
    [[nodiscard]] std::size_t index_of(std::uint32_t sequence) const;
    void insert_index(std::uint32_t sequence, slot at);
    void erase_index(std::size_t position);
    void grow_index();
    void link(list& to, slot at);
    void unlink(list& from, slot at);

    std::uint32_t in_flight_max_;
    std::uint32_t abandoned_max_;
    std::vector<node> nodes_;
    std::vector<slot> free_;
    std::vector<slot> index_;  // power of two, at most half full, linear probing
    std::size_t mask_;
    unsigned shift_;
    list in_flight_;
    list abandoned_;
};

}  // namespace hikyaku::smpp
