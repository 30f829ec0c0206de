#include "gateway/api/admin/admin.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "gateway/api/answers.hpp"
#include "gateway/api/bearer.hpp"
#include "gateway/api/browser_guard.hpp"
#include "gateway/api/json/text.hpp"
#include "gateway/api/problems.hpp"
#include "gateway/api/target.hpp"
#include "gateway/api/times.hpp"

namespace hikyaku::gateway::api {
namespace {

namespace json = boost::json;

}  // namespace

std::vector<route_line> admin_router::lines() {
    return {table().begin(), table().end()};
}

admin_router::admin_router(service& gateway, admin_sources sources)
    : service_(gateway),
      sources_(std::move(sources)),
      unmatched_(gateway),
      config_(sources_.reload),
      stops_(gateway),
      links_(gateway),
      clock_(sources_.clock),
      store_(sources_.store) {}

admin_answer admin_router::handle(const http_request& request, reply_ticket ticket, instant now) {
    if (const auto foreign = refuse_foreign_page(request, sources_.hosts))
        return {problem_response(*foreign)};
    const auto target = split_target(request.target);
    path_values values;
    auto found = find_route(table(), request, target.path, values);
    const role needed = found.refusal ? role::admin : table()[found.index].needs;
    known_token token{};
    if (sources_.token_required && needed != role::nobody) {
        auto who = authenticate(service_, request, now);
        if (!who.refusal) who.refusal = refuse_role(who.token, needed);
        if (who.refusal) return {std::move(*who.refusal)};
        token = who.token;
    }
    if (found.refusal) return {std::move(*found.refusal)};
    const line& wanted = table()[found.index];
    const auto parameters = read_query(wanted, target.query);
    if (!parameters) return {problem_response(parameters.error())};
    return wanted.handle(
        *this, {request, target.query, values, token.account, ticket.session, now, *parameters});
}

http_response admin_router::ready() {
    const auto reason = sources_.not_ready();
    return reason ? plain_answer(503, *reason + "\n") : plain_answer(200, "ready\n");
}

http_response admin_router::change_carrier(std::string_view name, bool pause, instant now) {
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
                                    {"delivered_late", each.delivered_late},
                                    {"cancels_asked", each.cancels_asked},
                                    {"cancels_granted", each.cancels_granted},
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
