// One SMPP session of either role as a pure machine: bytes and the time go in, bytes and events
// come out, and no call blocks, reads a clock or throws. It answers by itself what needs no
// decision (enquire_link, unbind, wrong states, faulty and unknown PDUs, too many requests) and
// tells its owner the rest. Its driver (smpp/io/connection.hpp), or a test, moves the bytes;
// everything happens on the driver's thread. In the steady state nothing is allocated per PDU.
#pragma once

#include <boost/system/result.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "smpp/pdu/decode.hpp"
#include "smpp/session/output_queue.hpp"
#include "smpp/session/request_window.hpp"
#include "smpp/session/session_types.hpp"

namespace hikyaku::smpp {

class session {
public:
    /// The connection is open since `now`. Times given later must not run backwards.
    session(const session_settings& settings, session_time now);

    // Input.
    /// Room for `bytes` of input, to read into. It stays in place until commit(). Ends the life of
    /// the views in the events taken before. REQUIRES: all events with views were taken.
    [[nodiscard]] std::span<std::uint8_t> prepare(std::size_t bytes);
    /// `bytes` of the prepared room were filled. Handles every whole PDU in it.
    void commit(std::size_t bytes, session_time now);
    /// prepare() and commit() of a copy.
    void receive(std::span<const std::uint8_t> bytes, session_time now);
    /// False while the peer does not read what it makes us answer, and when closing: the driver
    /// then leaves the bytes in the socket. May turn true in consume_output().
    [[nodiscard]] bool wants_input() const {
        return state_ < session_state::closing && output_has_room();
    }

    /// What has happened since the last call, in order. The span is valid until the next call of
    /// take_events() (also while submit, respond and the like are called), its views see prepare().
    [[nodiscard]] std::span<const session_event> take_events();

    // Output.
    /// The bytes to write next, contiguous, unmoved until they are consumed; empty: nothing to do.
    [[nodiscard]] std::span<const std::uint8_t> output();
    /// `bytes` of output() are written. May finish a closing session.
    void consume_output(std::size_t bytes);

    // The owner's requests.
    /// Queues a request; its header needs a command_id only. Returns the sequence number; `token`
    /// comes back in exactly one response or request_failed event. To a peer without TLVs they are
    /// left out (3.4, 5.2.4). alert_notification has no response: its token never comes back;
    /// window_full refuses it while the output is full.
    [[nodiscard]] boost::system::result<std::uint32_t, submit_error> submit(const pdu& request,
                                                                            std::uint64_t token,
                                                                            session_time now);
    /// Answers a request event. With ESME_ROK the response has an empty body, else the smallest one
    /// that the version allows (encode_refusal()).
    /// False: the session has closed and the response is lost. REQUIRES: not answered before.
    bool respond(const peer_request& request, command_status status, session_time now);
    /// Answers with success and this body, which must belong to the response.
    bool respond(const peer_request& request, const pdu_body& body, tlv_list tlvs,
                 session_time now);

    /// Own requests that may still be submitted before the window is full.
    [[nodiscard]] std::uint32_t window_free() const {
        return window_.full() ? 0 : window_.max() - window_.in_flight();
    }
    [[nodiscard]] std::uint32_t in_flight() const { return window_.in_flight(); }
    /// The peer's requests that respond() has not answered yet.
    [[nodiscard]] std::uint32_t peer_pending() const { return peer_pending_; }
    /// A server knows them only when it knows who binds.
    void set_windows(std::uint32_t window_max, std::uint32_t peer_window_max);
    /// From now on nothing may stand behind the last field of a request (or it may).
    void set_strict_pdus(bool strict) { settings_.strict_pdus = strict; }
    /// From now on these tags stand in place of session_settings::vital_tags.
    void set_vital_tags(std::vector<std::uint16_t> tags) { vital_tags_ = std::move(tags); }
    /// From now on success responses to the submissions of a 5.0 peer (submit_sm, submit_multi,
    /// data_sm, deliver_sm, broadcast_sm) carry this TLV congestion_state, 0 to 100; empty: none.
    void set_congestion_state(std::optional<std::uint8_t> state);
    /// How far an own request has got; empty when it is not in flight.
    [[nodiscard]] std::optional<request_progress> progress(std::uint32_t sequence) const;

    // Bind and unbind.
    /// Client: sends a bind (`kind` is one of the three commands), with the lower of the versions
    /// of `request` and of the settings. Its outcome is an event. Also the answer to an outbind.
    [[nodiscard]] boost::system::result<std::uint32_t, submit_error> bind(
        command_id kind, const bind_request& request, session_time now);
    /// Server: answers the bind that was requested. bind_resp is the first thing the client reads
    /// (E3). REQUIRES: state binding.
    void accept_bind(session_time now);
    /// The session stays open for another try until session_init_timeout. REQUIRES: state binding.
    void refuse_bind(command_status status, session_time now);
    /// Server: asks the ESME on the other side to bind.
    [[nodiscard]] boost::system::result<std::uint32_t, submit_error> send_outbind(
        const outbind& request, session_time now);

