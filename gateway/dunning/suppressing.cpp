// Suppressions: which contact points must not be used for a purpose, beside the holds.
#include <algorithm>

#include "gateway/dunning/octets.hpp"
#include "gateway/dunning/protection.hpp"
#include "gateway/dunning/seal/words.hpp"

namespace hikyaku::gateway::dunning {
namespace {

using model::party_scope;

suppression_words words_of(const suppression_view& view) {
    return {view.contact, view.reason, view.purposes, view.at_ms, view.source, view.by_reply};
}

}  // namespace

refusal protection::suppress(account_id account, const suppression_view& wanted,
                             reply_ticket ticket, instant now) {
    if (const auto why = refuses(); why != refusal::none) return why;
    const auto* const one = &wanted;
    suppress_some(account, {&one, 1}, ticket, now);
    return refusal::none;
}

refusal protection::import_suppressions(account_id account,
                                        std::span<const suppression_view> wanted,
                                        reply_ticket ticket, instant now) {
    if (const auto why = refuses(); why != refusal::none) return why;
    std::vector<const suppression_view*> fresh;
    const auto* keys = gate_.keys().find(stored(account));
    const auto from = store_.read();
    for (const auto& each : wanted) {
        bool is_known = false;
        if (keys != nullptr) {
            const suppression_position at{stored(account),
                                          digest_of(*keys, party_scope::contact, each.contact)};
            const auto known = gate_.suppressions().find(from, at);
            const auto by_reply = gate_.suppressions().find_by_reply(from, at);
            is_known = (each.purposes & ~known) == 0 && (each.purposes & by_reply) == 0 &&
                       !gate_.suppressions().is_pending(at);
        }
        if (!is_known) fresh.push_back(&each);
    }
    suppress_some(account, fresh, ticket, now);
    return refusal::none;
}

void protection::suppress_some(account_id account, std::span<const suppression_view* const> wanted,
                               reply_ticket ticket, instant now) {
    store::batch rows;
    const auto& keys = gate_.keys().of(stored(account), rows);
    suppressed then;
    {
        const auto from = store_.read();
        for (const auto* each : wanted) {
            const suppression_position at{stored(account),
                                          digest_of(keys, party_scope::contact, each->contact)};
            auto row = *each;
            const auto known = gate_.suppressions().find(from, at);
            const auto by_reply = gate_.suppressions().find_by_reply(from, at);
            // What anybody else has suppressed, before or now, no start by reply takes away.
            row.by_reply = static_cast<gate::purpose_set>((by_reply & ~each->purposes) |
                                                          (each->by_reply & (by_reply | ~known)));
            row.purposes |= known;
            if (row.at_ms == 0) row.at_ms = now.wall_ms;
            gate_.suppressions().note_added(at, row.purposes);
            put_suppression(at, words_of(row), keys, rows);
            note(stored(account),
                 {.kind = record::TimelineKind::suppressed,
                  .contact = each->contact,
                  .detail = each->source == record::SuppressionSource::reply ? "reply" : ""},
                 rows, now);
            then.whose.push_back(at);
        }
    }
    keep(rows, ticket, std::move(then), now);
    for (const auto* each : wanted)
        (void)engine_.withdraw({account, party_scope::contact, each->contact, each->purposes}, now);
}

refusal protection::allow_again(account_id account, std::string_view contact,
                                gate::purpose_set purposes, reply_ticket ticket, instant now) {
    if (const auto why = refuses(); why != refusal::none) return why;
    const auto* keys = gate_.keys().find(stored(account));
    if (keys == nullptr) return refusal::not_found;
    const suppression_position at{stored(account), digest_of(*keys, party_scope::contact, contact)};
    // Another change of it is on its way to the disk, and this one would be made of the old row.
    if (gate_.suppressions().is_pending(at)) return refusal::store_busy;
    store::batch rows;
    const auto from = store_.read();
    store::record_reader reader;
    const auto* known = from.get(table::suppressions, suppression_key(at), reader);
    if (known == nullptr || (known->purposes() & purposes) == 0) return refusal::not_found;
    auto rest = view_of(at, *known);
    rest.purposes = static_cast<gate::purpose_set>(rest.purposes & ~purposes);
    rest.by_reply = static_cast<gate::purpose_set>(rest.by_reply & ~purposes);
    if (rest.purposes == 0)
        rows.erase(table::suppressions, suppression_key(at));
    else
        put_suppression(at, words_of(rest), *keys, rows);
    note(stored(account), {.kind = record::TimelineKind::suppression_removed, .contact = contact},
         rows, now);
    gate_.suppressions().note_added(at, 0);  // so that nothing is decided by the old row
    keep(rows, ticket, suppressed{{at}}, now);
    return refusal::none;
}

refusal protection::lift_stop(account_id account, std::string_view contact, reply_ticket ticket,
                              instant now) {
    const auto known = find_suppression(account, contact);
    if (!known || known->by_reply == 0) return refusal::not_found;
    return allow_again(account, contact, known->by_reply, ticket, now);
}

bool protection::is_changing(account_id account, std::string_view contact) const {
    const auto* keys = gate_.keys().find(stored(account));
    return keys != nullptr &&
           gate_.suppressions().is_pending(
               {stored(account), digest_of(*keys, party_scope::contact, contact)});
}

suppression_view protection::view_of(const suppression_position& at,
                                     const record::Suppression& stored) const {
    suppression_view view;
    view.purposes = stored.purposes();
    view.at_ms = stored.at();
    view.source = stored.source();
    view.by_reply = stored.by_reply();
    const auto* keys = gate_.keys().find(at.account);
    if (keys == nullptr) return view;
    auto said = open_words(*keys, place_of(at), view_of_octets(stored.sealed()), 2);
    view.contact = std::move(said[0]);
    view.reason = std::move(said[1]);
    return view;
}

std::optional<suppression_view> protection::find_suppression(account_id account,
                                                             std::string_view contact) const {
    const auto* keys = gate_.keys().find(stored(account));
    if (keys == nullptr) return std::nullopt;
    const suppression_position at{stored(account), digest_of(*keys, party_scope::contact, contact)};
    store::record_reader reader;
    const auto from = store_.read();
    const auto* known = from.get(table::suppressions, suppression_key(at), reader);
    if (known == nullptr) return std::nullopt;
    return view_of(at, *known);
}

std::optional<protection::suppression_page> protection::list_suppressions(account_id account,
                                                                          std::string_view after,
                                                                          std::size_t limit) const {
    suppression_page page;
    const auto prefix = store::key{}.u32(stored(account));
    std::string begin(prefix.view());
    if (!after.empty()) {
        const auto place = digest_in(after);
        if (!place) return std::nullopt;
        begin = suppression_key({stored(account), *place}).view();
    }
    const auto from = store_.read();
    store::record_reader reader;
    from.for_each(table::suppressions, begin, [&](std::string_view key, std::string_view value) {
        if (!key.starts_with(prefix.view())) return false;
        if (key == begin) return true;
        const auto at = suppression_key::parse(key);
        const auto* known = reader.read<record::Suppression>(value);
        if (!at || known == nullptr) return true;
        if (page.found.size() == limit) return false;
        page.found.push_back(view_of(*at, *known));
        page.next = digest_text(at->contact);
        return true;
    });
    if (page.found.size() < limit) page.next.clear();
    return page;
}

}  // namespace hikyaku::gateway::dunning
