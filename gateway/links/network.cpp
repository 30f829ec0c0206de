#include "gateway/links/network.hpp"

#include <fmt/compile.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>

namespace hikyaku::gateway::links {
namespace {

/// The four octets of an IPv4 address, mapped or not; empty for real IPv6.
std::span<const std::uint8_t> v4_octets(std::span<const std::uint8_t> address) {
    assert(address.size() == 4 || address.size() == 16);
    if (address.size() == 4) return address;
    constexpr std::array<std::uint8_t, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (std::ranges::equal(address.first(mapped.size()), mapped)) return address.last(4);
    return {};
}

}  // namespace

network_key network_of(std::span<const std::uint8_t> address) {
    const auto v4 = v4_octets(address);
    network_key key;
    key.v6 = v4.empty();
    for (const std::uint8_t octet : key.v6 ? address.first(8) : v4.first(3))
        key.prefix = key.prefix << 8 | octet;
    return key;
}

std::string network_text(std::span<const std::uint8_t> address) {
    const auto v4 = v4_octets(address);
    if (!v4.empty()) return fmt::format(FMT_COMPILE("{}.{}.{}.0/24"), v4[0], v4[1], v4[2]);

    std::array<unsigned, 3> groups{};
    for (std::size_t i = 0; i < groups.size(); ++i)
        groups[i] = static_cast<unsigned>(address[2 * i]) << 8 | address[2 * i + 1];
    // The zeros at the end are always the longest run, so "::" stands there.
    std::size_t count = groups.size();
    while (count > 0 && groups[count - 1] == 0)
        --count;
    std::string text;
    for (std::size_t i = 0; i < count; ++i)
        text += fmt::format("{}{:x}", i == 0 ? "" : ":", groups[i]);
    return text + "::/48";
}

}  // namespace hikyaku::gateway::links
