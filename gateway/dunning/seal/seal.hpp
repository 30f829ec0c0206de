// How persons' data is kept: sealed with a key of the account it belongs to, and looked for by a
// keyed hash. The account's keys are derived from one secret, which the store holds wrapped by the
// master key (master_key.hpp). A seal names the place it was made for, so that nobody can move it
// to another row. Pure but for random nonces; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/dunning/model/keys.hpp"
#include "gateway/model/keys.hpp"
#include "store/table.hpp"

namespace hikyaku::gateway::dunning {

using secret_octets = std::array<std::uint8_t, 32>;
using digest_octets = std::array<std::uint8_t, 32>;

/// Of one account.
struct account_secret {
    secret_octets seal{};    // of what is sealed
    secret_octets lookup{};  // of digests of contact points and references
    secret_octets chain{};   // of the hash chain of its events
};

/// The row, and the field of it, that a seal belongs to.
struct seal_place {
    store::table_number table{};
    std::uint64_t id = 0;
    std::uint8_t field = 0;
};

[[nodiscard]] secret_octets random_secret();
[[nodiscard]] account_secret derive(const secret_octets& root);

/// Nonce and ciphertext: 40 octets more than `plain`.
[[nodiscard]] std::string seal(const account_secret& by, const seal_place& at,
                               std::string_view plain);
/// Empty: it was altered, or made with another key or for another place.
[[nodiscard]] std::optional<std::string> open(const account_secret& by, const seal_place& at,
                                              std::string_view sealed);

/// Of a contact point or a reference, in its canonical form.
[[nodiscard]] party_digest digest_of(const account_secret& by, model::party_scope scope,
                                     std::string_view reference);

/// What indexes have of it.
[[nodiscard]] std::uint64_t index_hash_of(const party_digest& digest);

/// The account's secret as the store has it. Empty: another master key, or altered.
[[nodiscard]] std::string wrap(const secret_octets& master, std::uint32_t account,
                               const secret_octets& root);
[[nodiscard]] std::optional<secret_octets> unwrap(const secret_octets& master,
                                                  std::uint32_t account, std::string_view wrapped);

}  // namespace hikyaku::gateway::dunning
