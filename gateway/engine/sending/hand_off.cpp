// The last moment before a segment goes to a carrier: whether its message is still in time, and
// what the gate says of it.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "gateway/engine/sending/sending.hpp"

namespace hikyaku::gateway {

using smpp::command_status;

namespace {

constexpr std::int64_t delay_least_ms = 1000;  // or a gate that is wrong about the time spins

}  // namespace

/// False: its time is over, and it has left the front of the flow.
bool sending::is_in_time(flow& from, live_message& live) {
    const bool forbidden = live.deliver_by_ms <= now_.wall_ms && live.begun();
    const bool expired = live.expires_ms <= now_.wall_ms;
    if (live.in_flight > 0 && forbidden) {  // the end of that attempt brings it back here
        messages_.flows().pop_front(from);
        live.where = live_message::place::sending;
    } else if (live.in_flight == 0 && (expired || forbidden)) {
        messages_.expire(live);
    } else {
        return true;  // what is half sent at the end of its own validity is not torn
    }
    messages_.wake_when_low(from);
    return false;
}

/// False: the gate says no for now or for ever, and it has left the front of the flow.
bool sending::is_allowed(flow& from, live_message& live) {
    if (live.record().purpose() == Purpose::transactional || live.begun()) return true;
    const auto answer = gate_.ask({.message = static_cast<std::uint64_t>(live.id),
                                   .record = live.record(),
                                   .now_ms = now_.wall_ms,
                                   .expires_ms = live.expires_ms});
    if (const auto* allowed = std::get_if<gate_allow>(&answer)) {
        live.deliver_by_ms = allowed->deliver_by_ms.value_or(never_ms);
        if (live.deliver_by_ms > now_.wall_ms) {
            ++count_.gate_allowed;
            return true;
        }
    }
    ++withheld_;
    if (const auto* blocked = std::get_if<gate_block>(&answer)) {
        ++count_.gate_blocked;
        reject(live, command_status::esme_rprohibited, blocked->reason);
    } else if (const auto* wanted = std::get_if<gate_require>(&answer)) {
        ++count_.gate_required;
        reject(live, command_status::esme_rmissingtlv,
               fmt::format("required: {}", fmt::join(wanted->fields, ", ")));
    } else {
        const auto* later = std::get_if<gate_delay>(&answer);
        ++count_.gate_delayed;
        delay(live, later == nullptr ? 0 : later->until_ms);
    }
    messages_.wake_when_low(from);
    return false;
}

/// Out of its flow, and back when its time comes; nobody behind it waits for that.
void sending::delay(live_message& live, std::int64_t until_ms) {
    auto until = std::max(until_ms, now_.wall_ms + delay_least_ms);
    if (until == live.expires_ms)
        ++until;  // that place in the queue is of those that wait for an outcome
    live.retry_at_ms = until;
    messages_.take_from_flow(live);
    messages_.after_attempt(live);
}

void sending::reject(live_message& live, command_status status, std::string_view reason) {
    messages_.fail_segment(live, live.next_unsent(),
                           refusal_error(status, {.info = reason, .own = true}));
    messages_.after_attempt(live);
}

}  // namespace hikyaku::gateway
