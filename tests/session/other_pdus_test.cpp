// The PDUs beside messages and receipts: broadcasts and congestion_state of 5.0, outbinds and
// alert_notifications.
#include "tests/session/actions.hpp"

namespace hikyaku::smpp::test {
namespace {

using enum command_id;
using enum command_status;
using state = session_state;

// 5.0: broadcasts and congestion_state.

session_settings version_50(session_role role) {
    session_settings out = quiet(role);
    out.interface_version = 0x50;
    return out;
}

const std::string broadcast_area("\x06\x06\x00\x04\x00JP1", 8);
const std::string broadcast_body = cstring("CBS") + '\1' + '\1' + cstring("100") + cstring("") +
                                   '\0' + cstring("") + cstring("") + std::string(3, '\0') +
                                   broadcast_area;
const std::string broadcast_query = cstring("B1") + '\1' + '\1' + cstring("100");

TEST(broadcasts, a_server_hands_them_to_its_owner_and_answers) {
    script(version_50(session_role::server))
        .bound(bind_transmitter, 0x50)
        .expect(raw(broadcast_sm, 2, broadcast_body) + raw(query_broadcast_sm, 3, broadcast_query) +
                raw(cancel_broadcast_sm, 4, cstring("CBS") + broadcast_query))
        .told({"request broadcast_sm 2", "request query_broadcast_sm 3",
               "request cancel_broadcast_sm 4"})
        .then([](session& s, session_time now) {
            EXPECT_TRUE(s.respond({2, broadcast_sm}, smpp::broadcast_sm_resp{"B1"}, {}, now));
            EXPECT_TRUE(s.respond({3, query_broadcast_sm}, esme_rbcastqueryfail, now));
            EXPECT_TRUE(s.respond({4, cancel_broadcast_sm}, esme_rok, now));
        })
        .reply_with(raw(broadcast_sm_resp, 2, cstring("B1")) +
                    raw(query_broadcast_sm_resp, esme_rbcastqueryfail, 3) +
                    raw(cancel_broadcast_sm_resp, 4))
        .run();
    // Not on a receiver; and one who bound as 3.4 and still sends it knows it.
    script(version_50(session_role::server))
        .bound(bind_receiver, 0x50)
        .expect(raw(broadcast_sm, 2, broadcast_body))
        .reply_with(raw(broadcast_sm_resp, esme_rinvbndsts, 2))
        .run();
    script(server())
        .bound()
        .expect(raw(broadcast_sm, 2, broadcast_body) + raw(broadcast_sm, 3, "CBS"))
        .told({"request broadcast_sm 2",
               "request_refused broadcast_sm 3 ESME_RINVPARLEN service_type"})
        .then(answer({2, broadcast_sm}, esme_rbcastfail))
        .reply_with(raw(broadcast_sm_resp, esme_rinvparlen, 3, cstring("")) +
                    raw(broadcast_sm_resp, esme_rbcastfail, 2, cstring("")))
        .run();
}

TEST(broadcasts, a_client_sends_them_to_a_50_smsc) {
    static std::vector<std::uint8_t> buffer;
    const tlv_list area =
        tlv_writer(buffer)
            .octets(tag::broadcast_area_identifier, std::vector<std::uint8_t>{0, 'J', 'P', '1'})
            .list();
    smpp::broadcast_sm body;
    body.service_type = "CBS";
    body.source_addr_ton = body.source_addr_npi = 1;
    body.source_addr = "100";
    script(version_50(session_role::client))
        .bound_client(bind_transceiver, 0x50)
        .then(submit(make_pdu(0, body, area), 4))
        .then(submit(make_pdu(0, smpp::query_broadcast_sm{"B1", 1, 1, "100"}), 5))
        .then(submit(make_pdu(0, smpp::cancel_broadcast_sm{"CBS", "B1", 1, 1, "100"}), 6))
        .reply_with(raw(broadcast_sm, 2, broadcast_body) +
                    raw(query_broadcast_sm, 3, broadcast_query) +
                    raw(cancel_broadcast_sm, 4, cstring("CBS") + broadcast_query))
        .expect(raw(broadcast_sm_resp, 2, cstring("B1") + broadcast_area) +
                raw(cancel_broadcast_sm_resp, esme_rbcastcancelfail, 4) +
                raw(query_broadcast_sm_resp, 3, cstring("B1")))
        .told({"response broadcast_sm_resp 2 ESME_ROK token=4",
               "response cancel_broadcast_sm_resp 4 ESME_RBCASTCANCELFAIL token=6",
               "response query_broadcast_sm_resp 3 ESME_ROK token=5"})
        .run();
}

TEST(congestion, is_told_to_50_peers_in_answers_to_submissions) {
    const std::string tlv("\x04\x28\x00\x01\x55", 5);
    const std::string info("\x00\x1d\x00\x02x\x00", 6);
    const std::string data = cstring("") + '\1' + '\1' + cstring("100") + '\1' + '\1' +
                             cstring("200") + std::string(3, '\0');
    for (const char version : {'\x34', '\x50'}) {
        const std::string extra = version == 0x50 ? tlv : "";
        script(version_50(session_role::server))
            .bound(bind_transceiver, version)
            .then([](session& s, session_time) { s.set_congestion_state(85); })
            .expect(raw(submit_sm, 2, message_body()) + raw(submit_sm, 3, message_body()) +
                    raw(data_sm, 4, data) + raw(query_sm, 5, broadcast_query))
            .then([](session& s, session_time now) {
                const auto tlvs = one_tlv(tag::additional_status_info_text, "x");
                EXPECT_TRUE(s.respond({2, submit_sm}, smpp::submit_sm_resp{"m1"}, tlvs, now));
                EXPECT_TRUE(s.respond({3, submit_sm}, esme_rthrottled, now));
                EXPECT_TRUE(s.respond({4, data_sm}, esme_rok, now));
                EXPECT_TRUE(s.respond({5, query_sm}, smpp::query_sm_resp{"B1"}, {}, now));
            })
            .reply_with(raw(submit_sm_resp, 2, cstring("m1") + info + extra) +
                        raw(submit_sm_resp, esme_rthrottled, 3) +
                        raw(data_sm_resp, 4, cstring("") + extra) +
                        raw(query_sm_resp, 5, cstring("B1") + std::string(3, '\0')))
            .then([](session& s, session_time) { s.set_congestion_state(std::nullopt); })
            .expect(raw(submit_sm, 6, message_body()))
            .then(answer_submit(6))
            .reply_with(raw(submit_sm_resp, 6, cstring("m1")))
            .run();
    }
}

TEST(congestion, an_owners_own_value_is_not_doubled) {
    script(version_50(session_role::server))
        .bound(bind_transceiver, 0x50)
        .expect(raw(submit_sm, 2, message_body()))
        .then([](session& s, session_time now) {
            static std::vector<std::uint8_t> buffer;
            s.set_congestion_state(85);
            const auto tlvs = tlv_writer(buffer).u8(tag::congestion_state, 10).list();
            EXPECT_TRUE(s.respond({2, submit_sm}, smpp::submit_sm_resp{"m1"}, tlvs, now));
        })
        .reply_with(raw(submit_sm_resp, 2, cstring("m1") + std::string("\x04\x28\x00\x01\x0a", 5)))
        .run();
}

TEST(congestion, of_the_smsc_is_seen_in_the_response) {
    script(version_50(session_role::client))
        .bound_client(bind_transceiver, 0x50)
        .then(submit(make_pdu(0, a_submit()), 4))
        .then(submit(make_pdu(0, a_submit()), 5))
        .reply_with(raw(submit_sm, 2, message_body()) + raw(submit_sm, 3, message_body()))
        .expect(raw(submit_sm_resp, 2, cstring("m1") + std::string("\x04\x28\x00\x01\x5f", 5)) +
                raw(submit_sm_resp, esme_rthrottled, 3,
                    cstring("") + std::string("\x04\x28\x00\x01\x64", 5)))
        .told({"response submit_sm_resp 2 ESME_ROK token=4 id=m1 congestion=95",
               "response submit_sm_resp 3 ESME_RTHROTTLED token=5 id= congestion=100"})
        .run();
}

// outbind and alert_notification, both ways.

TEST(outbinds, a_server_that_asked_takes_the_bind_and_delivers) {
    script(server())
        .then([](session& s, session_time now) {
            EXPECT_EQ(*s.send_outbind({"smsc", "pw"}, now), 1U);
            EXPECT_EQ(s.send_outbind({"smsc", "pw"}, now).error(), submit_error::not_bound);
        })
        .reply_with(raw(outbind, 1, cstring("smsc") + cstring("pw")))
        .in_state(state::outbound)
        .then(submit_fails(make_pdu(0, a_deliver()), submit_error::not_bound))
        .expect(raw(submit_sm, 9, message_body()))
        .reply_with(raw(submit_sm_resp, esme_rinvbndsts, 9))
        .bound(bind_receiver)
        .then(submit(make_pdu(0, a_deliver()), 1))
        .reply_with(raw(deliver_sm, 2, message_body()))
        .run();
}

TEST(outbinds, an_esme_that_does_not_bind_in_time_is_left) {
    session_settings settings = server();
    settings.session_init_timeout = 30s;
    script(settings)
        .then([](session& s, session_time now) {
            EXPECT_TRUE(s.send_outbind({"smsc", "pw"}, now).has_value());
        })
        .after(30s)
        .told({"closed session_init_timeout"})
        .run();
}

TEST(outbinds, a_client_is_told_and_binds_on_that_connection) {
    script(client())
        .expect(raw(outbind, 0, cstring("smsc") + cstring("pw")))
        .told({"outbind outbind 0"})
        .bound_client(bind_receiver)
        .expect(raw(deliver_sm, 5, message_body()))
        .told({"request deliver_sm 5"})
        .run();
}

TEST(outbinds, at_the_wrong_time_or_malformed_are_nacked) {
    script(client())
        .bound_client()
        .expect(raw(outbind, 4, cstring("smsc") + cstring("pw")))
        .reply_with(raw(generic_nack, esme_rinvbndsts, 4))
        .told({})
        .in_state(state::bound_trx)
        .run();
    script(client())
        .expect(raw(outbind, 4, "smsc"))
        .reply_with(raw(generic_nack, esme_rinvparlen, 4))
        .told({"request_refused outbind 4 ESME_RINVPARLEN system_id"})
        .in_state(state::open)
        .run();
}

const std::string alert_body = std::string("\1\1") + cstring("4411") + "\1\1" + cstring("app") +
                               std::string("\x04\x22\x00\x01\x00", 5);

TEST(alert_notifications, a_server_sends_them_to_receivers) {
    static std::vector<std::uint8_t> buffer;
    const tlv_list available = tlv_writer(buffer).u8(tag::ms_availability_status, 0).list();
    const pdu alert = make_pdu(0, smpp::alert_notification{1, 1, "4411", 1, 1, "app"}, available);
    script(server())
        .bound(bind_receiver)
        .then(submit(alert, 3))
        .reply_with(raw(alert_notification, 1, alert_body))
        .then([](session& s, session_time) { EXPECT_EQ(s.in_flight(), 0U); })
        .run();
    script(server())
        .bound(bind_transmitter)
        .then(submit_fails(alert, submit_error::not_bound))
        .run();
}

TEST(alert_notifications, do_not_pile_up_for_a_client_that_does_not_read) {
    session_settings settings = server();
    settings.output_bytes_max = 60;
    script(settings)
        .bound(bind_receiver)
        .then([](session& s, session_time now) {
            const pdu alert = make_pdu(0, smpp::alert_notification{});  // 22 octets
            for (int i = 0; i < 3; ++i)
                EXPECT_TRUE(submit_on(s, alert, 1, now).has_value());
            EXPECT_EQ(s.submit(alert, 1, now).error(), submit_error::window_full);
        })
        .run();
}

TEST(alert_notifications, a_client_is_told_and_answers_nothing) {
    script(client())
        .bound_client(bind_receiver)
        .expect(raw(alert_notification, 6, alert_body) + raw(alert_notification, 7, alert_body))
        .told({"request alert_notification 6", "request alert_notification 7"})
        .reply_with({})
        .then([](session& s, session_time) { EXPECT_EQ(s.peer_pending(), 0U); })
        .run();
    // Malformed: there is no response to refuse it with but a nack.
    script(client())
        .bound_client(bind_receiver)
        .expect(raw(alert_notification, 6, "\1"))
        .reply_with(raw(generic_nack, esme_rinvmsglen, 6))
        .told({"request_refused alert_notification 6 ESME_RINVMSGLEN source_addr_npi"})
        .run();
}

}  // namespace
}  // namespace hikyaku::smpp::test
