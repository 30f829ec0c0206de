// What the engine asks of the world, one function per command. The drivers of gateway/app implement
// it for real sockets and the simulation for fake ones. Every function is called on the engine's
// thread, must return at once and must not call back into the engine, but for settings_of() and
// congestion_of(), which read plain values. Answers come later, in a turn of their own.
#pragma once

#include <memory>
#include <span>

#include "gateway/engine/delivery/events.hpp"
#include "gateway/engine/types.hpp"
#include "gateway/engine/unmatched/unmatched_entry.hpp"
#include "smpp/pdu/constants.hpp"
#include "smpp/pdu/pdus.hpp"
#include "smpp/pdu/tlv.hpp"
#include "store/batch.hpp"

namespace hikyaku::gateway {

enum class commit_kind : std::uint8_t { acceptance, state };

/// The end of a submission that the engine took.
struct settled_submission {
    reply_ticket ticket;
    message_id id{};
    refusal why = refusal::none;  // none: it is on disk
    std::uint32_t alias = 0;      // the short id, if it was asked for; 0 = none
};

/// An event that an account is told by a request for a URL. `event` and the views live until the
/// call that gets them returns.
struct callback_request {
    CallbackForm form{};
    CallbackMethod method{};
    std::string_view url;      // as the application or the configuration wrote it
    std::string_view carrier;  // name of the carrier that the event came from; empty = none
    std::uint64_t sequence = 0;
    const outbox_event& event;
};

class engine_outputs {
public:
    virtual ~engine_outputs() = default;

    /// Writes a batch. Answered by engine::on_committed(ticket, ...), in the order of the calls
    /// within one kind. `acceptance` may fail; `state` is kept and retried until it is on disk.
    virtual void commit(commit_kind kind, std::unique_ptr<store::batch> batch,
                        std::uint64_t ticket) = 0;

    /// A submission that engine::submit() took is on disk (refusal::none), or was not written
    /// (store_failing). Called exactly once per taken submission, in no particular order.
    virtual void submission_settled(const settled_submission& what) = 0;

    /// A cancellation that engine::cancel() took is on disk.
    virtual void cancellation_settled(reply_ticket ticket, message_id id) = 0;

    /// The end of a cancel_sm or replace_sm that the engine took; ESME_ROK is told after the
    /// commit.
    virtual void operation_settled(reply_ticket ticket, smpp::command_status status) = 0;

    /// A replay that engine::replay_unmatched() took is on disk.
    virtual void replay_settled(reply_ticket) {}

    /// Rows that engine::keep() took are on disk.
    virtual void rows_kept(reply_ticket) {}

    /// A reply came that no account is told of; for the log alone. The views live until the call
    /// returns.
    virtual void reply_unowned(const unowned_reply&) {}

    /// Hands one segment to a bind, as submit_sm; the views live until the call returns. Answered
    /// by engine::on_response() or on_attempt_failed() with the token. False: the bind can't take
    /// it (it went down in the same turn); the engine keeps the segment.
    [[nodiscard]] virtual bool send_segment(bind_id bind, std::uint64_t token,
                                            const smpp::submit_sm& request,
                                            const smpp::tlv_list& tlvs) = 0;

    /// Asks the carrier to forget a message, likewise.
    [[nodiscard]] virtual bool send_cancel(bind_id /*bind*/, std::uint64_t /*token*/,
                                           const smpp::cancel_sm& /*request*/) {
        return false;
    }

    /// Answers a deliver_sm or data_sm of a carrier, after what it brought is on disk.
    virtual void acknowledge(bind_id bind, std::uint32_t sequence, smpp::command_id request,
                             smpp::command_status status) = 0;

    /// Hands a receipt or reply to an application's session as deliver_sm; the views live until the
    /// call returns. Answered by engine::on_delivery_answer() with `outbox_sequence`. False: the
    /// session can't take it.
    [[nodiscard]] virtual bool deliver(session_id session, std::uint64_t outbox_sequence,
                                       const outbox_event& event) = 0;

    /// Passes an alert_notification on to a receiving session of an application; nothing comes
    /// back.
    virtual void alert(session_id session, const smpp::alert_notification& alert,
                       const smpp::tlv_list& tlvs) = 0;

    /// Posts a batch of events to the webhook of an account; events are copied before returning.
    /// Answered by engine::on_webhook_answer() with the token. One is under way per account.
    virtual void post_webhook(account_id account, std::uint64_t token,
                              std::span<const outbox_item> items) = 0;

    /// Requests a URL, for an account with settings of the form (callback_settings.hpp). Answered
    /// by engine::on_callback_answer() with the token. At most callback_queue::running_max are
    /// under way per account.
    virtual void request_callback(account_id account, std::uint64_t token,
                                  const callback_request& what) = 0;

    /// Hands events to a consumer, the oldest first; the views live until the call returns.
    /// Answered by engine::on_consumed(), once or several times, after the consumer's own commit.
    /// At most consumer_settings::window are in its hands.
    virtual void consume(consumer_id /*consumer*/, std::span<const outbox_item> /*items*/) {}

    /// Syncs the hit log, which is written up to the hit `sequence`, for hits that have to outlive
    /// the death of the machine. Answered by engine::on_hits_synced(). Whoever does not answer
    /// makes them wait until they are in the store.
    virtual void sync_hit_log(int /*descriptor*/, std::uint64_t /*sequence*/) {}

    /// A carrier's receipt has a `stat` that is in no list; for the log.
    virtual void unknown_stat(carrier_id /*carrier*/, std::string_view /*stat*/,
                              State /*taken_for*/) {}
};

}  // namespace hikyaku::gateway
