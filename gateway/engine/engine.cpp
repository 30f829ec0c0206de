// The engine as the outside sees it: each call notes the time and goes to the room that it is for;
// what a commit was waited for goes back to the room that waits.
#include "gateway/engine/engine.hpp"

#include <algorithm>

#include "gateway/engine/engine_impl.hpp"
#include "gateway/model/files.hpp"
#include "gateway/model/tables.hpp"
#include "smpp/pdu/pdu.hpp"

namespace hikyaku::gateway {

namespace table = model::table;

namespace {

/// One function for each alternative of a variant.
template <class... Functions>
struct overloaded : Functions... {
    using Functions::operator()...;
};
template <class... Functions>
overloaded(Functions...) -> overloaded<Functions...>;

}  // namespace

engine::impl::impl(std::shared_ptr<const config::settings> settings,
                   store::environment& environment, engine_outputs& outputs,
                   std::function<std::uint64_t()> random, instant now, engine_options options)
    : context_{std::move(settings), environment, outputs, std::move(random), options.limits, {now}},
      send_mark_(model::sent_mark_path(environment.path()), model::sent_mark_magic,
                 store::clock_identity(), now.steady),
      directory_(context_, send_mark_.acted_before()),
      answers_(context_),
      delivery_(context_, directory_, answers_, std::move(options.consumers)),
      references_(context_),
      gate_(options.gate == nullptr ? open_gate_ : *options.gate),
      messages_(context_, directory_, delivery_, gate_),
      attempts_(options.limits.late_attempts_max),
      unmatched_(context_, directory_),
      used_names_(context_, directory_),
      receiving_(context_, directory_, messages_, delivery_, attempts_, unmatched_, used_names_),
      sending_(context_, directory_, messages_, receiving_, references_, attempts_, send_mark_,
               gate_),
      short_ids_(context_),
      withdrawals_(context_, messages_, sending_, gate_),
      submissions_(context_, directory_, messages_, references_, answers_, short_ids_),
      idempotency_(context_),
      hits_(context_, directory_),
      reclassifier_(context_, hits_),
      replies_(context_, directory_, unmatched_, delivery_),
      retention_(context_, messages_, receiving_, short_ids_, delivery_, hits_, unmatched_, gate_),
      replay_(context_, directory_, unmatched_, replies_, receiving_) {
    context_.builder.DedupVtables(false);  // looking for equal ones takes longer than writing them
    context_.this_turn.deadline = now.steady;
    const auto last = last_id();
    context_.ids = store::id_source(context_.settings->store.node, last);
    messages_.set_last_id_before(last);
    messages_.find_flows();
    replay_.load_early_receipts();
    receiving_.replay_early();
    replies_.load();
    hits_.recount();
    hits_.recover([this](const hit_facts& hit, const link_view& link, std::int64_t at_ms,
                         hit_told told) { tell_hit(hit, link, at_ms, told); });
}

/// The greatest id that is in use: messages and outbox entries have them from one source, and ids
/// must not come twice even when the clock was set back while the program was not running.
std::uint64_t engine::impl::last_id() const {
    const auto snapshot = context_.environment.read();
    std::uint64_t last = 0;
    if (const auto message = snapshot.last(table::messages))
        last = model::message_key::parse(message->key).value_or(0);
    return std::max(last, delivery_.last_sequence(snapshot));
}

/// Each room takes over what it keeps of them, those below first.
void engine::impl::apply(std::shared_ptr<const config::settings> settings) {
    context_.settings = std::move(settings);
    const auto changes = directory_.take_settings();
    delivery_.take_accounts();
    messages_.take_directory(changes.routes);
    unmatched_.take_carriers();
    receiving_.take_carriers(changes.id_forms);
    submissions_.take_accounts();
    hits_.take_settings();
    context_.this_turn.want_tick(context_.this_turn.now.steady);
}

void engine::impl::flush() {
    receiving_.settle_parked();
    sending_.pump();
    delivery_.pump();
    hits_.flush();
    context_.changes.flush(hits_.hurries());
}

void engine::impl::tick() {
    auto& turn = context_.this_turn;
    turn.deadline = turn.now.steady + std::chrono::seconds(1);
    answers_.answer_due();
    submissions_.step_scans();
    sending_.sweep_marks();
    messages_.forget_resting();
    if (!turn.draining && !turn.store_failing) {
        messages_.wake_flows();
        messages_.sweep_expired();
        retention_.run();
        reclassifier_.run();
        replies_.sweep();
        withdrawals_.step();
        used_names_.sweep();
    }
    delivery_.tick();
    if (!answers_.empty()) turn.want_tick(answers_.next_due());
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
            [&](const after::accepted& what) { submissions_.on_accepted(what, ok); },
            [&](const after::joined& what) { submissions_.on_joined(what.message, ok); },
            [&](const after::marked& what) { sending_.on_marked(what.message, what.carrier, ok); },
            [&](const after::cancel_kept& what) { sending_.on_cancel_kept(what.carrier); },
            [&](const after::withdrawal_kept&) { withdrawals_.on_kept(); },
            [&](const after::replaced& what) { submissions_.on_replaced(what.message); },
            [&](const after::replaced_by& what) {
                const auto alias = messages_.find(what.message)->record().alias();
                answers_.answer_at(what.due, {what.ticket, what.message, refusal::none, alias});
                submissions_.on_replaced(what.message);
            },
            [&](const after::operated& what) {
                settle([&] { context_.outputs.operation_settled(what.ticket, what.status); });
            },
            [&](const after::scan_ready& what) { submissions_.on_scan_ready(what.account); },
            [&](const after::gate_stored& what) { settle([&] { sending_.on_gate_stored(what); }); },
            [&](const after::kept& what) {
                settle([&] { context_.outputs.rows_kept(what.ticket); });
            },
            [&](const after::unpin& what) { messages_.unpin(what.message); },
            [&](const after::acknowledge& what) {
                settle([&] {
                    context_.outputs.acknowledge(what.bind, what.sequence, what.request,
                                                 smpp::command_status::esme_rok);
                });
            },
            [&](const after::outbox_added& what) {
                delivery_.on_outbox_added(what.endpoint, what.sequence);
            },
            [&](const after::outbox_removed& what) {
                delivery_.on_outbox_removed(what.endpoint, what.sequence);
            },
            [&](const after::cancelled& what) {
                settle([&] { context_.outputs.cancellation_settled(what.ticket, what.message); });
            },
            [&](const after::hits_stored& what) { hits_.on_stored(what, ok); },
            [&](const after::hits_counted& what) { hits_.on_counted(what.message); },
            [&](const after::seen_stored& what) { hits_.on_seen_stored(what.code); },
            [&](const after::reclassified&) {
                reclassifier_.on_stored();
                context_.this_turn.want_tick(context_.this_turn.now.steady);
            },
            [&](const after::retention_done& what) { retention_.on_done(what.of_rest); },
            [&](const after::unmatched_gone& what) { unmatched_.on_gone(what.counter); },
            [&](const after::replayed& what) {
                settle([&] { context_.outputs.replay_settled(what.ticket); });
            },
            [&](after::receipt_key_stored& what) { receiving_.on_receipt_key_stored(what.key); },
            [&](const after::reply_stored& what) { idempotency_.on_stored(what.key); },
            [&](const after::part_stored& what) { replies_.on_part_stored(what.key); },
        },
        next);
}

