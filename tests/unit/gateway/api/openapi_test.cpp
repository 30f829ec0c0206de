// The OpenAPI document: complete, without loose ends, and with the words of the program's enums.
// tests/blackbox holds real answers against it and asks a validator of others.
#include "gateway/api/openapi/openapi.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <set>

#include "gateway/api/messages/message_reader.hpp"
#include "gateway/api/openapi/documents.hpp"
#include "gateway/api/openapi/schemas.hpp"
#include "gateway/api/openapi/words.hpp"
#include "gateway/engine/submission/contact_fields.hpp"
#include "gateway/engine/unmatched/unmatched_entry.hpp"
#include "gateway/links/classify.hpp"

namespace hikyaku::gateway::api {
namespace {

namespace json = boost::json;

/// Calls `on_reference` with each "$ref" below `value`.
template <class OnReference>
void walk(const json::value& value, const OnReference& on_reference) {
    if (const auto* list = value.if_array())
        for (const auto& each : *list)
            walk(each, on_reference);
    if (const auto* object = value.if_object())
        for (const auto& [key, each] : *object)
            if (key == "$ref")
                on_reference(std::string(each.as_string()));
            else
                walk(each, on_reference);
}

TEST(openapi, every_route_is_there_and_every_reference_leads_somewhere) {
    const json::value document = openapi_document();
    for (const described_route& each : described_routes()) {
        std::string method(each.method);
        std::ranges::transform(method, method.begin(), [](char c) { return std::tolower(c); });
        const auto& item = document.at("paths").at(each.pattern).at(method);
        EXPECT_EQ(item.at("operationId"), json::value(each.operation));
        EXPECT_EQ(item.at("x-role"), json::value(name_of(each.needs)));
    }
    std::set<std::string> referred;
    walk(document, [&](const std::string& to) { referred.insert(to); });
    const std::string_view folder = "#/components/schemas/";
    for (const std::string& each : referred) {
        ASSERT_TRUE(each.starts_with(folder)) << each;
        EXPECT_TRUE(document.at("components")
                        .at("schemas")
                        .as_object()
                        .contains(each.substr(folder.size())))
            << each;
    }
    EXPECT_EQ(referred.size(), document.at("components").at("schemas").as_object().size());
}

TEST(openapi, every_code_belongs_to_a_route) {
    std::set<problem_code> used;
    for (const described_route& each : described_routes()) {
        const auto codes = codes_of(each);
        used.insert(codes.begin(), codes.end());
        EXPECT_TRUE(std::ranges::is_sorted(codes));
    }
    // The others tell of a path or method that the document does not have.
    for (const error_line& each : error_table())
        if (each.http != 0 && each.id != problem_code::method_not_allowed)
            EXPECT_TRUE(used.contains(each.id)) << each.name;
}

TEST(openapi, shapes_as_schemas) {
    static constexpr std::string_view words[] = {"a", "b"};
    static constexpr shape number = integer_shape(0, 3);
    static constexpr shape word = or_null(word_shape(words));
    static constexpr shape list = list_shape(word, 1);
    static constexpr member members[] = {{"n", &number, true, "a number"}, {"l", &list}};
    static constexpr shape inner = or_null(object_shape(members, "Inner"));
    static constexpr const shape* forms[] = {&inner, &flag_shape};
    static constexpr shape outer = either_shape(forms);
    schema_writer schemas;
    EXPECT_EQ(json::value(schemas.schema_of(outer, written_by::client)), json::parse(R"({
        "anyOf": [{"anyOf": [{"$ref": "#/components/schemas/Inner"}, {"type": "null"}]},
                  {"type": "boolean"}]})"));
    EXPECT_EQ(json::value(schemas.take_components()), json::parse(R"({"Inner": {
        "type": "object", "required": ["n"], "additionalProperties": false, "properties": {
            "n": {"type": "integer", "minimum": 0, "maximum": 3, "description": "a number"},
            "l": {"type": "array", "minItems": 1,
                  "items": {"type": ["string", "null"], "enum": ["a", "b", null]}}}}})"));
}

TEST(openapi, words_are_those_of_the_enums) {
    using namespace model::record;
    const auto same = [](const auto& words, const auto& values, const auto& name) {
        ASSERT_EQ(std::size(words), std::size(values));
        for (std::size_t i = 0; i < std::size(words); ++i)
            EXPECT_EQ(words[i], name(values[i]));
    };
    same(
        documents::state_words, EnumValuesState(), [](State each) { return EnumNameState(each); });
    same(
        documents::purpose_words, EnumValuesPurpose(),
        [](Purpose each) { return EnumNamePurpose(each); });
    same(documents::why_words, EnumValuesUnmatchedWhy(),
         [](UnmatchedWhy each) { return word_of(each); });
    for (std::size_t i = 0; i < links::hit_class_count; ++i)
        EXPECT_EQ(documents::hit_words[i], links::to_string(static_cast<links::hit_class>(i)));
    const auto purpose = std::ranges::find(message_shape.members, "purpose", &member::name);
    for (const auto word : purpose->is->words)
        EXPECT_TRUE(purpose_named(word)) << word;
}

TEST(openapi, who_has_the_document_gets_none) {
    http_request request{.method = "GET", .target = "/openapi.json"};
    const auto first = openapi_response(request);
    EXPECT_EQ(first.status, 200u);
    EXPECT_EQ(first.body, openapi_text());
    EXPECT_EQ(first.headers.at(0).first, "ETag");
    const std::string tag = first.headers.at(0).second;
    for (const std::string& known : {tag, "W/" + tag, "\"x\", " + tag}) {
        const http_header header{"If-None-Match", known};
        request.headers = std::span(&header, 1);
        const auto again = openapi_response(request);
        EXPECT_EQ(again.status, 304u) << known;
        EXPECT_TRUE(again.body.empty() && again.content_type.empty()) << known;
    }
    const http_header other{"If-None-Match", "\"other\""};
    request.headers = std::span(&other, 1);
    EXPECT_EQ(openapi_response(request).status, 200u);
}

}  // namespace
}  // namespace hikyaku::gateway::api
