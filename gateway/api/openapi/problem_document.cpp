#include <vector>

#include "gateway/api/openapi/documents.hpp"
#include "gateway/api/openapi/words.hpp"

namespace hikyaku::gateway::api::documents {
namespace of_problems {
namespace {

std::span<const std::string_view> code_names() {
    static const auto names = [] {
        std::vector<std::string_view> all;
        for (const error_line& each : error_table())
            if (each.http != 0) all.push_back(each.name);
        return all;
    }();
    return names;
}

const shape code = word_shape(code_names());
constexpr shape status = integer_shape(400, 599);
constexpr member members[] = {
    {"type", &text, true, "`urn:hikyaku:problem:` and the code"},
    {"code", &code, true, "stable: decide by it"},
    {"status", &status, true},
    {"title", &text, true, "the same for every occurrence"},
    {"detail", &text, false, "what is wrong this time"},
    {"pointer", &text, false, "RFC 6901, to the field in the request's body"},
    {"position", &count, false, "the octet at which invalid JSON or UTF-8 goes wrong"},
    {"faults", &configuration_faults, false, "of `configuration_invalid`"},
    {"parts_needed", &count, false, "of `text_too_long`"},
    {"doc", &text, true},
};

}  // namespace
}  // namespace of_problems

constinit const shape problem{
    .is = shape::kind::object,
    .members = of_problems::members,
    .name = "Problem",
    .meaning = "Why a request, or a part of it, was refused (RFC 9457)",
};

}  // namespace hikyaku::gateway::api::documents
