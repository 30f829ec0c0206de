// Octets behind the last field of a PDU: what was decoded is kept, from carriers always and from
// applications within limits; what may hold the text of a message refuses it.
#include <gtest/gtest.h>

#include <string>

#include "tests/session/script.hpp"

namespace hikyaku::smpp::test {
namespace {

using enum command_id;
using enum command_status;

session_settings smsc(bool strict = false) {
    session_settings out = quiet(session_role::server);
    out.system_id = "smsc";
    out.strict_pdus = strict;
    return out;
}

std::string octets(std::string_view hex) {
    const bytes raw_octets = from_hex(hex);
    return {raw_octets.begin(), raw_octets.end()};
}

/// message_body() with an empty text.
std::string empty_message() {
    std::string body = message_body();
    body.resize(body.size() - 3);
    return body + '\0';
}

const std::string torn_payload = octets("0424 0009 78");
const std::string torn_reference = octets("0204 0002 00");
const std::string receipted_id = octets("001e 0003 6d31 00");

struct row {
    const char* what;
    command_id command;
    std::string body;
    std::size_t trailing;
    bool taken;
};

/// Sends the row as request 2 to a session and expects its fate.
void expect_fate(script bound, const row& one, std::string_view to, std::string_view refusal) {
    SCOPED_TRACE(one.what);
    const std::string name(name_of(one.command));
    const std::string trailing = " trailing=" + std::to_string(one.trailing);
    const bool told = one.taken;
    bound.expect(raw(one.command, 2, one.body) + raw(enquire_link, 3));
    if (told) {
        bound.told({"request " + name + " 2" + std::string(to) + trailing});
        bound.reply_with(raw(enquire_link_resp, 3));
    } else {
        bound.told({"request_refused " + name + " 2 ESME_RINVTLVSTREAM tlvs" + trailing});
        bound.reply_with(raw(response_of(one.command), esme_rinvtlvstream, 2, refusal) +
                         raw(enquire_link_resp, 3));
    }
    bound
        .then([told](session& s, session_time) {
            EXPECT_EQ(s.counters().trailing, told ? 1U : 0U);
            EXPECT_EQ(s.counters().malformed, told ? 0U : 1U);
        })
        .run();
}

TEST(trailing, an_application_may_leave_up_to_64_octets_but_no_text) {
    const row rows[] = {
        {"one NUL", submit_sm, message_body() + octets("00"), 1, true},
        {"two NULs", submit_sm, message_body() + octets("0000"), 2, true},
        {"four NULs", submit_sm, message_body() + octets("00000000"), 4, true},
        {"a torn TLV", submit_sm, message_body() + torn_reference, 5, true},
        {"anything", submit_sm, message_body() + "padding!", 8, true},
        {"64 of them", submit_sm, message_body() + std::string(64, '\xFF'), 64, true},
        {"65 of them", submit_sm, message_body() + std::string(65, '\xFF'), 65, false},
        {"65 NULs", submit_sm, message_body() + std::string(65, '\0'), 65, false},
        {"a torn text", submit_sm, message_body() + torn_payload, 5, false},
        {"a torn text and none before", submit_sm, empty_message() + torn_payload, 5, false},
        {"no text, NULs", submit_sm, empty_message() + octets("0000"), 2, true},
        {"no text, and what may be one", submit_sm, empty_message() + "hello", 5, false},
    };
    for (const row& one : rows)
        expect_fate(script(smsc()).bound(), one, " to=200", "");
    expect_fate(script(smsc()).bound(),
                {"data_sm", data_sm, data_body() + octets("0424 0001 78 00"), 1, true}, "", "");
    expect_fate(script(smsc()).bound(),
                {"data_sm without its text", data_sm, data_body() + torn_payload, 5, false}, "",
                cstring(""));
    expect_fate(script(smsc()).bound(),
                {"query_sm", query_sm,
                 cstring("m1") + std::string(2, '\0') + cstring("100") + "xyz", 3, true},
                "", "");
}

TEST(trailing, a_strict_account_may_leave_none) {
    for (const row& one : {row{"one NUL", submit_sm, message_body() + octets("00"), 1, false},
                           row{"a torn TLV", submit_sm, message_body() + torn_reference, 5, false}})
        expect_fate(script(smsc(true)).bound(), one, " to=200", "");
    // It is known who is strict when the bind is accepted.
    expect_fate(
        script(smsc()).bound().then([](session& s, session_time) { s.set_strict_pdus(true); }),
        {"one NUL", submit_sm, message_body() + octets("00"), 1, false}, " to=200", "");
    // Whole TLVs are no fault, and what has no field can lose none.
    script(smsc(true))
        .bound()
        .expect(raw(submit_sm, 2, message_body() + octets("0204 0002 0007")) +
                raw(enquire_link, 3, octets("00")))
        .told({"request submit_sm 2 to=200"})
        .reply_with(raw(enquire_link_resp, 3))
        .run();
}

TEST(trailing, a_carrier_may_leave_what_it_likes) {
    const row rows[] = {
        {"one NUL", deliver_sm, message_body() + octets("00"), 1, true},
        {"a torn TLV", deliver_sm, message_body() + torn_reference, 5, true},
        {"300 octets", deliver_sm, message_body() + std::string(300, '\xFF'), 300, true},
        {"a torn text behind a text", deliver_sm, message_body() + torn_payload, 5, true},
        {"a torn text behind an id", deliver_sm, empty_message() + receipted_id + torn_payload, 5,
         true},
        {"a torn text and nothing else", deliver_sm, empty_message() + torn_payload, 5, false},
        {"data_sm with an id", data_sm, data_body() + receipted_id + octets("00"), 1, true},
    };
    for (const row& one : rows)
        expect_fate(script(client()).bound_client(), one, "", cstring(""));
}

TEST(trailing, an_id_in_a_response_is_kept) {
    for (const std::string& tail :
         {octets("00"), octets("0000"), torn_reference, torn_payload, std::string(100, '\xEE')}) {
        script(client())
            .bound_client()
            .then([](session& s, session_time now) {
                EXPECT_TRUE(submit_on(s, make_pdu(0, a_submit()), 5, now).has_value());
            })
            .reply_with(raw(submit_sm, 2, message_body()))
            .expect(raw(submit_sm_resp, 2, cstring("m1") + tail))
            .told({"response submit_sm_resp 2 ESME_ROK token=5 id=m1 trailing=" +
                   std::to_string(tail.size())})
            .then([](session& s, session_time) {
                EXPECT_EQ(s.counters().trailing, 1U);
                EXPECT_EQ(s.counters().malformed, 0U);
            })
            .run();
    }
}

TEST(trailing, binds_and_their_answers_may_have_them) {
    const std::string body = cstring("smsc") + octets("0210 0001 34");
    script(smsc())
        .expect(raw(bind_transceiver, 1, bind_body() + octets("0000")))
        .told({"bind_requested bind_transceiver 1 app trailing=2"})
        .then([](session& s, session_time now) { s.accept_bind(now); })
        .reply_with(raw(bind_transceiver_resp, 1, body))
        .in_state(session_state::bound_trx)
        .run();
    script(client())
        .then([](session& s, session_time now) {
            EXPECT_TRUE(s.bind(bind_transceiver, {}, now).has_value());
        })
        .expect(raw(bind_transceiver_resp, 1, body + octets("00")))
        .told({"bound bind_transceiver_resp 1 trailing=1"})
        .in_state(session_state::bound_trx)
        .then([](session& s, session_time) { EXPECT_EQ(s.interface_version(), 0x34); })
        .run();
}

}  // namespace
}  // namespace hikyaku::smpp::test
