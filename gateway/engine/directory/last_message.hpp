// The last message of an account to a phone, of those that ask the gate: they stand in an index by
// whom they are for. Transactional messages are in none, so that they cost nothing; where it
// matters who of several accounts wrote last, the youngest messages of all are looked through.
// Reads the store; any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "gateway/engine/types.hpp"
#include "store/environment.hpp"

namespace hikyaku::gateway {

/// So many of the youngest messages of all accounts are looked through: about half a millisecond.
inline constexpr std::size_t looked_back_max = 2000;

/// Visits the messages of the account to `phone` (digits) accepted at `since_ms` or later, the
/// youngest first, until `visit` returns false; at most 256.
void for_each_message_to(
    store::environment& environment, const store::snapshot& from, account_id account,
    std::string_view phone, std::int64_t since_ms,
    const std::function<bool(std::uint64_t, const model::record::Message&)>& visit);

struct writing {
    std::span<const account_id> among;
    std::string_view phone;
    std::string_view sender;  // only with this number as its sender; empty = any
    std::int64_t since_ms = 0;
};
/// Which of the accounts wrote to the phone last. Empty: none, as far as is known.
[[nodiscard]] std::optional<account_id> last_writer_of(store::environment& environment,
                                                       const writing& what);

}  // namespace hikyaku::gateway
