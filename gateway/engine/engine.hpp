// The engine: everything the gateway decides about messages, receipts and replies. One object, one
// thread, no sockets and no clock: events come in through the on_... and submit functions with the
// time as argument, commands go out through engine_outputs. It reads the store directly (short
// snapshots) and writes only through batches, which the driver hands to the single writer.
// The driver calls flush() once after each turn of its loop and tick() at next_deadline().
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.hpp"
#include "gateway/engine/announce/announcement.hpp"
#include "gateway/engine/counters.hpp"
#include "gateway/engine/delivery/consumer_settings.hpp"
#include "gateway/engine/hits/hit_facts.hpp"
#include "gateway/engine/memory_view.hpp"
#include "gateway/engine/outputs.hpp"
#include "gateway/engine/stored_view.hpp"
#include "gateway/engine/types.hpp"
#include "gateway/engine/unmatched/unmatched_entry.hpp"
#include "store/environment.hpp"

namespace hikyaku::gateway {

/// What a new bind of a carrier brings. `window` is in requests.
struct bind_facts {
    carrier_id carrier{};
    std::uint32_t window = 10;
    bool can_transmit = true;
    bool can_receive = true;
    std::uint8_t version = 0x34;  // that both sides speak: 0x33 (no TLVs), 0x34 or 0x50
};

/// Why an attempt has no response.
enum class attempt_failure : std::uint8_t {
    not_sent,         // still waiting in the session when it closed: safe to send again
    outcome_unknown,  // on the wire, or half of it, when the session closed
    timed_out,        // the bind lives on, and a late response may still come
};

/// The stored reply of an earlier HTTP request with the same Idempotency-Key.
struct idempotent_reply {
    enum class kind : std::uint8_t { fresh, in_flight, replay, mismatch } what = kind::fresh;
    std::uint32_t status = 0;
    std::string content_type, body;
};

struct account_view {
    account_id id{};
    std::string name;
    std::uint64_t queued = 0;
    std::uint64_t outbox_smpp = 0, outbox_webhook = 0, outbox_callback = 0;
    std::uint64_t dead_letters = 0;
    std::uint32_t sessions = 0;
    bool webhook_disabled = false;
    const config::account* settings = nullptr;
};

struct carrier_view {
    carrier_id id{};
    std::string name;
    std::uint32_t binds_up = 0, in_flight = 0;
    std::uint32_t window = 0, window_max = 0;  // of all transmitting binds, in segments
    std::uint8_t congestion = 0;               // the last congestion_state it told, 0 to 100
    bool paused = false;
    std::uint64_t submitted = 0, refused = 0, throttled = 0;
    std::uint64_t delivered_late = 0;                      // outside the time that the gate gave
    std::uint64_t cancels_asked = 0, cancels_granted = 0;  // cancel_sm for holds
    std::uint64_t unknown_stats = 0;                       // receipts whose `stat` is in no list
    std::array<std::uint64_t, unmatched_why_count> unmatched{};  // kept, by UnmatchedWhy
    std::uint64_t receipts_replayed = 0, replies_replayed = 0;   // of them, found somebody later
};

/// Why each carrier of the matching route would or would not be chosen now.
struct route_explanation {
    std::string route;                 // empty = none matches
    std::vector<std::string> reasons;  // one sentence per rule that was looked at
    std::vector<std::string> carriers;
};

class gate_port;  // gateway/gate/gate.hpp
namespace links {
struct hit_lists;  // gateway/links/hit_lists.hpp
}

/// What only some engines have.
struct engine_options {
    engine_limits limits;
    std::vector<consumer_settings> consumers;  // get events inside the process, by consume()
    gate_port* gate = nullptr;                 // outlives the engine; nullptr = everything goes out
};

class engine {
public:
    /// Builds accounts, carriers and routes from the configuration and reads the head of the store:
    /// O(number of queues) and
    /// of events that applications have not taken, not O(messages). `environment`, `settings` and
    /// `outputs` outlive it, `settings` also when others have replaced them (apply()). `random`
    /// gives 64 random bits (jitter, link codes): seeded in tests, a CSPRNG in production.
    engine(const config::settings& settings, store::environment& environment,
           engine_outputs& outputs, std::function<std::uint64_t()> random, instant now,
           engine_options options = {});
    ~engine();
    engine(const engine&) = delete;
    engine& operator=(const engine&) = delete;

