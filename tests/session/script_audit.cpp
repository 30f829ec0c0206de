#include "tests/session/script_audit.hpp"

#include <gtest/gtest.h>

#include "smpp/pdu/decode.hpp"
#include "tests/session/script.hpp"

namespace hikyaku::smpp::test {

void script_audit::on_submitted(std::uint32_t sequence, std::uint64_t token) {
    EXPECT_FALSE(open_.contains(token)) << "token used twice: " << token;
    ended_.erase(token);
    open_[token] = sequence;
    shown_.erase(sequence);  // the number may have been used before
}

void script_audit::on_output(std::span<const std::uint8_t> out) {
    if (staged_left_ > 0) {
        EXPECT_EQ(out.size(), staged_left_) << "staged bytes have changed";
        return;
    }
    staged_left_ = out.size();
    while (!out.empty()) {
        const decode_result one = decode(out, {pdu_bytes_max_});
        ASSERT_TRUE(one.ok()) << "sent what cannot be read: " << name_of(one.status);
        const pdu_header& header = one.value.header;
        if (!is_response(header.command_id)) shown_.insert(header.sequence_number);
        out = out.subspan(one.consumed);
    }
}

void script_audit::on_failed(const session_event& event) {
    const std::uint32_t sequence = open_.at(event.token);
    EXPECT_EQ(event.value.header.sequence_number, sequence);
    if (event.failure == request_failure::response_timeout) {
        ended_[event.token] = ended::timed_out;
        return;
    }
    const auto expected = shown_.contains(sequence) ? request_failure::closed_unknown
                                                    : request_failure::closed_waiting;
    EXPECT_EQ(name_of(event.failure), name_of(expected)) << "token " << event.token;
    ended_[event.token] = ended::failed;
}

void script_audit::on_event(const session_event& event) {
    EXPECT_FALSE(closed_) << "after the end: " << line_of(event);
    switch (event.kind) {
        case session_event_kind::response:
        case session_event_kind::request_failed:
            ASSERT_TRUE(open_.contains(event.token)) << "no or a second end: " << line_of(event);
            if (event.kind == session_event_kind::request_failed) {
                on_failed(event);
            } else {
                EXPECT_TRUE(shown_.contains(open_.at(event.token)))
                    << "answer to what was not sent";
                ended_[event.token] = ended::answered;
            }
            open_.erase(event.token);
            break;
        case session_event_kind::late_response:
            ASSERT_TRUE(ended_.contains(event.token));
            EXPECT_EQ(ended_.at(event.token), ended::timed_out) << line_of(event);
            ended_[event.token] = ended::answered;
            break;
        case session_event_kind::closed:
            EXPECT_TRUE(open_.empty()) << "closed before every request had its end";
            EXPECT_NE(event.reason, close_reason::none);
            closed_ = true;
            break;
        default:
            break;
    }
}

}  // namespace hikyaku::smpp::test
