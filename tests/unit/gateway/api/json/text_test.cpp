// JSON that is written by hand against what Boost.JSON makes of the same.
#include "gateway/api/json/text.hpp"

#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace hikyaku::gateway::api {
namespace {

TEST(json_text, a_string_is_what_boost_makes_of_it) {
    std::string every;
    for (char c = 0; c < 0x7F; ++c)
        every.push_back(c);
    for (const std::string& text :
         {std::string{}, std::string{"+819012345678"}, std::string{"a\"b"}, std::string{"a\\b"},
          std::string{"line\n"}, std::string{"\x7F"}, std::string{"\0", 1},
          std::string{"支払い期限 €"}, every, every + "é"}) {
        std::string out = "[";
        append_json_string(out, text);
        EXPECT_EQ(out, "[" + boost::json::serialize(boost::json::string_view(text)));
    }
}

TEST(json_text, what_is_no_utf8_becomes_a_mark_in_names_and_values) {
    const std::string_view bad = "a\xFF\xED\xA0\x80\xE6\x94";
    const std::string mended = "a\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD";
    std::string out;
    append_json_string(out, bad);
    EXPECT_EQ(out, "\"" + mended + "\"");
    out.clear();
    append_json_string(out, std::string(bad) + "\n");
    EXPECT_EQ(out, "\"" + mended + "\\n\"");
    const boost::json::object object{
        {bad, boost::json::array{bad, boost::json::object{{"x", bad}}}}};
    const auto wanted = "{\"" + mended + "\":[\"" + mended + "\",{\"x\":\"" + mended + "\"}]}";
    EXPECT_EQ(write_json(object), wanted);
    EXPECT_EQ(write_json(boost::json::value(object)), wanted);
    EXPECT_EQ(write_json(boost::json::object{{"\xE6\x94\xAF", "\x7F\xEF\xBF\xBF"}}),
              "{\"\xE6\x94\xAF\":\"\x7F\xEF\xBF\xBF\"}");
}

TEST(json_text, an_object_has_its_members_in_order) {
    std::string out = "x";
    json_object_text object(out);
    object.add("text", std::string_view{"a\"b"});
    object.add("number", std::uint64_t{18446744073709551615u});
    object.add_json("list", "[1]");
    object.begin_member("inner");
    json_object_text inner(out);
    inner.close();
    object.close();
    EXPECT_EQ(out, R"(x{"text":"a\"b","number":18446744073709551615,"list":[1],"inner":{}})");
    EXPECT_TRUE(boost::json::parse(out.substr(1)).is_object());
}

}  // namespace
}  // namespace hikyaku::gateway::api
