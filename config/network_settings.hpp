// Networks as the configuration writes them, and those that machines ask for links from. A part of
// settings.hpp, which says who reads it and when.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace hikyaku::config {

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
