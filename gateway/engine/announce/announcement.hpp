// What is told of an account to people who check a message: what its settings say, and what it has
// really used. Plain data; engine's thread.
#pragma once

#include <string>
#include <vector>

#include "config/settings.hpp"

namespace hikyaku::gateway {

/// Of the last 30 days, sorted by their letters.
struct used_names_view {
    std::vector<std::string> senders, domains;
    bool is_complete = true;  // false: there were more than are kept
};

struct announcement {
    config::account_announce says;
    used_names_view used;
};

}  // namespace hikyaku::gateway