    // Accounts and their sessions.
    [[nodiscard]] std::optional<account_id> account_by_system_id(std::string_view system_id) const;
    [[nodiscard]] std::optional<known_token> find_token(std::string_view api_token) const;
    /// By sendsms.username.
    [[nodiscard]] std::optional<account_id> account_by_username(std::string_view username) const;
    /// By jasmin.username.
    [[nodiscard]] std::optional<account_id> account_by_jasmin_username(
        std::string_view username) const;
    /// By twilio.sid, or that of one of its keys.
    [[nodiscard]] std::optional<account_id> account_by_twilio_sid(std::string_view sid) const;
    /// Also of one that a reload has removed: its last ones. Valid until the next reload.
    [[nodiscard]] const config::account& settings_of(account_id account) const;
    /// False: a reload has removed it.
    [[nodiscard]] bool has_account(account_id account) const;
    void on_session_up(session_id session, const session_facts& facts, instant now);
    /// Everything handed to it and not acknowledged goes back to the outbox.
    void on_session_down(session_id session, instant now);
    /// The application's answer to deliver(). `esme_rok` removes it; see docs/smpp.md for the rest.
    void on_delivery_answer(session_id session, std::uint64_t outbox_sequence,
                            smpp::command_status status, instant now);
    /// The event fits into no PDU that this session may be sent: it becomes a dead letter.
    void on_delivery_unfit(session_id session, std::uint64_t outbox_sequence, instant now);
    void on_delivery_timeout(session_id session, std::uint64_t outbox_sequence, instant now);
    /// How loaded the gateway is for this account, 0 to 99 (gateway/engine/congestion.hpp).
    [[nodiscard]] std::uint8_t congestion_of(account_id account, instant now) const;
    /// True if events wait for its sessions and none of them can receive: time for an outbind.
    [[nodiscard]] bool wants_receiver(account_id account) const;

    // Submissions. Refused at once (why != none), or taken: then submission_settled() follows after
    // the commit with the same ticket and id. A refused message is left as it was, but for the form
    // of its numbers; one that the rate refuses has `segments` in its result.
    [[nodiscard]] submit_result submit(account_id account, submission&& message,
                                       reply_ticket ticket, instant now);
    /// Why a message of so many segments would be refused now, whatever is in it: a stop, the disk,
    /// a full queue, the rate. Takes nothing; for whoever waits to hand in a message again.
    [[nodiscard]] refusal refuses_now(account_id account, std::uint32_t segments, instant now);
    [[nodiscard]] estimate_result estimate(account_id account, submission&& message, instant now);
    /// none: taken, cancellation_settled() follows. not_found or not_cancellable otherwise.
    [[nodiscard]] refusal cancel(account_id account, message_id id, reply_ticket ticket,
                                 instant now);

    // For the desk (gateway/dunning), which has facts about people in tables of its own.
    /// Why nothing can be changed now: a stop, the disk, too much that waits for it.
    [[nodiscard]] refusal refuses_changes() const;
    /// Puts rows of another domain into the batch of this turn that is kept until it is on disk;
    /// outputs.rows_kept() follows. REQUIRES: refuses_changes() has nothing against it.
    void keep(const store::batch& rows, reply_ticket ticket, instant now);
    /// The account's webhook is told what a reply says, in the same batch.
    void tell(account_id account, const reply_read_event& what, instant now);
    /// Ends what is queued for somebody who is not to be contacted, as the gate says of each and as
    /// far as nothing of it can have reached a carrier: rejected, with the gate's reason, in the
    /// same batch as keep(); and asks carriers to forget the rest. What is more than some hundreds,
    /// or of a whole account, follows in steps, also after a restart.
    withdrawal withdraw(const withdrawn_party& whose, instant now);
    /// The same, all of it in steps, when that time has come.
    void withdraw_from(const withdrawn_party& whose, std::int64_t from_ms, instant now);

    [[nodiscard]] std::optional<message_view> find(account_id account, message_id id) const;
    /// Whether a carrier of its route is bound. For messages that submit() has just taken.
    [[nodiscard]] bool has_carrier_up(message_id id) const;

