// A door that speaks another gateway's protocol beside the JSON API: it takes its own paths, knows
// its own clients, and answers in that protocol's words. gateway/io/api_driver asks each door for
// every request. Engine's thread.
#pragma once

#include <optional>

#include "gateway/api/http.hpp"
#include "gateway/engine/types.hpp"

namespace hikyaku::gateway::api {

class door {
public:
    virtual ~door() = default;

    /// Whether the request is for this door, and the door is open.
    [[nodiscard]] virtual bool takes(const http_request& request) const = 0;
    /// As api_router::handle().
    [[nodiscard]] virtual std::optional<http_response> handle(const http_request& request,
                                                              session_id session, instant now) = 0;
    /// Whether a request of this door waits for settlements of the session.
    [[nodiscard]] virtual bool waits(session_id session) const = 0;
    /// As api_router::submission_settled().
    [[nodiscard]] virtual std::optional<http_response> submission_settled(reply_ticket ticket,
                                                                          refusal why) = 0;
};

}  // namespace hikyaku::gateway::api
