#include "gateway/api/problems.hpp"

#include <fmt/format.h>

#include <cassert>

#include "gateway/api/json/text.hpp"

namespace hikyaku::gateway::api {

problem problem_of(refusal why, std::uint32_t detail, std::string_view base, std::string_view to) {
    assert(why != refusal::none);
    problem result;
    result.code = error_of(why);
    const std::string_view field = line_of(result.code).pointer;
    if (field == "/to")
        result.pointer = to;
    else if (!field.empty())
        result.pointer.append(base).append(field);
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
    const error_line& kind = line_of(what.code);
    assert(kind.http != 0);
    boost::json::object json(std::move(memory));
    json.reserve(9);
    json["type"] = std::string{"urn:hikyaku:problem:"}.append(kind.name);
    json["code"] = kind.name;
    json["status"] = kind.http;
    json["title"] = kind.title;
    if (!what.detail.empty()) json["detail"] = what.detail;
    if (!what.pointer.empty()) json["pointer"] = what.pointer;
    if (what.position) json["position"] = *what.position;
    if (what.parts_needed > 0) json["parts_needed"] = what.parts_needed;
    json["doc"] = "docs/http-api.md#problems";
    return json;
}

std::uint32_t retry_after_seconds(const problem& what) {
    const std::uint32_t fallback = line_of(what.code).retry_after_ms;
    if (fallback == 0) return 0;
    const std::uint32_t wait_ms = what.retry_after_ms > 0 ? what.retry_after_ms : fallback;
    return wait_ms / 1000 + (wait_ms % 1000 != 0 ? 1 : 0);
}

http_response problem_response(const problem& what) {
    http_response response;
    response.status = line_of(what.code).http;
    response.content_type = problem_type;
    response.body = write_json(to_json(what));
    if (const std::uint32_t wait = retry_after_seconds(what); wait > 0)
        response.headers.emplace_back("Retry-After", std::to_string(wait));
    return response;
}

}  // namespace hikyaku::gateway::api
