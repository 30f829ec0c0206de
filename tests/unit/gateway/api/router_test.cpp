// Routes, authentication, and the life of a POST up to the answer after the commit.
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "gateway/api/api.hpp"
#include "tests/unit/gateway/api/fake_service.hpp"

namespace hikyaku::gateway::api {
namespace {

constexpr std::string_view good_body =
    R"({"from":"Shop","to":"+819012345678","text":"hi","reference":"r1"})";

std::string_view header_of(const http_response& response, std::string_view name) {
    for (const auto& [key, value] : response.headers)
        if (key == name) return value;
    return {};
}

struct ApiRouter : ::testing::Test {
    fake_service gateway;
    config::http_server settings;
    api_router router{
        gateway,
        settings,
        {.uploads = {.now = [this] { return gateway.now; }, .touched = [] {}, .make_queue = {}},
         .scans = nullptr}};
    std::string authorization = "Bearer secret";
    std::string key;
    std::string content_type = "application/json";
    peer_address peer{{203, 0, 113, 7}};
    std::uint64_t session = 0;

    http_request request(std::string_view method, std::string_view target, std::string_view body) {
        headers_ = {{"content-type", content_type}};
        if (!authorization.empty()) headers_.push_back({"AUTHORIZATION", authorization});
        if (!key.empty()) headers_.push_back({"idempotency-key", key});
        return {method, target, 11, headers_, body, peer};
    }
    std::optional<http_response> send(std::string_view method, std::string_view target,
                                      std::string_view body = {}) {
        return router.handle(request(method, target, body), session_id{++session}, gateway.now);
    }
    http_response answer(std::string_view method, std::string_view target,
                         std::string_view body = {}) {
        auto response = send(method, target, body);
        EXPECT_TRUE(response) << method << ' ' << target;
        return response ? std::move(*response) : http_response{};
    }
    static std::string code_of(const http_response& response) {
        boost::json::error_code error;
        const auto body = boost::json::parse(response.body, error);
        if (error || !body.is_object() || !body.get_object().contains("code")) return {};
        return std::string{body.at("code").as_string()};
    }
    // Settles the submission that was taken as number `index`.
    auto settle(std::size_t index, refusal why = refusal::none) {
        return router.submission_settled(gateway.submitted[index].ticket, why);
    }

private:
    std::vector<http_header> headers_;
};

TEST_F(ApiRouter, what_a_header_alone_decides) {
    const auto look = [this](std::string_view method, std::string_view target) {
        return router.look_at_head(request(method, target, {}), gateway.now);
    };
    EXPECT_FALSE(look("POST", "/v1/messages").refusal);
    EXPECT_FALSE(look("POST", "/v1/messages:estimate").refusal);
    EXPECT_FALSE(look("GET", "/v1/messages/1").refusal);
    EXPECT_FALSE(look("DELETE", "/v1/messages/1").refusal);
    EXPECT_EQ(look("POST", "/v1/nothing").refusal->status, 404u);
    EXPECT_EQ(look("PUT", "/v1/messages").refusal->status, 405u);
    EXPECT_EQ(look("POST", "/v1/messages/1").refusal->status, 405u);
    content_type = "text/plain";
    EXPECT_EQ(look("POST", "/v1/messages").refusal->status, 415u);
    authorization = "Bearer wrong";
    EXPECT_EQ(look("POST", "/v1/messages").refusal->status, 401u);
    authorization.clear();
    const auto nameless = look("POST", "/v1/messages");
    EXPECT_EQ(code_of(*nameless.refusal), "token_missing");
    EXPECT_FALSE(nameless.refusal->is_identified);
    EXPECT_TRUE(gateway.submitted.empty());
    EXPECT_EQ(router.counters().unauthorized, 2u);
}

TEST_F(ApiRouter, lines_are_taken_in_pieces) {
    EXPECT_FALSE(router.look_at_head(request("POST", "/v1/messages", {}), gateway.now).in_pieces);
    content_type = "Application/x-ndjson; charset=utf-8";
    EXPECT_TRUE(router.look_at_head(request("POST", "/v1/messages", {}), gateway.now).in_pieces);
    const auto elsewhere =
        router.look_at_head(request("POST", "/v1/messages:estimate", {}), gateway.now);
    EXPECT_EQ(elsewhere.refusal->status, 415u);
    const http_response begun = answer("POST", "/v1/messages");
    EXPECT_EQ(begun.status, 200u);
    EXPECT_TRUE(begun.is_identified);
    ASSERT_NE(begun.source, nullptr);
    const auto [reader, whose] = router.take_reader();
    ASSERT_NE(reader, nullptr);
    EXPECT_EQ(whose, fake_service::the_account);
    EXPECT_EQ(router.take_reader().reader, nullptr);
    const std::string line = std::string(good_body) + "\n";
    EXPECT_EQ(reader->take(line), line.size());
    EXPECT_EQ(router.pending(), 1u);
    EXPECT_FALSE(settle(0)) << "the answer is a line, not a response";
    EXPECT_EQ(router.pending(), 0u);
    reader->finish();
    std::string out;
    EXPECT_EQ(begun.source->next(out, 1000, {}), source_state::end);
    EXPECT_TRUE(out.starts_with(R"({"line":1,"id":")")) << out;
    key = "k1";
    EXPECT_EQ(code_of(answer("POST", "/v1/messages")), "unsupported");
    EXPECT_EQ(router.take_reader().reader, nullptr);
}

TEST_F(ApiRouter, whoever_has_shown_a_token_is_identified) {
    EXPECT_TRUE(answer("GET", "/v1/nothing").is_identified);
    EXPECT_FALSE(send("POST", "/v1/messages", good_body));
    EXPECT_TRUE(settle(0)->is_identified);
    authorization = "Bearer wrong";
    EXPECT_FALSE(answer("GET", "/v1/nothing").is_identified);
}

TEST_F(ApiRouter, tokens) {
    authorization.clear();
    http_response response = answer("GET", "/v1/account");
    EXPECT_EQ(response.status, 401u);
    EXPECT_EQ(code_of(response), "token_missing");
    EXPECT_EQ(header_of(response, "WWW-Authenticate"), R"(Bearer realm="hikyaku")");
    for (const std::string_view wrong : {"Bearer nonsense", "Basic c2VjcmV0", "secret", "Bearer ",
                                         "Bearer", "Bearersecret", "Bearer secret "}) {
        authorization = wrong;
        response = answer("GET", "/v1/account");
        EXPECT_EQ(response.status, 401u) << wrong;
        EXPECT_EQ(code_of(response), "token_invalid") << wrong;
    }
    for (const std::string_view right : {"Bearer secret", "bearer secret", "BEARER  secret"}) {
        authorization = right;
        EXPECT_EQ(answer("GET", "/v1/account").status, 200u) << right;
    }
    EXPECT_EQ(router.counters().unauthorized, 8u);
}

TEST_F(ApiRouter, networks) {
    config::network inside;
    inside.bytes = {203, 0, 113};
    inside.prefix_bits = 24;
    gateway.account.networks = {inside};
    EXPECT_EQ(answer("GET", "/v1/account").status, 200u);
    peer.bytes = {203, 0, 114, 7};
    const http_response response = answer("GET", "/v1/account");
    EXPECT_EQ(response.status, 403u);
    EXPECT_EQ(code_of(response), "address_not_allowed");
}

TEST_F(ApiRouter, routes) {
    struct row {
        std::string_view method, target;
        unsigned status;
        std::string_view code, allow;
    };
    const row rows[] = {
        {"GET", "/", 404, "no_such_resource", ""},
        {"GET", "/v2/messages", 404, "no_such_resource", ""},
        {"GET", "/v1/messages%3Aestimate", 405, "method_not_allowed", "POST"},
        {"PUT", "/v1/messages", 405, "method_not_allowed", "POST, GET, HEAD"},
        {"get", "/v1/account", 405, "method_not_allowed", "GET, HEAD"},
        {"POST", "/v1/messages/5", 405, "method_not_allowed", "GET, HEAD, DELETE"},
        {"GET", "/v1/account/dead-letters:replay", 405, "method_not_allowed", "POST"},
        {"GET", "/v1/messages/5", 404, "not_found", ""},
        {"GET", "/v1/messages/abc", 404, "not_found", ""},
        {"DELETE", "/v1/messages/abc", 404, "not_found", ""},
        {"GET", "/v1/messages?page=2", 422, "field_unknown", ""},
        {"GET", "/v1/messages", 503, "server_busy", ""},  // nothing reads for this router
        {"GET", "/v1/messages?reference=", 422, "field_invalid", ""},
        {"GET", "/v1/messages?reference=a&limit=5", 422, "field_invalid", ""},
        {"GET", "/v1/messages?limit=0", 422, "field_invalid", ""},
        {"GET", "/v1/account?x", 422, "field_unknown", ""},
        {"GET", "/v1/%zz", 404, "no_such_resource", ""},
        {"POST", "/v1/account/webhook:enable", 404, "no_such_resource", ""},
        {"POST", "/v1/account/dead-letters:replay?limit=x", 422, "field_invalid", ""},
        {"POST", "/v1/account/dead-letters:replay?limit=0", 422, "field_invalid", ""},
        {"POST", "/v1/account/dead-letters:replay?limit=10001", 422, "field_invalid", ""},
    };
    for (const row& each : rows) {
        const http_response response = answer(each.method, each.target);
        EXPECT_EQ(response.status, each.status) << each.method << ' ' << each.target;
        EXPECT_EQ(code_of(response), each.code) << each.method << ' ' << each.target;
        EXPECT_EQ(header_of(response, "Allow"), each.allow) << each.method << ' ' << each.target;
    }
}

TEST_F(ApiRouter, reads) {
    message_view view;
    view.id = message_id{5};
    view.reference = "a b";
    gateway.messages[5] = view;
    EXPECT_EQ(answer("GET", "/v1/messages/5").status, 200u);
    EXPECT_EQ(answer("HEAD", "/v1/messages/5").status, 200u);
    const http_response found = answer("GET", "/v1/messages?reference=a%20b");
    EXPECT_EQ(boost::json::parse(found.body).at("messages").as_array().size(), 1u);
    const http_response none = answer("GET", "/v1/messages?reference=zz");
    EXPECT_EQ(none.body, R"({"messages":[]})");
}

TEST_F(ApiRouter, answers_after_the_commit) {
    EXPECT_FALSE(send("POST", "/v1/messages", good_body));
    ASSERT_EQ(gateway.submitted.size(), 1u);
    EXPECT_EQ(gateway.submitted[0].ticket.session, session_id{1});
    EXPECT_EQ(gateway.submitted[0].message.text, "hi");
    EXPECT_EQ(router.pending(), 1u);
    const auto response = settle(0);
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 202u);
    EXPECT_EQ(response->body, R"({"id":"1000","to":"+819012345678","reference":"r1",)"
                              R"("status":"accepted","segments":1,"encoding":"gsm7"})");
    EXPECT_EQ(router.pending(), 0u);
}

TEST_F(ApiRouter, lost_on_the_way_to_disk) {
    key = "k1";
    EXPECT_FALSE(send("POST", "/v1/messages", good_body));
    EXPECT_TRUE(gateway.replies.contains("k1"));
    const auto response = settle(0, refusal::store_failing);
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 503u);
    EXPECT_EQ(code_of(*response), "store_failing");
    EXPECT_EQ(header_of(*response, "Retry-After"), "10");
    EXPECT_FALSE(gateway.replies.contains("k1"));
}

TEST_F(ApiRouter, batch_waits_for_all) {
    gateway.next_results = {{refusal::none, 0, message_id{1}, 1}, {refusal::queue_full, 3000}, {}};
    gateway.next_results[2].id = message_id{3};
    EXPECT_FALSE(
        send("POST", "/v1/messages",
             R"({"from":"S","text":"t","to":["81901234561","81901234562","81901234563","x"]})"));
    ASSERT_EQ(gateway.submitted.size(), 2u);
    EXPECT_EQ(gateway.submitted[1].ticket.sequence, 2u);
    EXPECT_FALSE(settle(1));
    const auto response = settle(0);
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 202u);
    const auto body = boost::json::parse(response->body);
    EXPECT_EQ(body.at("accepted").as_int64(), 2);
    EXPECT_EQ(body.at("refused").as_int64(), 2);
    const auto& list = body.at("messages").as_array();
    EXPECT_EQ(list[0].at("id").as_string(), "1");
    EXPECT_EQ(list[1].at("problem").at("code").as_string(), "queue_full");
    EXPECT_EQ(list[2].at("id").as_string(), "3");
    EXPECT_EQ(list[3].at("problem").at("pointer").as_string(), "/to/3");
}

