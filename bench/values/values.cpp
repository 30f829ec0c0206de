#include "bench/values/values.hpp"

#include <fmt/format.h>

#include <array>
#include <boost/asio/ip/address.hpp>
#include <charconv>
#include <cmath>

#include "config/values.hpp"

namespace hikyaku::bench {

namespace {

using boost::asio::ip::tcp;

struct unit {
    std::string_view name;
    double factor;
};

constexpr std::array span_units{unit{"us", 1},    unit{"ms", 1e3}, unit{"s", 1e6},
                                unit{"min", 6e7}, unit{"m", 6e7},  unit{"h", 3.6e9}};
constexpr std::array pace_units{unit{"", 1}, unit{"/s", 1}, unit{"/m", 1.0 / 60},
                                unit{"/min", 1.0 / 60}, unit{"/h", 1.0 / 3600}};
constexpr double span_max_us = 10.0 * 365 * 86400 * 1e6;

struct measured {
    double number = 0;
    std::string_view unit;
};

// Digits with at most one point; neither signs nor exponents, which from_chars would take.
std::optional<measured> split(std::string_view text) {
    const std::size_t end = std::min(text.find_first_not_of("0123456789."), text.size());
    measured result{0, text.substr(end)};
    const auto [stop, error] = std::from_chars(text.data(), text.data() + end, result.number);
    if (error != std::errc() || stop != text.data() + end) return std::nullopt;
    return result;
}

template <std::size_t Count>
std::optional<double> factor_of(const std::array<unit, Count>& units, std::string_view name) {
    for (const unit& one : units)
        if (one.name == name) return one.factor;
    return std::nullopt;
}

}  // namespace

parsed<std::chrono::microseconds> parse_span(std::string_view text) {
    const auto read = split(text);
    const auto factor = read ? factor_of(span_units, read->unit) : std::nullopt;
    if (read && read->unit.empty() && read->number == 0) return std::chrono::microseconds(0);
    if (!factor || read->number * *factor > span_max_us)
        return fmt::format("'{}' is no time: a number and us, ms, s, min or h, like 0.5s", text);
    return std::chrono::microseconds(std::llround(read->number * *factor));
}

parsed<std::optional<double>> parse_pace(std::string_view text) {
    if (text == "max") return std::optional<double>();
    const auto read = split(text);
    const auto factor = read ? factor_of(pace_units, read->unit) : std::nullopt;
    if (!factor || !(read->number > 0) || read->number > 1e9)
        return fmt::format("'{}' is no rate: like 5000/s, 300/min, or max", text);
    return std::optional<double>(read->number * *factor);
}

parsed<double> parse_fraction(std::string_view text) {
    const auto read = split(text);
    const double value = read && read->unit == "%" ? read->number / 100 : read ? read->number : -1;
    if (!read || (read->unit != "%" && !read->unit.empty()) || value < 0 || value > 1)
        return fmt::format("'{}' is no fraction: 0 to 1, or 0% to 100%", text);
    return value;
}

parsed<tcp::endpoint> parse_endpoint(std::string_view text) {
    auto address = config::parse_address(text);
    if (!address) return fmt::format("'{}' {}", text, address.error());
    if (address->host == "localhost") address->host = "127.0.0.1";
    boost::system::error_code error;
    const auto host = boost::asio::ip::make_address(address->host, error);
    if (error) return fmt::format("'{}' needs an IP address in front of the port", text);
    return tcp::endpoint(host, address->port);
}

std::string format_endpoint(const tcp::endpoint& endpoint) {
    return config::format_address({endpoint.address().to_string(), endpoint.port()});
}

}  // namespace hikyaku::bench
