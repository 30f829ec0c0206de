// Texts that an application wants in GSM 03.38 whatever they hold, as Kannel and Jasmin send them
// with coding 0. Pure, any thread.
#pragma once

#include <string>
#include <string_view>

#include "config/settings.hpp"

namespace hikyaku::gateway::api {

/// Whether every character of the text is in the default alphabet or its extension.
[[nodiscard]] bool fits_gsm(std::string_view utf8);

/// '?' for what the alphabet does not have, unless the account lets other characters stand for it.
[[nodiscard]] std::string forced_into_gsm(const std::string& utf8, const config::account& account);

}  // namespace hikyaku::gateway::api
