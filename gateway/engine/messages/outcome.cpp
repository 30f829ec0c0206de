// What the end of an attempt, or a receipt, means for its message: sent again now or later,
// submitted, or final.
#include <algorithm>
#include <cassert>

#include "gateway/engine/messages/messages.hpp"
#include "gateway/model/tables.hpp"

namespace hikyaku::gateway {

namespace table = model::table;

static_assert(std::tuple_size_v<decltype(counters::finished)> ==
              static_cast<std::size_t>(State::MAX) + 1);

void messages::back_to_front(live_message& live) {
    if (live.where == live_message::place::sending && live.retry_at_ms == 0 && !live.failed) {
        auto& flow = flow_of(live.position);
        flows_.put_back(flow, live);
    }
}

void messages::retry_later(live_message& live, std::chrono::milliseconds delay) {
    live.retry_at_ms = std::max(live.retry_at_ms, now_.wall_ms + delay.count());
    take_from_flow(live);
}

void messages::take_from_flow(live_message& live) {
    if (live.where == live_message::place::ready) {
        flows_.remove(flow_of(live.position), live);
        live.where = live_message::place::sending;
    } else if (live.where == live_message::place::marking) {  // there is no need of it any more
        live.where = live_message::place::sending;
        live.marked = {};
    }
}

/// Each phone that a carrier says has opted out is told to the gate, whatever the message was for.
void messages::note_opt_out(const live_message& live, carrier_id carrier, const told_error& why) {
    const auto* const from = directory_.find(carrier);
    if (from == nullptr || !says_opted_out(why, from->settings->opted_out)) return;
    gate_.on_opted_out({.message = static_cast<std::uint64_t>(live.id),
                        .record = live.record(),
                        .now_ms = now_.wall_ms,
                        .expires_ms = live.expires_ms},
                       must_keep().rows());
    // What else is under way to it. The row names the party as engine::withdraw_from() would.
    const auto phone = live.record().destination()->digits()->string_view();
    const auto account = live.record().account();
    const auto key = model::party_key(account, model::party_scope::contact, phone);
    must_keep().rows().put(table::withdrawals, model::withdrawal_key({now_.wall_ms, account,
                                                                      model::party_scope::contact,
                                                                      environment_.hash(key)}));
    must_keep().then(after::withdrawal_kept{});
}

/// A receipt outside the time that the gate has given is told to it, and counted for the carrier.
void messages::note_delivered(const live_message& live, carrier_id carrier) {
    if (live.record().purpose() == Purpose::transactional || now_.wall_ms < live.bound_ms()) return;
    auto* const from = directory_.find(carrier);
    if (from != nullptr) ++from->delivered_late;
    gate_.on_delivered_late({.message = static_cast<std::uint64_t>(live.id),
                             .record = live.record(),
                             .now_ms = now_.wall_ms,
                             .expires_ms = live.expires_ms},
                            from == nullptr ? std::string_view{} : from->settings->name,
                            must_keep().rows());
}

void messages::fail_segment(live_message& live, std::size_t index, const told_error& why) {
    auto& segment = live.segments[index];
    note_opt_out(live, segment.carrier, why);
    segment.state = segment_state::rejected;
    segment.set_error(why);
    segment.done_ms = now_.wall_ms;
    live.failed = true;
    take_from_flow(live);
}

void messages::give_up(live_message& live, const told_error& why) {
    for (auto& segment : live.segments) {
        if (!segment.is_queued()) continue;
        const bool may_be_there = segment.state == segment_state::maybe_sent;
        segment.state = may_be_there ? segment_state::unknown : segment_state::rejected;
        segment.set_error(why);
        segment.done_ms = now_.wall_ms;
    }
    live.failed = true;
    take_from_flow(live);
}

/// What was not sent of it ends in this state; what waits for an outcome will never know it.
void messages::end_unsent(live_message& live, segment_state state) const {
    for (auto& segment : live.segments) {
        if (segment.is_queued() || segment.waiting()) {
            segment.state = segment.waiting() ? segment_state::unknown : state;
            segment.done_ms = now_.wall_ms;
        }
    }
}

void messages::after_attempt(live_message& live) {
    if (live.in_flight > 0) return;
    const bool was_marked = live.where != live_message::place::marking &&
                            std::exchange(live.marked, {}) != carrier_id{};
    if (is_final(live.state)) {
        write_outcome(live);  // a late response has brought one more id
        return;
    }
    if (live.failed) {  // what was not sent of it yet is not sent, nor waited for, any more
        end_unsent(live, segment_state::rejected);
        finish(live);
        return;
    }
    if (live.all_submitted()) {
        const bool final = std::all_of(live.segments.begin(), live.segments.end(), [](auto& part) {
            return part.told_state() != State::submitted;
        });
        if (final) {
            finish(live);
            return;
        }
        if (live.has_waiting()) {
            keep_waiting(live);
            return;
        }
        forget_waiting(live);
        delivery_.emit_accepted_callback(live);
        if (live.where == live_message::place::sending) live.where = live_message::place::idle;
        live.state = State::submitted;
        live.retry_at_ms = 0;
        forget_queue_entry(live);
        write_outcome(live);
        return;
    }
    if (live.retry_at_ms != 0 && live.queued) {
        live.where = live_message::place::idle;
        move_queue_entry(live, std::exchange(live.retry_at_ms, 0));
        write_outcome(live);
        return;
    }
    if (live.where == live_message::place::sending) back_to_front(live);
    const bool any_progress = std::any_of(live.segments.begin(), live.segments.end(),
                                          [](auto& s) { return !s.is_queued(); });
    if (live.queued && live.ends_ms() != live.expires_ms)  // for the round through the queue
        must_keep().rows().put(table::queue, model::queue_key(live.position), live.ends_ms());
    if (any_progress || was_marked) write_outcome(live);
}

void messages::finish(live_message& live) {
    forget_waiting(live);
    forget_queue_entry(live);
    if (live.where == live_message::place::ready) flows_.remove(flow_of(live.position), live);
    live.where = live_message::place::idle;
    live.done_ms = now_.wall_ms;
    live.state = State::delivered;
    for (const auto& segment : live.segments) {
        const auto state = segment.told_state();
        if (state != State::delivered && state != State::submitted) {
            live.state = state;
            if (state != State::unknown)  // a known failure says more
                break;
        }
    }
    ++count_.finished[static_cast<std::size_t>(live.state)];
    delivery_.emit_receipt(live);
    write_outcome(live);
}

void messages::settle_segment(live_message& live, live_segment& segment, State state,
                              const told_error& why) {
    if (state != State::delivered) note_opt_out(live, segment.carrier, why);
    segment.state = segment_state_of(state);
    segment.set_error(why);
    segment.done_ms = now_.wall_ms;
    segment.told = false;
    const bool all_final =
        std::all_of(live.segments.begin(), live.segments.end(),
                    [](const auto& part) { return is_final(part.told_state()); });
    if (live.state == State::unknown && all_final)
        live.receipted = false;  // what the account was told is told again, with the outcome
    const bool open = !is_final(live.state) || live.state == State::unknown;
    if (live.next_unsent() == live.segments.size())
        take_from_flow(live);  // after a crash: it was to be sent again
    if (all_final && live.in_flight == 0 && open)
        finish(live);
    else if (live.in_flight == 0 &&
             (live.where == live_message::place::sending ||
              (live.where == live_message::place::idle && live.all_submitted())))
        after_attempt(live);
    else
        write_outcome(live);
}

}  // namespace hikyaku::gateway
