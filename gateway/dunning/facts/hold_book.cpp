#include "gateway/dunning/facts/hold_book.hpp"

#include <algorithm>

#include "store/ids.hpp"

namespace hikyaku::gateway::dunning {
namespace {

void add_fact(const hold_row& row, const waiting_since& message, std::int64_t now_ms,
              std::vector<gate::hold_fact>& into) {
    const auto begins_ms = row.begins_ms(), ends_ms = row.ends_ms();
    gate::hold_fact fact{.kind = row.kind,
                         .scope = static_cast<gate::hold_scope>(row.scope),
                         .from_ms = row.is_immediate() ? gate::always_ms : begins_ms,
                         .until_ms = ends_ms};
    if (row.is_active(now_ms) || (now_ms < begins_ms && begins_ms < ends_ms)) {
        into.push_back(fact);  // also one that is known to begin
        return;
    }
    const bool has_been = begins_ms < ends_ms && ends_ms <= now_ms;
    const bool waited = begins_ms >= message.accepted_ms || ends_ms > message.due_ms;
    if (!has_been || !waited) return;
    fact.until_ms = without_end;
    into.push_back(fact);
}

bool is_on(const hold_row& row, std::uint32_t account, const party& whose) {
    return row.account == account && row.scope == whose.scope && row.reference == whose.digest;
}

bool has_id(const std::vector<hold_row>& rows, std::uint64_t id) {
    return std::ranges::find(rows, id, &hold_row::id) != rows.end();
}

}  // namespace

hold_row row_of(std::uint64_t id, const record::Hold& stored) {
    hold_row row;
    row.id = id;
    row.account = stored.account();
    row.kind = static_cast<gate::hold_kind>(stored.kind());
    row.scope = static_cast<model::party_scope>(stored.scope());
    if (stored.reference() != nullptr && stored.reference()->size() == row.reference.size())
        std::copy(stored.reference()->begin(), stored.reference()->end(), row.reference.begin());
    row.placed_ms = store::id_milliseconds(id);
    row.from_ms = stored.from();
    row.until_ms = stored.until();
    row.lifted_ms = stored.lifted();
    return row;
}

void hold_book::find(const store::snapshot& from, std::uint32_t account, const party& whose,
                     const waiting_since& message, std::int64_t now_ms,
                     std::vector<gate::hold_fact>& into) const {
    found_.clear();
    const auto hash = whose.hash();
    from.find(table::hold_index, hash, holds_max, found_);
    const gate::hold_fact unknown{.scope = static_cast<gate::hold_scope>(whose.scope)};
    if (found_.size() >= holds_max) into.push_back(unknown);
    const auto at = fresh_.find(hash);
    const auto* const fresh = at == fresh_.end() ? nullptr : &at->second;
    for (const auto& entry : found_) {
        const auto* stored = from.get(table::holds, id_key(entry.id), reader_);
        if (stored == nullptr) {  // committed since the snapshot was opened, or damaged
            if (fresh == nullptr || !has_id(*fresh, entry.id)) into.push_back(unknown);
            continue;
        }
        const auto row = row_of(entry.id, *stored);
        if (is_on(row, account, whose)) add_fact(row, message, now_ms, into);
    }
    if (fresh == nullptr) return;
    for (const auto& row : *fresh)
        if (is_on(row, account, whose)) add_fact(row, message, now_ms, into);
}

void hold_book::note_placed(std::uint64_t hash, const hold_row& row) {
    fresh_[hash].push_back(row);
}

void hold_book::note_stored(std::uint64_t hash, std::uint64_t id) {
    const auto at = fresh_.find(hash);
    if (at == fresh_.end()) return;
    std::erase_if(at->second, [id](const hold_row& row) { return row.id == id; });
    if (at->second.empty()) fresh_.erase(at);
}

void hold_book::list(const store::snapshot& from, std::uint32_t account, const party& whose,
                     std::uint64_t before,
                     const std::function<bool(const hold_row&, const record::Hold&)>& visit) const {
    std::vector<store::index_entry> found;
    from.find(table::hold_index, whose.hash(), holds_max, found);
    store::record_reader reader;
    for (const auto& entry : found) {
        if (entry.id >= before) continue;
        const auto* stored = from.get(table::holds, id_key(entry.id), reader);
        if (stored == nullptr) continue;
        const auto row = row_of(entry.id, *stored);
        if (is_on(row, account, whose) && !visit(row, *stored)) return;
    }
}

}  // namespace hikyaku::gateway::dunning
