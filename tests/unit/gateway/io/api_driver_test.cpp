// The API over real sockets: an answer comes when the engine says that the message is on disk.
#include "gateway/io/api_driver.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/unit/gateway/api/fake_service.hpp"
#include "tests/unit/gateway/io/loopback.hpp"

namespace hikyaku::gateway::io {
namespace {

using namespace testing_support;

struct ApiDriver : ::testing::Test {
    io_thread io;
    api::fake_service gateway;
    config::http_server settings;
    int touched = 0;
    std::unique_ptr<api_driver> driver;
    std::unique_ptr<http_server> server;
    tcp::endpoint at;

    void SetUp() override {
        engine_turn turn;
        turn.now = [this] { return gateway.now; };
        turn.touched = [this] { ++touched; };
        driver = std::make_unique<api_driver>(io.context, gateway, settings, turn);
        server = std::make_unique<http_server>(io.background, "http", limits_of(settings), *driver);
        const auto opened = server->listen({"127.0.0.1", 0});
        ASSERT_TRUE(opened);
        at = *opened;
        io.start();
    }
    void TearDown() override {
        io.stop();
        server.reset();
        driver.reset();
    }
    static std::string post(std::string_view body) {
        return fmt::format(
            "POST /v1/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer secret\r\n"
            "Content-Length: {}\r\n\r\n{}",
            body.size(), body);
    }
    bool submitted(std::size_t count) {
        return io.becomes([this, count] { return gateway.submitted.size() == count; });
    }
};

constexpr std::string_view body = R"({"from":"Shop","to":"+819012345678","text":"hi"})";

TEST_F(ApiDriver, answers_when_settled) {
    raw_client first(at);
    raw_client second(at);
    first.send(post(body));
    ASSERT_TRUE(submitted(1));
    second.send(post(body));
    ASSERT_TRUE(submitted(2));
    EXPECT_GE(io.call([this] { return touched; }), 2);
    EXPECT_EQ(io.call([this] { return driver->pending(); }), 2u);
    io.call([this] {
        for (const auto& each : gateway.submitted)
            EXPECT_TRUE(api_driver::owns(each.ticket.session));
        EXPECT_NE(gateway.submitted[0].ticket.session, gateway.submitted[1].ticket.session);
        // In one turn, in the other order, one of them lost.
        driver->submission_settled(gateway.submitted[1].ticket, message_id{1001}, refusal::none);
        driver->submission_settled(gateway.submitted[0].ticket, message_id{1000},
                                   refusal::store_failing);
        EXPECT_EQ(driver->pending(), 2u);  // worked off later, not inside the engine's call
    });
    EXPECT_EQ(first.receive().status, 503u);
    const raw_response accepted = second.receive();
    EXPECT_EQ(accepted.status, 202u);
    EXPECT_NE(accepted.body.find(R"("id":"1001")"), std::string::npos);
    EXPECT_EQ(io.call([this] { return driver->pending(); }), 0u);
    EXPECT_FALSE(api_driver::owns(session_id{12345}));
}

TEST_F(ApiDriver, settles_though_the_client_has_gone) {
    {
        raw_client client(at);
        client.send(post(body));
        ASSERT_TRUE(submitted(1));
    }
    io.call([this] {
        driver->submission_settled(gateway.submitted[0].ticket, message_id{1000}, refusal::none);
    });
    EXPECT_TRUE(io.becomes([this] { return driver->pending() == 0; }));
    EXPECT_TRUE(io.becomes([this] { return server->connections() == 0; }));
}

TEST_F(ApiDriver, cancellation) {
    raw_client client(at);
    client.send(
        "DELETE /v1/messages/42 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer secret\r\n\r\n");
    ASSERT_TRUE(io.becomes([this] { return driver->pending() == 1; }));
    io.call([this] {
        driver->cancellation_settled({session_id{(1ULL << 63) | 1}, 0}, message_id{42});
    });
    const raw_response response = client.receive();
    EXPECT_EQ(response.status, 200u);
    EXPECT_EQ(response.body, R"({"id":"42","status":"deleted"})");
}

TEST_F(ApiDriver, immediate_answers) {
    raw_client client(at);
    EXPECT_EQ(client.ask("GET /v1/account HTTP/1.1\r\nHost: x\r\n\r\n").status, 401u);
    EXPECT_EQ(client.ask(post("{")).status, 400u);
    EXPECT_EQ(client
                  .ask("GET /v1/account HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                       "secret\r\n\r\n")
                  .status,
              200u);
}

struct ApiBudget : ApiDriver {
    // Half of it is an account's: one upload. A sixteenth, for strangers, is none.
    ApiBudget() { settings.bodies_bytes_max = 5 << 20; }
};

TEST_F(ApiBudget, counts_an_upload_that_comes_whole) {
    const auto lines = [](std::string_view text) {
        return fmt::format(
            "POST /v1/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer secret\r\n"
            "Content-Type: application/x-ndjson\r\nContent-Length: {}\r\n\r\n{}",
            text.size(), text);
    };
    raw_client first(at), second(at);
    first.send(lines(body));
    ASSERT_TRUE(submitted(1));
    EXPECT_EQ(second.ask(lines(body)).status, 503u);
    io.call([this] {
        driver->submission_settled(gateway.submitted[0].ticket, message_id{1000}, refusal::none);
    });
    EXPECT_EQ(first.receive().status, 200u);
    ASSERT_TRUE(io.becomes([this] { return server->bodies_bytes() == 0; }));
    second.send(lines(body));
    ASSERT_TRUE(submitted(2));
    io.call([this] {
        driver->submission_settled(gateway.submitted[1].ticket, message_id{1001}, refusal::none);
    });
    EXPECT_EQ(second.receive().status, 200u);
}

TEST(AdminDriver, answers_a_replay_when_it_is_on_disk) {
    io_thread io;
    api::fake_service gateway;
    gateway.replay_answer.applied = true;
    admin_driver driver(io.context, gateway,
                        {[] { return std::string{}; }, [] { return std::nullopt; }, {}},
                        {[] { return instant{}; }, [] {}});
    http_server server(io.background, "admin", http_limits{}, driver);
    const auto opened = server.listen({"127.0.0.1", 0});
    ASSERT_TRUE(opened);
    io.start();
    {
        constexpr std::string_view request =
            "POST /admin/unmatched/1-2-3:replay HTTP/1.1\r\nHost: localhost\r\n\r\n";
        raw_client client(*opened);
        client.send(request);
        ASSERT_TRUE(io.becomes([&] { return driver.pending() == 1; }));
        io.call([&] {
            driver.replay_settled({session_id{999}, 0});
            driver.replay_settled(gateway.replays.at(0).second);
            EXPECT_EQ(driver.pending(), 1U);  // not inside the engine's call
        });
        const raw_response response = client.receive();
        EXPECT_EQ(response.status, 200U);
        EXPECT_EQ(response.body, R"({"id":"1-2-3","result":"applied"})");
        EXPECT_EQ(io.call([&] { return driver.pending(); }), 0U);
        client.send(request);
        ASSERT_TRUE(io.becomes([&] { return driver.pending() == 1; }));
    }
    io.call([&] { driver.replay_settled(gateway.replays.at(1).second); });
    EXPECT_TRUE(io.becomes([&] { return driver.pending() == 0; })) << "the client has gone";
    EXPECT_TRUE(io.becomes([&] { return server.connections() == 0; }));
    io.stop();
}

}  // namespace
}  // namespace hikyaku::gateway::io
