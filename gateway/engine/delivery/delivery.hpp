// Delivery: applications are told of receipts, replies and hits, by sessions, a webhook, requests
// for URLs, or inside the process. It decides which outboxes an event goes to, writes it, and has
// each outbox emptied by its way of delivery. Messages, replies and links call it with what is to
// be told; it calls none of them. Engine's thread only.
#pragma once

#include <optional>
#include <vector>

#include "gateway/engine/delivery/callbacks.hpp"
#include "gateway/engine/delivery/consumers.hpp"
#include "gateway/engine/delivery/events.hpp"
#include "gateway/engine/delivery/outboxes.hpp"
#include "gateway/engine/delivery/sessions.hpp"
#include "gateway/engine/delivery/webhooks.hpp"
#include "gateway/engine/messages/live_message.hpp"
#include "gateway/engine/submission/paced_answers.hpp"

namespace hikyaku::gateway {

/// What an account's outboxes hold.
struct outbox_depths {
    std::uint64_t sessions = 0, webhook = 0, callbacks = 0;
    std::uint64_t dead = 0;  // of all three
};

class delivery : private room {
public:
    delivery(engine_context& context, directory& known, paced_answers& answers,
             std::vector<consumer_settings> consumers);

    /// The directory has taken over other settings: outboxes for accounts that are new, and for
    /// ways of delivery that accounts did not have before.
    void take_accounts();

    // What became of messages (receipts.cpp). Each is told once, in the batch that holds its state.
    /// The end of the message.
    void emit_receipt(live_message& live);
    /// The ends of its segments, where each has a receipt of its own. Called in front of every
    /// record of an outcome, so that a segment which is final there has been told in the same
    /// batch.
    void emit_part_receipts(live_message& live);
    /// What a carrier says on the way.
    void emit_intermediate(const live_message& live, const live_segment& segment,
                           const told_error& said);
    /// The carrier has taken all of the message: callbacks are told, before everything else.
    void emit_accepted_callback(live_message& live);

    // Replies and hits.
    /// Somebody is told of the account's replies.
    [[nodiscard]] bool takes_replies(account_id account) const;
    /// Of a long reply it is the whole that is told, not each part as it comes.
    [[nodiscard]] bool wants_whole_replies(account_id account) const;
    /// The most octets that a whole reply may have for the account's sessions, which are never told
    /// of one that is incomplete. Empty: not told by sessions, and without such limits.
    [[nodiscard]] std::optional<std::size_t> whole_reply_octets_max(account_id account) const;
    /// What the account's replies say is read: a consumer is told of the whole reply.
    [[nodiscard]] bool reads_replies(account_id account) const;
    /// Who is told of a reply: of a long one the application may be told part by part, while
    /// whoever reads it is told of the whole.
    enum class audience : std::uint8_t { everybody, application, readers };
    /// False: nobody is told.
    bool tell(account_id account, const reply_event& reply, audience whom = audience::everybody);
    /// The webhook, if it asks for them.
    void tell(account_id account, const reply_read_event& what);
    [[nodiscard]] bool takes_hits(account_id account) const;
    void tell(account_id account, const hit_event& hit);
    [[nodiscard]] bool takes_links_seen(account_id account) const;
    void tell(account_id account, const link_seen_event& seen);

    // What the drivers say.
    [[nodiscard]] application_sessions& sessions() { return sessions_; }
    [[nodiscard]] webhooks& by_webhook() { return webhooks_; }
    [[nodiscard]] callbacks& by_callback() { return callbacks_; }
    [[nodiscard]] consumers& by_consumer() { return consumers_; }
    [[nodiscard]] const consumers& by_consumer() const { return consumers_; }
    void on_outbox_added(endpoint_id outbox, std::uint64_t sequence);
    void on_outbox_removed(endpoint_id outbox, std::uint64_t sequence);

    /// Hands out what may be handed out of the outboxes that changed in this turn.
    void pump();
    void tick();
    /// Nothing that was handed out waits for its answer.
    [[nodiscard]] bool idle() const;

    /// Dead letters of the account back into its outboxes, at most `limit`; returns how many.
    std::size_t replay_dead_letters(account_id account, std::size_t limit);
    /// As outboxes::erase_old().
    std::size_t erase_old_events(const store::snapshot& snapshot, std::int64_t before_ms,
                                 std::size_t limit);
    [[nodiscard]] std::uint64_t last_sequence(const store::snapshot& snapshot) const;

    /// True if events wait for the account's sessions and none of them can receive.
    [[nodiscard]] bool wants_receiver(account_id account) const;
    [[nodiscard]] outbox_depths depths_of(account_id account) const;
    void add_to(memory_view& held) const;

private:
    [[nodiscard]] outbox* webhook_for(account_id account, EventKind kind) const;
    [[nodiscard]] outbox* receipt_outbox(account_id account, Origin origin) const;
    [[nodiscard]] outbox* reply_outbox(account_id account) const;
    [[nodiscard]] bool is_heard(account_id account, EventKind kind, const outbox* by) const;
    /// Into the outbox `by`, if there is one, and into those of the consumers.
    void put_event(account_id account, outbox* by, const outbox_event& event, bool hurries);

    void tell_asked(const live_message& live);
    [[nodiscard]] bool tells_parts(const live_message& live) const;
    void put_receipt(const live_message& live, const live_segment& telling, const told_error& said,
                     State state, std::uint16_t part);
    void put_callback(const live_message& live, const live_segment& telling, const told_error& said,
                      std::uint8_t type, State state);
    bool emit_final_callback(live_message& live);
    [[nodiscard]] receipt_event receipt_of(const live_message& live, const live_segment& telling,
                                           const told_error& said, State state) const;

    directory& directory_;
    paced_answers& answers_;
    outboxes outboxes_;
    application_sessions sessions_;
    webhooks webhooks_;
    callbacks callbacks_;
    consumers consumers_;
};

}  // namespace hikyaku::gateway
