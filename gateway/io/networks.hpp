// Whether an address of a socket lies in one of the networks of the configuration: allowed clients,
// balancers, those who are never locked out; and whether it is one that a URL of an account may
// lead to. Pure; io thread.
#pragma once

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <vector>

#include "config/settings.hpp"
#include "config/special_networks.hpp"

namespace hikyaku::gateway::io {

[[nodiscard]] inline bool any_contains(const std::vector<config::network>& networks,
                                       const boost::asio::ip::address& address) {
    const auto contain = [&](const auto& bytes, bool v6) {
        return std::any_of(networks.begin(), networks.end(), [&](const config::network& one) {
            return one.contains(bytes.data(), v6);
        });
    };
    if (address.is_v4()) return contain(address.to_v4().to_bytes(), false);
    return contain(address.to_v6().to_bytes(), true);
}

/// See config/special_networks.hpp.
[[nodiscard]] inline bool is_public_address(const boost::asio::ip::address& address) {
    if (address.is_v4()) return config::is_public_address(address.to_v4().to_bytes().data(), false);
    return config::is_public_address(address.to_v6().to_bytes().data(), true);
}

}  // namespace hikyaku::gateway::io
