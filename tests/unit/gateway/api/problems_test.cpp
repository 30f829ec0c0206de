// How the lines of the table of errors become problems.
#include "gateway/api/problems.hpp"

#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>
#include <string>

namespace hikyaku::gateway::api {
namespace {

TEST(problems, pointer_to_the_field) {
    struct row {
        refusal why;
        std::string_view pointer;
    };
    const row rows[] = {
        {refusal::source_not_allowed, "/messages/3/from"},
        {refusal::destination_invalid, "/messages/3/to/1"},
        {refusal::no_route, "/messages/3/to/1"},
        {refusal::source_unwritable, "/messages/3/from"},
        {refusal::destination_unwritable, "/messages/3/to/1"},
        {refusal::text_too_long, "/messages/3/text"},
        {refusal::schedule_invalid, "/messages/3/send_at"},
        {refusal::validity_invalid, "/messages/3/valid_for"},
        {refusal::priority_invalid, "/messages/3/priority"},
        {refusal::store_busy, ""},
    };
    for (const row& each : rows) {
        EXPECT_EQ(problem_of(each.why, 0, "/messages/3", "/messages/3/to/1").pointer, each.pointer)
            << code_of(each.why);
    }
}

TEST(problems, wait_in_whole_seconds) {
    struct row {
        refusal why;
        std::uint32_t detail;
        std::uint32_t seconds;
    };
    const row rows[] = {
        {refusal::rate_exceeded, 0, 1},
        {refusal::rate_exceeded, 1, 1},
        {refusal::rate_exceeded, 1000, 1},
        {refusal::rate_exceeded, 1001, 2},
        {refusal::queue_full, 60000, 60},
        {refusal::queue_full, 0, 5},
        {refusal::store_busy, 0, 1},
        {refusal::store_failing, 0, 10},
        {refusal::shutting_down, 0, 10},
        {refusal::text_invalid, 5000, 0},
        {refusal::rate_exceeded, 4294967295, 4294968},
    };
    for (const row& each : rows) {
        EXPECT_EQ(retry_after_seconds(problem_of(each.why, each.detail)), each.seconds)
            << code_of(each.why) << ' ' << each.detail;
    }
}

TEST(problems, json_and_response) {
    const problem what = problem_of(refusal::text_too_long, 12, "", "/to");
    EXPECT_EQ(boost::json::serialize(to_json(what)),
              R"({"type":"urn:hikyaku:problem:text_too_long","code":"text_too_long","status":422,)"
              R"("title":"The text needs more segments than are allowed",)"
              R"("detail":"the text needs 12 segments","pointer":"/text","parts_needed":12,)"
              R"("doc":"docs/http-api.md#problems"})");
    const http_response busy = problem_response(problem_of(refusal::store_failing, 0));
    EXPECT_EQ(busy.status, 503u);
    EXPECT_EQ(busy.content_type, "application/problem+json");
    ASSERT_EQ(busy.headers.size(), 1u);
    EXPECT_EQ(busy.headers[0].first, "Retry-After");
    EXPECT_EQ(busy.headers[0].second, "10");
    EXPECT_TRUE(problem_response(what).headers.empty());
}

}  // namespace
}  // namespace hikyaku::gateway::api
