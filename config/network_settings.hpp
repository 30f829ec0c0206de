// Rates, addresses and networks as several sections of the configuration have them. Part of
// settings.hpp, which everybody includes.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hikyaku::config {

using std::chrono::milliseconds;

/// `count` segments (or requests) in any `period`; "100/s", "30/min", "5000/h" in the file.
struct rate {
    std::uint32_t count = 0;
    milliseconds period{1000};
    bool operator==(const rate&) const = default;
};
/// Empty means the word "unlimited" in the file.
using rate_limit = std::optional<rate>;

/// A TCP address to listen on or connect to: "127.0.0.1:2775", "[::1]:2775", "smsc.example:2775".
struct address {
    std::string host;
    std::uint16_t port = 0;  // 0 while listening: the system picks one, and it is printed
    bool operator==(const address&) const = default;
};

/// A network in CIDR form; `prefix_bits` counts in the family of `bytes` (4 or 16 of them used).
struct network {
    std::array<std::uint8_t, 16> bytes{};
    bool v6 = false;
    std::uint8_t prefix_bits = 0;
    /// True if the address, 4 or 16 bytes in network order, lies inside. Mapped IPv4 counts as v4.
    [[nodiscard]] bool contains(const std::uint8_t* address_bytes, bool address_is_v6) const;
    bool operator==(const network&) const = default;
};

/// What a request for a link is that comes from a network of the list.
enum class network_class : std::uint8_t { preview, scanner, automation };
struct link_network {
    std::vector<network> ranges;
    network_class says = network_class::scanner;
    std::string note;
    bool operator==(const link_network&) const = default;
};

}  // namespace hikyaku::config
