// The last moment before a segment goes to a carrier: whether its message is still in time, and
// what the gate says of it.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "gateway/engine/sending/sending.hpp"

namespace hikyaku::gateway {

using smpp::command_status;

namespace {

constexpr std::int64_t delay_least_ms = 1000;     // or a gate that is wrong about the time spins
constexpr std::int64_t validity_least_ms = 1000;  // validity_period counts in seconds
// Messages that the gate holds back in one turn: each is a few rows of its batch, and those of
// other flows wait meanwhile.
constexpr std::size_t withheld_max = 2000;
constexpr std::uint32_t withheld_of_flow_max = 500;
// Without a segment being sent. As long as the gate counts another attempt as the same contact.
constexpr std::chrono::seconds counted_lasts{60};

}  // namespace

/// Whether the gate has to be asked before the next segment goes out. Also when a receipt has told
/// after a crash that a segment is out, and the answer was not on disk yet. Not again after its
/// rows were written, unless something has happened meanwhile.
bool sending::asks_gate(const live_message& live) const {
    if (live.record().purpose() == Purpose::transactional) return false;
    if (live.deliver_by_ms == 0 || live.allowed_by != gate_.facts_version()) return true;
    const bool is_counted = live.counted && live.deliver_by_ms >= now_.wall_ms + validity_least_ms;
    return !live.begun() && !is_counted;
}

void sending::begin_asking() {
    for (auto* from : withheld_from_)
        from->withheld = 0;
    withheld_from_.clear();
    withheld_ = 0;
}

/// Whether the gate is not asked about the front of this flow any more in this turn.
bool sending::has_asked_enough(const flow& from) {
    const bool enough = withheld_ >= withheld_max || from.withheld >= withheld_of_flow_max;
    if (!enough || !asks_gate(*from.ready.front())) return false;
    turn_.want_tick(now_.steady);
    return true;
}

/// False: its time is over, and it has left the front of the flow.
bool sending::is_in_time(flow& from, live_message& live) {
    const bool forbidden = live.bound_ms() < now_.wall_ms + validity_least_ms && live.begun();
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
    if (!asks_gate(live)) return true;
    const auto left =
        look_at(directory_[from.route], live.excluded_targets, directory_.carriers(), now_.steady);
    if (left != availability::ready) return true;  // nothing goes out
    const auto question = question_about(live);
    const auto version = gate_.facts_version();
    const auto answer = gate_.ask(question);
    if (const auto* allowed = std::get_if<gate_allow>(&answer)) {
        live.allowed_by = version;
        if (question.begun) {
            live.deliver_by_ms =
                std::min(live.deliver_by_ms, allowed->deliver_by_ms.value_or(never_ms));
            live.recounts = true;
            return true;
        }
        live.deliver_by_ms = allowed->deliver_by_ms.value_or(never_ms);
        if (live.deliver_by_ms >= now_.wall_ms + validity_least_ms) {
            ++count_.gate_allowed;
            return true;
        }
    }
    if (live.in_flight > 0) {  // the end of that attempt brings it back here
        messages_.flows().pop_front(from);
        live.where = live_message::place::sending;
        messages_.wake_when_low(from);
        return false;
    }
    if (!question.begun) live.deliver_by_ms = 0;
    live.counted = false;
    ++withheld_;
    if (from.withheld++ == 0) withheld_from_.push_back(&from);
    gate_.on_withheld(question, answer, must_keep().rows());
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

gate_question sending::question_about(const live_message& live) const {
    gate_question question{.message = static_cast<std::uint64_t>(live.id),
                           .record = live.record(),
                           .now_ms = now_.wall_ms,
                           .expires_ms = live.expires_ms,
                           .carrier_retry_ms = 0,
                           .begun = live.deliver_by_ms != 0 && live.begun()};
    for (const auto& target : directory_[route_id{live.position.route}].targets) {
        const auto& settings = *directory_[target.carrier].settings;
        if (!settings.delivery_retry)
            question.carrier_retry_ms.reset();
        else if (question.carrier_retry_ms)
            question.carrier_retry_ms =
                std::max<std::int64_t>(*question.carrier_retry_ms,
                                       std::chrono::milliseconds(*settings.delivery_retry).count());
        question.carrier_keeps_validity &= settings.keeps_validity;
    }
    return question;
}

/// The first segment of what the gate has allowed goes out next. True: when that is on disk.
bool sending::tell_gate(live_message& live) {
    gate_allow as;
    if (live.bound_ms() != never_ms) as.deliver_by_ms = live.bound_ms();
    const auto number = gate_.on_handed_over(question_about(live), as, must_keep().rows());
    if (number == 0) return false;
    auto& known = unsent_[live.id];
    // Only after a clock was set: else sweep_hand_offs() has taken back what counts anew.
    if (known.number != 0) gate_.on_not_handed_over(known.number, now_.wall_ms, must_keep().rows());
    known = {number, now_.steady};
    live.counted_ms = now_.wall_ms;
    return true;
}

/// Whether what goes next of it may be another contact than what went before. Also the rest of a
/// message that goes later than its begin: the phone shows the message then.
bool sending::counts_anew(const live_message& live) const {
    const auto lasts = std::chrono::duration_cast<std::chrono::milliseconds>(counted_lasts);
    const bool is_late = now_.wall_ms - live.counted_ms >= lasts.count();
    return !live.begun() || live.recounts || (is_late && live.in_flight == 0);
}

/// What tell_gate() was told to wait for is on disk, or never will be.
void sending::note_counted(message_id id, bool ok) {
    const auto at = unsent_.find(id);
    if (at == unsent_.end()) return;
    if (!ok) return note_went(id);  // what was not stored counts nowhere
    counted_.emplace_back(turn_.draining ? now_.steady : at->second.since + counted_lasts, id);
    turn_.want_tick(counted_.front().first);
}

void sending::note_went(message_id id) {
    const auto at = unsent_.find(id);
    if (at == unsent_.end()) return;
    gate_.on_went(at->second.number);
    unsent_.erase(at);
}

/// What was counted, and did not go for so long, or will not go any more, counts no longer: others
/// to the same phone must not wait for it.
void sending::sweep_hand_offs() {
    while (!counted_.empty() && (counted_.front().first <= now_.steady || turn_.draining)) {
        const auto id = counted_.front().second;
        counted_.pop_front();
        const auto at = unsent_.find(id);
        if (at == unsent_.end()) continue;
        auto* live = messages_.find(id);
        if (live != nullptr && live->where == live_message::place::marking && !turn_.draining) {
            counted_.emplace_back(now_.steady + counted_lasts, id);
            continue;
        }
        gate_.on_not_handed_over(at->second.number, now_.wall_ms, must_keep().rows());
        unsent_.erase(at);
        if (live != nullptr) live->counted = false;  // the gate is asked anew
    }
    if (!counted_.empty()) turn_.want_tick(counted_.front().first);
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
    messages_.give_up(live, refusal_error(status, {.info = reason, .own = true}));
    messages_.after_attempt(live);
}

}  // namespace hikyaku::gateway
