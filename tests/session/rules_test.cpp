// One script for each acceptance point that real clients and carriers rely on and that a session
// can obey, where the other files of this folder have none: the numbers in the names (e02 and so
// on) are those of the points, b those of complaints about other gateways.
#include "tests/session/actions.hpp"

namespace hikyaku::smpp::test {
namespace {

using enum command_id;
using enum command_status;
using state = session_state;

/// submit_sm's body with another esm_class and other octets of short_message.
std::string message_with(char esm_class, std::string_view text) {
    std::string body = message_body();
    body.resize(body.size() - 3);
    body[13] = esm_class;  // behind service_type and the two addresses of TON, NPI, three digits
    return body + static_cast<char>(text.size()) + std::string(text);
}

// Versions and TLVs (E2).

TEST(rules, e02_responses_to_33_peers_have_no_tlvs) {
    for (const char version : {'\x33', '\x34'}) {
        const std::string tlv =
            version < 0x34 ? std::string() : std::string("\x00\x1d\x00\x03ok\x00", 7);
        script(server())
            .bound(bind_transceiver, version)
            .expect(raw(submit_sm, 2, message_body()))
            .then([](session& s, session_time now) {
                const auto tlvs = one_tlv(tag::additional_status_info_text, "ok");
                EXPECT_TRUE(s.respond({2, submit_sm}, smpp::submit_sm_resp{"m1"}, tlvs, now));
            })
            .reply_with(raw(submit_sm_resp, 2, cstring("m1") + tlv))
            .run();
    }
}

TEST(rules, e02_a_33_smsc_gets_no_tlvs_from_us) {
    session_settings settings = client();
    settings.assume_tlvs = false;
    script(settings)
        .bound_client(bind_transceiver, 0x33)
        .then(submit(make_pdu(0, a_submit(), one_tlv(tag::billing_identification, "x")), 1))
        .reply_with(raw(submit_sm, 2, message_body()))
        .then(submit_fails(make_pdu(0, a_submit(), one_tlv(tag::message_payload, "x")),
                           submit_error::tlv_forbidden))
        .then(submit_fails(make_pdu(0, smpp::data_sm{}), submit_error::unsupported))
        .expect(raw(deliver_sm, 9, message_body()))
        .then([](session& s, session_time now) {
            const auto tlvs = one_tlv(tag::additional_status_info_text, "ok");
            EXPECT_TRUE(s.respond({9, deliver_sm}, smpp::deliver_sm_resp{}, tlvs, now));
        })
        .reply_with(raw(deliver_sm_resp, 9, cstring("")))
        .run();
}

TEST(rules, e02_commands_above_the_agreed_version_are_not_sent) {
    session_settings settings = server();
    settings.interface_version = 0x50;
    script(settings)
        .bound(bind_transceiver, 0x33)
        .then(submit_fails(make_pdu(0, smpp::alert_notification{}), submit_error::unsupported))
        .then(submit_fails(make_pdu(0, smpp::data_sm{}), submit_error::unsupported))
        .reply_with({})
        .run();
    script(client())
        .bound_client()
        .then(submit_fails(make_pdu(0, smpp::broadcast_sm{}), submit_error::unsupported))
        .then(submit_fails(make_pdu(0, smpp::query_broadcast_sm{}), submit_error::unsupported))
        .then(submit_fails(make_pdu(0, smpp::cancel_broadcast_sm{}), submit_error::unsupported))
        .reply_with({})
        .run();
}

TEST(rules, e02_a_50_client_is_answered_as_50) {
    session_settings settings = server();
    settings.interface_version = 0x50;
    script(settings).bound(bind_transceiver, 0x50).in_state(state::bound_trx).run();
}

// Order and framing (E3, E10 to E12).

TEST(rules, e03_nothing_is_delivered_before_bind_resp) {
    script(server())
        .expect(raw(bind_receiver, 1, bind_body()))
        .then(submit_fails(make_pdu(0, a_deliver()), submit_error::not_bound))
        .reply_with({})
        .then([](session& s, session_time now) {
            s.accept_bind(now);
            EXPECT_TRUE(submit_on(s, make_pdu(0, a_deliver()), 1, now).has_value());
        })
        .reply_with(
            raw(bind_receiver_resp, 1, cstring("smsc") + std::string("\x02\x10\x00\x01\x34", 5)) +
            raw(deliver_sm, 1, message_body()))
        .told({"bind_requested bind_receiver 1 app"})
        .run();
}

TEST(rules, e10_the_two_directions_number_independently) {
    script(server())
        .bound()
        .then(submit(make_pdu(0, a_deliver()), 7))
        .reply_with(raw(deliver_sm, 1, message_body()))
        .expect(raw(submit_sm, 1, message_body()) + raw(deliver_sm_resp, 1, cstring("")) +
                raw(enquire_link, 1))
        .told({"request submit_sm 1 to=200", "response deliver_sm_resp 1 ESME_ROK token=7"})
        .then(answer_submit(1))
        .reply_with(raw(enquire_link_resp, 1) + raw(submit_sm_resp, 1, cstring("m1")))
        .run();
}

TEST(rules, e10_own_numbers_wrap_to_1) {
    session_settings settings = server();
    settings.first_sequence = 0x7FFFFFFF;
    script(settings)
        .bound()
        .then(submit(make_pdu(0, a_deliver()), 1))
        .then(submit(make_pdu(0, a_deliver()), 2))
        .reply_with(raw(deliver_sm, 0x7FFFFFFF, message_body()) +
                    raw(deliver_sm, 1, message_body()))
        .run();
}

TEST(rules, e11_deliver_sm_stays_below_what_clients_can_read) {
    session_settings settings = server();
    settings.pdu_bytes_max = 16384;
    static std::vector<std::uint8_t> buffer;
    const auto with_payload = [](std::size_t octets) {
        // Header 16, body 26, head of the TLV 4.
        tlv_writer writer(buffer);
        writer.octets(tag::message_payload, bytes(octets - 16 - 26 - 4, 'x'));
        smpp::deliver_sm body = a_deliver();
        body.short_message = {};
        body.service_type = "CMT";
        return make_pdu(0, body, writer.list());
    };
    script(settings)
        .bound()
        .then([&](session& s, session_time now) {
            EXPECT_EQ(s.submit(with_payload(7169), 1, now).error(), submit_error::too_large);
            EXPECT_TRUE(submit_on(s, with_payload(7168), 1, now).has_value());
        })
        .run();
    // To an SMSC only the limit of both directions counts.
    session_settings esme = client();
    esme.pdu_bytes_max = 16384;
    script(esme)
        .bound_client()
        .then([](session& s, session_time now) {
            tlv_writer writer(buffer);
            writer.octets(tag::message_payload, bytes(10000, 'x'));
            EXPECT_TRUE(submit_on(s, make_pdu(0, a_submit(), writer.list()), 1, now).has_value());
        })
        .run();
}

TEST(rules, e12_many_pdus_in_one_read) {
    bytes many;
    bytes answers;
    for (std::uint32_t i = 0; i < 60; ++i) {
        many = many + raw(enquire_link, i);
        answers = answers + raw(enquire_link_resp, i);
    }
    script(server()).bound().expect(many).reply_with(answers).told({}).run();
}

// Responses (E13, E15, E18).

TEST(rules, e13_every_way_to_answer_a_submission_is_understood) {
    const std::string tlv("\x04\x25\x00\x01\x01", 5);
    struct row {
        command_status status;
        std::string body;
        std::string id;
    };
    const row rows[] = {{esme_rok, "", ""},
                        {esme_rok, cstring(""), ""},
                        {esme_rok, "abc", "abc"},
                        {esme_rok, cstring("abc"), "abc"},
                        {esme_rok, cstring("abc") + tlv, "abc"},
                        {esme_rsubmitfail, "", ""},
                        {esme_rsubmitfail, cstring(""), ""},
                        {esme_rsubmitfail, cstring("abc") + tlv, "abc"},
                        {esme_rsubmitfail, cstring("abc") + "torn", "abc"}};
    for (const row& one : rows) {
        script(client())
            .bound_client()
            .then(submit(make_pdu(0, a_submit()), 5))
            .reply_with(raw(submit_sm, 2, message_body()))
            .expect(raw(submit_sm_resp, one.status, 2, one.body) + raw(enquire_link, 8))
            .reply_with(raw(enquire_link_resp, 8))
            .told({"response submit_sm_resp 2 " + std::string(name_of(one.status)) +
                   " token=5 id=" + one.id})
            .run();
    }
}

TEST(rules, e15_b27_queries_are_answered_with_their_own_response) {
    const std::string query = cstring("m1") + std::string(2, '\0') + cstring("100");
    const std::string cancel = cstring("") + query + std::string(2, '\0') + cstring("200");
    std::string replace_body = query + cstring("") + cstring("") + std::string(2, '\0') + '\2';
    replace_body += "hi";
    script(server())
        .bound()
        .expect(raw(query_sm, 2, query) + raw(cancel_sm, 3, cancel) +
                raw(replace_sm, 4, replace_body))
        .told({"request query_sm 2", "request cancel_sm 3", "request replace_sm 4"})
        .then(answer({2, query_sm}, esme_rqueryfail))
        .then(answer({3, cancel_sm}, esme_rcancelfail))
        .then(answer({4, replace_sm}, esme_rreplacefail))
        .reply_with(raw(query_sm_resp, esme_rqueryfail, 2, std::string("\0\0\7\0", 4)) +
                    raw(cancel_sm_resp, esme_rcancelfail, 3) +
                    raw(replace_sm_resp, esme_rreplacefail, 4))
        .in_state(state::bound_trx)
        .run();
    script(server())
        .bound()
        .expect(raw(query_sm, 2, query) + raw(cancel_sm, 3, cancel))
        .then([](session& s, session_time now) {
            const smpp::query_sm_resp found{"m1", "", 2, 0};
            EXPECT_TRUE(s.respond({2, query_sm}, found, {}, now));
            EXPECT_TRUE(s.respond({3, cancel_sm}, esme_rok, now));
        })
        .reply_with(raw(query_sm_resp, 2, cstring("m1") + cstring("") + '\2' + '\0') +
                    raw(cancel_sm_resp, 3))
        .run();
}

TEST(rules, e15_submit_multi_resp_counts_no_refusals_too) {
    const std::string multi = cstring("") + std::string(2, '\0') + cstring("100") + '\1' + '\1' +
                              '\1' + '\1' + cstring("200") + std::string(3, '\0') +
                              std::string(2, '\0') + std::string(4, '\0') + '\2' + "hi";
    script(server())
        .bound()
        .expect(raw(submit_multi, 2, multi))
        .told({"request submit_multi 2"})
        .then([](session& s, session_time now) {
            EXPECT_TRUE(s.respond({2, submit_multi}, smpp::submit_multi_resp{"m1", {}}, {}, now));
        })
        .reply_with(raw(submit_multi_resp, 2, cstring("m1") + '\0'))
        .run();
}

/// Answers as an owner does who reads the message with the helpers of pdu.hpp.
void judge(session& s, session_time now, const pdu& whole) {
    const auto* body = std::get_if<smpp::submit_sm>(&whole.body);
    ASSERT_NE(body, nullptr);
    const peer_request request{whole.header.sequence_number, submit_sm};
    const auto octets = message_octets(*body, whole.tlvs);
    command_status status = esme_rok;
    if (!octets)
        status = esme_rinvmsglen;
    else if (!udh_octets(body->esm_class, *octets))
        status = esme_rinvesmclass;
    if (status != esme_rok)
        EXPECT_TRUE(s.respond(request, status, now));
    else
        EXPECT_TRUE(s.respond(request, smpp::submit_sm_resp{"m1"}, {}, now));
}

TEST(rules, e18_lengths_that_do_not_fit_are_refused_one_by_one) {
    std::string beyond = message_body();
    beyond[beyond.size() - 3] = 3;  // sm_length beyond the PDU
    const bytes both = raw(submit_sm, 4, message_body() + std::string("\x04\x24\x00\x01x", 5));
    const bytes long_udh = raw(submit_sm, 3, message_with(0x40, "\5hi"));
    const bytes good_udh = raw(submit_sm, 5, message_with(0x40, "\2ab!"));
    const auto judged = [](const bytes& octets) {
        return [octets](session& s, session_time now) { judge(s, now, decode(octets).value); };
    };
    script(server())
        .bound()
        .expect(raw(submit_sm, 2, beyond) + long_udh + both + good_udh)
        .reply_with(raw(submit_sm_resp, esme_rinvmsglen, 2))
        .told({"request_refused submit_sm 2 ESME_RINVMSGLEN short_message",
               "request submit_sm 3 to=200", "request submit_sm 4 to=200",
               "request submit_sm 5 to=200"})
        .then(judged(long_udh))
        .then(judged(both))
        .then(judged(good_udh))
        .reply_with(raw(submit_sm_resp, esme_rinvesmclass, 3) +
                    raw(submit_sm_resp, esme_rinvmsglen, 4) + raw(submit_sm_resp, 5, cstring("m1")))
        .in_state(state::bound_trx)
        .run();
}

// Flow and the end (E16, E19, E26, E29, E30).

TEST(rules, e16_throttling_never_closes) {
    bytes flood;
    bytes refused;
    for (std::uint32_t i = 1; i <= 20; ++i) {
        flood = flood + raw(submit_sm, i, message_body());
        if (i > 4) refused = refused + raw(submit_sm_resp, esme_rthrottled, i);
    }
    script(server())
        .bound()
        .expect(flood)
        .reply_with(refused)
        .in_state(state::bound_trx)
        .then(answer({1, submit_sm}, esme_rmsgqful))
        .reply_with(raw(submit_sm_resp, esme_rmsgqful, 1))
        .in_state(state::bound_trx)
        .run();
}

TEST(rules, e19_enquire_link_is_answered_first_even_in_a_flood) {
    bytes flood;
    for (std::uint32_t i = 1; i <= 4; ++i)
        flood = flood + raw(submit_sm, i, message_body());
    script(server())
        .bound()
        .then(submit(make_pdu(0, a_deliver()), 1))
        .then(submit(make_pdu(0, a_deliver()), 2))
        .expect(flood + raw(enquire_link, 77))
        .reply_with(raw(enquire_link_resp, 77) + raw(deliver_sm, 1, message_body()) +
                    raw(deliver_sm, 2, message_body()))
        .run();
}

TEST(rules, e26_a_receipt_comes_after_the_answer_to_its_submission) {
    script(server())
        .bound()
        .expect(raw(submit_sm, 2, message_body()))
        .then([](session& s, session_time now) {
            EXPECT_TRUE(s.respond({2, submit_sm}, smpp::submit_sm_resp{"m1"}, {}, now));
            EXPECT_TRUE(submit_on(s, make_pdu(0, a_deliver()), 1, now).has_value());
        })
        .reply_with(raw(submit_sm_resp, 2, cstring("m1")) + raw(deliver_sm, 1, message_body()))
        .run();
}

TEST(rules, e29_bytes_without_a_pdu_do_not_keep_an_idle_session) {
    session_settings settings = server();
    settings.inactivity_timeout = 60s;
    const bytes begun = raw(submit_sm, 9, message_body());
    script(settings)
        .bound()
        .after(40s)
        .expect(bytes(begun.begin(), begun.begin() + 10))
        .after(19999ms)
        .reply_with({})
        .after(1ms)
        .reply_with(raw(unbind, 1))
        .expect(bytes(begun.begin() + 10, begun.end()) + raw(unbind_resp, 1))
        .reply_with(raw(submit_sm_resp, esme_rinvbndsts, 9))
        .told({"closed inactivity"})
        .run();
}

TEST(rules, e30_a_stop_refuses_binds_finishes_windows_and_unbinds) {
    script(server())
        .expect(raw(bind_transceiver, 1, bind_body()))
        .then([](session& s, session_time now) { s.refuse_bind(esme_rsyserr, now); })
        .reply_with(raw(bind_transceiver_resp, esme_rsyserr, 1, cstring("")))
        .then([](session& s, session_time now) { s.unbind(now); })
        .told({"bind_requested bind_transceiver 1 app", "closed local"})
        .run();
    script(server())
        .bound()
        .expect(raw(submit_sm, 5, message_body()))
        .then(submit(make_pdu(0, a_deliver()), 3))
        .reply_with(raw(deliver_sm, 1, message_body()))
        .then([](session& s, session_time now) { s.unbind(now); })
        .then(answer_submit(5))
        .reply_with(raw(submit_sm_resp, 5, cstring("m1")))
        .expect(raw(deliver_sm_resp, 1, cstring("")))
        .reply_with(raw(unbind, 2))
        .after(10s)  // some clients never answer
        .told({"request submit_sm 5 to=200", "response deliver_sm_resp 1 ESME_ROK token=3",
               "closed unbind_timeout"})
        .run();
}

// Complaints about others (B22 to B26).

TEST(rules, b22_what_was_never_sent_is_safe_to_send_elsewhere) {
    script(client())
        .bound_client()
        .then(submit(make_pdu(0, a_submit()), 1))
        .reply_with(raw(submit_sm, 2, message_body()))
        .then(submit(make_pdu(0, a_submit()), 2))
        .then([](session& s, session_time) { s.abort(close_reason::connection_error); })
        .told({"request_failed submit_sm 2 closed_unknown token=1",
               "request_failed submit_sm 3 closed_waiting token=2", "closed connection_error"})
        .run();
}

TEST(rules, b23_a_message_for_nobody_is_refused_for_now) {
    script(client())
        .bound_client()
        .expect(raw(deliver_sm, 7, message_body()))
        .told({"request deliver_sm 7"})
        .then(answer({7, deliver_sm}, esme_rx_t_appn))
        .reply_with(raw(deliver_sm_resp, esme_rx_t_appn, 7, cstring("")))
        .in_state(state::bound_trx)
        .run();
}

TEST(rules, b25_refusals_with_and_without_body_are_both_understood) {
    for (const std::string& body : {std::string(), cstring(""), cstring("m1"), std::string("x")}) {
        script(server())
            .bound()
            .then(submit(make_pdu(0, a_deliver()), 4))
            .reply_with(raw(deliver_sm, 1, message_body()))
            .expect(raw(deliver_sm_resp, esme_rx_t_appn, 1, body))
            .told({"response deliver_sm_resp 1 ESME_RX_T_APPN token=4"})
            .in_state(state::bound_trx)
            .run();
        script(client())
            .then([](session& s, session_time now) {
                EXPECT_TRUE(s.bind(bind_receiver, {}, now).has_value());
            })
            .expect(raw(bind_receiver_resp, esme_rbindfail, 1, body))
            .told({"bind_refused bind_receiver_resp 1 ESME_RBINDFAIL"})
            .in_state(state::open)
            .run();
    }
}

TEST(rules, b26_unknown_tlvs_and_statuses_pass) {
    const std::string vendor("\x15\x02\x00\x02hi\x14\x00\x00\x00", 10);
    script(server())
        .bound()
        .expect(raw(submit_sm, 2, message_body() + vendor))
        .told({"request submit_sm 2 to=200"})
        .then(answer({2, submit_sm}, command_status{0x4FF}))
        .reply_with(raw(submit_sm_resp, command_status{0x4FF}, 2))
        .run();
    script(client())
        .bound_client()
        .then(submit(make_pdu(0, a_submit()), 5))
        .reply_with(raw(submit_sm, 2, message_body()))
        .expect(raw(submit_sm_resp, command_status{0x400}, 2))
        .told({"response submit_sm_resp 2  token=5 id="})  // no name for 0x400
        .in_state(state::bound_trx)
        .run();
}

}  // namespace
}  // namespace hikyaku::smpp::test
