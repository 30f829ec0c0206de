// The carriers of the world of the law: up and down for hours and days, too busy, refusing for now
// and for good, answering late or never, sending receipts, some of which say that the phone's owner
// has opted out.
#include <fmt/format.h>

#include <algorithm>

#include "smpp/pdu/times.hpp"
#include "smpp/text/udh.hpp"
#include "tests/law/world.hpp"

namespace hikyaku::law {

using gateway::attempt_failure;
using sim::hour_us;
using sim::millisecond_us;
using sim::second_us;
using smpp::command_status;

namespace {

constexpr std::int64_t response_timeout_us = 60 * second_us;

/// The message that a segment belongs to, by its source: "M12".
std::size_t number_in(std::string_view source) {
    std::size_t number = 0;
    for (const char digit : source.substr(1))
        number = number * 10 + static_cast<std::size_t>(digit - '0');
    return number;
}

std::size_t segment_of(const smpp::submit_sm& request) {
    if ((request.esm_class & 0x40) == 0) return 0;
    const auto parts = smpp::text::split_udh(request.short_message);
    const auto concatenation = parts ? smpp::text::concatenation_of(parts->elements) : std::nullopt;
    return concatenation ? static_cast<std::size_t>(concatenation->sequence - 1) : 0;
}

}  // namespace

void world::note_taking(std::size_t carrier, bool takes) {
    auto& down = auditor_.carrier_down[carrier];
    const bool was = down.empty() || down.back().to != never;
    if (was == takes) return;
    if (takes)
        down.back().to = now().wall_ms;
    else
        down.push_back({now().wall_ms, never});
}

void world::carrier_up(std::size_t carrier) {
    auto& state = carriers_[carrier];
    if (state.up || !engine_) return;
    if (!calm_ && scheduler_.now_us() < state.away_until_us) return;  // keep_going() brings it
    state.up = true;
    state.bind = ++next_handle_;
    note_taking(carrier, true);
    gateway::bind_facts facts;
    facts.carrier = engine_->carrier_by_name(scenario_.settings.carriers[carrier].name);
    facts.window = scenario_.settings.carriers[carrier].window;
    // What waits for the carrier is asked about before a hold on its account is on disk.
    for (std::size_t i = 0; i < scenario_.accounts.size(); ++i) {
        const auto& route = scenario_.accounts[i].carriers;
        if (std::ranges::find(route, carrier) != route.end() && strikes(0.12))
            place_hold(i, luck_.pick(scenario_.accounts[i].persons), party_scope::account);
    }
    engine_->on_bind_up(bind_id{state.bind}, facts, now());
    const auto most = scenario_.carriers[carrier].up_hours_max;
    const auto bind = state.bind;
    if (calm_) return;
    at(luck_.between(second_us, most * hour_us), [this, carrier, bind] {
        if (calm_ || carriers_[carrier].bind != bind || !carriers_[carrier].up || !engine_) return;
        keep_going(carrier);
    });
}

/// It goes down, for a minute or for days, or is too busy for a while.
void world::keep_going(std::size_t carrier) {
    const auto& plan = scenario_.carriers[carrier];
    if (luck_.chance(0.2)) {
        throttle_for_a_while(carrier);
        return;
    }
    carrier_down(carrier, luck_.chance(0.6)
                              ? luck_.between(second_us, 600 * second_us)
                              : luck_.between(600 * second_us, plan.down_hours_max * hour_us));
}

void world::set_busy(std::size_t carrier, bool is_busy) {
    auto& times = auditor_.carrier_busy[carrier];
    if (std::exchange(carriers_[carrier].throttles, is_busy) == is_busy) return;
    if (is_busy)
        times.push_back({now().wall_ms, never});
    else
        times.back().to = now().wall_ms;
}

void world::throttle_for_a_while(std::size_t carrier) {
    set_busy(carrier, true);
    at(luck_.between(10, 7200) * second_us, [this, carrier] {
        set_busy(carrier, false);
        if (carriers_[carrier].up && engine_ && !calm_) keep_going(carrier);
    });
}

void world::carrier_down(std::size_t carrier, std::int64_t away_us) {
    auto& state = carriers_[carrier];
    if (!state.up) return;
    state.up = false;
    note_taking(carrier, false);
    for (const auto& [token, open] : std::map(state.open))
        end_attempt(carrier, token, attempt_failure::outcome_unknown);
    engine_->on_bind_down(bind_id{state.bind}, now());
    std::erase_if(
        late_, [&](const auto& each) { return each.first.first == state.bind; });
    std::erase_if(unacknowledged_,
                  [&](const auto& each) { return each.first.first == state.bind; });
    state.away_until_us = scheduler_.now_us() + away_us;
    at(away_us, [this, carrier] { carrier_up(carrier); });
}

bool world::send_segment(bind_id bind, std::uint64_t token, const smpp::submit_sm& request,
                         const smpp::tlv_list&) {
    const auto at_carrier = std::ranges::find_if(carriers_, [bind](const carrier_state& each) {
        return each.up && bind_id{each.bind} == bind;
    });
    if (at_carrier == carriers_.end()) return false;
    const auto carrier = static_cast<std::size_t>(at_carrier - carriers_.begin());
    const auto number = number_in(request.source_addr);
    scheduler_.trace(3, number);
    auto& one = auditor_.messages[number];
    const auto until = smpp::parse_time(request.validity_period,
                                        smpp::sys_time(std::chrono::milliseconds(now().wall_ms)));
    auto valid_until_ms = never;
    if (until && *until) valid_until_ms = (**until).time_since_epoch().count();
    if (request.destination_addr != one.phone)
        auditor_.fail(auditor_.name_of(number) + " goes to another phone");
    auditor_.handed(number, segment_of(request), carrier, valid_until_ms);
    at_carrier->open[token] = {number, one.attempts.size() - 1};
    answer(carrier, at_carrier->bind, token);
    return true;
}

/// Decides what the carrier makes of a segment, and when it says so.
void world::answer(std::size_t carrier, std::uint64_t bind, std::uint64_t token) {
    const auto& plan = scenario_.carriers[carrier];
    auto status = command_status::esme_rok;
    if (carriers_[carrier].throttles || strikes(plan.throttles))
        status = command_status::esme_rthrottled;
    else if (strikes(plan.refuses_for_now))
        status = luck_.chance(0.5) ? command_status::esme_rsyserr : command_status::esme_rx_t_appn;
    else if (strikes(plan.refuses_for_good))
        status = command_status::esme_rinvdstadr;
    auto delay = luck_.between(20 * millisecond_us, 2 * second_us);
    const bool never_comes = status == command_status::esme_rok && strikes(plan.never_answers);
    if (strikes(plan.answers_late)) delay = luck_.between(50, 200) * second_us;
    if (never_comes || delay > response_timeout_us)
        at_this_run(response_timeout_us, [this, carrier, bind, token] {
            const auto& state = carriers_[carrier];
            if (state.up && state.bind == bind && state.open.contains(token))
                end_attempt(carrier, token, attempt_failure::timed_out);
        });
    if (never_comes) return;
    at_this_run(delay, [this, carrier, bind, token, status] {
        if (carriers_[carrier].up && carriers_[carrier].bind == bind)
            respond(carrier, bind, token, status);
    });
}

void world::respond(std::size_t carrier, std::uint64_t bind, std::uint64_t token,
                    command_status status) {
    auto& state = carriers_[carrier];
    auto open = state.open.find(token);
    const auto late = late_.find({bind, token});
    if (open == state.open.end() && late == late_.end()) return;
    const auto what = open != state.open.end() ? open->second : late->second;
    auto& one = auditor_.messages[what.message].attempts[what.attempt];
    const bool ok = status == command_status::esme_rok;
    one.what = ok ? attempt::outcome::accepted : attempt::outcome::refused;
    const auto id = fmt::format("{}-{}", carrier, state.next_id++);
    if (open != state.open.end()) state.open.erase(open);
    if (late != late_.end()) late_.erase(late);
    engine_->on_response(bind_id{bind}, token, status, ok ? id : "", now());
    if (ok) plan_receipt(carrier, id, {what.message, what.attempt, false, run_});
}

/// Without a response: nobody knows what the carrier did.
void world::end_attempt(std::size_t carrier, std::uint64_t token, attempt_failure why) {
    auto& state = carriers_[carrier];
    const auto open = state.open.find(token);
    if (open == state.open.end()) return;
    const auto what = open->second;
    state.open.erase(open);
    auditor_.messages[what.message].attempts[what.attempt].what = attempt::outcome::unknown;
    auditor_.messages[what.message].had_no_outcome = true;
    if (why == attempt_failure::timed_out) late_[{state.bind, token}] = what;
    engine_->on_attempt_failed(bind_id{state.bind}, token, why, now());
}

/// The carrier forgets most of what has not rung yet.
bool world::send_cancel(bind_id bind, std::uint64_t token, const smpp::cancel_sm& request) {
    const auto asked = std::ranges::find_if(carriers_, [bind](const carrier_state& each) {
        return each.up && bind_id{each.bind} == bind;
    });
    if (asked == carriers_.end()) return false;
    ++auditor_.counts.cancels;
    const auto number = number_in(request.source_addr);
    if (const auto& one = auditor_.messages[number]; !auditor_.was_forbidden(one))
        auditor_.fail(auditor_.name_of(number) + " is cancelled at its carrier for no reason");
    const auto carrier = static_cast<std::size_t>(asked - carriers_.begin());
    const auto at_bind = asked->bind;
    const std::string id(request.message_id);
    const bool is_there = stored_.contains(id) && !strikes(0.2);
    at_this_run(luck_.between(20 * millisecond_us, 2 * second_us), [this, carrier, at_bind, token,
                                                                    is_there, id] {
        if (!carriers_[carrier].up || carriers_[carrier].bind != at_bind) return;
        const bool forgets = is_there && stored_.erase(id) != 0;
        if (forgets) ++auditor_.counts.forgotten;
        engine_->on_response(bind_id{at_bind}, token,
                             forgets ? command_status::esme_rok : command_status::esme_rcancelfail,
                             "", now());
    });
    return true;
}

// Receipts.

void world::plan_receipt(std::size_t carrier, const std::string& id, sent_receipt what) {
    stored_[id] = what;
    what.opts_out = strikes(scenario_.carriers[carrier].opted_out);
    if (strikes(0.02)) return;  // it never comes
    ++receipts_under_way_;
    const auto delay = luck_.chance(0.8) ? luck_.between(second_us, 60 * second_us)
                                         : luck_.between(60 * second_us, 3 * hour_us);
    at(delay, [this, carrier, id, what] { send_receipt(carrier, id, what); });
}

void world::send_receipt(std::size_t carrier, const std::string& id, const sent_receipt& what) {
    if (!stored_.contains(id)) {  // forgotten
        --receipts_under_way_;
        return;
    }
    const auto& state = carriers_[carrier];
    if (!state.up || !engine_) {
        at(luck_.between(1, 60) * 60 * second_us,
           [this, carrier, id, what] { send_receipt(carrier, id, what); });
        return;
    }
    const auto& one = auditor_.messages[what.message];
    const bool fails = what.opts_out || strikes(scenario_.carriers[carrier].fails);
    const auto text = fmt::format(
        "id:{} sub:001 dlvrd:{} submit date:2601010000 done date:2601010000 stat:{} err:{} text:",
        id, fails ? "000" : "001", fails ? "UNDELIV" : "DELIVRD",
        what.opts_out ? "051"
        : fails       ? "011"
                      : "000");
    if (what.opts_out) auditor_.opt_outs.push_back({one.account, one.phone, now().wall_ms});
    const auto source = fmt::format("M{}", what.message);
    smpp::deliver_sm pdu;
    pdu.source_addr = one.phone;
    pdu.destination_addr = source;
    pdu.esm_class = 0x04;
    pdu.short_message = {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
    const auto sequence = ++receipt_sequence_;
    stored_.erase(id);
    unacknowledged_[{state.bind, sequence}] = what;
    unacknowledged_[{state.bind, sequence}].sent_ms = now().wall_ms;
    engine_->on_deliver_sm(bind_id{state.bind}, sequence, pdu, {}, now());
    --receipts_under_way_;
}

void world::acknowledge(bind_id bind, std::uint32_t sequence, smpp::command_id,
                        command_status status) {
    const auto at_receipt = unacknowledged_.find({static_cast<std::uint64_t>(bind), sequence});
    if (at_receipt == unacknowledged_.end()) return;
    const auto what = at_receipt->second;
    unacknowledged_.erase(at_receipt);
    if (status == command_status::esme_rok && what.opts_out)
        at_this_run(0, [this, what] { note_opt_out(what); });
}

/// A receipt that the process has heard after the response has found its message: the phone is
/// suppressed. Otherwise only the store knows whether it has.
void world::note_opt_out(const sent_receipt& what) {
    const auto& one = auditor_.messages[what.message];
    const auto found = protection_->find_suppression(id_of(one.account), one.phone);
    if (what.run == run_ && !found)
        auditor_.fail(auditor_.name_of(what.message) +
                      ": its carrier said that the phone has opted out, and it is not suppressed");
    if (!found || found->source != dunning::record::SuppressionSource::carrier) return;
    ++auditor_.counts.opted_out;
    for (const auto purpose : {Purpose::service, Purpose::dunning, Purpose::marketing}) {
        if ((found->purposes & gateway::gate::set_of(purpose)) == 0) continue;
        suppression made;
        made.account = one.account;
        made.contact = one.phone;
        made.purpose = purpose;
        made.asked_ms = what.sent_ms;
        made.known_ms = now().wall_ms;
        auditor_.suppressions.push_back(std::move(made));
    }
}

}  // namespace hikyaku::law
