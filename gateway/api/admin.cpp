#include "gateway/api/admin.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "gateway/api/answers.hpp"
#include "gateway/api/browser_guard.hpp"
#include "gateway/api/json_text.hpp"
#include "gateway/api/problems.hpp"
#include "gateway/api/target.hpp"
#include "gateway/api/times.hpp"

namespace hikyaku::gateway::api {
namespace {

namespace json = boost::json;

constexpr std::string_view text_type = "text/plain; charset=utf-8";
constexpr std::string_view metrics_type = "text/plain; version=0.0.4; charset=utf-8";
constexpr std::string_view carrier_prefix = "/admin/carriers/";

http_response plain(unsigned status, std::string body, std::string_view type = text_type) {
    http_response response;
    response.status = status;
    response.content_type = type;
    response.body = std::move(body);
    return response;
}

}  // namespace

admin_router::admin_router(service& gateway, admin_sources sources)
    : service_(gateway), sources_(std::move(sources)), unmatched_(gateway) {}

admin_answer admin_router::handle(const http_request& request, reply_ticket ticket, instant now) {
    if (const auto foreign = refuse_foreign_page(request, sources_.hosts))
        return {problem_response(*foreign)};
    const auto target = split_target(request.target);
    const auto path = decode_percent(target.path);
    if (path && unmatched_pages::takes(*path))
        return unmatched_.handle(request, *path, target.query, ticket, now);
    return {answer(request, now)};
}

http_response admin_router::answer(const http_request& request, instant now) {
    const auto decoded = decode_percent(split_target(request.target).path);
    const std::string_view path = decoded ? std::string_view{*decoded} : std::string_view{};
    if (path.starts_with(carrier_prefix)) {
        const std::string_view rest = path.substr(carrier_prefix.size());
        const auto colon = rest.rfind(':');
        if (colon == std::string_view::npos) return refuse(problem_code::no_such_resource);
        return change_carrier(request, rest.substr(0, colon), rest.substr(colon + 1), now);
    }
    const bool reads = request.method == "GET" || request.method == "HEAD";
    const bool known = path == "/healthz" || path == "/readyz" || path == "/metrics" ||
                       path == "/admin/carriers" || path == "/admin/accounts";
    if (!known) return refuse(problem_code::no_such_resource);
    if (!reads) return refuse_method("GET, HEAD");
    if (path == "/healthz") return plain(200, "ok\n");
    if (path == "/readyz") {
        const auto reason = sources_.not_ready();
        return reason ? plain(503, *reason + "\n") : plain(200, "ready\n");
    }
    if (path == "/metrics") return plain(200, sources_.metrics(), metrics_type);
    return path == "/admin/carriers" ? list_carriers() : list_accounts();
}

http_response admin_router::change_carrier(const http_request& request, std::string_view name,
                                           std::string_view verb, instant now) {
    const bool pause = verb == "pause";
    if (!pause && verb != "resume") return refuse(problem_code::no_such_resource);
    if (request.method != "POST") return refuse_method("POST");
    const auto carriers = service_.carriers();
    const bool known = std::ranges::any_of(
        carriers, [name](const carrier_view& each) { return each.name == name; });
    if (!known) return refuse(problem_code::no_such_resource);
    service_.pause_carrier(name, pause, now);
    return json_answer(json::object{{"name", name}, {"paused", pause}});
}

http_response admin_router::list_carriers() {
    json::array list;
    for (const carrier_view& each : service_.carriers()) {
        list.push_back(json::object{{"name", each.name},
                                    {"binds_up", each.binds_up},
                                    {"in_flight", each.in_flight},
                                    {"window", each.window},
                                    {"window_max", each.window_max},
                                    {"paused", each.paused},
                                    {"submitted", each.submitted},
                                    {"refused", each.refused},
                                    {"throttled", each.throttled},
                                    {"last_bind_end", last_bind_end(each.name)}});
    }
    return json_answer(json::object{{"carriers", std::move(list)}});
}

json::value admin_router::last_bind_end(std::string_view carrier) const {
    const auto end =
        sources_.last_bind_end ? sources_.last_bind_end(carrier) : std::optional<bind_end_view>{};
    if (!end) return nullptr;
    const auto or_null = [](const std::string& text) {
        return text.empty() ? json::value(nullptr) : json::value(text);
    };
    return json::object{{"stage", end->stage},
                        {"reason", end->reason},
                        {"carrier_says", or_null(end->carrier_says)},
                        {"host", end->host},
                        {"port", end->port == 0 ? json::value(nullptr) : json::value(end->port)},
                        {"times", end->times},
                        {"first", format_time(end->first_ms)},
                        {"last", format_time(end->last_ms)},
                        {"over", end->over}};
}

http_response admin_router::list_accounts() {
    json::array list;
    for (const account_view& each : service_.accounts()) {
        list.push_back(json::object{{"name", each.name},
                                    {"queued", each.queued},
                                    {"sessions", each.sessions},
                                    {"waiting_smpp", each.outbox_smpp},
                                    {"waiting_webhook", each.outbox_webhook},
                                    {"dead_letters", each.dead_letters},
                                    {"webhook_disabled", each.webhook_disabled}});
    }
    return json_answer(json::object{{"accounts", std::move(list)}});
}

}  // namespace hikyaku::gateway::api
