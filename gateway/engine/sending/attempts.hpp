// The attempts under way, each in a slot that its token names: made when a segment is handed to a
// bind, given back when its end is known, kept a while for a response that comes late. Pure;
// engine's thread only.
#pragma once

#include <boost/range/adaptor/filtered.hpp>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "gateway/engine/types.hpp"

namespace hikyaku::gateway {

struct attempt {
    std::uint32_t slot = 0;
    std::uint32_t generation = 1;
    bool used = false;
    bool timed_out = false;  // the message goes its way, but a late response may still come
    std::uint16_t segment = 0;
    std::uint16_t number = 0;  // from 1
    message_id message{};
    bind_id bind{};
    carrier_id carrier{};
    steady_time sent_at{};
};

class attempts {
public:
    /// So many that have timed out are kept; the oldest are forgotten first.
    explicit attempts(std::size_t late_max) : late_max_(late_max) {}

    /// A new one in a slot of its own; start() when its segment has been handed out, else free().
    [[nodiscard]] attempt& make(std::uint64_t& token);
    void start() { ++in_flight_; }
    /// nullptr: it has ended and is forgotten.
    [[nodiscard]] attempt* find(std::uint64_t token);
    /// Its end is known, or nobody waits for it any more.
    void free(attempt& done);
    /// A started one has ended, with a response or without.
    void end() { --in_flight_; }
    void keep_for_late_response(attempt& timed_out, std::uint64_t token);
    /// Late responses come on the bind of the attempt only.
    void forget_late_of(bind_id gone);

    /// Started and not ended.
    [[nodiscard]] std::size_t in_flight() const { return in_flight_; }
    [[nodiscard]] std::size_t late() const { return late_.size(); }
    /// In flight or late.
    [[nodiscard]] auto all() const {
        return slots_ | boost::adaptors::filtered([](const attempt& one) { return one.used; });
    }

private:
    std::size_t late_max_;
    std::deque<attempt> slots_;
    std::vector<std::uint32_t> free_slots_;
    std::deque<std::uint64_t> late_;  // tokens, oldest first
    std::size_t in_flight_ = 0;
};

}  // namespace hikyaku::gateway
