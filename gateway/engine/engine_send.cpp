// Attempts: which segment goes to which bind next, and what a response, or none, means.
#include <algorithm>
#include <cassert>

#include "gateway/engine/engine_impl.hpp"
#include "smpp/text/octets.hpp"

namespace hikyaku::gateway {

using smpp::command_status;
using store::table;
namespace record = store::record;

namespace {

constexpr std::size_t earlier_ids_max = 8;  // of one segment; the oldest are forgotten first
constexpr refusal_rule unknown_outcome{.then = refusal_action::retry,
                                       .delay = std::chrono::seconds{30},
                                       .delay_max = std::chrono::minutes{10}};
constexpr std::chrono::seconds other_carrier_down_delay{30};

/// Whether the contract rate and the mark of it let a segment of so many parts out now; else the
/// carrier waits until they do.
bool rate_lets_out(carrier_state& carrier, std::uint32_t parts, store::send_mark& mark,
                   steady_time now) {
    if (parts > 1 && carrier.rate.next(parts) > now) {
        carrier.rate.hold(carrier.rate.next(parts));
        return false;
    }
    // Without a contract rate too: the next process may have been given one.
    if (!mark.cover(now) && carrier.settings->contract_rate) {
        carrier.rate.hold(now + store::send_mark::retry);
        return false;
    }
    return true;
}

/// Everything but its place among the attempts.
void describe(attempt& made, const live_message& live, std::size_t segment, bind_id bind,
              carrier_id carrier, steady_time now) {
    made.message = live.id;
    made.segment = static_cast<std::uint16_t>(segment);
    made.number = static_cast<std::uint16_t>(live.segments[segment].attempts + 1);
    made.bind = bind;
    made.carrier = carrier;
    made.sent_at = now;
}

void mark_in_flight(live_segment& segment, carrier_id carrier) {
    segment.in_flight = true;
    if (segment.carrier_message_id.empty()) {  // else it says whose id that is
        segment.carrier = carrier;
    }
}

}  // namespace

carrier_state* engine::impl::carrier_of(bind_id bind) {
    const auto at = carrier_by_bind_.find(bind);
    return at == carrier_by_bind_.end() ? nullptr : directory_.find(at->second);
}

void engine::impl::pump() {
    if (turn_.draining || turn_.store_failing || flows_.ready_total() == 0) {
        return;
    }
    const auto servable = [this](const flow& candidate) {
        if (candidate.held) {
            return false;
        }
        const auto& route = directory_[route_id{candidate.route}];
        const auto excluded = candidate.ready.front()->excluded_targets;
        switch (look_at(route, excluded, directory_.carriers(), now_.steady)) {
            case availability::ready:
            case availability::none_left:
                return true;
            case availability::all_down:
                return excluded != 0;  // others of the route are up, but have refused this one
            case availability::busy:
                break;
        }
        return false;
    };
    for (auto& carrier : directory_.carriers().all()) {
        carrier.begin_turn();
    }
    for (std::size_t priority = priorities; priority-- > 0;) {
        while (auto* next = flows_.pick(priority, servable)) {
            send_front(*next);
        }
    }
}

void engine::impl::send_front(flow& from) {
    auto& live = *from.ready.front();
    auto& route = directory_[route_id{from.route}];
    if (live.expires_ms <= now_.wall_ms && live.in_flight == 0) {
        expire(live);
        wake_when_low(from);
        return;
    }
    const auto target = next_target(route, live);
    if (!target) {
        const auto left = look_at(route, live.excluded_targets, directory_.carriers(), now_.steady);
        if (left == availability::none_left) {
            fail_segment(live, live.next_unsent(), own_error(command_status::esme_rok));
        } else {
            live.excluded_targets = 0;
            retry_later(live, other_carrier_down_delay);
        }
        after_attempt(live);
        return;
    }
    const auto carrier_index = route.targets[*target].carrier;
    auto& carrier = directory_[carrier_index];
    auto* bind = carrier.next_bind(now_.steady);
    const auto segment_index = live.next_unsent();
    assert(bind != nullptr && segment_index < live.segments.size());

    const auto profile = live.profile();
    if (profile != 0 && profile != carrier.text_fingerprint && !fit_to(live, carrier)) {
        refuse_by_text(live, carrier_index);
        return;
    }
    const auto parts = live.parts_of_segment();
    const bool let_out = rate_lets_out(carrier, parts, send_mark_, now_.steady);
    count_.send_mark_failures = send_mark_.failures();
    if (!let_out || !may_be_sent(from, live, carrier_index)) {
        return;
    }
    smpp::submit_sm request;
    smpp::time_text validity;
    build_request(live, segment_index, carrier, request, validity);
    smpp::tlv_list tlvs;
    const auto fault = write_tlvs(*carrier.settings, tlvs_of(live, segment_index, carrier),
                                  bind->version, tlv_octets_, tlvs);
    const auto status = fault != tlv_fault::none ? status_of(fault) : address_status(request);
    if (status != command_status::esme_rok) {
        refuse_by_dialect(live, segment_index, carrier_index, status);
        return;
    }
    std::uint64_t token = 0;
    auto& made = new_attempt(token);
    describe(made, live, segment_index, bind->id, carrier_index, now_.steady);
    if (!outputs_.send_segment(bind->id, token, request, tlvs)) {
        free_attempt(made);
        bind->can_transmit = false;  // it is going down; on_bind_down() follows
        return;
    }
    carrier.sent(now_.steady, parts);
    ++bind->in_flight;
    ++attempts_in_flight_;
    ++count_.attempts;
    ++live.in_flight;
    mark_in_flight(live.segments[segment_index], carrier.id);
    for (std::uint32_t i = 0; i < parts; ++i)
        flow_set::charge(from, carrier.virtual_time[from.priority]);
    if (live.next_unsent() == live.segments.size()) {
        flows_.pop_front(from);
        live.where = live_message::place::sending;
        wake_when_low(from);
    }
}

void engine::impl::build_request(const live_message& live, std::size_t segment,
                                 const carrier_state& carrier, smpp::submit_sm& request,
                                 smpp::time_text& validity) {
    const auto& message = live.record();
    const auto& settings = *carrier.settings;
    if (!settings.service_type.empty()) {
        request.service_type = settings.service_type;
    } else if (message.service_type() != nullptr) {
        request.service_type = message.service_type()->string_view();
    }
    write_addresses(carrier, message, request);
    request.esm_class = live.esm_class();
    request.protocol_id = message.protocol_id();
    request.priority_flag = message.priority();
    // The final state is ours to know in any case; what carriers tell on the way, if it is wanted.
    request.registered_delivery = static_cast<std::uint8_t>(
        smpp::registered_delivery::final |
        (message.registered_delivery() & smpp::registered_delivery::intermediate));
    request.data_coding = live.data_coding();
    // A validity that the application has asked for binds the carrier too; the default does not,
    // because carriers refuse periods that are longer than their own.
    auto* const account = directory_.find(account_id{message.account()});
    if (account != nullptr) {
        const std::chrono::milliseconds otherwise = account->settings->validity_default;
        const auto left = std::chrono::milliseconds(live.expires_ms - now_.wall_ms);
        const auto text = smpp::format_relative_time(left);
        if (live.expires_ms - message.not_before() != otherwise.count() && text) {
            validity = *text;
            request.validity_period = validity.view();
        }
    }
    if (live.concatenation() != smpp::text::segmentation::payload) {  // else tlvs_of() has it
        request.short_message = octets_on_air(live, segment, carrier);
    }
}

void engine::impl::on_response(bind_id bind, std::uint64_t token, const carrier_answer& answer) {
    auto* found = find_attempt(token);
    if (found == nullptr) {
        ++count_.late_responses;
        return;
    }
    if (found->timed_out) {
        on_late_response(*found, answer);
        return;
    }
    const auto done = *found;
    free_attempt(*found);
    --attempts_in_flight_;
    if (auto* carrier = carrier_of(bind)) {
        if (auto* window = carrier->bind(bind)) {
            --window->in_flight;
            note_answer(done, *window, answer.status);
        }
    }
    auto* live = live_.find(done.message);
    assert(live != nullptr);
    --live->in_flight;
    live->segments[done.segment].in_flight = false;
    auto& carrier = directory_[done.carrier];
    if (answer.status == command_status::esme_rok) {
        ++count_.responses_ok;
        ++carrier.submitted;
        carrier.accepted();
        on_segment_accepted(*live, done.segment, done.carrier, done.number, answer.message_id,
                            done.sent_at);
    } else {
        ++count_.responses_error;
        ++carrier.refused;
        on_segment_refused(*live, done.segment, done.carrier, answer);
    }
    after_attempt(*live);
}

void engine::impl::on_late_response(attempt& late, const carrier_answer& answer) {
    ++count_.late_responses;
    const auto done = late;
    free_attempt(late);
    auto* live = find_or_load(done.message);
    if (live == nullptr) {
        return;
    }
    if (done.segment >= live->segments.size()) {  // cut anew for another carrier since then
        release(*live);
        return;
    }
    if (answer.status != command_status::esme_rok) {
        on_late_refusal(*live, done, answer);
        return;
    }
    if (was_taken_for_another(*live, done, answer.message_id)) {
        release(*live);
        return;
    }
    on_segment_accepted(*live, done.segment, done.carrier, done.number, answer.message_id,
                        done.sent_at);
    if (live->next_unsent() == live->segments.size()) {
        take_from_flow(*live);
    }
    after_attempt(*live);
}

void engine::impl::on_late_refusal(live_message& live, const attempt& late,
                                   const carrier_answer& answer) {
    if (on_waiting_refused(live, late, answer)) {
        return;
    }
    // Sent again it would be refused again: a refusal for good ends it before that. Any other only
    // says that the retry which is planned already is no second message.
    auto& segment = live.segments[late.segment];
    const bool not_sent_again = segment.state == State::queued && !segment.in_flight &&
                                segment.attempts == late.number && live.queued;
    if (not_sent_again &&
        rule_for(directory_[late.carrier].retries, answer.status).then == refusal_action::fail) {
        fail_segment(live, late.segment, refusal_error(answer.status, answer.words));
        after_attempt(live);
    } else {
        release(live);
    }
}

std::string engine::impl::receipt_key_of(carrier_id carrier, std::string_view id) const {
    auto* const known = directory_.find(carrier_id{carrier});
    const auto form =
        known == nullptr ? config::message_id_form::automatic : known->settings->response_id;
    return std::string(store::receipt_key(stored(carrier), canonical_id(id, form)).view());
}

/// With its receipt key, which retention would not know any more.
void engine::impl::forget_earliest_id(live_segment& segment, const store::receipt_target& target,
                                      store::batch& into) {
    auto& ids = segment.earlier_ids;
    const auto oldest = std::move(ids.front());
    ids.erase(ids.begin());
    const auto last = receipt_key_of(segment.carrier, segment.carrier_message_id);
    if (oldest != last && std::find(ids.begin(), ids.end(), oldest) == ids.end()) {
        fresh_keys_.forget(oldest, target.message);
        into.erase(table::receipt_keys, store::receipt_entry_key(oldest, target));
    }
}

void engine::impl::on_segment_accepted(live_message& live, std::size_t index, carrier_id carrier,
                                       std::uint16_t attempt_number,
                                       std::string_view carrier_message_id, steady_time sent_at) {
    auto& segment = live.segments[index];
    // A late response of an earlier attempt does not replace the id of the last one.
    const bool newest = attempt_number >= segment.attempts || segment.carrier_message_id.empty();
    segment.attempts = std::max(segment.attempts, attempt_number);
    segment.submitted_ms = now_.wall_ms;
    if (segment.state == State::queued) {
        segment.state = State::submitted;
        segment.clear_error();  // of refusals before
    }
    if (carrier_message_id.empty()) {
        return;  // no receipt can ever name it
    }
    const store::receipt_target target{static_cast<std::uint64_t>(live.id),
                                       static_cast<std::uint16_t>(index), attempt_number};
    auto key = receipt_key_of(carrier, carrier_message_id);
    auto& pending = must_keep();
    std::string earlier;
    if (!newest) {
        earlier = key;
    } else {
        if (!segment.carrier_message_id.empty()) {
            earlier = receipt_key_of(segment.carrier, segment.carrier_message_id);
        }
        segment.carrier = carrier;
        segment.carrier_message_id = carrier_message_id;
    }
    if (!earlier.empty()) {
        segment.earlier_ids.push_back(std::move(earlier));
        if (segment.earlier_ids.size() > earlier_ids_max) {
            forget_earliest_id(segment, target, pending.rows());
        }
    }
    pending.rows().put(table::receipt_keys, store::receipt_entry_key(key, target),
                       store::receipt_value(target));
    fresh_keys_.add(key, target);
    if (!early_.empty()) {
        ++live.pins;  // whoever called goes on with it
        match_early(carrier, key, live, target, sent_at);
        --live.pins;
    }
    must_keep().then(after::receipt_key_stored{{std::move(key), target}});
}

void engine::impl::on_segment_refused(live_message& live, std::size_t index, carrier_id carrier,
                                      const carrier_answer& answer) {
    auto& segment = live.segments[index];
    auto& from = directory_[carrier];
    const auto rule = rule_for(from.retries, answer.status);
    if (rule.then == refusal_action::throttle) {
        ++count_.throttled;
        ++from.throttled;
        from.throttle(now_.steady);
    }
    if (segment.state != State::queued) {
        return;  // an earlier attempt was accepted after all, by a late response
    }
    if (!segment.maybe_sent) {
        segment.set_error(refusal_error(answer.status, answer.words));
    }
    switch (rule.then) {
        case refusal_action::throttle:
            back_to_front(live);
            return;
        case refusal_action::retry:
            ++segment.attempts;
            if (segment.attempts >= rule.attempts_max) {
                break;
            }
            ++count_.retries;
            retry_later(live, backoff(rule, segment.attempts, random_()));
            return;
        case refusal_action::next_carrier: {
            ++segment.attempts;
            const auto left = exclude(live, carrier);
            if (left == availability::none_left || segment.attempts >= rule.attempts_max) {
                break;
            }
            ++count_.retries;
            if (left == availability::all_down) {
                retry_later(live, other_carrier_down_delay);
            } else {
                back_to_front(live);
            }
            return;
        }
        case refusal_action::fail:
            ++segment.attempts;
            break;
    }
    fail_segment(live, index, refusal_error(answer.status, answer.words));
}

void engine::impl::on_attempt_failed(bind_id bind, std::uint64_t token, attempt_failure why) {
    auto* found = find_attempt(token);
    if (found == nullptr || found->timed_out) {
        return;
    }
    const auto done = *found;
    --attempts_in_flight_;
    auto* carrier = carrier_of(bind);
    if (auto* window = carrier != nullptr ? carrier->bind(bind) : nullptr) {
        --window->in_flight;
        if (why == attempt_failure::timed_out) {
            window->window.refused(done.sent_at, now_.steady);
            ++window->unanswered;
        }
    }
    if (why == attempt_failure::timed_out) {
        keep_for_late_response(*found, token);
    } else {
        free_attempt(*found);
    }
    auto* live = live_.find(done.message);
    assert(live != nullptr);
    --live->in_flight;
    auto& segment = live->segments[done.segment];
    segment.in_flight = false;
    if (why != attempt_failure::not_sent) {
        ++count_.outcome_unknown;
        segment.maybe_sent = true;
        segment.clear_error();
    }
    if (segment.state == State::queued) {  // else an earlier attempt was accepted after all
        on_outcome_unknown(*live, done, why);
    }
    after_attempt(*live);
}

/// This message does not go to the carrier again while others of its route are left; says what is.
availability engine::impl::exclude(live_message& live, carrier_id carrier) {
    const auto& route = directory_[route_id{live.position.route}];
    for (std::size_t i = 0; i < route.targets.size() && i < 32; ++i) {
        if (route.targets[i].carrier == carrier) {
            live.excluded_targets |= 1U << i;
        }
    }
    return look_at(route, live.excluded_targets, directory_.carriers(), now_.steady);
}

void engine::impl::on_outcome_unknown(live_message& live, const attempt& done,
                                      attempt_failure why) {
    if (why == attempt_failure::not_sent) {
        back_to_front(live);
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
            back_to_front(live);
            return;
        }
        live.excluded_targets = 0;
    }
    // A bind that is lost says nothing against sending again at once, unless it happens again: then
    // the message itself may be what the carrier can't bear. A carrier that does not answer in time
    // gets a pause, in which a late response may still come.
    if (why == attempt_failure::timed_out || segment.attempts > 1) {
        retry_later(live, backoff(unknown_outcome, segment.attempts, random_()));
    } else {
        back_to_front(live);
    }
}

}  // namespace hikyaku::gateway
