// What goes in and out of a session besides bytes: its settings, the events it hands to its owner,
// the errors it returns and what it counts. Plain values; see session.hpp for the machine itself.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "smpp/pdu/pdu.hpp"
#include "smpp/session/operations.hpp"

namespace hikyaku::smpp {

using session_time = std::chrono::steady_clock::time_point;

/// Every duration: zero means that timer is off.
struct session_settings {
    session_role role = session_role::server;
    std::string system_id;                  // of bind_resp (server)
    std::uint8_t interface_version = 0x34;  // the highest version we speak: 0x33, 0x34 or 0x50
    /// Client: an SMSC whose bind_resp has no sc_interface_version is taken as one of 3.4. The
    /// specification (3.4, 5.3.2.25) calls it one of 3.3, but many 3.4 carriers leave it out.
    bool assume_tlvs = true;
    std::size_t pdu_bytes_max = 16384;  // both ways; a longer command_length breaks the framing
    /// Of an own deliver_sm or data_sm to an ESME: some clients refuse more than 7424 octets (E11).
    std::size_t deliver_bytes_max = 7168;
    std::uint32_t window_max = 10;           // own requests without response
    std::uint32_t peer_window_max = 100;     // peer's requests that the owner has not answered
    std::uint32_t expired_max = 1000;        // timed-out requests whose late response is understood
    std::size_t output_bytes_max = 1 << 20;  // above it wants_input() is false
    /// TLVs that a message cannot do without: torn, they refuse it. Must outlive the session.
    std::span<const std::uint16_t> vital_tags = text_tags;
    bool strict_pdus = false;  // server: nothing may stand behind the last field of a request
    std::uint32_t first_sequence = 1;                        // own numbers begin here...
    std::uint32_t sequence_max = 0x7FFFFFFF;                 // ...and go on with 1 after this one
    std::chrono::milliseconds session_init_timeout{30000};   // from the connection to bound
    std::chrono::milliseconds enquire_link_interval{30000};  // of silence before we ask
    std::chrono::milliseconds inactivity_timeout{0};         // without any PDU, then we unbind
    std::chrono::milliseconds response_timeout{30000};       // of each own request
};

enum class session_event_kind : std::uint8_t {
    bind_requested,    // server: answer with accept_bind() or refuse_bind(); value is the bind
    bound,             // client: our bind was accepted; value is the bind_resp
    bind_refused,      // client: value is the response; the session is open again
    outbind,           // client: the SMSC asks for a bind; value is the outbind
    request,           // respond() to it (alert_notification: nothing to answer)
    response,          // to the own request with `token`; value is the response
    late_response,     // the same after request_failed(response_timeout): too late, but true
    request_failed,    // `failure` says whether the request may have reached the peer
    request_refused,   // a faulty PDU was answered with `fault`; value is its header
    unbind_requested,  // the peer leaves: answer what is pending, submit nothing more
    closed,            // the last event; `reason`
};

enum class request_failure : std::uint8_t {
    none,
    response_timeout,  // outcome unknown; a late_response may still come
    closed_waiting,    // never given to the driver: safe to send elsewhere
    closed_unknown,    // staged or written when the session ended: outcome unknown
};

enum class close_reason : std::uint8_t {
    none,
    unbound,               // unbind and its response were exchanged
    unbind_timeout,        // the peer never answered our unbind (some clients do not)
    local,                 // the owner's close()
    peer_closed,           // the connection ended without unbind
    connection_error,      // a socket or TLS error
    framing_error,         // command_length out of range
    session_init_timeout,  // not bound in time
    bind_timeout,          // client: no response to our bind
    enquire_link_timeout,  // silence after our enquire_link; client: or no response to anything
    inactivity,
    internal_error,
};
[[nodiscard]] std::string_view name_of(close_reason reason);
[[nodiscard]] std::string_view name_of(request_failure failure);

enum class submit_error : std::uint8_t {
    not_bound,      // or bound in a direction that does not carry this command
    window_full,    // try again after the next response
    too_large,      // more than pdu_bytes_max
    invalid_field,  // a field does not fit the specification
    tlv_forbidden,  // message_payload to a peer of a version without TLVs
    unsupported,    // the version agreed on has no such command
    closing,        // unbinding or closed
};
[[nodiscard]] std::string_view name_of(submit_error error);

/// A request of the peer that respond() answers. Any sequence number is legal, twice the same too.
struct peer_request {
    std::uint32_t sequence = 0;
    smpp::command_id command = smpp::command_id::generic_nack;
    bool operator==(const peer_request&) const = default;
};

struct session_event {
    session_event_kind kind = session_event_kind::closed;
    request_failure failure = request_failure::none;
    close_reason reason = close_reason::none;
    /// False for a response with a malformed body: header sound, fields as far as they were read.
    bool body_valid = true;
    command_status fault = command_status::esme_rok;
    /// request_refused: the faulty field ("tlvs" for octets behind the last one). A literal.
    std::string_view field;
    /// Octets behind the last field that are no TLVs and were ignored (or refused).
    std::size_t trailing = 0;
    std::uint64_t token = 0;
    /// Views into the receive buffer: valid until the next prepare() or receive(). For
    /// request_failed only the header's command_id and sequence_number of the request.
    pdu value;

