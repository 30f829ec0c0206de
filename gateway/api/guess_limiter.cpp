#include "gateway/api/guess_limiter.hpp"

#include <sodium.h>

#include <algorithm>
#include <string>

namespace hikyaku::gateway::api {
namespace {

constexpr std::size_t name_octets_max = 256;  // a longer name is nobody's

/// The whole address, other than for the redirector, which counts networks.
links::network_key key_of(const peer_address& peer) {
    links::network_key key;
    key.v6 = peer.v6;
    for (std::size_t i = 0; i < (peer.v6 ? 8u : 4u); ++i)
        key.prefix = key.prefix << 8 | peer.bytes[i];
    return key;
}

links::network_key key_of(account_id account) {
    return {static_cast<std::uint64_t>(account), false};
}

}  // namespace

guess_limiter::guess_limiter(links::random_source random)
    : pairs_(links::miss_rate{pair_failures_max, failures_period}, pairs_max, random),
      addresses_(links::miss_rate{address_failures_max, failures_period}, addresses_max, random),
      accounts_(links::miss_rate{account_failures_max, failures_period}, accounts_max, random),
      known_(pairs_max, random) {
    random.fill(key_);
}

links::network_key guess_limiter::pair_of(const peer_address& from, std::string_view name) const {
    static_assert(crypto_shorthash_KEYBYTES == 16 && crypto_shorthash_BYTES == 8);
    const auto address = key_of(from);
    std::string text(name.data(), std::min(name.size(), name_octets_max));
    for (int shift = 0; shift < 64; shift += 8)
        text += static_cast<char>(address.prefix >> shift & 0xFF);
    text += address.v6 ? '6' : '4';
    std::array<unsigned char, crypto_shorthash_BYTES> hash{};
    crypto_shorthash(hash.data(), reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                     key_.data());
    links::network_key key;
    for (const unsigned char octet : hash)
        key.prefix = key.prefix << 8 | octet;
    return key;
}

bool guess_limiter::may_try(const peer_address& from, std::string_view name,
                            std::optional<account_id> account, bool is_listed, milliseconds now) {
    const auto pair = pair_of(from, name);
    if (!pairs_.allow(pair, now)) return false;
    const auto* known = known_.find(pair);
    if (known != nullptr && now - known->last < known_for) return true;
    return addresses_.allow(key_of(from), now) &&
           (!account || is_listed || accounts_.allow(key_of(*account), now));
}

void guess_limiter::failed(const peer_address& from, std::string_view name,
                           std::optional<account_id> account, milliseconds now) {
    pairs_.miss(pair_of(from, name), now);
    addresses_.miss(key_of(from), now);
    if (account) accounts_.miss(key_of(*account), now);
}

void guess_limiter::succeeded(const peer_address& from, std::string_view name, milliseconds now) {
    known_.find_or_add(pair_of(from, name)).last = now;
}

}  // namespace hikyaku::gateway::api
