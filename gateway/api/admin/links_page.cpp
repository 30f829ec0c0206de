#include "gateway/api/admin/links_page.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "gateway/api/answers.hpp"
#include "gateway/api/json/text.hpp"
#include "gateway/api/problems.hpp"
#include "gateway/api/times.hpp"

namespace hikyaku::gateway::api {
namespace {

namespace json = boost::json;

std::string_view state_of(const reclassification_view& view) {
    if (view.started_ms == 0) return "never";
    return view.running ? "running" : "done";
}

json::object to_json(const reclassification_view& view) {
    json::array moved;
    std::uint64_t sum = 0;
    for (std::size_t from = 0; from < links::hit_class_count; ++from)
        for (std::size_t to = 0; to < links::hit_class_count; ++to) {
            const auto hits = view.moved[from][to];
            if (hits == 0) continue;
            sum += hits;
            moved.push_back(
                json::object{{"from", links::to_string(static_cast<links::hit_class>(from))},
                             {"to", links::to_string(static_cast<links::hit_class>(to))},
                             {"hits", hits}});
        }
    return {{"state", state_of(view)},
            {"started_at", time_or_null(view.started_ms)},
            {"done_at", time_or_null(view.done_ms)},
            {"looked_at", view.looked_at},
            {"changed", sum},
            {"reasons_only", view.reasons_only},
            {"moved", std::move(moved)}};
}

}  // namespace

http_response links_page::show() {
    return json_answer(to_json(service_.reclassification()));
}

http_response links_page::reclassify(instant now) {
    service_.begin_reclassification(now);
    return show();
}

http_response links_answer(const guessing_source& look) {
    if (!look) return refuse(problem_code::no_such_resource);
    const guessing_view view = look();
    const boost::json::object guessing{{"alarm", view.is_raised},
                                       {"alarms", view.times_raised},
                                       {"raised_at", time_or_null(view.raised_ms)},
                                       {"ended_at", time_or_null(view.ended_ms)},
                                       {"unknown_codes", view.misses},
                                       {"budget_used", view.used},
                                       {"networks", view.networks}};
    return json_answer(boost::json::object{{"guessing", guessing}});
}

}  // namespace hikyaku::gateway::api