TEST_F(ApiRouter, batch_lost_in_part_names_the_lost) {
    key = "k1";
    EXPECT_FALSE(send("POST", "/v1/messages",
                      R"({"from":"S","text":"t","to":["81901234561","81901234562"]})"));
    EXPECT_FALSE(settle(0));
    const auto response = settle(1, refusal::store_failing);
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 202u);
    const auto body = boost::json::parse(response->body);
    EXPECT_EQ(body.at("messages").at(0).at("status").as_string(), "accepted");
    EXPECT_EQ(body.at("messages").at(1).at("problem").at("code").as_string(), "store_failing");
    EXPECT_FALSE(gateway.replies.contains("k1"));
}

TEST_F(ApiRouter, refused_at_once) {
    gateway.next_results = {{refusal::rate_exceeded, 1500}};
    const http_response response = answer("POST", "/v1/messages", good_body);
    EXPECT_EQ(response.status, 429u);
    EXPECT_EQ(header_of(response, "Retry-After"), "2");
    EXPECT_EQ(router.pending(), 0u);
}

TEST_F(ApiRouter, bad_bodies) {
    http_response response = answer("POST", "/v1/messages", "{");
    EXPECT_EQ(response.status, 400u);
    EXPECT_EQ(boost::json::parse(response.body).at("position").as_int64(), 1);
    content_type = "text/plain";
    EXPECT_EQ(answer("POST", "/v1/messages", good_body).status, 415u);
    content_type = "application/x-www-form-urlencoded";
    EXPECT_EQ(answer("POST", "/v1/messages:estimate", good_body).status, 415u);
    EXPECT_TRUE(gateway.submitted.empty());
    content_type = "Application/JSON ; charset=utf-8";
    EXPECT_FALSE(send("POST", "/v1/messages", good_body));
}

