// The written forms of values that the carrier and load commands share: times, rates, fractions and
// addresses. They are laxer than the configuration's ("0.5s", "5%", "max"), because they are typed
// by hand and live for one run. Pure functions; called while the command line is read.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/system/result.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hikyaku::bench {

/// A value, or a sentence for people that says what was expected.
template <class T>
using parsed = boost::system::result<T, std::string>;

/// A number, decimals allowed, and one of us, ms, s, m or min, h: "0.5s", "250us", "2min". Never
/// negative, at most ten years; plain "0" needs no unit.
[[nodiscard]] parsed<std::chrono::microseconds> parse_span(std::string_view text);

/// Messages per second: "5000/s", "5000", "300/min", "36000/h"; empty for "max". Never zero.
[[nodiscard]] parsed<std::optional<double>> parse_pace(std::string_view text);

/// 0 to 1, or "0%" to "100%".
[[nodiscard]] parsed<double> parse_fraction(std::string_view text);

/// An address to listen on, "127.0.0.1:2776", "[::1]:2776" or "localhost:2776".
[[nodiscard]] parsed<boost::asio::ip::tcp::endpoint> parse_endpoint(std::string_view text);

/// How an endpoint is printed: "127.0.0.1:2776", "[::1]:2776".
[[nodiscard]] std::string format_endpoint(const boost::asio::ip::tcp::endpoint& endpoint);

}  // namespace hikyaku::bench
