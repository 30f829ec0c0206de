#include "gateway/engine/messages/flows.hpp"

#include <algorithm>
#include <cassert>

namespace hikyaku::gateway {

flow& flow_set::at(route_id route, std::uint8_t priority, account_id account,
                   std::uint32_t weight) {
    assert(priority < priorities && stored(route) < (1U << 30) && stored(account) < (1U << 30));
    const std::uint64_t key = std::uint64_t{stored(route)} << 32 |
                              std::uint64_t{stored(account)} << 2 | std::uint64_t{priority};
    auto& slot = by_key_[key];
    if (slot == nullptr) {
        auto made = std::make_unique<flow>();
        made->route = route;
        made->priority = priority;
        made->account = account;
        made->weight = std::max(1U, weight);
        slot = made.get();
        flows_.push_back(std::move(made));
    }
    return *slot;
}

void flow_set::list(flow& to) {
    if (!to.listed) {
        to.listed = true;
        active_[to.priority].push_back(&to);
        to.tag = std::max(to.tag, start_ ? start_(to) : 0.0);
    }
}

void flow_set::push_back(flow& to, live_message& message) {
    message.where = live_message::place::ready;
    to.ready.push_back(&message);
    ++ready_total_;
    list(to);
}

void flow_set::put_back(flow& to, live_message& message) {
    message.where = live_message::place::ready;
    const auto& own = message.position;
    const auto later = [&own](const live_message* other) {
        const auto& theirs = other->position;
        return theirs.not_before > own.not_before ||
               (theirs.not_before == own.not_before && theirs.id > own.id);
    };
    to.ready.insert(std::find_if(to.ready.begin(), to.ready.end(), later), &message);
    ++ready_total_;
    list(to);
}

void flow_set::pop_front(flow& from) {
    assert(!from.ready.empty());
    from.ready.front()->where = live_message::place::idle;
    from.ready.pop_front();
    --ready_total_;
}

void flow_set::remove(flow& from, live_message& message) {
    const auto at = std::find(from.ready.begin(), from.ready.end(), &message);
    assert(at != from.ready.end());
    from.ready.erase(at);
    message.where = live_message::place::idle;
    --ready_total_;
}

void flow_set::charge(flow& to, double& clock) {
    clock = std::max(clock, to.tag);
    to.tag = clock + 1.0 / to.weight;
}

}  // namespace hikyaku::gateway
