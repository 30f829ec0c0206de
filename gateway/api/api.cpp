#include "gateway/api/api.hpp"

#include "gateway/api/bearer.hpp"
#include "gateway/api/target.hpp"

namespace hikyaku::gateway::api {
api_router::api_router(service& gateway, const config::http_server& settings,
                       const long_bodies& around)
    : service_(gateway),
      messages_(gateway, settings, around),
      account_(gateway),
      links_(gateway, waiting_),
      imports_(waiting_, around.uploads),
      holds_(gateway, waiting_),
      suppressions_(gateway, waiting_, imports_),
      consents_(gateway, waiting_, imports_),
      tasks_(gateway, waiting_),
      timeline_(gateway, waiting_),
      conversations_(gateway, waiting_, messages_),
      policy_(gateway, waiting_, around.scans) {}

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
    answer result = known.refusal ? std::move(known.refusal)
                                  : call(*known.found, request, values, known.token, session, now);
    if (result) result->is_identified = known.is_identified;
    return result;
}

answer api_router::call(const line& found, const http_request& request, const path_values& values,
                        const known_token& token, session_id session, instant now) {
    const std::string_view query = split_target(request.target).query;
    const auto parameters = read_query(found, query);
    if (!parameters) return problem_response(parameters.error());
    return found.handle(*this, {request, query, values, token.account, session, now, *parameters});
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

answer api_router::rows_kept(reply_ticket ticket) {
    if (imports_.rows_kept(ticket)) return {};
    answer reply = waiting_.take(ticket.session);
    if (reply) reply->is_identified = true;
    return reply;
}

}  // namespace hikyaku::gateway::api
