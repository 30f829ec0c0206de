// The networks of IANA's special-purpose registries, in one table: where a URL of an account may
// not lead unless it says so, when the configuration is read and when a name has been resolved.
// Pure, any thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace hikyaku::config {

/// True for an address of this machine, or of a network that other networks do not reach: loopback,
/// private, shared, link-local. 4 or 16 octets in network order; mapped IPv4 counts as v4.
[[nodiscard]] bool is_inside_address(const std::uint8_t* bytes, bool v6);

/// False for all of these and for what nobody has: documentation, benchmarking, multicast,
/// reserved. An IPv4 address that is wrapped into IPv6 (mapped, 6to4, NAT64) is judged itself.
[[nodiscard]] bool is_public_address(const std::uint8_t* bytes, bool v6);

/// True if the host is this machine or an address that is not reachable from the internet
/// (is_inside_address). Names other than localhost are not resolved.
[[nodiscard]] bool is_private_host(std::string_view host);

}  // namespace hikyaku::config
