// The route table of the API's listener: a route is a line here and a handler in its resource.
#include <array>

#include "gateway/api/api.hpp"
#include "gateway/api/openapi/documents.hpp"
#include "gateway/api/openapi/openapi.hpp"
#include "gateway/api/policy/question.hpp"

namespace hikyaku::gateway::api {
namespace {

constexpr std::array<std::string_view, 1> json_only{json_type};
constexpr std::array<std::string_view, 2> json_or_lines{json_type, lines_type};

}  // namespace

std::span<const api_router::line> api_router::table() {
    using in = const request_context&;
    static const std::array lines{
        line{{.method = "POST",
              .pattern = "/v1/messages",
              .needs = role::submit,
              .operation = "sendMessages",
              .summary = "Send one message or many",
              .takes = json_or_lines,
              .in_pieces = lines_type,
              .body = &documents::messages_body,
              .example = documents::message_example,
              .headers = documents::send_headers,
              .answers = documents::send_answers,
              .refuses = documents::send_refuses,
              .all_refused = &documents::accepted_list},
             [](api_router& r, in c) { return r.messages_.post(c); }},
        line{{.method = "GET",
              .pattern = "/v1/messages",
              .needs = role::read,
              .operation = "findMessages",
              .summary = "Find messages by reference, or list them by time and status",
              .query = documents::find_query,
              .answers = documents::find_answers},
             [](api_router& r, in c) { return r.messages_.find(c); }},
        line{{.method = "POST",
              .pattern = "/v1/messages:estimate",
              .needs = role::submit,
              .operation = "estimateMessages",
              .summary = "Plan messages without sending them",
              .takes = json_only,
              .body = &documents::messages_body,
              .example = documents::estimate_example,
              .answers = documents::estimate_answers,
              .refuses = documents::estimate_refuses},
             [](api_router& r, in c) { return r.messages_.estimate(c); }},
        line{{.method = "GET",
              .pattern = "/v1/messages/{id}",
              .needs = role::read,
              .operation = "getMessage",
              .summary = "Look at a message",
              .path = documents::message_path,
              .answers = documents::get_answers,
              .refuses = documents::get_refuses},
             [](api_router& r, in c) { return r.messages_.get(c); }},
        line{{.method = "DELETE",
              .pattern = "/v1/messages/{id}",
              .needs = role::submit,
              .operation = "cancelMessage",
              .summary = "Cancel a message that waits",
              .path = documents::message_path,
              .answers = documents::cancel_answers,
              .refuses = documents::cancel_refuses},
             [](api_router& r, in c) { return r.messages_.cancel(c); }},
        line{{.method = "GET",
              .pattern = "/v1/account",
              .needs = role::read,
              .operation = "getAccount",
              .summary = "Look at the account",
              .answers = documents::account_answers},
             [](api_router& r, in c) { return r.account_.get(c); }},
        line{{.method = "POST",
              .pattern = "/v1/account/dead-letters:replay",
              .needs = role::submit,
              .operation = "replayDeadLetters",
              .summary = "Send dead letters again",
              .query = documents::replay_query,
              .answers = documents::replay_answers},
             [](api_router& r, in c) { return r.account_.replay_dead_letters(c); }},
        line{{.method = "POST",
              .pattern = "/v1/account/webhook:enable",
              .needs = role::submit,
              .operation = "enableWebhook",
              .summary = "Enable the webhook again",
              .answers = documents::enable_answers,
              .refuses = documents::enable_refuses},
             [](api_router& r, in c) { return r.account_.enable_webhook(c); }},
        line{{.method = "POST",
              .pattern = "/v1/policy:evaluate",
              .needs = role::read,
              .operation = "evaluatePolicy",
              .summary = "Ask the gate about a message that is not sent",
              .takes = json_only,
              .body = &policy_question_shape,
              .example = documents::policy_example,
              .answers = documents::policy_answers},
             [](api_router& r, in c) { return r.policy_.evaluate(c); }},
        line{{openapi_line}, [](api_router&, in c) -> answer { return openapi_response(c.http); }},
    };
    return lines;
}

}  // namespace hikyaku::gateway::api