    // The operations of SMPP on messages that are in the store. Where a command_status is returned,
    // ESME_ROK means taken: operation_settled() follows, after the commit if something changed.
    /// The same message to several destinations: one acceptance, all of it or nothing, known by one
    /// id. When `id` of the answer is set, submission_settled() follows with it.
    [[nodiscard]] multi_result submit_multi(account_id account, submission&& message,
                                            std::span<const phone_address> destinations,
                                            reply_ticket ticket, instant now);
    /// The message that an application of 3.3 knows by this short id.
    [[nodiscard]] std::optional<message_id> find_alias(std::uint32_t alias) const;
    /// Empty if the account has no such message, or it has another source (SMPP 3.4, 4.8).
    [[nodiscard]] std::optional<query_view> query(account_id account, const operation_target& what,
                                                  instant now) const;
    [[nodiscard]] smpp::command_status cancel_matching(account_id account,
                                                       const operation_target& what,
                                                       reply_ticket ticket, instant now);
    [[nodiscard]] smpp::command_status replace(account_id account, const operation_target& what,
                                               replacement&& by, reply_ticket ticket, instant now);
    /// From a carrier: told to the receiving sessions of the account that owns the number, now or
    /// never.
    void on_alert_notification(bind_id bind, const smpp::alert_notification& alert,
                               const smpp::tlv_list& tlvs, instant now);
    /// At most `limit` messages with this reference, newest first.
    [[nodiscard]] std::vector<message_view> find_by_reference(account_id account,
                                                              std::string_view reference,
                                                              std::size_t limit) const;
    /// One page of the account's messages, by the time of their acceptance. Looks at a bounded
    /// number of messages of all accounts.
    [[nodiscard]] message_page list_messages(account_id account, const message_range& range) const;
    /// The text of a message as it was cut, with its links replaced; "" if the account has no such
    /// message, or it is no text.
    [[nodiscard]] std::string text_of(account_id account, message_id id) const;
    /// Looks a key up and, when it is fresh, marks it in flight until store_reply() or
    /// forget_reply(). `body_hash` is 32 octets.
    [[nodiscard]] idempotent_reply begin_idempotent(account_id account, std::string_view key,
                                                    std::string_view body_hash, instant now);
    /// Stores the reply in the same batch as the submissions of this turn. Call before flush().
    void store_reply(account_id account, std::string_view key, std::uint32_t status,
                     std::string_view content_type, std::string_view body, instant now);
    void forget_reply(account_id account, std::string_view key);

    // Carriers.
    [[nodiscard]] carrier_id carrier_by_name(std::string_view name) const;
    void on_bind_up(bind_id bind, const bind_facts& facts, instant now);
    /// Nothing more is sent on it; what is in flight there goes on.
    void on_bind_leaving(bind_id bind, instant now);
    /// Call on_attempt_failed() for each unanswered attempt first.
    void on_bind_down(bind_id bind, instant now);
    void on_response(bind_id bind, std::uint64_t token, smpp::command_status status,
                     std::string_view carrier_message_id, instant now,
                     const refusal_words& words = {});
    void on_attempt_failed(bind_id bind, std::uint64_t token, attempt_failure why, instant now);
    /// A response carried congestion_state (5.0, 4.8.4.18). Call before on_response().
    void on_congestion(bind_id bind, std::uint8_t state, instant now);
    /// deliver_sm or data_sm from a carrier: receipt or reply. acknowledge() follows after commit.
    void on_deliver_sm(bind_id bind, std::uint32_t sequence, const smpp::deliver_sm& request,
                       const smpp::tlv_list& tlvs, instant now);
    void on_data_sm(bind_id bind, std::uint32_t sequence, const smpp::data_sm& request,
                    const smpp::tlv_list& tlvs, instant now);

    // Webhooks, callbacks and consumers.
    void on_webhook_answer(account_id account, std::uint64_t token, const http_answer& answer,
                           instant now);
    /// The answer to outputs.request_callback(), with its token.
    void on_callback_answer(account_id account, std::uint64_t token, const http_answer& answer,
                            instant now);
    /// A consumer has committed all events that it was given up to this one: they are removed, and
    /// it gets the next ones. Those that it has not acknowledged come again after a restart. Also
    /// while the process drains.
    void on_consumed(consumer_id consumer, std::uint64_t sequence, instant now);
    [[nodiscard]] std::vector<consumer_view> consumers() const;
    /// Puts dead letters of an account back into its outbox; returns how many (at most `limit`).
    std::size_t replay_dead_letters(account_id account, std::size_t limit, instant now);
    /// Ends the disabling by 410.
    void enable_webhook(account_id account, instant now);

    // Receipts and replies that found nobody.
    /// One page; looks at a bounded number of entries.
    [[nodiscard]] unmatched_page unmatched(const unmatched_query& query) const;
    [[nodiscard]] std::optional<unmatched_view> find_unmatched(
        const model::unmatched_position& position) const;
    /// Tries one again with the configuration of today, of a long reply all parts. What belongs to
    /// somebody now is gone at once and settled after the commit.
    [[nodiscard]] unmatched_replay replay_unmatched(const model::unmatched_position& position,
                                                    reply_ticket ticket, instant now);

    // Links.
    [[nodiscard]] std::optional<link_view> find_link(std::string_view code) const;
    /// The link that a host answers, "" for the default one; see hits.hpp.
    [[nodiscard]] std::optional<link_view> find_link_at(std::string_view host,
                                                        std::string_view code) const;
    /// What people are told of an account, or of those whose links a host answers; and whose domain
    /// a host is. See used_names.hpp.
    [[nodiscard]] announcement announced(account_id account) const;
    [[nodiscard]] std::vector<announcement> announced_at(std::string_view host) const;
    [[nodiscard]] std::optional<account_id> domain_owner(std::string_view host) const;
    /// The last hit that was taken, and up to which one they may be answered, after flush().
    [[nodiscard]] std::uint64_t hits_taken() const;
    [[nodiscard]] std::uint64_t hits_safe() const;
    /// What engine_outputs::sync_hit_log() was asked for is done.
    void on_hits_synced(std::uint64_t sequence);
    /// `link` is what find_link() gave for the code of `hit`.
    void on_hit(const hit_facts& hit, const link_view& link, instant now);

