#include "gateway/engine/directory/token_table.hpp"

#include <sodium.h>

#include <string>

#include "gateway/engine/directory/token_hash.hpp"

namespace hikyaku::gateway {

token_table::token_table() : key_{} {
    static_assert(crypto_shorthash_siphashx24_KEYBYTES == sizeof key_ &&
                  crypto_shorthash_siphashx24_BYTES == sizeof(proof));
    randombytes_buf(key_.data(), key_.size());
}

void token_table::clear() {
    by_hash_.clear();
    by_proof_.clear();
}

void token_table::add(std::string_view hash_octets, const known_token& known) {
    by_hash_[std::string(hash_octets)] = known;
}

std::optional<known_token> token_table::find(std::string_view token) {
    const proof shown = proof_of(token);
    if (const auto at = by_proof_.find(shown); at != by_proof_.end()) return at->second;
    const auto at = by_hash_.find(view_of(hash_of_token(token)));
    if (at == by_hash_.end()) return std::nullopt;
    by_proof_.emplace(shown, at->second);
    return at->second;
}

token_table::proof token_table::proof_of(std::string_view token) const {
    proof made{};
    crypto_shorthash_siphashx24(made.data(), reinterpret_cast<const unsigned char*>(token.data()),
                                token.size(), key_.data());
    return made;
}

}  // namespace hikyaku::gateway
