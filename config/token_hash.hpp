// How a token of the HTTP API stands in the configuration without being in it. Pure, any thread.
#pragma once

#include <string>
#include <string_view>

namespace hikyaku::config {

inline constexpr std::string_view token_hash_scheme = "sha256:";
inline constexpr std::size_t token_hash_digits = 64;

/// "sha256:" and the SHA-256 of the token in lower-case hexadecimal digits.
[[nodiscard]] std::string token_hash(std::string_view token);

/// Whether the text has that form.
[[nodiscard]] bool is_token_hash(std::string_view text);

}  // namespace hikyaku::config
