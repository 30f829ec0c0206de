// Confirmations of the store by operators, as evidence: who has said that messages may go out from
// it, and why. Rows only; engine's thread, and `hikyaku store`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "gateway/dunning/model/tables.hpp"
#include "store/batch.hpp"
#include "store/snapshot.hpp"

namespace hikyaku::gateway::dunning {

struct confirmation {
    std::int64_t at_ms = 0;
    std::uint8_t doubts = 0;  // gateway/app/store_guard.hpp
    std::string by, why;
};

/// `id` must be a new one: it tells when.
void put_confirmation(const confirmation& what, std::uint64_t id, store::batch& rows);
/// Empty: there was none.
[[nodiscard]] std::optional<confirmation> last_confirmation(const store::snapshot& from);

}  // namespace hikyaku::gateway::dunning