    /// A visitor has fetched an asset that only the link's page has: hits of the same visit that no
    /// program's name speaks against are a person's. How many were not before. REQUIRES: the
    /// request for the asset was no prefetch and no program's (links::classify()).
    std::uint32_t on_asset(const visitor& who, const link_view& link, instant now);
    /// A visitor has done what only a person does (a POST with a confirmation, a verification): the
    /// link is seen, if it has not expired, and the hits of the same visit are a person's.
    void on_seen(const visitor& who, const link_view& link, instant now);
    /// The same from an outside target, which knows no visit. `at_ms`: when it was, not later than
    /// now. none: known or taken, outputs.rows_kept() follows; told of it once, however often.
    [[nodiscard]] seen_answer tell_seen(account_id account, std::string_view code,
                                        std::int64_t at_ms, reply_ticket ticket, instant now);
    /// The lists by which hits are classified; old ones too, if that had begun.
    void use_hit_lists(std::shared_ptr<const links::hit_lists> lists, instant now);
    /// Classifies stored hits anew by these lists, while the gateway works. Does nothing if that is
    /// under way. REQUIRES: use_hit_lists().
    void begin_reclassification(instant now);
    [[nodiscard]] reclassification_view reclassification() const;

    // Operation.
    /// The answer to outputs.commit(). A failed acceptance gives its batch's submissions back.
    void on_committed(std::uint64_t ticket, bool ok, std::unique_ptr<store::batch> batch,
                      instant now);
    /// The writer says whether its last transaction failed; new submissions are refused meanwhile.
    void set_store_failing(bool failing);
    /// Refuse new submissions, hand out nothing new; what is in flight is finished.
    void begin_drain();
    /// Nothing in flight to carriers, applications, webhooks, consumers or the writer any more.
    [[nodiscard]] bool drained() const;
    /// From now on these settings are in force, which the engine shares. Names keep their ids. What
    /// is not in them any more is known as long as the process lives: messages of an account that
    /// is gone go on to their end, nothing more is sent to a carrier that is gone, and messages of
    /// a route that is gone are given to another or end as those without a route. REQUIRES: what
    /// the engine was made with stays (node, store.pending_bytes_max); not from inside a command.
    void apply(std::shared_ptr<const config::settings> settings, instant now);
    void pause_carrier(carrier_id carrier, bool paused, instant now);
    /// Sends what may be sent and hands the batches of this turn to outputs.commit(); the hits of
    /// this turn are safe from the death of the process when it returns, or counted as unlogged or
    /// lost. Call once after each turn,
    /// with a fresh reading of the clock: contract rates are counted by it.
    void flush(instant now);
    /// Time has come: rates, retries, schedules, expiry, retention.
    void tick(instant now);
    /// When tick() is wanted next, at the latest one second ahead.
    [[nodiscard]] std::chrono::steady_clock::time_point next_deadline(instant now) const;

    // A wall clock that is moved by hand (engine_clock.cpp).
    /// It was: what goes by it is looked at now, not after the pauses between two looks.
    void on_clock_moved(instant now);
    /// The next moment of the wall clock at which something in the queue is due or expires, or a
    /// long reply is given up; empty: none. Of a queue of more than `looked_at_max` entries the
    /// ends of those behind are not looked at.
    [[nodiscard]] std::optional<std::int64_t> next_due(instant now) const;
    static constexpr std::size_t looked_at_max = 20'000;
    /// What could be done at this time of the wall clock is done: nothing is under way to carriers,
    /// applications, consumers or the disk, and what is ready has no carrier that is up.
    [[nodiscard]] bool rests(instant now) const;

    [[nodiscard]] const counters& count() const;
    [[nodiscard]] memory_view memory() const;
    [[nodiscard]] std::vector<account_view> accounts() const;
    [[nodiscard]] std::vector<carrier_view> carriers() const;
    /// What messages that are read from the store are shown with.
    [[nodiscard]] shown_names names() const;
    [[nodiscard]] std::uint64_t queued() const;
    /// Age of the oldest message that could be sent, in milliseconds; 0 when nothing waits.
    [[nodiscard]] std::int64_t oldest_ready_age_ms(instant now) const;
    [[nodiscard]] route_explanation explain_route(std::string_view account, std::string_view source,
                                                  std::string_view destination,
                                                  std::string_view tag) const;

    struct impl;  // the inside, for the engine's rooms only

private:
    std::unique_ptr<impl> impl_;
};

}  // namespace hikyaku::gateway
