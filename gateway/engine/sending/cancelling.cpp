// Asking carriers to forget (cancel_sm) what they may still store of somebody on whom a hold has
// been placed. What is to be asked stands in the store, by carrier, until the carrier has answered;
// it is asked once, over a bind that is up, within its window.
#include <algorithm>

#include "gateway/engine/record_values.hpp"
#include "gateway/engine/sending/sending.hpp"
#include "gateway/model/tables.hpp"

namespace hikyaku::gateway {

using smpp::command_status;
namespace table = model::table;

namespace {

constexpr std::size_t asked_at_once = 16;  // messages of one carrier in one turn

/// Sent, and no receipt has told its end.
bool may_be_stored(const live_segment& segment) {
    return segment.state == segment_state::submitted && !segment.carrier_message_id.empty();
}

}  // namespace

void sending::cancel(message_id id) {
    auto* live = messages_.find_or_load(id);
    if (live == nullptr) return;
    std::vector<carrier_id> carriers;
    for (const auto& segment : live->segments) {
        const bool comes_there = segment.in_flight;
        if (!comes_there && !may_be_stored(segment)) continue;
        const auto* carrier = directory_.find(segment.carrier);
        if (carrier == nullptr || !carrier->settings->cancels) continue;
        if (comes_there) cancels_when_answered_.insert(static_cast<std::uint64_t>(id));
        if (std::ranges::find(carriers, segment.carrier) == carriers.end())
            carriers.push_back(segment.carrier);
    }
    for (const auto carrier : carriers) {
        must_keep().rows().put(
            table::cancels, model::cancel_key({stored(carrier), static_cast<std::uint64_t>(id)}));
        must_keep().then(after::cancel_kept{carrier});
    }
    messages_.release(*live);
}

/// An attempt has ended, after which the carrier may have a segment.
void sending::cancel_what_was_taken(const live_message& live, carrier_id carrier) {
    if (cancels_when_answered_.empty()) return;
    const auto at = cancels_when_answered_.find(static_cast<std::uint64_t>(live.id));
    if (at == cancels_when_answered_.end()) return;
    if (live.in_flight == 0) cancels_when_answered_.erase(at);
    on_cancel_kept(carrier);
}

void sending::on_cancel_kept(carrier_id carrier) {
    cancels_from_[carrier] = 0;
    turn_.want_tick(now_.steady);
}

void sending::pump_cancels() {
    for (auto at = cancels_from_.begin(); at != cancels_from_.end();) {
        auto* carrier = directory_.find(at->first);
        if (carrier == nullptr || !carrier->up() || carrier->paused_by_operator) {
            ++at;
            continue;
        }
        const bool is_done = ask_some(*carrier, at->first, at->second);
        at = is_done ? cancels_from_.erase(at) : std::next(at);
    }
}

/// True: nothing more stands there for the carrier.
bool sending::ask_some(carrier_state& carrier, carrier_id id, std::uint64_t& from) {
    std::vector<std::uint64_t> found;
    bool is_end = true;
    environment_.read().for_each(table::cancels, model::cancel_key({stored(id), from}),
                                 [&](auto octets, auto) {
                                     const auto position = model::cancel_key::parse(octets);
                                     if (!position || position->carrier != stored(id)) return false;
                                     if (found.size() == asked_at_once) {
                                         is_end = false;
                                         return false;
                                     }
                                     found.push_back(position->message);
                                     return true;
                                 });
    for (const auto message : found) {
        if (!ask_to_cancel(carrier, id, message_id{message})) {
            turn_.want_tick(now_.steady + std::chrono::milliseconds{100});
            return false;
        }
        from = message + 1;
    }
    if (!is_end) turn_.want_tick(now_.steady);
    return is_end;
}

/// False: no bind has room now.
bool sending::ask_to_cancel(carrier_state& carrier, carrier_id id, message_id message) {
    auto* live = messages_.find_or_load(message);
    bool has_asked = false, has_room = true;
    for (std::size_t i = 0; live != nullptr && has_room && i < live->segments.size(); ++i) {
        const auto& segment = live->segments[i];
        if (segment.carrier != id || !may_be_stored(segment)) continue;
        const bool is_asked = std::ranges::any_of(cancels_asked_, [&](const auto& each) {
            return each.second.message == message && each.second.segment == i;
        });
        has_asked = true;
        if (!is_asked) has_room = send_cancel(carrier, id, *live, i);
    }
    const bool is_awaited = cancels_when_answered_.contains(static_cast<std::uint64_t>(message));
    if (!has_asked && !is_awaited) forget_cancel(id, message);
    if (live != nullptr) messages_.release(*live);
    return has_room;
}

bool sending::send_cancel(carrier_state& carrier, carrier_id id, const live_message& live,
                          std::size_t segment) {
    auto* bind = carrier.next_bind(now_.steady);
    if (bind == nullptr) return false;
    smpp::submit_sm as_sent;
    write_addresses(carrier, live.record(), as_sent);
    smpp::cancel_sm request;
    request.message_id = live.segments[segment].carrier_message_id;
    request.source_addr_ton = as_sent.source_addr_ton;
    request.source_addr_npi = as_sent.source_addr_npi;
    request.source_addr = as_sent.source_addr;
    request.dest_addr_ton = as_sent.dest_addr_ton;
    request.dest_addr_npi = as_sent.dest_addr_npi;
    request.destination_addr = as_sent.destination_addr;
    const auto token = cancel_token | ++cancels_sent_;
    if (!outputs_.send_cancel(bind->id, token, request)) return false;
    ++bind->in_flight;
    ++carrier.cancels_asked;
    cancels_asked_.emplace(token, asked_cancel{bind->id, id, live.id, segment});
    return true;
}

void sending::forget_cancel(carrier_id carrier, message_id message) {
    may_wait().rows().erase(
        table::cancels, model::cancel_key({stored(carrier), static_cast<std::uint64_t>(message)}));
}

void sending::on_cancel_answer(std::uint64_t token, std::optional<command_status> status) {
    const auto at = cancels_asked_.find(token);
    if (at == cancels_asked_.end()) return;
    const auto asked = at->second;
    cancels_asked_.erase(at);
    auto* carrier = directory_.find(asked.carrier);
    if (auto* bind = carrier == nullptr ? nullptr : carrier->bind(asked.bind)) --bind->in_flight;
    if (!status) {  // the bind is lost: over another one, when there is one
        cancels_from_[asked.carrier] = 0;
        return;
    }
    const bool is_last = std::ranges::none_of(
        cancels_asked_, [&](const auto& each) { return each.second.message == asked.message; });
    if (is_last) forget_cancel(asked.carrier, asked.message);
    if (*status != command_status::esme_rok) return;
    if (carrier != nullptr) ++carrier->cancels_granted;
    auto* live = messages_.find_or_load(asked.message);
    if (live == nullptr) return;
    auto& segment = live->segments[std::min(asked.segment, live->segments.size() - 1)];
    if (segment.carrier != asked.carrier || !may_be_stored(segment)) {
        messages_.release(*live);
        return;
    }
    messages_.settle_segment(
        *live, segment, State::deleted,
        refusal_error(command_status::esme_rprohibited,
                      {.info = "cancelled at the carrier: a hold", .own = true}));
}

}  // namespace hikyaku::gateway
