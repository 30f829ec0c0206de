// Responses as carriers really write them, and sessions that are cut before, during and after one:
// what is sent again, what is not, and what stays unknown, by the carrier's policy.
#include <gtest/gtest.h>

#include <set>

#include "tests/unit/gateway/io/smsc_fixture.hpp"

namespace hikyaku::gateway::io {
namespace {

using namespace std::chrono_literals;
using namespace testing_support;

class carrier_responses : public carrier_world {};

TEST_F(carrier_responses, every_shape_of_a_message_id_is_understood) {
    struct row {
        const char* what;
        std::vector<std::uint8_t> body;
        const char* id;
    };
    const std::vector<std::uint8_t> tlv{0x04, 0x28, 0, 1, 50};
    std::vector<std::uint8_t> with_tlv{'A', '9', 0}, nothing_but_tlv{0};
    with_tlv.insert(with_tlv.end(), tlv.begin(), tlv.end());
    nothing_but_tlv.insert(nothing_but_tlv.end(), tlv.begin(), tlv.end());
    start();
    auto link = bound();
    for (const auto& [what, body, id] :
         {row{"an id", {'A', '1', 0}, "A1"}, row{"no body", {}, ""}, row{"one NUL", {0}, ""},
          row{"an id without NUL", {'A', '2'}, "A2"}, row{"an id and a TLV", with_tlv, "A9"},
          row{"no id but a TLV", nothing_but_tlv, ""}, row{"a TLV alone", tlv, ""}}) {
        const auto message = submit();
        const auto segment = link->expect(command_id::submit_sm);
        link->send_raw(command_id::submit_sm_resp, command_status::esme_rok, segment.sequence(),
                       body);
        run_until([&] { return state_of(message) != State::queued; });
        EXPECT_EQ(state_of(message), State::submitted) << what;
        EXPECT_EQ(view(message).segments[0].carrier_message_id, id) << what;
    }
    EXPECT_EQ(carrier().in_flight, 0U);
}

TEST_F(carrier_responses, errors_with_and_without_a_body_are_the_same) {
    start();
    auto link = bound();
    for (const std::vector<std::uint8_t>& body :
         {std::vector<std::uint8_t>{}, {0}, {'X', 0}, {'X'}, {0xFF, 0xFF, 0xFF}}) {
        const auto message = submit();
        const auto segment = link->expect(command_id::submit_sm);
        link->send_raw(command_id::submit_sm_resp, command_status::esme_rinvdstadr,
                       segment.sequence(), body);
        run_until([&] { return state_of(message) == State::rejected; });
        EXPECT_EQ(view(message).segments[0].error, 0x0BU);
    }
}

TEST_F(carrier_responses, a_refusal_may_say_why) {
    start();
    auto link = bound();
    const std::vector<std::uint8_t> info{0x00, 0x1D, 0x00, 0x0A, 'n', 'o', ' ',
                                         'c',  'r',  'e',  'd',  'i', 't', 0};
    for (const std::vector<std::uint8_t>& before : {std::vector<std::uint8_t>{}, {0}, {'X', 0}}) {
        const auto message = submit();
        const auto segment = link->expect(command_id::submit_sm);
        auto body = before;
        body.insert(body.end(), info.begin(), info.end());
        link->send_raw(command_id::submit_sm_resp, command_status{0x400}, segment.sequence(), body);
        run_until([&] { return state_of(message) == State::rejected; });
        EXPECT_EQ(view(message).segments[0].error, 0x400U);
        EXPECT_EQ(view(message).segments[0].info, "no credit") << before.size();
        EXPECT_EQ(view(message).segments[0].source, ErrorSource::response);
    }
}

// Sessions that are cut.

enum class moment { read_no_answer, half_an_answer, answered };

struct cut {
    config::unknown_outcome policy;
    moment when;
};

class cut_sessions : public carrier_world, public ::testing::WithParamInterface<cut> {};

TEST_P(cut_sessions, follow_the_carriers_policy) {
    const auto [policy, when] = GetParam();
    alpha().on_unknown = policy;
    start();
    auto first = bound();
    const auto message = submit();
    const auto segment = first->expect(command_id::submit_sm);
    if (when == moment::half_an_answer) {
        first->send(std::vector<std::uint8_t>{0, 0, 0, 19, 0x80, 0, 0, 4, 0, 0});
    } else if (when == moment::answered) {
        first->send(smpp::submit_sm_resp{"A1"}, segment.sequence());
        run_until([&] { return state_of(message) == State::submitted; });
    }
    first->close();
    auto second = bound();
    const auto marker = submit("marker");
    const auto next = second->expect(command_id::submit_sm);
    const auto& body = next.body<smpp::submit_sm>();
    const std::string text(body.short_message.begin(), body.short_message.end());
    if (when == moment::answered) {
        EXPECT_EQ(text, "marker");
        EXPECT_EQ(state_of(message), State::submitted);
    } else if (policy == config::unknown_outcome::resend) {
        EXPECT_EQ(text, "Hello");
        EXPECT_EQ(state_of(message), State::queued);
        second->send(smpp::submit_sm_resp{"A2"}, next.sequence());
        run_until([&] { return state_of(message) == State::submitted; });
        EXPECT_EQ(view(message).segments[0].attempts, 2U);
    } else {
        EXPECT_EQ(text, "marker");
        EXPECT_FALSE(is_final(state_of(message)));
        EXPECT_EQ(core().count().resends_withheld, 1U);
    }
    EXPECT_NE(state_of(marker), State::unknown);
}

using enum config::unknown_outcome;
INSTANTIATE_TEST_SUITE_P(at_every_moment, cut_sessions,
                         ::testing::Values(cut{resend, moment::read_no_answer},
                                           cut{resend, moment::half_an_answer},
                                           cut{resend, moment::answered},
                                           cut{await_receipt, moment::read_no_answer},
                                           cut{await_receipt, moment::half_an_answer},
                                           cut{await_receipt, moment::answered}));

class unread_sessions : public carrier_world,
                        public ::testing::WithParamInterface<config::unknown_outcome> {};

// The carrier reads nothing, so that most segments never leave us: whatever the policy says, those
// are sent again, and only those that may have left are in doubt.
TEST_P(unread_sessions, what_was_never_written_is_always_sent_again) {
    constexpr std::uint32_t messages = 600;
    alpha().on_unknown = GetParam();
    alpha().window = 1000;
    alpha().contract_rate = std::nullopt;
    start();
    auto first = bound();
    first->stop_reading();
    std::vector<std::uint8_t> bulk;
    const std::vector<std::uint8_t> filler(15000, 'x');
    const auto big = smpp::tlv_writer(bulk).octets(0x1500, filler).list().raw();
    std::vector<message_id> all;
    for (std::uint32_t i = 0; i < messages; ++i)
        all.push_back(submit("Hello", std::string(big.begin(), big.end())));
    run_until([&] { return carrier().in_flight == messages; });
    settle();
    first->close();

    auto second = bound();
    std::set<std::uint32_t> again;
    run_until([&] {
        while (second->has_pdu()) {
            const auto segment = second->expect(command_id::submit_sm);
            again.insert(segment.sequence());
            second->send(smpp::submit_sm_resp{"B" + std::to_string(again.size())},
                         segment.sequence());
        }
        const bool resent = GetParam() == config::unknown_outcome::resend;
        return again.size() + (resent ? 0 : core().count().outcome_unknown) == messages;
    });
    const auto unknown = core().count().resends_withheld;
    if (GetParam() == config::unknown_outcome::resend) {
        EXPECT_EQ(unknown, 0U);
    } else {
        EXPECT_EQ(view(all.front()).segments[0].attempts, 1U);
        EXPECT_EQ(view(all.front()).segments[0].carrier_message_id, "");
        EXPECT_GT(unknown, 0U);
        EXPECT_GT(again.size(), 0U);
        EXPECT_NE(state_of(all.back()), State::unknown);
    }
}

INSTANTIATE_TEST_SUITE_P(by_policy, unread_sessions, ::testing::Values(resend, await_receipt));

}  // namespace
}  // namespace hikyaku::gateway::io