void engine::impl::on_carrier_message(bind_id bind, std::uint32_t sequence,
                                      smpp::command_id command, const carrier_message& message) {
    const auto* carrier = sending_.carrier_of(bind);
    if (carrier == nullptr)
        return;  // the bind is gone, nobody waits for the answer; the carrier sends it again
    if (kind_of(message) == carrier_message_kind::receipt)
        receiving_.on_receipt(carrier->id, message);
    else
        replies_.on_reply(carrier->id, message);
    context_.changes.must_keep().then(after::acknowledge{bind, sequence, command});
}

engine::engine(const config::settings& settings, store::environment& environment,
               engine_outputs& outputs, std::function<std::uint64_t()> random, instant now,
               engine_options options)
    // The caller's: nobody counts who uses them.
    : impl_(std::make_unique<impl>(
          std::shared_ptr<const config::settings>(std::shared_ptr<void>(), &settings), environment,
          outputs, std::move(random), now, std::move(options))) {}

engine::~engine() = default;

std::optional<account_id> engine::account_by_system_id(std::string_view system_id) const {
    return impl_->directory_.account_by_system_id(system_id);
}

std::optional<known_token> engine::find_token(std::string_view api_token) const {
    return impl_->directory_.find_token(api_token);
}

std::optional<account_id> engine::account_by_username(std::string_view username) const {
    return impl_->directory_.account_by_username(username);
}

