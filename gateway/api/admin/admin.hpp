// The operator's side of HTTP, on its own listener: health, readiness, metrics, carriers, accounts,
// and what carriers sent that found nobody. It belongs on a private address and asks for a token
// only where the settings say so; what a browser sends for a page of somebody else is refused
// (browser_guard.hpp). No sockets; engine's thread.
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/api/admin/clock_page.hpp"
#include "gateway/api/admin/config_page.hpp"
#include "gateway/api/admin/links_page.hpp"
#include "gateway/api/admin/stops_page.hpp"
#include "gateway/api/admin/store_page.hpp"
#include "gateway/api/admin/tasks_page.hpp"
#include "gateway/api/admin/unmatched.hpp"
#include "gateway/api/http.hpp"
#include "gateway/api/request_context.hpp"
#include "gateway/api/service.hpp"

namespace hikyaku::gateway::api {

/// How the last attempt to bind to a carrier ended that failed, with those before it that ended in
/// the same way.
struct bind_end_view {
    std::string stage, reason;  // docs/operations.md lists the stages
    std::string carrier_says;   // the carrier's own words; empty = none
    std::string host;
    std::uint16_t port = 0;  // 0: the carrier had called us
    std::uint64_t times = 0;
    std::int64_t first_ms = 0, last_ms = 0;  // wall clock
    bool over = false;                       // bound since then
};

struct admin_sources {
    /// The Prometheus text of /metrics.
    std::function<std::string()> metrics;
    /// Why the gateway should get no new work (starting, draining, disk refuses); empty = ready.
    std::function<std::optional<std::string>()> not_ready;
    /// Names by which browsers and others may call the listener, beside localhost and addresses.
    std::vector<std::string> hosts;
    /// Empty: no attempt to bind to this carrier has failed yet. May be unset: never one.
    std::function<std::optional<bind_end_view>(std::string_view carrier)> last_bind_end;
    /// As in config_page.
    std::function<void(reply_ticket)> reload;
    /// Everything but /healthz and /readyz wants a token with the role admin.
    bool token_required = false;
    report_source report;
    clock_source clock;
    store_source store;
    guessing_source guessing;
};

class admin_router {
public:
    /// `gateway` outlives the router.
    admin_router(service& gateway, admin_sources sources);

    /// `ticket` is named when an answer that comes later is there.
    [[nodiscard]] admin_answer handle(const http_request& request, reply_ticket ticket,
                                      instant now);

    /// The lines of the route table, in the order in which they are tried.
    [[nodiscard]] static std::vector<route_line> lines();

private:
    using line = route<admin_answer (*)(admin_router&, const request_context&)>;
    static std::span<const line> table();

    [[nodiscard]] http_response ready();
    [[nodiscard]] http_response change_carrier(std::string_view name, bool pause, instant now);
    [[nodiscard]] http_response list_carriers();
    /// Null if there was none.
    [[nodiscard]] boost::json::value last_bind_end(std::string_view carrier) const;
    [[nodiscard]] http_response list_accounts();

    service& service_;
    admin_sources sources_;
    unmatched_pages unmatched_;
    config_page config_;
    stops_page stops_;
    links_page links_;
    clock_page clock_;
    store_page store_;
};

}  // namespace hikyaku::gateway::api
