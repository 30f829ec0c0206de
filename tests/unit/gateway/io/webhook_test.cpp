// Signatures, and the webhook sender against a small server.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <vector>

#include "gateway/io/http_client_connection.hpp"
#include "gateway/io/webhook_sender.hpp"
#include "gateway/io/webhook_signature.hpp"
#include "tests/unit/gateway/io/certificates.hpp"
#include "tests/unit/gateway/io/loopback.hpp"

namespace hikyaku::gateway::io {
namespace {

using namespace testing_support;
using std::chrono::milliseconds;

// The expected values come from the openssl command line.
TEST(webhook_signature, known_vectors) {
    EXPECT_EQ(sign_webhook("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek",
                           1614265330, R"({"test": 2432232314})"),
              "v1,ELhqG0Ku1gwOc1f4jyKdp3SFGFLAOdJ9bvpWLciCakI=");
    EXPECT_EQ(webhook_signature("whsec_AP8Q", "", "evt", 0, ""),
              "v1,Qks+dC7WUup2Y0tbfp6Gz4kq1QP+xCLoBMDtnz86hqg=");
    EXPECT_EQ(webhook_signature("plain secret", "", "evt", 0, ""),
              "v1,ipFxSdZpRmLibwqZGXxhfQ0Em7Q0KcPYwgQ2/mEzrQc=");
    EXPECT_EQ(webhook_signature("whsec_AP8Q", "plain secret", "evt", 0, ""),
              "v1,Qks+dC7WUup2Y0tbfp6Gz4kq1QP+xCLoBMDtnz86hqg= "
              "v1,ipFxSdZpRmLibwqZGXxhfQ0Em7Q0KcPYwgQ2/mEzrQc=");
    EXPECT_EQ(webhook_signature("", "", "evt", 0, ""), "");
}

TEST(webhook_signature, keys) {
    EXPECT_EQ(signing_key("whsec_AP8Q"), std::string("\x00\xFF\x10", 3));
    EXPECT_EQ(signing_key("whsec_YQ=="), "a");
    EXPECT_EQ(signing_key("whsec_YQ"), "a");
    EXPECT_EQ(signing_key("plain"), "plain");
    EXPECT_EQ(signing_key("whsec_not base64!"), "whsec_not base64!");
}

TEST(http_client_connection, retry_after) {
    using std::chrono::seconds;
    EXPECT_EQ(parse_retry_after("120", 0), seconds{120});
    EXPECT_EQ(parse_retry_after("0", 0), seconds{0});
    EXPECT_EQ(parse_retry_after("-5", 0), seconds{0});
    EXPECT_EQ(parse_retry_after("999999999", 0), seconds{86400});
    EXPECT_EQ(parse_retry_after("Tue, 15 Nov 1994 08:12:31 GMT", 784887151 - 30), seconds{30});
    EXPECT_EQ(parse_retry_after("Tue, 15 Nov 1994 08:12:31 GMT", 784887151 + 30), seconds{0});
    EXPECT_FALSE(parse_retry_after("", 0));
    EXPECT_FALSE(parse_retry_after("soon", 0));
}

// An application's server: remembers what came and answers as told.
class receiver final : public http_handler {
public:
    struct request {
        std::string target, body, id, timestamp, signature, host;
    };
    void handle(const api::http_request& given, http_responder responder) override {
        requests.push_back({std::string{given.target}, std::string{given.body},
                            std::string{given.header("webhook-id")},
                            std::string{given.header("webhook-timestamp")},
                            std::string{given.header("webhook-signature")},
                            std::string{given.header("Host")}});
        if (silent) {
            held.push_back(std::move(responder));
            return;
        }
        api::http_response copy;
        copy.status = answer.status;
        copy.content_type = answer.content_type;
        copy.body = answer.body;
        copy.headers = answer.headers;
        responder.send(std::move(copy));
    }
    std::vector<request> requests;
    std::vector<http_responder> held;
    api::http_response answer;
    bool silent = false;
};

struct WebhookSender : ::testing::Test {
    struct done_call {
        account_id account{};
        std::uint64_t token = 0;
        http_answer answer;
    };

