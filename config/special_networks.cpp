#include "config/special_networks.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "config/settings.hpp"
#include "config/values.hpp"

namespace hikyaku::config {
namespace {

enum class reach : std::uint8_t { inside, nobody };

struct special_block {
    std::string_view network;
    reach who;
};

constexpr special_block special_blocks[] = {
    {"0.0.0.0/8", reach::inside},        // this network
    {"10.0.0.0/8", reach::inside},       // private
    {"100.64.0.0/10", reach::inside},    // shared by carriers
    {"127.0.0.0/8", reach::inside},      // loopback
    {"169.254.0.0/16", reach::inside},   // link-local, cloud metadata
    {"172.16.0.0/12", reach::inside},    // private
    {"192.0.0.0/24", reach::nobody},     // protocol assignments
    {"192.0.2.0/24", reach::nobody},     // documentation
    {"192.88.99.0/24", reach::nobody},   // 6to4 relays
    {"192.168.0.0/16", reach::inside},   // private
    {"198.18.0.0/15", reach::nobody},    // benchmarking
    {"198.51.100.0/24", reach::nobody},  // documentation
    {"203.0.113.0/24", reach::nobody},   // documentation
    {"224.0.0.0/4", reach::nobody},      // multicast
    {"240.0.0.0/4", reach::nobody},      // reserved, broadcast
    {"::/128", reach::inside},           // unspecified
    {"::1/128", reach::inside},          // loopback
    {"2001::/23", reach::nobody},        // protocol assignments (Teredo, benchmarking, ORCHID)
    {"2001:db8::/32", reach::nobody},    // documentation
    {"3fff::/20", reach::nobody},        // documentation
    {"fc00::/7", reach::inside},         // unique local
    {"fe80::/10", reach::inside},        // link-local
};
constexpr std::string_view global_unicast = "2000::/3";  // nothing else of IPv6 is anybody's

// IPv4 addresses in IPv6 ones, and where they begin.
struct wrapping {
    std::string_view network;
    std::size_t at;
};
constexpr wrapping wrappings[] = {{"64:ff9b::/96", 12}, {"2002::/16", 2}};

struct known_block {
    network block;
    reach who;
};

const std::vector<known_block>& known_blocks() {
    static const auto parsed = [] {
        std::vector<known_block> all;
        for (const special_block& each : special_blocks)
            all.push_back({*parse_network(each.network), each.who});
        return all;
    }();
    return parsed;
}

bool is_in(std::string_view block, const std::uint8_t* bytes, bool v6) {
    return parse_network(block)->contains(bytes, v6);
}

bool holds_v4(const std::uint8_t* bytes) {
    constexpr std::array<std::uint8_t, 12> prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
    return std::equal(prefix.begin(), prefix.end(), bytes);
}

}  // namespace

bool is_inside_address(const std::uint8_t* bytes, bool v6) {
    return std::ranges::any_of(
        known_blocks(),
        [&](const known_block& each) {
            return each.who == reach::inside && each.block.contains(bytes, v6);
        });
}

bool is_public_address(const std::uint8_t* bytes, bool v6) {
    if (v6 && holds_v4(bytes)) return is_public_address(bytes + 12, false);
    if (v6) {
        for (const wrapping& each : wrappings)
            if (is_in(each.network, bytes, true)) return is_public_address(bytes + each.at, false);
        if (!is_in(global_unicast, bytes, true)) return false;
    }
    return std::ranges::none_of(
        known_blocks(), [&](const known_block& each) { return each.block.contains(bytes, v6); });
}

bool is_private_host(std::string_view host) {
    if (host == "localhost" || host.ends_with(".localhost")) return true;
    const std::string text{host};
    std::array<std::uint8_t, 16> bytes{};
    const bool v6 = host.find(':') != std::string_view::npos;
    return inet_pton(v6 ? AF_INET6 : AF_INET, text.c_str(), bytes.data()) == 1 &&
           is_inside_address(bytes.data(), v6);
}

}  // namespace hikyaku::config
