// Construction, output, the owner's requests and the ways a session ends. Input is handled in
// session_input.cpp, time in session_timers.cpp.
#include "smpp/session/session.hpp"

#include <algorithm>
#include <array>
#include <cassert>

#include "smpp/pdu/encode.hpp"

namespace hikyaku::smpp {

namespace {
constexpr std::size_t chunk_bytes = 64 * 1024;
constexpr std::chrono::milliseconds grace_default{30000};
constexpr std::chrono::milliseconds flush_max{5000};
constexpr std::size_t system_id_max = 15;  // in bind_resp; jsmpp answers longer ones with a nack

constexpr std::size_t sequence_at = 12;  // in the header; the length is at 0

void patch_u32(std::vector<std::uint8_t>& out, std::size_t at, std::uint32_t value) {
    for (std::size_t i = 0; i < 4; ++i)
        out[at + i] = static_cast<std::uint8_t>(value >> (24 - 8 * i));
}
}  // namespace

session::session(const session_settings& settings, session_time now)
    : settings_(settings),
      next_sequence_(settings.first_sequence),
      now_(now),
      last_received_(now),
      last_response_(now),
      window_(settings.window_max, settings.expired_max),
      output_(chunk_bytes) {
    assert(settings.sequence_max <= 0x7FFFFFFF);
    assert(next_sequence_ >= 1 && next_sequence_ <= settings.sequence_max);
    assert(settings_.pdu_bytes_max >= header_octets);
    if (settings_.session_init_timeout.count() > 0)
        state_deadline_ = now + settings_.session_init_timeout;
}

void session::see(session_time now) {
    now_ = std::max(now_, now);
}

std::chrono::milliseconds session::grace() const {
    return settings_.response_timeout.count() > 0 ? settings_.response_timeout : grace_default;
}

std::span<const session_event> session::take_events() {
    taken_.clear();
    std::swap(taken_, events_);
    views_pending_ = false;
    return taken_;
}

// Output.

std::span<const std::uint8_t> session::output() {
    if (is_closed()) return {};
    // While a bind awaits its decision nothing may overtake the bind_resp (E3).
    const bool held = settings_.role == session_role::server && state_ == session_state::binding;
    return held ? output_.staged() : output_.stage();
}

void session::consume_output(std::size_t bytes) {
    output_.consume(bytes);
    if (state_ == session_state::closing && output_.empty()) become_closed();
}

void session::count_sent(command_id id) {
    session_counters::traffic& count = counters_.sent[static_cast<std::size_t>(class_of(id))];
    ++(is_response(id) ? count.responses : count.requests);
}

void session::send_urgent(command_id id, command_status status, std::uint32_t sequence) {
    if (is_response(id) && status != command_status::esme_rok)
        encode_refusal(output_.urgent(), id, status, sequence, refusal_version());
    else
        encode_header_only(output_.urgent(), id, status, sequence);
    count_sent(id);
}

// While nobody has bound nothing is agreed, and 3.4 is what most speak.
std::uint8_t session::refusal_version() const {
    const bool asked = settings_.role == session_role::server && state_ == session_state::binding;
    const bool agreed = asked || bound_as_ != session_state::open;
    return agreed ? version_ : 0x34;
}

// The owner's requests.

std::uint32_t session::take_sequence() {
    // Otherwise the search below could go round for ever.
    assert(settings_.sequence_max > window_.in_flight() + window_.abandoned() + 1);
    std::uint32_t sequence = 0;
    do {
        sequence = next_sequence_;
        next_sequence_ = sequence == settings_.sequence_max ? 1 : sequence + 1;
    } while (window_.find(sequence) != nullptr || sequence == enquire_link_.sequence);
    return sequence;
}

boost::system::result<std::uint32_t, submit_error> session::submit(const pdu& request,
                                                                   std::uint64_t token,
                                                                   session_time now) {
    see(now);
    const command_id command = request.header.command_id;
    assert(request.header.command_status == command_status::esme_rok);
    if (state_ > session_state::bound_trx) return submit_error::closing;
    const bool by_esme = settings_.role == session_role::client;
    if (!is_bound() || !may_send(command, by_esme, state_)) return submit_error::not_bound;
    assert(command != command_id::unbind && command != command_id::enquire_link);
    if (version_ < version_of(command)) return submit_error::unsupported;
    const bool answered = response_of(command) != command_id::generic_nack;
    if (answered && window_.full()) return submit_error::window_full;
    if (!answered && !output_has_room()) return submit_error::window_full;

    std::vector<std::uint8_t>& out = output_.bulk();
    const std::size_t before = out.size();
    const std::uint64_t stream_begin = output_.bulk_position();
    const bool strip = !tlvs_allowed() && !request.tlvs.empty();
    if (strip && request.tlvs.find(tag::message_payload)) return submit_error::tlv_forbidden;
    const auto written =
        strip ? encode(out, pdu{request.header, request.body, {}}) : encode(out, request);
    if (!written) return submit_error::invalid_field;
    if (*written > request_bytes_max(command)) {
        out.resize(before);
        return submit_error::too_large;
    }
    const std::uint32_t sequence = take_sequence();
    patch_u32(out, before + sequence_at, sequence);
    count_sent(command);
    if (!answered) return sequence;
    const session_time deadline = settings_.response_timeout.count() > 0
                                      ? now_ + settings_.response_timeout
                                      : session_time::max();
    window_.add({.sequence = sequence,
                 .command = command,
                 .token = token,
                 .stream_begin = stream_begin,
                 .deadline = deadline});
    return sequence;
}

std::size_t session::request_bytes_max(command_id command) const {
    const bool delivers = settings_.role == session_role::server &&
                          (command == command_id::deliver_sm || command == command_id::data_sm);
    return delivers ? std::min(settings_.pdu_bytes_max, settings_.deliver_bytes_max)
                    : settings_.pdu_bytes_max;
}

bool session::respond(const peer_request& request, command_status status, session_time now) {
    see(now);
    if (state_ >= session_state::closing) return false;
    assert(peer_pending_ > 0);
    --peer_pending_;
    const command_id id = response_of(request.command);
    if (status == command_status::esme_rok) {
        // An empty body is more than none: older clients expect the NUL of an empty message_id.
        pdu_body body;
        if (id == command_id::deliver_sm_resp) body = deliver_sm_resp{};
        if (id == command_id::data_sm_resp) body = data_sm_resp{};
        const std::size_t pdu_at = output_.urgent().size();
        const auto written =
            encode(output_.urgent(), pdu{{0, id, status, request.sequence}, body, {}});
        assert(written.has_value());
        add_congestion(pdu_at, request, {});
        count_sent(id);
    } else {
        send_urgent(id, status, request.sequence);
    }
    advance_unbind();
    return true;
}

bool session::respond(const peer_request& request, const pdu_body& body, tlv_list tlvs,
                      session_time now) {
    see(now);
    if (state_ >= session_state::closing) return false;
    assert(peer_pending_ > 0);
    --peer_pending_;
    const command_id id = response_of(request.command);
    if (!tlvs_allowed()) tlvs = {};
    const std::size_t pdu_at = output_.urgent().size();
    const auto written = encode(
        output_.urgent(), pdu{{0, id, command_status::esme_rok, request.sequence}, body, tlvs});
    assert(written.has_value());
    add_congestion(pdu_at, request, tlvs);
    count_sent(id);
    advance_unbind();
    return true;
}

// Appends to the response that begins at `pdu_at` of the urgent output and corrects its length.
void session::add_congestion(std::size_t pdu_at, const peer_request& request, tlv_list tlvs) {
    if (!congestion_ || version_ < 0x50 || tlvs.find(tag::congestion_state)) return;
    std::vector<std::uint8_t>& out = output_.urgent();
    switch (request.command) {
        case command_id::submit_sm:
        case command_id::submit_multi:
        case command_id::data_sm:
        case command_id::deliver_sm:
        case command_id::broadcast_sm:
            break;
        default:
            return;
    }
    if (out.size() - pdu_at == header_octets) return;  // TLVs come after the mandatory fields
    constexpr std::array<std::uint8_t, 4> head{tag::congestion_state >> 8,
                                               tag::congestion_state & 0xFF, 0, 1};
    out.insert(out.end(), head.begin(), head.end());
    out.push_back(*congestion_);
    patch_u32(out, pdu_at, static_cast<std::uint32_t>(out.size() - pdu_at));
}

void session::set_congestion_state(std::optional<std::uint8_t> state) {
    assert(!state || *state <= 100);
    congestion_ = state;
}

void session::set_windows(std::uint32_t window_max, std::uint32_t peer_window_max) {
    window_.set_max(window_max);
    settings_.window_max = window_max;
    settings_.peer_window_max = peer_window_max;
}

std::optional<request_progress> session::progress(std::uint32_t sequence) const {
    const window_entry* entry = window_.find(sequence);
    if (entry == nullptr || entry->abandoned) return std::nullopt;
    return output_.progress(entry->stream_begin);
}

// Bind.

boost::system::result<std::uint32_t, submit_error> session::bind(command_id kind,
                                                                 const bind_request& request,
                                                                 session_time now) {
    see(now);
    assert(settings_.role == session_role::client && is_bind(kind));
    if (state_ >= session_state::draining) return submit_error::closing;
    if (!may_send(kind, true, state_)) return submit_error::not_bound;
    asked_version_ = std::min(normalised_version(request.interface_version),
                              normalised_version(settings_.interface_version));
    bind_request sent = request;
    sent.interface_version = asked_version_;
    const std::uint32_t sequence = take_sequence();
    const auto written = encode(output_.urgent(), kind, command_status::esme_rok, sequence, sent);
    if (!written) return submit_error::invalid_field;
    count_sent(kind);
    bind_ = {sequence, kind};
    state_ = session_state::binding;
    return sequence;
}

boost::system::result<std::uint32_t, submit_error> session::send_outbind(const outbind& request,
                                                                         session_time now) {
    see(now);
    assert(settings_.role == session_role::server);
    if (state_ >= session_state::draining) return submit_error::closing;
    if (!may_send(command_id::outbind, false, state_)) return submit_error::not_bound;
    const std::uint32_t sequence = take_sequence();
    if (!encode(output_.urgent(), make_pdu(sequence, request))) return submit_error::invalid_field;
    count_sent(command_id::outbind);
    state_ = session_state::outbound;
    return sequence;
}

void session::answer_bind(command_status status) {
    assert(settings_.role == session_role::server && state_ == session_state::binding);
    const command_id id = response_of(bind_.command);
    const bind_response body{std::string_view(settings_.system_id).substr(0, system_id_max)};
    std::vector<std::uint8_t> tlv_bytes;
    tlv_writer tlvs(tlv_bytes);
    if (tlvs_allowed()) tlvs.u8(tag::sc_interface_version, version_);
    std::vector<std::uint8_t> bytes;
    if (status != command_status::esme_rok) {
        encode_refusal(bytes, id, status, bind_.sequence, version_);
    } else {
        const auto written = encode(bytes, id, status, bind_.sequence, body, tlvs.list());
        assert(written.has_value());
    }
    output_.prepend_urgent(bytes);
    count_sent(id);
}

void session::accept_bind(session_time now) {
    see(now);
    answer_bind(command_status::esme_rok);
    become_bound(bound_state_of(bind_.command));
}

void session::refuse_bind(command_status status, session_time now) {
    see(now);
    assert(status != command_status::esme_rok);
    answer_bind(status);
    version_ = 0x33;
    state_ = session_state::open;
}

void session::become_bound(session_state bound_state) {
    state_ = bound_state;
    bound_as_ = bound_state;
    state_deadline_.reset();
    last_received_ = now_;
}

// Unbind and close.

void session::unbind(session_time now) {
    see(now);
    start_unbind(close_reason::unbound);
}

void session::start_unbind(close_reason reason) {
    if (state_ >= session_state::draining) return;
    if (!is_bound()) {
        start_closing(reason == close_reason::unbound ? close_reason::local : reason);
        return;
    }
    unbind_reason_ = reason;
    state_ = session_state::draining;
    state_deadline_ = now_ + grace();
    advance_unbind();
}

// Requests that still wait in the bulk part would come after the unbind: they are never sent.
void session::send_unbind() {
    output_.drop_bulk();
    unbind_sequence_ = take_sequence();
    send_urgent(command_id::unbind, command_status::esme_rok, unbind_sequence_);
    state_ = session_state::unbinding;
    state_deadline_ = now_ + grace();
}

// Goes on with an unbind of either side once what it waits for has come.
void session::advance_unbind() {
    if (peer_pending_ > 0) return;
    switch (state_) {
        case session_state::draining:
            if (window_.in_flight() == 0) send_unbind();
            break;
        case session_state::unbinding:
            if (unbind_answered_) start_closing(unbind_reason_);
            break;
        case session_state::peer_unbinding:
            send_urgent(command_id::unbind_resp, command_status::esme_rok, peer_unbind_sequence_);
            start_closing(unbind_reason_);
            break;
        default:
            break;
    }
}

void session::close(session_time now) {
    see(now);
    if (state_ < session_state::closing) start_closing(close_reason::local);
}

void session::start_closing(close_reason reason) {
    assert(state_ < session_state::closing);
    close_reason_ = reason;
    state_ = session_state::closing;
    state_deadline_ = now_ + std::min(grace(), flush_max);
    output_.drop_bulk();
    if (output_.empty()) become_closed();
}

void session::abort(close_reason reason) {
    if (is_closed()) return;
    if (state_ == session_state::peer_unbinding) reason = unbind_reason_;
    if (state_ != session_state::closing) close_reason_ = reason;
    become_closed();
}

void session::become_closed() {
    assert(!is_closed());
    state_ = session_state::closed;
    state_deadline_.reset();
    while (const window_entry* entry = window_.oldest()) {
        session_event& event = push_event(session_event_kind::request_failed);
        const bool waiting = output_.progress(entry->stream_begin) == request_progress::waiting;
        event.failure = waiting ? request_failure::closed_waiting : request_failure::closed_unknown;
        event.token = entry->token;
        event.value.header.command_id = entry->command;
        event.value.header.sequence_number = entry->sequence;
        window_.remove(entry->sequence);
    }
    push_event(session_event_kind::closed).reason = close_reason_;
}

}  // namespace hikyaku::smpp
