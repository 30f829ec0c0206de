// The Jasmin door: paths, credentials, arguments, and the words of its errors. Statuses and texts
// are those of Jasmin's documentation and tests, but for those that docs/jasmin.md calls ours.
#include <gtest/gtest.h>

#include "tests/unit/gateway/api/jasmin/fixture.hpp"

namespace hikyaku::gateway::api {
namespace {

constexpr std::string_view form = "application/x-www-form-urlencoded";

TEST_F(jasmin_doors, takes_its_paths_only_when_it_is_open) {
    const auto takes = [&](std::string_view target) {
        return door.takes({"GET", target, 11, {}, {}, peer});
    };
    for (const std::string_view path : {"/send", "/send?to=1", "/rate", "/balance", "/ping"})
        EXPECT_TRUE(takes(path)) << path;
    for (const std::string_view path : {"/", "/send/", "/secure/send", "/metrics", "/v1/messages"})
        EXPECT_FALSE(takes(path)) << path;
    settings.jasmin = false;
    EXPECT_FALSE(takes("/send"));
    EXPECT_FALSE(takes("/ping"));
}

TEST_F(jasmin_doors, answers_after_the_commit) {
    EXPECT_FALSE(begin("GET",
                       "/send?username=tester&password=foobar&from=1234&to=819012340000"
                       "&content=x"));
    ASSERT_EQ(gateway.submitted.size(), 1U);
    EXPECT_TRUE(door.waits(session_id{1}));
    const auto response = door.submission_settled(gateway.submitted[0].ticket, refusal::none);
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 200U);
    EXPECT_EQ(response->body, ok);
    EXPECT_EQ(response->content_type, "text/plain");
    EXPECT_TRUE(response->is_identified);
    EXPECT_FALSE(door.waits(session_id{1}));
}

TEST_F(jasmin_doors, pings) {
    EXPECT_EQ(ask("GET", "/ping").body, "Jasmin/PONG");
    EXPECT_EQ(ask("GET", "/ping").status, 200U);
}

TEST_F(jasmin_doors, other_methods) {
    for (const std::string_view method : {"HEAD", "PUT", "DELETE"}) {
        const auto answer = ask(method, "/send?username=tester&password=foobar&to=819012340000");
        EXPECT_EQ(answer.status, 405U) << method;
        ASSERT_EQ(answer.headers.size(), 1U);
        EXPECT_EQ(answer.headers[0].first, "Allow");
    }
    EXPECT_TRUE(gateway.submitted.empty());
}

TEST_F(jasmin_doors, credentials) {
    const std::string tail = "&to=819012340000&content=x&from=123";
    const auto answer = ask("GET", "/send?username=tester&password=wrong" + tail);
    EXPECT_EQ(answer.status, 403U);
    EXPECT_EQ(answer.body, "Error \"Authentication failure for username:tester\"");
    EXPECT_FALSE(answer.is_identified);
    EXPECT_EQ(ask("GET", "/send?username=nobody&password=foobar" + tail).body,
              "Error \"Authentication failure for username:nobody\"");
    EXPECT_EQ(ask("GET", "/rate?username=nobody&password=foobar" + tail).body,
              "\"Authentication failure for username:nobody\"");
    EXPECT_EQ(ask("GET", "/balance?username=nobody&password=foobar").body,
              "\"Authentication failure for username:nobody\"");
    EXPECT_EQ(door.counters().unauthorized, 4U);
    EXPECT_EQ(ask("GET", "/send?username=tester&password=foobar" + tail).body, ok);
    config::network inside;
    inside.bytes = {10};
    inside.prefix_bits = 8;
    gateway.account.networks = {inside};
    EXPECT_EQ(ask("GET", "/send?username=tester&password=foobar" + tail).status, 403U);
    EXPECT_EQ(gateway.submitted.size(), 1U);
}

TEST_F(jasmin_doors, too_many_wrong_passwords_are_refused_unread) {
    for (std::uint32_t i = 0; i < guess_limiter::pair_failures_max; ++i)
        EXPECT_EQ(ask("GET", "/balance?username=tester&password=no").status, 403U);
    EXPECT_EQ(door.counters().locked_out, 0U);
    EXPECT_EQ(ask("GET", "/balance?username=tester&password=foobar").status, 403U);
    EXPECT_EQ(door.counters().locked_out, 1U);
}

TEST_F(jasmin_doors, faults_of_arguments_in_the_order_of_jasmin) {
    const struct {
        std::string_view target;
        std::string_view words;
    } rows[] = {
        {"/send", "Mandatory argument [to] is not found."},
        {"/send?colour=red", "Argument [colour] is unknown."},
        {"/send?to=1&colour=red", "Mandatory argument [username] is not found."},
        {"/send?to=1&username=u", "Mandatory argument [password] is not found."},
        {"/send?to=1&username=&password=p", "Argument [username] has an invalid value: []."},
        {"/send?to=1&username=u&password=", "Argument [password] has an invalid value: []."},
        {"/send?to=1&username=u&password=p&colour=red", "Argument [colour] is unknown."},
        {"/send?to=abc", "Argument [to] has an invalid value: [abc]."},
        {"/send?to=%2B%2B1", "Argument [to] has an invalid value: [++1]."},
        {"/send?to=1&coding=11", "Argument [coding] has an invalid value: [11]."},
        {"/send?to=1&coding=0x", "Argument [coding] has an invalid value: [0x]."},
        {"/send?to=1%0D%0A2", "Argument [to] has an invalid value: [1\uFFFD\uFFFD2]."},
        {"/send?to=%FF", "Argument [to] has an invalid value: [\uFFFD]."},
        {"/rate?colour=red", "Argument [colour] is unknown."},
        {"/rate?to=1&username=u&password=p&dlr=yes", "Argument [dlr] is unknown."},
        {"/balance", "Mandatory arguments not found, please refer to the HTTPAPI specifications."},
        {"/balance?password=x", "Mandatory argument [username] is not found."},
    };
    for (const auto& row : rows) {
        const auto answer = ask("GET", row.target);
        const bool json = !row.target.starts_with("/send");
        EXPECT_EQ(answer.status, 400U) << row.target;
        EXPECT_EQ(answer.body, json ? "\"" + std::string(row.words) + "\""
                                    : "Error \"" + std::string(row.words) + "\"")
            << row.target;
        EXPECT_EQ(answer.content_type, json ? "application/json" : "text/plain");
    }
}

TEST_F(jasmin_doors, values_that_are_not_valid) {
    for (const std::string_view argument :
         {"priority=4", "priority=", "priority=-1", "sdt=now", "sdt=000000000100000",
          "sdt=x00000000100000R", "validity-period=-1", "validity-period=1h", "dlr=maybe",
          "dlr-url=app", "dlr-url=ftp://a", "dlr-url=http://u:p@a/", "dlr-level=0", "dlr-level=4",
          "dlr-method=PUT", "tags=a,b", "tags=a_b", "custom_tlvs=[1]", "custom_tlvs=x"}) {
        const auto answer = send("to=819012340000&content=x&" + std::string(argument));
        const auto equals = argument.find('=');
        EXPECT_EQ(answer.status, 400U) << argument;
        EXPECT_EQ(answer.body, "Error \"Argument [" + std::string(argument.substr(0, equals)) +
                                   "] has an invalid value: [" +
                                   std::string(argument.substr(equals + 1)) + "].\"");
    }
    EXPECT_TRUE(gateway.submitted.empty());
}

TEST_F(jasmin_doors, content_or_hex_content) {
    EXPECT_EQ(send("to=819012340000").body, "Error \"content or hex-content not present.\"");
    EXPECT_EQ(send("to=819012340000&content=x&hex-content=41").body,
              "Error \"content and hex-content cannot be used both in same request.\"");
    EXPECT_EQ(send("to=819012340000&hex-content=4z").body,
              "Error \"Invalid hex-content data: '4z'\"");
    EXPECT_EQ(send("to=819012340000&content=%FF").body,
              "Error \"Argument [content] does not fit its coding.\"");
    EXPECT_EQ(send("to=819012340000&content=").body, ok);
}

TEST_F(jasmin_doors, each_refusal_has_words) {
    const struct {
        refusal why;
        unsigned status;
        std::string_view words;
    } rows[] = {
        {refusal::source_not_allowed, 400,
         "Value filter failed for user [tester] (source_address filter mismatch)."},
        {refusal::text_too_long, 400,
         "Authorization failed for user [tester] (Long content not authorized)."},
        {refusal::priority_invalid, 400,
         "Value filter failed for user [tester] (priority filter mismatch)."},
        {refusal::validity_invalid, 400, "Argument [validity-period] has an invalid value: [1]."},
        {refusal::schedule_invalid, 400,
         "Argument [sdt] has an invalid value: [000000000100000R]."},
        {refusal::no_route, 412, "No route found"},
        {refusal::source_unwritable, 412, "No route found"},
        {refusal::tlv_missing, 400, "Mandatory argument [custom_tlvs] is not found."},
        {refusal::rate_exceeded, 403, "User throughput exceeded"},
        {refusal::queue_full, 403, "User throughput exceeded"},
        {refusal::store_failing, 500,
         "Cannot send submit_sm, check SMPPClientManagerPB log file for details"},
        {refusal::shutting_down, 500,
         "Cannot send submit_sm, check SMPPClientManagerPB log file for details"},
    };
    for (const auto& row : rows) {
        submit_result refused;
        refused.why = row.why;
        gateway.next_results = {refused};
        const auto answer =
            send("to=819012340000&content=x&validity-period=1&sdt=000000000100000R");
        EXPECT_EQ(answer.status, row.status) << row.words;
        EXPECT_EQ(answer.body, "Error \"" + std::string(row.words) + "\"");
        EXPECT_TRUE(answer.is_identified);
    }
    const auto late = ask("GET", "/send?" + std::string(credentials) + "&to=819012340000&content=x",
                          {}, {}, refusal::store_failing);
    EXPECT_EQ(late.status, 500U);
}

TEST_F(jasmin_doors, a_post_has_a_form_or_an_object) {
    const std::string body = std::string(credentials) + "&to=819012340000&content=a+b%21";
    EXPECT_EQ(post(form, body).body, ok);
    EXPECT_EQ(last().text, "a b!");
    EXPECT_EQ(post("application/x-www-form-urlencoded; charset=utf-8", body).status, 200U);
    EXPECT_EQ(post("application/json",
                   R"({"username":"tester","password":"foobar","from":"123",)"
                   R"("to":819012340000,"content":"a \"b\"","priority":2,"sdt":null})")
                  .status,
              200U);
    EXPECT_EQ(last().text, "a \"b\"");
    EXPECT_EQ(last().priority, 2);
    EXPECT_EQ(last().destination.digits, "819012340000");
    EXPECT_EQ(post("application/json", "[1]").body, "Error \"The body is no valid JSON object.\"");
    EXPECT_EQ(post("application/json", "{").status, 400U);
    EXPECT_EQ(post("application/json", R"({"content":{"a":1}})").body,
              "Error \"Argument [content] has an invalid value: [{\"a\":1}].\"");
    EXPECT_EQ(post("application/json", R"({"to":["819012340000"]})").status, 400U);
    EXPECT_EQ(post("application/json", R"({"password":["foobar"]})").body,
              "Error \"Argument [password] has an invalid value: [].\"");
    EXPECT_EQ(post("multipart/form-data; boundary=x", "--x").status, 415U);
    // The query counts too, before a form and behind an object.
    EXPECT_EQ(post(form, "to=819012340000", "/send?content=q&" + std::string(credentials))
                  .body.substr(0, 7),
              "Success");
    EXPECT_EQ(post("application/json", R"({"content":"body","to":"819012340000"})",
                   "/send?content=query&" + std::string(credentials))
                  .status,
              200U);
    EXPECT_EQ(last().text, "body");
}

TEST_F(jasmin_doors, rate_and_balance) {
    gateway.estimate_answer.segments = 3;
    EXPECT_EQ(rate("to=819012340000&content=hello").body, R"({"unit_rate":0,"submit_sm_count":3})");
    EXPECT_EQ(rate("to=819012340000").status, 200U) << "content is optional";
    EXPECT_EQ(rate("to=819012340000").content_type, "application/json");
    EXPECT_EQ(post(form, std::string(credentials) + "&to=819012340000", "/rate").status, 200U);
    gateway.estimate_answer.why = refusal::no_route;
    EXPECT_EQ(rate("to=819012340000").status, 412U);
    EXPECT_EQ(rate("to=819012340000").body, "\"No route found\"");
    EXPECT_EQ(ask("GET", "/balance?username=tester&password=foobar").body,
              R"({"balance":"ND","sms_count":"ND"})");
    EXPECT_TRUE(gateway.submitted.empty());
}

}  // namespace
}  // namespace hikyaku::gateway::api