std::optional<account_id> engine::account_by_jasmin_username(std::string_view username) const {
    return impl_->directory_.account_by_jasmin_username(username);
}

std::optional<account_id> engine::account_by_twilio_sid(std::string_view sid) const {
    return impl_->directory_.account_by_twilio_sid(sid);
}

const config::account& engine::settings_of(account_id account) const {
    return *impl_->directory_[account].settings;
}

bool engine::has_account(account_id account) const {
    return !impl_->directory_[account].removed;
}

void engine::on_session_up(session_id session, const session_facts& facts, instant now) {
    impl_->context_.this_turn.set_now(now);
    impl_->delivery_.sessions().on_up(session, facts);
}

void engine::on_session_down(session_id session, instant now) {
    impl_->context_.this_turn.set_now(now);
    impl_->delivery_.sessions().on_down(session);
}

void engine::on_delivery_answer(session_id session, std::uint64_t outbox_sequence,
                                smpp::command_status status, instant now) {
    impl_->context_.this_turn.set_now(now);
    impl_->delivery_.sessions().on_answer(session, outbox_sequence, status, false);
}

void engine::on_delivery_unfit(session_id session, std::uint64_t outbox_sequence, instant now) {
    impl_->context_.this_turn.set_now(now);
    impl_->delivery_.sessions().on_unfit(session, outbox_sequence);
}

void engine::on_delivery_timeout(session_id session, std::uint64_t outbox_sequence, instant now) {
    impl_->context_.this_turn.set_now(now);
    impl_->delivery_.sessions().on_answer(session, outbox_sequence,
                                          smpp::command_status::esme_rsyserr, true);
}

submit_result engine::submit(account_id account, submission&& message, reply_ticket ticket,
                             instant now) {
    impl_->context_.this_turn.set_now(now);
    return impl_->submissions_.submit(account, std::move(message), ticket);
}

estimate_result engine::estimate(account_id account, submission&& message, instant now) {
    impl_->context_.this_turn.set_now(now);
    return impl_->submissions_.estimate(account, std::move(message));
}

refusal engine::cancel(account_id account, message_id id, reply_ticket ticket, instant now) {
    impl_->context_.this_turn.set_now(now);
    return impl_->submissions_.cancel(account, id, ticket);
}

multi_result engine::submit_multi(account_id account, submission&& message,
                                  std::span<const phone_address> destinations, reply_ticket ticket,
                                  instant now) {
    impl_->context_.this_turn.set_now(now);
    return impl_->submissions_.submit_multi(account, std::move(message), destinations, ticket);
}

std::optional<message_id> engine::find_alias(std::uint32_t alias) const {
    return impl_->short_ids_.find(alias);
}

std::optional<query_view> engine::query(account_id account, const operation_target& what,
                                        instant now) const {
    impl_->context_.this_turn.set_now(now);
    return impl_->submissions_.query(account, what);
}

smpp::command_status engine::cancel_matching(account_id account, const operation_target& what,
                                             reply_ticket ticket, instant now) {
    impl_->context_.this_turn.set_now(now);
    return impl_->submissions_.cancel_matching(account, what, ticket);
}

