// The form in which API tokens are known: SHA-256, so that the configuration need not hold them and
// a look-up takes the same time whatever is wrong with a token. No slow hash is needed, as tokens
// are random and long. Pure, any thread.
#pragma once

#include <array>
#include <string_view>

namespace hikyaku::gateway {

using token_hash = std::array<unsigned char, 32>;

[[nodiscard]] token_hash hash_of_token(std::string_view token);

/// The octets as text, to look up with.
[[nodiscard]] inline std::string_view view_of(const token_hash& hash) {
    return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

}  // namespace hikyaku::gateway
