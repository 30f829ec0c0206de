// Every timer of a session: enquire_link, doubt, inactivity.
#include "tests/session/actions.hpp"

namespace hikyaku::smpp::test {
namespace {

using enum command_id;
using enum command_status;
using state = session_state;

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
