// Which browser a person would hold behind a User-Agent header, by the form that all of them share:
// Mozilla/5.0, an engine, a platform. Also the platform by itself, which newer browsers tell a
// second time (Sec-CH-UA-Platform). Used inside this folder only. Pure, any thread.
#pragma once

#include <string_view>

#include "gateway/links/agents.hpp"

namespace hikyaku::gateway::links {

struct named_browser {
    browser_kind kind = browser_kind::none;  // never feature_phone: those are a list
    bool outdated = false;
};

[[nodiscard]] named_browser browser_in(std::string_view user_agent);

/// Whether what Sec-CH-UA-Platform says (in quotes, as received) contradicts the user agent, or no
/// browser of that user agent sends it. Empty or unknown platforms contradict nothing.
[[nodiscard]] bool contradicts_platform(std::string_view user_agent, std::string_view platform);

}  // namespace hikyaku::gateway::links
