#include "gateway/engine/directory/token_hash.hpp"

#include <sodium.h>

namespace hikyaku::gateway {

token_hash hash_of_token(std::string_view token) {
    token_hash hash{};
    crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(token.data()),
                       token.size());
    return hash;
}

}  // namespace hikyaku::gateway
