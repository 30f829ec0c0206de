// How the HTTP server writes: at once where the socket takes it, the rest when it does, and fairly.
#include <algorithm>

#include "tests/unit/gateway/io/http_server_fixture.hpp"

namespace hikyaku::gateway::io {
namespace {

using namespace testing_support;

TEST_F(HttpServer, pipelined_requests_leave_others_their_turn) {
    listen();
    raw_client busy(at);
    raw_client other(at);
    constexpr std::size_t many = 100;
    for (std::size_t i = 0; i < many; ++i)
        busy.send(get_a);
    other.send("GET /other HTTP/1.1\r\nHost: x\r\n\r\n");
    io.start();
    EXPECT_EQ(other.receive().status, 200u);
    for (std::size_t i = 0; i < many; ++i)
        ASSERT_EQ(busy.receive().status, 200u);
    const auto asked = io.call([this] { return handler.asked; });
    ASSERT_EQ(asked.size(), many + 1);
    EXPECT_LT(std::ranges::find(asked, "/other") - asked.begin(), 50) << "and not behind them all";
}

// Ten megabytes of answers do not fit into the buffers between the two.
constexpr std::size_t pages = 640;
constexpr int small_buffer = 4096;

TEST_F(HttpServer, a_client_that_reads_late_gets_every_octet) {
    start();
    raw_client client(at, small_buffer);
    for (std::size_t i = 0; i < pages; ++i)
        client.send(fmt::format("GET /page{} HTTP/1.1\r\nHost: x\r\n\r\n", i));
    ASSERT_TRUE(io.becomes([this] { return handler.asked.size() > 10; }));
    for (std::size_t i = 0; i < pages; ++i)
        ASSERT_EQ(client.receive().body, page(fmt::format("/page{}", i))) << i;
    EXPECT_EQ(client.ask(get_a).body, "GET /a||");
}

TEST_F(HttpServer, a_client_that_never_reads_is_given_up) {
    limits.request_timeout = milliseconds{200};
    start();
    raw_client client(at, small_buffer);
    for (std::size_t i = 0; i < pages; ++i)
        client.send(fmt::format("GET /page{} HTTP/1.1\r\nHost: x\r\n\r\n", i));
    EXPECT_TRUE(io.becomes([this] { return server->counters().timeouts == 1; }));
    EXPECT_TRUE(io.becomes([this] { return server->connections() == 0; }));
    EXPECT_LT(io.call([this] { return handler.asked.size(); }), pages);
}

// Between the moment when an answer is written and the one when its connection goes on.
struct HttpServerEnds : HttpServer {
    void answer_and(void (http_server::*end)()) {
        start();
        raw_client client(at);
        client.send("GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
        client.send(get_a);
        ASSERT_TRUE(io.becomes([this] { return handler.held.size() == 1; }));
        io.call([this, end] {
            http_responder responder = std::move(handler.held.front());
            handler.held.clear();
            responder.send({});
            (*server.*end)();
        });
        EXPECT_EQ(client.receive().status, 200u);
        EXPECT_TRUE(client.closed());
        EXPECT_TRUE(io.becomes([this] { return server->connections() == 0; }));
        EXPECT_EQ(io.call([this] { return handler.asked.size(); }), 1u) << "nothing more is taken";
    }
};

TEST_F(HttpServerEnds, stop_right_behind_an_answer) {
    answer_and(&http_server::stop);
}

TEST_F(HttpServerEnds, abort_right_behind_an_answer) {
    answer_and(&http_server::abort);
}

}  // namespace
}  // namespace hikyaku::gateway::io
