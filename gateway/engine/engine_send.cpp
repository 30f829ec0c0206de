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
constexpr std::chrono::seconds unknown_outcome_delay{30};
constexpr std::chrono::seconds other_carrier_down_delay{30};

std::uint8_t source_ton(const config::carrier& carrier, const record::Address& source) {
    if (carrier.source_ton) {
        return *carrier.source_ton;
    }
    return source.ton();
}

}  // namespace

attempt& engine::impl::new_attempt(std::uint64_t& token) {
    std::uint32_t slot = 0;
    if (free_attempts_.empty()) {
        slot = static_cast<std::uint32_t>(attempts_.size());
        attempts_.emplace_back().slot = slot;
    } else {
        slot = free_attempts_.back();
        free_attempts_.pop_back();
    }
    auto& made = attempts_[slot];
    made.used = true;
    made.timed_out = false;
    token = std::uint64_t{made.generation} << 32 | slot;
    return made;
}

attempt* engine::impl::find_attempt(std::uint64_t token) {
    const auto slot = static_cast<std::uint32_t>(token);
    if (slot >= attempts_.size()) {
        return nullptr;
    }
    auto& found = attempts_[slot];
    return found.used && found.generation == token >> 32 ? &found : nullptr;
}

void engine::impl::free_attempt(attempt& done) {
    done.used = false;
    ++done.generation;
    free_attempts_.push_back(done.slot);
}

carrier_state* engine::impl::carrier_of(bind_id bind) {
    const auto at = carrier_by_bind_.find(bind);
    return at == carrier_by_bind_.end() ? nullptr : &carriers_[at->second];
}

