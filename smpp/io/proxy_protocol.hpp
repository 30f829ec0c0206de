// The header with which a load balancer tells whose connection it passes on: PROXY protocol,
// version 1 (a line of text) and version 2 (binary), after HAProxy's "The PROXY protocol", 2.1 and
// 2.2. A pure parser for what has been read so far; the listener feeds it, octet by octet if it
// must, because what follows the header belongs to somebody else.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/system/result.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace hikyaku::smpp::io {

/// Of version 1 the specification's own limit; of version 2 ours, enough for every TLV in use.
inline constexpr std::size_t proxy_v1_octets_max = 107;
inline constexpr std::size_t proxy_v2_octets_max = 16 + 4096;

enum class proxy_fault : std::uint8_t {
    no_header,  // begins like neither version
    malformed,  // version, command, family, addresses or ports that are not allowed
    too_long,
};

struct proxy_header {
    /// LOCAL: the balancer speaks for itself, as in a health check.
    bool local = false;
    /// Whose connection it is. Empty for LOCAL, UNKNOWN, UNSPEC and UNIX: that of the balancer.
    std::optional<boost::asio::ip::tcp::endpoint> source;
};

struct proxy_progress {
    /// Octets that may be read further without reading beyond the header; 0: it is complete.
    std::size_t wanted = 0;
    proxy_header header;  // when complete
};

/// `octets` is all that was read, from the first octet of the connection on; never more than was
/// wanted. What begins like no header is a fault with its first strange octet.
[[nodiscard]] boost::system::result<proxy_progress, proxy_fault> parse_proxy_header(
    std::span<const std::uint8_t> octets);

}  // namespace hikyaku::smpp::io
