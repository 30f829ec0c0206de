// The HTTP server over real sockets, with a client that breaks every rule.
#include "gateway/io/http_server.hpp"

#include "tests/unit/gateway/io/certificates.hpp"
#include "tests/unit/gateway/io/http_server_fixture.hpp"

namespace hikyaku::gateway::io {
namespace {

using namespace testing_support;

TEST_F(HttpServer, keep_alive) {
    start();
    raw_client client(at);
    for (int i = 0; i < 3; ++i) {
        const raw_response response = client.ask(get_a);
        EXPECT_EQ(response.status, 200u);
        EXPECT_EQ(response.body, "GET /a||");
        EXPECT_EQ(response.header("Connection"), "");
        EXPECT_EQ(response.header("Content-Type"), "text/plain");
        EXPECT_EQ(response.header("Date").size(), 29u);
    }
    EXPECT_EQ(counters().connections, 1u);
    EXPECT_EQ(counters().requests, 3u);
    EXPECT_EQ(api::to_string(handler.peer), "127.0.0.1");
}

TEST_F(HttpServer, request_in_single_octets) {
    start();
    raw_client client(at);
    const std::string_view request =
        "POST /p?q=1 HTTP/1.1\r\nHost: x\r\nX-Word: hello\r\nContent-Length: 4\r\n\r\nbody";
    for (const char c : request)
        client.send({&c, 1});
    EXPECT_EQ(client.receive().body, "POST /p?q=1|body|hello");
}

TEST_F(HttpServer, pipelined_requests_are_answered_in_order) {
    start();
    raw_client client(at);
    client.send(
        "GET /hold HTTP/1.1\r\nHost: x\r\n\r\n"
        "POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi"
        "GET /c HTTP/1.1\r\nHost: x\r\n\r\n");
    answer_held("first");
    EXPECT_EQ(client.receive().body, "first");
    EXPECT_EQ(client.receive().body, "POST /b|hi|");
    EXPECT_EQ(client.receive().body, "GET /c||");
}

TEST_F(HttpServer, chunked_body_with_trailer) {
    start();
    raw_client client(at);
    const raw_response response = client.ask(
        "POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        "3\r\nabc\r\n2;ext=1\r\nde\r\n0\r\nX-Word: late\r\n\r\n");
    EXPECT_EQ(response.body, "POST /c|abcde|");
    EXPECT_EQ(client.ask(get_a).status, 200u);
}

TEST_F(HttpServer, head_has_no_body) {
    start();
    raw_client client(at);
    const raw_response head = client.ask("HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(head.status, 200u);
    EXPECT_EQ(head.header("Content-Length"), "9");
    EXPECT_EQ(client.ask(get_a).body, "GET /a||");
}

TEST_F(HttpServer, large_response) {
    start();
    raw_client client(at);
    EXPECT_EQ(client.ask("GET /large HTTP/1.1\r\nHost: x\r\n\r\n").body.size(), 1u << 20);
    EXPECT_EQ(client.ask(get_a).status, 200u);
}

TEST_F(HttpServer, connection_header_is_obeyed) {
    start();
    struct row {
        std::string_view request, connection;
        bool closes;
    };
    const row rows[] = {
        {"GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "close", true},
        {"GET /a HTTP/1.0\r\n\r\n", "close", true},
        {"GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "keep-alive", false},
    };
    for (const row& each : rows) {
        raw_client client(at);
        const raw_response response = client.ask(each.request);
        EXPECT_EQ(response.status, 200u) << each.request;
        EXPECT_EQ(response.header("Connection"), each.connection) << each.request;
        if (each.closes)
            EXPECT_TRUE(client.closed()) << each.request;
        else
            EXPECT_EQ(client.ask(get_a).status, 200u) << each.request;
    }
}

TEST_F(HttpServer, garbage_is_400) {
    start();
    const std::string_view rows[] = {
        "\x16\x03\x01\x02garbage\r\n\r\n",
        "GET\r\n\r\n",
        "GET /a HTTP/2.0\r\nHost: x\r\n\r\n",
        "GET /a HTTP/1.1\r\n\r\n",
        "GET /a HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
        "GET /a HTTP/1.1\r\nHost: x\r\nBad Name: y\r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0",
        "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    };
    std::size_t count = 0;
    for (const std::string_view each : rows) {
        raw_client client(at);
        const raw_response response = client.ask(each);
        EXPECT_EQ(response.status, 400u) << each;
        EXPECT_EQ(response.header("Connection"), "close") << each;
        EXPECT_EQ(response.header("Content-Type"), "application/problem+json") << each;
        EXPECT_TRUE(client.closed()) << each;
        EXPECT_EQ(counters().bad_requests, ++count) << each;
    }
    EXPECT_EQ(counters().requests, 0u);
}

TEST_F(HttpServer, oversized_header_is_431) {
    limits.message.header_bytes_max = 1024;
    start();
    const std::string value(1100, 'v');
    raw_client one_field(at);
    EXPECT_EQ(one_field.ask("GET /a HTTP/1.1\r\nHost: x\r\nX: " + value + "\r\n\r\n").status, 431u);
    EXPECT_TRUE(one_field.closed());
    std::string many = "GET /a HTTP/1.1\r\nHost: x\r\n";
    for (int i = 0; i < 40; ++i)
        many += fmt::format("X-{}: {}\r\n", i, std::string(30, 'v'));
    raw_client many_fields(at);
    EXPECT_EQ(many_fields.ask(many + "\r\n").status, 431u);
    raw_client long_target(at);
    EXPECT_EQ(long_target.ask("GET /" + value + " HTTP/1.1\r\nHost: x\r\n\r\n").status, 431u);
    raw_client in_pieces(at);
    for (std::size_t i = 0; i < many.size(); i += 50)
        in_pieces.send(many.substr(i, 50));
    EXPECT_EQ(in_pieces.receive().status, 431u);
    raw_client two_halves(at);  // the first half is parsed, neither is too long by itself
    two_halves.send(many.substr(0, 700));
    ASSERT_TRUE(io.becomes([this] { return server->connections() > 0; }));
    two_halves.send(many.substr(700));
    EXPECT_EQ(two_halves.receive().status, 431u);
    raw_client endless_chunk_extension(at);
    endless_chunk_extension.send(
        "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5;" + value + value);
    EXPECT_EQ(endless_chunk_extension.receive().status, 431u);
    raw_client many_chunk_extensions(at);
    std::string chunks;
    for (int i = 0; i < 50; ++i)
        chunks += "1;" + value.substr(0, 30) + "\r\n \r\n";
    many_chunk_extensions.send("POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" +
                               chunks);
    EXPECT_EQ(many_chunk_extensions.receive().status, 431u);
    raw_client fits(at);
    EXPECT_EQ(fits.ask(get_a).status, 200u);
}

TEST_F(HttpServer, oversized_body_is_413) {
    limits.message.body_bytes_max = 1000;
    start();
    raw_client announced(at);
    EXPECT_EQ(announced.ask("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n").status,
              413u);
    EXPECT_TRUE(announced.closed());
    raw_client sent_anyway(at);
    sent_anyway.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n" +
                     std::string(200000, 'b'));
    EXPECT_EQ(sent_anyway.receive().status, 413u);
    raw_client chunked(at);
    EXPECT_EQ(chunked
                  .ask("POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" +
                       std::string(1001, 'b') + "\r\n")
                  .status,
              413u);
    raw_client fits(at);
    EXPECT_EQ(fits.ask("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n" +
                       std::string(1000, 'b'))
                  .body.size(),
              1000u + std::string_view{"POST /a||"}.size());
}

TEST_F(HttpServer, slow_request_is_408) {
    limits.request_timeout = milliseconds{40};
    start();
    for (const std::string_view begun :
         {"G", "GET /a HTTP/1.1\r\nHost: x\r\n",
          "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab"}) {
        raw_client client(at);
        client.send(begun);
        const raw_response response = client.receive();
        EXPECT_EQ(response.status, 408u) << begun;
        EXPECT_EQ(response.header("Connection"), "close");
        EXPECT_TRUE(client.closed());
    }
    EXPECT_EQ(counters().timeouts, 3u);
}

TEST_F(HttpServer, slow_second_request_is_408_too) {
    limits.request_timeout = tests::short_timer;
    start();
    raw_client client(at);
    client.send(std::string{get_a}.append("GET /b"));
    EXPECT_EQ(client.receive().status, 200u);
    EXPECT_EQ(client.receive().status, 408u);
}

TEST_F(HttpServer, idle_connection_is_closed_without_a_word) {
    limits.idle_timeout = tests::short_timer;
    start();
    raw_client silent(at);
    EXPECT_TRUE(silent.closed());
    raw_client after_one(at);
    EXPECT_EQ(after_one.ask(get_a).status, 200u);
    EXPECT_TRUE(after_one.closed());
    EXPECT_EQ(counters().idle_closed, 2u);
    EXPECT_EQ(counters().timeouts, 0u);
}

TEST_F(HttpServer, a_handler_may_take_longer_than_the_timeouts) {
    limits.request_timeout = tests::short_timer;
    limits.idle_timeout = tests::short_timer;
    start();
    raw_client waiting(at);
    waiting.send("GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
    ASSERT_TRUE(io.becomes([this] { return handler.held.size() == 1; }));
    raw_client idle(at);
    EXPECT_TRUE(idle.closed());  // so the timeouts have passed at least once
    answer_held("late");
    EXPECT_EQ(waiting.receive().body, "late");
}

TEST_F(HttpServer, expect_100_continue) {
    start();
    raw_client client(at);
    client.send("POST /e HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(client.receive().status, 100u);
    EXPECT_EQ(client.ask("body").body, "POST /e|body|");
    const std::string_view at_once =
        "POST /e HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\nbody";
    EXPECT_EQ(client.ask(at_once).status, 200u);
}

TEST_F(HttpServer, expect_100_continue_with_too_much) {
    limits.message.body_bytes_max = 10;
    start();
    raw_client client(at);
    client.send(
        "POST /e HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(client.receive().status, 413u);
}

TEST_F(HttpServer, too_many_connections_get_503) {
    limits.connections_max = 2;
    handler.identifies = true;
    start();
    raw_client first(at);
    raw_client second(at);
    EXPECT_EQ(first.ask(get_a).status, 200u);
    EXPECT_EQ(second.ask(get_a).status, 200u);
    raw_client third(at);
    const raw_response refused = third.receive();
    EXPECT_EQ(refused.status, 503u);
    EXPECT_EQ(refused.header("Retry-After"), "1");
    EXPECT_EQ(counters().connections_refused, 1u);
    EXPECT_EQ(first.ask(get_a).status, 200u);
    second.close();
    ASSERT_TRUE(io.becomes([this] { return server->connections() == 1; }));
    raw_client fourth(at);
    EXPECT_EQ(fourth.ask(get_a).status, 200u);
}

TEST_F(HttpServer, dropped_responder_is_500) {
    start();
    raw_client client(at);
    EXPECT_EQ(client.ask("GET /drop HTTP/1.1\r\nHost: x\r\n\r\n").status, 500u);
    EXPECT_EQ(client.ask(get_a).status, 200u);
    EXPECT_EQ(counters().unanswered, 1u);
}

TEST_F(HttpServer, answer_for_a_client_that_has_gone) {
    start();
    {
        raw_client client(at);
        client.send("GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
        ASSERT_TRUE(io.becomes([this] { return handler.held.size() == 1; }));
    }
    answer_held("for nobody");
    EXPECT_TRUE(io.becomes([this] { return server->connections() == 0; }));
}

TEST_F(HttpServer, responder_outlives_the_connection_object) {
    start();
    raw_client client(at);
    client.send("GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
    ASSERT_TRUE(io.becomes([this] { return handler.held.size() == 1; }));
    io.call([this] { server->abort(); });
    EXPECT_TRUE(client.closed());
    io.call([this] {
        http_responder moved = std::move(handler.held.front());
        handler.held.clear();
    });
    EXPECT_TRUE(io.becomes([this] { return server->connections() == 0; }));
}

TEST_F(HttpServer, stop_lets_the_current_request_finish) {
    start();
    raw_client idle(at);
    EXPECT_EQ(idle.ask(get_a).status, 200u);
    raw_client busy(at);
    busy.send("GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
    ASSERT_TRUE(io.becomes([this] { return handler.held.size() == 1; }));
    io.call([this] { server->stop(); });
    EXPECT_TRUE(idle.closed());
    answer_held("done");
    const raw_response last = busy.receive();
    EXPECT_EQ(last.body, "done");
    EXPECT_EQ(last.header("Connection"), "close");
    EXPECT_TRUE(busy.closed());
    EXPECT_TRUE(io.becomes([this] { return server->connections() == 0; }));
    boost::asio::io_context context;
    tcp::socket late(context);
    boost::system::error_code error;
    late.connect(at, error);
    EXPECT_TRUE(error);
}

TEST_F(HttpServer, tls) {
    const pem_folder files;
    const auto own = files.write("server", make_identity("localhost"));
    const auto door =
        tls_door::open({.certificate = own.certificate, .private_key = own.private_key});
    ASSERT_TRUE(door);
    server = std::make_unique<http_server>(io.background, "test", limits, handler);
    const auto opened = server->listen({"127.0.0.1", 0}, door->get());
    ASSERT_TRUE(opened);
    io.start();
    boost::asio::io_context context;
    boost::asio::ssl::context client_tls(boost::asio::ssl::context::tls_client);
    boost::asio::ssl::stream<tcp::socket> client(context, client_tls);
    client.next_layer().connect(*opened);
    client.handshake(boost::asio::ssl::stream_base::client);
    const std::string request = "GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    boost::asio::write(client, boost::asio::buffer(request));
    std::string answer;
    boost::system::error_code error;
    boost::asio::read(client, boost::asio::dynamic_buffer(answer), error);
    EXPECT_EQ(error, boost::asio::error::eof);  // closed with a notice, not cut
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n"));
    EXPECT_TRUE(answer.ends_with("GET /a||"));
    io.stop();
    server.reset();
}

TEST_F(HttpServer, reloaded_certificates_are_for_new_connections) {
    const pem_folder files;
    const auto own = files.write("server", make_identity("before.example"));
    const auto door =
        tls_door::open({.certificate = own.certificate, .private_key = own.private_key});
    ASSERT_TRUE(door);
    server = std::make_unique<http_server>(io.background, "test", limits, handler);
    const auto opened = server->listen({"127.0.0.1", 0}, door->get());
    ASSERT_TRUE(opened);
    io.start();
    boost::asio::io_context context;
    boost::asio::ssl::context client_tls(boost::asio::ssl::context::tls_client);
    using tls_client = boost::asio::ssl::stream<tcp::socket>;
    const auto shake_hands = [&](tls_client& client) {
        client.next_layer().connect(*opened);
        client.handshake(boost::asio::ssl::stream_base::client);
        const std::unique_ptr<X509, void (*)(X509*)> shown(
            SSL_get1_peer_certificate(client.native_handle()), X509_free);
        return certificate_names(shown.get()).at(0);
    };
    tls_client early(context, client_tls);
    EXPECT_EQ(shake_hands(early), "before.example");
    files.write("server", make_identity("after.example"));
    EXPECT_FALSE(io.call([&] { return (*door)->reload(); }).has_value());
    tls_client late(context, client_tls);
    EXPECT_EQ(shake_hands(late), "after.example");
    const std::string request = "GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    boost::asio::write(early, boost::asio::buffer(request));
    std::string answer;
    boost::system::error_code error;
    boost::asio::read(early, boost::asio::dynamic_buffer(answer), error);
    EXPECT_TRUE(answer.ends_with("GET /a||")) << answer;
    io.stop();
    server.reset();
}

}  // namespace
}  // namespace hikyaku::gateway::io
