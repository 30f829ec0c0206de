// The gateway calls an application (outbind): when, how often, and what becomes of the connection.
#include "gateway/io/smpp_outbind.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <optional>

#include "tests/unit/gateway/io/certificates.hpp"
#include "tests/unit/gateway/io/smpp_server_fixture.hpp"

namespace hikyaku::gateway::io::testing_support {
namespace {

using smpp::io::tcp;
namespace ssl = boost::asio::ssl;

TEST(outbind_pause, doubles_up_to_sixteen_times_or_an_hour) {
    EXPECT_EQ(outbind_pause(60s, 0), 60s);
    EXPECT_EQ(outbind_pause(60s, 1), 120s);
    EXPECT_EQ(outbind_pause(60s, 4), 960s);
    EXPECT_EQ(outbind_pause(60s, 400), 960s);
    EXPECT_EQ(outbind_pause(600s, 4), 3600s);
    EXPECT_EQ(outbind_pause(7200s, 3), 7200s);
}

class smpp_outbinds : public smpp_world {
protected:
    smpp_outbinds() {
        auto& outbind = settings.accounts[0].outbind.emplace();
        outbind.host = {"127.0.0.1", door.local_endpoint().port()};
        outbind.password = "called";
        outbind.interval = 0s;
        settings.smpp.system_id = "the-gateway";
    }
    /// Puts a receipt into the outbox of the account.
    void something_waits() {
        carrier_up();
        const auto sender = bound({.kind = command_id::bind_transmitter});
        sender->submit_and_read_id();
        run_until([&] { return segments.size() == 1; });
        carrier_accepts(segments[0], "c-1");
        carrier_receipt("c-1");
        run_until([&] { return core().accounts()[0].outbox_smpp == 1; });
    }
    /// The next call that comes to the application.
    std::unique_ptr<application> called() {
        std::optional<tcp::socket> socket;
        door.async_accept([&](boost::system::error_code error, tcp::socket accepted) {
            if (!error) socket.emplace(std::move(accepted));
        });
        run_until([&] { return socket.has_value(); });
        return std::make_unique<application>(*this, smpp::io::stream(std::move(*socket)));
    }

    tcp::acceptor door{loop, {boost::asio::ip::make_address("127.0.0.1"), 0}};
};

TEST_F(smpp_outbinds, an_application_is_called_binds_and_gets_what_waits) {
    start();
    something_waits();
    const auto client = called();
    const auto outbind = client->expect(command_id::outbind);
    EXPECT_EQ(outbind.body<smpp::outbind>().system_id, "the-gateway");
    EXPECT_EQ(outbind.body<smpp::outbind>().password, "called");
    EXPECT_EQ(client->bind({.kind = command_id::bind_receiver}).status(), command_status::esme_rok);
    const auto receipt = client->expect(command_id::deliver_sm);
    client->answer(receipt, smpp::deliver_sm_resp{});
    run_until([&] { return core().accounts()[0].outbox_smpp == 0; });
    EXPECT_EQ(server->counters().outbinds, 1U);
    EXPECT_EQ(server->counters().outbinds_bound, 1U);
    EXPECT_EQ(server->counters().outbinds_failed, 0U);
    client->close();
    run_until([&] { return core().accounts()[0].sessions == 0; });
    settle();
    EXPECT_EQ(server->counters().outbinds, 1U);  // nothing waits any more
}

TEST_F(smpp_outbinds, nobody_is_called_without_need) {
    start();
    settle();
    EXPECT_EQ(server->counters().outbinds, 0U);  // nothing waits
    const auto receiver = bound({.kind = command_id::bind_receiver});
    something_waits();
    settle();
    EXPECT_EQ(server->counters().outbinds, 0U);  // it has been told to the receiver
}

TEST_F(smpp_outbinds, the_bind_is_checked_as_any_other) {
    start();
    something_waits();
    const auto client = called();
    client->expect(command_id::outbind);
    EXPECT_EQ(client->bind({.kind = command_id::bind_receiver, .password = "wrong"}).status(),
              command_status::esme_rinvpaswd);
    EXPECT_EQ(client->bind({.kind = command_id::bind_receiver}).status(), command_status::esme_rok);
}

TEST_F(smpp_outbinds, at_most_one_connection_and_a_new_call_after_a_failure) {
    start();
    something_waits();
    auto first = called();
    first->expect(command_id::outbind);
    settle();
    EXPECT_EQ(server->counters().outbinds, 1U);
    first->close();
    run_until([&] { return server->counters().outbinds_failed == 1; });
    const auto second = called();
    second->expect(command_id::outbind);
    EXPECT_EQ(server->counters().outbinds, 2U);
}

TEST_F(smpp_outbinds, an_application_that_does_not_listen_is_a_failure) {
    door.close();
    start();
    something_waits();
    run_until([&] { return server->counters().outbinds_failed >= 2; });
    EXPECT_EQ(server->counters().outbinds, 0U);
}

TEST_F(smpp_outbinds, nobody_is_called_while_the_server_stops) {
    start();
    server->stop_accepting();
    carrier_up();
    EXPECT_EQ(server->counters().outbinds, 0U);
    settle();
    EXPECT_EQ(server->counters().outbinds + server->counters().outbinds_failed, 0U);
}

TEST_F(smpp_outbinds, over_tls_the_application_s_certificate_is_checked) {
    pem_folder files;
    const auto authority = make_identity("authority", {}, nullptr, true);
    const auto own = files.write("own", make_identity("127.0.0.1", "IP:127.0.0.1", &authority));
    settings.accounts[0].outbind->tls = true;
    settings.smpp.tls.emplace();
    settings.smpp.tls->client_ca = files.write("ca", authority).certificate;
    start();
    something_waits();
    ssl::context context(ssl::context::tls_server);
    context.use_certificate_chain_file(own.certificate);
    context.use_private_key_file(own.private_key, ssl::context::pem);
    smpp::io::tls_stream secured(loop, context);
    bool done = false;
    boost::system::error_code failed;
    door.async_accept(
        secured.next_layer(),
        [&](boost::system::error_code) {
            secured.async_handshake(
                ssl::stream_base::server,
                [&](boost::system::error_code error) {
                    failed = error;
                    done = true;
                });
        });
    run_until([&] { return done; });
    ASSERT_FALSE(failed) << failed.message();
    application client(*this, smpp::io::stream(std::move(secured)));
    client.expect(command_id::outbind);
    EXPECT_EQ(client.bind({.kind = command_id::bind_receiver}).status(), command_status::esme_rok);
}

}  // namespace
}  // namespace hikyaku::gateway::io::testing_support