    io_thread io;
    receiver application;
    http_limits limits;
    std::unique_ptr<http_server> server;
    std::unique_ptr<webhook_sender> sender;
    webhook_options options;
    config::account account;
    std::vector<done_call> done;
    std::uint64_t last_token = 0;

    WebhookSender() {
        account.name = "demo";
        account.webhook.emplace();
        account.webhook->secret = "whsec_AP8Q";
        account.webhook->allow_private = true;
        options.timeout_max = tests::beyond_hanging;
    }
    void start(const tls_door* tls = nullptr) {
        server = std::make_unique<http_server>(io.background, "application", limits, application);
        const auto opened = server->listen({"127.0.0.1", 0}, tls);
        ASSERT_TRUE(opened);
        account.webhook->url =
            fmt::format("{}://{}:{}/hook", tls == nullptr ? "http" : "https",
                        tls == nullptr ? "127.0.0.1" : "localhost", opened->port());
        sender = std::make_unique<webhook_sender>(
            io.background, options,
            [this](account_id of, std::uint64_t token, const http_answer& answer) {
                done.push_back({of, token, answer});
            });
        io.start();
    }
    void TearDown() override {
        io.stop();
        application.held.clear();
        sender.reset();
        server.reset();
    }
    // Posts events number `first` and `first` + 1 and waits for the answer.
    http_answer post(std::uint64_t first = 41) {
        const std::uint64_t token = ++last_token;
        io.call([&] {
            receipt_event event;
            event.at_ms = 1775001604120;
            event.message = message_id{42};
            const outbox_item items[] = {{first, event}, {first + 1, event}};
            sender->post(account_id{3}, account, token, items, 1775001605999);
            EXPECT_TRUE(done.empty() || done.back().token != token);  // never from inside
        });
        if (!io.becomes([&] { return !done.empty() && done.back().token == token; })) {
            ADD_FAILURE() << "no answer";
            return {};
        }
        return io.call([this] {
            EXPECT_EQ(done.back().account, account_id{3});
            return done.back().answer;
        });
    }
};

TEST_F(WebhookSender, posts_signed_events) {
    account.webhook->secret_previous = "plain secret";
    start();
    const http_answer answer = post();
    EXPECT_EQ(answer.status, 200u);
    EXPECT_EQ(answer.error, "");
    EXPECT_FALSE(answer.retry_after);
    ASSERT_EQ(application.requests.size(), 1u);
    const receiver::request& got = application.requests[0];
    EXPECT_EQ(got.target, "/hook");
    EXPECT_EQ(account.webhook->url, "http://" + got.host + "/hook");
    EXPECT_EQ(got.id, "msg_demo_41_42");
    EXPECT_EQ(got.timestamp, "1775001605");
    EXPECT_TRUE(got.body.starts_with(R"({"type":"events","timestamp":"2026-04-01T00:00:04.120Z",)"
                                     R"("data":{"events":[{"id":"evt_41")"))
        << got.body;
    EXPECT_EQ(got.signature,
              sign_webhook(std::string_view{"\x00\xFF\x10", 3}, got.id, 1775001605, got.body) +
                  " " + sign_webhook("plain secret", got.id, 1775001605, got.body));
    EXPECT_EQ(io.call([this] { return sender->running(); }), 0u);
}

TEST_F(WebhookSender, the_same_events_have_the_same_id_and_body) {
    start();
    post(7);
    post(7);
    post(8);
    ASSERT_EQ(application.requests.size(), 3u);
    EXPECT_EQ(application.requests[0].id, application.requests[1].id);
    EXPECT_EQ(application.requests[0].body, application.requests[1].body);
    EXPECT_NE(application.requests[0].id, application.requests[2].id);
}

TEST_F(WebhookSender, keeps_its_connection) {
    start();
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(post().status, 200u);
    const webhook_counters counters = io.call([this] { return sender->counters(); });
    EXPECT_EQ(counters.connections, 1u);
    EXPECT_EQ(counters.reused, 2u);
}

TEST_F(WebhookSender, keeps_no_more_idle_connections_than_it_may) {
    options.idle_connections_max = 2;
    start();
    std::vector<std::unique_ptr<http_server>> others;
    std::vector<std::string> urls{account.webhook->url};
    for (int i = 0; i < 2; ++i) {
        io.call([&] {
            others.push_back(
                std::make_unique<http_server>(io.background, "another", limits, application));
            urls.push_back(fmt::format("http://127.0.0.1:{}/hook",
                                       others.back()->listen({"127.0.0.1", 0})->port()));
        });
    }
    const auto post_to = [&](std::size_t which) {
        account.webhook->url = urls[which];
        EXPECT_EQ(post().status, 200U);
        const auto counted = io.call([this] { return sender->counters(); });
        return std::pair{counted.connections, counted.reused};
    };
    using counts = std::pair<std::uint64_t, std::uint64_t>;
    (void)post_to(0);
    (void)post_to(1);
    EXPECT_EQ(post_to(2), (counts{3, 0}));
    const auto open = [&] {
        return server->connections() + others[0]->connections() + others[1]->connections();
    };
    EXPECT_TRUE(io.becomes([&] { return open() == 2; })) << "the longest idle one is closed";
    EXPECT_EQ(post_to(1), (counts{3, 1}));
    EXPECT_EQ(post_to(2), (counts{3, 2}));
    EXPECT_EQ(post_to(0), (counts{4, 2}));
    EXPECT_EQ(post_to(2), (counts{4, 3})) << "that of 1 was longest idle";
    EXPECT_EQ(post_to(1), (counts{5, 3}));
    EXPECT_TRUE(io.becomes([&] { return open() == 2; }));
    io.stop();
    others.clear();
}

TEST_F(WebhookSender, keeps_none_where_it_may_keep_none) {
    options.idle_connections_max = 0;
    start();
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(post().status, 200U);
    const webhook_counters counters = io.call([this] { return sender->counters(); });
    EXPECT_EQ(counters.connections, 3U);
    EXPECT_EQ(counters.reused, 0U);
    EXPECT_TRUE(io.becomes([this] { return server->connections() == 0; }));
}

TEST_F(WebhookSender, an_old_idle_connection_is_not_used_again) {
    options.idle_connection_max = std::chrono::milliseconds(0);
    start();
    for (int i = 0; i < 2; ++i)
        EXPECT_EQ(post().status, 200U);
    const webhook_counters counters = io.call([this] { return sender->counters(); });
    EXPECT_EQ(counters.connections, 2U);
    EXPECT_EQ(counters.reused, 0U);
}

TEST_F(WebhookSender, a_connection_that_was_closed_meanwhile) {
    limits.idle_timeout = tests::short_timer;
    start();
    EXPECT_EQ(post().status, 200u);
    ASSERT_TRUE(io.becomes([this] { return server->connections() == 0; }));
    EXPECT_EQ(post().status, 200u);
    const webhook_counters counters = io.call([this] { return sender->counters(); });
    EXPECT_EQ(counters.connections, 2u);
    EXPECT_EQ(counters.failures, 0u);
}

TEST_F(WebhookSender, a_connection_opened_for_another_is_not_lent_out) {
    start();
    EXPECT_EQ(post().status, 200u);
    account.webhook->allow_private = false;
    const http_answer refused = post();
    EXPECT_EQ(refused.status, 0u);
    EXPECT_NE(refused.error.find("not a public address"), std::string::npos);
    EXPECT_EQ(application.requests.size(), 1u);
}

TEST_F(WebhookSender, statuses_are_handed_on) {
    start();
    for (const unsigned status : {204u, 302u, 410u, 500u}) {
        io.call([this, status] {
            application.answer.status = status;
            application.answer.headers = {{"Location", "http://127.0.0.1:1/elsewhere"}};
        });
        EXPECT_EQ(post().status, status);
    }
    EXPECT_EQ(application.requests.size(), 4u);
    io.call([this] {
        application.answer.status = 503;
        application.answer.headers = {{"Retry-After", "120"}};
    });
    const http_answer busy = post();
    EXPECT_EQ(busy.status, 503u);
    EXPECT_EQ(busy.retry_after, std::chrono::seconds{120});
}

TEST_F(WebhookSender, a_long_answer_is_not_read) {
    options.response_bytes_max = 4096;
    start();
    application.answer.body.assign(100000, 'x');
    EXPECT_EQ(post().status, 200u);
    EXPECT_EQ(post().status, 200u);
    EXPECT_EQ(io.call([this] { return sender->counters().connections; }), 2u);
}

TEST_F(WebhookSender, no_answer_in_time) {
    options.timeout_max = tests::short_timer;
    start();
    application.silent = true;
    const http_answer answer = post();
    EXPECT_EQ(answer.status, 0u);
    EXPECT_NE(answer.error, "");
    EXPECT_EQ(application.requests.size(), 1u);
    EXPECT_EQ(io.call([this] { return sender->counters().failures; }), 1u);
}

TEST_F(WebhookSender, private_targets_are_refused) {
    start();
    account.webhook->allow_private = false;
    const std::string port = account.webhook->url.substr(std::string{"http://127.0.0.1:"}.size());
    for (const std::string_view host : {"127.0.0.1", "localhost", "[::1]", "0.0.0.0", "2130706433",
                                        "0x7f.1", "[::ffff:127.0.0.1]"}) {
        account.webhook->url = fmt::format("http://{}:{}", host, port);
        const http_answer answer = post();
        EXPECT_EQ(answer.status, 0u) << host;
        EXPECT_NE(answer.error, "") << host;
    }
    EXPECT_TRUE(application.requests.empty());
    EXPECT_GE(io.call([this] { return sender->counters().refused_targets; }), 3u);
}

TEST_F(WebhookSender, unreachable_and_unusable_targets) {
    start();
    // A port that was free a moment ago and is closed now.
    boost::asio::io_context context;
    tcp::acceptor acceptor(context, {boost::asio::ip::address_v4::loopback(), 0});
    const auto port = acceptor.local_endpoint().port();
    acceptor.close();
    account.webhook->url = fmt::format("http://127.0.0.1:{}/", port);
    EXPECT_TRUE(post().error.starts_with("connect: "));
    account.webhook->url = "gopher://127.0.0.1/";
    EXPECT_EQ(post().error, "the webhook's URL is not usable");
}

struct TlsWebhookSender : WebhookSender {
    pem_folder files;
    config::tls_files own = files.write("server", make_identity("localhost", "DNS:localhost"));
    std::string file = own.certificate;
    std::unique_ptr<tls_door> door;

