// What goes to the carriers: which message is sent next, to which carrier and over which bind, as
// what it is written there, and what a response, or none, means. Engine's thread only.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gateway/engine/directory/directory.hpp"
#include "gateway/engine/engine.hpp"
#include "gateway/engine/messages/concat_references.hpp"
#include "gateway/engine/messages/messages.hpp"
#include "gateway/engine/receiving/receiving.hpp"
#include "gateway/engine/sending/attempts.hpp"
#include "gateway/engine/sending/carrier_dialect.hpp"
#include "gateway/gate/gate.hpp"
#include "smpp/pdu/times.hpp"
#include "store/clock_mark.hpp"

namespace hikyaku::gateway {

/// What a carrier answers to a segment; views.
struct carrier_answer {
    smpp::command_status status = smpp::command_status::esme_rok;
    std::string_view message_id;
    refusal_words words;
};

class sending : private room {
    static constexpr std::chrono::seconds other_carrier_down_delay{30};

public:
    sending(engine_context& context, directory& known, messages& about, receiving& receipts,
            concat_references& references, attempts& under_way, store::clock_mark& mark,
            gate_port& asked);

    // Binds.
    void on_bind_up(bind_id bind, const bind_facts& facts);
    /// Nothing more goes out on it.
    void on_bind_leaving(bind_id bind);
    void on_bind_down(bind_id bind);
    /// nullptr: the bind is gone.
    [[nodiscard]] carrier_state* carrier_of(bind_id bind) const;

    /// Hands out what may be sent now, one segment at a time.
    void pump();
    void on_response(bind_id bind, std::uint64_t token, const carrier_answer& answer);
    void on_attempt_failed(bind_id bind, std::uint64_t token, attempt_failure why);
    /// The store knows that the carrier may have the message (at_most_once.cpp), or the gate's rows
    /// about it are there.
    void on_marked(message_id id, carrier_id carrier, bool ok);
    /// Asks the carriers to forget what they may still store of it (cancelling.cpp).
    void cancel(message_id id);
    void on_cancel_kept(carrier_id carrier);
    [[nodiscard]] bool cancels_under_way() const;
    void on_gate_stored(const after::gate_stored& what) { gate_.on_stored(what.turn); }
    /// Takes back the marks of what was not sent after all, because the carrier is down or busy
    /// with others, and what the gate has counted of it.
    void sweep_marks();
    /// When a carrier may be sent something again, as far as the time decides it.
    [[nodiscard]] steady_time next_deadline(steady_time otherwise) const;

private:
    // sending.cpp
    void hand_out();
    void send_front(flow& from);
    void give_away(flow& from, live_message& live);
    /// This message does not go to the carrier again while others of its route are left; says what
    /// is.
    [[nodiscard]] availability exclude(live_message& live, carrier_id carrier);

    // hand_off.cpp
    void begin_asking();
    [[nodiscard]] bool asks_gate(const live_message& live) const;
    [[nodiscard]] bool has_asked_enough(const flow& from);
    [[nodiscard]] bool is_in_time(flow& from, live_message& live);
    [[nodiscard]] bool is_allowed(flow& from, live_message& live);
    [[nodiscard]] gate_question question_about(const live_message& live) const;
    [[nodiscard]] bool tell_gate(live_message& live);
    [[nodiscard]] bool counts_anew(const live_message& live) const;
    void note_counted(message_id id, bool ok);
    void note_went(message_id id);
    void sweep_hand_offs();
    void delay(live_message& live, std::int64_t until_ms);
    void reject(live_message& live, smpp::command_status status, std::string_view reason);

    // responses.cpp
    void on_late_response(attempt& late, const carrier_answer& answer);
    void on_late_refusal(live_message& live, const attempt& late, const carrier_answer& answer);
    void on_outcome_unknown(live_message& live, const attempt& done, attempt_failure why);
    void on_segment_refused(live_message& live, std::size_t segment, carrier_id carrier,
                            const carrier_answer& answer);
    void note_answer(const attempt& done, carrier_bind& bind, smpp::command_status status);

