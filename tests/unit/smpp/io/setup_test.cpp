// Listener and connector: limits, time limits, certificates and the errors they report.
#include <boost/asio/ssl/error.hpp>

#include "tests/unit/smpp/io/harness.hpp"

namespace hikyaku::smpp::io::test {
namespace {

class setup_test : public fixture {
protected:
    session_settings client_session = settings_of(session_role::client);
    recorder handler;
};

TEST_F(setup_test, above_connections_max_connections_are_closed_at_once) {
    listen({.connections_max = 2});
    tcp::socket first = raw_socket();
    tcp::socket second = raw_socket();
    tcp::socket third = raw_socket();
    EXPECT_EQ(read_to_end(third), octets{});
    EXPECT_EQ(door->counters().refused, 1U);
    EXPECT_EQ(door->counters().accepted, 2U);
    EXPECT_EQ(door->open_connections(), 2U);
    // A place that becomes free is given away again.
    first.close();
    run_until([&] { return server_handlers.at(0)->closed.has_value(); });
    server_connections.erase(server_connections.begin());
    run_until([&] { return door->open_connections() == 1; });
    tcp::socket fourth = raw_socket();
    run_until([&] { return door->counters().accepted == 3; });
    EXPECT_EQ(door->counters().refused, 1U);
}

TEST_F(setup_test, a_busy_address_is_an_error) {
    listen();
    listener_settings settings;
    settings.endpoint = door->local();
    const auto again = listener::open(loop.get_executor(), settings, [](stream) {});
    ASSERT_FALSE(again.has_value());
    EXPECT_EQ(again.error(), asio::error::address_in_use);
}

TEST_F(setup_test, a_closed_listener_takes_nothing_more) {
    listen();
    door->close();
    settle();
    const auto client = dial(handler, client_session);
    EXPECT_FALSE(client);
    EXPECT_EQ(connect_error, asio::error::connection_refused);
    EXPECT_TRUE(server_connections.empty());
}

TEST_F(setup_test, a_handshake_that_never_comes_is_cut) {
    const certificate own;
    const auto context = own.server();
    std::string why;
    listen(
        {.tls = context.get(),
         .on_handshake_failed = [&](const tcp::endpoint&, const std::string& told) { why = told; },
         .handshake_timeout = 5ms});
    tcp::socket silent = raw_socket();
    EXPECT_EQ(read_to_end(silent), octets{});
    run_until([&] { return door->counters().handshake_errors == 1; });
    EXPECT_EQ(why, "not finished in time");
    EXPECT_EQ(door->open_connections(), 0U);
    EXPECT_TRUE(server_connections.empty());
}

TEST_F(setup_test, plain_text_to_a_tls_port_is_counted) {
    const certificate own;
    const auto context = own.server();
    listen({.tls = context.get()});
    tcp::socket raw = raw_socket();
    octets bind_octets;
    ASSERT_TRUE(encode_bind(bind_octets));
    raw.send(asio::buffer(bind_octets));
    (void)read_to_end(raw);
    EXPECT_EQ(door->counters().handshake_errors, 1U);
}

TEST_F(setup_test, certificates_are_verified_unless_told_otherwise) {
    const certificate own;
    const certificate foreign;
    const auto server_context = own.server();
    const auto trusting = own.client();
    const auto distrusting = foreign.client();
    listen({.tls = server_context.get()});
    EXPECT_TRUE(dial(handler, client_session, {.host = "127.0.0.1", .tls = trusting.get()}))
        << connect_error.message();
    recorder second;
    EXPECT_FALSE(dial(second, client_session, {.host = "127.0.0.1", .tls = distrusting.get()}));
    EXPECT_EQ(connect_error.category(), asio::error::get_ssl_category());
    EXPECT_EQ(connect_fault_seen.stage, connect_stage::tls);
    EXPECT_TRUE(connect_fault_seen.message().ends_with(": self-signed certificate"))
        << connect_fault_seen.message();
    recorder third;
    EXPECT_TRUE(dial(third, client_session,
                     {.host = "127.0.0.1", .tls = distrusting.get(), .verify = false}))
        << connect_error.message();
}

TEST_F(setup_test, a_certificate_for_another_name_is_refused) {
    const certificate own;
    const auto server_context = own.server();
    const auto trusting = own.client();
    listen({.tls = server_context.get()});
    // 127.0.0.2 is this machine too, but not what the certificate says.
    tcp::endpoint any(asio::ip::make_address("0.0.0.0"), 0);
    auto second = listener::open(loop.get_executor(),
                                 {.endpoint = any, .tls = server_context.get()}, [](stream) {});
    ASSERT_TRUE(second.has_value());
    (*second)->start();
    door = *second;
    EXPECT_FALSE(dial(handler, client_session, {.host = "127.0.0.2", .tls = trusting.get()}));
    EXPECT_EQ(connect_error.category(), asio::error::get_ssl_category());
    EXPECT_TRUE(connect_fault_seen.message().ends_with(": not made out for 127.0.0.2"))
        << connect_fault_seen.message();
}

TEST_F(setup_test, a_server_that_never_shakes_hands_times_out) {
    // Plain, and patient: the client's hello looks like a very long PDU.
    server_session.pdu_bytes_max = 1ULL << 31;
    listen();
    const certificate own;
    const auto context = own.client();
    EXPECT_FALSE(dial(handler, client_session,
                      {.host = "127.0.0.1", .tls = context.get(), .timeout = 20ms}));
    EXPECT_EQ(connect_error, asio::error::timed_out);
    EXPECT_EQ(connect_fault_seen.stage, connect_stage::tls);
    EXPECT_EQ(connect_fault_seen.detail, "") << "no certificate has come";
}

TEST_F(setup_test, a_port_where_nobody_listens_is_told_from_a_name_that_nobody_knows) {
    listen();
    const auto port = door->local().port();
    door->close();
    door.reset();
    EXPECT_FALSE(dial(handler, client_session, {.host = "127.0.0.1", .port = port}));
    EXPECT_EQ(connect_fault_seen.stage, connect_stage::connect);
    EXPECT_EQ(connect_error, asio::error::connection_refused);
}

TEST_F(setup_test, an_unknown_host_is_an_error) {
    EXPECT_FALSE(dial(handler, client_session, {.host = "no such host", .port = 1}));
    EXPECT_TRUE(connect_error);
    EXPECT_NE(connect_error, asio::error::connection_refused);
    EXPECT_EQ(connect_fault_seen.stage, connect_stage::resolve);
}

}  // namespace
}  // namespace hikyaku::smpp::io::test
