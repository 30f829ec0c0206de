#include "gateway/api/desk/consents_resource.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <vector>

#include "gateway/api/answers.hpp"
#include "gateway/api/desk/body.hpp"
#include "gateway/api/desk/consents_csv.hpp"
#include "gateway/api/desk/contact_point.hpp"
#include "gateway/api/desk/documents.hpp"
#include "gateway/api/json/field_faults.hpp"
#include "gateway/api/json/text.hpp"
#include "gateway/api/times.hpp"
#include "gateway/dunning/protection.hpp"

namespace hikyaku::gateway::api {
namespace {

namespace json = boost::json;
using dunning::consent_view;

json::object to_json(const consent_view& one) {
    return {{"contact", one.contact},
            {"kind", gate::name_of(one.kind)},
            {"status", status_of(one)},
            {"at", format_time(one.at_ms)},
            {"source", text_or_null(one.source)},
            {"recorded_by", text_or_null(one.recorded_by)},
            {"recorded_at", format_time(one.recorded_ms)},
            {"counts", one.counts}};
}

json::object to_json(const std::vector<consent_view>& consents) {
    json::array list;
    for (const auto& each : consents)
        list.push_back(to_json(each));
    return {{"consents", std::move(list)}};
}

/// When it was given or taken back. Clocks differ by minutes, and no consent is one of tomorrow.
boost::system::result<std::int64_t, problem> time_of(const body_object& body, std::int64_t now_ms) {
    const auto at = body.time("at", now_ms);
    if (!at) return at.error();
    if (is_in_the_future(*at, now_ms))
        return field_fault(problem_code::field_invalid, {}, "at", "must not be in the future");
    return std::min(*at, now_ms);
}

/// What both bodies have in common.
boost::system::result<consent_view, problem> read_consent(const body_object& body,
                                                          const config::account& account,
                                                          std::int64_t now_ms) {
    if (auto fault = body.label_fault({"contact"})) return std::move(*fault);
    const auto at = time_of(body, now_ms);
    if (!at) return at.error();
    consent_view made;
    made.contact = contact_point(account, body.text("contact"));
    made.at_ms = *at;
    made.source = body.text("source");
    made.recorded_by = body.text("recorded_by");
    made.recorded_ms = now_ms;
    return made;
}

}  // namespace

answer consents_resource::post(const request_context& request) {
    auto* const desk = service_.desk();
    if (desk == nullptr) return refuse(problem_code::server_busy);
    const auto body = body_object::read(request.http.body, documents::consent_body);
    if (!body) return problem_response(body.error());
    auto wanted = read_consent(*body, service_.settings_of(request.account), request.now.wall_ms);
    if (!wanted) return problem_response(wanted.error());
    wanted->kind = gate::consent_kind_from(body->text("kind")).value_or(gate::consent_kind::direct);
    const auto why =
        desk->record_consents(request.account, {&*wanted, 1}, {request.session, 0}, request.now);
    if (why != refusal::none) return problem_response(problem_of(why, 0));
    const auto known = desk->find_consents(request.account, wanted->contact);
    wanted->counts = std::ranges::none_of(known, [&](const consent_view& each) {
        return each.kind == wanted->kind &&
               (each.at_ms > wanted->at_ms || (each.at_ms == wanted->at_ms && each.is_withdrawal));
    });
    for (const auto& each : known)  // what stands there already stays as it is
        if (each.kind == wanted->kind && each.at_ms == wanted->at_ms && !each.is_withdrawal) {
            wanted->source = each.source;
            wanted->recorded_by = each.recorded_by;
            wanted->recorded_ms = each.recorded_ms;
        }
    return waiting_.wait(request.session, json_answer(to_json(*wanted), 201));
}

answer consents_resource::search(const request_context& request) {
    auto* const desk = service_.desk();
    if (desk == nullptr) return refuse(problem_code::server_busy);
    const auto body = body_object::read(request.http.body, documents::consent_search);
    if (!body) return problem_response(body.error());
    if (const auto fault = body->label_fault({"contact"})) return problem_response(*fault);
    const auto contact =
        contact_point(service_.settings_of(request.account), body->text("contact"));
    return json_answer(to_json(desk->find_consents(request.account, contact)));
}

answer consents_resource::withdraw(const request_context& request) {
    auto* const desk = service_.desk();
    if (desk == nullptr) return refuse(problem_code::server_busy);
    const auto body = body_object::read(request.http.body, documents::consent_withdrawal);
    if (!body) return problem_response(body.error());
    auto wanted = read_consent(*body, service_.settings_of(request.account), request.now.wall_ms);
    if (!wanted) return problem_response(wanted.error());
    wanted->is_withdrawal = true;
    const auto kinds = body->words("kinds", documents::consent_kind);
    if (!kinds) return problem_response(kinds.error());
    std::vector<consent_view> rows;
    for (std::size_t i = 0; i < gate::consent_kinds; ++i) {
        if (*kinds != 0 && (*kinds >> i & 1U) == 0) continue;
        wanted->kind = static_cast<gate::consent_kind>(i);
        rows.push_back(*wanted);
    }
    const auto why =
        desk->record_consents(request.account, rows, {request.session, 0}, request.now);
    if (why != refusal::none) return problem_response(problem_of(why, 0));
    return waiting_.wait(request.session, json_answer(to_json(rows)));
}

answer consents_resource::import(const request_context& request) {
    auto* const desk = service_.desk();
    if (desk == nullptr) return refuse(problem_code::server_busy);
    return imports_.begin(request, make_consent_import(service_, *desk, request.account));
}

answer consents_resource::export_all(const request_context& request) {
    auto* const desk = service_.desk();
    if (desk == nullptr) return refuse(problem_code::server_busy);
    http_response response;
    response.content_type = csv_type;
    const bool safe = request.parameters.text("safe") == "true";
    response.source = make_consent_export(*desk, request.account, safe);
    return response;
}

}  // namespace hikyaku::gateway::api
