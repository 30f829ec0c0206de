#include "gateway/api/admin/tasks_page.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "gateway/api/answers.hpp"
#include "gateway/api/desk/body.hpp"
#include "gateway/api/desk/documents.hpp"
#include "gateway/api/desk/party.hpp"
#include "gateway/api/desk/tasks_resource.hpp"
#include "gateway/dunning/protection.hpp"
#include "store/ids.hpp"

namespace hikyaku::gateway::api {
namespace {

constexpr account_id nobody_s{};
constexpr std::int64_t listed_default = 100;

}  // namespace

http_response list_operator_tasks(service& gateway, const query_values& asked) {
    auto* const desk = gateway.desk();
    if (desk == nullptr) return refuse(problem_code::server_busy);
    const auto after = read_place("after", asked.text("after"));
    if (!after) return problem_response(after.error());
    const auto limit = static_cast<std::size_t>(asked.number("limit").value_or(listed_default));
    const auto found = desk->list_tasks(nobody_s, *after, limit);
    boost::json::array list;
    for (const auto& each : found)
        list.push_back(to_json(each));
    boost::json::object body{{"tasks", std::move(list)}};
    if (found.size() == limit) body["next"] = store::format_id(found.back().id);
    return json_answer(body);
}

admin_answer end_operator_task(service& gateway, const request_context& request) {
    auto* const desk = gateway.desk();
    if (desk == nullptr) return {refuse(problem_code::server_busy)};
    const auto body = body_object::read(request.http.body, documents::done_body);
    if (!body) return {problem_response(body.error())};
    const auto id = store::parse_id(request.in_path.front());
    auto task = id ? desk->find_task(nobody_s, *id) : std::nullopt;
    if (!task) return {refuse(problem_code::no_such_resource)};
    const auto why = desk->end_task(nobody_s, *id, body->text("done_by"), body->text("remark"),
                                    {request.session, 0}, request.now);
    if (why != refusal::none) return {problem_response(problem_of(why, 0))};
    if (task->done_ms == 0) {
        task->done_ms = request.now.wall_ms;
        task->done_by = body->text("done_by");
        task->remark = body->text("remark");
    }
    return {json_answer(to_json(*task)), true};
}

}  // namespace hikyaku::gateway::api
