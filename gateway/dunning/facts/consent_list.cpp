#include "gateway/dunning/facts/consent_list.hpp"

#include <flatbuffers/flatbuffers.h>

#include "gateway/dunning/octets.hpp"
#include "gateway/dunning/seal/words.hpp"

namespace hikyaku::gateway::dunning {
namespace {

// What the gate is told of a source: that it has been written down. It looks at no more.
constexpr std::string_view written_down = "kept";

bool has_source(const consent_position& at, std::string_view sealed, const account_secret& keys) {
    return !open_words(keys, place_of(at), sealed, 2)[1].empty();
}

}  // namespace

seal_place place_of(const consent_position& at) {
    store::key_reader digest({reinterpret_cast<const char*>(at.contact.data()), 8});
    const auto id = digest.u64() ^ static_cast<std::uint64_t>(at.at_ms);
    const auto field = 2U * at.kind + (at.is_withdrawal ? 1U : 0U);
    return {table::consents.number, id, static_cast<std::uint8_t>(field)};
}

void put_consent(const consent_position& at, const consent_words& what, const account_secret& keys,
                 store::batch& rows) {
    const auto sealed =
        seal_words(keys, place_of(at), {what.contact, what.source, what.recorded_by});
    flatbuffers::FlatBufferBuilder fb;
    const auto words = octets_in(fb, sealed);
    fb.Finish(record::CreateConsent(fb, what.recorded_ms, what.is_imported, words));
    rows.put(table::consents, consent_key(at), octets_of(fb));
}

/// The first row of a contact point and kind is the latest, and a withdrawal stands before a
/// consent of the same moment.
void consent_list::look(const store::snapshot& from, const store::key& prefix,
                        const account_secret& keys, latest& found) const {
    const auto consider = [&](std::string_view key, const record::Consent* row) {
        const auto at = consent_key::parse(key);
        if (!at) return;
        const bool is_later = !found.is_there || at->at_ms > found.at_ms;
        const bool is_same_end = found.is_there && at->at_ms == found.at_ms && at->is_withdrawal;
        if (!is_later && !is_same_end) return;
        found.is_there = true;
        found.at_ms = at->at_ms;
        found.counts = !at->is_withdrawal &&
                       (fresh_.contains(key) ||
                        (row != nullptr && has_source(*at, view_of_octets(row->sealed()), keys)));
    };
    store::cursor stored(from, table::consents);
    if (stored.seek(prefix.view()) && std::string_view(stored.key()).starts_with(prefix.view()))
        consider(stored.key(), reader_.read<record::Consent>(stored.value()));
    const auto fresh = fresh_.lower_bound(prefix.view());
    if (fresh != fresh_.end() && fresh->first.starts_with(prefix.view()))
        consider(fresh->first, nullptr);
}

void consent_list::find(const store::snapshot& from, std::uint32_t account,
                        std::span<const party> whose, const account_secret& keys,
                        std::uint32_t kinds, std::vector<gate::consent_fact>& into) const {
    for (std::size_t i = 0; i < gate::consent_kinds; ++i) {
        if ((kinds >> i & 1U) == 0) continue;
        latest found;
        for (const auto& each : whose)
            if (each.scope == model::party_scope::contact)
                look(from,
                     consent_key::prefix_of(account, each.digest, static_cast<std::uint8_t>(i)),
                     keys, found);
        if (found.counts)
            into.push_back({static_cast<gate::consent_kind>(i), found.at_ms, written_down});
    }
}

bool consent_list::has(const store::snapshot& from, const consent_position& at) const {
    const consent_key key(at);
    return fresh_.contains(key.view()) || from.has(table::consents, key);
}

void consent_list::note_added(const consent_position& at) {
    ++fresh_[std::string(consent_key(at).view())];
}

void consent_list::note_stored(const consent_position& at) {
    const auto row = fresh_.find(consent_key(at).view());
    if (row != fresh_.end() && --row->second == 0) fresh_.erase(row);
}

}  // namespace hikyaku::gateway::dunning
