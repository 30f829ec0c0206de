// Two connections over the loopback interface: traffic, every way to end, peers that misbehave.
#include "tests/unit/smpp/io/harness.hpp"

namespace hikyaku::smpp::io::test {
namespace {

using kind = session_event_kind;

class connection_test : public fixture {
protected:
    session_settings client_session = settings_of(session_role::client);
    recorder client_handler;
    std::uint64_t submitted = 0;

    /// Submits until the window is full or `total` were submitted; tokens count up from 0.
    void fill(connection& client, std::uint64_t total) {
        const pdu request = make_pdu(0, a_submit());
        while (submitted < total && client.session().submit(request, submitted, connection::now()))
            ++submitted;
    }
    /// From now on every response is followed by the next request.
    void keep_full(std::uint64_t total) {
        client_handler.react = [this, total](connection& client, const session_event& event) {
            if (event.kind == kind::response) fill(client, total);
        };
    }
    void exchange(connection& client, std::uint64_t total) {
        keep_full(total);
        fill(client, total);
        client.kick();
        run_until([&] { return client_handler.answered.size() == total || client_handler.closed; });
        EXPECT_EQ(submitted, total);
        for (const auto& [token, count] : client_handler.answered)
            ASSERT_EQ(count, 1) << token;
        EXPECT_FALSE(client_handler.closed);
    }
    void unbind_both(connection& client) {
        client.session().unbind(connection::now());
        client.kick();
        run_until([&] { return client_handler.closed && server_handlers.at(0)->closed; });
        EXPECT_EQ(client_handler.closed, close_reason::unbound);
        EXPECT_EQ(server_handlers.at(0)->closed, close_reason::unbound);
    }
};

TEST_F(connection_test, ten_thousand_submits_with_a_window_of_100) {
    listen();
    const auto client = dial(client_handler, client_session);
    ASSERT_TRUE(client);
    bind(*client);
    exchange(*client, 10000);
    EXPECT_EQ(server_handlers.at(0)->counts[kind::request], 10000);
    EXPECT_EQ(client->bytes_written(), server_connections.at(0)->bytes_read());
    EXPECT_EQ(client->bytes_read(), server_connections.at(0)->bytes_written());
    unbind_both(*client);
    // The leases of the streams end with the connections.
    server_connections.clear();
    run_until([&] { return door->open_connections() == 0; });
}

TEST_F(connection_test, the_same_over_tls_and_its_end_is_clean) {
    const certificate own;
    const auto server_context = own.server();
    const auto client_context = own.client();
    listen({.tls = server_context.get()});
    const auto client =
        dial(client_handler, client_session, {.host = "localhost", .tls = client_context.get()});
    ASSERT_TRUE(client) << connect_error.message();
    EXPECT_TRUE(client->is_tls());
    bind(*client);
    exchange(*client, 2000);
    unbind_both(*client);
    const std::weak_ptr<connection> server = server_connections.at(0);
    server_connections.clear();
    run_until([&] { return server.expired(); });
    EXPECT_EQ(door->open_connections(), 0U);
}

TEST_F(connection_test, close_in_the_middle_tells_what_is_unanswered) {
    listen();
    const auto client = dial(client_handler, client_session);
    ASSERT_TRUE(client);
    bind(*client);
    client_handler.react = [this](connection& from, const session_event& event) {
        if (event.kind == kind::response) fill(from, 1000);
        if (client_handler.answered.size() == 300) from.close();
    };
    fill(*client, 1000);
    client->kick();
    run_until([&] { return client_handler.closed && server_handlers.at(0)->closed; });
    EXPECT_EQ(client_handler.closed, close_reason::local);
    EXPECT_EQ(server_handlers.at(0)->closed, close_reason::peer_closed);
    EXPECT_EQ(client_handler.answered.size() + client_handler.failed.size(), submitted);
    EXPECT_EQ(client_handler.counts[kind::closed], 1);
    bool waiting = false;
    for (const auto& [token, failure] : client_handler.failed) {
        EXPECT_EQ(client_handler.answered.count(token), 0U);
        // What was handed over last can only be waiting; order is kept.
        if (waiting) EXPECT_EQ(failure, request_failure::closed_waiting) << token;
        waiting = failure == request_failure::closed_waiting;
    }
    EXPECT_TRUE(waiting) << "what was submitted just before close() was not handed over";
    settle();
}

TEST_F(connection_test, a_request_that_was_never_kicked_is_waiting_when_closed) {
    listen();
    server_react = [](connection& from, const session_event& event) {
        if (event.kind == kind::bind_requested) answer(from, event);
    };
    const auto client = dial(client_handler, client_session);
    ASSERT_TRUE(client);
    bind(*client);
    fill(*client, 1);
    client->kick();
    run_until([&] { return server_handlers.at(0)->counts[kind::request] == 1; });
    fill(*client, 2);
    client->close();
    EXPECT_FALSE(client_handler.closed) << "told from inside close()";
    run_until([&] { return client_handler.closed.has_value(); });
    const std::map<std::uint64_t, request_failure> expected{{0, request_failure::closed_unknown},
                                                            {1, request_failure::closed_waiting}};
    EXPECT_EQ(client_handler.failed, expected);
}

TEST_F(connection_test, answers_after_the_peers_unbind_arrive) {  // E20
    listen();
    std::vector<peer_request> pending;
    server_react = [&](connection& from, const session_event& event) {
        if (event.kind == kind::bind_requested) answer(from, event);
        if (event.kind == kind::request) pending.push_back(event.request());
    };
    const auto client = dial(client_handler, client_session);
    ASSERT_TRUE(client);
    bind(*client);
    // A raw unbind behind 50 submits: the session would wait, other clients do not.
    fill(*client, 50);
    client->kick();
    run_until([&] { return pending.size() == 50; });
    client->session().unbind(connection::now());
    connection& server = *server_connections.at(0);
    for (const peer_request& request : pending)
        EXPECT_TRUE(server.session().respond(request, submit_sm_resp{"x"}, {}, connection::now()));
    server.kick();
    run_until([&] { return client_handler.closed && server_handlers.at(0)->closed; });
    EXPECT_EQ(client_handler.answered.size(), 50U);
    EXPECT_EQ(client_handler.closed, close_reason::unbound);
}

TEST_F(connection_test, unbind_and_half_close_still_get_their_response) {  // E20
    listen();
    tcp::socket raw = raw_socket();
    octets bind_octets;
    ASSERT_TRUE(encode_bind(bind_octets));
    raw.send(asio::buffer(bind_octets));
    const octets answered = read(raw, [](const octets& got) { return got.size() >= 16; });
    ASSERT_EQ(answered.at(4), 0x80);
    raw.send(asio::buffer(header(command_id::unbind, command_status::esme_rok, 2)));
    raw.shutdown(tcp::socket::shutdown_send);
    EXPECT_EQ(read_to_end(raw), header(command_id::unbind_resp, command_status::esme_rok, 2));
    EXPECT_EQ(server_handlers.at(0)->closed, close_reason::unbound);
}

TEST_F(connection_test, garbage_gets_a_nack_and_the_end) {
    listen();
    for (const bool half_close : {false, true}) {
        tcp::socket raw = raw_socket();
        const std::string garbage = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
        raw.send(asio::buffer(garbage));
        if (half_close) raw.shutdown(tcp::socket::shutdown_send);
        EXPECT_EQ(read_to_end(raw),
                  header(command_id::generic_nack, command_status::esme_rinvcmdlen, 0x2e310d0a));
        EXPECT_EQ(server_handlers.back()->closed, close_reason::framing_error);
    }
}

TEST_F(connection_test, the_linger_ends_when_the_peer_never_closes) {
    server_connection.linger_timeout = 10ms;
    listen();
    tcp::socket raw = raw_socket();
    raw.send(
        asio::buffer(header(static_cast<command_id>(0), command_status::esme_rok, 0).data(), 1));
    raw.send(asio::buffer(octets{0, 0, 1}));
    (void)read_to_end(raw);
    const std::weak_ptr<connection> server = server_connections.at(0);
    server_connections.clear();
    run_until([&] { return server.expired(); });
}

TEST_F(connection_test, a_peer_that_does_not_read_is_not_read_and_loses_nothing) {
    server_session.output_bytes_max = 64 * 1024;
    server_send_buffer_bytes = 8 * 1024;
    listen();
    tcp::socket raw = raw_socket(8 * 1024);
    const octets ask = header(command_id::enquire_link, command_status::esme_rok, 7);
    octets burst;
    for (int i = 0; i < 1000; ++i)
        burst.insert(burst.end(), ask.begin(), ask.end());
    std::size_t sent = 0;
    // Until neither side takes any more.
    const auto push = [&](std::size_t limit) {
        while (sent < limit) {
            boost::system::error_code error;
            const std::size_t at = sent % burst.size();
            const std::size_t count = raw.write_some(
                asio::buffer(burst.data() + at, std::min(burst.size() - at, limit - sent)), error);
            if (error) break;
            sent += count;
        }
    };
    constexpr std::size_t endless = 1ULL << 40;
    run_until([&] {
        push(endless);
        return !server_connections.empty() && !server_connections[0]->session().wants_input();
    });
    connection& server = *server_connections.at(0);
    settle();
    const std::uint64_t stuck = server.bytes_read();
    push(endless);
    settle();
    EXPECT_EQ(server.bytes_read(), stuck);
    // Answers wait for at most the limit and one read beyond it.
    EXPECT_LE(stuck - server.bytes_written(), (64 + 16) * 1024U);

    const std::size_t total = sent + (16 - sent % 16) % 16;
    const octets answers = read(raw, [&](const octets& got) {
        push(total);
        return got.size() >= total;
    });
    ASSERT_EQ(answers.size(), total);
    const octets expected = header(command_id::enquire_link_resp, command_status::esme_rok, 7);
    for (std::size_t at = 0; at < total; at += 16) {
        ASSERT_TRUE(std::equal(expected.begin(), expected.end(),
                               answers.begin() + static_cast<std::ptrdiff_t>(at)));
    }
}

TEST_F(connection_test, a_handler_that_dies_first_is_never_called) {
    listen();
    auto mortal = std::make_unique<recorder>();
    auto client = dial(*mortal, client_session);
    ASSERT_TRUE(client);
    bind(*client);
    fill(*client, 50);
    client->kick();
    client->detach();
    mortal.reset();
    run_until([&] { return server_handlers.at(0)->counts[kind::request] == 50; });
    const std::weak_ptr<connection> watched = client;
    client->session().unbind(connection::now());
    client->kick();
    client.reset();
    run_until([&] { return server_handlers.at(0)->closed.has_value(); });
    EXPECT_EQ(server_handlers.at(0)->closed, close_reason::unbound);
    run_until([&] { return watched.expired(); });
}

TEST_F(connection_test, a_handler_that_throws_costs_its_own_session_only) {
    listen();
    recorder other;
    const auto client = dial(client_handler, client_session);
    const auto second = dial(other, client_session);
    ASSERT_TRUE(client && second);
    bind(*client);
    bind(*second);
    server_handlers.at(0)->react = [](connection&, const session_event&) {
        throw std::runtime_error("a bug");
    };
    fill(*client, 1);
    client->kick();
    run_until([&] { return client_handler.closed.has_value(); });
    EXPECT_EQ(client_handler.closed, close_reason::peer_closed);
    settle();
    EXPECT_EQ(other.closed, std::nullopt);
    EXPECT_TRUE(second->session().is_bound());
}

TEST_F(connection_test, close_and_detach_from_inside_a_call) {
    listen();
    server_react = [](connection& from, const session_event& event) {
        if (from.session().is_closed()) return;
        answer(from, event);
        if (event.kind == kind::request) {
            from.detach();
            from.close();
        }
    };
    const auto client = dial(client_handler, client_session);
    ASSERT_TRUE(client);
    bind(*client);
    fill(*client, 10);
    client->kick();
    run_until([&] { return client_handler.closed.has_value(); });
    EXPECT_EQ(client_handler.closed, close_reason::peer_closed);
    EXPECT_EQ(client_handler.failed.size() + client_handler.answered.size(), 10U);
    settle();
    EXPECT_EQ(server_handlers.at(0)->closed, std::nullopt) << "detached before";
}

TEST_F(connection_test, the_sessions_timers_are_driven) {
    server_session.session_init_timeout = 5ms;
    listen();
    tcp::socket silent = raw_socket();
    EXPECT_EQ(read_to_end(silent), octets{});
    EXPECT_EQ(server_handlers.at(0)->closed, close_reason::session_init_timeout);

    server_session.session_init_timeout = 30s;
    server_session.enquire_link_interval = 5ms;
    server_session.response_timeout = 5ms;
    tcp::socket raw = raw_socket();
    octets bind_octets;
    ASSERT_TRUE(encode_bind(bind_octets));
    raw.send(asio::buffer(bind_octets));
    const octets got = read_to_end(raw);
    const octets asked = header(command_id::enquire_link, command_status::esme_rok, 1);
    ASSERT_GE(got.size(), 16U);
    EXPECT_TRUE(std::equal(asked.begin(), asked.end(), got.end() - 16));
    EXPECT_EQ(server_handlers.at(1)->closed, close_reason::enquire_link_timeout);
}

}  // namespace
}  // namespace hikyaku::smpp::io::test
