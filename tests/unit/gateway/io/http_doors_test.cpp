// What the HTTP server takes from strangers: one reading of where a request ends, no more memory
// than the budget, and no place for ever.
#include "gateway/io/http_server.hpp"
#include "tests/unit/gateway/io/http_server_fixture.hpp"

namespace hikyaku::gateway::io {
namespace {

using namespace testing_support;

constexpr std::string_view smuggled = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";

// Each is sent with another request behind it, which must not be read as one.
TEST_F(HttpServer, two_readings_of_a_request_are_400_and_the_end) {
    start();
    const std::string_view fields[] = {
        // Transfer-Encoding: everything but one "chunked" (RFC 9112, 6.1 and 6.3).
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding: chunkedx",
        "Transfer-Encoding: identity",
        "Transfer-Encoding: gzip",
        "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: chunked, gzip",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding: chunked, chunked",
        "Transfer-Encoding: \"chunked\"",
        "Transfer-Encoding: 'chunked'",
        "Transfer-Encoding: chunked;q=1",
        "Transfer-Encoding: chunked,",
        "Transfer-Encoding: ,chunked",
        "Transfer-Encoding:",
        "Transfer-Encoding:  ",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
        "Transfer-Encoding : chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 3",
        "Content-Length: 3\r\nTransfer-Encoding: chunked",
        "Content-Length: 3\r\nTransfer-Encoding: identity",
        "Transfer-Encoding: \x0b"
        "chunked",
        // Content-Length: one number.
        "Content-Length: 0\r\nContent-Length: 0",
        "Content-Length: 0, 0",
        "Content-Length: +0",
        "Content-Length: -0",
        "Content-Length: 0x0",
        "Content-Length: 0 0",
        "Content-Length: 99999999999999999999999",
        "Content-Length:",
        // Folded lines (5.2), and white space where none may be (5.1).
        "X-Word: a\r\n b",
        "X-Word: a\r\n\tb",
        "X-Word:\r\n ",
        "X-Word:\r\n chunked",
        "Transfer-Encoding:\r\n chunked",
        " X-Word: a",
        // What decides something comes once.
        "Host: y",
        "Host: x",
        "Authorization: Bearer a\r\nAuthorization: Bearer b",
        "authorization: Bearer a\r\nAUTHORIZATION: Bearer a",
        "Content-Type: application/json\r\nContent-Type: text/plain",
        "Idempotency-Key: a\r\nIdempotency-Key: b",
        // Octets that end a line for some.
        std::string_view("X-Word: a\0b", 11),
        "X-Word: a\rb",
        "X-Word: a\nTransfer-Encoding: chunked",
    };
    std::size_t count = 0;
    for (const std::string_view each : fields) {
        raw_client client(at);
        client.send(
            fmt::format("POST /a HTTP/1.1\r\nHost: x\r\n{}\r\n\r\n0\r\n\r\n{}", each, smuggled));
        const raw_response response = client.receive();
        EXPECT_EQ(response.status, 400u) << each;
        EXPECT_EQ(response.header("Connection"), "close") << each;
        EXPECT_TRUE(client.closed()) << each;
        EXPECT_EQ(counters().bad_requests, ++count) << each;
    }
    EXPECT_TRUE(handler.asked.empty());
}

TEST_F(HttpServer, http_1_0_has_no_transfer_encoding) {
    start();
    for (const std::string_view value : {"chunked", "identity", "gzip", ""}) {
        raw_client client(at);
        client.send(
            fmt::format("POST /a HTTP/1.0\r\nConnection: keep-alive\r\n"
                        "Transfer-Encoding: {}\r\n\r\n0\r\n\r\n{}",
                        value, smuggled));
        EXPECT_EQ(client.receive().status, 400u) << value;
        EXPECT_TRUE(client.closed()) << value;
    }
    EXPECT_TRUE(handler.asked.empty());
}

TEST_F(HttpServer, chunked_is_understood_in_any_case) {
    start();
    for (const std::string_view value : {"chunked", "Chunked", "CHUNKED", "  chunked\t "}) {
        raw_client client(at);
        EXPECT_EQ(client
                      .ask(fmt::format("POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: {}\r\n"
                                       "\r\n2\r\nhi\r\n0\r\n\r\n",
                                       value))
                      .body,
                  "POST /a|hi|")
            << value;
    }
}

TEST_F(HttpServer, a_folded_line_in_pieces_is_400_too) {
    start();
    const std::string request = "GET /a HTTP/1.1\r\nHost: x\r\nX-Word: a\r\n b\r\n\r\n";
    for (std::size_t cut = 1; cut < request.size(); ++cut) {
        raw_client client(at);
        client.send(request.substr(0, cut));
        ASSERT_TRUE(io.becomes([this] { return server->connections() > 0; }));
        client.send(request.substr(cut));
        EXPECT_EQ(client.receive().status, 400u) << cut;
        client.close();
        ASSERT_TRUE(io.becomes([this] { return server->connections() == 0; }));
    }
    EXPECT_TRUE(handler.asked.empty());
}

TEST_F(HttpServer, a_host_is_a_host) {
    start();
    for (const std::string_view host :
         {"x", "x:80", "a.example", "A_b.example:8080", "127.0.0.1", "[::1]", "[::1]:80",
          "x:", "xn--bcher-kva.example", "a%2Db"}) {
        raw_client client(at);
        EXPECT_EQ(client.ask(fmt::format("GET /a HTTP/1.1\r\nHost: {}\r\n\r\n", host)).status, 200u)
            << host;
    }
    for (const std::string_view host : {"",
                                        " ",
                                        ":80",
                                        "a b",
                                        "a/b",
                                        "http://a",
                                        "user@a",
                                        "a,b",
                                        "a:b",
                                        "a:80:80",
                                        "a:-1",
                                        "a:65536",
                                        "a:0",
                                        "[::1",
                                        "::1",
                                        "[::g]",
                                        "a?b",
                                        "a#b",
                                        "a\\b",
                                        "<a>",
                                        "a\"b",
                                        "b\xc3\xbc"
                                        "cher.example",
                                        "a%zz",
                                        "a%"}) {
        raw_client client(at);
        EXPECT_EQ(client.ask(fmt::format("GET /a HTTP/1.1\r\nHost: {}\r\n\r\n", host)).status, 400u)
            << host;
        raw_client old(at);
        EXPECT_EQ(old.ask(fmt::format("GET /a HTTP/1.0\r\nHost: {}\r\n\r\n", host)).status, 400u)
            << host;
    }
}

TEST_F(HttpServer, the_header_decides_before_the_body_comes) {
    start();
    for (const std::string_view expect : {"", "Expect: 100-continue\r\n"}) {
        raw_client client(at);
        client.send(fmt::format("POST /refused HTTP/1.1\r\nHost: x\r\n{}Content-Length: 5\r\n\r\n",
                                expect));
        const raw_response response = client.receive();  // and no 100 before it
        EXPECT_EQ(response.status, 401u) << expect;
        EXPECT_EQ(response.body, "no");
        EXPECT_EQ(response.header("Connection"), "close");
        client.send("12345");
        EXPECT_TRUE(client.closed());
    }
    EXPECT_EQ(counters().heads_refused, 2u);
    EXPECT_EQ(counters().requests, 0u);
    raw_client whole(at);  // nothing is left to read: an ordinary request
    EXPECT_EQ(whole.ask("POST /refused HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi").status,
              200u);
    EXPECT_EQ(handler.heads, 2u);
    EXPECT_EQ(whole.ask(get_a).status, 200u);
}

TEST_F(HttpServer, http_1_0_expects_no_interim_response) {
    start();
    raw_client client(at);
    client.send("POST /e HTTP/1.0\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
    ASSERT_TRUE(io.becomes([this] { return handler.heads == 1; }));
    EXPECT_EQ(client.ask("body").body, "POST /e|body|");
}

std::string post_of(std::size_t bytes) {
    return fmt::format("POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n", bytes);
}

TEST_F(HttpServer, bodies_above_the_budget_are_503) {
    limits.bodies_bytes_max = 1 << 20;  // half of it for one owner
    start();
    raw_client slow(at);
    slow.send(post_of(400'000) + std::string(399'999, 'a'));
    ASSERT_TRUE(io.becomes([this] { return server->bodies_bytes() == 399'999 - (16 << 10); }));
    raw_client second(at);
    second.send(post_of(400'000) + std::string(399'999, 'a'));
    const raw_response refused = second.receive();
    EXPECT_EQ(refused.status, 503u);
    EXPECT_EQ(refused.header("Retry-After"), "1");
    EXPECT_NE(refused.body.find("server_busy"), std::string::npos);
    EXPECT_TRUE(second.closed());
    EXPECT_EQ(counters().bodies_refused, 1u);
    handler.owner = 2;
    raw_client other(at);  // somebody else has a half of his own
    EXPECT_EQ(other.ask(post_of(400'000) + std::string(400'000, 'b')).status, 200u);
    raw_client small(at);  // what comes with its header needs no budget
    EXPECT_EQ(small.ask(post_of(2) + "hi").status, 200u);
    EXPECT_EQ(slow.ask("a").body.size(), 400'000 + std::string_view{"POST /b||"}.size());
    slow.ask(get_a);
    EXPECT_EQ(io.call([this] { return server->bodies_bytes(); }), 0u);
}

TEST_F(HttpServer, a_connection_that_ends_gives_its_budget_back) {
    start();
    {
        raw_client client(at);
        client.send(post_of(400'000) + std::string(300'000, 'a'));
        ASSERT_TRUE(io.becomes([this] { return server->bodies_bytes() == 300'000 - (16 << 10); }));
    }
    EXPECT_TRUE(io.becomes([this] { return server->bodies_bytes() == 0; }));
}

TEST_F(HttpServer, strangers_get_little) {
    handler.owner = body_budget::stranger;
    limits.bodies_bytes_max = 1 << 20;
    start();
    raw_client large(at);
    large.send(post_of(1'000'000) + std::string(200'000, 'a'));
    EXPECT_EQ(large.receive().status, 413u);
    std::vector<std::unique_ptr<raw_client>> many;
    for (int i = 0; i < 2; ++i) {  // 64 KiB is the share of all strangers here
        many.push_back(std::make_unique<raw_client>(at));
        many.back()->send(post_of(60'000) + std::string(50'000, 'a'));
        ASSERT_TRUE(io.becomes([this] { return server->bodies_bytes() > 0; }));
    }
    EXPECT_EQ(many.back()->receive().status, 503u);
    EXPECT_EQ(many.front()->ask(std::string(10'000, 'a')).status, 200u);
}

TEST_F(HttpServer, the_oldest_stranger_makes_room) {
    limits.connections_max = 3;
    handler.identifies = true;
    start();
    raw_client known(at);
    EXPECT_EQ(known.ask(get_a).status, 200u);
    raw_client silent(at);
    ASSERT_TRUE(io.becomes([this] { return server->connections() == 2; }));
    raw_client later(at);
    ASSERT_TRUE(io.becomes([this] { return server->connections() == 3; }));
    raw_client next(at);
    EXPECT_TRUE(silent.closed());
    EXPECT_EQ(next.ask(get_a).status, 200u);
    EXPECT_EQ(later.ask(get_a).status, 200u);
    EXPECT_EQ(known.ask(get_a).status, 200u);
    EXPECT_EQ(io.call([this] { return server->place_counters().evicted; }), 1u);
    EXPECT_EQ(counters().connections_refused, 0u);
}

TEST_F(HttpServer, an_address_has_a_share_of_strangers) {
    limits.strangers_per_address_max = 2;
    start();
    raw_client first(at);
    EXPECT_EQ(first.ask(get_a).status, 200u);
    raw_client second(at);
    EXPECT_EQ(second.ask(get_a).status, 200u);
    raw_client third(at);
    EXPECT_TRUE(first.closed());
    EXPECT_EQ(third.ask(get_a).status, 200u);
    EXPECT_EQ(second.ask(get_a).status, 200u);
}

TEST_F(HttpServer, whoever_does_not_read_the_answer_keeps_no_place) {
    limits.strangers_per_address_max = 1;
    start();
    raw_client deaf(at, 1024);
    for (int i = 0; i < 20; ++i)
        deaf.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
    ASSERT_TRUE(io.becomes([this] { return !handler.asked.empty(); }));
    raw_client next(at);
    EXPECT_EQ(next.ask(get_a).status, 200u);
    EXPECT_EQ(io.call([this] { return server->place_counters().evicted; }), 1u);
}

TEST_F(HttpServer, a_stranger_who_is_being_answered_keeps_the_place) {
    limits.strangers_per_address_max = 1;
    start();
    raw_client waiting(at);
    waiting.send("GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
    ASSERT_TRUE(io.becomes([this] { return handler.held.size() == 1; }));
    raw_client refused(at);
    EXPECT_EQ(refused.receive().status, 503u);
    answer_held("first");
    EXPECT_EQ(waiting.receive().body, "first");
}

}  // namespace
}  // namespace hikyaku::gateway::io
