// Callbacks over real sockets: the request line, kept connections, and what must not be reached.
#include "gateway/io/callback_sender.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "gateway/engine/delivery/callback_url.hpp"
#include "tests/unit/gateway/io/loopback.hpp"

namespace hikyaku::gateway::io {
namespace {

using namespace testing_support;

TEST(callback_target, taken_as_it_is_behind_the_host) {
    const auto target = parse_callback_url("http://app.example:8080/a%x?b=%&c=%zz");
    ASSERT_TRUE(target);
    EXPECT_EQ(target->host, "app.example");
    EXPECT_EQ(target->port, 8080);
    EXPECT_EQ(target->path, "/a%x?b=%&c=%zz");
    EXPECT_EQ(parse_callback_url("https://h?x")->path, "/?x");
    EXPECT_EQ(parse_callback_url("https://h")->path, "/");
    EXPECT_TRUE(parse_callback_url("https://h")->tls);
    for (const std::string_view url :
         {"", "h/x", "ftp://h/", "http://u:p@h/", "http://h/a b", "http://h/\r\nX: y"})
        EXPECT_FALSE(parse_callback_url(url)) << url;
}

struct answering final : http_handler {
    void handle(const api::http_request& request, http_responder responder) override {
        seen.emplace_back(std::string(request.method) + " " + std::string(request.target));
        hosts.emplace_back(request.header("Host"));
        api::http_response response;
        response.status = status;
        responder.send(std::move(response));
    }
    std::vector<std::string> seen, hosts;
    unsigned status = 200;
};

struct callback_senders : ::testing::Test {
    io_thread io;
    answering handler;
    config::account account;
    std::vector<std::pair<std::uint64_t, http_answer>> answers;
    std::unique_ptr<http_server> server;
    std::unique_ptr<callback_sender> sender;
    tcp::endpoint at;

    void SetUp() override {
        account.name = "app";
        account.sendsms.emplace().allow_private = true;
        account.sendsms->timeout = tests::beyond_hanging;
        server = std::make_unique<http_server>(io.background, "http", http_limits{}, handler);
        const auto opened = server->listen({"127.0.0.1", 0});
        ASSERT_TRUE(opened);
        at = *opened;
        sender = std::make_unique<callback_sender>(io.background, http_client_options{},
                                                   [this](const callback_sender::end& how) {
                                                       answers.emplace_back(how.token, how.answer);
                                                   });
        io.start();
    }
    void TearDown() override {
        io.stop();
        sender.reset();
        server.reset();
    }
    http_answer request(std::string_view path, std::string_view host = "127.0.0.1") {
        const auto url =
            "http://" + std::string(host) + ":" + std::to_string(at.port()) + std::string(path);
        const auto before = io.call([this] { return answers.size(); });
        io.call([&] {
            receipt_event event;
            event.callback = callback_view{url, callback_type::delivered, {}};
            sender->request(account_id{0}, account, 7,
                            {CallbackForm::kannel, CallbackMethod::get, url, {}, 7, event});
            return 0;
        });
        EXPECT_TRUE(io.becomes([this, before] { return answers.size() == before + 1; }));
        return io.call([this] { return answers.back().second; });
    }
};

TEST_F(callback_senders, one_get_after_another_on_one_connection) {
    EXPECT_EQ(request("/dlr?d=1&x=%zz").status, 200U);
    EXPECT_EQ(request("/dlr?d=8").status, 200U);
    EXPECT_EQ(handler.seen, (std::vector<std::string>{"GET /dlr?d=1&x=%zz", "GET /dlr?d=8"}));
    EXPECT_EQ(handler.hosts.front(), "127.0.0.1:" + std::to_string(at.port()));
    EXPECT_EQ(answers.front().first, 7U);
    const auto counters = io.call([this] { return sender->counters(); });
    EXPECT_EQ(counters.requests, 2U);
    EXPECT_EQ(counters.connections, 1U);
    EXPECT_EQ(counters.reused, 1U);
    EXPECT_EQ(io.call([this] { return sender->running(); }), 0U);
}

TEST_F(callback_senders, the_status_is_told) {
    for (const unsigned status : {204u, 302u, 404u, 500u}) {
        handler.status = status;
        EXPECT_EQ(request("/x").status, status);
    }
    EXPECT_EQ(handler.seen.size(), 4U) << "redirects are not followed";
}

TEST_F(callback_senders, private_addresses_need_the_accounts_permission) {
    account.sendsms->allow_private = false;
    EXPECT_EQ(request("/x").status, 0U);
    EXPECT_EQ(request("/x", "localhost").status, 0U) << "judged after the name is looked up";
    EXPECT_TRUE(handler.seen.empty());
    EXPECT_EQ(io.call([this] { return sender->counters(); }).refused_targets, 2U);
    EXPECT_EQ(io.call([this] { return sender->counters(); }).failures, 2U);
}

TEST_F(callback_senders, an_unusable_url_is_a_failure) {
    const auto answer = request("/a", "user:password@127.0.0.1");
    EXPECT_EQ(answer.status, 0U);
    EXPECT_EQ(answer.error, "the URL is not usable");
}

}  // namespace
}  // namespace hikyaku::gateway::io
