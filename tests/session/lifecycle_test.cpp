// The client's bind, unbind both ways, and every timer.
#include "tests/session/script.hpp"

namespace hikyaku::smpp::test {
namespace {

using enum command_id;
using enum command_status;
using state = session_state;

void unbind_it(session& s, session_time now) {
    s.unbind(now);
}

std::function<void(session&, session_time)> deliver(std::uint64_t token) {
    return [token](session& s, session_time now) {
        EXPECT_TRUE(submit_on(s, make_pdu(0, a_deliver()), token, now).has_value());
    };
}

std::function<void(session&, session_time)> respond(peer_request request, command_status status) {
    return [request, status](session& s, session_time now) {
        EXPECT_TRUE(s.respond(request, status, now));
    };
}

// The client's bind.

TEST(client_bind, each_kind_gives_its_state) {
    const std::pair<command_id, state> kinds[] = {{bind_transmitter, state::bound_tx},
                                                  {bind_receiver, state::bound_rx},
                                                  {bind_transceiver, state::bound_trx}};
    for (const auto& [kind, expected] : kinds)
        script(client()).bound_client(kind).in_state(expected).run();
}

TEST(client_bind, version_is_what_both_speak) {
    const auto says = [](unsigned char version) {
        return cstring("s") + std::string("\x02\x10\0\1", 4) + static_cast<char>(version);
    };
    struct row {
        std::uint8_t own;    // of the settings
        std::uint8_t asked;  // of the bind
        bool assume;
        std::string answer;
        std::uint8_t sent;  // in the bind
        std::uint8_t agreed;
    };
    const row rows[] = {
        // Many carriers leave the TLV out: then the setting decides, and 5.0 they are not.
        {0x34, 0x34, true, cstring("s"), 0x34, 0x34},
        {0x34, 0x34, true, "", 0x34, 0x34},
        {0x50, 0x50, true, cstring("s"), 0x50, 0x34},
        {0x33, 0x33, true, cstring("s"), 0x33, 0x33},
        {0x34, 0x34, false, cstring("s"), 0x34, 0x33},
        {0x34, 0x34, false, "", 0x34, 0x33},
        {0x50, 0x50, false, cstring("s"), 0x50, 0x33},
        // What the server says counts, whatever the setting, odd values too.
        {0x34, 0x34, true, says(0x33), 0x34, 0x33},
        {0x34, 0x34, false, says(0x34), 0x34, 0x34},
        {0x34, 0x34, true, says(0x50), 0x34, 0x34},
        {0x50, 0x50, false, says(0x50), 0x50, 0x50},
        {0x50, 0x50, true, says(0x34), 0x50, 0x34},
        {0x50, 0x50, true, says(0x00), 0x50, 0x33},
        {0x50, 0x50, true, says(0x31), 0x50, 0x33},
        {0x50, 0x50, true, says(0x35), 0x50, 0x34},
        {0x50, 0x50, true, says(0x4F), 0x50, 0x34},
        {0x50, 0x50, true, says(0xFF), 0x50, 0x50},
        // The bind never claims more than the settings allow.
        {0x34, 0x50, true, says(0x50), 0x34, 0x34},
        {0x50, 0x34, true, says(0x50), 0x34, 0x34},
        {0x33, 0x34, true, says(0x50), 0x33, 0x33},
    };
    for (const row& one : rows) {
        SCOPED_TRACE(&one - rows);
        session_settings settings = client();
        settings.interface_version = one.own;
        settings.assume_tlvs = one.assume;
        script(settings)
            .then([&](session& s, session_time now) {
                bind_request request;
                request.interface_version = one.asked;
                EXPECT_TRUE(s.bind(bind_transmitter, request, now).has_value());
                EXPECT_EQ(s.bind(bind_transmitter, request, now).error(), submit_error::not_bound);
            })
            .reply_with(
                raw(bind_transmitter, 1,
                    std::string(3, '\0') + static_cast<char>(one.sent) + std::string(3, '\0')))
            .expect(raw(bind_transmitter_resp, 1, one.answer))
            .told({"bound bind_transmitter_resp 1"})
            .then([&](session& s, session_time) {
                EXPECT_EQ(s.interface_version(), one.agreed);
                EXPECT_EQ(s.tlvs_allowed(), one.agreed >= 0x34);
            })
            .run();
    }
}

TEST(client_bind, a_refusal_is_told_and_another_try_allowed) {
    for (const bytes& refusal : {raw(bind_receiver_resp, esme_rinvpaswd, 1),
                                 raw(bind_receiver_resp, esme_rinvpaswd, 1, cstring("smsc")),
                                 raw(generic_nack, esme_rinvpaswd, 1)}) {
        const std::string name(name_of(static_cast<command_id>(0x80000000 | (refusal[7]))));
        script(client())
            .then([](session& s, session_time now) {
                EXPECT_TRUE(s.bind(bind_receiver, {}, now).has_value());
            })
            .expect(refusal)
            .told({"bind_refused " + name + " 1 ESME_RINVPASWD"})
            .in_state(state::open)
            .then([](session& s, session_time now) {
                EXPECT_EQ(*s.bind(bind_receiver, {}, now), 2U);
            })
            .expect(raw(bind_receiver_resp, 2, cstring("smsc")))
            .told({"bound bind_receiver_resp 2"})
            .run();
    }
}

TEST(client_bind, without_answer_the_session_is_closed) {
    session_settings settings = client();
    settings.session_init_timeout = 5s;
    script(settings)
        .then([](session& s, session_time now) {
            EXPECT_TRUE(s.bind(bind_receiver, {}, now).has_value());
        })
        .in_state(state::binding)
        .after(5s)
        .told({"closed bind_timeout"})
        .run();
}

TEST(client_bind, requests_before_bind_resp_are_refused) {
    script(client())
        .then([](session& s, session_time now) {
            EXPECT_TRUE(s.bind(bind_receiver, {}, now).has_value());
        })
        .in_state(state::binding)
        .then([](session& s, session_time now) {
            EXPECT_EQ(s.submit(make_pdu(0, a_submit()), 1, now).error(), submit_error::not_bound);
        })
        .expect(raw(deliver_sm, 3, message_body()) + raw(bind_receiver, 4, bind_body()))
        .told({})
        .then([](session& s, session_time) { EXPECT_EQ(s.counters().wrong_state, 2U); })
        .run();
}

TEST(client_bind, an_outbind_is_told) {
    script(client())
        .expect(raw(outbind, 1, cstring("smsc") + cstring("pw")))
        .told({"outbind outbind 1"})
        .reply_with({})
        .in_state(state::outbound)
        .bound_client(bind_receiver)
        .run();
}

// Unbind.

TEST(peer_unbind, is_answered_and_the_session_closed) {
    script(server())
        .bound()
        .expect(raw(unbind, 8))
        .told({"unbind_requested unbind 8"})
        .reply_with(raw(unbind_resp, 8))
        .told({"closed unbound"})
        .in_state(state::closed)
        .run();
}

TEST(peer_unbind, pending_answers_go_out_first) {  // E20
    script(server())
        .bound()
        .expect(raw(submit_sm, 2, message_body()) + raw(submit_sm, 3, message_body()) +
                raw(unbind, 4) + raw(submit_sm, 5, message_body()) + raw(enquire_link, 6))
        .told({"request submit_sm 2 to=200", "request submit_sm 3 to=200",
               "unbind_requested unbind 4"})
        .reply_with(raw(submit_sm_resp, esme_rinvbndsts, 5) + raw(enquire_link_resp, 6))
        .in_state(state::peer_unbinding)
        .then(respond({3, submit_sm}, esme_rsyserr))
        .reply_with(raw(submit_sm_resp, esme_rsyserr, 3))
        .then(respond({2, submit_sm}, esme_rthrottled))
        .reply_with(raw(submit_sm_resp, esme_rthrottled, 2) + raw(unbind_resp, 4))
        .told({"closed unbound"})
        .run();
}

TEST(peer_unbind, nothing_is_asked_of_a_peer_that_leaves) {
    script(server())
        .bound()
        .expect(raw(submit_sm, 2, message_body()))
        .then(deliver(1))
        .expect(raw(unbind, 3))
        .reply_with({})
        .then(respond({2, submit_sm}, esme_rsyserr))
        .reply_with(raw(submit_sm_resp, esme_rsyserr, 2) + raw(unbind_resp, 3))
        .told({"request submit_sm 2 to=200", "unbind_requested unbind 3",
               "request_failed deliver_sm 1 closed_waiting token=1", "closed unbound"})
        .run();
}

TEST(peer_unbind, waits_for_the_owner_only_so_long) {
    script(server())
        .bound()
        .expect(raw(submit_sm, 2, message_body()) + raw(unbind, 3))
        .after(9999ms)
        .reply_with({})
        .after(1ms)
        .reply_with(raw(unbind_resp, 3))
        .told({"request submit_sm 2 to=200", "unbind_requested unbind 3", "closed unbound"})
        .run();
}

TEST(peer_unbind, requests_in_flight_are_unknown_and_those_waiting_safe) {
    script(server())
        .bound()
        .then(deliver(1))
        .reply_with(raw(deliver_sm, 1, message_body()))
        .then(deliver(2))
        .expect(raw(unbind, 4))
        .reply_with(raw(unbind_resp, 4))
        .told({"unbind_requested unbind 4", "request_failed deliver_sm 1 closed_unknown token=1",
               "request_failed deliver_sm 2 closed_waiting token=2", "closed unbound"})
        .run();
}

TEST(own_unbind, is_sent_at_once_when_nothing_is_in_flight) {
    script(server())
        .bound()
        .then(unbind_it)
        .reply_with(raw(unbind, 1))
        .in_state(state::unbinding)
        .expect(raw(submit_sm, 9, message_body()) + raw(unbind_resp, 1))
        .reply_with(raw(submit_sm_resp, esme_rinvbndsts, 9))
        .told({"closed unbound"})
        .run();
}

TEST(own_unbind, waits_for_its_own_window_alone_too) {
    script(server())
        .bound()
        .then(deliver(7))
        .reply_with(raw(deliver_sm, 1, message_body()))
        .then(unbind_it)
        .reply_with({})
        .expect(raw(deliver_sm_resp, 1, cstring("")))
        .reply_with(raw(unbind, 2))
        .expect(raw(bind_receiver, 9, bind_body()))
        .reply_with(raw(bind_receiver_resp, esme_rinvbndsts, 9))
        .run();
}

TEST(own_unbind, waits_for_the_window_both_ways) {  // E20
    script(server())
        .bound()
        .then(deliver(7))
        .reply_with(raw(deliver_sm, 1, message_body()))
        .expect(raw(submit_sm, 5, message_body()))
        .then(unbind_it)
        .then(unbind_it)
        .in_state(state::draining)
        .then([](session& s, session_time now) {
            EXPECT_EQ(s.submit(make_pdu(0, a_deliver()), 1, now).error(), submit_error::closing);
        })
        .expect(raw(deliver_sm_resp, 1, cstring("")))
        .reply_with({})
        .expect(raw(submit_sm, 6, message_body()))  // still served
        .then(respond({5, submit_sm}, esme_rsyserr))
        .reply_with(raw(submit_sm_resp, esme_rsyserr, 5))
        .then(respond({6, submit_sm}, esme_rsyserr))
        .reply_with(raw(submit_sm_resp, esme_rsyserr, 6) + raw(unbind, 2))
        .expect(raw(unbind_resp, 2))
        .told({"request submit_sm 5 to=200", "response deliver_sm_resp 1 ESME_ROK token=7",
               "request submit_sm 6 to=200", "closed unbound"})
        .run();
}

TEST(own_unbind, what_was_never_written_does_not_follow_it) {
    script(server())
        .bound()
        .then(deliver(7))
        .then(unbind_it)
        .after(10s)
        .reply_with(raw(unbind, 2))
        .told({"request_failed deliver_sm 1 response_timeout token=7"})
        .run();
}

TEST(own_unbind, every_wait_is_bounded) {
    script(server())
        .bound()
        .then(deliver(7))
        .reply_with(raw(deliver_sm, 1, message_body()))
        .expect(raw(submit_sm, 5, message_body()))
        .then(unbind_it)
        .after(10s)
        .reply_with(raw(unbind, 2))
        .told(
            {"request submit_sm 5 to=200", "request_failed deliver_sm 1 response_timeout token=7"})
        .after(10s)
        .told({"closed unbind_timeout"})
        .run();
}

TEST(own_unbind, a_nack_is_an_answer_too) {
    script(client())
        .bound_client()
        .then(unbind_it)
        .reply_with(raw(unbind, 2))
        .expect(raw(generic_nack, esme_rinvcmdid, 2))
        .told({"closed unbound"})
        .run();
}

TEST(own_unbind, crossing_with_the_peers) {
    script(client())
        .bound_client()
        .then(unbind_it)
        .reply_with(raw(unbind, 2))
        .expect(raw(unbind, 40))
        .reply_with(raw(unbind_resp, 40))
        .told({"unbind_requested unbind 40", "closed unbound"})
        .run();
}

TEST(own_unbind, of_an_unbound_session_just_closes) {
    script(server()).then(unbind_it).reply_with({}).told({"closed local"}).run();
}

TEST(own_close, flushes_and_closes_without_unbind) {
    script(server())
        .bound()
        .expect(raw(submit_sm, 5, message_body()))
        .then(respond({5, submit_sm}, esme_rsyserr))
        .then([](session& s, session_time now) { s.close(now); })
        .reply_with(raw(submit_sm_resp, esme_rsyserr, 5))
        .told({"request submit_sm 5 to=200", "closed local"})
        .run();
}

TEST(own_close, a_flush_that_never_ends_is_cut) {
    session s(server(), session_time{});
    s.receive(raw(enquire_link, 1), session_time{});
    s.close(session_time{});
    EXPECT_EQ(s.state(), state::closing);
    EXPECT_FALSE(s.wants_input());
    EXPECT_EQ(s.next_deadline(), session_time{} + 5s);
    s.tick(session_time{} + 5s);
    EXPECT_TRUE(s.is_closed());
}

TEST(connection_loss, after_the_peers_unbind_is_no_fault) {
    script(server())
        .bound()
        .expect(raw(submit_sm, 2, message_body()) + raw(unbind, 3))
        .then([](session& s, session_time) { s.abort(close_reason::peer_closed); })
        .told({"request submit_sm 2 to=200", "unbind_requested unbind 3", "closed unbound"})
        .run();
}

// Timers.

session_settings asking() {
    session_settings out = quiet(session_role::server);
    out.enquire_link_interval = 30s;
    return out;
}

TEST(enquire_link_timer, asks_after_silence_and_again) {
    script(asking())
        .bound()
        .after(29999ms)
        .reply_with({})
        .after(1ms)
        .reply_with(raw(enquire_link, 1))
        .after(1s)
        .expect(raw(enquire_link_resp, 1))
        .told({})
        .after(29999ms)
        .reply_with({})
        .after(1ms)
        .reply_with(raw(enquire_link, 2))
        .run();
}

TEST(enquire_link_timer, any_pdu_is_a_sign_of_life_but_bytes_are_not) {  // E29
    const bytes begun(raw(submit_sm, 9, message_body()));
    script(asking())
        .bound()
        .after(20s)
        .expect(raw(enquire_link, 7))
        .reply_with(raw(enquire_link_resp, 7))
        .after(20s)
        .reply_with({})
        .expect(bytes(begun.begin(), begun.begin() + 20))
        .after(10s)
        .reply_with(raw(enquire_link, 1))
        .run();
}

TEST(enquire_link_timer, silence_ends_the_session) {
    script(asking())
        .bound()
        .after(30s)
        .reply_with(raw(enquire_link, 1))
        .after(9999ms)
        .told({})
        .after(1ms)
        .told({"closed enquire_link_timeout"})
        .run();
}

TEST(enquire_link_timer, a_missing_answer_is_forgiven_while_others_come) {  // E19
    script(asking())
        .bound()
        .after(30s)
        .reply_with(raw(enquire_link, 1))
        .after(5s)
        .expect(raw(submit_sm, 2, message_body()))
        .after(10s)
        .told({"request submit_sm 2 to=200"})
        .in_state(state::bound_trx)
        .then([](session& s, session_time) { EXPECT_EQ(s.counters().enquire_links_missed, 1U); })
        .after(20s)
        .reply_with(raw(enquire_link, 2))
        .after(10s)
        .told({"closed enquire_link_timeout"})
        .run();
}

TEST(enquire_link_timer, a_nack_is_a_sign_of_life) {
    script(asking())
        .bound()
        .after(30s)
        .reply_with(raw(enquire_link, 1))
        .expect(raw(generic_nack, esme_rinvcmdid, 1))
        .after(29s)
        .told({})
        .in_state(state::bound_trx)
        .then([](session& s, session_time) { EXPECT_EQ(s.counters().unexpected_responses, 0U); })
        .run();
}

// A peer that goes on talking and no longer hears us.

session_settings asking_client() {
    session_settings out = client();
    out.enquire_link_interval = 60s;
    return out;
}

std::function<void(session&, session_time)> send(std::uint64_t token) {
    return [token](session& s, session_time now) {
        EXPECT_TRUE(submit_on(s, make_pdu(0, a_submit()), token, now).has_value());
    };
}

/// A bound client whose request 2 has just expired, while the peer delivered its own.
script after_a_silent_request(const session_settings& settings) {
    return script(settings)
        .bound_client()
        .then(send(7))
        .reply_with(raw(submit_sm, 2, message_body()))
        .after(9s)
        .expect(raw(deliver_sm, 90, message_body()))
        .after(1s)
        .told({"request deliver_sm 90", "request_failed submit_sm 2 response_timeout token=7"});
}

TEST(doubt, a_client_whose_words_do_not_arrive_asks_and_ends_the_session) {
    after_a_silent_request(asking_client())
        .reply_with(raw(enquire_link, 3))
        .after(5s)
        .expect(raw(deliver_sm, 91, message_body()))
        .after(4999ms)
        .told({"request deliver_sm 91"})
        .in_state(state::bound_trx)
        .after(1ms)
        .told({"closed enquire_link_timeout"})
        .run();
}

/// An enquiry that the deliveries have excused is under way when the request expires.
session_settings asking_often() {
    session_settings out = client();
    out.enquire_link_interval = 5s;
    return out;
}

TEST(doubt, has_its_own_time_whatever_was_asked_before) {
    script(asking_often())
        .bound_client()
        .then(send(7))
        .reply_with(raw(submit_sm, 2, message_body()))
        .after(5s)
        .reply_with(raw(enquire_link, 3))
        .after(4s)
        .expect(raw(deliver_sm, 90, message_body()))
        .after(1s)
        .told({"request deliver_sm 90", "request_failed submit_sm 2 response_timeout token=7"})
        .reply_with(raw(enquire_link, 4))
        .after(9999ms)
        .in_state(state::bound_trx)
        .told({})
        .then([](session& s, session_time) { EXPECT_EQ(s.counters().enquire_links_missed, 1U); })
        .after(1ms)
        .told({"closed enquire_link_timeout"})
        .run();
}

TEST(doubt, does_not_end_the_session_in_the_late_tick_that_raises_it) {
    session s(asking_often(), session_time{});
    const auto take = [&s] {
        const auto written = bytes(s.output().begin(), s.output().end());
        s.consume_output(written.size());
        return written;
    };
    ASSERT_TRUE(s.bind(bind_transceiver, {}, session_time{}).has_value());
    take();
    s.receive(raw(bind_transceiver_resp, 1, cstring("smsc")), session_time{});
    EXPECT_EQ(s.take_events().size(), 1U);
    send(7)(s, session_time{});
    take();
    s.tick(session_time{} + 5s);
    EXPECT_EQ(take(), raw(enquire_link, 3));
    s.receive(raw(deliver_sm, 90, message_body()), session_time{} + 6s);
    EXPECT_EQ(s.take_events().size(), 1U);
    s.tick(session_time{} + 40s);  // the process stood still
    EXPECT_TRUE(s.is_bound());
    EXPECT_EQ(take(), raw(enquire_link, 4));
    s.receive(raw(enquire_link_resp, 4), session_time{} + 49s);
    s.tick(session_time{} + 50s);
    EXPECT_TRUE(s.is_bound());
}

TEST(doubt, ends_with_any_response) {
    struct row {
        bytes answer;
        std::vector<std::string> told;
    };
    const row rows[] = {
        {raw(enquire_link_resp, 3), {}},
        {raw(submit_sm_resp, 2, cstring("abc")),
         {"late_response submit_sm_resp 2 ESME_ROK token=7 id=abc"}},
        {raw(generic_nack, esme_rinvcmdid, 3), {}},
        {raw(submit_sm_resp, 999, cstring("abc")), {}},
    };
    for (row each : rows) {
        each.told.emplace_back("request deliver_sm 91");
        after_a_silent_request(asking_client())
            .after(9s)
            .expect(each.answer + raw(deliver_sm, 91, message_body()))
            .after(2s)
            .told(each.told)
            .in_state(state::bound_trx)
            .run();
    }
}

TEST(doubt, does_not_arise_while_other_requests_are_answered) {
    script(asking_client())
        .bound_client()
        .then(send(7))
        .then(send(8))
        .reply_with(raw(submit_sm, 2, message_body()) + raw(submit_sm, 3, message_body()))
        .after(1s)
        .expect(raw(submit_sm_resp, 3, cstring("abc")))
        .after(8s)
        .expect(raw(deliver_sm, 90, message_body()))
        .after(1s)
        .then([](session& s, session_time) { EXPECT_EQ(s.counters().response_timeouts, 1U); })
        .reply_with({})
        .after(11s)
        .in_state(state::bound_trx)
        .run();
}

TEST(doubt, is_no_servers_business_and_not_of_those_who_never_ask) {
    session_settings never = client();
    after_a_silent_request(never).after(1000s).told({}).in_state(state::bound_trx).run();
    script(asking())
        .bound()
        .then(deliver(7))
        .after(9s)
        .expect(raw(submit_sm, 90, message_body()))
        .after(1s)
        .told(
            {"request submit_sm 90 to=200", "request_failed deliver_sm 1 response_timeout token=7"})
        .reply_with(raw(deliver_sm, 1, message_body()))
        .after(15s)
        .in_state(state::bound_trx)
        .run();
}

TEST(probe, finds_a_dead_session_quickly) {  // B24
    const auto probe = [](session& s, session_time now) { s.probe(3s, now); };
    script(asking())
        .bound()
        .then(probe)
        .then(probe)
        .reply_with(raw(enquire_link, 1))
        .after(3s)
        .told({"closed enquire_link_timeout"})
        .run();
    script(asking())
        .bound()
        .then(probe)
        .reply_with(raw(enquire_link, 1))
        .expect(raw(enquire_link_resp, 1))
        .after(20s)
        .told({})
        .in_state(state::bound_trx)
        .run();
    script(asking()).then(probe).reply_with({}).run();
}

TEST(inactivity_timer, unbinds_and_closes) {
    session_settings settings = server();
    settings.inactivity_timeout = 60s;
    script(settings)
        .bound()
        .after(50s)
        .expect(raw(enquire_link, 7))
        .reply_with(raw(enquire_link_resp, 7))
        .after(59999ms)
        .reply_with({})
        .after(1ms)
        .reply_with(raw(unbind, 1))
        .after(10s)
        .told({"closed inactivity"})
        .run();
}

TEST(timers, that_are_off_leave_no_deadline) {
    session_settings settings = server();
    settings.response_timeout = 0ms;
    script(settings)
        .then([](session& s, session_time) { EXPECT_EQ(s.next_deadline(), std::nullopt); })
        .bound()
        .then(deliver(1))
        .then([](session& s, session_time) { EXPECT_EQ(s.next_deadline(), std::nullopt); })
        .after(1000h)
        .in_state(state::bound_trx)
        .told({})
        .run();
}

}  // namespace
}  // namespace hikyaku::smpp::test
