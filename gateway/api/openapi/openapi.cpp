#include "gateway/api/openapi/openapi.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <map>

#include "gateway/api/admin/admin.hpp"
#include "gateway/api/api.hpp"
#include "gateway/api/digest.hpp"
#include "gateway/api/json/text.hpp"
#include "gateway/api/openapi/documents.hpp"
#include "gateway/api/openapi/schemas.hpp"
#include "smpp/text/hex.hpp"

namespace hikyaku::gateway::api {
namespace {

namespace json = boost::json;

constexpr std::string_view about =
    "Sends SMS, tells what became of them, and posts receipts, replies and hits to a webhook. "
    "docs/http-api.md explains it with examples. Answers may get more members in later versions; "
    "members of requests that are not described here are refused. What a route refuses is told by "
    "the `code` of the problem; `x-codes` lists those that it may have.";

json::object parameter_json(schema_writer& schemas, const query_member& what,
                            std::string_view where) {
    json::object made{{"name", what.name}, {"in", where}};
    if (!what.meaning.empty()) made["description"] = what.meaning;
    if (what.required) made["required"] = true;
    made["schema"] = schemas.schema_of(*what.is, written_by::client);
    if (!what.example.empty() && what.is->is == shape::kind::text)
        made["example"] = what.example;
    else if (!what.example.empty())
        made["example"] = json::parse(what.example);
    return made;
}

json::object headers(schema_writer& schemas, std::span<const query_member> lines) {
    json::object all;
    for (const query_member& each : lines) {
        json::object one;
        if (!each.meaning.empty()) one["description"] = each.meaning;
        if (each.required) one["required"] = true;
        one["schema"] = schemas.schema_of(*each.is, written_by::gateway);
        all[each.name] = std::move(one);
    }
    return all;
}

json::object content(schema_writer& schemas, const shape& body, std::string_view example,
                     written_by whom) {
    json::object made{{"schema", schemas.schema_of(body, whom)}};
    if (!example.empty()) made["example"] = json::parse(example);
    return made;
}

/// JSON Schema has no word for a body of many documents.
json::object lines_content() {
    return {{"schema",
             json::object{{"type", "string"}, {"description", "a document a line, without end"}}}};
}

/// Of a document that is no JSON.
json::object text_content() {
    return {{"schema", json::object{{"type", "string"}}}};
}

json::object answer_json(schema_writer& schemas, const answer_line& line) {
    json::object made{{"description", line.meaning}};
    if (auto all = headers(schemas, line.headers); !all.empty()) made["headers"] = std::move(all);
    if (line.body != nullptr) {
        made["content"] = json::object{
            {line.content_type, content(schemas, *line.body, line.example, written_by::gateway)}};
    } else if (!line.content_type.empty()) {
        made["content"] = json::object{
            {line.content_type, json::object{{"schema", json::object{{"type", "string"}}}}}};
    }
    return made;
}

/// Those that any answer with this status may have.
json::object refusal_headers(unsigned status) {
    const auto header = [](std::string_view meaning, std::string_view type) {
        return json::object{{"description", meaning}, {"schema", json::object{{"type", type}}}};
    };
    json::object all;
    if (status == 401 || status == 403)
        all["WWW-Authenticate"] = header("what a token lacks (RFC 6750)", "string");
    if (status == 409 || status == 429 || status == 503)
        all["Retry-After"] = header("seconds", "integer");
    return all;
}

json::object refusal_json(schema_writer& schemas, const described_route& line, unsigned status,
                          const std::vector<problem_code>& codes) {
    std::string meaning;
    json::array names;
    for (const problem_code code : codes) {
        const error_line& kind = line_of(code);
        if (kind.http != status) continue;
        meaning += fmt::format("{}`{}`: {}", meaning.empty() ? "" : "; ", kind.name, kind.title);
        names.emplace_back(kind.name);
    }
    json::object made{{"description", meaning}, {"x-codes", std::move(names)}};
    if (auto all = refusal_headers(status); !all.empty()) made["headers"] = std::move(all);
    json::object bodies{
        {problem_type, content(schemas, documents::problem, {}, written_by::gateway)}};
    const auto may_refuse_all = [&](problem_code code) { return line_of(code).http == status; };
    if (line.all_refused != nullptr && std::ranges::any_of(line.refuses, may_refuse_all))
        bodies[json_type] = content(schemas, *line.all_refused, {}, written_by::gateway);
    made["content"] = std::move(bodies);
    return made;
}

json::object responses(schema_writer& schemas, const described_route& line) {
    std::map<unsigned, json::object> by_status;
    for (const answer_line& each : line.answers) {
        auto made = answer_json(schemas, each);
        const auto [at, is_new] = by_status.try_emplace(each.status, made);
        if (is_new) continue;
        for (auto& [type, body] : made["content"].as_object())
            at->second["content"].as_object()[type] = std::move(body);
    }
    const auto codes = codes_of(line);
    for (const problem_code code : codes) {
        const unsigned status = line_of(code).http;
        auto made = refusal_json(schemas, line, status, codes);
        const auto [at, is_new] = by_status.try_emplace(status, made);
        if (is_new || at->second.contains("x-codes")) continue;
        // A status of its own that refusals have too, as that of /readyz.
        for (auto& [type, body] : made["content"].as_object())
            at->second["content"].as_object()[type] = std::move(body);
        at->second["x-codes"] = made["x-codes"];
    }
    json::object all;
    for (auto& [status, made] : by_status)
        all[fmt::to_string(status)] = std::move(made);
    return all;
}

json::array security(const described_route& line) {
    if (line.needs == role::nobody) return {};
    json::array all{json::object{{"bearer", json::array()}}};
    // Where the settings of the admin listener do not ask for a token.
    if (line.at == listener::admin) all.push_back(json::object());
    return all;
}

json::object operation(schema_writer& schemas, const described_route& line) {
    json::object made{{"operationId", line.operation},
                      {"summary", line.summary},
                      {"tags", json::array{tag_of(line)}},
                      {"x-role", name_of(line.needs)},
                      {"security", security(line)}};
    json::array parameters;
    for (const query_member& each : line.path)
        parameters.push_back(parameter_json(schemas, each, "path"));
    for (const query_member& each : line.query)
        parameters.push_back(parameter_json(schemas, each, "query"));
    for (const query_member& each : line.headers)
        parameters.push_back(parameter_json(schemas, each, "header"));
    if (!parameters.empty()) made["parameters"] = std::move(parameters);
    if (line.body != nullptr) {
        json::object bodies;
        for (const std::string_view type : line.takes)
            if (type == line.in_pieces)
                bodies[type] = lines_content();
            else if (type != json_type)
                bodies[type] = text_content();
            else
                bodies[type] = content(schemas, *line.body, line.example, written_by::client);
        made["requestBody"] = json::object{{"required", true}, {"content", std::move(bodies)}};
    }
    made["responses"] = responses(schemas, line);
    return made;
}

json::object server(std::string_view url, std::string_view meaning) {
    return {{"url", url}, {"description", meaning}};
}

json::object api_server() {
    return server("/", "The listener of [server.http], which serves this document");
}

json::object admin_server() {
    auto made = server("http://{host}:{port}", "The listener of [server.admin], for operators");
    made["variables"] = json::object{{"host", json::object{{"default", "127.0.0.1"}}},
                                     {"port", json::object{{"default", "8081"}}}};
    return made;
}

json::object paths(schema_writer& schemas, const std::vector<described_route>& lines) {
    json::object all;
    for (const described_route& each : lines) {
        std::string method(each.method);
        std::ranges::transform(method, method.begin(),
                               [](char c) { return static_cast<char>(c - 'A' + 'a'); });
        auto& item = all[each.pattern];
        if (!item.is_object()) item = json::object();
        auto& methods = item.as_object();
        if (each.at == listener::admin) methods["servers"] = json::array{admin_server()};
        if (each.at == listener::both)
            methods["servers"] = json::array{api_server(), admin_server()};
        methods[method] = operation(schemas, each);
    }
    return all;
}

json::object webhooks(schema_writer& schemas) {
    const auto header = [](std::string_view name, std::string_view meaning) {
        return json::object{{"name", name},
                            {"in", "header"},
                            {"required", true},
                            {"description", meaning},
                            {"schema", json::object{{"type", "string"}}}};
    };
    json::object post{
        {"operationId", "takeEvents"},
        {"summary", "Receipts, replies and hits, several in one request"},
        {"tags", json::array{"webhooks"}},
        {"security", json::array()},
        {"parameters",
         json::array{header("webhook-id", "the same when the same events are sent again"),
                     header("webhook-timestamp", "seconds since 1970 UTC"),
                     header("webhook-signature",
                            "`v1,` and the HMAC-SHA256 of `id.timestamp.body` in base64")}},
        {"requestBody",
         json::object{{"required", true},
                      {"content", json::object{{json_type, content(schemas, documents::events, {},
                                                                   written_by::gateway)}}}}},
        {"responses",
         json::object{{"2XX", json::object{{"description", "The events are done"}}},
                      {"default", json::object{{"description",
                                                "They come again: docs/http-api.md says when"}}}}}};
    return {{"events", json::object{{"post", std::move(post)}}}};
}

json::array tags(const std::vector<described_route>& lines) {
    json::array all;
    std::vector<std::string_view> known;
    for (const described_route& each : lines) {
        const auto tag = tag_of(each);
        if (std::ranges::find(known, tag) != known.end()) continue;
        known.push_back(tag);
        all.push_back(json::object{{"name", tag}});
    }
    all.push_back(json::object{{"name", "webhooks"}});
    return all;
}

/// An ETag.
std::string tag_of_text(std::string_view text) {
    const digest hash = digest_of(text);
    return fmt::format("\"{}\"", smpp::text::to_hex(std::span(hash).first<8>()));
}

struct served_document {
    std::string text = write_json(openapi_document());
    std::string tag = tag_of_text(text);
};

const served_document& served() {
    static const served_document made;
    return made;
}

}  // namespace

json::object openapi_document() {
    const auto lines = described_routes();
    schema_writer schemas;
    json::object document{
        {"openapi", "3.1.0"},
        {"info", json::object{{"title", "Hikyaku"},
                              {"summary", "The HTTP API of the SMS gateway"},
                              {"description", about},
                              {"license", json::object{{"name", "Apache License 2.0"},
                                                       {"identifier", "Apache-2.0"}}},
                              {"version", HIKYAKU_VERSION}}},
        {"servers", json::array{api_server()}},
        {"tags", tags(lines)}};
    document["paths"] = paths(schemas, lines);
    document["webhooks"] = webhooks(schemas);
    document["components"] = json::object{
        {"schemas", schemas.take_components()},
        {"securitySchemes",
         json::object{{"bearer", json::object{{"type", "http"},
                                              {"scheme", "bearer"},
                                              {"description",
                                               "a token of the account, with the role that "
                                               "`x-role` names"}}}}}};
    return document;
}

const std::string& openapi_text() {
    return served().text;
}

http_response openapi_response(const http_request& request) {
    http_response response;
    response.headers.emplace_back("ETag", served().tag);
    response.headers.emplace_back("Cache-Control", "public, max-age=300");
    // A list, and a weak one is as good: the text is the same octet by octet.
    if (request.header("If-None-Match").find(served().tag) != std::string_view::npos) {
        response.status = 304;
        response.content_type = {};
    } else {
        response.body = served().text;
    }
    return response;
}

}  // namespace hikyaku::gateway::api
