// Tasks in their simplest form: what, why, since when, done by whom.
#include <algorithm>
#include <array>

#include "gateway/dunning/octets.hpp"
#include "gateway/dunning/protection.hpp"
#include "gateway/dunning/seal/words.hpp"

namespace hikyaku::gateway::dunning {
namespace {

using model::party_scope;

constexpr std::uint8_t opening_field = 0, ending_field = 1;

seal_place task_place(std::uint64_t task, std::uint8_t field) {
    return {table::tasks.number, task, field};
}

/// Whether a person has to look at it before anything goes on. The others end by themselves, or by
/// whoever placed them.
bool needs_person(gate::hold_kind kind) {
    using enum gate::hold_kind;
    constexpr std::array kinds{dispute,      representation,  insolvency, death,        hardship,
                               wrong_person, ownership_doubt, complaint,  vulnerability};
    return std::ranges::find(kinds, kind) != kinds.end();
}

}  // namespace

void protection::put_task(std::uint32_t account, const task_view& what, store::batch& rows) {
    const auto& keys = gate_.keys().of(account, rows);
    const auto sealed = seal_words(keys, task_place(what.id, opening_field),
                                   {what.what, what.why, what.contact, what.debtor, what.debt});
    std::string ended;
    if (what.done_ms != 0)
        ended = seal_words(keys, task_place(what.id, ending_field), {what.done_by, what.remark});
    flatbuffers::FlatBufferBuilder fb;
    const auto kind = fb.CreateString(what.kind);
    const auto words = octets_in(fb, sealed);
    const auto end_words = octets_in(fb, ended);
    fb.Finish(record::CreateTask(fb, account, what.since_ms, what.done_ms, kind, what.subject,
                                 words, end_words));
    rows.put(table::tasks, id_key(what.id), octets_of(fb));
    if (what.done_ms == 0)
        rows.put(table::open_tasks, open_task_key(account, what.id));
    else
        rows.erase(table::open_tasks, open_task_key(account, what.id));
}

void protection::open_task_for(const hold_row& row, const new_hold& hold, store::batch& rows,
                               instant now) {
    if (!needs_person(row.kind)) return;
    task_view task;
    task.id = gate_.next_id(now.wall_ms);
    task.kind = hold_rule(row.kind);
    task.subject = row.id;
    task.what = "look at the hold and lift it when the matter is settled";
    task.why = hold.evidence;
    task.since_ms = now.wall_ms;
    if (hold.scope == party_scope::contact) task.contact = hold.reference;
    if (hold.scope == party_scope::debtor) task.debtor = hold.reference;
    if (hold.scope == party_scope::debt) task.debt = hold.reference;
    put_task(row.account, task, rows);
    note(row.account,
         {.kind = record::TimelineKind::task_opened,
          .subject = task.id,
          .contact = task.contact,
          .debtor = task.debtor,
          .debt = task.debt,
          .detail = task.kind},
         rows, now);
}

refusal protection::open_task(account_id account, task_view& wanted, reply_ticket ticket,
                              instant now) {
    if (const auto why = refuses(); why != refusal::none) return why;
    store::batch rows;
    wanted.id = gate_.next_id(now.wall_ms);
    wanted.since_ms = now.wall_ms;
    wanted.done_ms = 0;
    put_task(stored(account), wanted, rows);
    note(stored(account),
         {.kind = record::TimelineKind::task_opened,
          .subject = wanted.id,
          .contact = wanted.contact,
          .debtor = wanted.debtor,
          .debt = wanted.debt,
          .detail = wanted.kind},
         rows, now);
    keep(rows, ticket, {}, now);
    return refusal::none;
}

refusal protection::end_task(account_id account, std::uint64_t id, std::string_view by,
                             std::string_view remark, reply_ticket ticket, instant now) {
    if (const auto why = refuses(); why != refusal::none) return why;
    auto task = find_task(account, id);
    if (!task) return refusal::not_found;
    store::batch rows;
    if (task->done_ms == 0) {
        task->done_ms = now.wall_ms;
        task->done_by = by;
        task->remark = remark;
        put_task(stored(account), *task, rows);
        note(stored(account),
             {.kind = record::TimelineKind::task_done,
              .subject = id,
              .contact = task->contact,
              .debtor = task->debtor,
              .debt = task->debt,
              .detail = task->kind},
             rows, now);
    }
    keep(rows, ticket, {}, now);
    return refusal::none;
}

task_view protection::view_of(std::uint64_t id, const record::Task& stored) const {
    task_view view;
    view.id = id;
    if (stored.kind() != nullptr) view.kind = stored.kind()->str();
    view.subject = stored.subject();
    view.since_ms = stored.since();
    view.done_ms = stored.done();
    const auto* keys = gate_.keys().find(stored.account());
    if (keys == nullptr) return view;
    auto said =
        open_words(*keys, task_place(id, opening_field), view_of_octets(stored.sealed()), 5);
    view.what = std::move(said[0]);
    view.why = std::move(said[1]);
    view.contact = std::move(said[2]);
    view.debtor = std::move(said[3]);
    view.debt = std::move(said[4]);
    auto end =
        open_words(*keys, task_place(id, ending_field), view_of_octets(stored.sealed_done()), 2);
    view.done_by = std::move(end[0]);
    view.remark = std::move(end[1]);
    return view;
}

std::optional<task_view> protection::find_task(account_id account, std::uint64_t id) const {
    store::record_reader reader;
    const auto from = store_.read();
    const auto* known = from.get(table::tasks, id_key(id), reader);
    if (known == nullptr || known->account() != stored(account)) return std::nullopt;
    return view_of(id, *known);
}

std::vector<task_view> protection::list_tasks(account_id account, std::uint64_t after,
                                              std::size_t limit) const {
    std::vector<task_view> found;
    const auto prefix = store::key{}.u32(stored(account));
    const auto from = store_.read();
    store::record_reader reader;
    from.for_each(table::open_tasks, open_task_key(stored(account), after),
                  [&](std::string_view key, std::string_view) {
                      if (!key.starts_with(prefix.view()) || found.size() == limit) return false;
                      const auto id = open_task_key::parse(key);
                      if (!id || *id <= after) return true;
                      if (const auto* known = from.get(table::tasks, id_key(*id), reader))
                          found.push_back(view_of(*id, *known));
                      return true;
                  });
    return found;
}

}  // namespace hikyaku::gateway::dunning
