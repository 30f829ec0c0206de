#include <algorithm>

#include "gateway/api/admin/admin.hpp"
#include "gateway/api/api.hpp"
#include "gateway/api/openapi/documents.hpp"
#include "gateway/api/openapi/openapi.hpp"

namespace hikyaku::gateway::api {
namespace {

using code_list = std::span<const problem_code>;
using enum error_id;

constexpr problem_code of_every_request[] = {http_invalid,     request_timeout, body_too_large,
                                             header_too_large, internal_error,  server_busy};
constexpr problem_code of_tokens[] = {token_missing, token_invalid, token_expired, role_missing,
                                      address_not_allowed};
constexpr problem_code of_bodies[] = {utf8_invalid, json_invalid,  media_type_unsupported,
                                      body_invalid, field_unknown, field_missing,
                                      field_invalid};
constexpr problem_code of_queries[] = {field_unknown, field_invalid};
constexpr problem_code of_required_queries[] = {field_missing};
constexpr problem_code of_admin[] = {host_not_allowed, origin_not_allowed};

bool is_required(const query_member& each) {
    return each.required;
}

}  // namespace

const route_line openapi_line{
    .method = "GET",
    .pattern = "/openapi.json",
    .needs = role::nobody,
    .operation = "getDescription",
    .summary = "This description of the API",
    .headers = documents::openapi_headers,
    .any_query = true,
    .answers = documents::openapi_answers,
};

std::vector<described_route> described_routes() {
    std::vector<described_route> all;
    for (const route_line& each : api_router::lines())
        all.push_back({each, listener::api});
    for (const route_line& each : admin_router::lines()) {
        const auto known = std::ranges::find(all, each.operation, &described_route::operation);
        if (known == all.end())
            all.push_back({each, listener::admin});
        else
            known->at = listener::both;
    }
    return all;
}

std::string_view tag_of(const described_route& line) {
    if (line.at == listener::admin) return "operation";
    constexpr std::string_view versioned = "/v1/";
    if (!line.pattern.starts_with(versioned)) return "description";
    const auto rest = line.pattern.substr(versioned.size());
    return rest.substr(0, rest.find_first_of("/:"));
}

std::vector<problem_code> codes_of(const described_route& line) {
    std::vector<problem_code> found;
    const auto add = [&](code_list more) { found.insert(found.end(), more.begin(), more.end()); };
    add(of_every_request);
    if (line.needs != role::nobody) add(of_tokens);
    if (line.at != listener::api) add(of_admin);
    if (!line.takes.empty()) add(of_bodies);
    if (!line.any_query) add(of_queries);
    if (std::ranges::any_of(line.query, is_required)) add(of_required_queries);
    add(line.refuses);
    std::ranges::sort(found);
    const auto behind = std::unique(found.begin(), found.end());
    found.erase(behind, found.end());
    return found;
}

}  // namespace hikyaku::gateway::api
