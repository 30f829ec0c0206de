// The callbacks of applications that were written for Jasmin: the reports of `dlr-url` by level 1
// and 2, and replies for `jasmin.reply_url`, as a query or as a form with the parameters of
// Jasmin's HTTP API (docs/jasmin.md). Pure, any thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "gateway/api/callbacks/callback.hpp"

namespace hikyaku::gateway::api {

[[nodiscard]] rendered_callback render_jasmin_callback(const callback_request& what);

/// 2xx, and the body says "ACK/Jasmin" and nothing else, but for space around it.
[[nodiscard]] bool is_jasmin_acknowledgement(std::uint32_t status, std::string_view body);

}  // namespace hikyaku::gateway::api
