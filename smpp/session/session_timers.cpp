// The timers of a session: comparisons of time points, nothing that runs.
#include <algorithm>
#include <cassert>

#include "smpp/session/session.hpp"

namespace hikyaku::smpp {

void session::tick(session_time now) {
    see(now);
    if (is_closed()) return;
    if (state_ < session_state::closing) expire_requests();
    if (is_bound())
        tick_bound();
    else if (state_deadline_ && now_ >= *state_deadline_)
        tick_state_deadline();
}

// All requests of a session wait equally long, so the oldest is always the first to expire. A
// client whose request expires without any response since it was sent asks whether its words still
// arrive: the receipts that keep coming say only that the other direction works.
void session::expire_requests() {
    bool unheard = false;
    while (const window_entry* entry = window_.oldest()) {
        if (entry->deadline > now_) break;
        if (entry->deadline - settings_.response_timeout >= last_response_) unheard = true;
        ++counters_.response_timeouts;
        session_event& event = push_event(session_event_kind::request_failed);
        event.failure = request_failure::response_timeout;
        event.token = entry->token;
        event.value.header.command_id = entry->command;
        event.value.header.sequence_number = entry->sequence;
        window_.abandon_oldest();
    }
    const bool asks = settings_.enquire_link_interval.count() > 0;
    const bool doubts = unheard && asks && is_bound() && settings_.role == session_role::client;
    if (doubts && !enquire_link_.doubted) {
        // One that other PDUs have excused may be due at once: the doubt has its own full time.
        const bool excused = enquire_link_.sequence != 0 && enquire_link_.heard;
        if (excused) ++counters_.enquire_links_missed;
        if (excused || enquire_link_.sequence == 0) send_enquire_link(grace());
        enquire_link_.doubted = true;
    }
    advance_unbind();
}

// A missing enquire_link_resp ends the session only if nothing else came either: some peers never
// answer, and a busy one is alive whatever it forgets (E19). In doubt, only a response counts.
void session::tick_bound() {
    if (enquire_link_.sequence != 0 && now_ >= enquire_link_.deadline) {
        if (!enquire_link_.heard || enquire_link_.doubted) {
            abort(close_reason::enquire_link_timeout);
            return;
        }
        ++counters_.enquire_links_missed;
        enquire_link_.sequence = 0;
    }
    const auto silence = now_ - last_received_;
    if (settings_.inactivity_timeout.count() > 0 && silence >= settings_.inactivity_timeout) {
        start_unbind(close_reason::inactivity);
        return;
    }
    const bool asks = settings_.enquire_link_interval.count() > 0;
    if (asks && enquire_link_.sequence == 0 && silence >= settings_.enquire_link_interval)
        send_enquire_link(grace());
}

void session::tick_state_deadline() {
    switch (state_) {
        case session_state::open:
        case session_state::outbound:
            start_closing(close_reason::session_init_timeout);
            break;
        case session_state::binding:
            start_closing(settings_.role == session_role::client
                              ? close_reason::bind_timeout
                              : close_reason::session_init_timeout);
            break;
        case session_state::draining:
            send_unbind();
            break;
        case session_state::unbinding: {
            const bool peaceful = unbind_answered_ || unbind_reason_ != close_reason::unbound;
            start_closing(peaceful ? unbind_reason_ : close_reason::unbind_timeout);
            break;
        }
        case session_state::peer_unbinding:
            peer_pending_ = 0;
            advance_unbind();
            break;
        case session_state::closing:
            become_closed();
            break;
        case session_state::bound_tx:
        case session_state::bound_rx:
        case session_state::bound_trx:
        case session_state::closed:
            assert(false);  // they have no deadline of their own
            break;
    }
}

void session::send_enquire_link(std::chrono::milliseconds timeout) {
    const std::uint32_t sequence = take_sequence();
    send_urgent(command_id::enquire_link, command_status::esme_rok, sequence);
    enquire_link_ = {sequence, now_ + timeout, false, enquire_link_.doubted};
}

void session::probe(std::chrono::milliseconds timeout, session_time now) {
    see(now);
    if (!is_bound()) return;
    if (enquire_link_.sequence != 0 && enquire_link_.deadline <= now_ + timeout) return;
    send_enquire_link(timeout);
}

std::optional<session_time> session::next_deadline() const {
    if (is_closed()) return std::nullopt;
    session_time next = state_deadline_.value_or(session_time::max());
    const window_entry* entry = window_.oldest();
    if (entry != nullptr && state_ < session_state::closing) next = std::min(next, entry->deadline);
    if (is_bound()) {
        if (settings_.inactivity_timeout.count() > 0)
            next = std::min(next, last_received_ + settings_.inactivity_timeout);
        if (enquire_link_.sequence != 0)
            next = std::min(next, enquire_link_.deadline);
        else if (settings_.enquire_link_interval.count() > 0)
            next = std::min(next, last_received_ + settings_.enquire_link_interval);
    }
    if (next == session_time::max()) return std::nullopt;
    return next;
}

}  // namespace hikyaku::smpp
