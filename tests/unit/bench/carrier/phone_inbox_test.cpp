#include "bench/carrier/phone_inbox.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "smpp/text/plan.hpp"

namespace hikyaku::bench {
namespace {

namespace text = smpp::text;

constexpr std::int64_t noon = 1'700'000'000'000;

phone_segment segment_to(std::string_view to, std::string_view octets, std::uint8_t data_coding = 0,
                         bool has_udh = false) {
    phone_segment made;
    made.from = "Bank";
    made.to = to;
    made.has_udh = has_udh;
    made.data_coding = data_coding;
    made.octets = text::octets_of(octets);
    return made;
}

text::plan planned(std::string_view utf8, std::uint8_t reference = 1) {
    auto made = text::plan_text(utf8, {.reference = reference});
    EXPECT_TRUE(made.has_value());
    return std::move(*made);
}

std::vector<std::string> texts_of(const phone_inbox& inbox, std::string_view number) {
    std::vector<std::string> result;
    const auto* const found = inbox.find(number);
    if (found == nullptr) return result;
    for (const phone_message& one : found->messages)
        result.push_back(one.text);
    return result;
}

TEST(phone_inbox, shows_one_segment_as_its_alphabet_says) {
    phone_inbox inbox;
    using namespace std::string_view_literals;
    inbox.receive(segment_to("+811", "pay \x00 desk"sv), noon);  // 0x00 is '@' in GSM
    inbox.receive(segment_to("+811", "\x98\x18"sv, 8), noon + 1);
    inbox.receive(segment_to("+811", "caf\xE9"sv, 3), noon + 2);
    inbox.receive(segment_to("+811", "\x01\x02\x03"sv, 4), noon + 3);
    EXPECT_EQ(texts_of(inbox, "+811"),
              (std::vector<std::string>{"pay @ desk", "領", "café",
                                        "[3 octets of data that is no text]"}));
    const phone_message& first = inbox.find("+811")->messages.front();
    EXPECT_EQ(first.with, "Bank");
    EXPECT_EQ(first.time_ms, noon);
    EXPECT_EQ(first.segments, 1U);
    EXPECT_EQ(first.encoding, "gsm7");
    EXPECT_FALSE(first.outgoing);
    EXPECT_EQ(inbox.find("+812"), nullptr);
}

TEST(phone_inbox, puts_segments_together_in_any_order) {
    phone_inbox inbox;
    const std::string long_text = std::string(200, 'a') + "end";
    const text::plan plan = planned(long_text);
    ASSERT_EQ(plan.segments.size(), 2U);
    inbox.receive(segment_to("+811", plan.segments[1], plan.data_coding, true), noon);
    EXPECT_TRUE(texts_of(inbox, "+811").empty());
    inbox.receive(segment_to("+811", plan.segments[1], plan.data_coding, true), noon);  // again
    inbox.receive(segment_to("+811", plan.segments[0], plan.data_coding, true), noon + 5);
    EXPECT_EQ(texts_of(inbox, "+811"), std::vector<std::string>{long_text});
    const phone_message& whole = inbox.find("+811")->messages.front();
    EXPECT_EQ(whole.segments, 2U);
    EXPECT_EQ(whole.time_ms, noon + 5);
    EXPECT_TRUE(whole.complete);
}

TEST(phone_inbox, reads_national_tables) {
    phone_inbox inbox;
    const std::string turkish(
        "\x03\x24\x01\x01"
        "\x1Bs",
        6);  // single shift: s with cedilla
    inbox.receive(segment_to("+811", turkish, 0, true), noon);
    EXPECT_EQ(texts_of(inbox, "+811"), std::vector<std::string>{"\xC5\x9F"});
}

TEST(phone_inbox, puts_segments_together_by_sar_tlvs) {
    phone_inbox inbox;
    phone_segment one = segment_to("+811", "left ");
    one.sar = {.reference = 300, .total = 2, .sequence = 1, .wide = true};
    phone_segment two = segment_to("+811", "right");
    two.sar = {.reference = 300, .total = 2, .sequence = 2, .wide = true};
    inbox.receive(two, noon);
    inbox.receive(one, noon);
    EXPECT_EQ(texts_of(inbox, "+811"), std::vector<std::string>{"left right"});
}

TEST(phone_inbox, shows_what_there_is_of_a_message_that_never_becomes_whole) {
    phone_inbox inbox;
    const text::plan plan = planned(std::string(200, 'a'));
    inbox.receive(segment_to("+811", plan.segments[0], plan.data_coding, true), noon);
    inbox.tick(noon + 9 * 60'000);
    EXPECT_TRUE(texts_of(inbox, "+811").empty());
    inbox.tick(noon + 10 * 60'000);
    EXPECT_EQ(texts_of(inbox, "+811"), std::vector<std::string>{std::string(153, 'a') + "\uFFFD"});
    EXPECT_FALSE(inbox.find("+811")->messages.front().complete);
    EXPECT_EQ(inbox.find("+811")->messages.front().segments, 2U);
}

TEST(phone_inbox, a_segment_with_an_impossible_number_is_shown_by_itself) {
    phone_inbox inbox;
    phone_segment odd = segment_to("+811", "odd");
    odd.sar = {.reference = 1, .total = 2, .sequence = 3, .wide = true};
    inbox.receive(odd, noon);
    EXPECT_EQ(texts_of(inbox, "+811"), std::vector<std::string>{"odd"});
}

TEST(phone_inbox, keeps_the_last_messages_of_the_last_numbers) {
    phone_limits limits;
    limits.numbers_max = 3;
    limits.messages_max = 2;
    phone_inbox inbox(limits);
    for (const auto* const number : {"+811", "+812", "+813"})
        inbox.receive(segment_to(number, "one"), noon);
    inbox.receive(segment_to("+811", "two"), noon);
    inbox.receive(segment_to("+811", "three"), noon);
    inbox.receive(segment_to("+814", "one"), noon);  // +812 is silent for longest
    EXPECT_EQ(texts_of(inbox, "+811"), (std::vector<std::string>{"two", "three"}));
    EXPECT_EQ(inbox.find("+811")->messages_ever, 3U);
    EXPECT_EQ(inbox.find("+812"), nullptr);
    std::vector<std::string> order;
    for (const auto& one : inbox.phones())
        order.push_back(one.number);
    EXPECT_EQ(order, (std::vector<std::string>{"+814", "+811", "+813"}));
}

TEST(phone_inbox, cuts_a_huge_text_between_characters) {
    phone_limits limits;
    limits.text_bytes_max = 5;
    phone_inbox inbox(limits);
    inbox.receive(segment_to("+811", std::string_view("\x20\xAC\x20\xAC", 4), 8), noon);  // 3 + 3
    EXPECT_EQ(texts_of(inbox, "+811"), std::vector<std::string>{"€"});
}

TEST(phone_inbox, remembers_what_was_answered_and_by_whom_to_answer) {
    phone_inbox inbox;
    phone_segment in = segment_to("+811", "hello");
    in.account = 4;
    inbox.receive(in, noon);
    const std::uint64_t before = inbox.version();
    phone_message out;
    out.with = "12345";
    out.text = "STOP";
    out.time_ms = noon + 9;
    inbox.answered("+811", out);
    EXPECT_GT(inbox.version(), before);
    const auto* const phone = inbox.find("+811");
    EXPECT_EQ(phone->account, 4U);
    ASSERT_EQ(phone->messages.size(), 2U);
    EXPECT_TRUE(phone->messages[1].outgoing);
    EXPECT_GT(phone->messages[1].id, phone->messages[0].id);
}

}  // namespace
}  // namespace hikyaku::bench
