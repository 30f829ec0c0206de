// Whom a message is for: its contact point as the application names it, the phone number, debtor
// and debt, each with the keyed hash by which the desk's tables know it: without the account's key
// nobody can tell from the store whether somebody is in them. Made once a question; pure, engine's
// thread.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "gateway/dunning/seal/seal.hpp"
#include "gateway/model/records_generated.h"

namespace hikyaku::gateway::dunning {

struct party {
    model::party_scope scope = model::party_scope::contact;
    std::string_view reference;  // a view into the record
    party_digest digest{};

    /// For indexes.
    [[nodiscard]] std::uint64_t hash() const { return index_hash_of(digest); }
};

[[nodiscard]] inline party party_of(const account_secret& keys, model::party_scope scope,
                                    std::string_view reference) {
    return {scope, reference, digest_of(keys, scope, reference)};
}
/// Who is held when the whole account is.
[[nodiscard]] inline party party_of_account(const account_secret& keys) {
    return party_of(keys, model::party_scope::account, {});
}

class parties {
public:
    parties(const model::record::Message& of, const account_secret& keys);

    [[nodiscard]] std::span<const party> all() const { return {all_.data(), count_}; }

private:
    std::array<party, 4> all_{};
    std::size_t count_ = 0;
};

}  // namespace hikyaku::gateway::dunning
