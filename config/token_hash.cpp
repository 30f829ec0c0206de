#include "config/token_hash.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <array>

namespace hikyaku::config {

std::string token_hash(std::string_view token) {
    std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
    crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(token.data()),
                       token.size());
    std::string text{token_hash_scheme};
    for (const unsigned char each : hash)
        text += fmt::format("{:02x}", each);
    return text;
}

bool is_token_hash(std::string_view text) {
    if (!text.starts_with(token_hash_scheme)) return false;
    text.remove_prefix(token_hash_scheme.size());
    const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    return text.size() == token_hash_digits && std::ranges::all_of(text, is_digit);
}

}  // namespace hikyaku::config
