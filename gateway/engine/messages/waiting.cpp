// Messages that wait for the outcome of an attempt. At-most-once messages, and those of carriers
// whose `on_unknown` is await_receipt, are not sent again after an attempt without a known outcome:
// the segment waits, until the message expires, for a late response of that attempt or for a
// receipt. A waiting segment is one that counts as submitted without a time of submission; its
// message stays in the queue with the end of its validity as the time when it is looked at again.
#include <algorithm>

#include "gateway/engine/messages/messages.hpp"

namespace hikyaku::gateway {

void messages::remember_waiting(const live_message& live, carrier_id carrier) {
    const std::pair key{carrier, live.record().destination()->digits()->str()};
    const auto [begin, end] = waiting_.equal_range(key);
    if (std::none_of(begin, end, [&](const auto& one) { return one.second == live.id; })) {
        waiting_.emplace(key, live.id);
        waiting_at_[live.id].push_back(carrier);
    }
}

void messages::remember_waiting(const live_message& live) {
    for (const auto& segment : live.segments) {
        auto* const carrier = directory_.find(segment.carrier);
        if (segment.waiting() && carrier != nullptr) remember_waiting(live, carrier->id);
    }
}

void messages::forget_waiting(const live_message& live) {
    const auto at = waiting_at_.find(live.id);
    if (at == waiting_at_.end()) return;
    const std::string digits = live.record().destination()->digits()->str();
    for (const auto carrier : at->second) {
        auto [one, end] = waiting_.equal_range(std::pair{carrier, digits});
        while (one != end)
            one = one->second == live.id ? waiting_.erase(one) : std::next(one);
    }
    waiting_at_.erase(at);
}

/// All of it is with the carriers, and of some of it nobody knows what became of it.
void messages::keep_waiting(live_message& live) {
    take_from_flow(live);
    live.where = live_message::place::idle;
    live.retry_at_ms = 0;
    if (live.position.not_before != live.expires_ms) move_queue_entry(live, live.expires_ms);
    write_outcome(live);
}

/// A message as the store has it: what of it may have been sent waits for its outcome. True when
/// nothing else of it is left to be sent.
bool messages::wait_on(live_message& live) {
    remember_waiting(live);
    if (live.next_unsent() < live.segments.size()) return false;
    if (!live.has_waiting()) {  // a receipt ended its last segment while that was sent once more
        after_attempt(live);
        return true;
    }
    if (live.expires_ms <= now_.wall_ms) {
        expire(live);
        return true;
    }
    count_.resends_withheld += static_cast<std::uint64_t>(
        std::count_if(live.segments.begin(), live.segments.end(),
                      [](const auto& segment) { return segment.waiting(); }));
    keep_waiting(live);
    return true;
}

/// After a restart, when the sweep of the queue comes to the message.
void messages::load_waiting(message_id id) {
    auto* live = find_or_load(id);
    if (live == nullptr) return;
    remember_waiting(*live);
    release(*live);
}

std::size_t messages::count_waiting(carrier_id carrier, const std::string& phone) const {
    return waiting_.count(std::pair{carrier, phone});
}

message_id messages::any_waiting_for(carrier_id carrier, const std::string& phone) const {
    return waiting_.find(std::pair{carrier, phone})->second;
}

}  // namespace hikyaku::gateway
