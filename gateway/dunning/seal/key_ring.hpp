// The accounts' keys in memory: those that the store has are unwrapped at the start, and a new one
// is made for an account of which something is sealed for the first time. Engine's thread.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <string>

#include "gateway/dunning/seal/seal.hpp"
#include "store/batch.hpp"
#include "store/snapshot.hpp"

namespace hikyaku::gateway::dunning {

class key_ring {
public:
    /// False: the master key is not the one that wrapped what is there.
    [[nodiscard]] bool load(const secret_octets& master, const store::snapshot& from);

    /// nullptr: nothing of the account has been sealed.
    [[nodiscard]] const account_secret* find(std::uint32_t account) const;
    /// Makes one if there is none; its row goes into `rows`, which whatever is sealed with it needs
    /// too.
    [[nodiscard]] const account_secret& of(std::uint32_t account, store::batch& rows);

private:
    secret_octets master_{};
    boost::unordered_flat_map<std::uint32_t, account_secret> secrets_;
};

}  // namespace hikyaku::gateway::dunning
