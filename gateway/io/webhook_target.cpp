#include "gateway/io/webhook_target.hpp"

#include <algorithm>
#include <array>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <charconv>
#include <span>

namespace hikyaku::gateway::io {
namespace {

using boost::asio::ip::address;
using boost::asio::ip::address_v4;
using boost::asio::ip::address_v6;

struct v4_block {
    std::uint32_t prefix;
    unsigned bits;
};

constexpr std::array v4_blocks{
    v4_block{0x00000000, 8},   // this network
    v4_block{0x0A000000, 8},   // private
    v4_block{0x64400000, 10},  // shared by carriers
    v4_block{0x7F000000, 8},   // loopback
    v4_block{0xA9FE0000, 16},  // link-local, cloud metadata
    v4_block{0xAC100000, 12},  // private
    v4_block{0xC0000000, 24},  // protocol assignments
    v4_block{0xC0000200, 24},  // documentation
    v4_block{0xC0586300, 24},  // 6to4 relays
    v4_block{0xC0A80000, 16},  // private
    v4_block{0xC6120000, 15},  // benchmarking
    v4_block{0xC6336400, 24},  // documentation
    v4_block{0xCB007100, 24},  // documentation
    v4_block{0xE0000000, 4},   // multicast
    v4_block{0xF0000000, 4},   // reserved, broadcast
};

bool is_public_v4(std::uint32_t number) {
    return std::ranges::none_of(
        v4_blocks,
        [number](const v4_block& block) {
            return (number >> (32 - block.bits)) == (block.prefix >> (32 - block.bits));
        });
}

std::uint32_t number_at(const address_v6::bytes_type& bytes, std::size_t offset) {
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < 4; ++i)
        number = number << 8 | bytes[offset + i];
    return number;
}

bool begins_with(const address_v6::bytes_type& bytes, std::span<const std::uint8_t> prefix) {
    return std::equal(prefix.begin(), prefix.end(), bytes.begin());
}

bool is_public_v6(const address_v6& given) {
    const auto bytes = given.to_bytes();
    constexpr std::array<std::uint8_t, 12> nat64{0x00, 0x64, 0xFF, 0x9B};
    constexpr std::array<std::uint8_t, 4> documentation{0x20, 0x01, 0x0D, 0xB8};
    if (given.is_v4_mapped()) return is_public_v4(number_at(bytes, 12));
    if (begins_with(bytes, nat64)) return is_public_v4(number_at(bytes, 12));
    if (bytes[0] == 0x20 && bytes[1] == 0x02) return is_public_v4(number_at(bytes, 2));
    if (begins_with(bytes, documentation)) return false;
    // 2001::/23, protocol assignments (Teredo, benchmarking, ORCHID); 3fff::/20, documentation.
    if (bytes[0] == 0x20 && bytes[1] == 0x01 && bytes[2] < 0x02) return false;
    if (bytes[0] == 0x3F && bytes[1] == 0xFF && bytes[2] < 0x10) return false;
    // Only 2000::/3 is global unicast: this refuses ::, ::1, unique local, link-local, multicast.
    return (bytes[0] & 0xE0) == 0x20;
}

}  // namespace

std::optional<webhook_target> parse_webhook_url(std::string_view url) {
    const auto parsed = boost::urls::parse_uri(url);
    if (!parsed) return {};
    const boost::urls::url_view& view = *parsed;
    webhook_target target;
    if (view.scheme_id() == boost::urls::scheme::https) {
        target.tls = true;
        target.port = 443;
    } else if (view.scheme_id() != boost::urls::scheme::http) {
        return {};
    }
    if (view.has_userinfo() || view.host_address().empty()) return {};
    // port_number() would cut a number that is too large.
    if (const auto port = view.port(); !port.empty()) {
        const auto [end, error] =
            std::from_chars(port.data(), port.data() + port.size(), target.port);
        if (error != std::errc{} || target.port == 0) return {};
    }
    target.host = view.host_address();
    const auto host_and_port = view.encoded_host_and_port();
    target.host_header.assign(host_and_port.data(), host_and_port.size());
    const auto path = view.encoded_target();
    target.path.assign(path.data(), path.size());
    if (!target.path.starts_with('/')) target.path.insert(0, "/");
    return target;
}

bool is_public_address(const address& given) {
    return given.is_v4() ? is_public_v4(given.to_v4().to_uint()) : is_public_v6(given.to_v6());
}

}  // namespace hikyaku::gateway::io
