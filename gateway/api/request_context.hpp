// One request on its way through a handler: what was sent, by whom, and what the path named. Made
// by the routers of this folder for the length of one call.
#pragma once

#include <optional>
#include <string_view>

#include "gateway/api/http.hpp"
#include "gateway/api/query.hpp"
#include "gateway/api/routes.hpp"
#include "gateway/engine/types.hpp"

namespace hikyaku::gateway::api {

struct request_context {
    const http_request& http;
    std::string_view query;      // still percent-encoded; `parameters` are read from it
    const path_values& in_path;  // what the parts of the pattern stood for
    account_id account{};        // whose token it was; of no meaning where none is needed
    session_id session{};        // new for each request; comes back in the tickets of the engine
    instant now{};
    const query_values& parameters;  // those of the route's line
};

/// Empty: pending, the answer follows when the engine has settled what it was asked for.
using answer = std::optional<http_response>;

}  // namespace hikyaku::gateway::api
