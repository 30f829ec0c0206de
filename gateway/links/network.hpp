// The network a request comes from, in two roundings: a key for the tables in memory (/24 or /64)
// and a text for storage (/24 or /48), which is as much of a debtor's address as is ever kept.
// An IPv4 address mapped into IPv6 (::ffff:a.b.c.d) counts as IPv4. Pure, any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace hikyaku::gateway::links {

/// One IPv4 /24 or one IPv6 /64.
struct network_key {
    std::uint64_t prefix = 0;  // the first 24 or 64 bits, as a number
    bool v6 = false;
    bool operator==(const network_key&) const = default;
};

/// `address` is 4 or 16 octets in network order; any other size is a bug.
[[nodiscard]] network_key network_of(std::span<const std::uint8_t> address);

/// "203.0.113.0/24" or "2001:db8:1::/48" (RFC 5952). `address` as in network_of().
[[nodiscard]] std::string network_text(std::span<const std::uint8_t> address);

}  // namespace hikyaku::gateway::links