smpp::command_status engine::replace(account_id account, const operation_target& what,
                                     replacement&& by, reply_ticket ticket, instant now) {
    impl_->context_.this_turn.set_now(now);
    return impl_->submissions_.replace(account, what, std::move(by), ticket);
}

void engine::on_alert_notification(bind_id, const smpp::alert_notification& alert,
                                   const smpp::tlv_list& tlvs, instant now) {
    impl_->context_.this_turn.set_now(now);
    auto& count = impl_->context_.count;
    ++count.alerts;
    if (const auto owner = impl_->directory_.account_by_reply_number(alert.esme_addr))
        impl_->delivery_.sessions().alert(*owner, alert, tlvs);
    else
        ++count.alerts_unowned;
}

std::optional<message_view> engine::find(account_id account, message_id id) const {
    return impl_->view(account, id);
}

idempotent_reply engine::begin_idempotent(account_id account, std::string_view key,
                                          std::string_view body_hash, instant now) {
    impl_->context_.this_turn.set_now(now);
    return impl_->idempotency_.begin(account, key, body_hash);
}

void engine::store_reply(account_id account, std::string_view key, std::uint32_t status,
                         std::string_view content_type, std::string_view body, instant now) {
    impl_->context_.this_turn.set_now(now);
    impl_->idempotency_.store(account, key, status, content_type, body);
}

void engine::forget_reply(account_id account, std::string_view key) {
    impl_->idempotency_.forget(account, key);
}

carrier_id engine::carrier_by_name(std::string_view name) const {
    return impl_->directory_.carrier_by_name(name).value_or(carrier_id{});
}

void engine::on_bind_up(bind_id bind, const bind_facts& facts, instant now) {
    impl_->context_.this_turn.set_now(now);
    impl_->sending_.on_bind_up(bind, facts);
}

void engine::on_congestion(bind_id bind, std::uint8_t state, instant now) {
    impl_->context_.this_turn.set_now(now);
    if (auto* carrier = impl_->sending_.carrier_of(bind))
        carrier->on_congestion(state, impl_->context_.this_turn.now.steady);
}

void engine::on_bind_leaving(bind_id bind, instant now) {
    impl_->context_.this_turn.set_now(now);
    impl_->sending_.on_bind_leaving(bind);
}

void engine::on_bind_down(bind_id bind, instant now) {
    impl_->context_.this_turn.set_now(now);
    impl_->sending_.on_bind_down(bind);
}

void engine::on_response(bind_id bind, std::uint64_t token, smpp::command_status status,
                         std::string_view carrier_message_id, instant now,
                         const refusal_words& words) {
    impl_->context_.this_turn.set_now(now);
    impl_->sending_.on_response(bind, token, {status, carrier_message_id, words});
}

void engine::on_attempt_failed(bind_id bind, std::uint64_t token, attempt_failure why,
                               instant now) {
    impl_->context_.this_turn.set_now(now);
    impl_->sending_.on_attempt_failed(bind, token, why);
}

void engine::on_deliver_sm(bind_id bind, std::uint32_t sequence, const smpp::deliver_sm& request,
                           const smpp::tlv_list& tlvs, instant now) {
    impl_->context_.this_turn.set_now(now);
    const auto octets = smpp::message_octets(request, tlvs).value_or(request.short_message);
    impl_->on_carrier_message(
        bind, sequence, smpp::command_id::deliver_sm,
        {request.source_addr_ton, request.source_addr_npi, request.source_addr,
         request.dest_addr_ton, request.dest_addr_npi, request.destination_addr, request.esm_class,
         request.data_coding, octets, tlvs});
}

void engine::on_data_sm(bind_id bind, std::uint32_t sequence, const smpp::data_sm& request,
                        const smpp::tlv_list& tlvs, instant now) {
    impl_->context_.this_turn.set_now(now);
    const auto octets = smpp::message_octets(request, tlvs).value_or(smpp::octet_view{});
    impl_->on_carrier_message(
        bind, sequence, smpp::command_id::data_sm,
        {request.source_addr_ton, request.source_addr_npi, request.source_addr,
         request.dest_addr_ton, request.dest_addr_npi, request.destination_addr, request.esm_class,
         request.data_coding, octets, tlvs});
}

