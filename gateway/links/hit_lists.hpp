// Everything by which a hit is classified that is data: lists of user agents and of networks, those
// of the program and an operator's own. Made at the start and on a reload, shared by the redirector
// and by whoever classifies old hits anew. Immutable; any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "config/settings.hpp"
#include "gateway/links/agents.hpp"
#include "gateway/links/network_list.hpp"

namespace hikyaku::gateway::links {

struct hit_lists {
    explicit hit_lists(const config::settings& from)
        : agents(from.agents), networks(from.links.networks) {}

    /// Tells lists apart that differ.
    [[nodiscard]] std::uint64_t fingerprint() const {
        return agents.fingerprint() * 31 + networks.fingerprint();
    }

    agent_lists agents;
    network_list networks;
};

/// Only those of the program; made once.
[[nodiscard]] inline std::shared_ptr<const hit_lists> shipped_hit_lists() {
    static const auto made = std::make_shared<const hit_lists>(config::settings{});
    return made;
}

}  // namespace hikyaku::gateway::links
