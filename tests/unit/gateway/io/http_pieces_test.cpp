// Bodies in pieces over real sockets: requests that are read as they come, responses that are made
// as they are read, both at once, and every way in which one of them ends too early.
#include <algorithm>

#include "gateway/api/event_stream.hpp"
#include "tests/unit/gateway/io/http_server_fixture.hpp"

namespace hikyaku::gateway::io {
namespace {

using namespace testing_support;

// What the test and the parts of an exchange share; the latter live as long as the exchange.
struct exchange {
    std::string taken;
    std::size_t taken_octets = 0;
    bool finished = false, reader_gone = false, source_gone = false, stopped = false;
    std::size_t room = ~std::size_t{0};  // what the reader may take yet
    std::size_t turn = 0;                // what it takes at a time; 0 = all
    std::function<void()> on_take;       // before it takes anything
    std::string answer;                  // what the source brings
    std::size_t repeats = 0;             // of it
    bool ends = false, breaks = false;
    std::function<void()> wake_reader, wake_source;
    std::unique_ptr<http_responder> responder;  // of those who answer later
};

class taking_reader final : public api::body_reader {
public:
    explicit taking_reader(exchange& with) : with_(with) {
        with_.wake_reader = [this] { wake(); };
    }
    ~taking_reader() override {
        with_.reader_gone = true;
        with_.wake_reader = nullptr;
    }
    std::size_t take(std::string_view octets) override {
        if (with_.on_take) std::exchange(with_.on_take, {})();
        const auto most = std::min(octets.size(), with_.room);
        const std::size_t size = with_.turn > 0 ? std::min(most, with_.turn) : most;
        if (size < most) wake();
        with_.room -= size;
        with_.taken_octets += size;
        if (with_.taken.size() < 1000) with_.taken.append(octets.substr(0, size));
        if (with_.responder && with_.taken.find("stop") != std::string::npos) {
            api::http_response response;
            response.status = 422;
            response.body = "stopped";
            with_.responder->send(std::move(response));
            with_.responder.reset();
        }
        return size;
    }
    void finish() override {
        with_.finished = true;
        if (with_.responder) {
            api::http_response response;
            response.body = fmt::format("{} octets", with_.taken_octets);
            with_.responder->send(std::move(response));
            with_.responder.reset();
        }
    }

private:
    exchange& with_;
};

class giving_source final : public api::body_source {
public:
    explicit giving_source(exchange& with) : with_(with) {
        with_.wake_source = [this] { wake(); };
    }
    ~giving_source() override {
        with_.source_gone = true;
        with_.wake_source = nullptr;
    }
    api::source_state next(std::string& out, std::size_t room, time_point) override {
        while (with_.repeats > 0 && out.size() < room) {
            --with_.repeats;
            out.append(with_.answer);
        }
        if (with_.repeats > 0) return api::source_state::more;
        if (with_.breaks) return api::source_state::broken;
        return with_.ends ? api::source_state::end : api::source_state::wait;
    }
    void stop() override {
        with_.stopped = with_.ends = true;
        wake();
    }

private:
    exchange& with_;
};

// /up takes its body in pieces and answers at its end, /both answers while it takes, /down only
// answers, and /events tells what happens.
class pieces_handler final : public http_handler {
public:
    void handle(const api::http_request& request, http_responder responder) override {
        if (request.target == "/events") {
            auto stream = std::make_unique<api::event_stream>(
                api::event_stream_limits{.heartbeat = milliseconds{50}});
            events = stream->channel();
            last_event_id = api::last_event_id(request);
            responder.send(api::event_stream_response(std::move(stream)));
            return;
        }
        const bool up = request.target == "/up", both = request.target == "/both";
        if (!up && !both && request.target != "/down")
            return echo.handle(request, std::move(responder));
        body_seen = request.body;
        if ((up || both) && !responder.read_body(std::make_unique<taking_reader>(with), echo.owner))
            return;
        if (up) {
            with.responder = std::make_unique<http_responder>(std::move(responder));
            return;
        }
        api::http_response response;
        response.content_type = "text/plain";
        response.source = std::make_unique<giving_source>(with);
        responder.send(std::move(response));
    }
    head_verdict look_at_head(const api::http_request& request) override {
        head_verdict verdict = echo.look_at_head(request);
        verdict.in_pieces = request.target == "/up" || request.target == "/both";
        return verdict;
    }
    echo_handler echo;
    exchange with;
    std::string body_seen;
    api::event_channel events;
    std::string last_event_id;
};

struct HttpPieces : ::testing::Test {
    io_thread io;
    pieces_handler handler;
    http_limits limits;
    std::unique_ptr<http_server> server;
    tcp::endpoint at;

