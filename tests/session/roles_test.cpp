// Peers that go beyond their bind: carriers that deliver on a transmitter, and applications that
// bind as transceiver without a version that has transceivers.
#include <gtest/gtest.h>

#include <string>
#include <tuple>

#include "tests/session/script.hpp"

namespace hikyaku::smpp::test {
namespace {

using enum command_id;
using enum command_status;

TEST(transmitters, of_ours_take_what_a_carrier_delivers) {
    const std::string alert = std::string("\1\1") + cstring("4411") + "\1\1" + cstring("app");
    script(client())
        .bound_client(bind_transmitter)
        .expect(raw(deliver_sm, 2, message_body()) + raw(data_sm, 3, data_body()) +
                raw(alert_notification, 4, alert))
        .told({"request deliver_sm 2", "request data_sm 3", "request alert_notification 4"})
        .then([](session& s, session_time now) {
            EXPECT_TRUE(s.respond({2, deliver_sm}, esme_rok, now));
            EXPECT_TRUE(s.respond({3, data_sm}, esme_rok, now));
            EXPECT_EQ(s.counters().wrong_state, 0U);
        })
        .reply_with(raw(deliver_sm_resp, 2, cstring("")) + raw(data_sm_resp, 3, cstring("")))
        .run();
    // While the owner leaves, too; but not before the bind.
    script(client())
        .expect(raw(deliver_sm, 2, message_body()))
        .reply_with(raw(deliver_sm_resp, esme_rinvbndsts, 2, cstring("")))
        .told({})
        .run();
}

TEST(transceivers, without_a_version_speak_3_4) {
    for (const auto& [kind, asked, agreed] :
         {std::tuple{bind_transceiver, 0x00, 0x34}, std::tuple{bind_transceiver, 0x31, 0x34},
          std::tuple{bind_transceiver, 0x33, 0x33}, std::tuple{bind_transmitter, 0x00, 0x33},
          std::tuple{bind_receiver, 0x00, 0x33}}) {
        const std::string told =
            agreed == 0x34 ? std::string("\x02\x10\0\1\x34", 5) : std::string();
        script(server())
            .expect(raw(kind, 1, bind_body(static_cast<char>(asked))))
            .then([](session& s, session_time now) { s.accept_bind(now); })
            .reply_with(raw(response_of(kind), 1, cstring("smsc") + told))
            .then([agreed](session& s, session_time) { EXPECT_EQ(s.interface_version(), agreed); })
            .run();
    }
}

}  // namespace
}  // namespace hikyaku::smpp::test
