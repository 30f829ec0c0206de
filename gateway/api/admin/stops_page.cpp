#include "gateway/api/admin/stops_page.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <string>

#include "gateway/api/answers.hpp"
#include "gateway/api/desk/decision.hpp"
#include "gateway/api/json/text.hpp"
#include "gateway/api/problems.hpp"
#include "gateway/api/times.hpp"
#include "gateway/dunning/protection.hpp"
#include "store/ids.hpp"

namespace hikyaku::gateway::api {
namespace {

namespace json = boost::json;
using dunning::stop_position;

/// Also of one that the configuration has no more: its stop stays in force.
json::value account_name(const std::vector<account_view>& accounts, const dunning::protection& desk,
                         std::uint32_t number) {
    if (number == 0) return nullptr;
    const auto at = std::ranges::find(accounts, account_id{number}, &account_view::id);
    return json::value(at == accounts.end() ? desk.account_name(number) : at->name);
}

json::object to_json(const dunning::stop_row& stop, const std::vector<account_view>& accounts,
                     const dunning::protection& desk) {
    json::value purpose;
    if (stop.of.purpose != stop_position::every_purpose)
        purpose = gate::name_of(static_cast<Purpose>(stop.of.purpose));
    return {{"account", account_name(accounts, desk, stop.of.account)},
            {"purpose", std::move(purpose)},
            {"at", format_time(stop.at_ms)},
            {"by", text_or_null(stop.by)}};
}

/// What is to be stopped; empty: no account has the name. What was stopped may be an account's that
/// the configuration has no more, which `desk` knows.
std::optional<stop_position> position_of(const query_values& asked,
                                         const std::vector<account_view>& accounts,
                                         const dunning::protection* desk) {
    stop_position of;
    if (const auto name = asked.text("account")) {
        const auto at = std::ranges::find(accounts, *name, &account_view::name);
        const auto known = at != accounts.end() ? std::optional(stored(at->id))
                           : desk != nullptr    ? desk->account_number(*name)
                                                : std::nullopt;
        if (!known) return std::nullopt;
        of.account = *known;
    }
    if (const auto word = asked.text("purpose"))
        if (const auto purpose = gate::purpose_from(*word))
            of.purpose = static_cast<std::uint8_t>(*purpose);
    return of;
}

http_response no_such_account() {
    return refuse(problem_code::field_invalid, "no account has this name");
}

}  // namespace

http_response stops_page::list() {
    auto* const desk = service_.desk();
    if (desk == nullptr) return refuse(problem_code::server_busy);
    const auto accounts = service_.accounts();
    json::array list;
    for (const auto& each : desk->stops())
        list.push_back(to_json(each, accounts, *desk));
    return json_answer(json::object{{"stops", std::move(list)}});
}

admin_answer stops_page::stop(const query_values& asked, reply_ticket ticket, instant now) {
    auto* const desk = service_.desk();
    if (desk == nullptr) return {refuse(problem_code::server_busy)};
    const auto accounts = service_.accounts();
    const auto of = position_of(asked, accounts, nullptr);
    if (!of) return {no_such_account()};
    const dunning::stop_row stop{*of, now.wall_ms, std::string(asked.text("by").value_or(""))};
    const auto why = desk->stop(stop, ticket, now);
    if (why != refusal::none) return {problem_response(problem_of(why, 0))};
    return {json_answer(to_json(stop, accounts, *desk)), true};
}

admin_answer stops_page::resume(const query_values& asked, reply_ticket ticket, instant now) {
    auto* const desk = service_.desk();
    if (desk == nullptr) return {refuse(problem_code::server_busy)};
    const auto accounts = service_.accounts();
    const auto of = position_of(asked, accounts, desk);
    if (!of) return {no_such_account()};
    const auto why = desk->resume(*of, ticket, now);
    if (why == refusal::not_found)
        return {refuse(problem_code::no_such_resource, "there is no such stop")};
    if (why != refusal::none) return {problem_response(problem_of(why, 0))};
    return {json_answer(to_json({*of, now.wall_ms, ""}, accounts, *desk)), true};
}

http_response stops_page::decision(std::string_view id) {
    const auto message = store::parse_id(id);
    const auto made = message ? decision_json(service_.desk(), message_id{*message})
                              : boost::json::value(nullptr);
    if (made.is_null())
        return refuse(problem_code::no_such_resource, "the gate was not asked about this message");
    return json_answer(made.get_object());
}

admin_answer stops_page::report(const query_values& asked, reply_ticket ticket,
                                const report_source& begin) {
    auto question = read_report_question(asked);
    if (!question) return {problem_response(question.error())};
    const auto accounts = service_.accounts();
    const auto of =
        std::ranges::find(accounts, asked.text("account").value_or(""), &account_view::name);
    if (of == accounts.end()) return {no_such_account()};
    question->account = stored(of->id);
    question->name = of->name;
    if (of->settings != nullptr && !of->settings->zones.empty())
        question->zone = of->settings->zones.front();
    if (!begin || !begin(std::move(*question), ticket)) return {refuse(problem_code::server_busy)};
    return {{}, true};
}

}  // namespace hikyaku::gateway::api