    void SetUp() override {
        auto opened =
            tls_door::open({.certificate = own.certificate, .private_key = own.private_key});
        ASSERT_TRUE(opened);
        door = std::move(*opened);
    }
};

TEST_F(TlsWebhookSender, verified_certificate) {
    options.tls_ca = file;
    start(door.get());
    EXPECT_EQ(post().status, 200u);
    EXPECT_EQ(post().status, 200u);
    EXPECT_EQ(io.call([this] { return sender->counters().connections; }), 1u);
}

TEST_F(TlsWebhookSender, trusts_what_is_shared_with_others) {
    options.tls = std::make_shared<client_trust>(file);
    start(door.get());
    EXPECT_EQ(post().status, 200u);  // the system's do not do: see the authority that is unknown
}

TEST_F(TlsWebhookSender, certificate_for_another_name) {
    options.tls_ca = file;
    start(door.get());
    account.webhook->url.replace(account.webhook->url.find("localhost"), 9, "127.0.0.1");
    const http_answer answer = post();
    EXPECT_EQ(answer.status, 0u);
    EXPECT_TRUE(answer.error.starts_with("TLS: ")) << answer.error;
}

TEST_F(TlsWebhookSender, certificate_of_an_unknown_authority) {
    start(door.get());
    const http_answer answer = post();
    EXPECT_EQ(answer.status, 0u);
    EXPECT_TRUE(answer.error.starts_with("TLS: ")) << answer.error;
    EXPECT_TRUE(application.requests.empty());
}

}  // namespace
}  // namespace hikyaku::gateway::io
