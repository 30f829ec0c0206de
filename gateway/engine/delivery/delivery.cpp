#include "gateway/engine/delivery/delivery.hpp"

#include <algorithm>

#include "store/environment.hpp"

namespace hikyaku::gateway {

namespace {

// Twice as much as UCS-2 still leaves room for the rest in a PDU that every client reads (7 KiB).
constexpr std::size_t whole_octets_max = 3072;
constexpr std::size_t short_message_octets_max = 254;

}  // namespace

delivery::delivery(engine_context& context, directory& known, paced_answers& answers,
                   std::vector<consumer_settings> consumers)
    : room(context),
      directory_(known),
      answers_(answers),
      outboxes_(context, known),
      sessions_(context, outboxes_),
      webhooks_(context, known, outboxes_),
      callbacks_(context, known, outboxes_),
      consumers_(context, outboxes_, std::move(consumers)) {
    take_accounts();
}

void delivery::take_accounts() {
    for (const auto& account : directory_.accounts().all()) {
        const auto add = [&](std::string_view way, outbox_kind kind) -> outbox& {
            return outboxes_.add(std::string(account.settings->name).append(way), kind, account.id);
        };
        const auto& settings = *account.settings;
        if (!sessions_.knows(account.id)) {
            sessions_.add(account.id, add("/smpp", outbox_kind::sessions));
            consumers_.listen_to(account.id, settings.name);
        }
        sessions_.set_window(account.id, settings.receipt_window);
        if (settings.webhook && !webhooks_.knows(account.id))
            webhooks_.add(account.id, add("/webhook", outbox_kind::webhook));
        // Named by the first door that had callbacks; the name is stored.
        if (has_callbacks(settings) && !callbacks_.knows(account.id))
            callbacks_.add(account.id, add("/sendsms", outbox_kind::callbacks));
        webhooks_.take_settings(account.id);
        callbacks_.take_settings(account.id);
    }
}

/// The account's webhook, if it has one that asks for this kind of event.
outbox* delivery::webhook_for(account_id account, EventKind kind) const {
    auto* const webhook = webhooks_.outbox_of(account);
    if (webhook == nullptr) return nullptr;
    const auto& wanted = directory_[account].settings->webhook->events;
    return std::ranges::find(wanted, model::record::EnumNameEventKind(kind)) != wanted.end()
               ? webhook
               : nullptr;
}

outbox* delivery::receipt_outbox(account_id account, Origin origin) const {
    switch (directory_[account].settings->delivery.receipts) {
        case config::deliver_by::none:
            return nullptr;
        case config::deliver_by::smpp:
            return &sessions_.outbox_of(account);
        case config::deliver_by::webhook:
            return webhook_for(account, EventKind::receipt);
        case config::deliver_by::automatic:
            break;
    }
    return origin == Origin::smpp ? &sessions_.outbox_of(account)
                                  : webhook_for(account, EventKind::receipt);
}

outbox* delivery::reply_outbox(account_id account) const {
    const auto& settings = *directory_[account].settings;
    switch (settings.delivery.replies) {
        case config::deliver_by::none:
            return nullptr;
        case config::deliver_by::smpp:
            return &sessions_.outbox_of(account);
        case config::deliver_by::webhook:
            return webhook_for(account, EventKind::reply);
        case config::deliver_by::automatic:
            break;
    }
    if (reply_callback_of(settings)) return callbacks_.outbox_of(account);
    if (auto* const webhook = webhook_for(account, EventKind::reply)) return webhook;
    return settings.system_id.empty() ? nullptr : &sessions_.outbox_of(account);
}

bool delivery::is_heard(account_id account, EventKind kind, const outbox* by) const {
    return by != nullptr || !consumers_.listening(account, kind).empty();
}

void delivery::put_event(account_id account, outbox* by, const outbox_event& event, bool hurries) {
    write_event(builder_, event);
    const auto sequence = ids_.next(now_.wall_ms);
    if (by != nullptr) outboxes_.put(*by, sequence, built(), hurries);
    for (auto* const consumer : consumers_.listening(account, kind_of(event)))
        outboxes_.put(*consumer, sequence, built(), hurries);
}

bool delivery::reads_replies(account_id account) const {
    return !consumers_.of_read().empty() && directory_[account].settings->reads_replies();
}

bool delivery::takes_replies(account_id account) const {
    return is_heard(account, EventKind::reply, reply_outbox(account)) || reads_replies(account);
}

bool delivery::wants_whole_replies(account_id account) const {
    const auto form = directory_[account].settings->delivery.reply_form;
    const auto* const by = reply_outbox(account);
    const bool by_sessions = by != nullptr && by->kind == outbox_kind::sessions;
    return form == config::reply_form::whole ||
           (form == config::reply_form::automatic && !by_sessions);
}

std::optional<std::size_t> delivery::whole_reply_octets_max(account_id account) const {
    const auto* const by = reply_outbox(account);
    if (by == nullptr || by->kind != outbox_kind::sessions) return std::nullopt;
    return sessions_.has_receiver_of_3_3(account) ? short_message_octets_max : whole_octets_max;
}

bool delivery::tell(account_id account, const reply_event& reply, audience whom) {
    if (!takes_replies(account)) return false;
    write_event(builder_, reply);
    const auto sequence = ids_.next(now_.wall_ms);
    if (whom != audience::readers) {
        if (auto* const by = reply_outbox(account)) outboxes_.put(*by, sequence, built(), true);
        for (auto* const consumer : consumers_.listening(account, EventKind::reply))
            outboxes_.put(*consumer, sequence, built(), true);
    }
    if (whom != audience::application && reads_replies(account))
        for (auto* const reader : consumers_.of_read())
            outboxes_.put(*reader, sequence, built(), true);
    return true;
}

void delivery::tell(account_id account, const reply_read_event& what) {
    if (auto* const by = webhook_for(account, EventKind::reply_read))
        put_event(account, by, what, true);
}

bool delivery::takes_hits(account_id account) const {
    return is_heard(account, EventKind::hit, webhook_for(account, EventKind::hit));
}

void delivery::tell(account_id account, const hit_event& hit) {
    auto* const by = webhook_for(account, EventKind::hit);
    if (is_heard(account, EventKind::hit, by)) put_event(account, by, hit, false);
}

bool delivery::takes_links_seen(account_id account) const {
    return is_heard(account, EventKind::link_seen, webhook_for(account, EventKind::link_seen));
}

void delivery::tell(account_id account, const link_seen_event& seen) {
    auto* const by = webhook_for(account, EventKind::link_seen);
    if (is_heard(account, EventKind::link_seen, by)) put_event(account, by, seen, true);
}

void delivery::on_outbox_added(endpoint_id id, std::uint64_t sequence) {
    auto& to = outboxes_[id];
    if (to.kind == outbox_kind::callbacks)
        callbacks_.on_added(to, sequence);
    else
        outboxes_.on_added(to, sequence);
    outboxes_.want(to);
}

void delivery::on_outbox_removed(endpoint_id id, std::uint64_t sequence) {
    outboxes_.on_removed(outboxes_[id], sequence);
}

void delivery::pump() {
    outboxes_.visit_wanted([this](outbox& from) {
        switch (from.kind) {
            case outbox_kind::sessions:
                return sessions_.pump(from);
            case outbox_kind::webhook:
                return webhooks_.pump(from);
            case outbox_kind::callbacks:
                return callbacks_.pump(from);
            case outbox_kind::consumer:
                return consumers_.pump(from);
        }
    });
}

void delivery::tick() {
    for (auto& one : outboxes_.all())
        if (!one.ready.empty() || one.more_on_disk || one.kind == outbox_kind::callbacks ||
            (one.kind == outbox_kind::webhook && webhooks_.has_alone(one.account)))
            outboxes_.want(one);
    webhooks_.tick();
    sessions_.tick();
}

bool delivery::idle() const {
    return sessions_.idle() && webhooks_.idle() && callbacks_.idle() && consumers_.idle();
}

std::size_t delivery::replay_dead_letters(account_id account, std::size_t limit) {
    std::size_t replayed = 0;
    for (auto* const one : {&sessions_.outbox_of(account), webhooks_.outbox_of(account),
                            callbacks_.outbox_of(account)}) {
        if (one != nullptr) {
            replayed += outboxes_.replay_dead_letters(*one, limit - replayed);
            outboxes_.want(*one);
        }
    }
    // They are older than give_up_after: the count of failing time begins anew.
    webhooks_.begin_anew(account);
    return replayed;
}

std::size_t delivery::erase_old_events(const store::snapshot& snapshot, std::int64_t before_ms,
                                       std::size_t limit) {
    return outboxes_.erase_old(snapshot, before_ms, limit);
}

std::uint64_t delivery::last_sequence(const store::snapshot& snapshot) const {
    return outboxes_.last_sequence(snapshot);
}

bool delivery::wants_receiver(account_id account) const {
    return sessions_.outbox_of(account).depth != 0 && !sessions_.has_receiver(account);
}

outbox_depths delivery::depths_of(account_id account) const {
    const auto& by_sessions = sessions_.outbox_of(account);
    outbox_depths out{.sessions = by_sessions.depth, .dead = by_sessions.dead};
    if (const auto* const webhook = webhooks_.outbox_of(account)) {
        out.webhook = webhook->depth;
        out.dead += webhook->dead;
    }
    if (const auto* const callback = callbacks_.outbox_of(account)) {
        out.callbacks = callback->depth;
        out.dead += callback->dead;
    }
    return out;
}

void delivery::add_to(memory_view& held) const {
    for (const auto& one : outboxes_.all())
        held.outbox_ready_most = std::max(held.outbox_ready_most, one.ready.size());
    held.events_alone_most = webhooks_.alone_most();
}

}  // namespace hikyaku::gateway
