// What has to be on disk before a message goes out. The gate's rows about it, so that a crash does
// not lose count of whom was contacted. And what keeps at-most-once messages, and those for
// carriers whose `on_unknown` is await_receipt, from being sent again. After an attempt without a
// known outcome they wait for it (messages/waiting.cpp). After a crash too: before anything of such
// a message is sent the store says of all of it that it may have been, its mark; when nothing of it
// is in flight any more the store has the truth again. A crash in between leaves a message that
// waits for its outcome, also when it was not sent yet: hence no more messages are marked than can
// be sent at once, and for a second only.
#include <algorithm>

#include "gateway/engine/sending/sending.hpp"

namespace hikyaku::gateway {

namespace {

constexpr std::chrono::seconds mark_lasts{1};  // without a segment being sent

}  // namespace

/// The carrier that the mark names, as long as it can send; else as the route says.
std::optional<std::size_t> sending::next_target(route_state& route,
                                                const live_message& live) const {
    for (std::size_t i = 0; live.marked != carrier_id{} && i < route.targets.size(); ++i) {
        const auto& carrier = directory_[route.targets[i].carrier];
        const bool excluded = i < 32 && (live.excluded_targets >> i & 1U) != 0;
        if (carrier.id == live.marked && !excluded && carrier.can_send(now_.steady)) return i;
    }
    return choose_target(route, live.excluded_targets, directory_.carriers(), now_.steady);
}

/// Whether the store has to name the carrier first. If not, it names one already, perhaps another
/// one before this, or there is no need.
bool sending::wants_mark(live_message& live, const carrier_state& to) {
    const bool wanted = live.record().at_most_once() ||
                        to.settings->on_unknown == config::unknown_outcome::await_receipt;
    if (live.marked == carrier_id{}) return wanted;
    if (!wanted) {
        if (live.in_flight == 0) unmark(live);
    } else if (live.marked != to.id) {  // receipts will come from elsewhere
        live.marked = to.id;
        messages_.write_outcome(live);
    }
    return false;
}

/// Whether the front of the flow may go to the carrier now. If not, it has left the front or the
/// flow is held, and a commit or the end of an attempt goes on with it.
bool sending::may_be_sent(flow& from, live_message& live, carrier_id carrier) {
    auto& to = directory_[carrier];
    const bool is_unmarked = wants_mark(live, to);
    const bool is_uncounted =
        live.record().purpose() != Purpose::transactional && counts_anew(live) && !live.counted;
    if (!is_unmarked && !is_uncounted) return true;
    if (live.in_flight > 0) {  // at a carrier where no mark was wanted
        messages_.flows().pop_front(from);
        live.where = live_message::place::sending;
    } else if (to.marking < to.room(now_.steady)) {
        const bool waits = is_uncounted && tell_gate(live);
        if (!is_unmarked && !waits) return true;
        messages_.flows().pop_front(from);
        live.where = live_message::place::marking;
        ++to.marking;
        if (is_unmarked) {
            live.marked = to.id;
            messages_.write_outcome(live);
        }
        must_keep().then(after::marked{live.id, carrier});
    } else if (!from.held) {  // some of these marks are kept soon
        from.held = true;
        held_flows_.push_back(&from);
    }
    messages_.wake_when_low(from);
    return false;
}

/// Nothing of it is in flight, and the store is to say so.
void sending::unmark(live_message& live) {
    live.marked = {};
    messages_.write_outcome(live);
}

void sending::on_marked(message_id id, carrier_id carrier, bool ok) {
    --directory_[carrier].marking;
    for (auto* held : held_flows_)
        held->held = false;
    held_flows_.clear();
    note_counted(id, ok);
    auto* live = messages_.find(id);
    if (live == nullptr || live->where != live_message::place::marking)
        return;  // cancelled, replaced or expired meanwhile
    messages_.flows().put_back(messages_.flow_of(live->position), *live);
    live->counted = ok && live->record().purpose() != Purpose::transactional;
    if (!ok) {
        live->marked = {};
    } else if (turn_.draining) {
        if (live->marked != carrier_id{}) unmark(*live);
    } else {
        marked_.emplace_back(now_.steady + mark_lasts, id);
        turn_.want_tick(marked_.front().first);
    }
}

/// Takes back the marks of what was not sent after all, because the carrier is down or busy with
/// others.
void sending::sweep_marks() {
    while (!marked_.empty() && (marked_.front().first <= now_.steady || turn_.draining)) {
        auto* live = messages_.find(marked_.front().second);
        marked_.pop_front();
        if (live == nullptr || live->in_flight > 0 || live->where != live_message::place::ready)
            continue;
        live->counted = false;  // the gate is asked anew
        if (live->marked != carrier_id{}) unmark(*live);
    }
    if (!marked_.empty()) turn_.want_tick(marked_.front().first);
    sweep_hand_offs();
}

void sending::wait_for_outcome(live_message& live, const attempt& done) {
    auto& segment = live.segments[done.segment];
    segment.state = segment_state::waiting;
    segment.submitted_ms = 0;
    segment.carrier = done.carrier;
    ++count_.resends_withheld;
    messages_.remember_waiting(live, done.carrier);
}

/// A late refusal: it was not sent after all, so that it may be sent again as the table says.
bool sending::on_waiting_refused(live_message& live, const attempt& late,
                                 const carrier_answer& answer) {
    auto& segment = live.segments[late.segment];
    if (!segment.waiting() || segment.attempts != late.number || is_final(live.state)) return false;
    segment.state = segment.missed_outcome ? segment_state::maybe_sent : segment_state::queued;
    --segment.attempts;  // the refusal counts it
    if (live.where == live_message::place::idle) live.where = live_message::place::sending;
    on_segment_refused(live, late.segment, late.carrier, answer);
    if (!live.has_waiting()) messages_.forget_waiting(live);
    if (!live.failed) {
        messages_.retry_later(
            live, std::chrono::milliseconds{0});  // its queue entry must come back to now
    }
    messages_.after_attempt(live);
    return true;
}

}  // namespace hikyaku::gateway
