#include "gateway/api/openapi/postman.hpp"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <set>
#include <string>
#include <vector>

#include "gateway/api/openapi/openapi.hpp"

namespace hikyaku::gateway::api {
namespace {

namespace json = boost::json;

json::object variable(std::string_view name, std::string_view value) {
    return {{"key", name}, {"value", value}};
}

json::object bearer_auth(std::string_view token) {
    return {{"type", "bearer"},
            {"bearer",
             json::array{json::object{{"key", "token"}, {"value", token}, {"type", "string"}}}}};
}

/// "/admin/carriers/{name}:pause" as its pieces, with a variable of the collection for each part in
/// braces: "admin", "carriers", "{{carriers_name}}:pause".
std::vector<std::string> path_pieces(std::string_view pattern) {
    std::vector<std::string> pieces;
    pattern.remove_prefix(1);
    while (true) {
        const auto slash = pattern.find('/');
        const auto piece = pattern.substr(0, slash);
        const auto end = piece.find('}');
        if (piece.starts_with('{'))
            pieces.push_back(fmt::format("{{{{{}_{}}}}}{}", pieces.back(), piece.substr(1, end - 1),
                                         piece.substr(end + 1)));
        else
            pieces.emplace_back(piece);
        if (slash == std::string_view::npos) return pieces;
        pattern.remove_prefix(slash + 1);
    }
}

/// "carriers_name" of a piece with a variable; empty for others.
std::string_view variable_of(std::string_view piece) {
    if (!piece.starts_with("{{")) return {};
    return piece.substr(2, piece.find("}}") - 2);
}

json::object url_of(const described_route& line) {
    const std::string_view host = line.at == listener::admin ? "{{admin}}" : "{{gateway}}";
    std::string raw(host);
    json::array pieces;
    for (const std::string& each : path_pieces(line.pattern)) {
        raw.append("/").append(each);
        pieces.emplace_back(each);
    }
    json::object url{{"host", json::array{host}}, {"path", std::move(pieces)}};
    json::array query;
    for (const query_member& each : line.query) {
        json::object one{{"key", each.name}, {"value", each.example}};
        if (!each.meaning.empty()) one["description"] = each.meaning;
        if (each.required)
            raw.append(query.empty() ? "?" : "&")
                .append(each.name)
                .append("=")
                .append(each.example);
        else
            one["disabled"] = true;
        query.push_back(std::move(one));
    }
    if (!query.empty()) url["query"] = std::move(query);
    url["raw"] = raw;
    return url;
}

json::object request_of(const described_route& line) {
    json::object request{{"method", line.method}, {"description", line.summary}};
    if (line.needs == role::nobody)
        request["auth"] = json::object{{"type", "noauth"}};
    else if (line.at == listener::admin)
        request["auth"] = bearer_auth("{{admin_token}}");
    json::array headers;
    if (!line.takes.empty()) headers.push_back(variable("Content-Type", line.takes.front()));
    for (const query_member& each : line.headers) {
        auto one = variable(each.name, each.example);
        one["description"] = each.meaning;
        one["disabled"] = true;
        headers.push_back(std::move(one));
    }
    request["header"] = std::move(headers);
    request["url"] = url_of(line);
    if (!line.example.empty())
        request["body"] =
            json::object{{"mode", "raw"},
                         {"raw", line.example},
                         {"options", json::object{{"raw", json::object{{"language", "json"}}}}}};
    return request;
}

/// What Postman runs behind an answer: is it one that the API describes?
json::array script_of(const described_route& line) {
    std::set<unsigned> statuses;
    for (const answer_line& each : line.answers)
        statuses.insert(each.status);
    for (const problem_code code : codes_of(line))
        statuses.insert(line_of(code).http);
    json::array lines{
        fmt::format("pm.test('the API describes the status', () => "
                    "pm.expect(pm.response.code).to.be.oneOf([{}]));",
                    fmt::join(statuses, ", "))};
    // Later requests look at the message, or cancel it.
    if (line.operation == "sendMessages")
        lines.emplace_back(
            "if (pm.response.code === 202) "
            "pm.collectionVariables.set('messages_id', pm.response.json().id);");
    json::object script{{"type", "text/javascript"}, {"exec", std::move(lines)}};
    return {json::object{{"listen", "test"}, {"script", std::move(script)}}};
}

json::array variables_of(const std::vector<described_route>& lines) {
    json::array all{variable("gateway", "http://127.0.0.1:8080"),
                    variable("admin", "http://127.0.0.1:8081"), variable("token", "demo-token"),
                    variable("admin_token", "")};
    std::set<std::string, std::less<>> ids;
    for (const described_route& each : lines)
        for (const std::string& piece : path_pieces(each.pattern))
            if (const auto name = variable_of(piece); !name.empty()) ids.emplace(name);
    for (const std::string& each : ids)
        all.push_back(variable(each, "1"));
    return all;
}

}  // namespace

json::object postman_collection() {
    const auto lines = described_routes();
    std::vector<std::pair<std::string_view, json::array>> folders;
    for (const described_route& each : lines) {
        const auto tag = tag_of(each);
        if (folders.empty() || folders.back().first != tag)
            folders.emplace_back(tag, json::array());
        folders.back().second.push_back(json::object{{"name", each.summary},
                                                     {"event", script_of(each)},
                                                     {"request", request_of(each)},
                                                     {"response", json::array()}});
    }
    json::array items;
    for (auto& [tag, requests] : folders)
        items.push_back(json::object{{"name", tag}, {"item", std::move(requests)}});
    return {
        {"info",
         json::object{
             {"name", "Hikyaku"},
             {"description", "The HTTP API of the SMS gateway: docs/http-api.md"},
             {"version", HIKYAKU_VERSION},
             {"schema", "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"}}},
        {"auth", bearer_auth("{{token}}")},
        {"variable", variables_of(lines)},
        {"item", std::move(items)}};
}

}  // namespace hikyaku::gateway::api
