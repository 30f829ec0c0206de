// The queues in memory. A flow is what one account has waiting on one route at one priority; of its
// backlog only the head is held here, the rest is in the store. pick() decides which flow goes
// next: higher priorities first, and inside a priority each account gets its weighted share
// (start-time fair queueing), so that a bulk never stands before somebody else's single message.
// Pure; engine's thread only.
#pragma once

#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "gateway/engine/memory_view.hpp"
#include "gateway/engine/messages/live_message.hpp"
#include "gateway/engine/turn.hpp"

namespace hikyaku::gateway {

inline constexpr std::uint32_t priorities = 4;

struct flow {
    route_id route{};
    std::uint8_t priority = 0;
    account_id account{};
    std::uint32_t weight = 1;
    std::deque<live_message*> ready;
    bool more_on_disk = false;             // entries that are due and not in memory
    std::int64_t next_wake_ms = never_ms;  // not_before of the first entry that is not due
    double tag = 0;                        // virtual time at which its next segment starts
    bool listed = false;
    bool held = false;           // its front waits until marks of others are on disk
    std::uint32_t withheld = 0;  // messages that the gate has held back in this turn
};

class flow_set {
public:
    explicit flow_set(const engine_limits& limits = {}) : limits_(limits) {}

    /// The flow of this key, made when it is new (`weight` is the account's).
    flow& at(route_id route, std::uint8_t priority, account_id account, std::uint32_t weight);
    [[nodiscard]] bool has_room(const flow& to) const {
        return to.ready.size() < limits_.flow_ready_reserved ||
               (to.ready.size() < limits_.flow_ready_max && ready_total_ < limits_.ready_total_max);
    }
    void push_back(flow& to, live_message& message);
    /// Back to where it was taken from: before the first message that is due later.
    void put_back(flow& to, live_message& message);
    void pop_front(flow& from);
    /// Takes a message out of the middle (cancelled, expired). O(ready).
    void remove(flow& from, live_message& message);

    /// The flow with the least virtual time at this priority among those that are not empty and for
    /// which `servable` is true; nullptr if there is none.
    template <class Servable>
    [[nodiscard]] flow* pick(std::size_t priority, Servable&& servable) {
        auto& list = active_[priority];
        flow* best = nullptr;
        for (std::size_t i = 0; i < list.size();) {
            flow* candidate = list[i];
            if (candidate->ready.empty()) {
                candidate->listed = false;
                list[i] = list.back();
                list.pop_back();
                continue;
            }
            ++i;
            if ((best == nullptr || candidate->tag < best->tag) && servable(*candidate))
                best = candidate;
        }
        return best;
    }
    /// One segment of the flow has been handed out by somebody whose own virtual time at this
    /// priority is `clock`. Each carrier has a clock of its own, or the traffic of a fast one
    /// would level the weights of those who share a slow one.
    static void charge(flow& to, double& clock);
    /// The virtual time at which a flow that has just got something to send starts: the least of
    /// the clocks of those who may serve it. Without it every flow starts at 0.
    void set_start(std::function<double(const flow&)> start) { start_ = std::move(start); }

    [[nodiscard]] const std::vector<std::unique_ptr<flow>>& all() const { return flows_; }
    [[nodiscard]] std::size_t ready_total() const { return ready_total_; }

private:
    void list(flow& to);

    engine_limits limits_;
    std::vector<std::unique_ptr<flow>> flows_;
    boost::unordered_flat_map<std::uint64_t, flow*> by_key_;
    std::array<std::vector<flow*>, priorities> active_;
    std::function<double(const flow&)> start_;
    std::size_t ready_total_ = 0;
};

}  // namespace hikyaku::gateway
