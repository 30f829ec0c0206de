#include "gateway/dunning/desk/chronicle.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gateway/dunning/octets.hpp"
#include "gateway/dunning/seal/words.hpp"

namespace hikyaku::gateway::dunning {
namespace {

using model::party_scope;

constexpr std::size_t looked_at_max = 10'000;  // events of one party

seal_place event_place(std::uint64_t event) {
    return {table::timeline.number, event, 0};
}

chained_event chained(std::uint64_t id, const record::TimelineEvent& row) {
    return {id,
            row.account(),
            row.number(),
            row.at(),
            static_cast<std::uint8_t>(row.kind()),
            row.subject(),
            view_of_octets(row.sealed())};
}

bool is_equal(std::string_view octets, const digest_octets& digest) {
    return octets == std::string_view(reinterpret_cast<const char*>(digest.data()), digest.size());
}

digest_octets digest_in(const flatbuffers::Vector<std::uint8_t>* from) {
    digest_octets made{};
    if (from != nullptr && from->size() == made.size())
        std::copy(from->begin(), from->end(), made.begin());
    return made;
}

void index_event(const happening& what, const account_secret& keys, store::batch& rows) {
    const auto put = [&](party_scope scope, std::string_view reference) {
        const auto hash = index_hash_of(digest_of(keys, scope, reference));
        rows.add(table::timeline_index, {hash, what.id, 0});
    };
    const auto add = [&](party_scope scope, std::string_view reference) {
        if (!reference.empty()) put(scope, reference);
    };
    if (what.phone.empty() && what.contact.empty() && what.debtor.empty() && what.debt.empty())
        put(party_scope::account, {});
    add(party_scope::contact, what.phone);
    if (model::canonical_contact(what.contact) != model::canonical_contact(what.phone))
        add(party_scope::contact, what.contact);
    add(party_scope::debtor, what.debtor);
    add(party_scope::debt, what.debt);
}

bool is_about(const happening& what, party_scope scope, std::string_view reference) {
    switch (scope) {
        case party_scope::debtor:
            return what.debtor == reference;
        case party_scope::debt:
            return what.debt == reference;
        case party_scope::account:
            return true;
        case party_scope::contact:
            break;
    }
    const auto wanted = model::canonical_contact(reference);
    return model::canonical_contact(what.contact) == wanted ||
           model::canonical_contact(what.phone) == wanted;
}

}  // namespace

/// Keys are made on the engine's thread, in a batch before that of anything which needs them.
const account_secret* chronicle::keys_of(std::uint32_t account, const store::snapshot& from) {
    if (const auto* known = keys_.find(account)) return known;
    if (!keys_.load(master_, from)) return nullptr;
    return keys_.find(account);
}

chronicle::head chronicle::head_in(std::uint32_t account, const store::snapshot& from) {
    store::record_reader reader;
    head found;
    if (const auto* row = from.get(table::chain_heads, account_key_of(account), reader)) {
        found.number = row->number();
        found.hash = digest_in(row->hash());
    }
    return found;
}

chronicle::head& chronicle::head_of(std::uint32_t account, const store::snapshot& from) {
    const auto at = heads_.find(account);
    if (at != heads_.end()) return at->second;
    return heads_.emplace(account, head_in(account, from)).first->second;
}

bool chronicle::append(const happening& what, const store::snapshot& from, store::batch& rows) {
    const auto* keys = keys_of(what.account, from);
    if (keys == nullptr) return false;
    auto& last = head_of(what.account, from);
    const auto sealed =
        what.kind == record::TimelineKind::reply
            ? seal_words(*keys, event_place(what.id),
                         {what.contact, what.phone, what.debtor, what.debt, what.detail, what.text,
                          what.read})
            : seal_words(*keys, event_place(what.id),
                         {what.contact, what.phone, what.debtor, what.debt, what.detail});
    const auto hash = chain_hash(*keys, last.hash,
                                 {what.id, what.account, last.number + 1, what.at_ms,
                                  static_cast<std::uint8_t>(what.kind), what.subject, sealed});
    flatbuffers::FlatBufferBuilder fb;
    const auto words = octets_in(fb, sealed);
    const auto previous = fb.CreateVector(last.hash.data(), last.hash.size());
    const auto own = fb.CreateVector(hash.data(), hash.size());
    fb.Finish(record::CreateTimelineEvent(fb, what.account, last.number + 1, what.at_ms, what.kind,
                                          what.subject, words, previous, own));
    rows.put(table::timeline, id_key(what.id), octets_of(fb));
    index_event(what, *keys, rows);
    ++last.number;
    last.hash = hash;
    fb.Clear();
    const auto at_head = fb.CreateVector(hash.data(), hash.size());
    fb.Finish(record::CreateChainHead(fb, last.number, at_head));
    rows.put(table::chain_heads, account_key_of(what.account), octets_of(fb));
    return true;
}

void chronicle::open_intake(std::uint64_t id, const record::Intake& row,
                            const store::snapshot& from, happening& into) {
    const auto* keys = keys_of(row.account(), from);
    if (keys == nullptr) return;
    auto words = open_words(*keys, {table::intake.number, id, 0}, view_of_octets(row.sealed()), 3);
    into.contact = std::move(words[0]);
    into.debtor = std::move(words[1]);
    into.debt = std::move(words[2]);
}

timeline_view chronicle::view_of(std::uint64_t id, const record::TimelineEvent& row,
                                 const account_secret& keys) {
    timeline_view view;
    view.id = id;
    view.account = row.account();
    view.at_ms = row.at();
    view.kind = row.kind();
    view.subject = row.subject();
    view.number = row.number();
    auto words = open_words(keys, event_place(id), view_of_octets(row.sealed()), 7);
    view.contact = std::move(words[0]);
    view.phone = std::move(words[1]);
    view.debtor = std::move(words[2]);
    view.debt = std::move(words[3]);
    view.detail = std::move(words[4]);
    view.text = std::move(words[5]);
    view.read = std::move(words[6]);
    return view;
}

std::vector<timeline_view> chronicle::find(std::uint32_t account, party_scope scope,
                                           std::string_view reference, std::uint64_t before,
                                           std::size_t limit) {
    const auto* keys = keys_of(account, store_.read());
    if (keys == nullptr) return {};
    return find_those(account, digest_of(*keys, scope, reference), before, limit,
                      [&](const timeline_view& view, const account_secret&) {
                          return is_about(view, scope, reference);
                      });
}

std::vector<timeline_view> chronicle::find(std::uint32_t account, const party_digest& contact,
                                           std::uint64_t before, std::size_t limit) {
    return find_those(
        account, contact, before, limit,
        [&](const timeline_view& view, const account_secret& keys) {
            return digest_of(keys, party_scope::contact, view.phone) == contact ||
                   digest_of(keys, party_scope::contact, view.contact) == contact;
        });
}

std::vector<timeline_view> chronicle::find_those(std::uint32_t account, const party_digest& whose,
                                                 std::uint64_t before, std::size_t limit,
                                                 const fits& fits_it) {
    std::vector<timeline_view> found;
    const auto from = store_.read();
    const auto* keys = keys_of(account, from);
    if (keys == nullptr) return found;
    std::vector<store::index_entry> entries;
    from.find(table::timeline_index, index_hash_of(whose), looked_at_max, entries);
    store::record_reader reader;
    for (const auto& entry : entries) {
        if (found.size() == limit) break;
        if (entry.id >= before) continue;
        const auto* row = from.get(table::timeline, id_key(entry.id), reader);
        if (row == nullptr || row->account() != account) continue;
        auto view = view_of(entry.id, *row, *keys);
        if (fits_it(view, *keys)) found.push_back(std::move(view));
    }
    return found;
}

std::optional<chain_fault> chronicle::check(std::uint32_t account) {
    const auto from = store_.read();
    const auto* keys = keys_of(account, from);
    if (keys == nullptr) return std::nullopt;  // nothing has been written
    std::optional<chain_fault> fault;
    head last;
    from.scan(table::timeline, {}, [&](std::uint64_t id, const record::TimelineEvent& row) {
        if (row.account() != account) return true;
        const auto number = last.number + 1;
        const auto hash = chain_hash(*keys, last.hash, chained(id, row));
        if (row.number() != number)
            fault = chain_fault{number, fmt::format("event {} is missing", number)};
        else if (!is_equal(view_of_octets(row.previous()), last.hash) ||
                 !is_equal(view_of_octets(row.hash()), hash))
            fault = chain_fault{number, fmt::format("event {} was altered", number)};
        last = {number, hash};
        return !fault;
    });
    if (fault) return fault;
    const auto known = head_in(account, from);
    if (known.number != last.number || known.hash != last.hash)
        return chain_fault{last.number + 1, "the last events are missing"};
    return std::nullopt;
}

}  // namespace hikyaku::gateway::dunning
