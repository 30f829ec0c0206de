// Responses with an error status: the smallest body that the session's version allows.
#include <gtest/gtest.h>

#include <string>

#include "tests/session/script.hpp"

namespace hikyaku::smpp::test {
namespace {

using enum command_id;
using enum command_status;

TEST(refusals, have_the_smallest_body_of_the_sessions_version) {
    struct version {
        char asked;
        std::string submitted, data, query;
    };
    const std::string unknown = std::string("\0\0\7\0", 4);
    for (const auto& [asked, submitted, data, query] :
         {version{0x33, cstring(""), cstring(""), unknown}, version{0x34, "", cstring(""), unknown},
          version{0x50, "", "", ""}}) {
        session_settings settings = server();
        settings.interface_version = 0x50;
        script(settings)
            .bound(bind_transceiver, asked)
            .expect(raw(submit_sm, 2, message_body()) + raw(data_sm, 3, data_body()) +
                    raw(query_sm, 4, cstring("m1") + std::string(2, '\0') + cstring("100")))
            .then([](session& s, session_time now) {
                EXPECT_TRUE(s.respond({2, submit_sm}, esme_rthrottled, now));
                EXPECT_TRUE(s.respond({3, data_sm}, esme_rthrottled, now));
                EXPECT_TRUE(s.respond({4, query_sm}, esme_rqueryfail, now));
            })
            .reply_with(raw(submit_sm_resp, esme_rthrottled, 2, submitted) +
                        raw(data_sm_resp, esme_rthrottled, 3, data) +
                        raw(query_sm_resp, esme_rqueryfail, 4, query))
            .run();
    }
}

TEST(refusals, of_a_bind_have_a_body_for_a_transceiver_only) {
    for (const command_id kind : {bind_transceiver, bind_transmitter, bind_receiver}) {
        script(server())
            .expect(raw(kind, 1, bind_body()))
            .then([](session& s, session_time now) { s.refuse_bind(esme_rinvpaswd, now); })
            .reply_with(raw(response_of(kind), esme_rinvpaswd, 1,
                            kind == bind_transceiver ? cstring("") : std::string()))
            .run();
    }
}

TEST(refusals, of_a_client_have_the_nul_of_message_id) {
    script(client())
        .bound_client()
        .expect(raw(deliver_sm, 7, message_body()) + raw(data_sm, 8, data_body()) +
                raw(submit_sm, 9, message_body()))
        .told({"request deliver_sm 7", "request data_sm 8"})
        .then([](session& s, session_time now) {
            EXPECT_TRUE(s.respond({7, deliver_sm}, esme_rx_t_appn, now));
            EXPECT_TRUE(s.respond({8, data_sm}, esme_rx_p_appn, now));
        })
        .reply_with(raw(submit_sm_resp, esme_rinvbndsts, 9) +
                    raw(deliver_sm_resp, esme_rx_t_appn, 7, cstring("")) +
                    raw(data_sm_resp, esme_rx_p_appn, 8, cstring("")))
        .run();
}

}  // namespace
}  // namespace hikyaku::smpp::test
