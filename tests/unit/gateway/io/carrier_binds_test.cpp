// Binding to carriers over real sockets: versions, kinds, counts, hosts, TLS, outbind, and what a
// carrier may ask of us.
#include <gmock/gmock.h>

#include "tests/unit/gateway/io/certificates.hpp"
#include "tests/unit/gateway/io/smsc_fixture.hpp"

namespace hikyaku::gateway::io {
namespace {

using namespace std::chrono_literals;
using namespace testing_support;
using ::testing::ElementsAre;

class carrier_binds : public carrier_world {};

std::string one_tlv(std::uint16_t tag, std::string_view value) {
    std::vector<std::uint8_t> bytes;
    smpp::tlv_writer(bytes).octets(
        tag, {reinterpret_cast<const std::uint8_t*>(value.data()), value.size()});
    return {bytes.begin(), bytes.end()};
}

class versions : public carrier_world,
                 public ::testing::WithParamInterface<std::pair<std::uint8_t, std::uint8_t>> {};

// We bind with the version of the configuration; what the carrier's sc_interface_version leaves of
// it decides whether TLVs are sent.
TEST_P(versions, decide_about_tlvs) {
    const auto [ours, theirs] = GetParam();
    alpha().version = ours;
    start();
    auto link = accept();
    const auto bind = link->accept_bind(theirs);
    EXPECT_EQ(bind.body<smpp::bind_request>().interface_version, ours);
    submit("Hello", one_tlv(0x1400, "1101"));
    const auto segment = link->expect(command_id::submit_sm);
    const bool tlvs = ours >= 0x34 && (theirs == 0 || theirs >= 0x34);
    EXPECT_EQ(segment.value.tlvs.find(0x1400).has_value(), tlvs);
    EXPECT_EQ(segment.body<smpp::submit_sm>().destination_addr, "819012345678");
}

INSTANTIATE_TEST_SUITE_P(of_both_sides, versions,
                         ::testing::Values(std::pair{0x33, 0}, std::pair{0x33, 0x34},
                                           std::pair{0x34, 0}, std::pair{0x34, 0x33},
                                           std::pair{0x34, 0x34}, std::pair{0x34, 0x50},
                                           std::pair{0x50, 0}, std::pair{0x50, 0x34},
                                           std::pair{0x50, 0x50}));

TEST_F(carrier_binds, a_text_that_hangs_together_by_tlvs_is_not_torn_for_3_3) {
    start();
    auto link = bound(0x33);
    const auto part = submit("part", one_tlv(smpp::tag::sar_total_segments, "\x02"));
    run_until([&] { return state_of(part) == State::rejected; });
    EXPECT_EQ(view(part).segments[0].error,
              static_cast<std::uint32_t>(command_status::esme_rtlvnotallwd));
    settle();
    EXPECT_FALSE(link->has_pdu());
}

TEST_F(carrier_binds, what_3_3_cannot_carry_is_a_named_fault) {
    alpha().version = 0x33;
    alpha().text.segmentation = config::segmentation::sar;
    EXPECT_THAT(fault_at_start(), ::testing::StartsWith("carrier alpha: text.segmentation needs"));
}

TEST_F(carrier_binds, of_every_kind_and_number) {
    struct row {
        config::bind_type type;
        std::vector<command_id> binds;
    };
    using enum command_id;
    for (const auto& [type, binds] :
         {row{config::bind_type::transceiver, {bind_transceiver, bind_transceiver}},
          row{config::bind_type::transmitter, {bind_transmitter, bind_transmitter}},
          row{config::bind_type::receiver, {bind_receiver, bind_receiver}},
          row{config::bind_type::transmitter_receiver,
              {bind_transmitter, bind_receiver, bind_transmitter, bind_receiver}}}) {
        alpha().bind = type;
        alpha().binds = 2;
        alpha().address_range = "^8190";
        start();
        std::vector<std::unique_ptr<smsc_link>> links;
        std::vector<command_id> seen;
        for (std::size_t i = 0; i < binds.size(); ++i) {
            links.push_back(accept());
            const auto bind = links.back()->accept_bind();
            seen.push_back(bind.command());
            EXPECT_EQ(bind.body<smpp::bind_request>().address_range,
                      bind.command() == bind_transmitter ? "" : "^8190");
        }
        EXPECT_THAT(seen, ::testing::UnorderedElementsAreArray(binds));
        EXPECT_EQ(carrier().binds_up, binds.size());
        carriers->stop();
        for (auto& link : links)
            link->close();
        run_until([&] { return carriers->quiet(); });
    }
}

TEST_F(carrier_binds, a_receiver_alone_sends_nothing) {
    alpha().bind = config::bind_type::receiver;
    start();
    auto link = bound();
    const auto id = submit();
    settle();
    EXPECT_FALSE(link->has_pdu());
    EXPECT_EQ(state_of(id), State::queued);
}

TEST_F(carrier_binds, hosts_are_tried_in_turn) {
    // A port on which nobody listens, then ours.
    tcp::acceptor closed(loop, {boost::asio::ip::address_v4::loopback(), 0});
    const auto nobody = closed.local_endpoint().port();
    closed.close();
    alpha().hosts.insert(alpha().hosts.begin(), {"127.0.0.1", nobody});
    alpha().reconnect_min = alpha().reconnect_max = 3600s;  // no pause between the hosts
    start();
    auto link = bound();
    EXPECT_EQ(binds().counters.connects_failed, 1U);
}

TEST_F(carrier_binds, comes_again_after_a_refused_bind) {
    start();
    auto first = accept();
    const auto bind = first->receive();
    first->send_raw(command_id::bind_transceiver_resp, command_status::esme_rbindfail,
                    bind.sequence());
    run_until([&] { return first->ended(); });
    EXPECT_EQ(binds().counters.binds_refused, 1U);
    auto second = bound();
}

// TLS.

class carrier_tls : public carrier_world {
protected:
    carrier_tls() {
        server_files_ = folder_.write("server", make_identity("smsc", "DNS:smsc.example"));
        client_files_ = folder_.write("client", make_identity("hikyaku"));
        context.use_certificate_chain_file(server_files_.certificate);
        context.use_private_key_file(server_files_.private_key, boost::asio::ssl::context::pem);
        alpha().tls = true;
        alpha().tls_ca = server_files_.certificate;
        alpha().tls_server_name = "smsc.example";
        alpha().reconnect_min = alpha().reconnect_max = 3600s;
    }
    void demand_certificate() {
        context.load_verify_file(client_files_.certificate);
        context.set_verify_mode(boost::asio::ssl::verify_peer |
                                boost::asio::ssl::verify_fail_if_no_peer_cert);
    }

