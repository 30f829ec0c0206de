// How a contact point that a request names is known to holds, suppressions and timelines: a number
// as messages have it, whichever way it is written. Used inside this folder; pure.
#pragma once

#include <string>
#include <string_view>

#include "config/settings.hpp"

namespace hikyaku::gateway::api {

/// "090-1234-5678" of an account whose home_country is 81, "+81 90 1234 5678" and "819012345678"
/// are "+819012345678"; what is no number, or none that the account's settings explain, stays as
/// it is.
[[nodiscard]] std::string contact_point(const config::account& account, std::string_view given);

}  // namespace hikyaku::gateway::api
