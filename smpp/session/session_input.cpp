// What a session does with the bytes and PDUs of its peer.
#include <algorithm>
#include <cassert>
#include <cstring>

#include "smpp/session/session.hpp"
#include "smpp/session/trailing.hpp"

namespace hikyaku::smpp {

std::span<std::uint8_t> session::prepare(std::size_t bytes) {
    assert(!views_pending_);
    if (input_head_ > 0) {
        const std::size_t left = input_tail_ - input_head_;
        if (left > 0) std::memmove(input_.data(), input_.data() + input_head_, left);
        input_head_ = 0;
        input_tail_ = left;
    }
    if (input_.size() < input_tail_ + bytes) input_.resize(input_tail_ + bytes);
    return {input_.data() + input_tail_, bytes};
}

void session::commit(std::size_t bytes, session_time now) {
    see(now);
    assert(input_tail_ + bytes <= input_.size());
    input_tail_ += bytes;
    while (state_ < session_state::closing && take_pdu()) {
    }
    if (state_ >= session_state::closing) input_head_ = input_tail_;
}

void session::receive(std::span<const std::uint8_t> bytes, session_time now) {
    const std::span<std::uint8_t> room = prepare(bytes.size());
    if (!bytes.empty()) std::memcpy(room.data(), bytes.data(), bytes.size());
    commit(bytes.size(), now);
}

session_event& session::push_event(session_event_kind kind) {
    session_event& event = events_.emplace_back();
    event.kind = kind;
    return event;
}

session_event& session::push_event(session_event_kind kind, decode_result& decoded) {
    session_event& event = push_event(kind);
    event.body_valid = decoded.ok();
    event.trailing = decoded.trailing;
    event.value = decoded.value;
    views_pending_ = true;
    return event;
}

// False when there is no whole PDU, or no more framing.
bool session::take_pdu() {
    const octet_view rest(input_.data() + input_head_, input_tail_ - input_head_);
    decode_result decoded = decode(rest, {settings_.pdu_bytes_max, vital_tags()});
    if (decoded.outcome == decode_outcome::incomplete) return false;
    const pdu_header& header = decoded.value.header;
    if (decoded.outcome == decode_outcome::unrecoverable) {
        // The nack of a long PDU names its sequence number: wait for the header, so that the answer
        // does not depend on how the bytes were cut.
        const bool has_header = header.command_length >= header_octets;
        if (has_header && rest.size() < header_octets) return false;
        on_framing_error(decoded);
        return false;
    }
    input_head_ += decoded.consumed;
    last_received_ = now_;
    enquire_link_.heard = true;
    const bool response = is_response(header.command_id);
    auto& count = counters_.received[static_cast<std::size_t>(class_of(header.command_id))];
    ++(response ? count.responses : count.requests);
    if (decoded.trailing > 0) judge_trailing(decoded);
    if (response) {
        last_response_ = now_;
        enquire_link_.doubted = false;
        on_response(decoded);
    } else {
        on_request(decoded);
    }
    return true;
}

void session::on_framing_error(const decode_result& decoded) {
    ++counters_.framing_errors;
    const pdu_header& header = decoded.value.header;
    const bool has_header = header.command_length >= header_octets;
    send_urgent(command_id::generic_nack, decoded.status, has_header ? header.sequence_number : 0);
    start_closing(close_reason::framing_error);
}

void session::refuse(const pdu_header& header, command_status status) {
    send_urgent(response_of(header.command_id), status, header.sequence_number);
}

// Refused in the name of the optional part, as 3.4 (5.1.3) calls it.
void session::judge_trailing(decode_result& decoded) {
    const bool response = is_response(decoded.value.header.command_id);
    if (response || may_trail(decoded, settings_.role, settings_.strict_pdus)) {
        ++counters_.trailing;
        return;
    }
    decoded.outcome = decode_outcome::recoverable;
    decoded.status = command_status::esme_rinvtlvstream;
    decoded.field = "tlvs";
}

void session::refuse_malformed(const decode_result& decoded) {
    ++counters_.malformed;
    refuse(decoded.value.header, decoded.status);
    session_event& event = push_event(session_event_kind::request_refused);
    event.value.header = decoded.value.header;
    event.fault = decoded.status;
    event.field = decoded.field;
    event.trailing = decoded.trailing;
}

void session::refuse_state(const pdu_header& header, command_status status) {
    ++counters_.wrong_state;
    refuse(header, status);
}

// Requests.

void session::on_request(decode_result& decoded) {
    const pdu_header& header = decoded.value.header;
    switch (header.command_id) {
        case command_id::enquire_link:
            refuse(header, command_status::esme_rok);
            break;
        case command_id::bind_transmitter:
        case command_id::bind_receiver:
        case command_id::bind_transceiver:
            on_bind(decoded);
            break;
        case command_id::unbind:
            on_unbind(header);
            break;
        case command_id::outbind:
            on_outbind(decoded);
            break;
        default:
            if (is_known(header.command_id)) {
                on_owner_request(decoded);
            } else {
                ++counters_.unknown_commands;
                refuse(header, command_status::esme_rinvcmdid);
            }
            break;
    }
}

void session::on_bind(decode_result& decoded) {
    const pdu_header& header = decoded.value.header;
    if (settings_.role == session_role::client || state_ > session_state::draining) {
        refuse_state(header, command_status::esme_rinvbndsts);
    } else if (state_ >= session_state::binding) {
        refuse_state(header, command_status::esme_ralybnd);
    } else if (!decoded.ok()) {
        refuse_malformed(decoded);
    } else {
        const auto* body = std::get_if<bind_request>(&decoded.value.body);
        assert(body != nullptr);
        bind_ = {header.sequence_number, header.command_id};
        version_ = std::min(asked_version_of(header.command_id, body->interface_version),
                            normalised_version(settings_.interface_version));
        state_ = session_state::binding;
        push_event(session_event_kind::bind_requested, decoded);
    }
}

void session::on_outbind(decode_result& decoded) {
    const pdu_header& header = decoded.value.header;
    const bool by_esme = settings_.role == session_role::server;
    if (!may_send(header.command_id, by_esme, state_)) {
        refuse_state(header, command_status::esme_rinvbndsts);
    } else if (!decoded.ok()) {
        refuse_malformed(decoded);
    } else {
        state_ = session_state::outbound;
        push_event(session_event_kind::outbind, decoded);
    }
}

// The owner's pending responses go out first (E20); requests of ours that still wait are not sent.
void session::on_unbind(const pdu_header& header) {
    const bool allowed =
        is_bound() || state_ == session_state::draining || state_ == session_state::unbinding;
    if (!allowed) {
        refuse_state(header, command_status::esme_rinvbndsts);
        return;
    }
    peer_unbind_sequence_ = header.sequence_number;
    state_ = session_state::peer_unbinding;
    state_deadline_ = now_ + grace();
    output_.drop_bulk();
    push_event(session_event_kind::unbind_requested).value.header = header;
    advance_unbind();
}

// The state that the operation matrix sees. Once an unbind is on its way nothing but enquire_link
// is right, which is how the matrix treats the state binding.
session_state session::operating_state() const {
    if (state_ == session_state::draining) return bound_as_;
    return state_ > session_state::bound_trx ? session_state::binding : state_;
}

// Carriers exist that bring receipts on a transmitter's bind, against 3.4's table 2-1, and those
// that were on their way cross our unbind: what an SMSC may send to a receiver it may send to any
// bind of ours until it has answered our unbind, for a receipt that is refused is lost.
bool session::may_come(command_id command) const {
    const bool by_esme = settings_.role == session_role::server;
    const session_state state = operating_state();
    if (may_send(command, by_esme, state)) return true;
    const bool ours = state == session_state::bound_tx ||
                      (state_ == session_state::unbinding && !unbind_answered_);
    return settings_.role == session_role::client && ours &&
           may_send(command, by_esme, session_state::bound_rx);
}

void session::on_owner_request(decode_result& decoded) {
    const pdu_header& header = decoded.value.header;
    if (!may_come(header.command_id)) {
        refuse_state(header, command_status::esme_rinvbndsts);
        return;
    }
    if (!decoded.ok()) {
        refuse_malformed(decoded);
        return;
    }
    const bool answered = response_of(header.command_id) != command_id::generic_nack;
    if (answered && peer_pending_ >= settings_.peer_window_max) {
        ++counters_.throttled;
        refuse(header, command_status::esme_rthrottled);
        return;
    }
    if (answered) ++peer_pending_;
    push_event(session_event_kind::request, decoded);
}

// Responses.

// No response is ever answered, expected or not (E9).
void session::on_response(decode_result& decoded) {
    const pdu_header& header = decoded.value.header;
    if (!is_known(header.command_id)) {
        ++counters_.unknown_commands;
        return;
    }
    if (!decoded.ok()) ++counters_.malformed;
    switch (header.command_id) {
        case command_id::enquire_link_resp:
            if (header.sequence_number == enquire_link_.sequence) enquire_link_.sequence = 0;
            return;
        case command_id::bind_transmitter_resp:
        case command_id::bind_receiver_resp:
        case command_id::bind_transceiver_resp:
            on_bind_response(decoded);
            return;
        case command_id::unbind_resp:
            on_unbind_response();
            return;
        case command_id::generic_nack:
            on_generic_nack(decoded);
            return;
        default:
            if (!resolve(decoded)) ++counters_.unexpected_responses;
            return;
    }
}

void session::on_unbind_response() {
    if (state_ != session_state::unbinding) {
        ++counters_.unexpected_responses;
        return;
    }
    unbind_answered_ = true;
    advance_unbind();
}

void session::on_bind_response(decode_result& decoded) {
    const pdu_header& header = decoded.value.header;
    if (settings_.role != session_role::client || state_ != session_state::binding ||
        header.sequence_number != bind_.sequence) {
        ++counters_.unexpected_responses;
        return;
    }
    if (header.command_status != command_status::esme_rok) {
        state_ = session_state::open;
        push_event(session_event_kind::bind_refused, decoded);
        return;
    }
    // Many carriers understand TLVs and still leave sc_interface_version out, which
    // by 3.4, 5.3.2.25 would make them speakers of 3.3. None of them speaks 5.0.
    const std::uint8_t unsaid = settings_.assume_tlvs ? 0x34 : 0x33;
    const auto peer = decoded.value.tlvs.u8(tag::sc_interface_version);
    version_ = std::min(asked_version_, peer ? normalised_version(*peer) : unsaid);
    become_bound(bound_state_of(bind_.command));
    push_event(session_event_kind::bound, decoded);
}

// A nack with the number of one of our requests is its answer; one with 0 says that the peer could
// not read the framing of something we sent.
void session::on_generic_nack(decode_result& decoded) {
    const std::uint32_t sequence = decoded.value.header.sequence_number;
    if (sequence == 0) {
        ++counters_.session_faults;
    } else if (sequence == enquire_link_.sequence) {
        enquire_link_.sequence = 0;
    } else if (state_ == session_state::unbinding && sequence == unbind_sequence_) {
        on_unbind_response();
    } else if (settings_.role == session_role::client && state_ == session_state::binding &&
               sequence == bind_.sequence) {
        state_ = session_state::open;
        push_event(session_event_kind::bind_refused, decoded);
    } else if (!resolve(decoded)) {
        ++counters_.unexpected_responses;
    }
}

// Matches a response to an own request. False: to none, to one of another command, or to one that
// has not even been sent.
bool session::resolve(decode_result& decoded) {
    const pdu_header& header = decoded.value.header;
    const window_entry* entry = window_.find(header.sequence_number);
    if (entry == nullptr) return false;
    if (header.command_id != command_id::generic_nack &&
        header.command_id != response_of(entry->command))
        return false;
    if (output_.progress(entry->stream_begin) == request_progress::waiting) return false;
    const bool late = entry->abandoned;
    if (late) ++counters_.late_responses;
    session_event& event = push_event(
        late ? session_event_kind::late_response : session_event_kind::response, decoded);
    event.token = entry->token;
    window_.remove(header.sequence_number);
    advance_unbind();
    return true;
}

}  // namespace hikyaku::smpp
