// Which message goes next, and to which bind of which carrier.
#include <algorithm>
#include <cassert>

#include "gateway/engine/sending/sending.hpp"

namespace hikyaku::gateway {

using smpp::command_status;

namespace {

/// Messages of removed routes that one turn gives to others: each is a few rows of its batch.
constexpr std::size_t rerouted_max = 500;

/// Whether the contract rate and the mark of it let a segment of so many parts out now; else the
/// carrier waits until they do.
bool rate_lets_out(carrier_state& carrier, std::uint32_t parts, store::clock_mark& mark,
                   steady_time now) {
    if (parts > 1 && carrier.rate.next(parts) > now) {
        carrier.rate.hold(carrier.rate.next(parts));
        return false;
    }
    // Without a contract rate too: the next process may have been given one.
    if (!mark.cover(now) && carrier.settings->contract_rate) {
        carrier.rate.hold(now + store::clock_mark::retry);
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
    if (segment.carrier_message_id.empty())  // else it says whose id that is
        segment.carrier = carrier;
}

}  // namespace

sending::sending(engine_context& context, directory& known, messages& about, receiving& receipts,
                 concat_references& references, attempts& under_way, store::clock_mark& mark,
                 gate_port& asked)
    : room(context),
      directory_(known),
      messages_(about),
      receiving_(receipts),
      references_(references),
      attempts_(under_way),
      send_mark_(mark),
      gate_(asked) {}

carrier_state* sending::carrier_of(bind_id bind) const {
    const auto at = carrier_by_bind_.find(bind);
    return at == carrier_by_bind_.end() ? nullptr : directory_.find(at->second);
}

void sending::on_bind_up(bind_id bind, const bind_facts& facts) {
    auto& carrier = directory_[facts.carrier];
    carrier.binds.push_back({.id = bind,
                             .window = carrier.new_window(facts.window),
                             .can_transmit = facts.can_transmit,
                             .version = facts.version});
    carrier_by_bind_[bind] = facts.carrier;
    if (facts.can_transmit) cancels_from_[facts.carrier] = 0;
}

void sending::on_bind_leaving(bind_id bind) {
    auto* const carrier = carrier_of(bind);
    if (auto* const leaving = carrier == nullptr ? nullptr : carrier->bind(bind))
        leaving->can_transmit = false;
}

void sending::on_bind_down(bind_id bind) {
    const auto at = carrier_by_bind_.find(bind);
    if (at == carrier_by_bind_.end()) return;
    std::erase_if(directory_[at->second].binds,
                  [&](const carrier_bind& other) { return other.id == bind; });
    carrier_by_bind_.erase(at);
    attempts_.forget_late_of(bind);
}

steady_time sending::next_deadline(steady_time otherwise) const {
    auto next = otherwise;
    for (const auto& carrier : directory_.carriers().all()) {
        const auto ready = carrier.ready_at();
        if (carrier.up() && ready > now_.steady) next = std::min(next, ready);
    }
    return next;
}

void sending::pump() {
    if (turn_.draining || turn_.store_failing) return;
    if (!cancels_from_.empty() || !cancels_.empty()) pump_cancels();
    if (!counted_.empty()) sweep_hand_offs();
    if (messages_.flows().ready_total() > 0) hand_out();
    if (const auto turn = gate_.end_turn(); turn != 0) must_keep().then(after::gate_stored{turn});
}

void sending::hand_out() {
    const auto servable = [this](const flow& candidate) {
        if (candidate.held || gate_.has_stopped(stored(candidate.account)) ||
            has_asked_enough(candidate))
            return false;
        const auto& route = directory_[candidate.route];
        if (route.removed && rerouted_ == rerouted_max) {
            turn_.want_tick(now_.steady);
            return false;
        }
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
    for (auto& carrier : directory_.carriers().all())
        carrier.begin_turn();
    begin_asking();
    rerouted_ = 0;
    for (std::size_t priority = priorities; priority-- > 0;)
        while (auto* next = messages_.flows().pick(priority, servable))
            send_front(*next);
}

void sending::send_front(flow& from) {
    auto& live = *from.ready.front();
    auto& route = directory_[from.route];
    if (!is_in_time(from, live)) return;
    if (route.removed) return give_away(from, live);
    if (!is_allowed(from, live)) return;  // before anything is chosen or cut for it
    const auto target = next_target(route, live);
    if (!target) {
        const auto left = look_at(route, live.excluded_targets, directory_.carriers(), now_.steady);
        if (left == availability::none_left) {
            messages_.fail_segment(live, live.next_unsent(), own_error(command_status::esme_rok));
        } else {
            live.excluded_targets = 0;
            messages_.retry_later(live, other_carrier_down_delay);
        }
        messages_.after_attempt(live);
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
    if (!let_out || !may_be_sent(from, live, carrier_index)) return;
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
    auto& made = attempts_.make(token);
    describe(made, live, segment_index, bind->id, carrier_index, now_.steady);
    if (!outputs_.send_segment(bind->id, token, request, tlvs)) {
        attempts_.free(made);
        bind->can_transmit = false;  // it is going down; on_bind_down() follows
        return;
    }
    carrier.sent(now_.steady, parts);
    ++bind->in_flight;
    attempts_.start();
    ++count_.attempts;
    live.counted = live.recounts = false;
    if (!unsent_.empty()) note_went(live.id);
    ++live.in_flight;
    mark_in_flight(live.segments[segment_index], carrier.id);
    for (std::uint32_t i = 0; i < parts; ++i)
        flow_set::charge(from, carrier.virtual_time[from.priority]);
    if (live.next_unsent() == live.segments.size()) {
        messages_.flows().pop_front(from);
        live.where = live_message::place::sending;
        messages_.wake_when_low(from);
    }
}

/// The front of a removed route leaves it.
void sending::give_away(flow& from, live_message& live) {
    ++rerouted_;
    messages_.reroute(live);
    messages_.wake_when_low(from);
}

/// This message does not go to the carrier again while others of its route are left; says what is.
availability sending::exclude(live_message& live, carrier_id carrier) {
    const auto& route = directory_[route_id{live.position.route}];
    for (std::size_t i = 0; i < route.targets.size() && i < 32; ++i)
        if (route.targets[i].carrier == carrier) live.excluded_targets |= 1U << i;
    return look_at(route, live.excluded_targets, directory_.carriers(), now_.steady);
}

}  // namespace hikyaku::gateway
