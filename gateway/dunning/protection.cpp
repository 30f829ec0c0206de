#include "gateway/dunning/protection.hpp"

#include <algorithm>
#include <cassert>
#include <limits>

#include "gateway/dunning/octets.hpp"
#include "gateway/dunning/seal/words.hpp"
#include "gateway/model/tables.hpp"

namespace hikyaku::gateway::dunning {
namespace {

using model::party_scope;

constexpr std::uint8_t placing_field = 0, lifting_field = 1;
constexpr std::size_t holds_looked_at = 2000;  // for one page of a list, about 2 ms
/// Of what a hold ends; `service` is told hours only.
constexpr gate::purpose_set held_purposes =
    gate::set_of(gate::purpose::dunning) | gate::set_of(gate::purpose::marketing);

seal_place hold_place(std::uint64_t hold, std::uint8_t field) {
    return {table::holds.number, hold, field};
}

}  // namespace

protection::noted protection::about(const new_hold& hold, const hold_row& row,
                                    record::TimelineKind kind) {
    noted what{.kind = kind, .subject = row.id, .detail = gate::name_of(row.kind)};
    if (hold.scope == party_scope::contact) what.contact = hold.reference;
    if (hold.scope == party_scope::debtor) what.debtor = hold.reference;
    if (hold.scope == party_scope::debt) what.debt = hold.reference;
    return what;
}

void protection::note(std::uint32_t account, const noted& what, store::batch& rows, instant now) {
    const auto id = gate_.next_id(now.wall_ms);
    const auto sealed = seal_words(gate_.keys().of(account, rows), {table::intake.number, id, 0},
                                   {what.contact, what.debtor, what.debt});
    flatbuffers::FlatBufferBuilder fb;
    const auto detail = fb.CreateString(what.detail.data(), what.detail.size());
    const auto words = octets_in(fb, sealed);
    fb.Finish(
        record::CreateIntake(fb, account, now.wall_ms, what.kind, what.subject, detail, words));
    rows.put(table::intake, id_key(id), octets_of(fb));
}

void protection::tell_timeline(account_id account, const noted& what, reply_ticket ticket,
                               instant now) {
    store::batch rows;
    note(stored(account), what, rows, now);
    keep(rows, ticket, {}, now);
}

void protection::keep(store::batch& rows, reply_ticket ticket, following then, instant now) {
    following_.emplace(ticket_key{static_cast<std::uint64_t>(ticket.session), ticket.sequence},
                       std::move(then));
    gate_.note_change();
    engine_.keep(rows, ticket, now);
}

void protection::rows_kept(reply_ticket ticket) {
    const auto at =
        following_.find(ticket_key{static_cast<std::uint64_t>(ticket.session), ticket.sequence});
    if (at == following_.end()) return;
    const auto done = std::move(at->second);
    following_.erase(at);
    if (const auto* hold = std::get_if<placed>(&done))
        gate_.holds().note_stored(hold->hash, hold->id);
    else if (const auto* added = std::get_if<suppressed>(&done))
        for (const auto& each : added->whose)
            gate_.suppressions().note_stored(each);
    else if (const auto* agreed = std::get_if<consented>(&done))
        for (const auto& each : agreed->whose)
            gate_.consents().note_stored(each);
    else if (const auto* again = std::get_if<resumed>(&done))
        gate_.remove_stop(again->of, again->number);
}

void protection::put_hold(const hold_row& row, const new_hold& what, store::batch& rows) {
    const auto& keys = gate_.keys().of(row.account, rows);
    const auto sealed = seal_words(keys, hold_place(row.id, placing_field),
                                   {what.reference, what.evidence, what.placed_by});
    flatbuffers::FlatBufferBuilder fb;
    const auto reference = fb.CreateVector(row.reference.data(), row.reference.size());
    const auto words = octets_in(fb, sealed);
    fb.Finish(record::CreateHold(fb, row.account, static_cast<record::HoldKind>(row.kind),
                                 static_cast<record::Scope>(row.scope), reference, row.from_ms,
                                 row.until_ms, 0, words));
    rows.put(table::holds, id_key(row.id), octets_of(fb));
}

hold_answer protection::place(account_id account, new_hold&& wanted, reply_ticket ticket,
                              instant now) {
    hold_answer answer;
    answer.why = refuses();
    if (answer.why != refusal::none) return answer;
    store::batch rows;
    const auto number = stored(account);
    const auto& keys = gate_.keys().of(number, rows);
    hold_row row;
    row.id = gate_.next_id(now.wall_ms);
    row.account = number;
    row.kind = wanted.kind;
    row.scope = wanted.scope;
    const auto whose = party_of(keys, wanted.scope, wanted.reference);
    row.reference = whose.digest;
    row.placed_ms = store::id_milliseconds(row.id);
    row.from_ms = wanted.from_ms == 0 ? row.placed_ms : wanted.from_ms;
    row.until_ms = wanted.until_ms;
    put_hold(row, wanted, rows);
    rows.add(table::hold_index, {whose.hash(), row.id, 0});
    gate_.holds().note_placed(whose.hash(), row);
    note(number, about(wanted, row, record::TimelineKind::hold_placed), rows, now);
    if (wanted.opens_task) open_task_for(row, wanted, rows, now);
    keep(rows, ticket, placed{whose.hash(), row.id}, now);
    const withdrawn_party meant{account, wanted.scope, wanted.reference, held_purposes};
    if (row.is_active(row.placed_ms))
        answer.ended = engine_.withdraw(meant, now);
    else if (row.from_ms > row.placed_ms)
        engine_.withdraw_from(meant, row.from_ms, now);
    static_cast<new_hold&>(answer.hold) = std::move(wanted);
    answer.hold.id = row.id;
    answer.hold.placed_ms = row.placed_ms;
    answer.hold.from_ms = row.from_ms;
    answer.hold.is_active = row.is_active(row.placed_ms);
    return answer;
}

hold_answer protection::lift(account_id account, std::uint64_t id, std::string_view reason,
                             std::string_view by, reply_ticket ticket, instant now) {
    hold_answer answer;
    answer.why = refuses();
    if (answer.why != refusal::none) return answer;
    store::record_reader reader;
    const auto from = store_.read();
    const auto* known = from.get(table::holds, id_key(id), reader);
    if (known == nullptr || known->account() != stored(account)) {
        answer.why = refusal::not_found;
        return answer;
    }
    store::batch rows;
    auto row = row_of(id, *known);
    answer.hold = view_of(row, *known, now.wall_ms);
    if (row.lifted_ms == 0) {
        const auto& keys = gate_.keys().of(row.account, rows);
        const auto sealed = seal_words(keys, hold_place(id, lifting_field), {reason, by});
        flatbuffers::FlatBufferBuilder fb;
        const auto reference = fb.CreateVector(row.reference.data(), row.reference.size());
        const auto words = octets_in(fb, view_of_octets(known->sealed()));
        const auto lift_words = octets_in(fb, sealed);
        fb.Finish(record::CreateHold(fb, row.account, known->kind(), known->scope(), reference,
                                     row.from_ms, row.until_ms, now.wall_ms, words, lift_words));
        rows.put(table::holds, id_key(id), octets_of(fb));
        note(row.account, about(answer.hold, row, record::TimelineKind::hold_lifted), rows, now);
        answer.hold.lifted_ms = now.wall_ms;
        answer.hold.lift_reason = reason;
        answer.hold.lifted_by = by;
        answer.hold.is_active = false;
    }
    keep(rows, ticket, {}, now);
    return answer;
}

hold_view protection::view_of(const hold_row& row, const record::Hold& stored,
                              std::int64_t now_ms) const {
    hold_view view;
    view.id = row.id;
    view.kind = row.kind;
    view.scope = row.scope;
    view.placed_ms = row.placed_ms;
    view.from_ms = row.from_ms;
    view.until_ms = row.until_ms;
    view.lifted_ms = row.lifted_ms;
    view.is_active = row.is_active(now_ms);
    const auto* keys = gate_.keys().find(row.account);
    if (keys == nullptr) return view;
    auto said =
        open_words(*keys, hold_place(row.id, placing_field), view_of_octets(stored.sealed()), 3);
    view.reference = std::move(said[0]);
    view.evidence = std::move(said[1]);
    view.placed_by = std::move(said[2]);
    auto lift = open_words(*keys, hold_place(row.id, lifting_field),
                           view_of_octets(stored.sealed_lift()), 2);
    view.lift_reason = std::move(lift[0]);
    view.lifted_by = std::move(lift[1]);
    return view;
}

std::optional<hold_view> protection::find_hold(account_id account, std::uint64_t id,
                                               instant now) const {
    store::record_reader reader;
    const auto from = store_.read();
    const auto* known = from.get(table::holds, id_key(id), reader);
    if (known == nullptr || known->account() != stored(account)) return std::nullopt;
    return view_of(row_of(id, *known), *known, now.wall_ms);
}

protection::hold_page protection::list_holds(account_id account, const hold_range& which,
                                             instant now) const {
    hold_page page;
    const auto from = store_.read();
    store::record_reader reader;
    store::cursor at(from, table::holds);
    const auto end = which.after == 0 ? store::key{} : store::key(id_key(which.after));
    std::size_t looked_at = 0;
    for (bool there = at.seek_before(end.view()); there; there = at.previous()) {
        const auto id = id_key::parse(at.key());
        const auto* known = reader.read<record::Hold>(at.value());
        if (!id || known == nullptr) continue;
        page.next = *id;
        if (known->account() == stored(account)) {
            const auto row = row_of(*id, *known);
            if (!which.active_only || row.is_active(now.wall_ms))
                page.found.push_back(view_of(row, *known, now.wall_ms));
        }
        // Those of others lie between them: a page ends before it has taken long.
        if (page.found.size() == which.limit || ++looked_at == holds_looked_at) return page;
    }
    page.next = 0;
    return page;
}

protection::hold_page protection::find_holds(account_id account, party_scope scope,
                                             std::string_view reference, const hold_range& which,
                                             instant now) const {
    hold_page page;
    const auto* keys = gate_.keys().find(stored(account));
    if (keys == nullptr) return page;
    const auto before = which.after == 0 ? std::numeric_limits<std::uint64_t>::max() : which.after;
    gate_.holds().list(store_.read(), stored(account), party_of(*keys, scope, reference), before,
                       [&](const hold_row& row, const record::Hold& known) {
                           if (which.active_only && !row.is_active(now.wall_ms)) return true;
                           page.found.push_back(view_of(row, known, now.wall_ms));
                           return page.found.size() < which.limit;
                       });
    if (page.found.size() == which.limit) page.next = page.found.back().id;
    return page;
}

refusal protection::stop(const stop_row& what, reply_ticket ticket, instant now) {
    // It counts although the disk refuses, and then the answer says that it may be forgotten.
    gate_.add_stop(what);
    if (const auto why = refuses(); why != refusal::none) return why;
    store::batch rows;
    flatbuffers::FlatBufferBuilder fb;
    fb.Finish(record::CreateStop(fb, what.at_ms, fb.CreateString(what.by)));
    rows.put(table::stops, stop_key(what.of), octets_of(fb));
    keep(rows, ticket, {}, now);
    return refusal::none;
}

refusal protection::resume(const stop_position& what, reply_ticket ticket, instant now) {
    if (!gate_.stopped().has(what)) return refusal::not_found;
    if (const auto why = refuses(); why != refusal::none) return why;
    store::batch rows;
    rows.erase(table::stops, stop_key(what));
    keep(rows, ticket, resumed{what, gate_.stopped().number_of(what)}, now);
    return refusal::none;
}

std::optional<std::uint32_t> protection::account_number(std::string_view name) const {
    return store_.read().get(model::table::names, model::name_key(model::name_kind::account, name));
}

std::string protection::account_name(std::uint32_t number) const {
    std::string name;
    store_.read().for_each(model::table::names, {},
                           [&](std::string_view key, std::string_view value) {
                               const auto at = model::name_key::parse(key);
                               if (!at || at->kind != model::name_kind::account ||
                                   store::read_number<std::uint32_t>(value) != number)
                                   return true;
                               name = at->name;
                               return false;
                           });
    return name;
}

std::optional<decision_view> protection::find_decision(message_id message) const {
    store::record_reader reader;
    const auto from = store_.read();
    const auto* known =
        from.get(table::decisions, id_key(static_cast<std::uint64_t>(message)), reader);
    if (known == nullptr) return std::nullopt;
    decision_view view;
    view.says = outcome_of(known->verdict());
    view.at_ms = known->at();
    view.until_ms = known->until();
    view.deliver_by_ms = known->deliver_by();
    view.is_shadow = known->shadow();
    if (known->values() != nullptr) view.values = known->values()->str();
    if (known->reasons() == nullptr) return view;
    const auto text = [](const flatbuffers::String* from_record) {
        return from_record == nullptr ? std::string{} : from_record->str();
    };
    for (const auto* each : *known->reasons())
        view.reasons.push_back({text(each->rule()), text(each->text())});
    return view;
}

}  // namespace hikyaku::gateway::dunning
