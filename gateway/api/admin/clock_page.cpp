#include "gateway/api/admin/clock_page.hpp"

#include <fmt/format.h>

#include <boost/json/object.hpp>

#include "gateway/api/answers.hpp"
#include "gateway/api/desk/body.hpp"
#include "gateway/api/json/field_faults.hpp"
#include "gateway/api/openapi/documents.hpp"
#include "gateway/api/times.hpp"

namespace hikyaku::gateway::api {
namespace {

namespace json = boost::json;

problem fault_of(std::string_view member, std::string sentence) {
    return field_fault(problem_code::field_invalid, {}, member, std::move(sentence));
}

/// The moment that a body names; `now_ms` is what the clock says.
boost::system::result<std::int64_t, problem> moment_in(const body_object& body,
                                                       std::int64_t now_ms) {
    if (body.has("by") == body.has("to")) {
        problem fault;
        fault.code = body.has("by") ? problem_code::field_invalid : problem_code::field_missing;
        fault.detail = "say how far with `by`, or until when with `to`";
        return fault;
    }
    if (body.has("by")) {
        const auto by = parse_duration(body.text("by"));
        if (!by) return fault_of("by", "must be a time with a unit, like 8h or 14d");
        return now_ms + std::chrono::milliseconds(*by).count();
    }
    const auto to = body.time("to", 0);
    if (!to) return to.error();
    if (*to < now_ms)
        return fault_of("to", fmt::format("must not be earlier than the clock, which says {}",
                                          format_time(now_ms)));
    return *to;
}

}  // namespace

http_response clock_answer(const clock_view& clock) {
    return json_answer(
        json::object{{"clock", clock.is_virtual ? "virtual" : "system"},
                     {"now", format_time(clock.now_ms)},
                     {"system", format_time(clock.system_ms)},
                     {"moved_by_seconds", (clock.now_ms - clock.system_ms + 500) / 1000},
                     {"stands", clock.stands},
                     {"moves", clock.moves}});
}

http_response clock_page::show() const {
    return source_.look ? clock_answer(source_.look()) : refuse(problem_code::no_such_resource);
}

admin_answer clock_page::advance(const request_context& request) const {
    if (!source_.move)
        return {refuse(problem_code::no_such_resource,
                       "the clock is the system's; that of a sandbox can be moved: [sandbox] "
                       "clock = \"virtual\"")};
    const auto body = body_object::read(request.http.body, documents::clock_move_body);
    if (!body) return {problem_response(body.error())};
    const auto now_ms = request.now.wall_ms;
    const auto to = moment_in(*body, now_ms);
    if (!to) return {problem_response(to.error())};
    if (*to - now_ms > move_max_ms)
        return {problem_response(
            fault_of(body->has("by") ? "by" : "to", "must be at most 400 days ahead"))};
    if (!source_.move(*to, body->flag("stand"), {request.session, 0}))
        return {refuse(problem_code::server_busy, "the clock is being moved already")};
    return {{}, true};
}

}  // namespace hikyaku::gateway::api
