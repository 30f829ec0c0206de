#include "gateway/api/desk/body.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>

#include "gateway/api/json/document.hpp"
#include "gateway/api/json/field_faults.hpp"
#include "gateway/api/json/text.hpp"
#include "gateway/api/times.hpp"

namespace hikyaku::gateway::api {

boost::system::result<body_object, problem> body_object::read(std::string_view body,
                                                              const shape& wanted) {
    std::array<unsigned char, 1024> scratch;
    const auto root = parse_json(body.empty() ? std::string_view("{}") : body, {}, scratch);
    if (!root) return root.error();
    if (!root->is_object()) {
        problem fault;
        fault.code = problem_code::body_invalid;
        fault.detail = "the body must be an object";
        return fault;
    }
    if (auto fault = object_fault(wanted, root->get_object(), {})) return std::move(*fault);
    return body_object(root->get_object());
}

std::string body_object::text(std::string_view name) const {
    const auto* found = object_.if_contains(name);
    return found == nullptr || !found->is_string() ? std::string() : std::string(text_of(*found));
}

bool body_object::flag(std::string_view name) const {
    const auto* found = object_.if_contains(name);
    return found != nullptr && found->is_bool() && found->get_bool();
}

std::optional<std::int64_t> body_object::number(std::string_view name) const {
    const auto* found = object_.if_contains(name);
    if (found == nullptr || !found->is_int64()) return std::nullopt;
    return found->get_int64();
}

boost::system::result<std::int64_t, problem> body_object::time(std::string_view name,
                                                               std::int64_t otherwise) const {
    const auto* found = object_.if_contains(name);
    if (found == nullptr || found->is_null()) return otherwise;
    if (const auto at = parse_time(text_of(*found))) return *at;
    return field_fault(problem_code::field_invalid, {}, name,
                       "must be a time like 2026-04-01T09:00:00+09:00");
}

boost::system::result<std::uint32_t, problem> body_object::words(std::string_view name,
                                                                 const shape& word) const {
    std::uint32_t bits = 0;
    const auto* found = object_.if_contains(name);
    if (found == nullptr) return bits;
    std::size_t index = 0;
    for (const auto& each : found->get_array()) {
        if (auto why = misfit(word, each))
            return field_fault(problem_code::field_invalid, fmt::format("/{}", name),
                               fmt::to_string(index), std::move(*why));
        bits |= 1U << index_of(word.words, text_of(each));
        ++index;
    }
    return bits;
}

std::optional<problem> body_object::label_fault(
    std::initializer_list<std::string_view> names) const {
    for (const auto name : names)
        if (const auto* found = object_.if_contains(name))
            if (auto fault = api::label_fault(*found, {}, name)) return fault;
    return {};
}

}  // namespace hikyaku::gateway::api
