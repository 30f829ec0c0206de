#include "gateway/api/desk/tasks_resource.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <memory>

#include "gateway/api/answers.hpp"
#include "gateway/api/desk/body.hpp"
#include "gateway/api/desk/contact_point.hpp"
#include "gateway/api/desk/documents.hpp"
#include "gateway/api/desk/party.hpp"
#include "gateway/api/desk/timeline_json.hpp"
#include "gateway/api/json/text.hpp"
#include "gateway/api/times.hpp"
#include "gateway/dunning/desk/desk.hpp"
#include "gateway/dunning/protection.hpp"
#include "store/ids.hpp"

namespace hikyaku::gateway::api {
namespace {

namespace json = boost::json;

constexpr std::int64_t tasks_default = 100;

json::value id_or_null(std::uint64_t id) {
    return id == 0 ? json::value(nullptr) : json::value(store::format_id(id));
}

http_response no_such_task() {
    return refuse(problem_code::no_such_resource, "the account has no task with this id");
}

}  // namespace

json::object to_json(const dunning::task_view& task) {
    return {{"id", store::format_id(task.id)},       {"kind", task.kind},
            {"hold", id_or_null(task.subject)},      {"what", task.what},
            {"why", text_or_null(task.why)},         {"contact", text_or_null(task.contact)},
            {"debtor", text_or_null(task.debtor)},   {"debt", text_or_null(task.debt)},
            {"since", format_time(task.since_ms)},   {"done_at", time_or_null(task.done_ms)},
            {"done_by", text_or_null(task.done_by)}, {"remark", text_or_null(task.remark)}};
}

answer tasks_resource::post(const request_context& request) {
    auto* const desk = service_.desk();
    if (desk == nullptr) return refuse(problem_code::server_busy);
    const auto body = body_object::read(request.http.body, documents::task_body);
    if (!body) return problem_response(body.error());
    if (auto fault = body->label_fault({"contact", "debtor", "debt"}))
        return problem_response(*fault);
    dunning::task_view task;
    task.kind = "manual";
    task.what = body->text("what");
    task.why = body->text("why");
    if (body->has("contact"))
        task.contact = contact_point(service_.settings_of(request.account), body->text("contact"));
    task.debtor = body->text("debtor");
    task.debt = body->text("debt");
    const auto why = desk->open_task(request.account, task, {request.session, 0}, request.now);
    if (why != refusal::none) return problem_response(problem_of(why, 0));
    return waiting_.wait(request.session, json_answer(to_json(task), 201));
}

answer tasks_resource::list(const request_context& request) {
    auto* const desk = service_.desk();
    if (desk == nullptr) return refuse(problem_code::server_busy);
    const auto after = read_place("after", request.parameters.text("after"));
    if (!after) return problem_response(after.error());
    const auto limit =
        static_cast<std::size_t>(request.parameters.number("limit").value_or(tasks_default));
    const auto found = desk->list_tasks(request.account, *after, limit);
    json::array list;
    for (const auto& each : found)
        list.push_back(to_json(each));
    json::object body{{"tasks", std::move(list)}};
    if (found.size() == limit) body["next"] = store::format_id(found.back().id);
    return json_answer(body);
}

answer tasks_resource::get(const request_context& request) {
    auto* const desk = service_.desk();
    if (desk == nullptr) return refuse(problem_code::server_busy);
    const auto id = store::parse_id(request.in_path.front());
    const auto found = id ? desk->find_task(request.account, *id) : std::nullopt;
    return found ? json_answer(to_json(*found)) : no_such_task();
}

answer tasks_resource::end(const request_context& request) {
    auto* const desk = service_.desk();
    if (desk == nullptr) return refuse(problem_code::server_busy);
    const auto body = body_object::read(request.http.body, documents::done_body);
    if (!body) return problem_response(body.error());
    const auto id = store::parse_id(request.in_path.front());
    auto task = id ? desk->find_task(request.account, *id) : std::nullopt;
    if (!task) return no_such_task();
    const auto why = desk->end_task(request.account, *id, body->text("done_by"),
                                    body->text("remark"), {request.session, 0}, request.now);
    if (why != refusal::none) return problem_response(problem_of(why, 0));
    if (task->done_ms == 0) {
        task->done_ms = request.now.wall_ms;
        task->done_by = body->text("done_by");
        task->remark = body->text("remark");
    }
    return waiting_.wait(request.session, json_answer(to_json(*task)));
}

answer timeline_resource::search(const request_context& request) {
    auto* const chronicler = service_.chronicler();
    if (chronicler == nullptr) return refuse(problem_code::server_busy);
    const auto body = body_object::read(request.http.body, documents::timeline_search);
    if (!body) return problem_response(body.error());
    auto party = read_party(*body, service_.settings_of(request.account));
    if (!party) return problem_response(party.error());
    dunning::desk::timeline_question question;
    question.account = request.account;
    question.scope = party->scope;
    question.reference = std::move(party->reference);
    if (body->has("before")) {
        const auto before = read_place("before", body->text("before"));
        if (!before) return problem_response(before.error());
        question.before = *before;
    }
    question.limit = static_cast<std::size_t>(body->number("limit").value_or(tasks_default));
    const auto limit = question.limit;
    const auto session = request.session;
    const bool is_taken = chronicler->ask(
        std::move(question), [this, session, limit](std::vector<dunning::timeline_view> found) {
            json::array list;
            for (const auto& each : found)
                list.push_back(to_json(each));
            json::object page{{"events", std::move(list)}};
            if (found.size() == limit) page["next"] = store::format_id(found.back().id);
            (void)waiting_.wait(session, json_answer(page));
            if (ready_) ready_(session);
        });
    if (!is_taken) return refuse(problem_code::server_busy);
    return {};
}

}  // namespace hikyaku::gateway::api