TEST_F(ApiRouter, idempotency) {
    key = "k1";
    EXPECT_FALSE(send("POST", "/v1/messages", good_body));
    const auto first = settle(0);
    ASSERT_TRUE(first);
    http_response again = answer("POST", "/v1/messages", good_body);
    EXPECT_EQ(again.status, 202u);
    EXPECT_EQ(again.body, first->body);
    EXPECT_EQ(again.content_type, json_type);
    EXPECT_EQ(header_of(again, "Idempotent-Replayed"), "true");
    EXPECT_EQ(gateway.submitted.size(), 1u);
    http_response other = answer("POST", "/v1/messages", std::string{good_body} + " ");
    EXPECT_EQ(other.status, 422u);
    EXPECT_EQ(code_of(other), "idempotency_mismatch");
    gateway.replies["k1"].complete = false;
    http_response busy = answer("POST", "/v1/messages", good_body);
    EXPECT_EQ(busy.status, 409u);
    EXPECT_EQ(code_of(busy), "idempotency_in_flight");
    EXPECT_EQ(header_of(busy, "Retry-After"), "1");
}

TEST_F(ApiRouter, a_refusal_frees_the_key) {
    key = "k1";
    answer("POST", "/v1/messages", "{");
    EXPECT_FALSE(gateway.replies.contains("k1"));
    gateway.next_results = {{refusal::no_route, 0}};
    answer("POST", "/v1/messages", good_body);
    EXPECT_FALSE(gateway.replies.contains("k1"));
    EXPECT_FALSE(send("POST", "/v1/messages", good_body));
}

