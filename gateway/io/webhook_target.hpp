// Where a webhook goes: its URL in parts, and whether an address may be connected to. An account's
// URL must not lead into the operator's own network, so the address that a name resolved to is
// judged, and that very address is connected to. Pure, any thread.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hikyaku::gateway::io {

struct webhook_target {
    bool tls = false;
    std::string host;  // name or address, without brackets
    std::uint16_t port = 80;
    std::string host_header;  // as written in the URL
    std::string path;         // with the query; at least "/"
};

/// Empty unless the URL is absolute, http or https, with a host and without user and password.
[[nodiscard]] std::optional<webhook_target> parse_webhook_url(std::string_view url);

/// False for loopback, private, shared, link-local, documentation, benchmarking, multicast and
/// reserved addresses (IANA's special-purpose registries), also when they are wrapped into IPv6
/// (mapped, 6to4, NAT64).
[[nodiscard]] bool is_public_address(const boost::asio::ip::address& address);

}  // namespace hikyaku::gateway::io
