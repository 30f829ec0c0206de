#include "gateway/api/form.hpp"

#include <gtest/gtest.h>

namespace hikyaku::gateway::api {
namespace {

TEST(Form, fields_are_decoded) {
    const auto read = read_form("name=M%C3%BCller+%26+S%c3%b6hne&box=1&empty=&box=2&alone&&=x");
    ASSERT_TRUE(read);
    EXPECT_EQ(read->value("name"), "Müller & Söhne");
    EXPECT_EQ(read->value("box"), "1");
    EXPECT_EQ(read->values("box"), (std::vector<std::string_view>{"1", "2"}));
    EXPECT_EQ(read->value("empty"), "");
    EXPECT_EQ(read->value("alone"), "");
    EXPECT_EQ(read->value(""), "x");
    EXPECT_EQ(read->value("none"), std::nullopt);
    EXPECT_EQ(read->size(), 6u) << "\"&&\" holds no field";
    EXPECT_EQ(read_form("")->size(), 0u);
}

TEST(Form, faults_have_names) {
    const form_limits small{
        .body_bytes_max = 29, .fields_max = 3, .name_bytes_max = 4, .value_bytes_max = 5};
    struct row {
        std::string_view body, fault;
    };
    const row rows[] = {
        {"a=1&b=2&c=3", ""},
        {"a=1&b=2&c=3&d=4", "too_many_fields"},
        {"abcd=1", ""},
        {"abcde=1", "name_too_long"},
        {"a=12345", ""},
        {"a=123456", "value_too_long"},
        {"a=%31%32%33%34%35", ""},
        {"a=%C3%A9%C3%A9", ""},
        {"a=%C3", "utf8_invalid"},
        {"%FF=a", "utf8_invalid"},
        {"a=\xE9", "utf8_invalid"},
        {"a=100%", "escape_invalid"},
        {"a=%4", "escape_invalid"},
        {"%zz=1", "escape_invalid"},
        {"a=1&b=2&c=%31%32%33%34%35%20+", "value_too_long"},
        {"a=1&b=2&c=%31%32%33%34%35%20++", "body_too_large"},
    };
    for (const row& each : rows) {
        const auto read = read_form(each.body, small);
        EXPECT_EQ(read ? std::string_view{} : name_of(read.error()), each.fault) << each.body;
    }
}

}  // namespace
}  // namespace hikyaku::gateway::api
