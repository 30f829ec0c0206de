// The engine's public functions: they note the time and pass the call on to the inside.
#include <fmt/format.h>

#include "gateway/engine/engine_impl.hpp"
#include "gateway/engine/engine_unmatched.hpp"
#include "smpp/pdu/pdu.hpp"
#include "store/environment.hpp"

namespace hikyaku::gateway {

engine::engine(const config::settings& settings, store::environment& environment,
               engine_outputs& outputs, std::function<std::uint64_t()> random, instant now,
               const engine_limits& limits)
    : impl_(
          std::make_unique<impl>(settings, environment, outputs, std::move(random), now, limits)) {}

engine::~engine() = default;

std::optional<account_id> engine::account_by_system_id(std::string_view system_id) const {
    return impl_->directory_.account_by_system_id(system_id);
}

std::optional<account_id> engine::account_by_token(std::string_view api_token) const {
    return impl_->directory_.account_by_token(api_token);
}

std::optional<account_id> engine::account_by_username(std::string_view username) const {
    return impl_->directory_.account_by_username(username);
}

bool engine::has_carrier_up(message_id id) const {
    const auto* live = impl_->live_.find(id);
    const auto* route =
        live == nullptr ? nullptr : impl_->directory_.find(route_id{live->position.route});
    return route != nullptr && std::ranges::any_of(route->targets, [&](const auto& target) {
               return impl_->directory_[target.carrier].up();
           });
}

const config::account& engine::settings_of(account_id account) const {
    return *impl_->directory_[account].settings;
}

void engine::on_session_up(session_id session, const session_facts& facts, instant now) {
    impl_->turn_.set_now(now);
    auto& account = impl_->directory_[facts.account];
    auto& state = impl_->sessions_[session];
    state.id = session;
    state.account = facts.account;
    state.can_receive = facts.can_receive;
    state.window = facts.receipt_window;
    state.version = facts.version;
    account.sessions.push_back(session);
    impl_->want_endpoint(account.smpp_endpoint);
}

void engine::on_session_down(session_id session, instant now) {
    impl_->turn_.set_now(now);
    impl_->on_session_down(session);
}

void engine::on_delivery_answer(session_id session, std::uint64_t outbox_sequence,
                                smpp::command_status status, instant now) {
    impl_->turn_.set_now(now);
    impl_->on_delivery_answer(session, outbox_sequence, status, false);
}

void engine::on_delivery_unfit(session_id session, std::uint64_t outbox_sequence, instant now) {
    impl_->turn_.set_now(now);
    const auto at = impl_->sessions_.find(session);
    if (at != impl_->sessions_.end() && at->second.outstanding.erase(outbox_sequence) != 0) {
        const auto endpoint = impl_->directory_[at->second.account].smpp_endpoint;
        impl_->bury(endpoint, outbox_sequence);
        impl_->want_endpoint(endpoint);
    }
}

void engine::on_delivery_timeout(session_id session, std::uint64_t outbox_sequence, instant now) {
    impl_->turn_.set_now(now);
    impl_->on_delivery_answer(session, outbox_sequence, smpp::command_status::esme_rsyserr, true);
}

submit_result engine::submit(account_id account, submission&& message, reply_ticket ticket,
                             instant now) {
    impl_->turn_.set_now(now);
    return impl_->submit(account, std::move(message), ticket);
}

estimate_result engine::estimate(account_id account, submission&& message, instant now) {
    impl_->turn_.set_now(now);
    return impl_->estimate(account, std::move(message));
}

refusal engine::cancel(account_id account, message_id id, reply_ticket ticket, instant now) {
    impl_->turn_.set_now(now);
    return impl_->cancel(account, id, ticket);
}

multi_result engine::submit_multi(account_id account, submission&& message,
                                  std::span<const phone_address> destinations, reply_ticket ticket,
                                  instant now) {
    impl_->turn_.set_now(now);
    return impl_->submit_multi(account, std::move(message), destinations, ticket);
}

std::optional<message_id> engine::find_alias(std::uint32_t alias) const {
    return impl_->find_alias(alias);
}

std::uint32_t engine::alias_of(message_id id) const {
    // Nothing is loaded or released here: the caller may stand inside the engine.
    if (const auto* live = impl_->live_.find(id)) {
        return live->record().alias();
    }
    const auto snapshot = impl_->environment_.read();
    const auto value =
        snapshot.get(store::table::messages, store::message_key(static_cast<std::uint64_t>(id)));
    store::record_reader reader;
    const auto* message = value ? reader.read<store::record::Message>(*value) : nullptr;
    return message == nullptr ? 0 : message->alias();
}

std::optional<query_view> engine::query(account_id account, const operation_target& what,
                                        instant now) const {
    impl_->turn_.set_now(now);
    return impl_->query(account, what);
}

smpp::command_status engine::cancel_matching(account_id account, const operation_target& what,
                                             reply_ticket ticket, instant now) {
    impl_->turn_.set_now(now);
    return impl_->cancel_matching(account, what, ticket);
}

smpp::command_status engine::replace(account_id account, const operation_target& what,
                                     replacement&& by, reply_ticket ticket, instant now) {
    impl_->turn_.set_now(now);
    return impl_->replace(account, what, std::move(by), ticket);
}

void engine::on_alert_notification(bind_id, const smpp::alert_notification& alert,
                                   const smpp::tlv_list& tlvs, instant now) {
    impl_->turn_.set_now(now);
    impl_->on_alert_notification(alert, tlvs);
}

std::optional<message_view> engine::find(account_id account, message_id id) const {
    return impl_->view(account, id);
}

std::vector<message_view> engine::find_by_reference(account_id account, std::string_view reference,
                                                    std::size_t limit) const {
    std::vector<message_id> ids;
    {
        const auto number = stored(account);
        const auto prefix = store::reference_prefix(number, reference);
        const auto snapshot = impl_->environment_.read();
        store::cursor at(snapshot, store::table::references);
        bool there = at.seek_before(store::reference_key(number, reference, ~std::uint64_t{0}));
        for (; there && at.key().starts_with(prefix.view()) && ids.size() < limit;
             there = at.previous()) {
            if (const auto id = store::parse_reference_key(at.key())) {
                ids.push_back(message_id{*id});
            }
        }
    }
    std::vector<message_view> found;
    for (const auto id : ids) {
        if (auto view = impl_->view(account, id)) {
            found.push_back(std::move(*view));
        }
    }
    return found;
}

idempotent_reply engine::begin_idempotent(account_id account, std::string_view key,
                                          std::string_view body_hash, instant now) {
    impl_->turn_.set_now(now);
    return impl_->begin_idempotent(account, key, body_hash);
}

void engine::store_reply(account_id account, std::string_view key, std::uint32_t status,
                         std::string_view content_type, std::string_view body, instant now) {
    impl_->turn_.set_now(now);
    impl_->store_reply(account, key, status, content_type, body);
}

void engine::forget_reply(account_id account, std::string_view key) {
    const auto number = stored(account);
    impl_->reply_hashes_.erase(std::string(store::idempotency_key(number, key).view()));
    impl_->replies_in_flight_.erase(std::string(store::idempotency_key(number, key).view()));
}

carrier_id engine::carrier_by_name(std::string_view name) const {
    return impl_->directory_.carrier_by_name(name).value_or(carrier_id{});
}

void engine::on_bind_up(bind_id bind, const bind_facts& facts, instant now) {
    impl_->turn_.set_now(now);
    impl_->on_bind_up(bind, facts);
}

void engine::on_congestion(bind_id bind, std::uint8_t state, instant now) {
    impl_->turn_.set_now(now);
    if (auto* carrier = impl_->carrier_of(bind)) {
        carrier->on_congestion(state, impl_->now_.steady);
    }
}

void engine::on_bind_down(bind_id bind, instant now) {
    impl_->turn_.set_now(now);
    const auto at = impl_->carrier_by_bind_.find(bind);
    if (at == impl_->carrier_by_bind_.end()) {
        return;
    }
    auto& binds = impl_->directory_[at->second].binds;
    std::erase_if(binds, [&](const carrier_bind& other) { return other.id == bind; });
    impl_->carrier_by_bind_.erase(at);
    for (auto& late : impl_->attempts_) {
        if (late.used && late.timed_out && late.bind == bind) {
            impl_->free_attempt(late);
        }
    }
}

void engine::on_response(bind_id bind, std::uint64_t token, smpp::command_status status,
                         std::string_view carrier_message_id, instant now,
                         const refusal_words& words) {
    impl_->turn_.set_now(now);
    impl_->on_response(bind, token, {status, carrier_message_id, words});
}

void engine::on_attempt_failed(bind_id bind, std::uint64_t token, attempt_failure why,
                               instant now) {
    impl_->turn_.set_now(now);
    impl_->on_attempt_failed(bind, token, why);
}

void engine::on_deliver_sm(bind_id bind, std::uint32_t sequence, const smpp::deliver_sm& request,
                           const smpp::tlv_list& tlvs, instant now) {
    impl_->turn_.set_now(now);
    const auto octets = smpp::message_octets(request, tlvs).value_or(request.short_message);
    impl_->on_carrier_message(
        bind, sequence, smpp::command_id::deliver_sm,
        {request.source_addr_ton, request.source_addr_npi, request.source_addr,
         request.dest_addr_ton, request.dest_addr_npi, request.destination_addr, request.esm_class,
         request.data_coding, octets, tlvs});
}

void engine::on_data_sm(bind_id bind, std::uint32_t sequence, const smpp::data_sm& request,
                        const smpp::tlv_list& tlvs, instant now) {
    impl_->turn_.set_now(now);
    const auto octets = smpp::message_octets(request, tlvs).value_or(smpp::octet_view{});
    impl_->on_carrier_message(
        bind, sequence, smpp::command_id::data_sm,
        {request.source_addr_ton, request.source_addr_npi, request.source_addr,
         request.dest_addr_ton, request.dest_addr_npi, request.destination_addr, request.esm_class,
         request.data_coding, octets, tlvs});
}

void engine::on_webhook_answer(account_id account, std::uint64_t token,
                               const webhook_answer& answer, instant now) {
    impl_->turn_.set_now(now);
    impl_->on_webhook_answer(account, token, answer);
}

void engine::on_callback_answer(account_id account, std::uint64_t token,
                                const webhook_answer& answer, instant now) {
    impl_->turn_.set_now(now);
    impl_->on_callback_answer(account, token, answer);
}

std::size_t engine::replay_dead_letters(account_id account, std::size_t limit, instant now) {
    impl_->turn_.set_now(now);
    return impl_->replay_dead_letters(account, limit);
}

void engine::enable_webhook(account_id account, instant now) {
    impl_->turn_.set_now(now);
    const auto& state = impl_->directory_[account];
    if (state.webhook_endpoint) {
        impl_->set_webhook_disabled(impl_->endpoints_[*state.webhook_endpoint], false);
        impl_->want_endpoint(*state.webhook_endpoint);
    }
}

void engine::on_hit(const hit_facts& hit, const link_view& link, instant now) {
    impl_->turn_.set_now(now);
    impl_->on_hit(hit, link);
}

void engine::on_committed(std::uint64_t ticket, bool ok, std::unique_ptr<store::batch> batch,
                          instant now) {
    impl_->turn_.set_now(now);
    ++(ok ? impl_->count_.commits : impl_->count_.commits_failed);
    impl_->batches_.on_committed(ticket, std::move(batch),
                                 [&](continuation& next) { impl_->follow(next, ok); });
}

void engine::set_store_failing(bool failing) {
    impl_->turn_.store_failing = failing;
}

void engine::begin_drain() {
    impl_->turn_.draining = true;
    impl_->sweep_marks();
}

bool engine::drained() const {
    return impl_->drained();
}

void engine::pause_carrier(carrier_id carrier, bool paused, instant now) {
    impl_->turn_.set_now(now);
    if (auto* found = impl_->directory_.find(carrier)) {
        found->paused_by_operator = paused;
    }
}

void engine::flush(instant now) {
    impl_->turn_.set_now(now);
    impl_->flush();
}

void engine::tick(instant now) {
    impl_->turn_.set_now(now);
    impl_->tick();
}

std::chrono::steady_clock::time_point engine::next_deadline(instant now) const {
    impl_->turn_.set_now(now);
    return impl_->next_deadline();
}

const counters& engine::count() const {
    return impl_->count_;
}

std::vector<account_view> engine::accounts() const {
    std::vector<account_view> views;
    for (const auto& account : impl_->directory_.accounts().all()) {
        account_view view{.id = account.id,
                          .name = account.settings->name,
                          .queued = account.queued,
                          .outbox_smpp = impl_->endpoints_[account.smpp_endpoint].depth,
                          .sessions = static_cast<std::uint32_t>(account.sessions.size()),
                          .settings = account.settings};
        view.dead_letters = impl_->endpoints_[account.smpp_endpoint].dead;
        if (account.webhook_endpoint) {
            const auto& webhook = impl_->endpoints_[*account.webhook_endpoint];
            view.outbox_webhook = webhook.depth;
            view.dead_letters += webhook.dead;
            view.webhook_disabled = webhook.disabled;
        }
        if (account.callback_endpoint) {
            const auto& callbacks = impl_->endpoints_[*account.callback_endpoint];
            view.outbox_callback = callbacks.depth;
            view.dead_letters += callbacks.dead;
        }
        views.push_back(std::move(view));
    }
    return views;
}

std::vector<carrier_view> engine::carriers() const {
    std::vector<carrier_view> views;
    for (const auto& carrier : impl_->directory_.carriers().all()) {
        carrier_view view{.id = carrier.id,
                          .name = carrier.settings->name,
                          .binds_up = static_cast<std::uint32_t>(carrier.binds.size()),
                          .paused = carrier.paused_by_operator,
                          .submitted = carrier.submitted,
                          .refused = carrier.refused,
                          .throttled = carrier.throttled,
                          .unknown_stats = carrier.unknown_stats,
                          .unmatched = carrier.unmatched,
                          .receipts_replayed = carrier.receipts_replayed,
                          .replies_replayed = carrier.replies_replayed};
        for (const auto& bind : carrier.binds) {
            view.in_flight += bind.in_flight;
            if (bind.can_transmit) {
                view.window += carrier.limit_of(bind, impl_->now_.steady);
                view.window_max += bind.window.max();
            }
        }
        view.congestion = carrier.congestion;
        views.push_back(std::move(view));
    }
    return views;
}

unmatched_page engine::unmatched(const unmatched_query& query) const {
    return impl_->unmatched_->page(query);
}

std::optional<unmatched_view> engine::find_unmatched(
    const store::unmatched_position& position) const {
    return impl_->unmatched_->find(position);
}

unmatched_replay engine::replay_unmatched(const store::unmatched_position& position,
                                          reply_ticket ticket, instant now) {
    impl_->turn_.set_now(now);
    return impl_->unmatched_->replay(position, ticket);
}

std::uint64_t engine::queued() const {
    return impl_->queued_total_;
}

std::int64_t engine::oldest_ready_age_ms(instant now) const {
    std::int64_t oldest = now.wall_ms;
    for (const auto& flow : impl_->flows_.all()) {
        if (!flow->ready.empty()) {
            oldest = std::min(oldest, flow->ready.front()->position.not_before);
        }
    }
    return now.wall_ms - oldest;
}

route_explanation engine::explain_route(std::string_view account, std::string_view source,
                                        std::string_view destination, std::string_view tag) const {
    const route_query query{account, source, destination, tag};
    const auto& rules = impl_->directory_.rules();
    route_explanation out{.route = {}, .reasons = rules.explain(query), .carriers = {}};
    if (const auto match = rules.match(query)) {
        out.route = impl_->settings_.routes[*match].name;
        for (const auto& target : impl_->settings_.routes[*match].targets) {
            out.carriers.push_back(target.carrier);
        }
    }
    return out;
}

}  // namespace hikyaku::gateway
