// The written forms of values in the configuration file: durations, sizes, rates, addresses,
// networks and ${NAME} in texts. Every parser has a formatter that gives the shortest form which
// parses back to the same value. Pure functions on texts: no file, no environment is touched.
// Called by the readers in table.hpp and free to use for command line options, on any thread.
#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "config/settings.hpp"

namespace hikyaku::config {

/// A value, or the end of a sentence that begins with the name of the setting: "needs a unit ...".
template <class T>
using parsed = boost::system::result<T, std::string>;

/// A whole number and one of ms, s, m or min, h, d: "500ms", "30s", "5m", "2h", "7d".
[[nodiscard]] parsed<milliseconds> parse_duration(std::string_view text);
[[nodiscard]] std::string format_duration(milliseconds value);

/// A whole number of bytes and one of B, KiB, MiB, GiB, TiB: "64MiB".
[[nodiscard]] parsed<std::uint64_t> parse_size(std::string_view text);
[[nodiscard]] std::string format_size(std::uint64_t bytes);

/// "100/s", "30/min", "5000/h", "100000/d", or "unlimited" (the empty rate_limit). Never zero.
[[nodiscard]] parsed<rate_limit> parse_rate(std::string_view text);
[[nodiscard]] std::string format_rate(const rate_limit& value);

/// "host:port" or "[IPv6]:port"; the host comes back without brackets.
[[nodiscard]] parsed<address> parse_address(std::string_view text);
[[nodiscard]] std::string format_address(const address& value);

/// "10.0.0.0/8", "2001:db8::/32", or one address without "/". Bits behind the prefix must be zero;
/// an IPv4 network mapped into IPv6 comes back as IPv4.
[[nodiscard]] parsed<network> parse_network(std::string_view text);
[[nodiscard]] std::string format_network(const network& value);

/// "2027-03-31" (its first moment, UTC) or "2027-03-31T18:00:00+09:00", also with "Z": milliseconds
/// since 1970. Years from 1970 to 9999.
[[nodiscard]] parsed<std::int64_t> parse_moment(std::string_view text);
/// "2027-03-31T09:00:00Z".
[[nodiscard]] std::string format_moment(std::int64_t wall_ms);

/// Looks up one environment variable; empty = not set.
using environment_lookup = std::function<std::optional<std::string>(std::string_view)>;

/// Replaces ${NAME} and ${NAME:-default} (used when NAME is not set or empty); "$${" stands for
/// a plain "${". A variable that is not set and has no default is an error.
[[nodiscard]] parsed<std::string> expand(std::string_view text, const environment_lookup& lookup);

/// The text as a TOML basic string, in quotes and with escapes.
[[nodiscard]] std::string in_quotes(std::string_view text);

/// True if the text is an IP address (not a host name), without brackets or prefix.
[[nodiscard]] bool is_ip_address(std::string_view text);

}  // namespace hikyaku::config