    [[nodiscard]] peer_request request() const {
        return {value.header.sequence_number, value.header.command_id};
    }
    [[nodiscard]] command_status status() const { return value.header.command_status; }
    /// 5.0: how loaded the peer says it is, 0 (idle) to 100; in any response, most have none.
    [[nodiscard]] std::optional<std::uint8_t> congestion_state() const {
        return value.tlvs.u8(tag::congestion_state);
    }
    template <class Body>
    [[nodiscard]] const Body* body_if() const {
        return std::get_if<Body>(&value.body);
    }
};

enum class command_class : std::uint8_t {
    bind,
    unbind,
    enquire_link,
    submit,
    deliver,
    data,
    other,  // queries, cancellations, alert_notification, broadcasts, unknown ones
    generic_nack
};
inline constexpr std::size_t command_class_count = 8;
[[nodiscard]] command_class class_of(command_id id);

struct session_counters {
    struct traffic {
        std::uint64_t requests = 0;
        std::uint64_t responses = 0;
    };
    std::array<traffic, command_class_count> received{};  // by command_class
    std::array<traffic, command_class_count> sent{};      // when queued for sending
    std::uint64_t malformed = 0;  // bodies answered with a status, or responses
    std::uint64_t trailing = 0;   // PDUs taken although octets stood behind their last field
    std::uint64_t unknown_commands = 0;
    std::uint64_t wrong_state = 0;           // answered ESME_RINVBNDSTS or ESME_RALYBND
    std::uint64_t throttled = 0;             // above peer_window_max
    std::uint64_t unexpected_responses = 0;  // to nothing we asked; never answered
    std::uint64_t late_responses = 0;
    std::uint64_t response_timeouts = 0;
    std::uint64_t enquire_links_missed = 0;  // forgiven, for other PDUs came meanwhile
    std::uint64_t session_faults = 0;        // generic_nack with sequence number 0
    std::uint64_t framing_errors = 0;

    [[nodiscard]] const traffic& received_of(command_class one) const {
        return received[static_cast<std::size_t>(one)];
    }
    [[nodiscard]] const traffic& sent_of(command_class one) const {
        return sent[static_cast<std::size_t>(one)];
    }
};

/// What a version octet means: below 0x34 is 3.3 (5.2.4), 0x34 to 0x4F 3.4, above 5.0. Real clients
/// send 0x00, 0x31 and 0x35. See also asked_version_of().
[[nodiscard]] constexpr std::uint8_t normalised_version(std::uint8_t version) {
    if (version < 0x34) return 0x33;
    return version < 0x50 ? 0x34 : 0x50;
}

/// The version that a bind asks for. 3.3 has no bind_transceiver, so that a client that sends one
/// and no version (0x00, and any other that never was) speaks 3.4; one that says 0x33 means it.
[[nodiscard]] constexpr std::uint8_t asked_version_of(command_id bind, std::uint8_t version) {
    if (bind == command_id::bind_transceiver && version < 0x33) return 0x34;
    return normalised_version(version);
}

}  // namespace hikyaku::smpp