void engine::on_webhook_answer(account_id account, std::uint64_t token, const http_answer& answer,
                               instant now) {
    impl_->context_.this_turn.set_now(now);
    impl_->delivery_.by_webhook().on_answer(account, token, answer);
}

void engine::on_callback_answer(account_id account, std::uint64_t token, const http_answer& answer,
                                instant now) {
    impl_->context_.this_turn.set_now(now);
    impl_->delivery_.by_callback().on_answer(account, token, answer);
}

void engine::on_consumed(consumer_id consumer, std::uint64_t sequence, instant now) {
    impl_->context_.this_turn.set_now(now);
    impl_->delivery_.by_consumer().on_consumed(consumer, sequence);
}

std::vector<consumer_view> engine::consumers() const {
    return impl_->delivery_.by_consumer().views();
}

std::size_t engine::replay_dead_letters(account_id account, std::size_t limit, instant now) {
    impl_->context_.this_turn.set_now(now);
    return impl_->delivery_.replay_dead_letters(account, limit);
}

void engine::enable_webhook(account_id account, instant now) {
    impl_->context_.this_turn.set_now(now);
    impl_->delivery_.by_webhook().enable(account);
}

void engine::on_committed(std::uint64_t ticket, bool ok, std::unique_ptr<store::batch> batch,
                          instant now) {
    impl_->context_.this_turn.set_now(now);
    ++(ok ? impl_->context_.count.commits : impl_->context_.count.commits_failed);
    impl_->context_.changes.on_committed(ticket, std::move(batch),
                                         [&](continuation& next) { impl_->follow(next, ok); });
}

void engine::set_store_failing(bool failing) {
    impl_->context_.this_turn.store_failing = failing;
}

void engine::begin_drain() {
    impl_->context_.this_turn.draining = true;
    impl_->sending_.sweep_marks();
}

bool engine::drained() const {
    return impl_->attempts_.in_flight() == 0 && impl_->context_.changes.idle() &&
           impl_->answers_.empty() && !impl_->submissions_.scanning() && impl_->delivery_.idle();
}

void engine::apply(std::shared_ptr<const config::settings> settings, instant now) {
    impl_->context_.this_turn.set_now(now);
    impl_->apply(std::move(settings));
}

void engine::pause_carrier(carrier_id carrier, bool paused, instant now) {
    impl_->context_.this_turn.set_now(now);
    if (auto* found = impl_->directory_.find(carrier)) found->paused_by_operator = paused;
}

void engine::flush(instant now) {
    impl_->context_.this_turn.set_now(now);
    impl_->flush();
}

void engine::tick(instant now) {
    impl_->context_.this_turn.set_now(now);
    impl_->tick();
}

std::chrono::steady_clock::time_point engine::next_deadline(instant now) const {
    auto& turn = impl_->context_.this_turn;
    turn.set_now(now);
    const bool sends =
        impl_->messages_.flows().ready_total() > 0 && !turn.draining && !turn.store_failing;
    return sends ? impl_->sending_.next_deadline(turn.deadline) : turn.deadline;
}

const counters& engine::count() const {
    return impl_->context_.count;
}

unmatched_page engine::unmatched(const unmatched_query& query) const {
    return impl_->unmatched_.page(query);
}

std::optional<unmatched_view> engine::find_unmatched(
    const model::unmatched_position& position) const {
    return impl_->unmatched_.find(position);
}

unmatched_replay engine::replay_unmatched(const model::unmatched_position& position,
                                          reply_ticket ticket, instant now) {
    impl_->context_.this_turn.set_now(now);
    return impl_->replay_.try_again(position, ticket, impl_->submissions_.refuse_now());
}

}  // namespace hikyaku::gateway
