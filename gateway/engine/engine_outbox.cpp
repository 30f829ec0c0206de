// The outbox: receipts, replies and hits on their way to the applications. An entry is removed only
// when the application has acknowledged it.
#include <algorithm>

#include "gateway/engine/engine_impl.hpp"
#include "store/environment.hpp"

namespace hikyaku::gateway {

using smpp::command_status;
using store::table;
namespace record = store::record;

namespace {

constexpr std::chrono::milliseconds session_pause_min{1000};
constexpr std::chrono::milliseconds session_pause_max{30000};
constexpr std::uint32_t odd_answers_max = 10;  // deliveries answered with a status we don't know

bool is_temporary(command_status status) {
    return status == command_status::esme_rmsgqful || status == command_status::esme_rx_t_appn ||
           status == command_status::esme_rthrottled || status == command_status::esme_rsyserr;
}

}  // namespace

/// The account's webhook, if it has one that asks for this kind of event.
std::optional<endpoint_id> engine::impl::webhook_for(const account_state& account,
                                                     std::string_view event) {
    if (!account.webhook_endpoint) {
        return std::nullopt;
    }
    const auto& wanted = account.settings->webhook->events;
    return std::find(wanted.begin(), wanted.end(), event) != wanted.end() ? account.webhook_endpoint
                                                                          : std::nullopt;
}

std::optional<endpoint_id> engine::impl::receipt_endpoint(const account_state& account,
                                                          Origin origin) const {
    switch (account.settings->delivery.receipts) {
        case config::deliver_by::none:
            return std::nullopt;
        case config::deliver_by::smpp:
            return account.smpp_endpoint;
        case config::deliver_by::webhook:
            return webhook_for(account, "receipt");
        case config::deliver_by::automatic:
            break;
    }
    return origin == Origin::smpp ? std::optional(account.smpp_endpoint)
                                  : webhook_for(account, "receipt");
}

std::optional<endpoint_id> engine::impl::reply_endpoint(const account_state& account) const {
    switch (account.settings->delivery.replies) {
        case config::deliver_by::none:
            return std::nullopt;
        case config::deliver_by::smpp:
            return account.smpp_endpoint;
        case config::deliver_by::webhook:
            return webhook_for(account, "reply");
        case config::deliver_by::automatic:
            break;
    }
    if (account.callback_endpoint && !account.settings->sendsms->reply_url.empty()) {
        return account.callback_endpoint;
    }
    if (const auto webhook = webhook_for(account, "reply")) {
        return webhook;
    }
    return account.settings->system_id.empty() ? std::nullopt
                                               : std::optional(account.smpp_endpoint);
}

void engine::impl::put_event(endpoint_id index, flatbuffers::Offset<record::Event> event,
                             bool hurries) {
    auto& endpoint = endpoints_[index];
    builder_.Finish(event);
    const auto sequence = ids_.next(now_.wall_ms);
    auto& pending = hurries ? must_keep() : may_wait();
    pending.rows().put(
        table::outbox, store::outbox_key(stored(endpoint.id), sequence),
        {reinterpret_cast<const char*>(builder_.GetBufferPointer()), builder_.GetSize()});
    pending.then(after::outbox_added{endpoint.id, sequence});
    endpoint.busy.insert(sequence);  // may be seen in the store before on_outbox_added() is called
    ++endpoint.depth;
}

void engine::impl::on_outbox_added(endpoint_id index, std::uint64_t sequence) {
    auto& endpoint = endpoints_[index];
    endpoint.busy.erase(sequence);
    if (endpoint.callbacks) {
        endpoint.scanned_to = std::min(endpoint.scanned_to, sequence - 1);
        endpoint.more_on_disk = true;
    } else if (endpoint.more_on_disk || endpoint.ready.size() >= limits_.outbox_ready_max) {
        endpoint.more_on_disk = true;
    } else {
        insert_ready(endpoint, sequence);
    }
    want_endpoint(index);
}

void engine::impl::remove_event(endpoint_id index, std::uint64_t sequence) {
    auto& endpoint = endpoints_[index];
    endpoint.busy.insert(sequence);
    endpoint.failures.erase(sequence);
    if (endpoint.depth > 0) {
        --endpoint.depth;
    }
    must_keep().rows().erase(table::outbox, store::outbox_key(stored(endpoint.id), sequence));
    must_keep().then(after::outbox_removed{endpoint.id, sequence});
}

void engine::impl::reload(endpoint_state& endpoint) {
    if (!endpoint.more_on_disk || !endpoint.ready.empty()) {
        return;
    }
    endpoint.more_on_disk = false;
    const auto snapshot = environment_.read();
    snapshot.for_each_with_prefix(table::outbox, store::outbox_prefix(stored(endpoint.id)),
                                  [&](std::string_view key, std::string_view) {
                                      const auto position = store::parse_outbox_key(key);
                                      if (!position || endpoint.busy.contains(position->sequence)) {
                                          return true;
                                      }
                                      if (endpoint.ready.size() >= limits_.outbox_ready_max) {
                                          endpoint.more_on_disk = true;
                                          return false;
                                      }
                                      endpoint.ready.push_back(position->sequence);
                                      return true;
                                  });
}

session_state* engine::impl::roomiest_session(const account_state& account) {
    session_state* best = nullptr;
    for (const auto id : account.sessions) {
        auto& session = sessions_.at(id);
        if (session.can_receive && session.outstanding.size() < session.window &&
            session.paused_until <= now_.steady &&
            (best == nullptr || session.outstanding.size() < best->outstanding.size())) {
            best = &session;
        }
    }
    return best;
}

void engine::impl::pump_sessions(endpoint_state& endpoint) {
    const auto& account = directory_[endpoint.account];
    // While the disk refuses, acknowledgements could not be stored: everything would come twice.
    if (turn_.draining || turn_.store_failing || account.sessions.empty()) {
        return;
    }
    reload(endpoint);
    if (endpoint.ready.empty()) {
        return;
    }
    const auto snapshot = environment_.read();
    store::record_reader reader;
    while (!endpoint.ready.empty()) {
        auto* session = roomiest_session(account);
        if (session == nullptr) {
            return;
        }
        const auto sequence = endpoint.ready.front();
        endpoint.ready.pop_front();
        const auto value =
            snapshot.get(table::outbox, store::outbox_key(stored(endpoint.id), sequence));
        const auto* event = value ? reader.read<record::Event>(*value) : nullptr;
        if (event == nullptr) {
            endpoint.depth -= endpoint.depth > 0 ? 1 : 0;
            continue;  // damaged: nothing can be told
        }
        if (!outputs_.deliver(session->id, sequence, *event)) {
            endpoint.ready.push_front(sequence);
            session->paused_until = now_.steady + session_pause_min;
            want_tick(session->paused_until);
            continue;
        }
        session->outstanding.insert(sequence);
        endpoint.busy.insert(sequence);
    }
    if (endpoint.more_on_disk) {
        want_tick(now_.steady);
    }
}

void engine::impl::insert_ready(endpoint_state& endpoint, std::uint64_t sequence) {
    auto& ready = endpoint.ready;
    ready.insert(std::lower_bound(ready.begin(), ready.end(), sequence), sequence);
}

void engine::impl::give_back(endpoint_state& endpoint, std::uint64_t sequence) {
    endpoint.busy.erase(sequence);
    insert_ready(endpoint, sequence);
}

void engine::impl::on_session_down(session_id id) {
    const auto at = sessions_.find(id);
    if (at == sessions_.end()) {
        return;
    }
    auto& account = directory_[at->second.account];
    auto& endpoint = endpoints_[account.smpp_endpoint];
    for (const auto sequence : at->second.outstanding) {
        give_back(endpoint, sequence);
    }
    std::erase(account.sessions, id);
    sessions_.erase(at);
    want_endpoint(account.smpp_endpoint);
}

void engine::impl::on_delivery_answer(session_id id, std::uint64_t sequence, command_status status,
                                      bool timed_out) {
    const auto at = sessions_.find(id);
    if (at == sessions_.end() || at->second.outstanding.erase(sequence) == 0) {
        return;  // a late answer: the entry is somebody else's by now
    }
    auto& session = at->second;
    const auto index = directory_[session.account].smpp_endpoint;
    auto& endpoint = endpoints_[index];
    want_endpoint(index);
    if (status == command_status::esme_rok) {
        ++count_.delivered_smpp;
        session.pause = std::chrono::milliseconds{0};
        remove_event(index, sequence);
        return;
    }
    if (status == command_status::esme_rx_p_appn || status == command_status::esme_rx_r_appn) {
        ++count_.deliveries_dropped;
        remove_event(index, sequence);
        return;
    }
    ++count_.deliveries_failed;
    if (!is_temporary(status) && !timed_out && ++endpoint.failures[sequence] >= odd_answers_max) {
        bury(index, sequence);
        return;
    }
    give_back(endpoint, sequence);
    if (session.paused_until > now_.steady) {
        return;  // of the same window as the one that began the pause
    }
    session.pause = std::clamp(session.pause * 2, session_pause_min, session_pause_max);
    session.paused_until = now_.steady + session.pause;
    want_tick(session.paused_until);
}

void engine::impl::bury(endpoint_id index, std::uint64_t sequence) {
    auto& endpoint = endpoints_[index];
    const auto key = store::outbox_key(stored(endpoint.id), sequence);
    {
        const auto snapshot = environment_.read();
        if (const auto value = snapshot.get(table::outbox, key)) {
            must_keep().rows().put(table::dead_letters, key, *value);
            ++endpoint.dead;
            ++count_.dead_letters;
        }
    }
    remove_event(index, sequence);
}

std::size_t engine::impl::replay_dead_letters(account_id account, std::size_t limit) {
    const auto& owner = directory_[account];
    std::size_t replayed = 0;
    const auto replay = [&](endpoint_id index) {
        auto& endpoint = endpoints_[index];
        const auto snapshot = environment_.read();
        snapshot.for_each_with_prefix(
            table::dead_letters, store::outbox_prefix(stored(endpoint.id)),
            [&](std::string_view key, std::string_view value) {
                const auto position = store::parse_outbox_key(key);
                if (replayed >= limit || !position) {
                    return false;
                }
                if (!endpoint.busy.insert(position->sequence).second) {
                    return true;  // replayed a moment ago, not on disk yet
                }
                must_keep().rows().erase(table::dead_letters, key);
                must_keep().rows().put(table::outbox, key, value);
                must_keep().then(after::outbox_added{endpoint.id, position->sequence});
                ++endpoint.depth;
                endpoint.dead -= endpoint.dead > 0 ? 1 : 0;
                ++replayed;
                return true;
            });
        // They are older than give_up_after: the count of failing time begins anew.
        begin_anew(endpoint);
        want_endpoint(index);
    };
    replay(owner.smpp_endpoint);
    if (owner.webhook_endpoint) {
        replay(*owner.webhook_endpoint);
    }
    if (owner.callback_endpoint) {
        replay(*owner.callback_endpoint);
    }
    return replayed;
}

/// Events and dead letters that nobody has taken for the whole retention: an application that never
/// comes back must not fill the disk. Returns how many were erased, at most `limit`.
std::size_t engine::impl::erase_old_events(const store::snapshot& snapshot, std::int64_t before_ms,
                                           std::size_t limit) {
    std::size_t erased = 0;
    std::vector<std::uint64_t> old;
    const auto collect = [&](table which, const endpoint_state& endpoint) {
        old.clear();
        snapshot.for_each_with_prefix(
            which, store::outbox_prefix(stored(endpoint.id)), [&](std::string_view key, auto) {
                const auto position = store::parse_outbox_key(key);
                if (!position || store::id_milliseconds(position->sequence) >= before_ms ||
                    erased + old.size() >= limit) {
                    return false;
                }
                if (!endpoint.busy.contains(position->sequence)) {
                    old.push_back(position->sequence);
                }
                return true;
            });
    };
    for (auto& endpoint : endpoints_.all()) {
        if (erased >= limit) {
            break;
        }
        collect(table::outbox, endpoint);
        for (const auto sequence : old) {
            const auto at =
                std::lower_bound(endpoint.ready.begin(), endpoint.ready.end(), sequence);
            if (at != endpoint.ready.end() && *at == sequence) {
                endpoint.ready.erase(at);
            }
            remove_event(endpoint.id, sequence);
        }
        erased += old.size();
        collect(table::dead_letters, endpoint);
        for (const auto sequence : old) {
            must_keep().rows().erase(table::dead_letters,
                                     store::outbox_key(stored(endpoint.id), sequence));
            endpoint.dead -= endpoint.dead > 0 ? 1 : 0;
        }
        erased += old.size();
    }
    return erased;
}

}  // namespace hikyaku::gateway
