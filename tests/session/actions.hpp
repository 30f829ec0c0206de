// What the owner of a session does in a script: submits, answers. For script::then().
#pragma once

#include <functional>
#include <vector>

#include "tests/session/script.hpp"

namespace hikyaku::smpp::test {

using action = std::function<void(session&, session_time)>;

inline action submit(pdu request, std::uint64_t token) {
    return [request, token](session& s, session_time now) {
        const auto sequence = submit_on(s, request, token, now);
        EXPECT_TRUE(sequence.has_value()) << name_of(sequence.error());
    };
}
inline action submit_fails(pdu request, submit_error expected) {
    return [request, expected](session& s, session_time now) {
        const auto sequence = s.submit(request, 99, now);
        ASSERT_FALSE(sequence.has_value());
        EXPECT_EQ(name_of(sequence.error()), name_of(expected));
    };
}
inline action answer(peer_request request, command_status status) {
    return [request, status](session& s, session_time now) {
        EXPECT_TRUE(s.respond(request, status, now));
    };
}
inline action answer_submit(std::uint32_t sequence) {
    return [sequence](session& s, session_time now) {
        EXPECT_TRUE(
            s.respond({sequence, command_id::submit_sm}, smpp::submit_sm_resp{"m1"}, {}, now));
    };
}

inline action deliver(std::uint64_t token) {
    return [token](session& s, session_time now) {
        EXPECT_TRUE(submit_on(s, make_pdu(0, a_deliver()), token, now).has_value());
    };
}

/// A list of one TLV, good for the whole program.
inline tlv_list one_tlv(std::uint16_t tag, const char* text) {
    static std::vector<std::vector<std::uint8_t>> kept;
    kept.reserve(100);
    return tlv_writer(kept.emplace_back()).cstring(tag, text).list();
}

}  // namespace hikyaku::smpp::test