void engine::impl::pump() {
    if (draining_ || store_failing_ || flows_.ready_total() == 0) {
        return;
    }
    const auto servable = [this](const flow& candidate) {
        const auto& route = routes_[route_by_number_.at(candidate.route)];
        const auto excluded = candidate.ready.front()->excluded_targets;
        switch (look_at(route, excluded, carriers_, now_.steady)) {
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
    for (std::size_t priority = priorities; priority-- > 0;) {
        while (auto* next = flows_.pick(priority, servable)) {
            send_front(*next);
        }
    }
}

void engine::impl::send_front(flow& from) {
    auto& live = *from.ready.front();
    auto& route = routes_[route_by_number_.at(from.route)];
    if (live.expires_ms <= now_.wall_ms && live.in_flight == 0) {
        expire(live);
        return;
    }
    const auto target = choose_target(route, live.excluded_targets, carriers_, now_.steady);
    if (!target) {
        if (look_at(route, live.excluded_targets, carriers_, now_.steady) ==
            availability::none_left) {
            fail_segment(live, live.next_unsent(), State::rejected, 0);
        } else {
            live.excluded_targets = 0;
            retry_later(live, other_carrier_down_delay);
        }
        after_attempt(live);
        return;
    }
    const auto carrier_index = route.targets[*target].carrier;
    auto& carrier = carriers_[carrier_index];
    auto* bind = carrier.roomiest_bind();
    const auto segment_index = live.next_unsent();
    assert(bind != nullptr && segment_index < live.segments.size());

    smpp::submit_sm request;
    build_request(live, segment_index, carrier, request);
    smpp::tlv_list tlvs;
    if (const auto* raw = live.record().tlvs()) {
        tlvs = smpp::tlv_list::parse({raw->data(), raw->size()}).value_or(smpp::tlv_list{});
    }
    std::uint64_t token = 0;
    auto& made = new_attempt(token);
    auto& segment = live.segments[segment_index];
    made.message = live.id;
    made.segment = static_cast<std::uint16_t>(segment_index);
    made.number = static_cast<std::uint16_t>(segment.attempts + 1);
    made.bind = bind->id;
    made.carrier = carrier_index;
    if (!outputs_.send_segment(bind->id, token, request, tlvs)) {
        free_attempt(made);
        bind->can_transmit = false;  // it is going down; on_bind_down() follows
        return;
    }
    carrier.rate.take(now_.steady);
    ++bind->in_flight;
    ++attempts_in_flight_;
    ++count_.attempts;
    ++live.in_flight;
    segment.in_flight = true;
    segment.carrier = carrier.number;
    flows_.charge(from);
    if (live.next_unsent() == live.segments.size()) {
        flows_.pop_front(from);
        live.where = live_message::place::sending;
        if (from.more_on_disk && from.ready.size() < 512) {
            want_tick(now_.steady);
        }
    }
}

void engine::impl::build_request(const live_message& live, std::size_t segment,
                                 const carrier_state& carrier, smpp::submit_sm& request) const {
    const auto& message = live.record();
    const auto& settings = *carrier.settings;
    const auto* source = message.source();
    const auto* destination = message.destination();
    if (!settings.service_type.empty()) {
        request.service_type = settings.service_type;
    } else if (message.service_type() != nullptr) {
        request.service_type = message.service_type()->string_view();
    }
    request.source_addr = source->digits()->string_view();
    request.source_addr_ton = source_ton(settings, *source);
    request.source_addr_npi = settings.source_npi.value_or(source->npi());
    request.destination_addr = destination->digits()->string_view();
    request.dest_addr_ton = settings.destination_ton;
    request.dest_addr_npi = settings.destination_npi;
    request.esm_class = message.esm_class();
    request.protocol_id = message.protocol_id();
    request.priority_flag = message.priority();
    request.registered_delivery = smpp::registered_delivery::final;
    request.data_coding = message.data_coding();
    const auto* octets =
        message.segments()->Get(static_cast<flatbuffers::uoffset_t>(segment))->bytes();
    request.short_message = {octets->data(), octets->size()};
}

void engine::impl::on_response(bind_id bind, std::uint64_t token, command_status status,
                               std::string_view carrier_message_id) {
    auto* found = find_attempt(token);
    if (found == nullptr) {
        ++count_.late_responses;
        return;
    }
    if (found->timed_out) {
        on_late_response(*found, status, carrier_message_id);
        return;
    }
    const auto done = *found;
    free_attempt(*found);
    --attempts_in_flight_;
    if (auto* carrier = carrier_of(bind)) {
        if (auto* window = carrier->bind(bind)) {
            --window->in_flight;
        }
    }
    auto* live = live_.find(done.message);
    assert(live != nullptr);
    --live->in_flight;
    live->segments[done.segment].in_flight = false;
    auto& carrier = carriers_[done.carrier];
    if (status == command_status::esme_rok) {
        ++count_.responses_ok;
        ++carrier.submitted;
        carrier.accepted();
        on_segment_accepted(*live, done.segment, done.carrier, done.number, carrier_message_id);
    } else {
        ++count_.responses_error;
        ++carrier.refused;
        on_segment_refused(*live, done.segment, done.carrier, status);
    }
    after_attempt(*live);
}

void engine::impl::on_late_response(attempt& late, command_status status,
                                    std::string_view carrier_message_id) {
    ++count_.late_responses;
    const auto done = late;
    free_attempt(late);
    if (status != command_status::esme_rok) {
        return;
    }
    auto* live = live_.find(done.message);
    if (live == nullptr) {
        live = load_message(done.message);
    }
    if (live == nullptr) {
        return;
    }
    auto& segment = live->segments[done.segment];
    on_segment_accepted(*live, done.segment, done.carrier, done.number, carrier_message_id);
    if (segment.in_flight) {  // sent again meanwhile: the new attempt has the last word
        segment.state = State::queued;
    } else if (live->where == live_message::place::ready &&
               live->next_unsent() == live->segments.size()) {
        flows_.remove(flow_of(live->position), *live);
        live->where = live_message::place::sending;
    }
    after_attempt(*live);
}

void engine::impl::on_segment_accepted(live_message& live, std::size_t index, std::size_t carrier,
                                       std::uint16_t attempt_number,
                                       std::string_view carrier_message_id) {
    auto& segment = live.segments[index];
    const auto& state_of_carrier = carriers_[carrier];
    if (!segment.carrier_message_id.empty()) {
        const auto earlier =
            canonical_id(segment.carrier_message_id, state_of_carrier.settings->response_id);
        segment.earlier_ids.emplace_back(store::receipt_key(segment.carrier, earlier).view());
        if (segment.earlier_ids.size() > earlier_ids_max) {
            segment.earlier_ids.erase(segment.earlier_ids.begin());
        }
    }
    segment.carrier = state_of_carrier.number;
    segment.attempts = attempt_number;
    segment.carrier_message_id = carrier_message_id;
    segment.submitted_ms = now_.wall_ms;
    if (segment.state == State::queued) {
        segment.state = State::submitted;
    }
    if (carrier_message_id.empty()) {
        return;  // no receipt can ever name it
    }
    const auto id = canonical_id(carrier_message_id, state_of_carrier.settings->response_id);
    const auto key = store::receipt_key(state_of_carrier.number, id);
    const store::receipt_target target{static_cast<std::uint64_t>(live.id),
                                       static_cast<std::uint16_t>(index), attempt_number};
    auto& pending = state();
    pending.batch->put(table::receipt_keys, key, store::receipt_value(target));
    pending.receipt_keys.emplace_back(key.view());
    uncommitted_keys_[pending.receipt_keys.back()] = target;
    if (!early_by_key_.empty()) {
        match_early(carrier, pending.receipt_keys.back());
    }
}

void engine::impl::on_segment_refused(live_message& live, std::size_t index, std::size_t carrier,
                                      command_status status) {
    auto& segment = live.segments[index];
    auto& from = carriers_[carrier];
    const auto rule = rule_for(from.retries, status);
    segment.error = static_cast<std::uint32_t>(status);
    switch (rule.then) {
        case refusal_action::throttle:
            ++count_.throttled;
            ++from.throttled;
            from.throttle(now_.steady);
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
            auto& route = routes_[route_by_number_.at(live.position.route)];
            for (std::size_t i = 0; i < route.targets.size() && i < 32; ++i) {
                if (route.targets[i].carrier == carrier) {
                    live.excluded_targets |= 1U << i;
                }
            }
            const auto left = look_at(route, live.excluded_targets, carriers_, now_.steady);
            if (left == availability::none_left) {
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
    fail_segment(live, index, State::rejected, segment.error);
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
    }
    if (why == attempt_failure::timed_out) {
        found->timed_out = true;
    } else {
        free_attempt(*found);
    }
    auto* live = live_.find(done.message);
    assert(live != nullptr);
    --live->in_flight;
    auto& segment = live->segments[done.segment];
    segment.in_flight = false;
    if (why == attempt_failure::not_sent) {
        back_to_front(*live);
    } else {
        ++count_.outcome_unknown;
        ++segment.attempts;
        if (carriers_[done.carrier].settings->on_unknown == config::unknown_outcome::resend) {
            // A bind that is lost says nothing against sending again at once; a carrier that does
            // not answer in time gets a pause, in which a late response may still come.
            if (why == attempt_failure::timed_out) {
                retry_later(*live, unknown_outcome_delay);
            } else {
                back_to_front(*live);
            }
        } else {
            fail_segment(*live, done.segment, State::unknown, 0);
        }
    }
    after_attempt(*live);
}

void engine::impl::back_to_front(live_message& live) {
    if (live.where == live_message::place::sending && live.retry_at_ms == 0 && !live.failed) {
        auto& flow = flow_of(live.position);
        flows_.push_front(flow, live);
    }
}

void engine::impl::retry_later(live_message& live, std::chrono::milliseconds delay) {
    live.retry_at_ms = std::max(live.retry_at_ms, now_.wall_ms + delay.count());
    if (live.where == live_message::place::ready) {
        flows_.remove(flow_of(live.position), live);
        live.where = live_message::place::sending;
    }
}

void engine::impl::fail_segment(live_message& live, std::size_t index, State why,
                                std::uint32_t error) {
    auto& segment = live.segments[index];
    segment.state = why;
    segment.error = error;
    segment.done_ms = now_.wall_ms;
    live.failed = true;
    if (live.where == live_message::place::ready) {
        flows_.remove(flow_of(live.position), live);
        live.where = live_message::place::sending;
    }
}

void engine::impl::after_attempt(live_message& live) {
    if (live.in_flight > 0) {
        return;
    }
    if (is_final(live.state)) {
        write_outcome(live);  // a late response has brought one more id
        return;
    }
    if (live.failed) {  // what was not sent of it yet is not sent any more
        for (auto& segment : live.segments) {
            if (segment.state == State::queued) {
                segment.state = State::rejected;
                segment.done_ms = now_.wall_ms;
            }
        }
        finish(live);
        return;
    }
    if (live.all_submitted()) {
        const bool final = std::all_of(live.segments.begin(), live.segments.end(),
                                       [](auto& part) { return part.state != State::submitted; });
        if (final) {
            finish(live);
            return;
        }
        if (live.where == live_message::place::sending) {
            live.where = live_message::place::idle;
        }
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
    if (live.where == live_message::place::sending) {
        back_to_front(live);
    }
    const bool any_progress = std::any_of(live.segments.begin(), live.segments.end(),
                                          [](auto& s) { return s.state != State::queued; });
    if (any_progress) {
        write_outcome(live);
    }
}

void engine::impl::finish(live_message& live) {
    forget_queue_entry(live);
    if (live.where == live_message::place::ready) {
        flows_.remove(flow_of(live.position), live);
    }
    live.where = live_message::place::idle;
    live.done_ms = now_.wall_ms;
    live.state = State::delivered;
    for (const auto& segment : live.segments) {
        if (segment.state != State::delivered && segment.state != State::submitted) {
            live.state = segment.state;
            break;
        }
    }
    ++count_.finished[static_cast<std::size_t>(live.state)];
    emit_receipt(live, true);
    write_outcome(live);
}

void engine::impl::write_outcome(live_message& live) {
    auto& fb = builder_;
    fb.Clear();
    std::vector<flatbuffers::Offset<record::SegmentOutcome>> parts;
    parts.reserve(live.segments.size());
    const auto text = [&fb](const std::string& value) {
        return value.empty() ? flatbuffers::Offset<flatbuffers::String>{} : fb.CreateString(value);
    };
    for (const auto& segment : live.segments) {
        const auto id = text(segment.carrier_message_id);
        const auto error_text = text(segment.error_text);
        flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>> earlier;
        if (!segment.earlier_ids.empty()) {
            earlier = fb.CreateVectorOfStrings(segment.earlier_ids);
        }
        parts.push_back(record::CreateSegmentOutcome(
            fb, segment.state, segment.carrier, segment.attempts, id, earlier, segment.error,
            error_text, segment.submitted_ms, segment.done_ms));
    }
    const auto& message = live.record();
    const auto moved = live.position.not_before != message.not_before();
    const auto rerouted = live.position.route != message.route();
    fb.Finish(record::CreateOutcome(fb, live.state, live.done_ms, fb.CreateVector(parts),
                                    live.receipted, moved ? live.position.not_before : 0,
                                    rerouted ? live.position.route : 0));
    state().batch->put(table::outcomes, store::message_key(static_cast<std::uint64_t>(live.id)),
                       {reinterpret_cast<const char*>(fb.GetBufferPointer()), fb.GetSize()});
    ++live.pins;
    state().then.push_back({after::unpin, 0, static_cast<std::uint64_t>(live.id), 0, {}});
}

}  // namespace hikyaku::gateway
