// What the HTTP API refuses, as RFC 9457 problem details with a stable code. Which codes there are,
// with status and title, is one table for all doors (gateway/engine/errors.hpp). Pure, any thread.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/api/http.hpp"
#include "gateway/engine/errors.hpp"
#include "gateway/engine/types.hpp"

namespace hikyaku::gateway::api {

/// Of those with an HTTP status.
using problem_code = error_id;

struct problem {
    problem_code code = problem_code::internal_error;
    std::string detail;                     // what is wrong this time; may be empty
    std::string pointer;                    // RFC 6901, into the request's body; may be empty
    std::optional<std::uint64_t> position;  // octet in the body, for invalid UTF-8 and JSON
    std::uint32_t retry_after_ms = 0;       // 0 = the kind's own default, if it has one
    std::uint32_t parts_needed = 0;         // text_too_long
};

/// The problem of a refused submission. `detail` is submit_result::detail; `base` points to the
/// message in the body ("" or "/messages/3"), `to` to its recipient ("/to" or "/messages/3/to/1").
[[nodiscard]] problem problem_of(refusal why, std::uint32_t detail, std::string_view base = {},
                                 std::string_view to = {});

/// {"type", "code", "status", "title", "detail", "pointer", "position", "doc"}; empty members are
/// left out.
[[nodiscard]] boost::json::object to_json(const problem& what,
                                          boost::json::storage_ptr memory = {});

/// Whole seconds for Retry-After, 0 = none. Only for 409 in flight, 429 and 503.
[[nodiscard]] std::uint32_t retry_after_seconds(const problem& what);

/// The response with status, application/problem+json and, where it belongs, Retry-After.
[[nodiscard]] http_response problem_response(const problem& what);

}  // namespace hikyaku::gateway::api
