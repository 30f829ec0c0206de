#include "gateway/api/admin/config_page.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "gateway/api/answers.hpp"
#include "gateway/api/json/text.hpp"
#include "gateway/api/problems.hpp"

namespace hikyaku::gateway::api {
namespace {

namespace json = boost::json;

json::array list_of(const std::vector<std::string>& texts) {
    json::array out;
    for (const auto& text : texts)
        out.push_back(json::string(text));
    return out;
}

json::object names_of(const config::name_changes& names) {
    return {{"added", list_of(names.added)},
            {"changed", list_of(names.changed)},
            {"removed", list_of(names.removed)}};
}

json::array faults_of(const config::faults& faults) {
    json::array out;
    for (const auto& each : faults) {
        json::object row;
        row["file"] = each.file;
        if (each.at.line != 0) row["line"] = each.at.line;
        if (!each.path.empty()) row["path"] = each.path;
        row["message"] = each.suggestion.empty()
                             ? each.sentence
                             : each.sentence + "; did you mean '" + each.suggestion + "'?";
        out.push_back(std::move(row));
    }
    return out;
}

}  // namespace

http_response reload_answer(const reload_outcome& outcome) {
    if (!outcome.faults.empty()) {
        problem what;
        what.code = problem_code::configuration_invalid;
        auto response = problem_response(what);
        auto body = to_json(what);
        body["faults"] = faults_of(outcome.faults);
        response.body = write_json(body);
        return response;
    }
    const auto& what = outcome.what;
    auto carriers = names_of(what.carriers);
    carriers["new_binds"] = list_of(what.rebound);
    json::array restart;
    for (const auto& each : what.restart)
        restart.push_back(
            json::object{{"path", each.path}, {"file", each.file}, {"running", each.running}});
    return json_answer(json::object{{"accounts", names_of(what.accounts)},
                                    {"carriers", std::move(carriers)},
                                    {"routes", names_of(what.routes)},
                                    {"settings", list_of(what.settings)},
                                    {"needs_restart", std::move(restart)},
                                    {"warnings", faults_of(outcome.warnings)},
                                    {"not_done", list_of(outcome.troubles)}});
}

admin_answer config_page::reload(reply_ticket ticket) const {
    if (!begin_) return {refuse(problem_code::no_such_resource)};
    begin_(ticket);
    return {{}, true};
}

}  // namespace hikyaku::gateway::api
