// Whom messages that ask the gate are for: an index from contact points, debtors and debts to them,
// and the end of what is queued for somebody who is not to be contacted any more.
#include <algorithm>

#include "gateway/engine/record_values.hpp"
#include "gateway/engine/submission/submission.hpp"
#include "gateway/model/tables.hpp"

namespace hikyaku::gateway {

namespace table = model::table;
namespace record = model::record;
using model::party_scope;

namespace {

// Of one party; what is beyond is older, and ends when the gate is asked about it.
constexpr std::size_t withdrawn_max = 10'000;

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

}  // namespace

void submissions::index_parties(account_id account, const submission& message, message_id id,
                                store::batch& into) {
    const auto add = [&](party_scope scope, std::string_view reference) {
        const auto key = model::party_key(stored(account), scope, reference);
        into.add(table::party_index, {environment_.hash(key), static_cast<std::uint64_t>(id), 0});
    };
    const std::string_view phone = message.destination.digits;
    add(party_scope::contact, phone);
    const std::string_view contact = message.contact.id;
    if (!contact.empty() && model::canonical_contact(contact) != phone)
        add(party_scope::contact, contact);
    if (!message.debtor.empty()) add(party_scope::debtor, message.debtor);
    if (!message.debt.empty()) add(party_scope::debt, message.debt);
}

withdrawal submissions::withdraw(const withdrawn_party& whose, std::string_view reason) {
    const auto key = model::party_key(stored(whose.account), whose.scope, whose.reference);
    std::vector<store::index_entry> found;
    environment_.read().find(table::party_index, environment_.hash(key), withdrawn_max, found);
    withdrawal done;
    for (const auto& entry : found) {
        auto* live = messages_.find_or_load(message_id{entry.id});
        if (live == nullptr) continue;
        if (!is_of(live->record(), whose) || is_final(live->state)) {
            messages_.release(*live);
        } else if (can_end(*live)) {
            ++done.withdrawn;
            const bool may_be_there = std::ranges::any_of(live->segments, [](const auto& each) {
                return each.state == segment_state::maybe_sent;
            });
            if (may_be_there) done.maybe_sent.push_back(live->id);
            messages_.give_up(*live, refusal_error(smpp::command_status::esme_rprohibited,
                                                   {.info = reason, .own = true}));
            messages_.after_attempt(*live);
        } else {
            if (live->committed) done.with_carriers.push_back(live->id);
            messages_.release(*live);
        }
    }
    return done;
}

}  // namespace hikyaku::gateway
