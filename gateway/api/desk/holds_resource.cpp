#include "gateway/api/desk/holds_resource.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "gateway/api/answers.hpp"
#include "gateway/api/desk/body.hpp"
#include "gateway/api/desk/documents.hpp"
#include "gateway/api/desk/party.hpp"
#include "gateway/api/json/text.hpp"
#include "gateway/api/times.hpp"
#include "gateway/dunning/protection.hpp"
#include "store/ids.hpp"

namespace hikyaku::gateway::api {
namespace {

namespace json = boost::json;
using dunning::hold_view;
using hold_range = dunning::protection::hold_range;

constexpr std::int64_t holds_default = 100;

http_response no_such_hold() {
    return refuse(problem_code::no_such_resource, "the account has no hold with this id");
}

json::object to_json(const hold_view& hold) {
    const auto end = hold.until_ms == dunning::without_end ? 0 : hold.until_ms;
    return {{"id", store::format_id(hold.id)},
            {"kind", gate::name_of(hold.kind)},
            {"scope", gate::name_of(static_cast<gate::hold_scope>(hold.scope))},
            {"reference", text_or_null(hold.reference)},
            {"from", format_time(hold.from_ms)},
            {"until", time_or_null(end)},
            {"active", hold.is_active},
            {"evidence", text_or_null(hold.evidence)},
            {"placed_by", text_or_null(hold.placed_by)},
            {"placed_at", format_time(hold.placed_ms)},
            {"lifted_by", text_or_null(hold.lifted_by)},
            {"lifted_at", time_or_null(hold.lifted_ms)},
            {"lift_reason", text_or_null(hold.lift_reason)}};
}

json::object to_json(const dunning::protection::hold_page& page) {
    json::array holds;
    for (const auto& each : page.found)
        holds.push_back(to_json(each));
    json::object body{{"holds", std::move(holds)}};
    if (page.next != 0) body["next"] = store::format_id(page.next);
    return body;
}

boost::system::result<dunning::new_hold, problem> read_hold(std::string_view octets,
                                                            const config::account& account,
                                                            std::int64_t now_ms) {
    const auto body = body_object::read(octets, documents::hold_body);
    if (!body) return body.error();
    auto party = read_party(*body, account);
    if (!party) return party.error();
    dunning::new_hold wanted;
    wanted.scope = party->scope;
    wanted.reference = std::move(party->reference);
    wanted.kind = gate::hold_kind_from(body->text("kind")).value_or(gate::hold_kind::manual);
    const auto from = body->time("from", 0);
    if (!from) return from.error();
    const auto until = body->time("until", dunning::without_end);
    if (!until) return until.error();
    wanted.from_ms = *from;
    wanted.until_ms = *until;
    wanted.evidence = body->text("evidence");
    wanted.placed_by = body->text("placed_by");
    if (wanted.until_ms <= std::max(wanted.from_ms, now_ms))
        return field_fault(problem_code::field_invalid, {}, "until",
                           "must be later than now, and than from");
    return wanted;
}

}  // namespace

answer holds_resource::post(const request_context& request) {
    auto* const desk = service_.desk();
    if (desk == nullptr) return refuse(problem_code::server_busy);
    auto wanted =
        read_hold(request.http.body, service_.settings_of(request.account), request.now.wall_ms);
    if (!wanted) return problem_response(wanted.error());
    const auto placed =
        desk->place(request.account, std::move(*wanted), {request.session, 0}, request.now);
    if (placed.why != refusal::none) return problem_response(problem_of(placed.why, 0));
    auto body = to_json(placed.hold);
    body["ended"] = json::object{{"withdrawn", placed.ended.withdrawn},
                                 {"with_carriers", placed.ended.with_carriers.size()}};
    return waiting_.wait(request.session, json_answer(body, 201));
}

answer holds_resource::list(const request_context& request) {
    auto* const desk = service_.desk();
    if (desk == nullptr) return refuse(problem_code::server_busy);
    const auto after = read_place("after", request.parameters.text("after"));
    if (!after) return problem_response(after.error());
    hold_range which{.after = *after};
    which.limit =
        static_cast<std::size_t>(request.parameters.number("limit").value_or(holds_default));
    which.active_only = request.parameters.text("active") == "true";
    return json_answer(to_json(desk->list_holds(request.account, which, request.now)));
}

answer holds_resource::search(const request_context& request) {
    auto* const desk = service_.desk();
    if (desk == nullptr) return refuse(problem_code::server_busy);
    const auto body = body_object::read(request.http.body, documents::hold_search);
    if (!body) return problem_response(body.error());
    const auto party = read_party(*body, service_.settings_of(request.account));
    if (!party) return problem_response(party.error());
    const auto text = body->text("after");
    const auto after = read_place(
        "after", body->has("after") ? std::optional<std::string_view>(text) : std::nullopt);
    if (!after) return problem_response(after.error());
    hold_range which{.after = *after};
    which.limit = static_cast<std::size_t>(body->number("limit").value_or(holds_default));
    which.active_only = body->flag("active");
    return json_answer(to_json(
        desk->find_holds(request.account, party->scope, party->reference, which, request.now)));
}

answer holds_resource::get(const request_context& request) {
    auto* const desk = service_.desk();
    if (desk == nullptr) return refuse(problem_code::server_busy);
    const auto id = store::parse_id(request.in_path.front());
    const auto found = id ? desk->find_hold(request.account, *id, request.now) : std::nullopt;
    return found ? json_answer(to_json(*found)) : no_such_hold();
}

answer holds_resource::lift(const request_context& request) {
    auto* const desk = service_.desk();
    if (desk == nullptr) return refuse(problem_code::server_busy);
    const auto body = body_object::read(request.http.body, documents::lift_body);
    if (!body) return problem_response(body.error());
    const auto id = store::parse_id(request.in_path.front());
    if (!id) return no_such_hold();
    const auto lifted = desk->lift(request.account, *id, body->text("reason"),
                                   body->text("lifted_by"), {request.session, 0}, request.now);
    if (lifted.why == refusal::not_found) return no_such_hold();
    if (lifted.why != refusal::none) return problem_response(problem_of(lifted.why, 0));
    return waiting_.wait(request.session, json_answer(to_json(lifted.hold)));
}

}  // namespace hikyaku::gateway::api
