#include "gateway/io/webhook_signature.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <array>

namespace hikyaku::gateway::io {
namespace {

constexpr std::string_view encoded_prefix = "whsec_";

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

std::string signing_key(std::string_view secret) {
    if (!secret.starts_with(encoded_prefix)) return std::string{secret};
    const std::string_view encoded = secret.substr(encoded_prefix.size());
    std::string key(encoded.size(), '\0');
    std::size_t size = 0;
    const char* end = nullptr;
    for (const int variant :
         {sodium_base64_VARIANT_ORIGINAL, sodium_base64_VARIANT_ORIGINAL_NO_PADDING}) {
        const int failed =
            sodium_base642bin(reinterpret_cast<unsigned char*>(key.data()), key.size(),
                              encoded.data(), encoded.size(), nullptr, &size, &end, variant);
        if (failed == 0 && end == encoded.data() + encoded.size()) {
            key.resize(size);
            return key;
        }
    }
    return std::string{secret};
}

std::string sign_webhook(std::string_view key, std::string_view id, std::int64_t timestamp,
                         std::string_view body) {
    const std::string head = fmt::format("{}.{}.", id, timestamp);
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, bytes_of(key), key.size());
    crypto_auth_hmacsha256_update(&state, bytes_of(head), head.size());
    crypto_auth_hmacsha256_update(&state, bytes_of(body), body.size());
    std::array<unsigned char, crypto_auth_hmacsha256_BYTES> digest;
    crypto_auth_hmacsha256_final(&state, digest.data());
    constexpr std::size_t text_size =
        sodium_base64_ENCODED_LEN(crypto_auth_hmacsha256_BYTES, sodium_base64_VARIANT_ORIGINAL);
    std::array<char, text_size> text;
    sodium_bin2base64(text.data(), text.size(), digest.data(), digest.size(),
                      sodium_base64_VARIANT_ORIGINAL);
    return std::string{"v1,"}.append(text.data());
}

std::string webhook_signature(std::string_view secret, std::string_view secret_previous,
                              std::string_view id, std::int64_t timestamp, std::string_view body) {
    std::string value;
    for (const std::string_view each : {secret, secret_previous}) {
        if (each.empty()) continue;
        if (!value.empty()) value.push_back(' ');
        value.append(sign_webhook(signing_key(each), id, timestamp, body));
    }
    return value;
}

}  // namespace hikyaku::gateway::io