    // at_most_once.cpp
    [[nodiscard]] std::optional<std::size_t> next_target(route_state& route,
                                                         const live_message& live) const;
    [[nodiscard]] bool wants_mark(live_message& live, const carrier_state& to);
    [[nodiscard]] bool may_be_sent(flow& from, live_message& live, carrier_id carrier);
    void unmark(live_message& live);
    void wait_for_outcome(live_message& live, const attempt& done);
    [[nodiscard]] bool on_waiting_refused(live_message& live, const attempt& late,
                                          const carrier_answer& answer);

    // cancelling.cpp
    void cancel_what_was_taken(const live_message& live, carrier_id carrier);
    void pump_cancels();
    [[nodiscard]] bool read_cancels(carrier_id carrier, std::uint64_t& from);
    using cancel_place = std::pair<carrier_id, std::uint64_t>;  // and the message
    struct cancelling {
        std::size_t next = 0;     // segment
        std::uint64_t asked = 0;  // number of the request that is not answered; 0 = none
        bind_id bind{};           // over which it went
        bool awaits = false;      // until an attempt under way has ended
    };
    [[nodiscard]] bool go_on(const cancel_place& of, cancelling& what);
    [[nodiscard]] bool send_cancel(carrier_state& carrier, const live_message& live,
                                   cancelling& what);
    void forget_cancel(const cancel_place& of);
    /// Empty: the bind is lost.
    void on_cancel_answer(std::uint64_t token, std::optional<smpp::command_status> status);
    /// In the tokens of cancel_sm; no attempt has it.
    static constexpr std::uint64_t cancel_token = 1ULL << 63;

    // request.cpp: what is written to the carrier
    void build_request(const live_message& live, std::size_t segment, const carrier_state& carrier,
                       smpp::submit_sm& request, smpp::time_text& validity);
    void write_addresses(const carrier_state& carrier, const model::record::Message& message,
                         smpp::submit_sm& request);
    [[nodiscard]] smpp::text::octets octets_on_air(const live_message& live, std::size_t segment,
                                                   const carrier_state& carrier);
    [[nodiscard]] smpp::tlv_list tlvs_of(const live_message& live, std::size_t segment,
                                         const carrier_state& carrier);
    [[nodiscard]] bool fit_to(live_message& live, const carrier_state& carrier);
    void refuse_by_text(live_message& live, carrier_id carrier);
    void refuse_by_dialect(live_message& live, std::size_t segment, carrier_id carrier,
                           smpp::command_status why);

    directory& directory_;
    messages& messages_;
    receiving& receiving_;
    concat_references& references_;
    attempts& attempts_;
    store::clock_mark& send_mark_;
    gate_port& gate_;
    std::size_t withheld_ = 0;  // by the gate, in this turn
    std::vector<flow*> withheld_from_;
    std::size_t rerouted_ = 0;  // messages of removed routes, in this turn

    boost::unordered_flat_map<bind_id, carrier_id> carrier_by_bind_;
    std::vector<flow*> held_flows_;                          // see may_be_sent()
    std::deque<std::pair<steady_time, message_id>> marked_;  // marks and when they are taken back
    // Hand-offs by message that the gate has counted and nothing has followed yet, and when they
    // are taken back.
    struct hand_off {
        std::uint64_t number = 0;
        steady_time since{};
    };
    boost::unordered_flat_map<message_id, hand_off> unsent_;
    std::deque<std::pair<steady_time, message_id>> counted_;

    std::map<cancel_place, cancelling> cancels_;  // being worked on; the rest is in the store
    boost::unordered_flat_set<std::uint64_t> cancels_when_answered_;  // messages
    std::map<carrier_id, std::uint64_t> cancels_from_;  // rows may stand from this message on
    std::uint64_t cancels_sent_ = 0;

    // Of the request being written, which views them.
    std::string source_text_, destination_text_, packed_;
    std::vector<std::uint8_t> text_tlvs_, tlv_octets_;
};

}  // namespace hikyaku::gateway
