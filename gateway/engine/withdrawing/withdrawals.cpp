#include "gateway/engine/withdrawing/withdrawals.hpp"

#include <algorithm>

#include "gateway/engine/record_values.hpp"
#include "gateway/model/tables.hpp"

namespace hikyaku::gateway {

namespace table = model::table;
namespace record = model::record;
using model::party_scope;

namespace {

// Messages that are looked at in one turn; others wait for that meanwhile.
constexpr std::size_t looked_at_once = 500;
// Rows of other accounts are passed over for less.
constexpr std::size_t passed_at_once = 4000;
// Of one party: older ones have ended long ago.
constexpr std::size_t of_party_max = 100'000;

bool is_of(const record::Message& message, const withdrawn_party& whose) {
    if (message.account() != stored(whose.account) ||
        (whose.purposes >> static_cast<unsigned>(message.purpose()) & 1U) == 0)
        return false;
    switch (whose.scope) {
        case party_scope::debtor:
            return view_of(message.debtor()) == whose.reference;
        case party_scope::debt:
            return view_of(message.debt()) == whose.reference;
        case party_scope::account:
            return true;
        case party_scope::contact:
            break;
    }
    const auto wanted = model::canonical_contact(whose.reference);
    const auto* contact = message.contact();
    return message.destination()->digits()->string_view() == wanted ||
           (contact != nullptr && model::canonical_contact(view_of(contact->id())) == wanted);
}

/// Nothing of it is with a carrier, or was taken by one.
bool can_end(const live_message& live) {
    return live.queued && live.committed && live.in_flight == 0 && !is_final(live.state) &&
           std::ranges::all_of(
               live.segments, [](const live_segment& segment) { return segment.is_queued(); });
}

bool may_be_there(const live_message& live) {
    return std::ranges::any_of(
        live.segments,
        [](const live_segment& segment) { return segment.state == segment_state::maybe_sent; });
}

}  // namespace

withdrawals::withdrawals(engine_context& context, messages& all, sending& sends, gate_port& asked)
    : room(context), messages_(all), sending_(sends), gate_(asked) {}

withdrawal withdrawals::begin(const withdrawn_party& whose) {
    withdrawal done;
    if (whose.scope == party_scope::account) {
        order(whose, now_.wall_ms);
        return done;
    }
    const auto key = model::party_key(stored(whose.account), whose.scope, whose.reference);
    std::vector<store::index_entry> found;
    environment_.read().find(table::party_index, environment_.hash(key), looked_at_once + 1, found);
    if (found.size() > looked_at_once) order(whose, now_.wall_ms);
    for (const auto& entry : found) {
        auto* live = messages_.find_or_load(message_id{entry.id});
        if (live == nullptr) continue;
        if (is_of(live->record(), whose))
            end_if_forbidden(*live, done);
        else
            messages_.release(*live);
    }
    return done;
}

/// As the gate says now: the hold may have been lifted meanwhile. Ends it, or asks the carriers
/// that have something of it. It is released.
void withdrawals::end_if_forbidden(live_message& live, withdrawal& done) {
    const gate_question question{.message = static_cast<std::uint64_t>(live.id),
                                 .record = live.record(),
                                 .now_ms = now_.wall_ms,
                                 .expires_ms = live.expires_ms,
                                 .begun = true};
    const auto answer = is_final(live.state) ? gate_verdict{} : gate_.ask(question);
    const auto* blocked = std::get_if<gate_block>(&answer);
    if (blocked == nullptr) {
        messages_.release(live);
        return;
    }
    const auto id = live.id;
    const bool ends = can_end(live);
    if (!ends && !live.committed) {
        messages_.release(live);
        return;
    }
    const bool asks_carriers = !ends || may_be_there(live);
    if (asks_carriers) (ends ? done.maybe_sent : done.with_carriers).push_back(id);
    if (!ends) {
        messages_.release(live);
    } else {
        ++done.withdrawn;
        gate_.on_withheld(question, answer, must_keep().rows());
        messages_.give_up(live, refusal_error(smpp::command_status::esme_rprohibited,
                                              {.info = blocked->reason, .own = true}));
        messages_.after_attempt(live);
    }
    if (asks_carriers) sending_.cancel(id);
}

void withdrawals::order(const withdrawn_party& whose, std::int64_t due_ms) {
    model::withdrawal_position position{due_ms, stored(whose.account), whose.scope, 0};
    if (whose.scope != party_scope::account)
        position.party =
            environment_.hash(model::party_key(position.account, whose.scope, whose.reference));
    must_keep().rows().put(table::withdrawals, model::withdrawal_key(position));
    must_keep().then(after::withdrawal_kept{});
}

void withdrawals::on_kept() {
    next_due_ms_ = 0;
    waits_ = false;
    turn_.want_tick(now_.steady);
}

/// False: nothing is due.
bool withdrawals::take_next() {
    const auto from = environment_.read();
    const auto first = from.first(table::withdrawals);
    const auto position = first ? model::withdrawal_key::parse(first->key) : std::nullopt;
    next_due_ms_ = position ? position->due_ms : never_ms;
    if (!position || next_due_ms_ > now_.wall_ms) return false;
    job_.emplace(job{*position, {}, 0, false});
    if (position->scope == party_scope::account) return true;
    std::vector<store::index_entry> found;
    from.find(table::party_index, position->party, of_party_max, found);
    job_->found.reserve(found.size());
    for (const auto& entry : found)
        job_->found.push_back(entry.id);
    std::ranges::reverse(job_->found);  // the youngest are taken first
    return true;
}

void withdrawals::step() {
    if (waits_) return;
    if (!job_ && next_due_ms_ > now_.wall_ms) {
        if (next_due_ms_ != never_ms)
            turn_.want_tick(now_.steady + std::chrono::milliseconds(next_due_ms_ - now_.wall_ms));
        return;
    }
    if (!job_ && !take_next()) return;
    if (job_->order.scope == party_scope::account)
        step_of_account(*job_);
    else
        step_of_party(*job_);
    turn_.want_tick(now_.steady);
    if (!job_->is_over) return;
    must_keep().rows().erase(table::withdrawals, model::withdrawal_key(job_->order));
    must_keep().then(after::withdrawal_kept{});
    job_.reset();
    waits_ = true;
}

void withdrawals::step_of_party(job& work) {
    for (std::size_t i = 0; i < looked_at_once && !work.found.empty(); ++i) {
        look_at(message_id{work.found.back()});
        work.found.pop_back();
    }
    work.is_over = work.found.empty();
}

void withdrawals::step_of_account(job& work) {
    std::vector<std::uint64_t> found;
    std::size_t passed = 0;
    work.is_over = true;
    environment_.read().scan(table::messages, model::message_key(work.from),
                             [&](std::uint64_t id, const record::Message& message) {
                                 if (found.size() == looked_at_once || passed++ == passed_at_once) {
                                     work.is_over = false;
                                     return false;
                                 }
                                 work.from = id + 1;
                                 if (message.account() == work.order.account &&
                                     message.purpose() != Purpose::transactional)
                                     found.push_back(id);
                                 return true;
                             });
    for (const auto id : found)
        look_at(message_id{id});
}

void withdrawals::look_at(message_id id) {
    withdrawal done;
    if (auto* live = messages_.find_or_load(id)) end_if_forbidden(*live, done);
}

}  // namespace hikyaku::gateway