    /// Leaves in peace: no new requests, waits until those in flight are answered both ways, sends
    /// unbind, waits for its response, closes; each wait is bounded by the response timer. A
    /// session that is not bound closes at once. Calling it again does nothing.
    void unbind(session_time now);
    /// Flushes what is staged or urgent, then closes, without unbind.
    void close(session_time now);
    /// The connection is gone or unusable: closed at once.
    void abort(close_reason reason);
    /// Sends an enquire_link now and closes if nothing at all arrives within `timeout`: finds out
    /// whether an old session is dead when its account binds anew (B-24).
    void probe(std::chrono::milliseconds timeout, session_time now);

    // Time.
    /// Lets timers that are due act. Early or late calls do no harm.
    void tick(session_time now);
    /// When tick() should be called next, if nothing happens before.
    [[nodiscard]] std::optional<session_time> next_deadline() const;

    // State.
    [[nodiscard]] session_state state() const { return state_; }
    [[nodiscard]] bool is_bound() const {
        return state_ >= session_state::bound_tx && state_ <= session_state::bound_trx;
    }
    [[nodiscard]] bool is_closed() const { return state_ == session_state::closed; }
    [[nodiscard]] close_reason reason() const { return close_reason_; }
    /// The state it was bound in, also while unbinding; open before.
    [[nodiscard]] session_state bound_as() const { return bound_as_; }
    /// The version both sides speak, normalised: 0x33, 0x34 or 0x50. 0x33 before the bind.
    [[nodiscard]] std::uint8_t interface_version() const { return version_; }
    [[nodiscard]] bool tlvs_allowed() const { return version_ >= 0x34; }
    [[nodiscard]] const session_counters& counters() const { return counters_; }
    [[nodiscard]] const session_settings& settings() const { return settings_; }

private:
    /// The enquire_link that awaits its response.
    struct own_enquiry {
        std::uint32_t sequence = 0;  // 0: none
        session_time deadline{};
        bool heard = false;    // any PDU came since
        bool doubted = false;  // and only a response will do: see expire_requests()
    };

    // session_input.cpp
    bool take_pdu();
    void on_framing_error(const decode_result& decoded);
    void on_request(decode_result& decoded);
    void on_bind(decode_result& decoded);
    void on_outbind(decode_result& decoded);
    void on_unbind(const pdu_header& header);
    void on_owner_request(decode_result& decoded);
    void on_response(decode_result& decoded);
    void on_bind_response(decode_result& decoded);
    void on_unbind_response();
    void on_generic_nack(decode_result& decoded);
    bool resolve(decode_result& decoded);
    void refuse(const pdu_header& header, command_status status);
    void refuse_state(const pdu_header& header, command_status status);
    void refuse_malformed(const decode_result& decoded);
    void judge_trailing(decode_result& decoded);
    [[nodiscard]] bool may_come(command_id command) const;
    [[nodiscard]] session_state operating_state() const;
    session_event& push_event(session_event_kind kind);
    session_event& push_event(session_event_kind kind, decode_result& decoded);

    // session_timers.cpp
    void expire_requests();
    void tick_bound();
    void tick_state_deadline();
    void send_enquire_link(std::chrono::milliseconds timeout);

    // session.cpp
    void see(session_time now);
    [[nodiscard]] std::uint32_t take_sequence();
    void send_urgent(command_id id, command_status status, std::uint32_t sequence);
    [[nodiscard]] std::uint8_t refusal_version() const;
    void answer_bind(command_status status);
    void add_congestion(std::size_t pdu_at, const peer_request& request, tlv_list tlvs);
    [[nodiscard]] std::size_t request_bytes_max(command_id command) const;
    [[nodiscard]] bool output_has_room() const {
        return output_.pending_bytes() < settings_.output_bytes_max;
    }
    void become_bound(session_state bound_state);
    void count_sent(command_id id);
    void start_unbind(close_reason reason);
    void send_unbind();
    void advance_unbind();
    void start_closing(close_reason reason);
    void become_closed();
    [[nodiscard]] std::chrono::milliseconds grace() const;

    [[nodiscard]] std::span<const std::uint16_t> vital_tags() const {
        return vital_tags_.empty() ? settings_.vital_tags : vital_tags_;
    }

    session_settings settings_;
    std::vector<std::uint16_t> vital_tags_;  // empty: those of the settings
    session_state state_ = session_state::open;
    session_state bound_as_ = session_state::open;
    std::uint8_t version_ = 0x33;
    std::uint8_t asked_version_ = 0x33;  // client: of our bind
    std::optional<std::uint8_t> congestion_;
    close_reason close_reason_ = close_reason::none;
    close_reason unbind_reason_ = close_reason::unbound;  // what close_reason_ will be
    bool unbind_answered_ = false;
    peer_request bind_;  // server: awaiting the decision; client: ours
    std::uint32_t peer_unbind_sequence_ = 0;
    std::uint32_t unbind_sequence_ = 0;
    std::uint32_t next_sequence_;
    std::uint32_t peer_pending_ = 0;

    session_time now_;
    session_time last_received_;                  // the last whole PDU
    session_time last_response_;                  // the last one that was a response
    std::optional<session_time> state_deadline_;  // of every state that is not bound
    own_enquiry enquire_link_;

    std::vector<std::uint8_t> input_;
    std::size_t input_head_ = 0;  // first byte not handled
    std::size_t input_tail_ = 0;  // end of what was received
    std::vector<session_event> events_;
    std::vector<session_event> taken_;
    bool views_pending_ = false;  // events_ holds views into input_

    request_window window_;
    output_queue output_;
    session_counters counters_;
};

}  // namespace hikyaku::smpp
