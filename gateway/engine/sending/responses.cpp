// What a response, or none, means for the attempt, the carrier and the message.
#include <algorithm>
#include <cassert>

#include "gateway/engine/sending/sending.hpp"

namespace hikyaku::gateway {

using smpp::command_status;

namespace {

constexpr refusal_rule unknown_outcome{.then = refusal_action::retry,
                                       .delay = std::chrono::seconds{30},
                                       .delay_max = std::chrono::minutes{10}};

}  // namespace

void sending::on_response(bind_id bind, std::uint64_t token, const carrier_answer& answer) {
    if ((token & cancel_token) != 0) return on_cancel_answer(token, answer.status);
    auto* found = attempts_.find(token);
    if (found == nullptr) {
        ++count_.late_responses;
        return;
    }
    if (found->timed_out) {
        on_late_response(*found, answer);
        return;
    }
    const auto done = *found;
    attempts_.free(*found);
    attempts_.end();
    if (auto* carrier = carrier_of(bind)) {
        if (auto* window = carrier->bind(bind)) {
            --window->in_flight;
            note_answer(done, *window, answer.status);
        }
    }
    auto* live = messages_.find(done.message);
    assert(live != nullptr);
    --live->in_flight;
    live->segments[done.segment].in_flight = false;
    auto& carrier = directory_[done.carrier];
    if (answer.status == command_status::esme_rok) {
        ++count_.responses_ok;
        ++carrier.submitted;
        carrier.accepted();
        receiving_.on_segment_accepted(*live, done.segment, done.carrier, done.number,
                                       answer.message_id, done.sent_at);
    } else {
        ++count_.responses_error;
        ++carrier.refused;
        on_segment_refused(*live, done.segment, done.carrier, answer);
    }
    cancel_what_was_taken(*live, done.carrier);
    messages_.after_attempt(*live);
}

void sending::on_late_response(attempt& late, const carrier_answer& answer) {
    ++count_.late_responses;
    const auto done = late;
    attempts_.free(late);
    auto* live = messages_.find_or_load(done.message);
    if (live == nullptr) return;
    if (done.segment >= live->segments.size()) {  // cut anew for another carrier since then
        messages_.release(*live);
        return;
    }
    if (answer.status != command_status::esme_rok) {
        on_late_refusal(*live, done, answer);
        return;
    }
    if (receiving_.was_taken_for_another(*live, done, answer.message_id)) {
        messages_.release(*live);
        return;
    }
    receiving_.on_segment_accepted(*live, done.segment, done.carrier, done.number,
                                   answer.message_id, done.sent_at);
    if (live->next_unsent() == live->segments.size()) messages_.take_from_flow(*live);
    cancel_what_was_taken(*live, done.carrier);
    messages_.after_attempt(*live);
}

void sending::on_late_refusal(live_message& live, const attempt& late,
                              const carrier_answer& answer) {
    if (on_waiting_refused(live, late, answer)) return;
    // Sent again it would be refused again: a refusal for good ends it before that. Any other only
    // says that the retry which is planned already is no second message.
    auto& segment = live.segments[late.segment];
    const bool not_sent_again =
        segment.is_queued() && !segment.in_flight && segment.attempts == late.number && live.queued;
    if (not_sent_again &&
        rule_for(directory_[late.carrier].retries, answer.status).then == refusal_action::fail) {
        messages_.fail_segment(live, late.segment, refusal_error(answer.status, answer.words));
        messages_.after_attempt(live);
    } else {
        messages_.release(live);
    }
}

void sending::on_segment_refused(live_message& live, std::size_t index, carrier_id carrier,
                                 const carrier_answer& answer) {
    auto& segment = live.segments[index];
    auto& from = directory_[carrier];
    const auto rule = rule_for(from.retries, answer.status);
    if (rule.then == refusal_action::throttle) {
        ++count_.throttled;
        ++from.throttled;
        from.throttle(now_.steady);
    }
    if (!segment.is_queued())
        return;  // an earlier attempt was accepted after all, by a late response
    if (segment.state != segment_state::maybe_sent)
        segment.set_error(refusal_error(answer.status, answer.words));
    switch (rule.then) {
        case refusal_action::throttle:
            messages_.back_to_front(live);
            return;
        case refusal_action::retry:
            ++segment.attempts;
            if (segment.attempts >= rule.attempts_max) break;
            ++count_.retries;
            messages_.retry_later(live, backoff(rule, segment.attempts, random_()));
            return;
        case refusal_action::next_carrier: {
            ++segment.attempts;
            const auto left = exclude(live, carrier);
            if (left == availability::none_left || segment.attempts >= rule.attempts_max) break;
            ++count_.retries;
            if (left == availability::all_down)
                messages_.retry_later(live, other_carrier_down_delay);
            else
                messages_.back_to_front(live);
            return;
        }
        case refusal_action::fail:
            ++segment.attempts;
            break;
    }
    messages_.fail_segment(live, index, refusal_error(answer.status, answer.words));
}

void sending::on_attempt_failed(bind_id bind, std::uint64_t token, attempt_failure why) {
    if ((token & cancel_token) != 0) {
        const bool is_silent = why == attempt_failure::timed_out;  // and is not asked again
        on_cancel_answer(
            token, is_silent ? std::optional(command_status::esme_rcancelfail) : std::nullopt);
        return;
    }
    auto* found = attempts_.find(token);
    if (found == nullptr || found->timed_out) return;
    const auto done = *found;
    attempts_.end();
    auto* carrier = carrier_of(bind);
    if (auto* window = carrier != nullptr ? carrier->bind(bind) : nullptr) {
        --window->in_flight;
        if (why == attempt_failure::timed_out) {
            window->window.refused(done.sent_at, now_.steady);
            ++window->unanswered;
        }
    }
    if (why == attempt_failure::timed_out)
        attempts_.keep_for_late_response(*found, token);
    else
        attempts_.free(*found);
    auto* live = messages_.find(done.message);
    assert(live != nullptr);
    --live->in_flight;
    auto& segment = live->segments[done.segment];
    segment.in_flight = false;
    if (why != attempt_failure::not_sent) {
        ++count_.outcome_unknown;
        segment.missed_outcome = true;
        if (segment.is_queued()) {
            segment.state = segment_state::maybe_sent;
            segment.clear_error();  // of a refusal before; that of a receipt stays
        }
    }
    if (segment.is_queued())  // else an earlier attempt was accepted after all
        on_outcome_unknown(*live, done, why);
    cancel_what_was_taken(*live, done.carrier);
    messages_.after_attempt(*live);
}

void sending::on_outcome_unknown(live_message& live, const attempt& done, attempt_failure why) {
    if (why == attempt_failure::not_sent) {
        messages_.back_to_front(live);
        return;
    }
    auto& segment = live.segments[done.segment];
    ++segment.attempts;
    if (live.record().at_most_once() ||
        directory_[done.carrier].settings->on_unknown == config::unknown_outcome::await_receipt) {
        wait_for_outcome(live, done);
        return;
    }
    // A carrier that takes segments and never answers: another one of the route, if there is one.
    if (why == attempt_failure::timed_out) {
        const auto left = exclude(live, done.carrier);
        if (left == availability::ready || left == availability::busy) {
            messages_.back_to_front(live);
            return;
        }
        live.excluded_targets = 0;
    }
    // A bind that is lost says nothing against sending again at once, unless it happens again: then
    // the message itself may be what the carrier can't bear. A carrier that does not answer in time
    // gets a pause, in which a late response may still come.
    if (why == attempt_failure::timed_out || segment.attempts > 1)
        messages_.retry_later(live, backoff(unknown_outcome, segment.attempts, random_()));
    else
        messages_.back_to_front(live);
}

void sending::note_answer(const attempt& done, carrier_bind& bind, smpp::command_status status) {
    bind.unanswered = 0;
    const auto rule = rule_for(directory_[done.carrier].retries, status);
    if (status != smpp::command_status::esme_rok && rule.then == refusal_action::throttle)
        bind.window.refused(done.sent_at, now_.steady);
    else
        bind.window.answered(done.sent_at, now_.steady);
}

}  // namespace hikyaku::gateway
