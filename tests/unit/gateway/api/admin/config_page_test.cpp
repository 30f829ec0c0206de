// What a reload is answered with, over the admin listener.
#include "gateway/api/admin/config_page.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

namespace hikyaku::gateway::api {
namespace {

namespace json = boost::json;

TEST(config_page, a_post_begins_a_reload_and_is_answered_later) {
    std::vector<reply_ticket> begun;
    const config_page page([&](reply_ticket ticket) { begun.push_back(ticket); });
    const auto answer = page.reload({session_id{7}, 0});
    EXPECT_TRUE(answer.after_commit);
    ASSERT_EQ(begun.size(), 1U);
    EXPECT_EQ(begun[0].session, session_id{7});
}

TEST(config_page, a_gateway_without_a_file_has_no_such_page) {
    EXPECT_EQ(config_page(nullptr).reload({}).response.status, 404U);
}

TEST(config_page, the_answer_has_everything_that_changed) {
    reload_outcome outcome;
    outcome.what.accounts = {{"new"}, {"other"}, {"old"}};
    outcome.what.carriers.changed = {"north"};
    outcome.what.rebound = {"north"};
    outcome.what.settings = {"log.level"};
    outcome.what.restart = {{"store.path", R"("b")", R"("a")"}};
    outcome.troubles = {"carrier north cannot listen"};
    const auto response = reload_answer(outcome);
    EXPECT_EQ(response.status, 200U);
    const auto wanted = json::parse(R"({
        "accounts": {"added": ["new"], "changed": ["other"], "removed": ["old"]},
        "carriers": {"added": [], "changed": ["north"], "removed": [], "new_binds": ["north"]},
        "routes": {"added": [], "changed": [], "removed": []},
        "settings": ["log.level"],
        "needs_restart": [{"path": "store.path", "file": "\"b\"", "running": "\"a\""}],
        "warnings": [], "not_done": ["carrier north cannot listen"]})");
    EXPECT_EQ(json::parse(response.body), wanted);
}

TEST(config_page, faults_are_a_problem_with_each_of_them) {
    reload_outcome outcome;
    outcome.faults = {{"/etc/h.toml", {12, 3}, "account[0].pasword", "unknown key", "password"},
                      {"/etc/h.toml", {}, "carrier.x", "no certificate", {}}};
    const auto response = reload_answer(outcome);
    EXPECT_EQ(response.status, 422U);
    EXPECT_EQ(response.content_type, problem_type);
    const auto body = json::parse(response.body);
    EXPECT_EQ(body.at("code"), "configuration_invalid");
    const auto wanted = json::parse(R"([
        {"file": "/etc/h.toml", "line": 12, "path": "account[0].pasword",
         "message": "unknown key; did you mean 'password'?"},
        {"file": "/etc/h.toml", "path": "carrier.x", "message": "no certificate"}])");
    EXPECT_EQ(body.at("faults"), wanted);
}

}  // namespace
}  // namespace hikyaku::gateway::api
