// User data headers, whole and broken, and messages put together from their segments.
#include "smpp/text/udh.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "smpp/text/reassembly.hpp"

namespace hikyaku::smpp::text {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using namespace std::string_view_literals;

TEST(udh, split) {
    const auto split = split_udh(octets_of("\x05\x00\x03\x07\x02\x01hello"sv));
    ASSERT_TRUE(split.has_value());
    EXPECT_EQ(chars_of(split->elements), "\x00\x03\x07\x02\x01"sv);
    EXPECT_EQ(chars_of(split->text), "hello");
    const auto only_header = split_udh(octets_of("\x02\x24\x00"sv));
    ASSERT_TRUE(only_header.has_value());
    EXPECT_TRUE(only_header->text.empty());
    const auto empty_header = split_udh(octets_of("\x00hi"sv));
    ASSERT_TRUE(empty_header.has_value());
    EXPECT_EQ(chars_of(empty_header->text), "hi");
    EXPECT_FALSE(split_udh(octets_of("")));
    EXPECT_FALSE(split_udh(octets_of("\x05\x00\x03\x07\x02")));
    EXPECT_FALSE(split_udh(octets_of("\xFFhello")));
}

TEST(udh, elements) {
    const std::string header = "\x05\x04\x0B\x84\x23\xF0\x24\x01\x01\x70\x00"s;
    udh_reader reader(octets_of(header));
    const auto ports = reader.next();
    ASSERT_TRUE(ports.has_value());
    EXPECT_EQ(ports->id, 0x05);
    EXPECT_EQ(chars_of(ports->data), "\x0B\x84\x23\xF0");
    const auto shift = reader.next();
    ASSERT_TRUE(shift.has_value());
    EXPECT_EQ(shift->id, 0x24);
    const auto empty = reader.next();
    ASSERT_TRUE(empty.has_value());
    EXPECT_EQ(empty->id, 0x70);
    EXPECT_TRUE(empty->data.empty());
    EXPECT_FALSE(reader.next());
    EXPECT_FALSE(reader.is_malformed());
    for (const std::string_view broken : {"\x00"sv, "\x00\x03\x01\x02"sv, "\x24\x01\x01\x00"sv}) {
        udh_reader other(octets_of(broken));
        while (other.next()) {
        }
        EXPECT_TRUE(other.is_malformed());
    }
}

TEST(udh, sound_is_what_is_whole_and_can_be_put_together) {
    struct row {
        std::string_view elements;
        bool sound;
    };
    for (const auto& [elements, sound] : {
             row{""sv, true},
             row{"\x00\x03\x07\x02\x01"sv, true},
             row{"\x08\x04\x01\x07\x02\x02"sv, true},
             row{"\x05\x04\x15\x81\x15\x81"sv, true},
             row{"\x70\x00"sv, true},
             row{"\x00\x03\x07\x02\x01\x05\x04\x15\x81\x15\x81"sv, true},
             row{"\x00\x03\x07\x01\x01"sv, true},
             row{"\x00"sv, false},                  // no length
             row{"\x05\x04\x15\x81\x15"sv, false},  // ends beyond the header
             row{"\x05\xFF\x15\x81"sv, false},
             row{"\x70\x00\x00"sv, false},          // one octet too many
             row{"\x00\x03\x07\x02\x05"sv, false},  // part 5 of 2
             row{"\x00\x03\x07\x02\x00"sv, false},  // part 0
             row{"\x00\x03\x07\x00\x00"sv, false},  // of 0
             row{"\x08\x04\x01\x07\x02\x03"sv, false},
             row{"\x00\x02\x07\x02"sv, false},  // a wrong length
             row{"\x08\x03\x07\x02\x01"sv, false},
             row{"\x00\x03\x07\x02\x01\x08\x04\x01\x07\x02\x03"sv, false},
             row{"\x00\x03\x07\x02\x01\x05\x04\x15"sv, false},
         })
        EXPECT_EQ(is_sound_udh(octets_of(elements)), sound) << ::testing::PrintToString(elements);
    const concatenation_info narrow{7, 2, 1, false}, wide{0x107, 2, 1, true};
    EXPECT_TRUE(is_same_part(narrow, *concatenation_from_sar(0x107, 2, 1)));
    EXPECT_TRUE(is_same_part(wide, *concatenation_from_sar(0x107, 2, 1)));
    EXPECT_FALSE(is_same_part(wide, *concatenation_from_sar(7, 2, 1)));
    EXPECT_FALSE(is_same_part(narrow, *concatenation_from_sar(8, 2, 1)));
    EXPECT_FALSE(is_same_part(narrow, *concatenation_from_sar(7, 3, 1)));
    EXPECT_FALSE(is_same_part(narrow, *concatenation_from_sar(7, 2, 2)));
}

TEST(udh, concatenation) {
    struct header_case {
        std::string header;
        std::optional<concatenation_info> info;
    };
    for (const header_case& c : std::vector<header_case>{
             {"\x00\x03\x00\x02\x01"s, concatenation_info{0, 2, 1, false}},
             {"\x00\x03\xFF\xFF\xFF"s, concatenation_info{255, 255, 255, false}},
             {"\x08\x04\x12\x34\x03\x02"s, concatenation_info{0x1234, 3, 2, true}},
             {"\x24\x01\x01\x00\x03\x07\x02\x02"s, concatenation_info{7, 2, 2, false}},
             {"\x00\x03\x07\x02\x01\x00\x03\x08\x02\x02"s, concatenation_info{8, 2, 2, false}},
             {"\x00\x03\x07\x02\x01\x00\x03\x08\x02\x03"s, concatenation_info{7, 2, 1, false}},
             {"\x00\x03\x07\x00\x00"s, {}},
             {"\x00\x03\x07\x02\x00"s, {}},
             {"\x00\x03\x07\x02\x03"s, {}},
             {"\x00\x02\x07\x02"s, {}},
             {"\x00\x04\x07\x02\x01\x01"s, {}},
             {"\x08\x03\x07\x02\x01"s, {}},
             {"\x00\x03\x07\x02"s, {}},
             {"", {}}})
        EXPECT_EQ(concatenation_of(octets_of(c.header)), c.info);
}

class reassembly : public ::testing::Test {
protected:
    using outcome = reassembler::outcome;
    reassembler::added add(std::uint16_t reference, int total, int sequence, std::string_view text,
                           std::chrono::milliseconds now = 0ms, std::uint8_t data_coding = 0) {
        return phone.add("from", "to",
                         {reference, static_cast<std::uint8_t>(total),
                          static_cast<std::uint8_t>(sequence), false},
                         data_coding, octets_of(text), now);
    }
    reassembler phone{{.sets_max = 3, .octets_max = 20, .timeout = 1000ms}};
};

TEST_F(reassembly, any_order_and_duplicates) {
    EXPECT_EQ(add(1, 3, 3, "c").what, outcome::kept);
    EXPECT_EQ(add(1, 3, 1, "a").what, outcome::kept);
    EXPECT_EQ(add(1, 3, 3, "other").what, outcome::duplicate);
    EXPECT_EQ(phone.size(), 1u);
    const auto last = add(1, 3, 2, "b");
    ASSERT_EQ(last.what, outcome::completed);
    EXPECT_EQ(last.message->text(), "abc");
    EXPECT_EQ(last.message->from, "from");
    EXPECT_EQ(last.message->to, "to");
    EXPECT_EQ(phone.size(), 0u);
    EXPECT_EQ(add(0, 1, 1, "alone").message->text(), "alone");
}

TEST_F(reassembly, sets_are_kept_apart) {
    EXPECT_EQ(add(1, 2, 1, "a").what, outcome::kept);
    EXPECT_EQ(add(2, 2, 2, "x").what, outcome::kept);  // another reference
    EXPECT_EQ(phone.add("other", "to", {1, 2, 2, false}, 0, octets_of("y"), 0ms).what,
              outcome::kept);  // another sender
    EXPECT_EQ(phone.size(), 3u);
    EXPECT_EQ(add(1, 2, 2, "b").message->text(), "ab");
    EXPECT_EQ(phone.add("from", "to", {2, 2, 1, true}, 0, octets_of("z"), 0ms).what,
              outcome::kept);  // a 16-bit reference
    EXPECT_EQ(add(2, 2, 1, "w").message->text(), "wx");
}

TEST_F(reassembly, refused) {
    EXPECT_EQ(add(1, 0, 0, "a").what, outcome::refused);
    EXPECT_EQ(add(1, 2, 0, "a").what, outcome::refused);
    EXPECT_EQ(add(1, 2, 3, "a").what, outcome::refused);
    EXPECT_EQ(add(1, 2, 1, std::string(21, 'a')).what, outcome::refused);
    EXPECT_EQ(phone.size(), 0u);
}

TEST_F(reassembly, bounded_in_number) {
    for (std::uint16_t reference = 1; reference <= 3; ++reference)
        EXPECT_FALSE(add(reference, 2, 1, "a").evicted);
    const auto fourth = add(4, 2, 2, "b");
    ASSERT_TRUE(fourth.evicted.has_value());
    EXPECT_FALSE(fourth.evicted->is_complete());
    EXPECT_EQ(fourth.evicted->text(), "a\uFFFD");
    EXPECT_EQ(phone.size(), 3u);
    EXPECT_EQ(add(1, 2, 2, "b").what, outcome::kept);  // its first segment is gone
}

TEST_F(reassembly, bounded_in_time) {
    (void)add(1, 2, 1, "a", 5000ms);
    (void)add(2, 3, 2, "b", 5500ms);
    (void)add(1, 2, 1, "a", 5900ms);  // a duplicate does not prolong it
    EXPECT_TRUE(phone.take_expired(5999ms).empty());
    EXPECT_TRUE(phone.take_expired(10ms).empty());  // the clock went back
    const auto expired = phone.take_expired(6000ms);
    ASSERT_EQ(expired.size(), 1u);
    EXPECT_EQ(expired[0].text(), "a\uFFFD");
    const auto rest = phone.take_expired(6500ms);
    ASSERT_EQ(rest.size(), 1u);
    EXPECT_EQ(rest[0].text(), "\uFFFDb\uFFFD");
    EXPECT_EQ(phone.size(), 0u);
}

TEST_F(reassembly, octets_of_ucs2_are_joined_only_where_both_are_odd) {
    (void)add(1, 2, 1, "\x00\x61\x00"sv, 0ms, 8);
    EXPECT_EQ(add(1, 2, 2, "\x00\x62\x00\x63"sv, 0ms, 8).message->text(), "a\uFFFDbc");
    (void)add(2, 3, 1, "\x00\x61\x65"sv, 0ms, 8);
    (void)add(2, 3, 2, "\xE5\x00\x62"sv, 0ms, 8);
    EXPECT_EQ(add(2, 3, 3, "\x00\x63\x00"sv, 0ms, 8).message->text(), "a日bc\uFFFD");
    // A mark in front of each; without one the order goes on.
    (void)add(3, 3, 1, "\xFE\xFF\x00\x61"sv, 0ms, 8);
    (void)add(3, 3, 2, "\xFF\xFE\x62\x00"sv, 0ms, 8);
    EXPECT_EQ(add(3, 3, 3, "\xFE\xFF\x00\x63"sv, 0ms, 8).message->text(), "abc");
    (void)add(4, 2, 1, "\xFF\xFE\x61\x00"sv, 0ms, 8);
    EXPECT_EQ(add(4, 2, 2, "\x62\x00"sv, 0ms, 8).message->text(), "ab");
}

TEST_F(reassembly, mixed_codings_and_torn_characters) {
    (void)add(1, 3, 1, "a\x00"sv, 0ms, 0);
    (void)add(1, 3, 2, "\x65\xE5\xD8\x3D"sv, 0ms, 8);
    EXPECT_EQ(add(1, 3, 3, "\xDE\x00"sv, 0ms, 8).message->text(), "a@日😀");
    (void)add(2, 2, 1, "a", 0ms, 0);
    EXPECT_EQ(add(2, 2, 2, "\x01\x02", 0ms, 4).message->text(), "a\uFFFD");
}

TEST(udh, concatenation_from_sar_values) {
    EXPECT_EQ(concatenation_from_sar(0x1234, 3, 2), (concatenation_info{0x1234, 3, 2, true}));
    EXPECT_EQ(concatenation_from_sar(1, 0, 0), std::nullopt);
    EXPECT_EQ(concatenation_from_sar(1, 2, 0), std::nullopt);
    EXPECT_EQ(concatenation_from_sar(1, 2, 3), std::nullopt);
    EXPECT_EQ(concatenation_from_sar(0xFFFF, 255, 255),
              (concatenation_info{0xFFFF, 255, 255, true}));
}

TEST_F(reassembly, sar_sets_beside_headers) {
    const auto sar = [&](std::uint8_t sequence, std::string_view text) {
        return phone.add("from", "to", *concatenation_from_sar(7, 2, sequence), 0, octets_of(text),
                         0ms);
    };
    EXPECT_EQ(sar(2, "d").what, outcome::kept);
    EXPECT_EQ(add(7, 2, 1, "a").what, outcome::kept);  // an 8-bit reference of the same value
    EXPECT_EQ(sar(2, "d").what, outcome::duplicate);
    EXPECT_EQ(sar(1, "c").message->text(), "cd");
    EXPECT_EQ(add(7, 2, 2, "b").message->text(), "ab");
}

TEST_F(reassembly, national_tables_by_segment) {
    const auto segment = [&](std::uint8_t sequence, std::string_view text, national_shift shift) {
        return phone.add("from", "to", {5, 3, sequence, false}, 0, octets_of(text), 0ms, shift);
    };
    (void)segment(2, "\x1D\x1B", {.single = 1, .locking = 1});
    (void)segment(3, "\x73", {.single = 1, .locking = 1});  // the escape of the segment before
    EXPECT_EQ(segment(1, "\x1D", {}).message->text(), "æşş");
}

TEST_F(reassembly, default_alphabet_of_the_carrier) {
    (void)add(1, 2, 1, "\xE7");
    const auto whole = add(1, 2, 2, "a");
    EXPECT_EQ(whole.message->text(default_alphabet::latin1), "ça");
    EXPECT_EQ(whole.message->text(), "\uFFFDa");
}

}  // namespace
}  // namespace hikyaku::smpp::text