TEST_F(ApiRouter, idempotency_key_shape) {
    key = std::string(256, 'k');
    EXPECT_FALSE(send("POST", "/v1/messages", good_body));
    for (const std::string& wrong :
         {std::string(257, 'k'), std::string{"a\tb"}, std::string{"caf\xC3\xA9"}}) {
        key = wrong;
        EXPECT_EQ(code_of(answer("POST", "/v1/messages", good_body)), "idempotency_key_invalid");
    }
}

TEST_F(ApiRouter, a_link_that_was_seen_is_answered_when_that_is_on_disk) {
    gateway.known_links["7fW3kQ9xTz"] = {};
    const std::string path = "/v1/links/7fW3kQ9xTz:seen";
    EXPECT_FALSE(send("POST", path, R"({"at":"2026-04-01T00:00:00Z"})"));
    ASSERT_EQ(gateway.seen.size(), 1u);
    EXPECT_EQ(gateway.seen[0].code, "7fW3kQ9xTz");
    const auto told = router.rows_kept(gateway.seen[0].ticket);
    ASSERT_TRUE(told);
    EXPECT_EQ(told->status, 200u);
    EXPECT_EQ(told->body, R"({"link":"7fW3kQ9xTz","seen":"2026-04-01T00:00:00.000Z"})");
    EXPECT_FALSE(send("POST", path)) << "the body is optional";
    EXPECT_EQ(gateway.seen[1].at_ms, gateway.now.wall_ms);
    EXPECT_EQ(answer("POST", "/v1/links/1111111111:seen").status, 404u);
    EXPECT_EQ(code_of(answer("POST", path, R"({"at":"2999-01-01T00:00:00Z"})")), "field_invalid");
    EXPECT_EQ(code_of(answer("POST", path, R"({"at":"today"})")), "field_invalid");
    EXPECT_EQ(code_of(answer("POST", path, R"({"on":1})")), "field_unknown");
    EXPECT_EQ(code_of(answer("POST", path, "{")), "json_invalid");
    EXPECT_EQ(answer("GET", path).status, 405u);
    EXPECT_EQ(gateway.seen.size(), 2u);
}

