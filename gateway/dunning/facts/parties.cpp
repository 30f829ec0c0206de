#include "gateway/dunning/facts/parties.hpp"

namespace hikyaku::gateway::dunning {

using model::party_scope;

parties::parties(const model::record::Message& of, const account_secret& keys) {
    const auto add = [&](party_scope scope, std::string_view reference) {
        all_[count_++] = party_of(keys, scope, reference);
    };
    const auto phone = of.destination()->digits()->string_view();
    add(party_scope::contact, phone);
    const auto* contact = of.contact();
    if (contact != nullptr && contact->id() != nullptr && contact->id()->size() > 0 &&
        model::canonical_contact(contact->id()->string_view()) != phone)
        add(party_scope::contact, contact->id()->string_view());
    if (of.debtor() != nullptr && of.debtor()->size() > 0)
        add(party_scope::debtor, of.debtor()->string_view());
    if (of.debt() != nullptr && of.debt()->size() > 0)
        add(party_scope::debt, of.debt()->string_view());
}

}  // namespace hikyaku::gateway::dunning