    void start() {
        limits.message.body_bytes_max = 1000;
        server = std::make_unique<http_server>(io.background, "test", limits, handler);
        const auto opened = server->listen({"127.0.0.1", 0});
        ASSERT_TRUE(opened);
        at = *opened;
        io.start();
    }
    void TearDown() override {
        io.stop();
        handler.with.responder.reset();
        server.reset();
    }
    // A change of what reader and source do, on their thread.
    template <typename Change>
    void set(Change change) {
        io.call([&] {
            change(handler.with);
            if (handler.with.wake_reader) handler.with.wake_reader();
            if (handler.with.wake_source) handler.with.wake_source();
        });
    }
    template <typename Condition>
    bool becomes(Condition condition) {
        return io.becomes([this, condition] { return condition(handler.with); });
    }
    bool nothing_is_left() {
        return io.becomes(
            [this] { return server->connections() == 0 && server->bodies_bytes() == 0; });
    }
    static std::string post(std::string_view target, std::size_t length) {
        return fmt::format("POST {} HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n", target,
                           length);
    }
};

TEST_F(HttpPieces, a_body_beyond_the_limit_is_taken_as_it_comes) {
    start();
    raw_client client(at);
    client.send(post("/up", 10'000'000));
    const std::string piece(100'000, 'x');
    for (int i = 0; i < 100; ++i)
        client.send(piece);
    EXPECT_EQ(client.receive().body, "10000000 octets");
    EXPECT_EQ(client.ask(get_a).status, 200u) << "the connection goes on";
    EXPECT_EQ(io.call([this] { return server->bodies_bytes(); }), 0u);
}

TEST_F(HttpPieces, what_comes_with_its_header_is_taken_alike) {
    start();
    raw_client client(at);
    EXPECT_EQ(client.ask(post("/up", 5) + "hello").body, "5 octets");
    EXPECT_EQ(handler.with.taken, "hello");
    EXPECT_EQ(client.ask(post("/up", 2000) + std::string(2000, 'x')).body, "2005 octets")
        << "also beyond the limit of whole bodies";
    EXPECT_EQ(handler.body_seen, "");
    EXPECT_EQ(client.ask(post("/a", 2000) + std::string(2000, 'x')).status, 413u);
}

TEST_F(HttpPieces, chunks_are_taken_in_single_octets) {
    start();
    raw_client client(at);
    for (const char c : std::string_view("POST /up HTTP/1.1\r\nHost: x\r\n"
                                         "Transfer-Encoding: chunked\r\n\r\n"
                                         "3\r\nabc\r\n2;x=1\r\nde\r\n0\r\n\r\n"))
        client.send({&c, 1});
    EXPECT_EQ(client.receive().body, "5 octets");
    EXPECT_EQ(handler.with.taken, "abcde");
}

TEST_F(HttpPieces, requests_behind_a_body_wait_for_its_answer) {
    handler.with.turn = 7;
    start();
    raw_client client(at);
    const std::string chunked =
        "POST /up HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        "3\r\nabc\r\n0\r\n\r\n";
    client.send(post("/up", 40'000) + std::string(40'000, 'x') + std::string(get_a) + chunked +
                post("/up", 4) + "last" + std::string(get_a));
    EXPECT_EQ(client.receive().body, "40000 octets");
    EXPECT_EQ(client.receive().body, "GET /a||");
    EXPECT_EQ(client.receive().body, "40003 octets");
    EXPECT_EQ(client.receive().body, "40007 octets");
    EXPECT_EQ(client.receive().body, "GET /a||");
    EXPECT_EQ(io.call([this] { return server->bodies_bytes(); }), 0u);
}

TEST_F(HttpPieces, a_reader_without_room_holds_its_client_back) {
    handler.with.room = 10;
    limits.request_timeout = milliseconds{200};
    start();
    raw_client client(at);
    client.send(post("/up", 30) + std::string(20, 'x'));
    ASSERT_TRUE(becomes([](const exchange& with) { return with.taken_octets == 10; }));
    set([](exchange& with) { with.room = 100; });
    ASSERT_TRUE(becomes([](const exchange& with) { return with.taken_octets == 20; }));
    client.send(std::string(10, 'x'));
    EXPECT_EQ(client.receive().body, "30 octets");
}

TEST_F(HttpPieces, a_response_ends_the_reading) {
    start();
    raw_client client(at);
    client.send(post("/up", 1'000'000) + "please stop");
    const auto response = client.receive();
    EXPECT_EQ(response.status, 422u);
    EXPECT_EQ(response.header("Connection"), "close");
    EXPECT_TRUE(client.closed());
    EXPECT_TRUE(nothing_is_left());
    EXPECT_FALSE(handler.with.finished);
}

TEST_F(HttpPieces, a_response_may_end_the_reading_of_a_whole_body_too) {
    start();
    raw_client client(at);
    EXPECT_EQ(client.ask(post("/up", 4) + "stop").status, 422u);
    EXPECT_EQ(client.ask(get_a).status, 200u) << "there is no rest that could be in the way";
}

TEST_F(HttpPieces, a_client_that_stops_sending_is_told_so) {
    limits.request_timeout = milliseconds{100};
    start();
    raw_client before(at);
    before.send(post("/both", 100) + "abc");
    EXPECT_EQ(before.receive().status, 408u) << "nothing of the response had gone out";
    EXPECT_TRUE(before.closed());
    handler.with.answer = "line\n";
    raw_client behind(at);
    behind.send(post("/both", 100) + "abc");
    EXPECT_NE((set([](exchange& with) { with.repeats = 1; }), behind.receive_until("line\n")), "");
    EXPECT_EQ(behind.receive_all(), "") << "cut: no last chunk";
    EXPECT_TRUE(nothing_is_left());
    EXPECT_TRUE(handler.with.reader_gone && handler.with.source_gone);
    EXPECT_FALSE(handler.with.finished);
}

TEST_F(HttpPieces, a_client_that_goes_leaves_nothing_behind) {
    handler.with.answer = "line\n";
    start();
    {
        raw_client client(at);
        client.send(post("/both", 100) + "abc");
        ASSERT_TRUE(becomes([](const exchange& with) { return with.taken_octets == 3; }));
    }
    EXPECT_TRUE(nothing_is_left());
    EXPECT_TRUE(handler.with.reader_gone && handler.with.source_gone);
    EXPECT_FALSE(handler.with.finished);
}

TEST_F(HttpPieces, both_directions_at_once) {
    handler.with.answer = "line\n";
    start();
    raw_client client(at);
    client.send(post("/both", 6) + "abc");
    ASSERT_TRUE(becomes([](const exchange& with) { return with.taken_octets == 3; }));
    set([](exchange& with) { with.repeats = 2; });
    EXPECT_NE(client.receive_until("a\r\nline\nline\n\r\n"), "") << "before the request has ended";
    client.send("def");
    ASSERT_TRUE(becomes([](const exchange& with) { return with.finished; }));
    set([](exchange& with) { with.ends = true; });
    EXPECT_EQ(client.receive_until("0\r\n\r\n"), "0\r\n\r\n");
    EXPECT_EQ(client.ask(get_a).status, 200u);
}

TEST_F(HttpPieces, a_response_that_ends_first_ends_the_reading) {
    handler.with.answer = "enough";
    handler.with.repeats = 1;
    handler.with.ends = true;
    start();
    raw_client client(at);
    client.send(post("/both", 1'000'000) + "abc");
    EXPECT_EQ(client.receive().body, "enough");
    client.send(std::string(1000, 'x'));
    EXPECT_TRUE(client.closed());
    EXPECT_TRUE(nothing_is_left());
    EXPECT_FALSE(handler.with.finished);
}

TEST_F(HttpPieces, broken_chunks_are_400_or_a_cut) {
    start();
    raw_client client(at);
    constexpr std::string_view chunked =
        "POST /both HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n";
    client.send(chunked);
    ASSERT_TRUE(becomes([](const exchange& with) { return with.taken_octets == 3; }));
    client.send("zz\r\n");
    EXPECT_EQ(client.receive().status, 400u);
    EXPECT_TRUE(client.closed());
    EXPECT_TRUE(nothing_is_left());
}

TEST_F(HttpPieces, continue_comes_before_the_body_is_read) {
    start();
    raw_client client(at);
    client.send(
        "POST /up HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(client.receive_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    client.send("hello");
    EXPECT_EQ(client.receive().body, "5 octets");
}

TEST_F(HttpPieces, the_budget_counts_what_a_reader_may_hold) {
    limits.bodies_bytes_max = 5 << 20;  // half of it for one owner: one reader
    start();
    raw_client first(at), second(at);
    first.send(post("/up", 10) + "abc");
    ASSERT_TRUE(becomes([](const exchange& with) { return with.taken_octets == 3; }));
    EXPECT_EQ(second.ask(post("/up", 10) + "abc").status, 503u);
    first.send("defghij");
    EXPECT_EQ(first.receive().body, "10 octets");
    EXPECT_EQ(io.call([this] { return server->counters().bodies_refused; }), 1u);
}

TEST_F(HttpPieces, the_budget_counts_bodies_that_come_whole) {
    limits.bodies_bytes_max = 5 << 20;
    start();
    handler.with.room = 0;
    raw_client first(at), second(at);
    first.send(post("/up", 3) + "abc");
    ASSERT_TRUE(io.becomes([this] { return handler.with.responder != nullptr; }));
    const auto wake_first = io.call([this] { return handler.with.wake_reader; });
    EXPECT_EQ(io.call([this] { return server->bodies_bytes(); }), 2u << 20);
    const auto refused = second.ask(post("/up", 3) + "abc");
    EXPECT_EQ(refused.status, 503u);
    EXPECT_EQ(second.ask(get_a).status, 200u) << "there is no rest that could be in the way";
    io.call([&] {
        handler.with.room = 100;
        wake_first();
    });
    EXPECT_EQ(first.receive().body, "3 octets");
    const auto is_free = [this] { return server->bodies_bytes() == 0; };
    ASSERT_TRUE(io.becomes(is_free));
    EXPECT_EQ(second.ask(post("/up", 3) + "abc").status, 200u);
    EXPECT_EQ(io.call([this] { return server->counters().bodies_refused; }), 1u);
    EXPECT_TRUE(io.becomes(is_free));
}

TEST_F(HttpPieces, others_have_their_turn_between_two_of_a_reader) {
    handler.with.turn = 10;
    std::size_t taken_then = 0;
    handler.with.on_take = [&] {
        boost::asio::post(io.context, [&] { taken_then = handler.with.taken_octets; });
    };
    start();
    raw_client client(at);
    client.send(post("/up", 1000) + std::string(1000, 'x'));
    EXPECT_EQ(client.receive().body, "1000 octets");
    EXPECT_EQ(taken_then, 10u) << "one turn, and not all of it";
}

constexpr std::string_view get_down = "GET /down HTTP/1.1\r\nHost: x\r\n\r\n";

TEST_F(HttpPieces, a_download_is_chunked) {
    handler.with.answer = std::string(1000, 'x');
    handler.with.repeats = 10'000;
    handler.with.ends = true;
    start();
    raw_client client(at, 4096);
    const auto response = client.ask(get_down);
    EXPECT_EQ(response.status, 200u);
    EXPECT_EQ(response.header("Transfer-Encoding"), "chunked");
    EXPECT_EQ(response.header("Content-Length"), "");
    EXPECT_EQ(response.body.size(), 10'000'000u);
    EXPECT_EQ(client.ask(get_a).status, 200u);
}

TEST_F(HttpPieces, an_old_client_reads_until_the_end) {
    handler.with.answer = "old";
    handler.with.repeats = 2;
    handler.with.ends = true;
    start();
    raw_client client(at);
    client.send("GET /down HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    const std::string all = client.receive_all();
    EXPECT_NE(all.find("Connection: close\r\n\r\noldold"), std::string::npos) << all;
    EXPECT_EQ(all.find("chunked"), std::string::npos);
}

TEST_F(HttpPieces, an_old_client_sees_a_cut_as_an_error) {
    handler.with.answer = "half";
    handler.with.repeats = 1;
    start();
    raw_client client(at);
    client.send("GET /down HTTP/1.0\r\n\r\n");
    EXPECT_NE(client.receive_until("half"), "");
    set([](exchange& with) { with.breaks = true; });
    EXPECT_TRUE(client.closed());
    EXPECT_TRUE(client.was_reset()) << "an end would look like that of the body";
    EXPECT_TRUE(nothing_is_left());
}

TEST_F(HttpPieces, head_asks_the_source_for_nothing) {
    handler.with.answer = "x";
    handler.with.repeats = 5;
    handler.with.ends = true;
    start();
    raw_client client(at);
    EXPECT_EQ(client.ask("HEAD /down HTTP/1.1\r\nHost: x\r\n\r\n").status, 200u);
    EXPECT_EQ(client.ask(get_a).body, "GET /a||");
    EXPECT_EQ(io.call([this] { return handler.with.repeats; }), 5u);
}

TEST_F(HttpPieces, a_source_is_asked_no_faster_than_its_client_reads) {
    handler.with.answer = std::string(1000, 'x');
    handler.with.repeats = 100'000;
    limits.request_timeout = milliseconds{200};
    start();
    raw_client client(at, 4096);
    client.send(get_down);
    EXPECT_TRUE(becomes([](const exchange& with) { return with.source_gone; })) << "given up";
    EXPECT_TRUE(nothing_is_left());
    EXPECT_EQ(io.call([this] { return server->counters().timeouts; }), 1u);
    EXPECT_GT(handler.with.repeats, 80'000u) << "what lay in the sockets' buffers, and no more";
}

TEST_F(HttpPieces, a_broken_source_cuts_the_connection) {
    handler.with.answer = "half";
    handler.with.repeats = 1;
    start();
    raw_client client(at);
    client.send(get_down);
    EXPECT_NE(client.receive_until("half"), "");
    set([](exchange& with) { with.breaks = true; });
    EXPECT_EQ(client.receive_all(), "");
    EXPECT_TRUE(nothing_is_left());
}

TEST_F(HttpPieces, a_stop_brings_a_source_to_its_end) {
    handler.with.answer = "first";
    handler.with.repeats = 1;
    start();
    raw_client client(at);
    client.send(get_down);
    ASSERT_NE(client.receive_until("first\r\n"), "");
    io.call([this] { server->stop(); });
    EXPECT_EQ(client.receive_all(), "0\r\n\r\n");
    EXPECT_TRUE(handler.with.stopped);
    EXPECT_TRUE(nothing_is_left());
}

TEST_F(HttpPieces, a_stop_does_not_wait_for_a_client_that_does_not_read) {
    handler.with.answer = std::string(1000, 'x');
    handler.with.repeats = 1'000'000;
    limits.request_timeout = std::chrono::hours(1);
    start();
    raw_client client(at, 4096);
    client.send(get_down);
    ASSERT_NE(client.receive_until("xxx"), "");
    io.call([this] { server->stop(); });
    EXPECT_TRUE(nothing_is_left());
    EXPECT_TRUE(handler.with.stopped);
}

TEST_F(HttpPieces, an_abort_ends_both) {
    start();
    raw_client client(at);
    client.send(post("/both", 100) + "abc");
    ASSERT_TRUE(becomes([](const exchange& with) { return with.taken_octets == 3; }));
    io.call([this] { server->abort(); });
    EXPECT_TRUE(client.closed());
    EXPECT_TRUE(nothing_is_left());
    EXPECT_TRUE(handler.with.reader_gone && handler.with.source_gone);
}

TEST_F(HttpPieces, events_are_told_as_they_happen) {
    start();
    {
        raw_client client(at);
        client.send("GET /events HTTP/1.1\r\nHost: x\r\nLast-Event-ID: 41\r\n\r\n");
        const std::string head = client.receive_until("\r\n3\r\n:\n\n\r\n");
        EXPECT_NE(head.find("Content-Type: text/event-stream\r\n"), std::string::npos) << head;
        EXPECT_EQ(handler.last_event_id, "41");
        io.call([this] { handler.events.push({"42", "carrier", "up"}); });
        EXPECT_NE(client.receive_until("id: 42\nevent: carrier\ndata: up\n\n"), "");
        EXPECT_NE(client.receive_until(":\n\n"), "") << "a heartbeat";
    }
    EXPECT_TRUE(io.becomes([this] { return !handler.events.is_open(); }))
        << "a heartbeat finds out that the client has gone";
    EXPECT_TRUE(nothing_is_left());
}

}  // namespace
}  // namespace hikyaku::gateway::io
