#include "gateway/api/admin/store_page.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "gateway/api/answers.hpp"
#include "gateway/api/desk/body.hpp"
#include "gateway/api/json/text.hpp"
#include "gateway/api/openapi/documents.hpp"
#include "gateway/api/times.hpp"

namespace hikyaku::gateway::api {
namespace {

namespace json = boost::json;

json::array words_in(const std::vector<std::string>& texts) {
    json::array out;
    for (const auto& each : texts)
        out.push_back(json::string(each));
    return out;
}

json::value to_json(const std::optional<store_confirmation>& last) {
    if (!last) return nullptr;
    return json::object{{"at", format_time(last->at_ms)},
                        {"doubts", words_in(last->of)},
                        {"by", text_or_null(last->by)},
                        {"why", text_or_null(last->why)}};
}

}  // namespace

json::object to_json(const store_view& store) {
    const bool is_confirmed = store.doubts.empty();
    return {{"confirmed", is_confirmed},
            {"doubts", words_in(store.doubts)},
            {"rule", text_or_null(store.rule)},
            {"since", time_or_null(is_confirmed ? 0 : store.since_ms)},
            {"last_confirmation", to_json(store.last)}};
}

http_response store_page::show() const {
    return source_.look ? json_answer(to_json(source_.look()))
                        : refuse(problem_code::no_such_resource);
}

admin_answer store_page::confirm(const request_context& request) const {
    if (!source_.confirm) return {refuse(problem_code::no_such_resource)};
    const auto body = body_object::read(request.http.body, documents::store_confirm_body);
    if (!body) return {problem_response(body.error())};
    const auto by = body->text("by"), why = body->text("why");
    auto after = source_.look();
    if (after.doubts.empty()) return {json_answer(to_json(after))};
    const auto refused = source_.confirm(by, why, {request.session, 0});
    if (refused != refusal::none) return {problem_response(problem_of(refused, 0))};
    after.last = {request.now.wall_ms, std::move(after.doubts), by, why};
    after.doubts.clear();
    after.rule.clear();
    return {json_answer(to_json(after)), true};
}

}  // namespace hikyaku::gateway::api
