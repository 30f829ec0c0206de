// What the redirector and the engine tell each other of tracked links: the link that a code stands
// for, and a request for it. Plain data; engine's thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/engine/types.hpp"
#include "gateway/links/classify.hpp"

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

/// Who asks for something of a link's page: with the day, what makes one visit.
struct visitor {
    std::string_view code;
    std::string_view network;     // cut to /24 or /48
    std::string_view user_agent;  // as in hit_facts
};

/// What came of being told that a link was seen.
struct seen_answer {
    refusal why = refusal::none;  // not_found: the account has no such link
    std::int64_t at_ms = 0;       // when it was, as it was told first
};

/// How far old hits are classified anew (hits/reclassifier.hpp).
struct reclassification_view {
    bool running = false;
    std::int64_t started_ms = 0;  // 0: never
    std::int64_t until_ms = 0;    // hits from before then are looked at
    std::int64_t done_ms = 0;     // 0: not yet
    std::uint64_t looked_at = 0;
    std::uint64_t reasons_only = 0;  // other reasons, the same class
    /// Hits by the class that they had and the one that they have now.
    std::array<std::array<std::uint64_t, links::hit_class_count>, links::hit_class_count> moved{};
};

struct link_view {
    message_id message{};
    std::string target;
    std::int64_t created_ms = 0, expires_ms = 0;
    account_id account{};
    std::uint32_t max_uses = 0;  // by people; 0 = as many as they like
    std::uint32_t uses = 0;      // so far, where there is a limit

    /// A link beyond its limit is answered like an unknown code.
    [[nodiscard]] bool is_used_up() const { return max_uses != 0 && uses >= max_uses; }
};

}  // namespace hikyaku::gateway
