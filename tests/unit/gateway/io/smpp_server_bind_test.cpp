// Binds at the level of real sockets: who is let in, with which status the others are refused, and
// how many. The names begin with the point of the list of what real clients rely on (docs/smpp.md).
#include <boost/asio/write.hpp>
#include <future>
#include <string>

#include "tests/unit/gateway/io/smpp_server_fixture.hpp"

namespace hikyaku::gateway::io::testing_support {
namespace {

class smpp_server_bind : public smpp_world {
protected:
    command_status try_bind(const application::bind_options& options) {
        return connect()->bind(options).status();
    }
    config::account& shop() { return settings.accounts[0]; }
    static config::network network(std::array<std::uint8_t, 16> bytes, std::uint8_t bits) {
        config::network made;
        made.bytes = bytes;
        made.prefix_bits = bits;
        return made;
    }
};

TEST_F(smpp_server_bind, e04_credential_errors_and_temporary_refusals_differ) {
    settings.accounts[1].networks = {network({10}, 8)};
    shop().transceivers_max = 1;
    start();
    EXPECT_EQ(try_bind({.system_id = "nobody"}), command_status::esme_rinvpaswd);
    EXPECT_EQ(try_bind({.password = "wrong"}), command_status::esme_rinvpaswd);
    EXPECT_EQ(try_bind({.system_id = "bank"}), command_status::esme_rbindfail);
    const auto first = bound();
    EXPECT_EQ(try_bind({}), command_status::esme_rbindfail);
    is_draining = true;
    EXPECT_EQ(try_bind({.system_id = "bank"}), command_status::esme_rsyserr);
    EXPECT_EQ(server->counters().binds, 1U);
    EXPECT_EQ(server->counters().binds_wrong_password, 2U);
    EXPECT_EQ(server->counters().binds_refused, 5U);
}

TEST_F(smpp_server_bind, e04_too_many_binds_may_be_answered_ralybnd) {
    settings.smpp.too_many_binds_as_bound = true;
    shop().sessions_max = 1;
    start();
    const auto first = bound();
    EXPECT_EQ(try_bind({}), command_status::esme_ralybnd);
}

TEST_F(smpp_server_bind, e04_a_flood_of_passwords_is_a_temporary_refusal) {
    passwords_waiting_max = 0;
    start();
    EXPECT_EQ(try_bind({}), command_status::esme_rbindfail);
    EXPECT_EQ(server->counters().binds_wrong_password, 0U);
}

TEST_F(smpp_server_bind, e04_a_refused_client_may_try_again_on_the_same_connection) {
    start();
    const auto client = connect();
    EXPECT_EQ(client->bind({.password = "wrong"}).status(), command_status::esme_rinvpaswd);
    EXPECT_EQ(client->bind().status(), command_status::esme_rok);
    EXPECT_FALSE(client->submit_and_read_id().empty());
}

TEST_F(smpp_server_bind, e05_long_system_ids_and_passwords_are_accepted_and_always_answered) {
    shop().system_id = "shop-with-a-very-long-name";
    shop().password_hash.clear();
    shop().password = "a password that is much longer than eight";
    start();
    EXPECT_EQ(try_bind({.system_id = shop().system_id, .password = shop().password}),
              command_status::esme_rok);
    EXPECT_EQ(try_bind({.system_id = shop().system_id, .password = "a passwo"}),
              command_status::esme_rinvpaswd);  // not cut to eight
    // Beyond every cap there is still an answer, and the connection stays.
    const auto client = connect();
    octets raw{0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 1};
    raw.insert(raw.end(), 2000, 'x');
    raw.insert(raw.end(), {0, 0, 0, 0x34, 0, 0, 0});
    raw[2] = static_cast<std::uint8_t>(raw.size() >> 8U);
    raw[3] = static_cast<std::uint8_t>(raw.size());
    client->send(raw);
    const auto answer = client->expect(command_id::bind_transceiver_resp);
    EXPECT_NE(answer.status(), command_status::esme_rok);
    EXPECT_EQ(answer.sequence(), 1U);
    EXPECT_FALSE(client->ended());
}

TEST_F(smpp_server_bind, e06_before_the_bind_requests_are_refused_and_links_enquired) {
    start();
    const auto client = connect();
    client->submit();
    EXPECT_EQ(client->expect(command_id::submit_sm_resp).status(), command_status::esme_rinvbndsts);
    client->send(smpp::enquire_link{});
    EXPECT_EQ(client->expect(command_id::enquire_link_resp).status(), command_status::esme_rok);
    EXPECT_EQ(client->bind().status(), command_status::esme_rok);
    EXPECT_EQ(client->bind().status(), command_status::esme_ralybnd);
    EXPECT_FALSE(client->submit_and_read_id().empty());  // the session is kept
}

TEST_F(smpp_server_bind, e07_limits_by_type_and_in_total) {
    shop().transmitters_max = 2;
    shop().receivers_max = 1;
    shop().transceivers_max = 1;
    shop().sessions_max = 3;
    start();
    const auto first = bound({.kind = command_id::bind_transmitter});
    const auto second = bound({.kind = command_id::bind_transmitter});
    EXPECT_EQ(try_bind({.kind = command_id::bind_transmitter}), command_status::esme_rbindfail);
    auto third = bound({.kind = command_id::bind_receiver});
    EXPECT_EQ(try_bind({.kind = command_id::bind_receiver}), command_status::esme_rbindfail);
    EXPECT_EQ(try_bind({}), command_status::esme_rbindfail);  // one of its kind, but the fourth
    third.reset();
    run_until([&] { return server->sessions().size() == 2; });
    EXPECT_EQ(try_bind({}), command_status::esme_rok);
    EXPECT_EQ(try_bind({.system_id = "bank"}), command_status::esme_rok);  // others have their own
}

TEST_F(smpp_server_bind, e07_the_server_has_a_limit_of_its_own) {
    settings.smpp.sessions_max = 1;
    start();
    const auto first = bound();
    EXPECT_EQ(try_bind({.system_id = "bank"}), command_status::esme_rbindfail);
}

TEST_F(smpp_server_bind, b24_a_silent_session_is_evicted_while_the_new_bind_waits) {
    shop().transceivers_max = 1;
    start();
    const auto dead = bound();
    dead->fall_silent();
    const auto client = connect();
    EXPECT_EQ(client->bind().status(), command_status::esme_rok);
    EXPECT_EQ(server->counters().evicted, 1U);
    EXPECT_EQ(server->counters().binds_waited, 1U);
    EXPECT_EQ(server->counters().binds_refused, 0U);
    EXPECT_FALSE(client->submit_and_read_id().empty());
    EXPECT_EQ(core().accounts()[0].sessions, 1U);
}

TEST_F(smpp_server_bind, b24_sessions_that_answer_are_kept_and_the_new_bind_is_refused_soon) {
    timing.probe = 10s;  // far beyond what this test may take
    shop().transceivers_max = 1;
    start();
    const auto alive = bound();
    const auto client = connect();
    client->send_bind({});
    EXPECT_EQ(client->expect(command_id::bind_transceiver_resp).status(),
              command_status::esme_rbindfail);
    // It is told to come back, and can: on the same connection as soon as there is a place.
    alive->send(smpp::unbind{});
    alive->expect(command_id::unbind_resp);
    run_until([&] { return core().accounts()[0].sessions == 0; });
    EXPECT_EQ(client->bind().status(), command_status::esme_rok);
    EXPECT_EQ(server->counters().evicted, 0U);
}

TEST_F(smpp_server_bind, b24_places_go_to_those_who_wait_longest) {
    shop().transceivers_max = 2;
    start();
    const auto dead_one = bound();
    const auto dead_two = bound();
    dead_one->fall_silent();
    dead_two->fall_silent();
    const auto first = connect();
    const auto second = connect();
    const auto third = connect();
    first->send_bind({});
    run_until([&] { return server->counters().binds_waited == 1; });
    second->send_bind({});
    run_until([&] { return server->counters().binds_waited == 2; });
    third->send_bind({});
    const auto status_of_bind = [](application& of) {
        return of.expect(command_id::bind_transceiver_resp).status();
    };
    EXPECT_EQ(status_of_bind(*first), command_status::esme_rok);
    EXPECT_EQ(status_of_bind(*second), command_status::esme_rok);
    EXPECT_EQ(status_of_bind(*third), command_status::esme_rbindfail);
    EXPECT_EQ(server->counters().evicted, 2U);
}

TEST_F(smpp_server_bind, e12_one_octet_at_a_time_and_many_pdus_at_once) {
    start();
    const auto client = connect();
    smpp::bind_request request;
    request.system_id = "shop";
    request.password = "secret";
    octets bytes;
    ASSERT_TRUE(
        smpp::encode(bytes, command_id::bind_transceiver, command_status::esme_rok, 1, request));
    for (const auto one : bytes) {
        client->send(octets{one});
        settle();
    }
    EXPECT_EQ(client->expect(command_id::bind_transceiver_resp).status(), command_status::esme_rok);
    for (int i = 0; i < 50; ++i)
        client->submit();
    for (int i = 0; i < 50; ++i)
        EXPECT_EQ(client->expect(command_id::submit_sm_resp).status(), command_status::esme_rok);
}

// Versions.

TEST_F(smpp_server_bind, e02_each_client_gets_the_version_it_speaks) {
    struct version_case {
        std::uint8_t asked, spoken;
    };
    start();
    for (const auto& one :
         {version_case{0x00, 0x34}, version_case{0x31, 0x34}, version_case{0x33, 0x33},
          version_case{0x34, 0x34}, version_case{0x35, 0x34}, version_case{0x50, 0x50}}) {
        const auto client = connect();
        const auto response = client->bind({.version = one.asked});
        EXPECT_EQ(response.status(), command_status::esme_rok);
        const auto told = response.value.tlvs.u8(smpp::tag::sc_interface_version);
        if (one.spoken == 0x33)
            EXPECT_TRUE(response.value.tlvs.empty()) << int{one.asked};
        else
            EXPECT_EQ(told, one.spoken) << int{one.asked};
        EXPECT_EQ(server->sessions().at(0).version, one.spoken);
        client->close();
        run_until([&] { return server->connections() == 0; });
    }
}

TEST_F(smpp_server_bind, version_max_is_the_highest_spoken) {
    settings.smpp.version_max = 0x34;
    start();
    const auto client = connect();
    EXPECT_EQ(client->bind({.version = 0x50}).value.tlvs.u8(smpp::tag::sc_interface_version), 0x34);
}

TEST_F(smpp_server_bind, e12a_a_client_of_3_3_gets_short_ids_and_no_tlvs) {
    start();
    carrier_up();
    const auto client = bound({.version = 0x33});
    const auto id = client->submit_and_read_id();
    EXPECT_GE(id.size(), 1U);
    EXPECT_LE(id.size(), 8U);
    run_until([&] { return segments.size() == 1; });
    carrier_accepts(segments[0], "c-1");
    carrier_receipt("c-1");
    const auto receipt = client->expect(command_id::deliver_sm);
    EXPECT_TRUE(receipt.value.tlvs.empty());
    EXPECT_TRUE(receipt.text().starts_with("id:" + id + " sub:001")) << receipt.text();
    smpp::query_sm query;
    query.message_id = id;
    query.source_addr_ton = 5;
    query.source_addr = "Shop";
    client->send(query);
    const auto answer = client->expect(command_id::query_sm_resp);
    EXPECT_EQ(answer.status(), command_status::esme_rok);
    EXPECT_EQ(answer.body<smpp::query_sm_resp>().message_id, id);
}

// Lockout.

TEST_F(smpp_server_bind, lockout_after_wrong_passwords_without_hashing) {
    settings.smpp.lockout.failures_max = 3;
    start();
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(try_bind({.password = "wrong"}), command_status::esme_rinvpaswd);
    EXPECT_EQ(server->counters().lockouts, 1U);
    EXPECT_EQ(server->locked_out(), 1U);
    const auto hashed = passwords->hashed();
    EXPECT_EQ(try_bind({.password = "wrong"}), command_status::esme_rbindfail);
    EXPECT_EQ(try_bind({}), command_status::esme_rbindfail);  // temporary: it may come back
    EXPECT_EQ(passwords->hashed(), hashed);
    EXPECT_EQ(server->counters().binds_locked_out, 2U);
    EXPECT_EQ(server->counters().lockouts, 1U);
}

TEST_F(smpp_server_bind, lockout_is_cleared_by_a_right_password) {
    settings.smpp.lockout.failures_max = 2;
    start();
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(try_bind({.password = "wrong"}), command_status::esme_rinvpaswd);
        EXPECT_EQ(try_bind({}), command_status::esme_rok);
    }
    EXPECT_EQ(server->counters().lockouts, 0U);
}

// Several passwords of an address are with the pool when the first answer locks it.
TEST_F(smpp_server_bind, binds_under_way_while_the_first_one_locks) {
    settings.smpp.lockout.failures_max = 1;
    std::promise<void> all_sent;
    before_password_check = [sent = all_sent.get_future().share()] { sent.wait(); };
    start();
    std::vector<std::unique_ptr<application>> clients;
    for (int i = 0; i < 3; ++i)
        clients.push_back(connect());
    for (const auto& each : clients)
        each->send_bind({.password = "wrong"});
    run_until([&] { return passwords->waiting() == clients.size(); });
    EXPECT_EQ(server->locked_out(), 0U);
    all_sent.set_value();
    std::vector<command_status> statuses;
    for (const auto& each : clients)
        statuses.push_back(each->expect(command_id::bind_transceiver_resp).status());
    EXPECT_EQ(std::ranges::count(statuses, command_status::esme_rinvpaswd), 1);
    EXPECT_EQ(std::ranges::count(statuses, command_status::esme_rbindfail), 2);
    EXPECT_EQ(passwords->hashed(), 3U);
    EXPECT_EQ(server->counters().binds_wrong_password, 1U);
    EXPECT_EQ(server->counters().binds_locked_out, 2U);
    EXPECT_EQ(server->counters().lockouts, 1U);
    EXPECT_EQ(server->locked_out(), 1U);
}

TEST_F(smpp_server_bind, a_wrong_name_locks_as_a_wrong_password_does) {
    settings.smpp.lockout.failures_max = 3;
    start();
    for (const char* name : {"nobody", "shop", "nobody"})
        EXPECT_EQ(try_bind({.system_id = name, .password = "wrong"}),
                  command_status::esme_rinvpaswd);
    EXPECT_EQ(try_bind({}), command_status::esme_rbindfail);
    EXPECT_EQ(server->counters().lockouts, 1U);
}

TEST_F(smpp_server_bind, lockout_is_not_cleared_by_the_right_password_of_another) {
    settings.smpp.lockout.failures_max = 4;
    start();
    for (const char* name : {"bank", "shop", "shop"})  // a victim's, and two of one's own
        EXPECT_EQ(try_bind({.system_id = name, .password = "wrong"}),
                  command_status::esme_rinvpaswd);
    EXPECT_EQ(try_bind({}), command_status::esme_rok);
    EXPECT_EQ(try_bind({.system_id = "bank", .password = "wrong"}), command_status::esme_rinvpaswd);
    EXPECT_EQ(try_bind({}), command_status::esme_rbindfail);
}

TEST_F(smpp_server_bind, lockout_spares_exempt_networks) {
    settings.smpp.lockout.failures_max = 1;
    settings.smpp.lockout.exempt = {network({127}, 8)};
    start();
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(try_bind({.password = "wrong"}), command_status::esme_rinvpaswd);
    EXPECT_EQ(try_bind({}), command_status::esme_rok);
}

// Balancers.

class smpp_server_balanced : public smpp_server_bind {
protected:
    smpp_server_balanced() { settings.smpp.proxy_protocol = {network({127}, 8)}; }
    std::unique_ptr<application> connect_for(const std::string& client) {
        auto made = connect();
        const auto header = "PROXY TCP4 " + client + " 192.0.2.99 40000 2775\r\n";
        made->send(octets(header.begin(), header.end()));
        return made;
    }
};

TEST_F(smpp_server_balanced, e28_the_client_s_address_counts_for_networks_views_and_lockout) {
    shop().networks = {network({203, 0, 113, 0}, 24)};
    settings.smpp.lockout.failures_max = 1;
    start();
    EXPECT_EQ(connect_for("198.51.100.1")->bind().status(), command_status::esme_rbindfail);
    const auto client = connect_for("203.0.113.5");
    EXPECT_EQ(client->bind().status(), command_status::esme_rok);
    const auto rows = server->sessions();
    EXPECT_TRUE(std::any_of(rows.begin(), rows.end(),
                            [](const auto& row) { return row.peer == "203.0.113.5:40000"; }));
    EXPECT_EQ(connect_for("203.0.113.6")->bind({.password = "wrong"}).status(),
              command_status::esme_rinvpaswd);
    EXPECT_EQ(connect_for("203.0.113.6")->bind().status(), command_status::esme_rbindfail);
    EXPECT_EQ(connect_for("203.0.113.7")->bind().status(), command_status::esme_rok);
    EXPECT_EQ(server->counters().binds_locked_out, 1U);
}

TEST_F(smpp_server_balanced, e28_health_checks_are_only_counted) {
    start();
    const octets local{0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51,
                       0x55, 0x49, 0x54, 0x0A, 0x20, 0x00, 0x00, 0x00};
    for (int i = 0; i < 3; ++i) {
        const auto check = connect();
        check->send(local);
        run_until([&] { return server->listener_counters().proxy_local == i + 1U; });
        check->close();
    }
    run_until([&] { return server->counters().closed_unbound == 3; });
    EXPECT_EQ(server->connections(), 0U);
    EXPECT_EQ(server->counters().binds_refused, 0U);
}

TEST_F(smpp_server_bind, e28_a_connection_that_only_opens_and_closes_is_only_counted) {
    start();
    connect()->close();
    run_until([&] { return server->counters().closed_unbound == 1; });
    EXPECT_EQ(server->connections(), 0U);
}

// The end.

TEST_F(smpp_server_bind, e30_a_stop_refuses_finishes_and_unbinds) {
    start();
    const auto client = bound();
    const auto late = connect();
    const auto at = server->addresses().at(0).local;
    hold_commits = true;
    client->submit();
    run_until([&] { return server->sessions().size() == 2 && core().accounts()[0].queued == 1; });
    is_draining = true;
    core().begin_drain();
    server->stop_accepting();
    settle();
    EXPECT_EQ(late->bind().status(), command_status::esme_rsyserr);
    boost::asio::io_context other;
    smpp::io::tcp::socket refused(other);
    boost::system::error_code error;
    refused.connect(at, error);
    EXPECT_TRUE(error);
    server->unbind_all();
    settle();
    EXPECT_FALSE(client->has_pdu());  // the unbind waits for what was taken
    release_commits();
    EXPECT_EQ(client->expect(command_id::submit_sm_resp).status(), command_status::esme_rok);
    const auto unbind = client->expect(command_id::unbind);
    client->answer(unbind, smpp::unbind_resp{});
    run_until([&] { return client->ended() && late->ended(); });
    run_until([&] { return server->connections() == 0; });
}

}  // namespace
}  // namespace hikyaku::gateway::io::testing_support
