// What the redirector and the engine tell each other of tracked links: the link that a code stands
// for, and a request for it. Plain data; engine's thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/engine/types.hpp"

namespace hikyaku::gateway {

inline constexpr std::size_t user_agent_octets_max = 256;

/// One request for a link as the redirector saw it, already classified.
struct hit_facts {
    std::string_view code;
    std::uint8_t hit_class = 0;  // links::hit_class
    std::uint32_t reasons = 0;
    std::string_view method;
    std::string_view network;     // cut to /24 or /48
    std::string_view user_agent;  // at most user_agent_octets_max are kept
};

struct link_view {
    message_id message{};
    std::string target;
    std::int64_t created_ms = 0, expires_ms = 0;
    account_id account{};
};

}  // namespace hikyaku::gateway