    pem_folder folder_;
    config::tls_files server_files_, client_files_;
    boost::asio::ssl::context context{boost::asio::ssl::context::tls_server};
};

TEST_F(carrier_tls, the_name_is_asked_for_and_checked) {
    start();
    auto link = accept_tls(context);
    ASSERT_NE(link, nullptr) << tls_error.message();
    EXPECT_EQ(link->server_name(), "smsc.example");
    link->accept_bind();
}

TEST_F(carrier_tls, another_name_is_not_accepted) {
    alpha().tls_server_name = "other.example";
    start();
    auto link = accept_tls(context);
    // The client ends the handshake, or the session right after it.
    run_until([&] { return binds().counters.connects_failed == 1; });
    EXPECT_EQ(binds().counters.binds, 0U);
    const auto* const end = carriers->last_end("alpha");
    ASSERT_NE(end, nullptr);
    EXPECT_EQ(end->what.stage, bind_stage::tls);
    EXPECT_THAT(end->what.reason, ::testing::EndsWith(": not made out for other.example"));
}

TEST_F(carrier_tls, our_certificate_is_shown_to_who_asks) {
    demand_certificate();
    alpha().tls_certificate = client_files_.certificate;
    alpha().tls_private_key = client_files_.private_key;
    start();
    auto link = accept_tls(context);
    ASSERT_NE(link, nullptr) << tls_error.message();
    EXPECT_TRUE(link->has_client_certificate());
    link->accept_bind();
}

TEST_F(carrier_tls, without_one_such_a_carrier_refuses_us) {
    demand_certificate();
    start();
    EXPECT_EQ(accept_tls(context), nullptr);
    EXPECT_TRUE(tls_error);
    EXPECT_EQ(binds().counters.binds, 0U);
    // In TLS 1.3 it refuses after our handshake is done, and its reset may overtake its alert.
    run_until([&] { return carriers->last_end("alpha") != nullptr; });
    EXPECT_THAT(carriers->last_end("alpha")->what.stage,
                ::testing::AnyOf(bind_stage::tls, bind_stage::bind));
}

TEST_F(carrier_tls, a_certificate_that_cannot_be_read_is_a_named_fault) {
    alpha().tls_certificate = folder_.path("none.crt");
    alpha().tls_private_key = client_files_.private_key;
    EXPECT_THAT(fault_at_start(),
                ::testing::StartsWith("carrier alpha: cannot use the certificate"));
}

// Outbind.

class carrier_calls : public carrier_world {
protected:
    carrier_calls() {
        alpha().bind = config::bind_type::transmitter;
        alpha().outbind_listen = config::address{"127.0.0.1", 0};
        alpha().outbind_system_id = "smsc";
        alpha().outbind_password = "knock";
    }
};

TEST_F(carrier_calls, are_answered_with_a_bind_that_serves_receipts) {
    start();
    auto transmitter = bound();
    const auto id = submit();
    const auto segment = transmitter->expect(command_id::submit_sm);
    transmitter->send(smpp::submit_sm_resp{"A1"}, segment.sequence());
    run_until([&] { return state_of(id) == State::submitted; });

    auto called = call();
    called->send(smpp::outbind{"smsc", "knock"}, 1);
    const auto bind = called->accept_bind();
    EXPECT_EQ(bind.command(), command_id::bind_receiver);
    EXPECT_EQ(bind.body<smpp::bind_request>().system_id, "us");
    EXPECT_EQ(bind.body<smpp::bind_request>().password, "secret");
    EXPECT_EQ(carrier().binds_up, 2U);
    EXPECT_EQ(binds().counters.outbinds, 1U);

    smpp::deliver_sm receipt;
    receipt.source_addr = "819012345678";
    receipt.esm_class = smpp::esm_class::receipt;
    const std::string_view text = "id:A1 stat:DELIVRD";
    receipt.short_message = {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
    called->send(receipt, 7);
    const auto answer = called->expect(command_id::deliver_sm_resp);
    EXPECT_EQ(answer.sequence(), 7U);
    EXPECT_EQ(answer.status(), command_status::esme_rok);
    EXPECT_EQ(state_of(id), State::delivered);

    // The call ends, the carrier calls again.
    called->close();
    run_until([&] { return carrier().binds_up == 1; });
    auto again = call();
    again->send(smpp::outbind{"smsc", "knock"}, 1);
    again->accept_bind();
    EXPECT_EQ(binds().counters.outbinds, 2U);
    carriers->stop();
    again->expect(command_id::unbind);
}

TEST_F(carrier_calls, with_other_credentials_get_none_of_ours) {
    start();
    auto transmitter = bound();
    std::uint64_t refused = 0;
    for (const auto& [system_id, password] :
         {std::pair{"smsc", "guess"}, std::pair{"other", "knock"}, std::pair{"", ""},
          std::pair{"smsc", "knock2"}}) {
        auto called = call();
        called->send(smpp::outbind{system_id, password}, 1);
        run_until([&] { return called->ended(); });
        EXPECT_FALSE(called->has_pdu()) << system_id;
        EXPECT_EQ(binds().counters.outbinds_refused, ++refused);
    }
    EXPECT_EQ(binds().counters.outbinds, 0U);
    const auto* const end = carriers->last_end("alpha");
    ASSERT_NE(end, nullptr);
    EXPECT_EQ(end->what.stage, bind_stage::outbind);
    EXPECT_EQ(end->what.reason, "wrong credentials");
    EXPECT_EQ(end->what.host, "127.0.0.1");
    EXPECT_EQ(end->times, 4U);
    // The right ones, and our bind is refused.
    auto called = call();
    called->send(smpp::outbind{"smsc", "knock"}, 1);
    const auto bind = called->receive();
    called->send_raw(command_id::bind_receiver_resp, command_status::esme_rbindfail,
                     bind.sequence(), {0});
    run_until([&] { return called->ended(); });
    EXPECT_EQ(carriers->last_end("alpha")->what.stage, bind_stage::refused);
}

TEST_F(carrier_calls, without_tls_where_it_is_wanted_have_an_end_too) {
    pem_folder files;
    const auto own = files.write("own", make_identity("hikyaku"));
    alpha().tls_certificate = own.certificate;
    alpha().tls_private_key = own.private_key;
    alpha().outbind_tls = true;
    start();
    auto transmitter = bound();
    auto called = call();
    called->send(smpp::outbind{"smsc", "knock"}, 1);
    run_until([&] { return carriers->last_end("alpha") != nullptr; });
    EXPECT_EQ(carriers->last_end("alpha")->what.stage, bind_stage::tls);
    EXPECT_EQ(carriers->last_end("alpha")->what.host, "127.0.0.1");
    EXPECT_EQ(binds().ends[static_cast<std::size_t>(bind_stage::tls)], 1U);
}

TEST_F(carrier_calls, that_say_nothing_have_an_end_too) {
    alpha().bind_timeout = 1s;
    start();
    auto transmitter = bound();
    auto silent = call();
    run_until([&] { return silent->ended(); });
    ASSERT_NE(carriers->last_end("alpha"), nullptr);
    EXPECT_EQ(carriers->last_end("alpha")->what.reason, "no outbind within 1s");
    auto gone = call();
    gone->close();
    run_until([&] { return binds().ends[static_cast<std::size_t>(bind_stage::outbind)] == 2; });
    EXPECT_EQ(carriers->last_end("alpha")->what.reason, "closed before an outbind");
}

TEST_F(carrier_calls, that_say_something_else_first_are_refused) {
    start();
    auto transmitter = bound();
    auto called = call();
    called->send(smpp::deliver_sm{}, 9);
    const auto answer = called->expect(command_id::deliver_sm_resp);
    EXPECT_EQ(answer.status(), command_status::esme_rinvbndsts);
    EXPECT_EQ(carrier().binds_up, 1U);
}

TEST_F(carrier_calls, on_our_own_connections_are_refused) {
    start();
    auto link = accept();
    (void)link->receive();  // our bind, not answered
    link->send(smpp::outbind{"smsc", "knock"}, 1);
    settle();
    EXPECT_EQ(binds().counters.outbinds, 0U);
}

TEST_F(carrier_calls, are_taken_as_soon_as_a_reload_finds_the_address_free) {
    tcp::acceptor taken(loop, {boost::asio::ip::address_v4::loopback(), 0});
    const auto port = taken.local_endpoint().port();
    alpha().outbind_listen = config::address{"127.0.0.1", port};
    const auto why = "carrier alpha cannot listen for outbind";
    EXPECT_THAT(fault_at_start(), ::testing::StartsWith(why));
    EXPECT_FALSE(carriers->outbind_endpoint("alpha"));
    const auto same = std::make_shared<const config::settings>(settings);
    EXPECT_THAT(carriers->apply(same, {}), ElementsAre(::testing::StartsWith(why)));
    taken.close();
    EXPECT_THAT(carriers->apply(same, {}), ElementsAre());
    ASSERT_TRUE(carriers->outbind_endpoint("alpha"));
    EXPECT_EQ(carriers->outbind_endpoint("alpha")->port(), port);
    EXPECT_THAT(carriers->apply(same, {}), ElementsAre()) << "it listens";
    auto called = call();
    called->send(smpp::outbind{"smsc", "knock"}, 1);
    called->accept_bind();
}

// What carriers ask.

TEST_F(carrier_binds, every_request_gets_its_own_response) {
    start();
    auto link = bound();
    struct row {
        command_id request, response;
    };
    using enum command_id;
    std::uint32_t sequence = 100;
    for (const auto& [request, response] :
         {row{query_sm, query_sm_resp}, row{cancel_sm, cancel_sm_resp},
          row{replace_sm, replace_sm_resp}, row{submit_sm, submit_sm_resp},
          row{submit_multi, submit_multi_resp}, row{broadcast_sm, broadcast_sm_resp}}) {
        link->send_raw(request, command_status::esme_rok, ++sequence,
                       std::vector<std::uint8_t>(24, 0));
        const auto answer = link->receive();
        EXPECT_EQ(answer.command(), response);
        EXPECT_EQ(answer.sequence(), sequence);
        EXPECT_NE(answer.status(), command_status::esme_rok);
    }
    link->send_raw(static_cast<command_id>(0x00000777), command_status::esme_rok, ++sequence);
    const auto nack = link->expect(generic_nack);
    EXPECT_EQ(nack.status(), command_status::esme_rinvcmdid);
    EXPECT_EQ(nack.sequence(), sequence);
    link->send(smpp::enquire_link{}, ++sequence);
    EXPECT_EQ(link->expect(enquire_link_resp).sequence(), sequence);
    // An alert has no response, and the session goes on.
    smpp::alert_notification alert;
    alert.source_addr = "819012345678";
    alert.esme_addr = "Shop";
    link->send(alert, ++sequence);
    link->send(smpp::enquire_link{}, ++sequence);
    EXPECT_EQ(link->expect(enquire_link_resp).sequence(), sequence);
    EXPECT_EQ(carrier().binds_up, 1U);
}

TEST_F(carrier_binds, congestion_state_of_5_0_makes_the_window_smaller) {
    for (const bool five : {false, true}) {
        alpha().version = five ? 0x50 : 0x34;
        alpha().window = 10;
        start();
        auto link = bound(0x50);
        submit();
        const auto segment = link->expect(command_id::submit_sm);
        std::vector<std::uint8_t> buffer;
        const auto tlvs = smpp::tlv_writer(buffer).u8(smpp::tag::congestion_state, 100).list();
        link->send(smpp::submit_sm_resp{"A1"}, segment.sequence(), command_status::esme_rok, tlvs);
        run_until([&] { return carrier().submitted == 1; });
        EXPECT_EQ(carrier().congestion, five ? 100U : 0U);
        EXPECT_EQ(carrier().window, five ? 1U : 10U);
        carriers->stop();
        link->close();
        run_until([&] { return carriers->quiet(); });
    }
}

}  // namespace
}  // namespace hikyaku::gateway::io
