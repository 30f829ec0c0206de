#include "gateway/dunning/seal/seal.hpp"

#include <sodium.h>

#include <cassert>
#include <cstring>

namespace hikyaku::gateway::dunning {
namespace {

constexpr std::size_t nonce_octets = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t tag_octets = crypto_aead_xchacha20poly1305_ietf_ABYTES;
static_assert(crypto_aead_xchacha20poly1305_ietf_KEYBYTES == sizeof(secret_octets));
static_assert(crypto_kdf_KEYBYTES == sizeof(secret_octets));

const unsigned char* octets_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* octets_of(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
}

std::string seal_with(const secret_octets& by, std::string_view place, std::string_view plain) {
    std::string sealed(nonce_octets + plain.size() + tag_octets, '\0');
    auto* const out = octets_of(sealed);
    randombytes_buf(out, nonce_octets);
    crypto_aead_xchacha20poly1305_ietf_encrypt(out + nonce_octets, nullptr, octets_of(plain),
                                               plain.size(), octets_of(place), place.size(),
                                               nullptr, out, by.data());
    return sealed;
}

std::optional<std::string> open_with(const secret_octets& by, std::string_view place,
                                     std::string_view sealed) {
    if (sealed.size() < nonce_octets + tag_octets) return std::nullopt;
    std::string plain(sealed.size() - nonce_octets - tag_octets, '\0');
    const auto* const in = octets_of(sealed);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(
            octets_of(plain), nullptr, nullptr, in + nonce_octets, sealed.size() - nonce_octets,
            octets_of(place), place.size(), in, by.data()) != 0)
        return std::nullopt;
    return plain;
}

store::key name_of(const seal_place& at) {
    return store::key{}.u8(static_cast<std::uint8_t>(at.table)).u64(at.id).u8(at.field);
}

store::key place_of_account(std::uint32_t account) {
    return store::key{}.bytes("account").u32(account);
}

}  // namespace

secret_octets random_secret() {
    secret_octets made;
    randombytes_buf(made.data(), made.size());
    return made;
}

account_secret derive(const secret_octets& root) {
    constexpr char context[crypto_kdf_CONTEXTBYTES + 1] = "hikyaku1";
    account_secret made;
    crypto_kdf_derive_from_key(made.seal.data(), made.seal.size(), 1, context, root.data());
    crypto_kdf_derive_from_key(made.lookup.data(), made.lookup.size(), 2, context, root.data());
    crypto_kdf_derive_from_key(made.chain.data(), made.chain.size(), 3, context, root.data());
    return made;
}

std::string seal(const account_secret& by, const seal_place& at, std::string_view plain) {
    return seal_with(by.seal, name_of(at), plain);
}

std::optional<std::string> open(const account_secret& by, const seal_place& at,
                                std::string_view sealed) {
    return open_with(by.seal, name_of(at), sealed);
}

party_digest digest_of(const account_secret& by, model::party_scope scope,
                       std::string_view reference) {
    const bool is_contact = scope == model::party_scope::contact;
    const auto canonical = is_contact ? model::canonical_contact(reference) : std::string();
    const auto text = is_contact ? std::string_view(canonical) : reference;
    crypto_generichash_state state;
    crypto_generichash_init(&state, by.lookup.data(), by.lookup.size(), sizeof(party_digest));
    const auto kind = static_cast<unsigned char>(scope);
    crypto_generichash_update(&state, &kind, 1);
    crypto_generichash_update(&state, octets_of(text), text.size());
    party_digest made;
    crypto_generichash_final(&state, made.data(), made.size());
    return made;
}

std::uint64_t index_hash_of(const party_digest& digest) {
    std::uint64_t hash = 0;
    std::memcpy(&hash, digest.data(), sizeof hash);
    return hash;
}

std::string wrap(const secret_octets& master, std::uint32_t account, const secret_octets& root) {
    return seal_with(master, place_of_account(account),
                     {reinterpret_cast<const char*>(root.data()), root.size()});
}

std::optional<secret_octets> unwrap(const secret_octets& master, std::uint32_t account,
                                    std::string_view wrapped) {
    const auto plain = open_with(master, place_of_account(account), wrapped);
    secret_octets root;
    if (!plain || plain->size() != root.size()) return std::nullopt;
    std::memcpy(root.data(), plain->data(), root.size());
    return root;
}

}  // namespace hikyaku::gateway::dunning
