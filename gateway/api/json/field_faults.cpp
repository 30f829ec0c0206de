#include "gateway/api/json/field_faults.hpp"

#include <algorithm>
#include <utility>

#include "gateway/api/json/text.hpp"
#include "gateway/engine/submission/contact_fields.hpp"

namespace hikyaku::gateway::api {

static_assert(label_shape.max == static_cast<std::int64_t>(label_octets_max));

problem field_fault(problem_code code, std::string_view base, std::string_view field,
                    std::string detail) {
    problem result;
    result.code = code;
    result.detail = std::move(detail);
    result.pointer.append(base).append("/");
    for (const char c : field)  // RFC 6901: "~" and "/" inside a name
        if (c == '~')
            result.pointer.append("~0");
        else if (c == '/')
            result.pointer.append("~1");
        else
            result.pointer.push_back(c);
    return result;
}

std::optional<problem> object_fault(const shape& wanted, const boost::json::object& given,
                                    std::string_view base) {
    for (const auto& [key, value] : given) {
        const std::string_view name = key;
        const auto known = std::ranges::find(wanted.members, name, &member::name);
        if (known == wanted.members.end()) {
            if (wanted.open) continue;
            return field_fault(problem_code::field_unknown, base, name, {});
        }
        if (auto why = misfit(*known->is, value))
            return field_fault(problem_code::field_invalid, base, name, std::move(*why));
    }
    for (const member& each : wanted.members)
        if (each.required && !given.contains(each.name))
            return field_fault(problem_code::field_missing, base, each.name, {});
    return {};
}

std::optional<problem> label_fault(const boost::json::value& given, std::string_view base,
                                   std::string_view field) {
    const auto why = gateway::label_fault(text_of(given));
    if (why.empty()) return {};
    return field_fault(problem_code::field_invalid, base, field, std::string(why));
}

}  // namespace hikyaku::gateway::api
