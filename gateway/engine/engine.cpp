#include "gateway/engine/engine.hpp"

#include <algorithm>
#include <cassert>

#include "gateway/engine/engine_impl.hpp"
#include "gateway/engine/engine_unmatched.hpp"
#include "store/environment.hpp"

namespace hikyaku::gateway {

using store::name_kind;
using store::table;

namespace {

constexpr std::chrono::milliseconds unhurried_wait{10};
constexpr std::size_t unhurried_bytes_max = 1 << 20;

/// Answers that wait for nothing but the commit.
void settle(engine_outputs& outputs, const continuation& next) {
    const reply_ticket ticket{session_id{next.b}, next.c};
    switch (next.what) {
        case after::operated:
            outputs.operation_settled(ticket, static_cast<smpp::command_status>(next.a));
            break;
        case after::acknowledge:
            outputs.acknowledge(bind_id{next.a}, next.c, static_cast<smpp::command_id>(next.b),
                                smpp::command_status::esme_rok);
            break;
        case after::cancelled:
            outputs.cancellation_settled(ticket, message_id{next.a});
            break;
        case after::replayed:
            outputs.replay_settled(ticket);
            break;
        default:
            break;
    }
}

}  // namespace

engine::impl::impl(const config::settings& settings, store::environment& environment,
                   engine_outputs& outputs, std::function<std::uint64_t()> random, instant now,
                   const engine_limits& limits)
    : settings_(settings),
      environment_(environment),
      outputs_(outputs),
      random_(std::move(random)),
      now_(now),
      ids_(settings.store.node),
      send_mark_(environment.path(), store::clock_identity(), now.steady),
      router_(settings.routes),
      limits_(limits),
      hit_log_(environment.path(), meta_number(hits_stored_name).value_or(0)) {
    unmatched_ = std::make_unique<unmatched_desk>(*this);
    builder_.DedupVtables(false);  // looking for equal ones takes longer than writing them
    queued_total_ = environment_.read().count(table::queue);
    load_references();
    deadline_ = now.steady;
    retention_.next = now.steady + std::chrono::seconds(10);
    name_everything();
    sweep_counted_to_ = last_id();
    ids_ = store::id_source(settings.store.node, sweep_counted_to_);
    flows_.set_start([this](const flow& starting) {
        const auto route = route_by_number_.find(starting.route);
        double least = -1;
        if (route != route_by_number_.end()) {
            for (const auto& target : routes_[route->second].targets) {
                const auto clock = carriers_[target.carrier].virtual_time[starting.priority];
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
    for (const auto& endpoint : endpoints_) {
        for (const auto which : {table::outbox, table::dead_letters}) {
            const auto entry =
                snapshot.last_with_prefix(which, store::outbox_prefix(endpoint.number));
            const auto position = entry ? store::parse_outbox_key(entry->key) : std::nullopt;
            last = std::max(last, position ? position->sequence : 0);
        }
    }
    return last;
}

std::uint32_t engine::impl::number_of(name_kind kind, std::string_view name) {
    const auto key = std::pair{static_cast<std::uint8_t>(kind), std::string(name)};
    const auto known = numbers_.find(key);
    if (known != numbers_.end()) {
        return known->second;
    }
    std::uint32_t highest = 0;
    for (const auto& [other, number] : numbers_) {
        if (other.first == key.first) {
            highest = std::max(highest, number);
        }
    }
    numbers_.emplace(key, highest + 1);
    state().batch->put(table::names, store::name_key(kind, name), store::name_value(highest + 1));
    return highest + 1;
}

void engine::impl::name_everything() {
    {
        const auto snapshot = environment_.read();
        snapshot.for_each(table::names, "", [&](std::string_view key, std::string_view value) {
            store::key_reader reader(key);
            const auto kind = reader.u8();
            const auto number = store::parse_name_value(value);
            if (reader.ok() && number) {
                numbers_.emplace(std::pair{kind, std::string(key.substr(1))}, *number);
            }
            return true;
        });
    }
    for (const auto& carrier : settings_.carriers) {
        const auto number = number_of(name_kind::carrier, carrier.name);
        carriers_.emplace_back(carrier, number, send_mark_.sent_before());
        carrier_by_number_[carriers_.back().number] = carriers_.size() - 1;
        read_id_forms(carriers_.size() - 1);
    }
    accounts_.resize(settings_.accounts.size());
    for (std::size_t i = 0; i < settings_.accounts.size(); ++i) {
        add_account(i);
    }
    add_routes();
}

void engine::impl::add_account(std::size_t index) {
    const auto& settings = settings_.accounts[index];
    auto& account = accounts_[index];
    account.settings = &settings;
    account.number = number_of(name_kind::account, settings.name);
    account.rate = token_bucket(settings.rate.per_second, settings.rate.burst);
    account_by_number_[account.number] = index;
    if (!settings.system_id.empty()) {
        account_by_system_id_[settings.system_id] = index;
    }
    for (const auto& token : settings.api_tokens) {
        account_by_token_[token] = index;
    }
    if (settings.sendsms) {
        account_by_username_[settings.sendsms->username] = index;
    }
    for (const auto& number : settings.numbers) {
        account_by_reply_number_[number.starts_with('+') ? number.substr(1) : number] = index;
    }
    for (const auto& keyword : settings.keywords) {
        account_by_keyword_[fold_keyword(keyword)] = index;
    }
    const auto add_endpoint = [&](std::string_view kind) {
        const bool webhook = kind == "/webhook";
        endpoint_state endpoint;
        endpoint.number = number_of(name_kind::endpoint, std::string(settings.name).append(kind));
        endpoint.account = index;
        endpoint.webhook = webhook;
        if (kind == "/sendsms") {
            endpoint.callbacks = std::make_unique<callback_queue>();
        }
        const auto snapshot = environment_.read();
        const auto count = [&](table which) {
            std::uint64_t entries = 0;
            snapshot.for_each_with_prefix(which, store::outbox_prefix(endpoint.number),
                                          [&](auto, auto) { return ++entries < 1'000'000; });
            return entries;
        };
        endpoint.depth = count(table::outbox);
        endpoint.dead = count(table::dead_letters);
        endpoint.more_on_disk = endpoint.depth > 0;
        endpoint.disabled =
            snapshot.has(table::meta, "webhook_disabled:" + settings.name) && webhook;
        endpoints_.push_back(std::move(endpoint));
        return endpoints_.size() - 1;
    };
    account.smpp_endpoint = add_endpoint("/smpp");
    if (settings.webhook) {
        account.webhook_endpoint = add_endpoint("/webhook");
    }
    if (settings.sendsms) {
        account.callback_endpoint = add_endpoint("/sendsms");
    }
}

void engine::impl::add_routes() {
    for (const auto& rule : settings_.routes) {
        route_state route;
        route.settings = &rule;
        route.number = number_of(name_kind::route, rule.name);
        for (const auto& wanted : rule.targets) {
            const auto at = std::find_if(
                carriers_.begin(), carriers_.end(),
                [&](const auto& carrier) { return carrier.settings->name == wanted.carrier; });
            if (at != carriers_.end()) {
                route.targets.push_back({static_cast<std::size_t>(at - carriers_.begin()),
                                         wanted.weight, wanted.priority, 0});
            }
        }
        route.texts_differ = std::any_of(
            route.targets.begin(), route.targets.end(), [&](const target_state& target) {
                return carriers_[target.carrier].text_fingerprint !=
                       carriers_[route.targets.front().carrier].text_fingerprint;
            });
        route_by_number_[route.number] = routes_.size();
        routes_.push_back(std::move(route));
    }
}

void engine::impl::set_now(instant now) {
    now_.steady = std::max(now_.steady, now.steady);
    now_.wall_ms = std::max(now_.wall_ms, now.wall_ms);
}

void engine::impl::want_tick_ms(std::int64_t wall_ms) {
    if (wall_ms == never_ms) {
        return;
    }
    const auto ahead = std::clamp<std::int64_t>(wall_ms - now_.wall_ms, 0, 1000);
    want_tick(now_.steady + std::chrono::milliseconds(ahead));
}

pending_batch& engine::impl::acceptance() {
    if (!acceptance_.batch) {
        acceptance_.batch = std::make_unique<store::batch>();
    }
    return acceptance_;
}

pending_batch& engine::impl::state_batch() {
    if (!state_.batch) {
        state_.batch = std::make_unique<store::batch>();
    }
    return state_;
}

pending_batch& engine::impl::state() {
    state_hurries_ = true;
    return state_batch();
}

/// For what is safe already and may wait a little for others, so that one commit takes them all.
pending_batch& engine::impl::unhurried_state() {
    if (!unhurried_since_) {
        unhurried_since_ = now_.steady;
    }
    return state_batch();
}

void engine::impl::hand_over_state() {
    const bool wait = !state_hurries_ && !draining_ && acceptance_.then.empty() &&
                      unhurried_since_ && now_.steady - *unhurried_since_ < unhurried_wait &&
                      state_.batch->bytes() < unhurried_bytes_max &&
                      hits_pending_ < settings_.links.hits_pending_max / 2;
    if (wait) {
        want_tick(*unhurried_since_ + unhurried_wait);
        return;
    }
    state_hurries_ = false;
    unhurried_since_.reset();
    hand_over(commit_kind::state, state_);
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
            pump_callbacks(wanted_endpoints_[i]);
        } else {
            pump_sessions(endpoint);
        }
    }
    wanted_endpoints_.clear();
    flush_hits();
    hand_over_state();
    hand_over(commit_kind::acceptance, acceptance_);
}

void engine::impl::hand_over(commit_kind kind, pending_batch& from) {
    if (from.then.empty() && (!from.batch || from.batch->empty())) {
        return;
    }
    const auto ticket = next_ticket_++;
    committing_bytes_ += from.batch->bytes();
    bytes_of_ticket_[ticket] = from.batch->bytes();
    auto batch = std::move(from.batch);
    committing_.emplace(ticket, std::move(from));
    if (spare_.empty()) {
        from = pending_batch{};
    } else {
        from = std::move(spare_.back());
        spare_.pop_back();
    }
    outputs_.commit(kind, std::move(batch), ticket);
}

void engine::impl::on_committed(std::uint64_t ticket, bool ok,
                                std::unique_ptr<store::batch> batch) {
    const auto at = committing_.find(ticket);
    assert(at != committing_.end());
    auto done = std::move(at->second);
    committing_.erase(at);
    committing_bytes_ -= bytes_of_ticket_[ticket];
    bytes_of_ticket_.erase(ticket);
    ++(ok ? count_.commits : count_.commits_failed);
    for (auto& key : done.receipt_keys) {
        fresh_keys_.committed(std::move(key), now_.steady);
    }
    for (const auto& key : done.reply_keys) {
        replies_in_flight_.erase(key);
    }
    for (const auto& key : done.part_keys) {
        const auto part = uncommitted_parts_.find(key);
        if (--part->second.batches == 0) {
            uncommitted_parts_.erase(part);
        }
    }
    for (const auto& next : done.then) {
        follow(next, ok);
    }
    done.then.clear();
    done.receipt_keys.clear();
    done.reply_keys.clear();
    done.part_keys.clear();
    if (spare_.size() < 16) {
        if (batch) {
            batch->clear();
        }
        done.batch = std::move(batch);
        spare_.push_back(std::move(done));
    }
}

void engine::impl::follow(const continuation& next, bool ok) {
    switch (next.what) {
        case after::accepted:
        case after::joined:
            on_accepted(next, ok);
            break;
        case after::marked:
            on_marked(message_id{next.a}, next.b, ok);
            break;
        case after::replaced:
            on_replaced(message_id{next.a});
            break;
        case after::replaced_by:
            answer_at(next.due, {session_id{next.b}, next.c}, message_id{next.a});
            on_replaced(message_id{next.a});
            break;
        case after::operated:
        case after::acknowledge:
        case after::cancelled:
        case after::replayed:
            // A state batch fails only when the writer gives up at the very end: no answer then,
            // and a carrier sends again.
            if (ok) {
                settle(outputs_, next);
            }
            break;
        case after::scan_ready:
            on_scan_ready(next.a);
            break;
        case after::unpin:
            if (auto* live = live_.find(message_id{next.a})) {
                --live->pins;
                release(*live);
            }
            break;
        case after::outbox_added:
            on_outbox_added(next.a, next.b);
            break;
        case after::outbox_removed:
            endpoints_[next.a].busy.erase(next.b);
            break;
        case after::hits_stored:
            hits_pending_ -= next.a;
            if (ok) {
                hit_log_.release(next.b);
            }
            break;
        case after::hits_counted:
            hit_tally_.written(message_id{next.a});
            break;
        case after::retention_done:
            --retention_.steps;
            retention_.of_rest = retention_.of_rest && next.a == 0;
            want_tick(retention_.next);
            break;
        case after::unmatched_gone:
            unmatched_->on_gone(next.a);
            break;
    }
}

void engine::impl::tick() {
    deadline_ = now_.steady + std::chrono::seconds(1);
    answer_due();
    step_scans();
    sweep_marks();
    forget_resting();
    fresh_keys_.forget_old(now_.steady);
    if (!draining_ && !store_failing_) {
        wake_flows();
        sweep_expired();
        retain();
        sweep_replies();
    }
    for (std::size_t i = 0; i < endpoints_.size(); ++i) {
        auto& endpoint = endpoints_[i];
        if (!endpoint.ready.empty() || endpoint.more_on_disk || endpoint.callbacks ||
            !endpoint.batches.alone().empty()) {
            want_endpoint(i);
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

void engine::impl::want_endpoint(std::size_t endpoint) {
    if (!endpoints_[endpoint].wanted) {
        endpoints_[endpoint].wanted = true;
        wanted_endpoints_.push_back(endpoint);
    }
}

steady_time engine::impl::next_deadline() const {
    auto next = deadline_;
    if (flows_.ready_total() == 0 || draining_ || store_failing_) {
        return next;
    }
    for (const auto& carrier : carriers_) {
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
    const auto is_empty = [](const pending_batch& pending) {
        return pending.then.empty() && (!pending.batch || pending.batch->empty());
    };
    const auto busy_session = [](const auto& entry) { return !entry.second.outstanding.empty(); };
    return attempts_in_flight_ == 0 && committing_.empty() && paced_.empty() && scans_.empty() &&
           is_empty(acceptance_) && is_empty(state_) &&
           std::none_of(endpoints_.begin(), endpoints_.end(), busy_endpoint) &&
           std::none_of(sessions_.begin(), sessions_.end(), busy_session);
}

std::string fold_keyword(std::string_view word) {
    std::string out(word);
    std::transform(out.begin(), out.end(), out.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return out;
}

}  // namespace hikyaku::gateway
