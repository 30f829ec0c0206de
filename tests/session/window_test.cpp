// Own requests: window, sequence numbers, responses early, late and never, urgent before bulk, and
// what is known of a request when the session ends.
#include "tests/session/script.hpp"

namespace hikyaku::smpp::test {
namespace {

using enum command_id;
using enum command_status;
using state = session_state;

/// Submits one; the token is the sequence number times 10.
std::function<void(session&, session_time)> submit(std::uint32_t expected_sequence) {
    return [expected_sequence](session& s, session_time now) {
        const auto sequence =
            submit_on(s, make_pdu(0, a_submit()), std::uint64_t{expected_sequence} * 10, now);
        ASSERT_TRUE(sequence.has_value()) << name_of(sequence.error());
        EXPECT_EQ(*sequence, expected_sequence);
    };
}

std::function<void(session&, session_time)> submit_fails(submit_error expected) {
    return [expected](session& s, session_time now) {
        EXPECT_EQ(s.submit(make_pdu(0, a_submit()), 1, now).error(), expected);
    };
}

bytes submitted(std::uint32_t sequence) {
    return raw(submit_sm, sequence, message_body());
}

TEST(window, responses_in_any_order_find_their_tokens) {
    script(client())
        .bound_client()
        .then(submit(2))
        .then(submit(3))
        .then(submit(4))
        .then(submit_fails(submit_error::window_full))
        .reply_with(submitted(2) + submitted(3) + submitted(4))
        .expect(raw(submit_sm_resp, 4, cstring("c")) + raw(submit_sm_resp, esme_rthrottled, 2) +
                raw(submit_sm_resp, 3, cstring("b")))
        .told({"response submit_sm_resp 4 ESME_ROK token=40 id=c",
               "response submit_sm_resp 2 ESME_RTHROTTLED token=20 id=",
               "response submit_sm_resp 3 ESME_ROK token=30 id=b"})
        .then(submit(5))
        .reply_with(submitted(5))
        .run();
}

TEST(window, sloppy_responses_are_understood) {  // E13
    script(client())
        .bound_client()
        .then(submit(2))
        .then(submit(3))
        .then(submit(4))
        .reply_with(submitted(2) + submitted(3) + submitted(4))
        .expect(raw(submit_sm_resp, 2) + raw(submit_sm_resp, 3, "abc") +
                raw(submit_sm_resp, 4, cstring(std::string(80, 'x'))))
        .told({"response submit_sm_resp 2 ESME_ROK token=20 id=",
               "response submit_sm_resp 3 ESME_ROK token=30 id=abc",
               "response submit_sm_resp 4 ESME_ROK token=40 id=" + std::string(80, 'x')})
        .run();
}

TEST(window, a_response_counts_once_and_only_for_its_command) {
    script(client())
        .bound_client()
        .then(submit(2))
        .reply_with(submitted(2))
        .expect(raw(query_sm_resp, 2) + raw(submit_sm_resp, 9, cstring("a")))
        .told({})
        .expect(raw(submit_sm_resp, 2, cstring("a")) + raw(submit_sm_resp, 2, cstring("a")))
        .told({"response submit_sm_resp 2 ESME_ROK token=20 id=a"})
        .then([](session& s, session_time) { EXPECT_EQ(s.counters().unexpected_responses, 3U); })
        .run();
}

TEST(window, a_response_to_what_was_never_sent_is_no_response) {
    script(client())
        .bound_client()
        .then(submit(2))
        .expect(raw(submit_sm_resp, 2, cstring("forged")))
        .told({})
        .reply_with(submitted(2))
        .expect(raw(submit_sm_resp, 2, cstring("real")))
        .told({"response submit_sm_resp 2 ESME_ROK token=20 id=real"})
        .run();
}

TEST(window, a_generic_nack_with_a_known_number_is_the_answer) {  // E9
    script(client())
        .bound_client()
        .then(submit(2))
        .reply_with(submitted(2))
        .expect(raw(generic_nack, esme_rinvcmdid, 2) + raw(generic_nack, esme_rinvcmdlen, 0))
        .told({"response generic_nack 2 ESME_RINVCMDID token=20"})
        .then([](session& s, session_time) {
            EXPECT_EQ(s.in_flight(), 0U);
            EXPECT_EQ(s.counters().session_faults, 1U);
        })
        .run();
}

TEST(window, requests_time_out_in_order_and_late_responses_are_still_told) {  // B17
    script(client())
        .bound_client()
        .then(submit(2))
        .reply_with(submitted(2))
        .after(4s)
        .then(submit(3))
        .reply_with(submitted(3))
        .then([](session& s, session_time now) { EXPECT_EQ(s.next_deadline(), now + 6s); })
        .after(5999ms)
        .told({})
        .after(1ms)
        .told({"request_failed submit_sm 2 response_timeout token=20"})
        .then([](session& s, session_time) { EXPECT_EQ(s.window_free(), 2U); })
        .after(4s)
        .told({"request_failed submit_sm 3 response_timeout token=30"})
        .expect(raw(submit_sm_resp, 3, cstring("late")))
        .told({"late_response submit_sm_resp 3 ESME_ROK token=30 id=late"})
        .reply_with({})
        .expect(raw(submit_sm_resp, 3, cstring("again")))
        .told({})
        .in_state(state::bound_trx)
        .then([](session& s, session_time) {
            EXPECT_EQ(s.counters().late_responses, 1U);
            EXPECT_EQ(s.counters().response_timeouts, 2U);
            EXPECT_EQ(s.counters().unexpected_responses, 1U);
        })
        .run();
}

TEST(window, only_the_last_expired_requests_are_remembered) {
    session_settings settings = client();
    settings.expired_max = 2;
    script(settings)
        .bound_client()
        .then(submit(2))
        .then(submit(3))
        .then(submit(4))
        .reply_with(submitted(2) + submitted(3) + submitted(4))
        .after(10s)
        .told({"request_failed submit_sm 2 response_timeout token=20",
               "request_failed submit_sm 3 response_timeout token=30",
               "request_failed submit_sm 4 response_timeout token=40"})
        .expect(raw(submit_sm_resp, 2, cstring("x")) + raw(submit_sm_resp, 4, cstring("y")))
        .told({"late_response submit_sm_resp 4 ESME_ROK token=40 id=y"})
        .run();
}

TEST(sequences, wrap_to_1) {  // E10
    session_settings settings = client();
    settings.first_sequence = 0x7FFFFFFE;
    session s(settings, session_time{});
    ASSERT_EQ(*s.bind(bind_transmitter, {}, session_time{}), 0x7FFFFFFEU);
    s.consume_output(s.output().size());
    s.receive(raw(bind_transmitter_resp, 0x7FFFFFFE, cstring("x")), session_time{});
    ASSERT_EQ(s.take_events().size(), 1U);
    submit(0x7FFFFFFF)(s, session_time{});
    submit(1)(s, session_time{});
    submit(2)(s, session_time{});
}

TEST(sequences, skip_what_is_in_flight_or_has_expired) {
    session_settings settings = client();
    settings.sequence_max = 6;
    settings.expired_max = 1;
    script(settings)
        .bound_client()
        .then(submit(2))
        .after(5s)
        .then(submit(3))
        .then(submit(4))
        .reply_with(submitted(2) + submitted(3) + submitted(4))
        .after(5s)
        .told({"request_failed submit_sm 2 response_timeout token=20"})
        .expect(raw(submit_sm_resp, 4, cstring("x")))
        .told({"response submit_sm_resp 4 ESME_ROK token=40 id=x"})
        .then(submit(5))
        .then(submit(6))
        .reply_with(submitted(5) + submitted(6))
        .expect(raw(submit_sm_resp, 5, cstring("x")) + raw(submit_sm_resp, 6, cstring("x")))
        .then(submit(1))
        .then(submit(4))  // 2 has expired, 3 is in flight
        .reply_with(submitted(1) + submitted(4))
        .run();
}

TEST(output, responses_and_enquire_link_overtake_requests) {
    script(client())
        .bound_client()
        .then(submit(2))
        .expect(raw(enquire_link, 5) + raw(deliver_sm, 6, message_body()))
        .then([](session& s, session_time now) {
            EXPECT_TRUE(s.respond({6, deliver_sm}, esme_rok, now));
        })
        .reply_with(raw(enquire_link_resp, 5) + raw(deliver_sm_resp, 6, cstring("")) + submitted(2))
        .told({"request deliver_sm 6"})
        .run();
}

TEST(output, staged_bytes_do_not_move) {
    session s(client(), session_time{});
    ASSERT_TRUE(s.bind(bind_transmitter, {}, session_time{}).has_value());
    const auto first = s.output();
    const bytes before(first.begin(), first.end());
    for (std::uint32_t i = 0; i < 100; ++i)
        s.receive(raw(enquire_link, i), session_time{});
    const auto again = s.output();
    EXPECT_EQ(again.data(), first.data());
    EXPECT_EQ(bytes(again.begin(), again.end()), before);
    s.consume_output(before.size() - 1);
    EXPECT_EQ(s.output().size(), 1U);
    s.consume_output(1);
    EXPECT_EQ(s.output().size(), 1600U);
}

TEST(output, a_request_that_does_not_fit_leaves_nothing) {
    script(client())
        .bound_client()
        .then([](session& s, session_time now) {
            std::vector<std::uint8_t> buffer;
            tlv_writer tlvs(buffer);
            tlvs.octets(tag::message_payload, bytes(1000, 'x'));
            EXPECT_EQ(s.submit(make_pdu(0, a_submit(), tlvs.list()), 1, now).error(),
                      submit_error::too_large);
            smpp::submit_sm bad = a_submit();
            bad.source_addr = "123456789012345678901";
            EXPECT_EQ(s.submit(make_pdu(0, bad), 1, now).error(), submit_error::invalid_field);
            EXPECT_EQ(s.in_flight(), 0U);
        })
        .reply_with({})
        .run();
}

TEST(output, a_33_peer_gets_no_tlvs) {  // E2
    script(quiet(session_role::server))
        .bound(bind_receiver, 0x33)
        .then([](session& s, session_time now) {
            std::vector<std::uint8_t> buffer;
            tlv_writer tlvs(buffer);
            tlvs.cstring(tag::receipted_message_id, "m1");
            EXPECT_TRUE(submit_on(s, make_pdu(0, a_deliver(), tlvs.list()), 1, now).has_value());
            tlvs.octets(tag::message_payload, bytes{1, 2});
            EXPECT_EQ(s.submit(make_pdu(0, a_deliver(), tlvs.list()), 2, now).error(),
                      submit_error::tlv_forbidden);
        })
        .reply_with(raw(deliver_sm, 1, message_body()))
        .run();
    script(quiet(session_role::server))
        .bound(bind_receiver, 0x34)
        .then([](session& s, session_time now) {
            std::vector<std::uint8_t> buffer;
            tlv_writer tlvs(buffer);
            tlvs.cstring(tag::receipted_message_id, "m1");
            EXPECT_TRUE(submit_on(s, make_pdu(0, a_deliver(), tlvs.list()), 1, now).has_value());
        })
        .reply_with(raw(deliver_sm, 1, message_body() + std::string("\x00\x1e\x00\x03m1\x00", 7)))
        .run();
}

TEST(output, alert_notification_takes_no_place_in_the_window) {
    script(quiet(session_role::server))
        .bound(bind_receiver)
        .then([](session& s, session_time now) {
            for (int i = 0; i < 5; ++i)
                EXPECT_TRUE(
                    submit_on(s, make_pdu(0, smpp::alert_notification{}), 1, now).has_value());
            EXPECT_EQ(s.in_flight(), 0U);
        })
        .run();
}

// B18: waiting is safe to send elsewhere, staged and written are not.
TEST(close, unanswered_requests_are_told_with_what_is_known) {
    session s(client(), session_time{});
    ASSERT_TRUE(s.bind(bind_transceiver, {}, session_time{}).has_value());
    s.consume_output(s.output().size());
    s.receive(raw(bind_transceiver_resp, 1, cstring("x")), session_time{});
    ASSERT_EQ(s.take_events().size(), 1U);

    const std::size_t size = submitted(2).size();
    submit(2)(s, session_time{});
    submit(3)(s, session_time{});
    EXPECT_EQ(s.progress(2), request_progress::waiting);
    ASSERT_EQ(s.output().size(), 2 * size);
    EXPECT_EQ(s.progress(2), request_progress::staged);
    submit(4)(s, session_time{});
    s.consume_output(size);
    EXPECT_EQ(s.progress(2), request_progress::written);
    EXPECT_EQ(s.progress(3), request_progress::staged);
    EXPECT_EQ(s.progress(4), request_progress::waiting);
    s.consume_output(1);
    EXPECT_EQ(s.progress(3), request_progress::written);

    s.abort(close_reason::peer_closed);
    std::vector<std::string> lines;
    for (const session_event& event : s.take_events())
        lines.push_back(line_of(event));
    EXPECT_EQ(lines, (std::vector<std::string>{"request_failed submit_sm 2 closed_unknown token=20",
                                               "request_failed submit_sm 3 closed_unknown token=30",
                                               "request_failed submit_sm 4 closed_waiting token=40",
                                               "closed peer_closed"}));
    EXPECT_TRUE(s.output().empty());
    EXPECT_EQ(s.next_deadline(), std::nullopt);
    submit_fails(submit_error::closing)(s, session_time{});
}

TEST(close, broken_framing_drops_what_waits_and_flushes_what_is_staged) {
    script(client())
        .bound_client()
        .then(submit(2))
        .reply_with(submitted(2))
        .then(submit(3))
        .expect(from_hex("00000001"))
        .reply_with(raw(generic_nack, esme_rinvcmdlen, 0))
        .told({"request_failed submit_sm 2 closed_unknown token=20",
               "request_failed submit_sm 3 closed_waiting token=30", "closed framing_error"})
        .run();
}

}  // namespace
}  // namespace hikyaku::smpp::test
