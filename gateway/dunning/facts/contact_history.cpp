#include "gateway/dunning/facts/contact_history.hpp"

#include <algorithm>

#include "store/ids.hpp"

namespace hikyaku::gateway::dunning {
namespace {

using model::party_scope;

// The tag of an entry: the purpose, and of the message's id as much as there is room for.
constexpr std::uint32_t purpose_bits = 2;

std::uint32_t folded(std::uint64_t message) {
    return static_cast<std::uint32_t>((message ^ message >> 30) << purpose_bits);
}

std::uint32_t tag_of(gate::purpose why, std::uint64_t message) {
    return folded(message) | static_cast<std::uint32_t>(why);
}

bool counts_for(party_scope scope) {
    return scope == party_scope::contact || scope == party_scope::debtor;
}

}  // namespace

void contact_history::add(const model::record::Message& message, const hand_off& what,
                          std::span<const party> whose, std::uint64_t turn, store::batch& rows) {
    const auto [message_id, id, again] = what;
    const auto why = message.purpose();
    builder_.Clear();
    const bool anybodys = message.debtor() == nullptr || message.debtor()->size() == 0;
    builder_.Finish(record::CreateContact(builder_, message_id, message.account(),
                                          static_cast<std::uint8_t>(why), again, anybodys));
    rows.put(table::contacts, id_key(id),
             {reinterpret_cast<const char*>(builder_.GetBufferPointer()), builder_.GetSize()});
    unsent_.insert(id);
    for (const auto& each : whose) {
        if (!counts_for(each.scope)) continue;
        const auto hash = each.hash();
        rows.add(table::contact_index, {hash, id, tag_of(why, message_id)});
        fresh_[hash].push_back({id, message_id, turn, why, anybodys});
        turns_.emplace_back(turn, hash);
    }
}

void contact_history::take_back(std::uint64_t id, std::uint64_t turn, store::batch& rows) {
    unsent_.erase(id);
    rows.erase(table::contacts, id_key(id));
    taken_back_.emplace_back(turn, id);
}

void contact_history::note_stored(std::uint64_t turn) {
    std::erase_if(taken_back_, [turn](const auto& one) { return one.first <= turn; });
    while (!turns_.empty() && turns_.front().first <= turn) {
        const auto at = fresh_.find(turns_.front().second);
        turns_.pop_front();
        if (at == fresh_.end()) continue;
        std::erase_if(at->second, [turn](const fresh_contact& one) { return one.turn <= turn; });
        if (at->second.empty()) fresh_.erase(at);
    }
}

/// A message that is known under several of the parties, or went to carriers several times, counts
/// once: when it went last.
void contact_history::note(std::uint64_t id, std::uint64_t message, gate::purpose why,
                           party_scope scope, bool anybodys) const {
    const auto known = std::ranges::find(seen_, message, &seen_contact::message);
    const bool is_new = known == seen_.end();
    auto& one = is_new ? seen_.emplace_back() : *known;
    is_provisional_ |= unsent_.contains(id);
    if (is_new) {
        one.message = message;
        one.fact = {.at_ms = 0, .why = why, .to_contact = false, .to_debtor = false};
    }
    one.fact.at_ms = std::max(one.fact.at_ms, store::id_milliseconds(id));
    (scope == party_scope::contact ? one.fact.to_contact : one.fact.to_debtor) = true;
    one.fact.to_debtor |= anybodys;
}

void contact_history::find(const store::snapshot& from, std::uint64_t message_id,
                           std::span<const party> whose, std::int64_t now_ms,
                           std::vector<gate::contact_fact>& into) const {
    seen_.clear();
    own_ms_ = 0;
    is_provisional_ = false;
    const auto oldest_ms =
        now_ms - std::chrono::duration_cast<std::chrono::milliseconds>(kept).count();
    for (const auto& each : whose) {
        if (!counts_for(each.scope)) continue;
        from.find(table::contact_index, each.hash(), contacts_max, found_);
        for (const auto& entry : found_) {
            if (store::id_milliseconds(entry.id) < oldest_ms) break;  // the youngest come first
            const auto* row = from.get(table::contacts, id_key(entry.id), reader_);
            if (row == nullptr || is_taken_back(entry.id)) continue;
            if (row->message() == message_id)
                own_ms_ = std::max(own_ms_, store::id_milliseconds(entry.id));
            else
                note(entry.id, row->message(), static_cast<gate::purpose>(row->purpose()),
                     each.scope, row->anybodys());
        }
        const auto at = fresh_.find(each.hash());
        if (at == fresh_.end()) continue;
        for (const auto& one : at->second)
            if (one.message == message_id)
                own_ms_ = std::max(own_ms_, store::id_milliseconds(one.id));
            else
                note(one.id, one.message, one.why, each.scope, one.anybodys);
    }
    for (const auto& one : seen_)
        into.push_back(one.fact);
}

bool contact_history::is_taken_back(std::uint64_t id) const {
    return std::ranges::any_of(
        taken_back_, [id](const auto& one) { return one.second == id; });
}

std::size_t contact_history::erase_old(const store::snapshot& from, std::int64_t now_ms,
                                       std::size_t limit, store::batch& rows) {
    const auto end = store::first_id_at(
        now_ms - std::chrono::duration_cast<std::chrono::milliseconds>(kept).count());
    std::size_t erased = 0;
    from.for_each(table::contacts, {}, [&](auto found, auto) {
        const auto id = id_key::parse(found);
        if (!id || *id >= end || erased == limit) return false;
        rows.erase(table::contacts, id_key(*id));
        ++erased;
        return true;
    });
    return erased;
}

}  // namespace hikyaku::gateway::dunning
