// Consents: what people have agreed to and taken back, which some packs ask for.
#include "gateway/dunning/octets.hpp"
#include "gateway/dunning/protection.hpp"
#include "gateway/dunning/seal/words.hpp"

namespace hikyaku::gateway::dunning {
namespace {

using model::party_scope;

constexpr std::size_t consents_shown = 1000;  // of one contact point

}  // namespace

refusal protection::record_consents(account_id account, std::span<const consent_view> wanted,
                                    reply_ticket ticket, instant now) {
    if (const auto why = refuses(); why != refusal::none) return why;
    store::batch rows;
    const auto number = stored(account);
    const auto& keys = gate_.keys().of(number, rows);
    consented then;
    {
        const auto from = store_.read();
        for (const auto& each : wanted) {
            const consent_position at{number, digest_of(keys, party_scope::contact, each.contact),
                                      static_cast<std::uint8_t>(each.kind), each.at_ms,
                                      each.is_withdrawal};
            // What has been written down stays as it is: an import may come twice.
            if (gate_.consents().has(from, at)) continue;
            put_consent(
                at, {each.contact, each.source, each.recorded_by, now.wall_ms, each.is_imported},
                keys, rows);
            gate_.consents().note_added(at);
            note(number,
                 {.kind = each.is_withdrawal ? record::TimelineKind::consent_withdrawn
                                             : record::TimelineKind::consent_given,
                  .contact = each.contact,
                  .detail = gate::name_of(each.kind)},
                 rows, now);
            then.whose.push_back(at);
        }
    }
    keep(rows, ticket, std::move(then), now);
    return refusal::none;
}

consent_view protection::view_of(const consent_position& at, const record::Consent& stored) const {
    consent_view view;
    view.kind = static_cast<gate::consent_kind>(at.kind);
    view.at_ms = at.at_ms;
    view.is_withdrawal = at.is_withdrawal;
    view.recorded_ms = stored.recorded();
    view.is_imported = stored.imported();
    const auto* keys = gate_.keys().find(at.account);
    if (keys == nullptr) return view;
    auto said = open_words(*keys, place_of(at), view_of_octets(stored.sealed()), 3);
    view.contact = std::move(said[0]);
    view.source = std::move(said[1]);
    view.recorded_by = std::move(said[2]);
    return view;
}

std::vector<consent_view> protection::find_consents(account_id account,
                                                    std::string_view contact) const {
    std::vector<consent_view> found;
    const auto* keys = gate_.keys().find(stored(account));
    if (keys == nullptr) return found;
    const auto digest = digest_of(*keys, party_scope::contact, contact);
    const auto from = store_.read();
    for (std::size_t i = 0; i < gate::consent_kinds; ++i) {
        const auto prefix =
            consent_key::prefix_of(stored(account), digest, static_cast<std::uint8_t>(i));
        bool is_latest = true;
        store::record_reader reader;
        from.for_each_with_prefix(
            table::consents, prefix.view(), [&](std::string_view key, std::string_view value) {
                const auto at = consent_key::parse(key);
                const auto* row = reader.read<record::Consent>(value);
                if (!at || row == nullptr) return true;
                found.push_back(view_of(*at, *row));
                found.back().counts = std::exchange(is_latest, false) && !at->is_withdrawal;
                return found.size() < consents_shown;
            });
    }
    return found;
}

protection::consent_page protection::list_consents(account_id account, std::string_view after,
                                                   std::size_t limit) const {
    consent_page page;
    const auto prefix = store::key{}.u32(stored(account));
    const std::string begin(after.empty() ? prefix.view() : after);
    const auto from = store_.read();
    store::record_reader reader;
    from.for_each(table::consents, begin, [&](std::string_view key, std::string_view value) {
        if (!key.starts_with(prefix.view())) return false;
        if (key == begin) return true;
        const auto at = consent_key::parse(key);
        const auto* row = reader.read<record::Consent>(value);
        if (!at || row == nullptr) return true;
        if (page.found.size() == limit) return false;
        page.found.push_back(view_of(*at, *row));
        page.next = key;
        return true;
    });
    if (page.found.size() < limit) page.next.clear();
    return page;
}

}  // namespace hikyaku::gateway::dunning
