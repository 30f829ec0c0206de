#include "gateway/engine/engine.hpp"

#include <algorithm>
#include <ranges>

#include "gateway/engine/engine_impl.hpp"
#include "gateway/engine/engine_unmatched.hpp"

namespace hikyaku::gateway {

using store::table;

namespace {

/// One function for each alternative of a variant.
template <class... Functions>
struct overloaded : Functions... {
    using Functions::operator()...;
};

}  // namespace

engine::impl::impl(const config::settings& settings, store::environment& environment,
                   engine_outputs& outputs, std::function<std::uint64_t()> random, instant now,
                   const engine_limits& limits)
    : context_holder{{settings, environment, outputs, std::move(random), limits, {now}}},
      room(context_),
      send_mark_(environment_.path(), store::clock_identity(), now_.steady),
      directory_(context_, send_mark_.sent_before()),
      hit_log_(environment_.path(), meta_number(hits_stored_name).value_or(0)) {
    unmatched_ = std::make_unique<unmatched_desk>(*this);
    builder_.DedupVtables(false);  // looking for equal ones takes longer than writing them
    queued_total_ = environment_.read().count(table::queue);
    load_references();
    turn_.deadline = now_.steady;
    retention_.next = now_.steady + std::chrono::seconds(10);
    for (auto& carrier : directory_.carriers().all()) {
        read_id_forms(carrier);
    }
    for (auto& account : directory_.accounts().all()) {
        add_endpoints(account);
    }
    sweep_counted_to_ = last_id();
    ids_ = store::id_source(settings_.store.node, sweep_counted_to_);
    flows_.set_start([this](const flow& starting) {
        double least = -1;
        if (const auto* route = directory_.find(starting.route)) {
            for (const auto& target : route->targets) {
                const auto clock = directory_[target.carrier].virtual_time[starting.priority];
                least = least < 0 ? clock : std::min(least, clock);
            }
        }
        return std::max(least, 0.0);
    });
    find_flows();
    unmatched_->load();
    load_alias_counter();
    replay_unmatched();
    load_reply_parts();
    recount_hits();
    recover_hits();
}

/// The greatest id that is in use: messages and outbox entries have them from one source, and ids
/// must not come twice even when the clock was set back while the program was not running.
std::uint64_t engine::impl::last_id() const {
    const auto snapshot = environment_.read();
    std::uint64_t last = 0;
    if (const auto message = snapshot.last(table::messages)) {
        last = store::parse_message_key(message->key).value_or(0);
    }
    for (const auto& endpoint : endpoints_.all()) {
        for (const auto which : {table::outbox, table::dead_letters}) {
            const auto entry =
                snapshot.last_with_prefix(which, store::outbox_prefix(stored(endpoint.id)));
            const auto position = entry ? store::parse_outbox_key(entry->key) : std::nullopt;
            last = std::max(last, position ? position->sequence : 0);
        }
    }
    return last;
}

void engine::impl::add_endpoints(account_state& account) {
    account.smpp_endpoint = add_endpoint(account, "/smpp");
    if (account.settings->webhook) {
        account.webhook_endpoint = add_endpoint(account, "/webhook");
    }
    if (account.settings->sendsms) {
        account.callback_endpoint = add_endpoint(account, "/sendsms");
    }
}

endpoint_id engine::impl::add_endpoint(const account_state& account, std::string_view kind) {
    const auto& name = account.settings->name;
    const endpoint_id id{
        directory_.number_of(store::name_kind::endpoint, std::string(name).append(kind))};
    auto& endpoint = endpoints_.emplace(id);
    endpoint.id = id;
    endpoint.account = account.id;
    endpoint.webhook = kind == "/webhook";
    if (kind == "/sendsms") {
        endpoint.callbacks = std::make_unique<callback_queue>();
    }
    const auto snapshot = environment_.read();
    const auto count = [&](table which) {
        std::uint64_t entries = 0;
        snapshot.for_each_with_prefix(which, store::outbox_prefix(stored(id)),
                                      [&](auto, auto) { return ++entries < 1'000'000; });
        return entries;
    };
    endpoint.depth = count(table::outbox);
    endpoint.dead = count(table::dead_letters);
    endpoint.more_on_disk = endpoint.depth > 0;
    endpoint.disabled = endpoint.webhook && snapshot.has(table::meta, "webhook_disabled:" + name);
    return id;
}

void engine::impl::flush() {
    settle_parked();
    pump();
    // Pumping may want further endpoints; those wait for the list's next round of this loop.
    for (std::size_t i = 0; i < wanted_endpoints_.size(); ++i) {
        auto& endpoint = endpoints_[wanted_endpoints_[i]];
        endpoint.wanted = false;
        if (endpoint.webhook) {
            pump_webhook(endpoint);
        } else if (endpoint.callbacks) {
            pump_callbacks(endpoint.id);
        } else {
            pump_sessions(endpoint);
        }
    }
    wanted_endpoints_.clear();
    flush_hits();
    batches_.flush(hits_pending_ >= settings_.links.hits_pending_max / 2);
}

void engine::impl::follow(continuation& next, bool ok) {
    // A batch that must be kept fails only when the writer gives up at the very end: no answer
    // then, and a carrier sends again.
    const auto settle = [ok](auto&& answer) {
        if (ok) {
            answer();
        }
    };
    std::visit(
        overloaded{
            [&](const after::accepted& what) { on_accepted(what, ok); },
            [&](const after::joined& what) { on_joined(what.message, ok); },
            [&](const after::marked& what) { on_marked(what.message, what.carrier, ok); },
            [&](const after::replaced& what) { on_replaced(what.message); },
            [&](const after::replaced_by& what) {
                answer_at(what.due, what.ticket, what.message);
                on_replaced(what.message);
            },
            [&](const after::operated& what) {
                settle([&] { outputs_.operation_settled(what.ticket, what.status); });
            },
            [&](const after::scan_ready& what) { on_scan_ready(what.account); },
            [&](const after::unpin& what) { unpin(what.message); },
            [&](const after::acknowledge& what) {
                settle([&] {
                    outputs_.acknowledge(what.bind, what.sequence, what.request,
                                         smpp::command_status::esme_rok);
                });
            },
            [&](const after::outbox_added& what) { on_outbox_added(what.endpoint, what.sequence); },
            [&](const after::outbox_removed& what) {
                endpoints_[what.endpoint].busy.erase(what.sequence);
            },
            [&](const after::cancelled& what) {
                settle([&] { outputs_.cancellation_settled(what.ticket, what.message); });
            },
            [&](const after::hits_stored& what) { on_hits_stored(what, ok); },
            [&](const after::hits_counted& what) { hit_tally_.written(what.message); },
            [&](const after::retention_done& what) { on_retained(what.of_rest); },
            [&](const after::unmatched_gone& what) { unmatched_->on_gone(what.counter); },
            [&](const after::replayed& what) {
                settle([&] { outputs_.replay_settled(what.ticket); });
            },
            [&](after::receipt_key_stored& what) {
                fresh_keys_.committed(std::move(what.key), now_.steady);
            },
            [&](const after::reply_stored& what) { replies_in_flight_.erase(what.key); },
            [&](const after::part_stored& what) { on_part_stored(what.key); },
        },
        next);
}

void engine::impl::tick() {
    turn_.deadline = now_.steady + std::chrono::seconds(1);
    answer_due();
    step_scans();
    sweep_marks();
    forget_resting();
    fresh_keys_.forget_old(now_.steady);
    if (!turn_.draining && !turn_.store_failing) {
        wake_flows();
        sweep_expired();
        retain();
        sweep_replies();
    }
    for (const auto& endpoint : endpoints_.all()) {
        if (!endpoint.ready.empty() || endpoint.more_on_disk || endpoint.callbacks ||
            !endpoint.batches.alone().empty()) {
            want_endpoint(endpoint.id);
        }
        if (endpoint.next_post > now_.steady) {
            want_tick(endpoint.next_post);
        }
    }
    for (const auto& [id, session] : sessions_) {
        if (session.paused_until > now_.steady) {
            want_tick(session.paused_until);
        }
    }
    if (!paced_.empty()) {
        want_tick(paced_.top().due);
    }
}

void engine::impl::want_endpoint(endpoint_id endpoint) {
    if (!endpoints_[endpoint].wanted) {
        endpoints_[endpoint].wanted = true;
        wanted_endpoints_.push_back(endpoint);
    }
}

steady_time engine::impl::next_deadline() const {
    auto next = turn_.deadline;
    if (flows_.ready_total() == 0 || turn_.draining || turn_.store_failing) {
        return next;
    }
    for (const auto& carrier : directory_.carriers().all()) {
        const auto ready = carrier.ready_at();
        if (carrier.up() && ready > now_.steady) {
            next = std::min(next, ready);
        }
    }
    return next;
}

bool engine::impl::drained() const {
    const auto busy_endpoint = [](const endpoint_state& endpoint) {
        return endpoint.token != 0 || (endpoint.callbacks && endpoint.callbacks->running() > 0);
    };
    const auto busy_session = [](const auto& entry) { return !entry.second.outstanding.empty(); };
    return attempts_in_flight_ == 0 && batches_.idle() && paced_.empty() && scans_.empty() &&
           std::ranges::none_of(endpoints_.all(), busy_endpoint) &&
           std::none_of(sessions_.begin(), sessions_.end(), busy_session);
}

}  // namespace hikyaku::gateway
