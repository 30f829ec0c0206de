#include "gateway/api/api.hpp"

#include <array>

#include "gateway/api/bearer.hpp"
#include "gateway/api/target.hpp"

namespace hikyaku::gateway::api {
namespace {

constexpr std::array<std::string_view, 1> json_only{json_type};
constexpr std::array<std::string_view, 2> json_or_lines{json_type, lines_type};

constexpr shape id_shape = text_shape(1, 19);
constexpr shape time_shape = text_shape(20, 35, "date-time");
constexpr shape word_list_shape = text_shape(1);
constexpr shape limit_shape = integer_shape(1, 1'000'000);
constexpr shape reference_shape = text_shape(1, 64);
constexpr std::array find_query{
    query_member{.name = "reference",
                 .is = &reference_shape,
                 .meaning = "those with this reference, newest first; alone"},
    query_member{.name = "after",
                 .is = &id_shape,
                 .meaning = "behind the message with this id, the last one seen"},
    query_member{.name = "from", .is = &time_shape, .meaning = "accepted at this time or later"},
    query_member{.name = "to", .is = &time_shape, .meaning = "accepted before this time"},
    query_member{.name = "status",
                 .is = &word_list_shape,
                 .meaning = "in one of these states, with commas between them"},
    query_member{.name = "limit", .is = &limit_shape, .meaning = "at most so many"},
};

}  // namespace

std::span<const api_router::line> api_router::table() {
    static const std::array lines{
        line{{.method = "POST",
              .pattern = "/v1/messages",
              .needs = role::submit,
              .operation = "sendMessages",
              .summary = "Send one message or many",
              .takes = json_or_lines,
              .in_pieces = lines_type},
             [](api_router& r, const request_context& c) { return r.messages_.post(c); }},
        line{{.method = "GET",
              .pattern = "/v1/messages",
              .needs = role::read,
              .operation = "findMessages",
              .summary = "Find messages by reference, or list them by time and status",
              .query = find_query,
              .paged = true},
             [](api_router& r, const request_context& c) { return r.messages_.find(c); }},
        line{{.method = "POST",
              .pattern = "/v1/messages:estimate",
              .needs = role::submit,
              .operation = "estimateMessages",
              .summary = "Plan messages without sending them",
              .takes = json_only},
             [](api_router& r, const request_context& c) { return r.messages_.estimate(c); }},
        line{{.method = "GET",
              .pattern = "/v1/messages/{id}",
              .needs = role::read,
              .operation = "getMessage",
              .summary = "Look at a message"},
             [](api_router& r, const request_context& c) { return r.messages_.get(c); }},
        line{{.method = "DELETE",
              .pattern = "/v1/messages/{id}",
              .needs = role::submit,
              .operation = "cancelMessage",
              .summary = "Cancel a message that waits"},
             [](api_router& r, const request_context& c) { return r.messages_.cancel(c); }},
        line{{.method = "GET",
              .pattern = "/v1/account",
              .needs = role::read,
              .operation = "getAccount",
              .summary = "Look at the account"},
             [](api_router& r, const request_context& c) { return r.account_.get(c); }},
        line{{.method = "POST",
              .pattern = "/v1/account/dead-letters:replay",
              .needs = role::submit,
              .operation = "replayDeadLetters",
              .summary = "Send dead letters again"},
             [](api_router& r, const request_context& c) {
                 return r.account_.replay_dead_letters(c);
             }},
        line{{.method = "POST",
              .pattern = "/v1/account/webhook:enable",
              .needs = role::submit,
              .operation = "enableWebhook",
              .summary = "Enable the webhook again"},
             [](api_router& r, const request_context& c) { return r.account_.enable_webhook(c); }},
    };
    return lines;
}

api_router::api_router(service& gateway, const config::http_server& settings, long_bodies around)
    : service_(gateway), messages_(gateway, settings, std::move(around)), account_(gateway) {}

std::vector<route_line> api_router::lines() {
    return {table().begin(), table().end()};
}

api_counters api_router::counters() const {
    return {requests_, unauthorized_, messages_.replayed()};
}

api_router::head api_router::read_head(const http_request& request, path_values& values,
                                       instant now) {
    head result;
    auto found = find_route(table(), request, split_target(request.target).path, values);
    const line* const wanted = found.refusal ? nullptr : &table()[found.index];
    const bool is_open = wanted != nullptr && wanted->needs == role::nobody;
    if (!is_open) {
        auto who = authenticate(service_, request, now);
        result.is_identified = !who.refusal;
        result.token = who.token;
        if (!who.refusal && wanted != nullptr) who.refusal = refuse_role(who.token, wanted->needs);
        if (who.refusal) {
            ++unauthorized_;
            result.refusal = std::move(who.refusal);
            return result;
        }
    }
    result.refusal = std::move(found.refusal);
    result.found = wanted;
    return result;
}

answer api_router::handle(const http_request& request, session_id session, instant now) {
    ++requests_;
    path_values values;
    head known = read_head(request, values, now);
    answer result = known.refusal
                        ? std::move(known.refusal)
                        : known.found->handle(*this, {request, split_target(request.target).query,
                                                      values, known.token.account, session, now});
    if (result) result->is_identified = known.is_identified;
    return result;
}

api_router::head_answer api_router::look_at_head(const http_request& request, instant now) {
    path_values values;
    head known = read_head(request, values, now);
    if (known.refusal) ++requests_;
    const bool in_pieces =
        known.found != nullptr && !known.found->in_pieces.empty() &&
        equal_ignoring_case(media_type(request.header("Content-Type")), known.found->in_pieces);
    return {std::move(known.refusal), known.token.account, in_pieces};
}

answer api_router::submission_settled(reply_ticket ticket, refusal why) {
    answer reply = messages_.submission_settled(ticket, why);
    if (reply) reply->is_identified = true;
    return reply;
}

answer api_router::cancellation_settled(reply_ticket, message_id id) {
    answer reply = messages_.cancellation_settled(id);
    if (reply) reply->is_identified = true;
    return reply;
}

}  // namespace hikyaku::gateway::api
