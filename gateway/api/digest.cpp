#include "gateway/api/digest.hpp"

#include <sodium.h>

namespace hikyaku::gateway::api {

static_assert(std::tuple_size_v<digest> == crypto_generichash_BYTES);

digest digest_of(std::string_view text) {
    digest result;
    crypto_generichash(result.data(), result.size(),
                       reinterpret_cast<const unsigned char*>(text.data()), text.size(), nullptr,
                       0);
    return result;
}

bool same_secret(std::string_view left, std::string_view right) {
    const digest one = digest_of(left);
    const digest other = digest_of(right);
    return sodium_memcmp(one.data(), other.data(), one.size()) == 0;
}

}  // namespace hikyaku::gateway::api
