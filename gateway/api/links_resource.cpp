#include "gateway/api/links_resource.hpp"

#include <boost/json/object.hpp>

#include "gateway/api/answers.hpp"
#include "gateway/api/desk/body.hpp"
#include "gateway/api/json/field_faults.hpp"
#include "gateway/api/openapi/documents.hpp"
#include "gateway/api/times.hpp"

namespace hikyaku::gateway::api {
namespace {

// Two machines' clocks are not one.
constexpr std::int64_t ahead_max_ms = 5LL * 60 * 1000;

}  // namespace

answer links_resource::tell_seen(const request_context& request) {
    const auto body = body_object::read(request.http.body, documents::seen_body);
    if (!body) return problem_response(body.error());
    const auto at = body->time("at", request.now.wall_ms);
    if (!at) return problem_response(at.error());
    if (*at > request.now.wall_ms + ahead_max_ms)
        return problem_response(
            field_fault(problem_code::field_invalid, "", "at", "must not be in the future"));
    const std::string& code = request.in_path.front();
    const auto told =
        service_.tell_seen(request.account, code, *at, {request.session, 0}, request.now);
    if (told.why == refusal::not_found)
        return refuse(problem_code::no_such_resource, "the account has no link with this code");
    if (told.why != refusal::none) return problem_response(problem_of(told.why, 0));
    return waiting_.wait(request.session,
                         json_answer({{"link", code}, {"seen", format_time(told.at_ms)}}));
}

}  // namespace hikyaku::gateway::api
