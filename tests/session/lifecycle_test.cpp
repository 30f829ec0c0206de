// The client's bind, and unbind both ways.
#include "tests/session/actions.hpp"

namespace hikyaku::smpp::test {
namespace {

using enum command_id;
using enum command_status;
using state = session_state;

void unbind_it(session& s, session_time now) {
    s.unbind(now);
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

// A receipt that crosses our unbind on its way is taken, for a refused one need not come again.
TEST(own_unbind, a_client_takes_what_crosses_it_and_nothing_behind_the_answer) {
    for (const command_id kind : {bind_receiver, bind_transmitter, bind_transceiver})
        script(client())
            .bound_client(kind)
            .then(unbind_it)
            .reply_with(raw(unbind, 2))
            .expect(raw(deliver_sm, 9, message_body()) + raw(unbind_resp, 2) +
                    raw(deliver_sm, 10, message_body()))
            .told({"request deliver_sm 9"})
            .reply_with(raw(deliver_sm_resp, esme_rinvbndsts, 10, cstring("")))
            .in_state(state::unbinding)
            .then(respond({9, deliver_sm}, esme_rok))
            .reply_with(raw(deliver_sm_resp, esme_rok, 9, cstring("")))
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

}  // namespace
}  // namespace hikyaku::smpp::test