TEST_F(ApiRouter, cancel) {
    EXPECT_FALSE(send("DELETE", "/v1/messages/5"));
    EXPECT_EQ(router.pending(), 1u);
    const auto done = router.cancellation_settled({session_id{1}, 0}, message_id{5});
    ASSERT_TRUE(done);
    EXPECT_EQ(done->status, 200u);
    EXPECT_EQ(done->body, R"({"id":"5","status":"deleted"})");
    gateway.cancel_answer = refusal::not_cancellable;
    EXPECT_EQ(answer("DELETE", "/v1/messages/5").status, 409u);
    gateway.cancel_answer = refusal::not_found;
    EXPECT_EQ(answer("DELETE", "/v1/messages/5").status, 404u);
}

TEST_F(ApiRouter, estimate) {
    gateway.estimate_answer.segment_octets = {10};
    EXPECT_EQ(answer("POST", "/v1/messages:estimate", good_body).status, 200u);
    gateway.estimate_answer.why = refusal::text_too_long;
    gateway.estimate_answer.detail = 12;
    const http_response refused = answer("POST", "/v1/messages:estimate", good_body);
    EXPECT_EQ(refused.status, 422u);
    EXPECT_EQ(boost::json::parse(refused.body).at("parts_needed").as_int64(), 12);
    EXPECT_TRUE(gateway.submitted.empty());
}

TEST_F(ApiRouter, account_and_dead_letters) {
    EXPECT_EQ(boost::json::parse(answer("GET", "/v1/account").body).at("name").as_string(), "demo");
    EXPECT_EQ(answer("POST", "/v1/account/dead-letters:replay?limit=5").body, R"({"replayed":7})");
    EXPECT_EQ(gateway.replay_limit, 5u);
    answer("POST", "/v1/account/dead-letters:replay");
    EXPECT_EQ(gateway.replay_limit, 1000u);
    gateway.account.webhook.emplace();
    EXPECT_EQ(answer("POST", "/v1/account/webhook:enable").status, 200u);
    EXPECT_TRUE(gateway.webhook_enabled);
}

}  // namespace
}  // namespace hikyaku::gateway::api
