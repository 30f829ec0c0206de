// The hash chain of one account's events: each event has the hash of the one before in its own, so
// that whoever alters, removes or adds one in the middle breaks the chain there. Hashes are keyed
// with a secret of the account: without the master key nobody can make a chain that holds. What is
// sealed in an event counts as it is sealed. Pure; any thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "gateway/dunning/seal/seal.hpp"

namespace hikyaku::gateway::dunning {

/// What the hash of an event covers; views.
struct chained_event {
    std::uint64_t id = 0;
    std::uint32_t account = 0;
    std::uint64_t number = 0;  // in the chain, from 1
    std::int64_t at_ms = 0;
    std::uint8_t kind = 0;
    std::uint64_t subject = 0;
    std::string_view sealed;
};

/// `previous` is all 0 for the first one.
[[nodiscard]] digest_octets chain_hash(const account_secret& by, const digest_octets& previous,
                                       const chained_event& event);

}  // namespace hikyaku::gateway::dunning
