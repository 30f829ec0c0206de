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

constexpr std::size_t cancels_at_once = 16;  // messages of one carrier
constexpr std::size_t awaited_max = 10'000;  // whose carriers have not answered yet

/// Sent, and no receipt has told its end.
bool may_be_stored(const live_segment& segment) {
    const bool is_open =
        segment.state == segment_state::submitted || segment.state == segment_state::unknown;
    return is_open && !segment.carrier_message_id.empty();
}

/// The carrier may have it, and a late response may still say so.
bool may_come_there(const live_segment& segment) {
    const bool is_given_up = segment.state == segment_state::unknown && segment.missed_outcome;
    return segment.carrier_message_id.empty() &&
           (segment.in_flight || segment.state == segment_state::maybe_sent ||
            segment.state == segment_state::waiting || is_given_up);
}

}  // namespace

void sending::cancel(message_id id) {
    auto* live = messages_.find_or_load(id);
    if (live == nullptr) return;
    std::vector<carrier_id> carriers;
    for (const auto& segment : live->segments) {
        const bool comes_there = may_come_there(segment);
        if (!comes_there && !may_be_stored(segment)) continue;
        const auto* carrier = directory_.find(segment.carrier);
        if (carrier == nullptr || !carrier->settings->cancels) continue;
        if (comes_there && cancels_when_answered_.size() < awaited_max)
            cancels_when_answered_.insert(static_cast<std::uint64_t>(id));
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
    if (std::ranges::none_of(live.segments, may_come_there)) cancels_when_answered_.erase(at);
    for (auto& [place, each] : cancels_)
        if (place.second == static_cast<std::uint64_t>(live.id)) each.awaits = false;
    on_cancel_kept(carrier);
}

void sending::on_cancel_kept(carrier_id carrier) {
    cancels_from_[carrier] = 0;
    turn_.want_tick(now_.steady);
}

/// Asked, and not answered.
bool sending::cancels_under_way() const {
    return std::ranges::any_of(
        cancels_, [](const auto& each) { return each.second.asked != 0; });
}

void sending::pump_cancels() {
    for (auto at = cancels_from_.begin(); at != cancels_from_.end();) {
        const auto* carrier = directory_.find(at->first);
        const bool asks = carrier != nullptr && carrier->settings->cancels;
        const bool is_read = !asks || (carrier->up() && read_cancels(at->first, at->second));
        at = is_read ? cancels_from_.erase(at) : std::next(at);
    }
    for (auto at = cancels_.begin(); at != cancels_.end();) {
        const bool waits = at->second.asked != 0 || at->second.awaits;
        at = waits || go_on(at->first, at->second) ? std::next(at) : cancels_.erase(at);
    }
}

/// Takes rows of the carrier to work on. True: there are no more.
bool sending::read_cancels(carrier_id carrier, std::uint64_t& from) {
    std::size_t free = cancels_at_once;
    for (const auto& [key, each] : cancels_)
        free -= key.first == carrier && !each.awaits && free > 0 ? 1 : 0;
    bool is_end = true;
    environment_.read().for_each(
        table::cancels, model::cancel_key({stored(carrier), from}), [&](auto octets, auto) {
            const auto position = model::cancel_key::parse(octets);
            if (!position || position->carrier != stored(carrier)) return false;
            const bool is_new = !cancels_.contains({carrier, position->message});
            if (is_new && free == 0) return is_end = false;
            if (is_new) --free;
            cancels_.try_emplace({carrier, position->message});
            from = position->message + 1;
            return true;
        });
    return is_end;
}

/// Asks about the next segment, one at a time. False: there is nothing more to ask.
bool sending::go_on(const cancel_place& of, cancelling& what) {
    auto* carrier = directory_.find(of.first);
    if (carrier == nullptr || !carrier->settings->cancels) return false;
    auto* live = messages_.find_or_load(message_id{of.second});
    const bool is_awaited = cancels_when_answered_.contains(of.second);
    bool is_done = true;
    for (; live != nullptr && what.next < live->segments.size(); ++what.next) {
        const auto& segment = live->segments[what.next];
        is_done = segment.carrier != of.first ||
                  !(may_be_stored(segment) || (is_awaited && may_come_there(segment)));
        if (!is_done) break;
    }
    what.awaits = !is_done && !may_be_stored(live->segments[what.next]);
    if (!is_done && carrier->up() && !carrier->paused_by_operator &&
        may_be_stored(live->segments[what.next]) && send_cancel(*carrier, *live, what))
        what.asked = cancels_sent_;
    if (live != nullptr) messages_.release(*live);
    if (is_done) forget_cancel(of);
    return !is_done;
}

bool sending::send_cancel(carrier_state& carrier, const live_message& live, cancelling& what) {
    auto* bind = carrier.next_bind(now_.steady);
    if (bind == nullptr) {
        turn_.want_tick(now_.steady + std::chrono::milliseconds{100});
        return false;
    }
    smpp::submit_sm as_sent;
    write_addresses(carrier, live.record(), as_sent);
    smpp::cancel_sm request;
    request.message_id = live.segments[what.next].carrier_message_id;
    request.source_addr_ton = as_sent.source_addr_ton;
    request.source_addr_npi = as_sent.source_addr_npi;
    request.source_addr = as_sent.source_addr;
    request.dest_addr_ton = as_sent.dest_addr_ton;
    request.dest_addr_npi = as_sent.dest_addr_npi;
    request.destination_addr = as_sent.destination_addr;
    if (!outputs_.send_cancel(bind->id, cancel_token | ++cancels_sent_, request)) return false;
    ++bind->in_flight;
    ++carrier.cancels_asked;
    what.bind = bind->id;
    return true;
}

void sending::forget_cancel(const cancel_place& of) {
    may_wait().rows().erase(table::cancels, model::cancel_key({stored(of.first), of.second}));
}

void sending::on_cancel_answer(std::uint64_t token, std::optional<command_status> status) {
    const auto at = std::ranges::find_if(cancels_, [token](const auto& each) {
        return each.second.asked == (token & ~cancel_token);
    });
    if (at == cancels_.end()) return;
    const auto [place, what] = *at;
    at->second.asked = 0;
    turn_.want_tick(now_.steady);
    auto* carrier = directory_.find(place.first);
    if (auto* bind = carrier == nullptr ? nullptr : carrier->bind(what.bind)) --bind->in_flight;
    if (!status) return;  // the bind is lost: once more over another one, when there is one
    ++at->second.next;
    if (*status != command_status::esme_rok) return;
    if (carrier != nullptr) ++carrier->cancels_granted;
    auto* live = messages_.find_or_load(message_id{place.second});
    if (live == nullptr) return;
    auto& segment = live->segments[std::min(what.next, live->segments.size() - 1)];
    if (segment.carrier != place.first || !may_be_stored(segment)) {
        messages_.release(*live);
        return;
    }
    messages_.settle_segment(
        *live, segment, State::deleted,
        refusal_error(command_status::esme_rprohibited,
                      {.info = "cancelled at the carrier: a hold", .own = true}));
}

}  // namespace hikyaku::gateway
