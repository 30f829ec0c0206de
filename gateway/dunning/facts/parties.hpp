// Whom a message is for: its contact point as the application names it, the phone number, debtor
// and debt, each with the hash by which indexes know it. Made once a question; pure, engine's
// thread.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "gateway/model/keys.hpp"
#include "gateway/model/records_generated.h"
#include "store/environment.hpp"

namespace hikyaku::gateway::dunning {

struct party {
    model::party_scope scope = model::party_scope::contact;
    std::string_view reference;  // a view into the record
    std::uint64_t hash = 0;      // of model::party_key()
};

/// Who is held when the whole account is.
[[nodiscard]] inline party party_of_account(std::uint32_t account,
                                            const store::environment& store) {
    return {.scope = model::party_scope::account,
            .reference = {},
            .hash = store.hash(model::party_key(account, model::party_scope::account, {}))};
}

class parties {
public:
    parties(const model::record::Message& of, const store::environment& store);

    [[nodiscard]] std::span<const party> all() const { return {all_.data(), count_}; }

private:
    std::array<party, 4> all_{};
    std::size_t count_ = 0;
};

}  // namespace hikyaku::gateway::dunning
