#include "gateway/api/desk/suppressions_resource.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "gateway/api/answers.hpp"
#include "gateway/api/desk/body.hpp"
#include "gateway/api/desk/contact_point.hpp"
#include "gateway/api/desk/documents.hpp"
#include "gateway/api/desk/suppressions_csv.hpp"
#include "gateway/api/json/text.hpp"
#include "gateway/api/times.hpp"
#include "gateway/dunning/protection.hpp"

namespace hikyaku::gateway::api {
namespace {

namespace json = boost::json;
using dunning::suppression_view;

constexpr std::size_t suppressions_default = 100;

json::object to_json(const suppression_view& one) {
    json::array purposes;
    for (const auto word : words_of(one.purposes))
        purposes.emplace_back(word);
    return {{"contact", one.contact},
            {"purposes", std::move(purposes)},
            {"at", format_time(one.at_ms)},
            {"source", word_of(one.source)},
            {"reason", text_or_null(one.reason)}};
}

http_response not_suppressed() {
    return refuse(problem_code::no_such_resource, "the contact point is not suppressed");
}

}  // namespace

answer suppressions_resource::post(const request_context& request) {
    auto* const desk = service_.desk();
    if (desk == nullptr) return refuse(problem_code::server_busy);
    const auto body = body_object::read(request.http.body, documents::suppression_body);
    if (!body) return problem_response(body.error());
    if (const auto fault = body->label_fault({"contact"})) return problem_response(*fault);
    const auto words = body->words("purposes", documents::asked_purpose);
    if (!words) return problem_response(words.error());
    suppression_view wanted;
    wanted.contact = contact_point(service_.settings_of(request.account), body->text("contact"));
    wanted.purposes = *words == 0 ? every_purpose : purposes_of(*words);
    wanted.at_ms = request.now.wall_ms;
    wanted.reason = body->text("reason");
    const auto before = desk->find_suppression(request.account, wanted.contact);
    const auto why = desk->suppress(request.account, wanted, {request.session, 0}, request.now);
    if (why != refusal::none) return problem_response(problem_of(why, 0));
    if (before) wanted.purposes |= before->purposes;
    return waiting_.wait(request.session, json_answer(to_json(wanted), 201));
}

answer suppressions_resource::list(const request_context& request) {
    auto* const desk = service_.desk();
    if (desk == nullptr) return refuse(problem_code::server_busy);
    const auto limit = request.parameters.number("limit").value_or(suppressions_default);
    const auto page =
        desk->list_suppressions(request.account, request.parameters.text("after").value_or(""),
                                static_cast<std::size_t>(limit));
    if (!page)
        return refuse(problem_code::field_invalid, "after must be what a page before has given");
    json::array found;
    for (const auto& each : page->found)
        found.push_back(to_json(each));
    json::object body{{"suppressions", std::move(found)}};
    if (!page->next.empty()) body["next"] = page->next;
    return json_answer(body);
}

answer suppressions_resource::search(const request_context& request) {
    auto* const desk = service_.desk();
    if (desk == nullptr) return refuse(problem_code::server_busy);
    const auto body = body_object::read(request.http.body, documents::suppression_search);
    if (!body) return problem_response(body.error());
    if (const auto fault = body->label_fault({"contact"})) return problem_response(*fault);
    const auto contact =
        contact_point(service_.settings_of(request.account), body->text("contact"));
    json::array found;
    if (const auto one = desk->find_suppression(request.account, contact))
        found.push_back(to_json(*one));
    return json_answer(json::object{{"suppressions", std::move(found)}});
}

answer suppressions_resource::remove(const request_context& request) {
    auto* const desk = service_.desk();
    if (desk == nullptr) return refuse(problem_code::server_busy);
    const auto body = body_object::read(request.http.body, documents::suppression_removal);
    if (!body) return problem_response(body.error());
    if (const auto fault = body->label_fault({"contact"})) return problem_response(*fault);
    const auto words = body->words("purposes", documents::asked_purpose);
    if (!words) return problem_response(words.error());
    const auto purposes = *words == 0 ? every_purpose : purposes_of(*words);
    const auto contact =
        contact_point(service_.settings_of(request.account), body->text("contact"));
    const auto why =
        desk->allow_again(request.account, contact, purposes, {request.session, 0}, request.now);
    if (why == refusal::not_found) return not_suppressed();
    if (why != refusal::none) return problem_response(problem_of(why, 0));
    return waiting_.wait(request.session,
                         json_answer(json::object{{"contact", contact}, {"status", "removed"}}));
}

answer suppressions_resource::import(const request_context& request) {
    auto* const desk = service_.desk();
    if (desk == nullptr) return refuse(problem_code::server_busy);
    return imports_.begin(request, make_suppression_import(service_, *desk, request.account));
}

answer suppressions_resource::export_all(const request_context& request) {
    auto* const desk = service_.desk();
    if (desk == nullptr) return refuse(problem_code::server_busy);
    http_response response;
    response.content_type = csv_type;
    const bool safe = request.parameters.text("safe") == "true";
    response.source = make_suppression_export(*desk, request.account, safe);
    return response;
}

}  // namespace hikyaku::gateway::api
