// The operator's side of HTTP, on its own listener: health, readiness, metrics, carriers and
// accounts. It has no authentication and belongs on a private address; what a browser sends for a
// page of somebody else is refused (browser_guard.hpp). No sockets; engine's thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "gateway/api/http.hpp"
#include "gateway/api/service.hpp"

namespace hikyaku::gateway::api {

struct admin_sources {
    /// The Prometheus text of /metrics.
    std::function<std::string()> metrics;
    /// Why the gateway should get no new work (starting, draining, disk refuses); empty = ready.
    std::function<std::optional<std::string>()> not_ready;
    /// Names by which browsers and others may call the listener, beside localhost and addresses.
    std::vector<std::string> hosts;
};

class admin_router {
public:
    /// `gateway` outlives the router.
    admin_router(service& gateway, admin_sources sources);

    [[nodiscard]] http_response handle(const http_request& request, instant now);

private:
    [[nodiscard]] http_response answer(const http_request& request, instant now);
    [[nodiscard]] http_response change_carrier(const http_request& request, std::string_view name,
                                               std::string_view verb, instant now);
    [[nodiscard]] http_response list_carriers();
    [[nodiscard]] http_response list_accounts();

    service& service_;
    admin_sources sources_;
};

}  // namespace hikyaku::gateway::api
