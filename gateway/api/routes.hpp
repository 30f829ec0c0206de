// The route table's line: which method and path, who may, what it takes and answers, and what it is
// good for. Each listener has one table of such lines with a handler in each (routes_of_api.cpp,
// routes_of_admin.cpp); matching, "405 with Allow", roles, and the OpenAPI document all come from
// it, so that a new route is one line and one function. Constants of the program; pure, any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "gateway/api/http.hpp"
#include "gateway/api/json/shape.hpp"
#include "gateway/api/problems.hpp"
#include "gateway/engine/types.hpp"

namespace hikyaku::gateway::api {

/// What a token must allow.
enum class role : std::uint8_t {
    nobody,  // no token is needed
    submit,
    read,
    admin,
};

/// "submit", "read", "admin".
[[nodiscard]] std::string_view name_of(role what);

/// A parameter of the query, of the path or a header.
struct query_member {
    std::string_view name;
    const shape* is = nullptr;
    std::string_view meaning{};
    bool required = false;
    std::string_view example{};
};

/// One answer that a route may give beside the refusals that every route may give.
struct answer_line {
    unsigned status = 200;
    std::string_view meaning{};
    const shape* body = nullptr;  // null: no JSON
    std::string_view content_type = json_type;
    std::string_view example{};               // of the body, JSON
    std::span<const query_member> headers{};  // beside those that every answer has
};

struct route_line {
    std::string_view method;   // "GET" is asked by HEAD too
    std::string_view pattern;  // "/v1/messages/{id}", "/admin/carriers/{name}:pause"
    role needs = role::read;
    std::string_view operation{};  // its name in OpenAPI: "sendMessages"
    std::string_view summary{};    // one sentence without full stop
    /// Media types that it takes; empty = no body is looked at. No Content-Type counts as the
    /// first.
    std::span<const std::string_view> takes{};
    std::string_view in_pieces{};  // the one of them whose body is read as it comes
    const shape* body = nullptr;
    std::string_view example{};               // of the body, JSON
    std::span<const query_member> path{};     // what the parts in braces are, in their order
    std::span<const query_member> headers{};  // those of the request that it reads
    std::span<const query_member> query{};    // others are refused (query.hpp)
    bool any_query = false;                   // no parameter is read or refused
    std::span<const answer_line> answers{};
    /// Codes of its own, beside those that come from the listener, the token and what is read.
    std::span<const problem_code> refuses{};
    const shape* all_refused = nullptr;  // the body that may stand in place of a problem
};

/// What the parts in braces of a pattern stood for, decoded, in their order.
using path_values = std::array<std::string, 2>;

/// Whether the path, still percent-encoded, is of the pattern. A part in braces is a piece between
/// two slashes without a colon, or what stands in front of the pattern's colon there; never empty.
[[nodiscard]] bool matches(std::string_view pattern, std::string_view path, path_values& values);

/// The line for a request among those of one listener, or why there is none: no_such_resource,
/// method_not_allowed with Allow, media_type_unsupported.
struct found_route {
    std::size_t index = 0;
    std::optional<http_response> refusal;
};

template <class Handler>
struct route : route_line {
    Handler handle{};
};

/// Used by find_route() for tables of any handler.
class route_search {
public:
    route_search(const http_request& request, std::string_view path)
        : request_(request), path_(path) {}

    /// True: it is this line.
    [[nodiscard]] bool is(const route_line& line, path_values& values);
    /// When no line was the one.
    [[nodiscard]] http_response refusal() const;

private:
    const http_request& request_;
    std::string_view path_;
    std::string allowed_;
    bool wrong_type_ = false;
};

/// `path` is that of the request, still percent-encoded.
template <class Handler>
[[nodiscard]] found_route find_route(std::span<const route<Handler>> table,
                                     const http_request& request, std::string_view path,
                                     path_values& values) {
    route_search search(request, path);
    for (std::size_t i = 0; i < table.size(); ++i)
        if (search.is(table[i], values)) return {i, {}};
    return {0, search.refusal()};
}

}  // namespace hikyaku::gateway::api
