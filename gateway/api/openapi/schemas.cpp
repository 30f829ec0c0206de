#include "gateway/api/openapi/schemas.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <string>
#include <vector>

namespace hikyaku::gateway::api {
namespace {

namespace json = boost::json;

std::string_view type_name(shape::kind is) {
    switch (is) {
        case shape::kind::text:
            return "string";
        case shape::kind::integer:
            return "integer";
        case shape::kind::number:
            return "number";
        case shape::kind::flag:
            return "boolean";
        case shape::kind::object:
            return "object";
        case shape::kind::list:
            return "array";
        case shape::kind::any:
        case shape::kind::either:
            break;
    }
    return {};
}

void add_type(json::object& into, const shape& what) {
    const auto name = type_name(what.is);
    if (name.empty()) return;
    if (what.nullable)
        into["type"] = json::array{name, "null"};
    else
        into["type"] = name;
}

/// `min` and `max` under the names that they have for this type.
void add_bounds(json::object& into, const shape& what, std::string_view min, std::string_view max,
                bool zero_is_said) {
    if (what.min != 0 || zero_is_said) into[min] = what.min;
    if (what.max != shape::no_max) into[max] = what.max;
}

void add_text(json::object& into, const shape& what) {
    add_bounds(into, what, "minLength", "maxLength", false);
    if (!what.format.empty()) into["format"] = what.format;
    if (!what.pattern.empty()) into["pattern"] = what.pattern;
    if (what.words.empty()) return;
    json::array words(what.words.begin(), what.words.end());
    if (what.nullable) words.emplace_back(nullptr);
    into["enum"] = std::move(words);
}

json::object or_null(json::object schema) {
    return {{"anyOf", json::array{std::move(schema), json::object{{"type", "null"}}}}};
}

}  // namespace

json::object schema_writer::schema_of(const shape& what, written_by whom) {
    if (what.name.empty()) return inline_schema(what, whom);
    if (!components_.contains(what.name)) {
        components_.emplace(what.name, json::object());  // it may hold itself
        shape not_null = what;
        not_null.nullable = false;
        auto schema = inline_schema(not_null, whom);
        components_[what.name] = std::move(schema);
    }
    json::object reference{{"$ref", fmt::format("#/components/schemas/{}", what.name)}};
    return what.nullable ? or_null(std::move(reference)) : reference;
}

void schema_writer::add_object(json::object& into, const shape& what, written_by whom) {
    if (what.min > 0) into["minProperties"] = what.min;
    json::object properties;
    json::array required;
    for (const member& each : what.members) {
        auto schema = schema_of(*each.is, whom);
        if (!each.meaning.empty()) schema["description"] = each.meaning;
        properties[each.name] = std::move(schema);
        if (each.required) required.emplace_back(each.name);
    }
    if (!properties.empty()) into["properties"] = std::move(properties);
    if (!required.empty()) into["required"] = std::move(required);
    if (what.open)
        into["additionalProperties"] = true;
    else if (whom == written_by::client)
        into["additionalProperties"] = false;
}

json::object schema_writer::inline_schema(const shape& what, written_by whom) {
    json::object schema;
    if (!what.meaning.empty()) schema["description"] = what.meaning;
    add_type(schema, what);
    switch (what.is) {
        case shape::kind::text:
            add_text(schema, what);
            break;
        case shape::kind::integer:
            add_bounds(schema, what, "minimum", "maximum", true);
            break;
        case shape::kind::object:
            add_object(schema, what, whom);
            break;
        case shape::kind::list:
            schema["items"] = schema_of(*what.items, whom);
            add_bounds(schema, what, "minItems", "maxItems", false);
            break;
        case shape::kind::either: {
            json::array forms;
            for (const shape* form : what.forms)
                forms.push_back(schema_of(*form, whom));
            if (what.nullable) forms.push_back(json::object{{"type", "null"}});
            schema["anyOf"] = std::move(forms);
            break;
        }
        case shape::kind::any:
        case shape::kind::number:
        case shape::kind::flag:
            break;
    }
    return schema;
}

json::object schema_writer::take_components() {
    std::vector<std::string_view> names;
    for (const auto& [name, schema] : components_)
        names.push_back(name);
    std::ranges::sort(names);
    json::object all;
    for (const auto name : names)
        all[name] = std::move(components_[name]);
    return all;
}

}  // namespace hikyaku::gateway::api
