// Whom messages that ask the gate are for: an index from contact points, debtors and debts to them.
#include "gateway/engine/submission/submission.hpp"
#include "gateway/model/tables.hpp"

namespace hikyaku::gateway {

namespace table = model::table;
using model::party_scope;

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

}  // namespace hikyaku::gateway
