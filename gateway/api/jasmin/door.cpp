#include "gateway/api/jasmin/door.hpp"

#include <boost/json/object.hpp>

#include "gateway/api/answers.hpp"
#include "gateway/api/jasmin/answers.hpp"
#include "gateway/api/jasmin/message.hpp"
#include "gateway/api/target.hpp"

namespace hikyaku::gateway::api {

using jasmin::fault;

namespace {

constexpr std::string_view send_path = "/send";
constexpr std::string_view rate_path = "/rate";
constexpr std::string_view balance_path = "/balance";
constexpr std::string_view ping_path = "/ping";

fault jasmin_fault(error_id why) {
    return {why, {}, {}};
}

std::optional<fault> check_jasmin_content(const jasmin::request& request) {
    const bool text = request.find("content") != nullptr;
    const bool octets = request.find("hex-content") != nullptr;
    if (text && octets) return jasmin_fault(error_id::content_twice);
    if (!text && !octets) return jasmin_fault(error_id::content_missing);
    return {};
}

http_response jasmin_pong() {
    http_response response;
    response.content_type = "text/plain";
    response.body = "Jasmin/PONG";
    return response;
}

std::string_view jasmin_password(const config::account& account, std::string_view) {
    return account.jasmin->password;
}

http_response identified(http_response response) {
    response.is_identified = true;
    return response;
}

}  // namespace

bool jasmin_door::takes(const http_request& request) const {
    if (!settings_.jasmin) return false;
    const auto path = split_target(request.target).path;
    return path == send_path || path == rate_path || path == balance_path || path == ping_path;
}

std::optional<http_response> jasmin_door::handle(const http_request& http, session_id session,
                                                 instant now) {
    login_.count_request();
    const auto path = split_target(http.target).path;
    if (http.method != "GET" && http.method != "POST")
        return jasmin::error(jasmin_fault(error_id::method_not_allowed), {});
    if (path == ping_path) return jasmin_pong();
    auto request = jasmin::read_request(http);
    if (path == send_path) return send(http, request, session, now);
    return path == rate_path ? rate(http, std::move(request), now) : balance(http, request, now);
}

std::optional<account_id> jasmin_door::authenticate(const http_request& http,
                                                    const jasmin::request& request, instant now) {
    const auto username = request.value_of("username");
    return login_.check(service_, http, {username, request.value_of("password")},
                        service_.account_by_jasmin_username(username), jasmin_password, now);
}

std::optional<http_response> jasmin_door::send(const http_request& http,
                                               const jasmin::request& request, session_id session,
                                               instant now) {
    auto wrong = request.wrong;
    if (!wrong) wrong = check_arguments(request, jasmin::page::send);
    if (!wrong) wrong = check_jasmin_content(request);
    if (wrong) return jasmin::error(*wrong, request);
    const auto account = authenticate(http, request, now);
    if (!account) return jasmin::error(jasmin_fault(error_id::credentials_wrong), request);
    auto message = jasmin::make_message(request, service_.settings_of(*account), now.wall_ms);
    if (!message) return identified(jasmin::error(message.error(), request));
    const auto result = service_.submit(*account, std::move(*message), {session, 0}, now);
    if (result.why != refusal::none)
        return identified(jasmin::error(jasmin_fault(error_of(result.why)), request));
    wait(session, result.id);
    return {};
}

std::optional<http_response> jasmin_door::submission_settled(reply_ticket ticket, refusal why) {
    const auto id = take(ticket.session);
    // What is refused so late is the disk's fault, whose words name no argument.
    return identified(why == refusal::none ? jasmin::success(id)
                                           : jasmin::error(jasmin_fault(error_of(why)), {}));
}

/// Theirs is the price of a unit; no prices are known here.
http_response jasmin_door::rate(const http_request& http, jasmin::request&& request, instant now) {
    auto wrong = request.wrong;
    if (!wrong) wrong = check_arguments(request, jasmin::page::rate);
    if (!wrong) {
        wrong = check_jasmin_content(request);
        if (wrong && wrong->why == error_id::content_missing) {
            request.arguments.push_back({"content", {}});
            wrong.reset();
        }
    }
    if (wrong) return jasmin::json_error(*wrong, request);
    const auto account = authenticate(http, request, now);
    if (!account) return jasmin::json_error(jasmin_fault(error_id::credentials_wrong), request);
    auto message = jasmin::make_message(request, service_.settings_of(*account), now.wall_ms);
    if (!message) return identified(jasmin::json_error(message.error(), request));
    const auto result = service_.estimate(*account, std::move(*message), now);
    if (result.why != refusal::none)
        return identified(jasmin::json_error(jasmin_fault(error_of(result.why)), request));
    return identified(json_answer({{"unit_rate", 0}, {"submit_sm_count", result.segments}}));
}

/// Nothing is charged here: both are what theirs says of a user without quotas.
http_response jasmin_door::balance(const http_request& http, const jasmin::request& request,
                                   instant now) {
    auto wrong = request.wrong;
    if (!wrong && request.arguments.empty()) wrong = jasmin_fault(error_id::body_invalid);
    if (!wrong) wrong = check_arguments(request, jasmin::page::balance);
    if (wrong) return jasmin::json_error(*wrong, request);
    if (!authenticate(http, request, now))
        return jasmin::json_error(jasmin_fault(error_id::credentials_wrong), request);
    return identified(json_answer({{"balance", "ND"}, {"sms_count", "ND"}}));
}

}  // namespace hikyaku::gateway::api
