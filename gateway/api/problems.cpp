#include "gateway/api/problems.hpp"

#include <fmt/format.h>

#include <array>
#include <cassert>

#include "gateway/api/json_text.hpp"

namespace hikyaku::gateway::api {
namespace {

/// The table, where the codes have their short names.
namespace problems {

using enum problem_code;

constexpr std::array table{
    problem_kind{source_invalid, "source_invalid", 422, "The sender address is not valid"},
    problem_kind{source_not_allowed, "source_not_allowed", 403,
                 "The account may not use this sender address"},
    problem_kind{destination_invalid, "destination_invalid", 422,
                 "The recipient's number is not valid"},
    problem_kind{text_invalid, "text_invalid", 422,
                 "The text or data does not fit the encoding that was asked for"},
    problem_kind{text_too_long, "text_too_long", 422,
                 "The text needs more segments than are allowed"},
    problem_kind{data_coding_invalid, "data_coding_invalid", 422, "The data_coding is not valid"},
    problem_kind{esm_class_invalid, "esm_class_invalid", 422, "The esm_class is not valid"},
    problem_kind{schedule_invalid, "schedule_invalid", 422, "The time of sending is not valid"},
    problem_kind{validity_invalid, "validity_invalid", 422, "The validity period is not valid"},
    problem_kind{priority_invalid, "priority_invalid", 422,
                 "The priority is above what the account may use"},
    problem_kind{registered_delivery_invalid, "registered_delivery_invalid", 422,
                 "The choice of receipts is not valid"},
    problem_kind{link_invalid, "link_invalid", 422,
                 "The text holds too many links or one that is too long"},
    problem_kind{no_route, "no_route", 422, "No route leads to this recipient"},
    problem_kind{rate_exceeded, "rate_exceeded", 429, "The account's rate is exceeded"},
    problem_kind{queue_full, "queue_full", 429, "Too many messages of the account are waiting"},
    problem_kind{store_busy, "store_busy", 503, "Too much is waiting for the disk"},
    problem_kind{store_failing, "store_failing", 503, "The message could not be stored"},
    problem_kind{shutting_down, "shutting_down", 503, "The gateway is shutting down"},
    problem_kind{not_found, "not_found", 404, "The account has no such message"},
    problem_kind{not_cancellable, "not_cancellable", 409,
                 "The message has left the queue and cannot be cancelled"},
    problem_kind{tlv_missing, "tlv_missing", 422,
                 "The carriers of this recipient require a TLV that the message has not"},
    problem_kind{source_unwritable, "source_unwritable", 422,
                 "The gateway's rules for the carriers cannot write this sender address"},
    problem_kind{destination_unwritable, "destination_unwritable", 422,
                 "The gateway's rules for the carriers cannot write this number"},
    problem_kind{unsupported, "unsupported", 422, "The gateway does not support this"},
    problem_kind{http_invalid, "http_invalid", 400, "The request is no valid HTTP"},
    problem_kind{utf8_invalid, "utf8_invalid", 400, "The body is not valid UTF-8"},
    problem_kind{json_invalid, "json_invalid", 400, "The body is not valid JSON"},
    problem_kind{idempotency_key_invalid, "idempotency_key_invalid", 400,
                 "The Idempotency-Key is not 1 to 256 printable ASCII characters"},
    problem_kind{token_missing, "token_missing", 401, "An API token is required"},
    problem_kind{token_invalid, "token_invalid", 401, "The API token is not known"},
    problem_kind{token_expired, "token_expired", 401, "The API token has expired"},
    problem_kind{role_missing, "role_missing", 403, "The API token may not do this"},
    problem_kind{address_not_allowed, "address_not_allowed", 403,
                 "The account may not be used from this network address"},
    problem_kind{origin_not_allowed, "origin_not_allowed", 403,
                 "Web pages of other origins may not use this"},
    problem_kind{no_such_resource, "no_such_resource", 404, "There is nothing at this path"},
    problem_kind{method_not_allowed, "method_not_allowed", 405,
                 "The path does not allow this method"},
    problem_kind{request_timeout, "request_timeout", 408, "The request took too long to arrive"},
    problem_kind{idempotency_in_flight, "idempotency_in_flight", 409,
                 "A request with this Idempotency-Key is still being worked on"},
    problem_kind{body_too_large, "body_too_large", 413, "The body is too large"},
    problem_kind{media_type_unsupported, "media_type_unsupported", 415,
                 "The body must be application/json"},
    problem_kind{host_not_allowed, "host_not_allowed", 421,
                 "The listener is not called by this name"},
    problem_kind{body_invalid, "body_invalid", 422, "The body has not the expected shape"},
    problem_kind{field_unknown, "field_unknown", 422, "There is no such field"},
    problem_kind{field_missing, "field_missing", 422, "A required field is missing"},
    problem_kind{field_invalid, "field_invalid", 422, "A field has a wrong type or value"},
    problem_kind{batch_too_large, "batch_too_large", 422,
                 "The request holds more messages than are allowed"},
    problem_kind{configuration_invalid, "configuration_invalid", 422,
                 "The configuration file has faults; nothing has changed"},
    problem_kind{idempotency_mismatch, "idempotency_mismatch", 422,
                 "The Idempotency-Key was used before with another body"},
    problem_kind{header_too_large, "header_too_large", 431, "The header is too large"},
    problem_kind{internal_error, "internal_error", 500, "Something went wrong inside the gateway"},
    problem_kind{server_busy, "server_busy", 503, "Too many large requests are arriving"},
};

constexpr bool in_order() {
    for (std::size_t i = 0; i < table.size(); ++i)
        if (static_cast<std::size_t>(table[i].code) != i + 1) return false;
    return table.back().code == server_busy;
}
static_assert(in_order(), "the table is indexed by problem_code");
static_assert(static_cast<int>(unsupported) == static_cast<int>(refusal::unsupported));
static_assert(static_cast<int>(store_failing) == static_cast<int>(refusal::store_failing));

}  // namespace problems

constexpr std::uint32_t default_wait_ms(problem_code code) {
    using enum problem_code;
    switch (code) {
        case rate_exceeded:
        case store_busy:
        case server_busy:
        case idempotency_in_flight:
            return 1000;
        case queue_full:
            return 5000;
        case store_failing:
        case shutting_down:
            return 10000;
        default:
            return 0;
    }
}

// The field that a refusal is about; empty = the message as a whole.
constexpr std::string_view field_of(refusal why) {
    switch (why) {
        case refusal::source_invalid:
        case refusal::source_not_allowed:
        case refusal::source_unwritable:
            return "/from";
        case refusal::text_invalid:
        case refusal::text_too_long:
        case refusal::link_invalid:
            return "/text";
        case refusal::schedule_invalid:
            return "/send_at";
        case refusal::validity_invalid:
            return "/valid_for";
        case refusal::priority_invalid:
            return "/priority";
        case refusal::registered_delivery_invalid:
            return "/receipt";
        case refusal::tlv_missing:
            return "/tlvs";
        default:
            return {};
    }
}

}  // namespace

std::span<const problem_kind> problem_table() {
    return problems::table;
}

const problem_kind& kind_of(problem_code code) {
    const auto index = static_cast<std::size_t>(code);
    assert(index >= 1 && index <= problems::table.size());
    return problems::table[index - 1];
}

problem problem_of(refusal why, std::uint32_t detail, std::string_view base, std::string_view to) {
    assert(why != refusal::none);
    problem result;
    result.code = static_cast<problem_code>(why);
    switch (why) {
        case refusal::destination_invalid:
        case refusal::no_route:
        case refusal::destination_unwritable:
            result.pointer = to;
            break;
        default:
            if (const std::string_view field = field_of(why); !field.empty())
                result.pointer.append(base).append(field);
    }
    if (why == refusal::text_too_long) {
        result.parts_needed = detail;
        result.detail = fmt::format("the text needs {} segments", detail);
    } else if (why == refusal::text_invalid) {
        result.detail = fmt::format("the fault is at octet {} of the text", detail);
    } else if (why == refusal::source_unwritable || why == refusal::destination_unwritable) {
        result.detail =
            "the gateway's own address_rules make it empty, or longer than the 20 "
            "octets that SMPP allows; no carrier was asked";
    } else if (why == refusal::rate_exceeded || why == refusal::queue_full) {
        result.retry_after_ms = detail;
    }
    return result;
}

boost::json::object to_json(const problem& what, boost::json::storage_ptr memory) {
    const problem_kind& kind = kind_of(what.code);
    boost::json::object json(std::move(memory));
    json.reserve(9);
    json["type"] = std::string{"urn:hikyaku:problem:"}.append(kind.name);
    json["code"] = kind.name;
    json["status"] = kind.status;
    json["title"] = kind.title;
    if (!what.detail.empty()) json["detail"] = what.detail;
    if (!what.pointer.empty()) json["pointer"] = what.pointer;
    if (what.position) json["position"] = *what.position;
    if (what.parts_needed > 0) json["parts_needed"] = what.parts_needed;
    json["doc"] = "docs/http-api.md#problems";
    return json;
}

std::uint32_t retry_after_seconds(const problem& what) {
    const std::uint32_t fallback = default_wait_ms(what.code);
    if (fallback == 0) return 0;
    const std::uint32_t wait_ms = what.retry_after_ms > 0 ? what.retry_after_ms : fallback;
    return wait_ms / 1000 + (wait_ms % 1000 != 0 ? 1 : 0);
}

http_response problem_response(const problem& what) {
    http_response response;
    response.status = kind_of(what.code).status;
    response.content_type = problem_type;
    response.body = write_json(to_json(what));
    if (const std::uint32_t wait = retry_after_seconds(what); wait > 0)
        response.headers.emplace_back("Retry-After", std::to_string(wait));
    return response;
}

}  // namespace hikyaku::gateway::api
