// The networks of which an operator knows that machines ask for links from there
// ([[server.links.network]]), as one sorted list of borders: a look-up is a binary search, however
// many ranges there are and however they overlap. Immutable; any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "config/settings.hpp"

namespace hikyaku::gateway::links {

class network_list {
public:
    network_list() = default;
    explicit network_list(const std::vector<config::link_network>& networks);

    /// One bit for each config::network_class. `address` is 4 or 16 octets in network order; mapped
    /// IPv4 counts as IPv4.
    [[nodiscard]] std::uint8_t says_of(std::span<const std::uint8_t> address) const;

    /// What is said of a whole network, and what of some address in it, as stored hits have it
    /// ("203.0.113.0/24"). Both 0 for a text that is no network.
    struct network_says {
        std::uint8_t all = 0, some = 0;
    };
    [[nodiscard]] network_says says_of_network(std::string_view text) const;

    [[nodiscard]] bool empty() const { return borders_.empty(); }
    [[nodiscard]] std::uint64_t fingerprint() const;

private:
    using octets_of_v6 = std::array<std::uint8_t, 16>;  // IPv4 as mapped
    struct border {
        octets_of_v6 from{};
        std::uint8_t says = 0;  // from there to the next border
    };
    [[nodiscard]] std::size_t at_or_before(const octets_of_v6& what) const;  // from 1; 0 = none

    std::vector<border> borders_;
};

}  // namespace hikyaku::gateway::links
