// Submitted messages that stay in memory for a while, because most receipts come within seconds and
// would read them again.
#include "gateway/engine/messages/messages.hpp"

namespace hikyaku::gateway {

void messages::rest(live_message& live) {
    if (live.resting) return;
    live.resting = true;
    ++resting_count_;
    resting_.push_back({live.id, now_.steady});
    if (resting_.size() > limits_.resting_max) {
        forget_resting(resting_.front().id);
        resting_.pop_front();
    }
}

void messages::forget_resting() {
    while (!resting_.empty() && resting_.front().since + limits_.rest_time <= now_.steady) {
        forget_resting(resting_.front().id);
        resting_.pop_front();
    }
}

void messages::forget_resting(message_id id) {
    auto* live = live_.find(id);
    if (live == nullptr || !live->resting) return;
    live->resting = false;
    --resting_count_;
    if (live->pins == 0 && live->in_flight == 0 && live->where == live_message::place::idle)
        live_.remove(id);
}

}  // namespace hikyaku::gateway
