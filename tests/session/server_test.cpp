// The server's side of a session: bind, states, requests, faulty input. E-numbers in the comments
// are the acceptance points for SMPP servers that each script stands for.
#include "tests/session/script.hpp"

namespace hikyaku::smpp::test {
namespace {

using enum command_id;
using enum command_status;
using state = session_state;

void accept(session& s, session_time now) {
    s.accept_bind(now);
}

/// Answers a submit_sm with this sequence number and message id "m1".
std::function<void(session&, session_time)> answer(std::uint32_t sequence) {
    return [sequence](session& s, session_time now) {
        EXPECT_TRUE(s.respond({sequence, submit_sm}, smpp::submit_sm_resp{"m1"}, {}, now));
    };
}

// Bind.

TEST(server_bind, golden_bytes_of_a_34_client) {  // E1
    script(server())
        .expect(from_hex("00000020 00000009 00000000 00000007"
                         "61707000 73656372 65740000 34000000"))
        .told({"bind_requested bind_transceiver 7 app"})
        .in_state(state::binding)
        .reply_with({})
        .then(accept)
        .reply_with(from_hex("0000001a 80000009 00000000 00000007 736d7363 00021000 0134"))
        .in_state(state::bound_trx)
        .run();
}

TEST(server_bind, each_kind_gives_its_state) {
    const std::pair<command_id, state> kinds[] = {{bind_transmitter, state::bound_tx},
                                                  {bind_receiver, state::bound_rx},
                                                  {bind_transceiver, state::bound_trx}};
    for (const auto& [kind, expected] : kinds)
        script(server()).bound(kind).in_state(expected).run();
}

TEST(server_bind, version_is_normalised_and_answered_only_from_34) {  // E2
    struct row {
        unsigned char sent;
        std::uint8_t own;
        std::uint8_t agreed;  // 0x33: no TLV in the response
    };
    const row rows[] = {{0x00, 0x50, 0x33}, {0x31, 0x50, 0x33}, {0x33, 0x50, 0x33},
                        {0x34, 0x50, 0x34}, {0x35, 0x50, 0x34}, {0x4f, 0x50, 0x34},
                        {0x50, 0x50, 0x50}, {0x51, 0x50, 0x50}, {0xff, 0x50, 0x50},
                        {0x50, 0x34, 0x34}, {0xff, 0x34, 0x34}, {0x34, 0x33, 0x33}};
    for (const row& one : rows) {
        SCOPED_TRACE(int{one.sent});
        session_settings settings = server();
        settings.interface_version = one.own;
        std::string body = cstring("smsc");
        if (one.agreed >= 0x34)
            body += std::string("\x02\x10\x00\x01", 4) + static_cast<char>(one.agreed);
        script(settings)
            .expect(raw(bind_transmitter, 1, bind_body(static_cast<char>(one.sent))))
            .then(accept)
            .reply_with(raw(bind_transmitter_resp, 1, body))
            .told({"bind_requested bind_transmitter 1 app"})
            .then([&](session& s, session_time) { EXPECT_EQ(s.interface_version(), one.agreed); })
            .run();
    }
}

TEST(server_bind, a_long_system_id_is_cut_to_15) {  // E1
    session_settings settings = server();
    settings.system_id = "0123456789abcdefgh";
    script(settings)
        .expect(raw(bind_receiver, 1, bind_body(0x33)))
        .then(accept)
        .reply_with(raw(bind_receiver_resp, 1, cstring("0123456789abcde")))
        .run();
}

TEST(server_bind, nothing_is_written_before_bind_resp) {  // E3
    script(server())
        .expect(raw(bind_receiver, 1, bind_body(0x33)) + raw(enquire_link, 2))
        .reply_with({})
        .then(accept)
        .reply_with(raw(bind_receiver_resp, 1, cstring("smsc")) + raw(enquire_link_resp, 2))
        .run();
}

TEST(server_bind, a_refused_bind_may_be_tried_again) {
    script(server())
        .expect(raw(bind_receiver, 1, bind_body()))
        .then([](session& s, session_time now) { s.refuse_bind(esme_rinvpaswd, now); })
        .reply_with(raw(bind_receiver_resp, esme_rinvpaswd, 1))
        .in_state(state::open)
        .told({"bind_requested bind_receiver 1 app"})
        .bound()
        .run();
}

TEST(server_bind, a_malformed_bind_is_answered_and_may_be_tried_again) {
    script(server())
        .expect(raw(bind_transceiver, 9, "app"))  // no NUL anywhere
        .reply_with(raw(bind_transceiver_resp, esme_rinvparlen, 9, cstring("")))
        .told({"request_refused bind_transceiver 9 ESME_RINVPARLEN system_id"})
        .in_state(state::open)
        .bound()
        .run();
}

TEST(server_bind, a_second_bind_is_refused_and_the_session_kept) {  // E6
    script(server())
        .expect(raw(bind_receiver, 5, bind_body()) + raw(bind_receiver, 6, bind_body()))
        .then(accept)
        .reply_with(
            raw(bind_receiver_resp, 5, cstring("smsc") + std::string("\x02\x10\0\1\x34", 5)) +
            raw(bind_receiver_resp, esme_ralybnd, 6))
        .expect(raw(bind_transceiver, 7, bind_body()))
        .reply_with(raw(bind_transceiver_resp, esme_ralybnd, 7, cstring("")))
        .told({"bind_requested bind_receiver 5 app"})
        .in_state(state::bound_rx)
        .then([](session& s, session_time) { EXPECT_EQ(s.counters().wrong_state, 2U); })
        .run();
}

TEST(server_bind, not_bound_in_time_is_closed) {
    session_settings settings = server();
    settings.session_init_timeout = 30s;
    script(settings)
        .after(29999ms)
        .in_state(state::open)
        .after(1ms)
        .told({"closed session_init_timeout"})
        .in_state(state::closed)
        .run();
    // A bind whose decision never comes does not hold the connection either.
    script(settings)
        .expect(raw(bind_receiver, 1, bind_body()))
        .after(31s)
        .told({"bind_requested bind_receiver 1 app", "closed session_init_timeout"})
        .run();
    script(settings).bound().after(60s).in_state(state::bound_trx).run();
}

TEST(server_bind, outbind_is_sent_and_then_a_bind_is_taken) {
    script(server())
        .then([](session& s, session_time now) {
            EXPECT_TRUE(s.send_outbind({"smsc", "pw"}, now).has_value());
        })
        .reply_with(raw(outbind, 1, cstring("smsc") + cstring("pw")))
        .in_state(state::outbound)
        .bound(bind_receiver)
        .run();
}

// States.

TEST(server_states, before_the_bind_only_enquire_link_and_bind) {  // E6
    script(server())
        .expect(raw(enquire_link, 1) + raw(submit_sm, 2, message_body()) + raw(unbind, 3) +
                raw(query_sm, 4) + raw(enquire_link, 5))
        .reply_with(raw(enquire_link_resp, 1) + raw(submit_sm_resp, esme_rinvbndsts, 2) +
                    raw(unbind_resp, esme_rinvbndsts, 3) +
                    raw(query_sm_resp, esme_rinvbndsts, 4, std::string("\0\0\7\0", 4)) +
                    raw(enquire_link_resp, 5))
        .told({})
        .bound()
        .run();
}

TEST(server_states, submit_on_a_receiver_is_refused_without_close) {  // E17
    script(server())
        .bound(bind_receiver)
        .expect(raw(submit_sm, 2, message_body()))
        .reply_with(raw(submit_sm_resp, esme_rinvbndsts, 2))
        .told({})
        .in_state(state::bound_rx)
        .run();
}

TEST(server_states, commands_of_the_other_side_are_refused) {
    script(server())
        .bound()
        .expect(raw(deliver_sm, 2, message_body()) + raw(outbind, 3, cstring("a") + cstring("b")) +
                raw(alert_notification, 4))
        .reply_with(raw(deliver_sm_resp, esme_rinvbndsts, 2, cstring("")) +
                    raw(generic_nack, esme_rinvbndsts, 3) + raw(generic_nack, esme_rinvbndsts, 4))
        .told({})
        .run();
}

TEST(server_states, deliver_never_goes_to_a_transmitter) {  // E17
    script(server())
        .then([](session& s, session_time now) {
            EXPECT_EQ(s.submit(make_pdu(0, a_deliver()), 1, now).error(), submit_error::not_bound);
        })
        .bound(bind_transmitter)
        .then([](session& s, session_time now) {
            EXPECT_EQ(s.submit(make_pdu(0, a_deliver()), 1, now).error(), submit_error::not_bound);
            EXPECT_EQ(s.submit(make_pdu(0, a_submit()), 1, now).error(), submit_error::not_bound);
        })
        .reply_with({})
        .run();
}

TEST(operations, matrix_of_34_table_2_1) {
    struct row {
        command_id command;
        bool esme;
        const char* states;  // o open, b outbound, t tx, r rx, x trx
    };
    const row rows[] = {{bind_transmitter, true, "ob"},
                        {bind_receiver, true, "ob"},
                        {bind_transceiver, true, "ob"},
                        {outbind, false, "o"},
                        {unbind, true, "trx"},
                        {unbind, false, "trx"},
                        {submit_sm, true, "tx"},
                        {submit_multi, true, "tx"},
                        {query_sm, true, "tx"},
                        {cancel_sm, true, "tx"},
                        {replace_sm, true, "tx"},
                        {data_sm, true, "tx"},
                        {data_sm, false, "rx"},
                        {deliver_sm, false, "rx"},
                        {alert_notification, false, "rx"},
                        {broadcast_sm, true, "tx"},
                        {query_broadcast_sm, true, "tx"},
                        {cancel_broadcast_sm, true, "tx"},
                        {enquire_link, true, "obtrx"},
                        {enquire_link, false, "obtrx"}};
    const std::pair<char, state> letters[] = {{'o', state::open},
                                              {'b', state::outbound},
                                              {'t', state::bound_tx},
                                              {'r', state::bound_rx},
                                              {'x', state::bound_trx}};
    const auto expected = [&](command_id command, bool esme, char letter) {
        for (const row& one : rows) {
            if (one.command == command && one.esme == esme) {
                // "trx" as a list of letters: t, r and x.
                return std::string_view(one.states).find(letter) != std::string_view::npos;
            }
        }
        return false;
    };
    const command_id all[] = {generic_nack,
                              bind_receiver,
                              bind_receiver_resp,
                              bind_transmitter,
                              query_sm,
                              submit_sm,
                              submit_sm_resp,
                              deliver_sm,
                              unbind,
                              replace_sm,
                              cancel_sm,
                              bind_transceiver,
                              outbind,
                              enquire_link,
                              submit_multi,
                              alert_notification,
                              data_sm,
                              broadcast_sm,
                              query_broadcast_sm,
                              cancel_broadcast_sm,
                              broadcast_sm_resp,
                              static_cast<command_id>(0x777)};
    for (const command_id command : all) {
        for (const bool esme : {true, false}) {
            for (const auto& [letter, in] : letters) {
                EXPECT_EQ(may_send(command, esme, in), expected(command, esme, letter))
                    << name_of(command) << " esme=" << esme << " in " << name_of(in);
            }
        }
    }
}

// Requests.

TEST(server_requests, a_submit_reaches_the_owner_and_its_answer_the_client) {
    script(server())
        .bound()
        .expect(raw(submit_sm, 2, message_body()))
        .told({"request submit_sm 2 to=200"})
        .reply_with({})
        .then(answer(2))
        .reply_with(raw(submit_sm_resp, 2, cstring("m1")))
        .run();
}

TEST(server_requests, an_error_is_a_header_only_where_3_4_says_so) {  // E13
    script(server())
        .bound()
        .expect(raw(submit_sm, 2, message_body()) +
                raw(cancel_sm, 3,
                    cstring("") + cstring("m1") + std::string(2, '\0') + cstring("100") +
                        std::string(2, '\0') + cstring("200")))
        .told({"request submit_sm 2 to=200", "request cancel_sm 3"})
        .then([](session& s, session_time now) {
            EXPECT_TRUE(s.respond({2, submit_sm}, esme_rmsgqful, now));
            EXPECT_TRUE(s.respond({3, cancel_sm}, esme_rcancelfail, now));
        })
        .reply_with(raw(submit_sm_resp, esme_rmsgqful, 2) +
                    raw(cancel_sm_resp, esme_rcancelfail, 3))
        .run();
}

TEST(server_requests, any_sequence_number_is_echoed_even_twice) {  // E10
    script(server())
        .bound()
        .expect(raw(submit_sm, 0, message_body()) + raw(submit_sm, 0, message_body()) +
                raw(submit_sm, 0x80000000, message_body()) +
                raw(submit_sm, 0xFFFFFFFF, message_body()) + raw(enquire_link, 0))
        .told({"request submit_sm 0 to=200", "request submit_sm 0 to=200",
               "request submit_sm 2147483648 to=200", "request submit_sm 4294967295 to=200"})
        .reply_with(raw(enquire_link_resp, 0))
        .then(answer(0))
        .then(answer(0x80000000))
        .then(answer(0xFFFFFFFF))
        .then(answer(0))
        .reply_with(
            raw(submit_sm_resp, 0, cstring("m1")) + raw(submit_sm_resp, 0x80000000, cstring("m1")) +
            raw(submit_sm_resp, 0xFFFFFFFF, cstring("m1")) + raw(submit_sm_resp, 0, cstring("m1")))
        .run();
}

TEST(server_requests, above_the_peer_window_the_machine_throttles) {
    bytes six;
    for (std::uint32_t i = 1; i <= 6; ++i)
        six = six + raw(submit_sm, i, message_body());
    script(server())  // peer_window_max 4
        .bound()
        .expect(six)
        .told({"request submit_sm 1 to=200", "request submit_sm 2 to=200",
               "request submit_sm 3 to=200", "request submit_sm 4 to=200"})
        .reply_with(raw(submit_sm_resp, esme_rthrottled, 5) +
                    raw(submit_sm_resp, esme_rthrottled, 6))
        .then(answer(3))
        .reply_with(raw(submit_sm_resp, 3, cstring("m1")))
        .expect(raw(submit_sm, 7, message_body()) + raw(submit_sm, 8, message_body()))
        .told({"request submit_sm 7 to=200"})
        .reply_with(raw(submit_sm_resp, esme_rthrottled, 8))
        .then([](session& s, session_time) { EXPECT_EQ(s.counters().throttled, 3U); })
        .run();
}

TEST(server_requests, windows_can_be_set_when_the_account_is_known) {
    script(server())
        .bound()
        .then([](session& s, session_time) { s.set_windows(1, 1); })
        .expect(raw(submit_sm, 1, message_body()) + raw(submit_sm, 2, message_body()))
        .told({"request submit_sm 1 to=200"})
        .reply_with(raw(submit_sm_resp, esme_rthrottled, 2))
        .then([](session& s, session_time now) {
            EXPECT_TRUE(submit_on(s, make_pdu(0, a_deliver()), 1, now).has_value());
            EXPECT_EQ(s.submit(make_pdu(0, a_deliver()), 2, now).error(),
                      submit_error::window_full);
        })
        .run();
}

// Faulty input.

TEST(server_faults, unknown_commands_are_nacked_and_the_session_kept) {  // E8
    const auto unknown = static_cast<command_id>(0x00000777);
    const auto unknown_resp = static_cast<command_id>(0x80000777);
    script(server())
        .bound()
        .expect(raw(unknown, 77, "whatever") + raw(unknown_resp, 78) + raw(enquire_link, 79))
        .reply_with(raw(generic_nack, esme_rinvcmdid, 77) + raw(enquire_link_resp, 79))
        .told({})
        .in_state(state::bound_trx)
        .then([](session& s, session_time) { EXPECT_EQ(s.counters().unknown_commands, 2U); })
        .run();
}

TEST(server_faults, malformed_bodies_get_their_own_response) {  // E8
    std::string too_long = message_body();
    too_long[too_long.size() - 3] = 50;  // sm_length beyond the PDU
    const std::string torn_tlv = message_body() + std::string("\x04\x24\x00\x09x", 5);
    script(server())
        .bound()
        .expect(raw(submit_sm, 1, too_long) + raw(submit_sm, 2, "x") + raw(submit_sm, 3, torn_tlv) +
                raw(submit_sm, 4, message_body()))
        .reply_with(raw(submit_sm_resp, esme_rinvmsglen, 1) +
                    raw(submit_sm_resp, esme_rinvparlen, 2) +
                    raw(submit_sm_resp, esme_rinvtlvstream, 3))
        .told({"request_refused submit_sm 1 ESME_RINVMSGLEN short_message",
               "request_refused submit_sm 2 ESME_RINVPARLEN service_type",
               "request_refused submit_sm 3 ESME_RINVTLVSTREAM tlvs trailing=5",
               "request submit_sm 4 to=200"})
        .then([](session& s, session_time) { EXPECT_EQ(s.counters().malformed, 3U); })
        .run();
}

TEST(server_faults, a_length_below_16_is_nacked_and_the_session_closed) {
    script(server())
        .bound()
        .expect(raw(submit_sm, 1, message_body()) + from_hex("0000000f 00000004 00000000 00000002"))
        .reply_with(raw(generic_nack, esme_rinvcmdlen, 0))
        .told({"request submit_sm 1 to=200", "closed framing_error"})
        .in_state(state::closed)
        .then([](session& s, session_time now) {
            EXPECT_FALSE(s.respond({1, submit_sm}, esme_rok, now));
            EXPECT_TRUE(s.output().empty());
        })
        .run();
}

TEST(server_faults, a_length_above_the_limit_is_nacked_with_its_sequence) {
    script(server())
        .expect(from_hex("000003e9 00000004 00000000 00000102"))
        .reply_with(raw(generic_nack, esme_rinvcmdlen, 0x102))
        .told({"closed framing_error"})
        .run();
    script(server())
        .expect(
            bytes{'G', 'E', 'T', ' ', '/', ' ', 'H', 'T', 'T', 'P', '/', '1', '.', '1', '\r', '\n'})
        .told({})
        .reply_with(raw(generic_nack, esme_rinvcmdlen, 0x2e310d0a))
        .in_state(state::closed)
        .run();
}

TEST(server_faults, nothing_after_broken_framing_is_handled) {
    script(server())
        .bound()
        .expect(from_hex("00000003") + raw(submit_sm, 1, message_body()) + raw(enquire_link, 2))
        .reply_with(raw(generic_nack, esme_rinvcmdlen, 0))
        .told({"closed framing_error"})
        .run();
}

TEST(server_faults, responses_are_never_answered) {  // E9
    script(server())
        .bound()
        .expect(raw(deliver_sm_resp, 1, cstring("")) + raw(submit_sm_resp, 2, cstring("x")) +
                raw(enquire_link_resp, 3) + raw(unbind_resp, 4) + raw(bind_receiver_resp, 5) +
                raw(generic_nack, esme_rinvcmdid, 6))
        .reply_with({})
        .told({})
        .in_state(state::bound_trx)
        .then([](session& s, session_time) {
            EXPECT_EQ(s.counters().unexpected_responses, 5U);
            EXPECT_EQ(s.counters().session_faults, 0U);
        })
        .expect(raw(generic_nack, esme_rinvcmdlen, 0))
        .then([](session& s, session_time) { EXPECT_EQ(s.counters().session_faults, 1U); })
        .run();
}

TEST(server_faults, a_peer_that_does_not_read_is_not_read) {
    session_settings settings = server();
    settings.output_bytes_max = 40;
    session s(settings, session_time{});
    const auto ask = raw(enquire_link, 1);
    s.receive(ask, session_time{});
    s.receive(ask, session_time{});
    EXPECT_TRUE(s.wants_input());
    s.receive(ask, session_time{});
    EXPECT_FALSE(s.wants_input());
    EXPECT_EQ(s.output().size(), 48U);
    s.consume_output(20);
    EXPECT_TRUE(s.wants_input());
    EXPECT_EQ(s.output().size(), 28U);
}

TEST(server_counters, count_both_ways_by_class) {
    script(server())
        .bound()
        .expect(raw(submit_sm, 2, message_body()) + raw(enquire_link, 3))
        .then(answer(2))
        .then([](session& s, session_time) {
            const session_counters& c = s.counters();
            EXPECT_EQ(c.received_of(command_class::bind).requests, 1U);
            EXPECT_EQ(c.sent_of(command_class::bind).responses, 1U);
            EXPECT_EQ(c.received_of(command_class::submit).requests, 1U);
            EXPECT_EQ(c.sent_of(command_class::submit).responses, 1U);
            EXPECT_EQ(c.received_of(command_class::enquire_link).requests, 1U);
            EXPECT_EQ(c.sent_of(command_class::enquire_link).responses, 1U);
            EXPECT_EQ(c.sent_of(command_class::submit).requests, 0U);
        })
        .run();
}

}  // namespace
}  // namespace hikyaku::smpp::test
