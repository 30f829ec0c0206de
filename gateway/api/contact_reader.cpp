#include "gateway/api/contact_reader.hpp"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <string>

#include "gateway/api/json_text.hpp"
#include "gateway/api/message_reader.hpp"
#include "gateway/engine/submission/contact_fields.hpp"

namespace hikyaku::gateway::api {
namespace {

using boost::json::value;

problem contact_fault(std::string_view base, std::string_view field, std::string_view detail) {
    return field_fault(problem_code::field_invalid, base, field, std::string{detail});
}

/// `add` appends one word, or says what is wrong with it.
template <class Add>
std::optional<problem> read_words(const value& given, std::string_view base, std::string_view field,
                                  const Add& add) {
    if (!given.is_array() || given.get_array().empty())
        return contact_fault(base, field, "must be a list of at least one string");
    const std::string list = fmt::format("{}/{}", base, field);
    std::size_t index = 0;
    for (const value& each : given.get_array()) {
        const auto why = each.is_string() ? add(text_of(each)) : "must be a string";
        if (!why.empty()) return contact_fault(list, fmt::to_string(index), why);
        ++index;
    }
    return {};
}

}  // namespace

std::optional<problem> read_contact(const value& given, std::string_view base,
                                    const zone_names& zones, contact_point& into) {
    if (!given.is_object() || given.get_object().empty())
        return contact_fault(base, "contact", R"(must be an object with "id", "zones" or "tags")");
    const std::string inside = fmt::format("{}/contact", base);
    const auto zone = [&](std::string_view word) { return add_zone(into, word, zones); };
    const auto tag = [&](std::string_view word) { return add_tag(into, word); };
    for (const auto& member : given.get_object()) {
        const std::string_view name = member.key();
        std::optional<problem> found;
        if (name == "id") {
            if (auto why = label_fault(member.value())) return contact_fault(inside, name, *why);
            into.id = text_of(member.value());
        } else if (name == "zones") {
            found = read_words(member.value(), inside, name, zone);
        } else if (name == "tags") {
            found = read_words(member.value(), inside, name, tag);
        } else {
            found = field_fault(problem_code::field_unknown, inside, name, {});
        }
        if (found) return found;
    }
    return {};
}

}  // namespace hikyaku::gateway::api
