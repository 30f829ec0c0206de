// The admin pages of receipts and replies that found nobody: list, one, replay; docs/http-api.md
// has the members of the answers. Everything shown is masked (unmatched_mask.hpp). No sockets;
// engine's thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gateway/api/http.hpp"
#include "gateway/api/query.hpp"
#include "gateway/api/service.hpp"

namespace hikyaku::gateway::api {

/// An answer, and whether it may only be sent when the engine says so.
struct admin_answer {
    http_response response;
    bool after_commit = false;  // wait for what tells that it is done, with the ticket
};

/// "CARRIER-TIME-COUNTER", decimal: the order of the list is that of carriers and times.
[[nodiscard]] std::string format_unmatched_id(const model::unmatched_position& id);
[[nodiscard]] std::optional<model::unmatched_position> parse_unmatched_id(std::string_view text);

class unmatched_pages {
public:
    /// `gateway` outlives it.
    explicit unmatched_pages(service& gateway) : service_(gateway) {}

    /// `asked`: after, limit, kind, carrier.
    [[nodiscard]] http_response list(const query_values& asked);
    [[nodiscard]] http_response show(std::string_view id);
    [[nodiscard]] admin_answer replay(std::string_view id, reply_ticket ticket, instant now);

private:
    service& service_;
};

}  // namespace hikyaku::gateway::api
