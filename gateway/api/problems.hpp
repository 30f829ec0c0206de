// Everything the HTTP API can refuse, as RFC 9457 problem details with a stable code. The codes of
// refused submissions are those of gateway/engine/refusal.hpp; the others belong to HTTP alone.
// One table, which docs/http-api.md repeats for users (a test compares the two). Pure, any thread.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "gateway/api/http.hpp"
#include "gateway/engine/types.hpp"

namespace hikyaku::gateway::api {

/// The refusals first, with the values of `refusal`.
enum class problem_code : std::uint8_t {
    none,
    source_invalid,
    source_not_allowed,
    destination_invalid,
    text_invalid,
    text_too_long,
    data_coding_invalid,
    esm_class_invalid,
    schedule_invalid,
    validity_invalid,
    priority_invalid,
    registered_delivery_invalid,
    link_invalid,
    no_route,
    rate_exceeded,
    queue_full,
    store_busy,
    store_failing,
    shutting_down,
    not_found,
    not_cancellable,
    tlv_missing,
    source_unwritable,
    destination_unwritable,
    unsupported,
    // HTTP alone.
    http_invalid,
    utf8_invalid,
    json_invalid,
    idempotency_key_invalid,
    token_missing,
    token_invalid,
    token_expired,
    role_missing,
    address_not_allowed,
    origin_not_allowed,
    no_such_resource,
    method_not_allowed,
    request_timeout,
    idempotency_in_flight,
    body_too_large,
    media_type_unsupported,
    host_not_allowed,
    body_invalid,
    field_unknown,
    field_missing,
    field_invalid,
    batch_too_large,
    configuration_invalid,
    idempotency_mismatch,
    header_too_large,
    internal_error,
    server_busy,
};

struct problem_kind {
    problem_code code;
    std::string_view name;   // the stable code
    unsigned status;         // HTTP
    std::string_view title;  // one short sentence, the same for every occurrence
};

/// One row for each code but `none`, in the order of the enum.
[[nodiscard]] std::span<const problem_kind> problem_table();
[[nodiscard]] const problem_kind& kind_of(problem_code code);

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
