// From the application's request to the batch.
#include "gateway/engine/record_values.hpp"
#include "gateway/engine/submission/submission.hpp"
#include "gateway/model/tables.hpp"
#include "store/environment.hpp"

namespace hikyaku::gateway {

namespace table = model::table;
namespace record = model::record;

namespace {

constexpr std::chrono::seconds pace_max{10};

}  // namespace

submissions::submissions(engine_context& context, directory& known, messages& about,
                         concat_references& references, paced_answers& answers, short_ids& aliases)
    : room(context),
      directory_(known),
      messages_(about),
      planner_(context, known),
      references_(references),
      answers_(answers),
      short_ids_(aliases) {
    take_accounts();
}

void submissions::take_accounts() {
    for (const auto& account : directory_.accounts().all()) {
        const auto& rate = account.settings->rate;
        if (auto* const known = rates_.find(account.id))
            known->change(rate.per_second, rate.burst, now_.steady);
        else
            rates_.emplace(account.id, rate.per_second, rate.burst);
    }
}

submit_result submissions::refuse(refusal why, std::uint32_t detail) {
    ++count_.refused[static_cast<std::size_t>(why)];
    submit_result result;
    result.why = why;
    result.detail = detail;
    return result;
}

/// Why nothing new is taken now, whoever brings it.
refusal submissions::refuse_now() const {
    // What this turn has gathered counts too, and an eighth stays free for what responses and
    // receipts add to the turn: the writer could only refuse the whole batch, answered or not.
    const auto most = settings_->store.pending_bytes_max - settings_->store.pending_bytes_max / 8;
    return turn_.draining                    ? refusal::shutting_down
           : turn_.store_failing             ? refusal::store_failing
           : batches_.waiting_bytes() > most ? refusal::store_busy
                                             : refusal::none;
}

std::optional<submit_result> submissions::refuse_early(const known_account& account) const {
    submit_result result;
    result.detail = 1000;
    result.why = account.removed ? refusal::shutting_down : refuse_now();
    if (result.why != refusal::none) return result;
    if (messages_.queued(account.id) >= account.settings->queued_max ||
        messages_.queued() >= settings_->store.queued_messages_max) {
        result.why = refusal::queue_full;
        result.detail = 10000;
    } else {
        return std::nullopt;
    }
    return result;
}

plan_refusal submissions::take_rate(const known_account& account, std::uint32_t segments,
                                    std::chrono::microseconds& pace) {
    auto& rate = rates_[account.id];
    if (account.settings->rate.excess == config::on_excess::pace) {
        if (rate.wait_for(segments, now_.steady) > pace_max) return {refusal::rate_exceeded, 10000};
        pace = rate.take_in_debt(segments, now_.steady);
    } else if (!rate.try_take(segments, now_.steady)) {
        const auto wait = rate.wait_for(segments, now_.steady);
        return {refusal::rate_exceeded, static_cast<std::uint32_t>(wait.count() / 1000 + 1)};
    }
    return {};
}

void submissions::fill_from_account(const config::account& account, submission& message) {
    message.at_most_once |= account.at_most_once;
    message.purpose = message.purpose.value_or(purpose_of(account.purpose_default));
}

refusal submissions::refuses_now(account_id id, std::uint32_t segments) {
    const auto& account = directory_[id];
    if (const auto refused = refuse_early(account)) return refused->why;
    const auto wait = rates_[id].wait_for(segments, now_.steady);
    const bool paces = account.settings->rate.excess == config::on_excess::pace;
    const auto most = paces ? std::chrono::microseconds(pace_max) : std::chrono::microseconds{0};
    return wait > most ? refusal::rate_exceeded : refusal::none;
}

estimate_result submissions::estimate(account_id account, submission&& message) const {
    return planner_.estimate(*directory_[account].settings, std::move(message));
}

submit_result submissions::submit(account_id id, submission&& message, reply_ticket ticket) {
    const auto& account = directory_[id];
    if (const auto refused = refuse_early(account)) return refuse(refused->why, refused->detail);
    fill_from_account(*account.settings, message);
    auto prepared = planner_.prepare(*account.settings, message);
    if (!prepared) return refuse(prepared.error().why, prepared.error().detail);
    submit_result result;
    result.segments = prepared->planned.parts;
    result.encoding = prepared->planned.encoding;
    result.replaced = prepared->planned.replaced;
    if (message.replace_if_present && scans_full(id)) return refuse(refusal::rate_exceeded, 1000);
    std::chrono::microseconds pace{0};
    if (const auto why = take_rate(account, result.segments, pace); why.why != refusal::none) {
        auto refused = refuse(why.why, why.detail);
        refused.segments = result.segments;
        return refused;
    }
    if (message.replace_if_present) {
        scan_for_replacement(id, std::move(message), std::move(*prepared), ticket,
                             now_.steady + pace);
        return result;
    }
    result.id = take_new(account, message, *prepared, ticket, now_.steady + pace);
    return result;
}

message_id submissions::take_new(const known_account& account, const submission& message,
                                 prepared_message& prepared, reply_ticket ticket, steady_time due) {
    const message_id id{ids_.next(now_.wall_ms)};
    if (message.short_id) prepared.alias = short_ids_.give(id, may_refuse().rows());
    accept(account, message, prepared, id);
    may_refuse().then(after::accepted{id, ticket, due});
    return id;
}

live_message& submissions::accept(const known_account& account, const submission& message,
                                  prepared_message& prepared, message_id id) {
    auto& batch = may_refuse().rows();
    take_reference(message, prepared.planned, batch);
    const auto& planned = prepared.planned;
    const auto number = static_cast<std::uint64_t>(id);
    const auto bytes = build_record(account.id, message, prepared);
    auto& live = messages_.add(id, bytes, planned.segments.size(),
                               {stored(prepared.route), planned.priority, stored(account.id),
                                planned.not_before_ms, number},
                               planned.expires_ms);
    batch.put(table::messages, model::message_key(number), bytes);
    batch.put(table::queue, model::queue_key(live.position), live.expires_ms);
    if (!message.reference.empty()) {
        const auto prefix = model::reference_prefix(stored(account.id), message.reference);
        batch.add(table::reference_index, {environment_.hash(prefix), number, 0});
    }
    if (message.purpose.value_or(Purpose::transactional) != Purpose::transactional)
        index_parties(account.id, message, id, batch);
    store_links(live, planned, batch);
    ++live.pins;
    return live;
}

void submissions::take_reference(const submission& message, planned_message& planned,
                                 store::batch& into) {
    if (!smpp::text::names_reference(planned.concatenation)) return;
    const auto& destination = message.destination.digits;
    planned.reference = smpp::text::set_reference(planned.segments, planned.concatenation,
                                                  references_.next(destination));
    references_.take(destination, planned.reference, into);
}

void submissions::on_accepted(const after::accepted& what, bool ok) {
    auto& live = *messages_.find(what.message);
    if (!settle_acceptance(live, ok)) {
        outputs_.submission_settled({what.ticket, what.message, refusal::store_failing});
        messages_.release(live);
        return;
    }
    answers_.answer_at(what.due, {what.ticket, what.message, refusal::none, live.record().alias()});
    messages_.enqueue(live);
}

void submissions::on_joined(message_id id, bool ok) {
    auto& live = *messages_.find(id);
    if (settle_acceptance(live, ok))
        messages_.enqueue(live);
    else
        messages_.release(live);
}

bool submissions::settle_acceptance(live_message& live, bool ok) {
    --live.pins;
    if (!ok) {
        messages_.take_back(live);
        ++count_.refused[static_cast<std::size_t>(refusal::store_failing)];
        return false;
    }
    ++count_.accepted;
    count_.accepted_segments += live.segments.size();
    live.committed = true;
    return true;
}

}  // namespace hikyaku::gateway
