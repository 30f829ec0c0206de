// The sessions of applications that are up, and the events that each of them has in hand. An
// account's events go to whichever of its receiving sessions has the most room. Engine's thread
// only.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <chrono>
#include <vector>

#include "gateway/engine/delivery/outboxes.hpp"
#include "smpp/pdu/pdus.hpp"
#include "smpp/pdu/tlv.hpp"

namespace hikyaku::gateway {

class application_sessions : private room {
public:
    application_sessions(engine_context& context, outboxes& all) : room(context), outboxes_(all) {}

    /// The account's sessions are told of what is in this outbox.
    void add(account_id account, outbox& from);
    [[nodiscard]] bool knows(account_id account) const { return accounts_.contains(account); }
    /// Events without answer that each session of the account may have from now on.
    void set_window(account_id account, std::uint32_t receipt_window);
    [[nodiscard]] outbox& outbox_of(account_id account) const { return *accounts_[account].from; }

    void on_up(session_id session, const session_facts& facts);
    /// What it had in hand goes back to the outbox.
    void on_down(session_id session);
    /// The application's answer to an event, or that it gave none in time.
    void on_answer(session_id session, std::uint64_t sequence, smpp::command_status status,
                   bool timed_out);
    /// The event fits into no PDU for this session: it becomes a dead letter.
    void on_unfit(session_id session, std::uint64_t sequence);
    /// Hands out what there is room for.
    void pump(outbox& from);
    /// Asks for a tick when the next pause of a session ends.
    void tick();

    /// Told to all receiving sessions, now or never.
    void alert(account_id account, const smpp::alert_notification& alert,
               const smpp::tlv_list& tlvs);

    [[nodiscard]] std::size_t count(account_id account) const;
    [[nodiscard]] bool has_receiver(account_id account) const;
    /// Whether one of the receiving sessions speaks 3.3, which has no message_payload.
    [[nodiscard]] bool has_receiver_of_3_3(account_id account) const;
    /// No event is in the hands of a session.
    [[nodiscard]] bool idle() const;

private:
    struct session_state {
        session_id id{};
        account_id account{};
        bool can_receive = false;
        std::uint32_t window = 0;
        std::uint8_t version = 0x34;
        boost::unordered_flat_set<std::uint64_t> outstanding;
        steady_time paused_until{};
        std::chrono::milliseconds pause{0};
    };
    struct account_sessions {
        outbox* from = nullptr;
        std::vector<session_id> sessions;
    };

    [[nodiscard]] session_state* roomiest(const account_sessions& of);
    void pause(session_state& session, std::chrono::milliseconds how_long);

    outboxes& outboxes_;
    numbered<account_id, account_sessions> accounts_;
    boost::unordered_flat_map<session_id, session_state> sessions_;
};

}  // namespace hikyaku::gateway
