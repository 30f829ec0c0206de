// The query of a request against the table of its route.
#include "gateway/api/query.hpp"

#include <gtest/gtest.h>

namespace hikyaku::gateway::api {
namespace {

constexpr shape small = integer_shape(1, 10);
constexpr std::string_view colours[] = {"red", "light blue"};
constexpr shape colour = word_shape(colours);
constexpr shape some = text_shape(1);
constexpr query_member members[] = {{"limit", &small}, {"colour", &colour}, {"name", &some}};
constexpr query_member required[] = {{"name", &some, {}, true}};

TEST(query, values_are_decoded) {
    const route_line line{.query = members};
    const auto read = read_query(line, "limit=%37&colour=light+blue&n%61me=a%26b%FF&_=1&_x&&");
    ASSERT_TRUE(read);
    EXPECT_EQ(read->number("limit"), 7);
    EXPECT_EQ(read->text("colour"), "light blue");
    EXPECT_EQ(read->text("name"), "a&b\xFF");
    EXPECT_FALSE(read->text("other"));
    EXPECT_FALSE(read_query(line, "")->number("limit"));
}

TEST(query, what_does_not_fit_is_refused) {
    struct row {
        std::string_view query;
        problem_code code;
        std::string_view detail;
    };
    using enum error_id;
    const route_line line{.query = members};
    for (const row& each : {
             row{"limits=1", field_unknown, "limits is no parameter of this"},
             row{"limit=0", field_invalid, "limit must be an integer from 1 to 10"},
             row{"limit=11", field_invalid, "limit must be an integer from 1 to 10"},
             row{"limit=", field_invalid, "limit must be an integer from 1 to 10"},
             row{"limit", field_invalid, "limit must be an integer from 1 to 10"},
             row{"limit=1x", field_invalid, "limit must be an integer from 1 to 10"},
             row{"limit=99999999999999999999", field_invalid,
                 "limit must be an integer from 1 to 10"},
             row{"limit=1&limit=2", field_invalid, "limit must not come twice"},
             row{"colour=blue", field_invalid, R"(colour must be "red" or "light blue")"},
             row{"name=", field_invalid, "name must be a string that is not empty"},
             row{"name=%4", field_invalid, "name has a broken escape"},
         }) {
        const auto read = read_query(line, each.query);
        ASSERT_FALSE(read) << each.query;
        EXPECT_EQ(read.error().code, each.code) << each.query;
        EXPECT_EQ(read.error().detail, each.detail) << each.query;
        EXPECT_EQ(read.error().pointer, "") << each.query;
    }
}

TEST(query, what_is_required_and_what_nobody_reads) {
    const auto missing = read_query({.query = required}, "_=5");
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, problem_code::field_missing);
    EXPECT_EQ(missing.error().detail, "name must be in the query");
    EXPECT_TRUE(read_query({.query = required}, "name=x"));
    EXPECT_TRUE(read_query({.any_query = true}, "limit=0&x=%4"));
    EXPECT_FALSE(read_query({}, "x=1"));
}

}  // namespace
}  // namespace hikyaku::gateway::api
