// The planner at its limits: what fits, where it cuts, what it refuses.
#include "smpp/text/plan.hpp"

#include <gtest/gtest.h>
#include <unicode/uchar.h>

#include <string>
#include <string_view>
#include <vector>

#include "smpp/text/graphemes.hpp"
#include "smpp/text/udh.hpp"
#include "tests/unit/smpp/text/plans.hpp"

namespace hikyaku::smpp::text {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

/// Units of text in each segment.
std::vector<std::size_t> sizes(const plan& made) {
    const std::size_t unit_bytes = made.enc == encoding::ucs2 ? 2 : 1;
    std::vector<std::size_t> found;
    for (const std::string& segment : made.segments)
        found.push_back((segment.size() - (made.udhi ? 6 : 0)) / unit_bytes);
    return found;
}

using size_list = std::vector<std::size_t>;

struct limit_case {
    std::string text;
    encoding enc;
    std::size_t units;
    size_list segments;
};

TEST(plan, limits) {
    const std::string zwj_family = "👨‍👩‍👧‍👦";  // 11 units
    const std::string variant = "葛\U000E0100";  // an ideograph with a variation selector: 3 units
    const std::string marked = "e\u0301\u0323";  // 3 units
    const std::string flag = "🇯🇵";               // 4 units
    for (const limit_case& c : std::vector<limit_case>{
             {"", encoding::gsm7, 0, {0}},
             {times(160, "a"), encoding::gsm7, 160, {160}},
             {times(161, "a"), encoding::gsm7, 161, {153, 8}},
             {times(306, "a"), encoding::gsm7, 306, {153, 153}},
             {times(307, "a"), encoding::gsm7, 307, {153, 153, 1}},
             {times(153 * 4, "@"), encoding::gsm7, 612, {153, 153, 153, 153}},
             {times(80, "€"), encoding::gsm7, 160, {160}},
             {times(81, "€"), encoding::gsm7, 162, {152, 10}},
             {times(158, "a") + "€", encoding::gsm7, 160, {160}},
             {times(159, "a") + "€", encoding::gsm7, 161, {153, 8}},
             {times(152, "a") + "€" + times(10, "b"), encoding::gsm7, 164, {152, 12}},
             {times(151, "a") + "€" + times(10, "b"), encoding::gsm7, 163, {153, 10}},
             {times(152, "a") + "\r\n" + times(10, "b"), encoding::gsm7, 164, {152, 12}},
             // A lone CR at the end of a segment would be padding where septets are packed.
             {times(152, "a") + "\r" + times(10, "b"), encoding::gsm7, 163, {152, 11}},
             {times(151, "a") + "\r€" + times(10, "b"), encoding::gsm7, 164, {151, 13}},
             {times(70, "日"), encoding::ucs2, 70, {70}},
             {times(71, "日"), encoding::ucs2, 71, {67, 4}},
             {times(134, "日"), encoding::ucs2, 134, {67, 67}},
             {times(135, "日"), encoding::ucs2, 135, {67, 67, 1}},
             {times(35, "😀"), encoding::ucs2, 70, {70}},
             {times(36, "😀"), encoding::ucs2, 72, {66, 6}},
             {times(66, "日") + "😀日日日", encoding::ucs2, 71, {66, 5}},
             {times(65, "日") + "😀日日日日", encoding::ucs2, 71, {67, 4}},
             {times(60, "日") + zwj_family, encoding::ucs2, 71, {60, 11}},
             {times(66, "日") + zwj_family, encoding::ucs2, 77, {66, 11}},
             {times(56, "日") + zwj_family + "日日日日", encoding::ucs2, 71, {67, 4}},
             {times(65, "日") + variant + "日日日", encoding::ucs2, 71, {65, 6}},
             {times(66, "日") + variant + "日日", encoding::ucs2, 71, {66, 5}},
             {times(64, "日") + variant + "日日日日", encoding::ucs2, 71, {67, 4}},
             {times(66, "日") + marked + "日日", encoding::ucs2, 71, {66, 5}},
             {times(65, "日") + marked + "日日日", encoding::ucs2, 71, {65, 6}},
             {times(66, "日") + "か\u3099" + "日日日", encoding::ucs2, 71, {66, 5}},
             {times(66, "日") + "カﾞ" + "日日日", encoding::ucs2, 71, {66, 5}},
             {times(66, "日") + "\r\n日日日", encoding::ucs2, 71, {66, 5}},
             {times(65, "日") + flag + "日日", encoding::ucs2, 71, {65, 6}},
             {times(66, "日") + "👍🏽" + "日", encoding::ucs2, 71, {66, 5}},
             {times(66, "日") + "\u1100\u1161\u11A8" + "日日", encoding::ucs2, 71, {66, 5}},
         }) {
        const plan made = planned(c.text);
        EXPECT_EQ(made.enc, c.enc) << c.text;
        EXPECT_EQ(made.data_coding, c.enc == encoding::ucs2 ? 8 : 0);
        EXPECT_EQ(made.units, c.units) << c.text;
        EXPECT_EQ(sizes(made), c.segments) << c.text;
        EXPECT_EQ(made.udhi, c.segments.size() > 1);
        EXPECT_EQ(made.units_per_single, c.enc == encoding::ucs2 ? 70u : 160u);
        EXPECT_EQ(made.units_per_part, c.enc == encoding::ucs2 ? 67u : 153u);
    }
}

TEST(plan, golden_octets) {
    EXPECT_EQ(planned("Hi @ €").segments, segment_list{"Hi \x00 \x1B\x65"s});
    EXPECT_EQ(planned("日a").segments, segment_list{"\x65\xE5\x00\x61"s});
    const plan made = planned(times(153, "x") + times(8, "y"), {.reference = 0xA7});
    EXPECT_EQ(made.segments, (segment_list{"\x05\x00\x03\xA7\x02\x01"s + times(153, "x"),
                                           "\x05\x00\x03\xA7\x02\x02"s + times(8, "y")}));
    const plan wide = planned(times(71, "日"), {.reference = 0});
    EXPECT_EQ(wide.segments, (segment_list{"\x05\x00\x03\x00\x02\x01"s + times(67, "\x65\xE5"),
                                           "\x05\x00\x03\x00\x02\x02"s + times(4, "\x65\xE5")}));
}

TEST(plan, choice_of_alphabet) {
    EXPECT_EQ(planned("plain").enc, encoding::gsm7);
    EXPECT_EQ(planned("plain", {.choice = encoding_choice::ucs2}).enc, encoding::ucs2);
    EXPECT_EQ(planned("", {.choice = encoding_choice::ucs2}).segments, segment_list{""s});
    EXPECT_EQ(planned("façade").enc, encoding::ucs2);  // the alphabet has only the capital
    EXPECT_EQ(planned("\uFEFFplain").segments, segment_list{"plain"s});
    EXPECT_EQ(planned("\uFEFF日").segments, segment_list{"\x65\xE5"s});
}

TEST(plan, refusals) {
    struct refusal {
        std::string text;
        plan_options options;
        plan_failure failure;
    };
    using enum plan_error;
    for (const refusal& c : std::vector<refusal>{
             {"abc\xFF", {}, {invalid_utf8, 3}},
             {"日\xE6\x97", {}, {invalid_utf8, 3}},
             {"\uFEFF日\xE6\x97", {}, {invalid_utf8, 6}},
             {"日\xFF", {.choice = encoding_choice::ucs2}, {invalid_utf8, 3}},
             {"\uFEFFab\xFF", {.choice = encoding_choice::gsm7}, {invalid_utf8, 5}},
             {"€uro 日", {.choice = encoding_choice::gsm7}, {not_in_alphabet, 7}},
             {times(161, "a"), {.parts_max = 1}, {too_many_parts, 2}},
             {times(161, "a"), {.parts_max = 0}, {too_many_parts, 2}},
             {times(153 * 3 + 1, "a"), {.parts_max = 3}, {too_many_parts, 4}},
             {times(81, "€"), {.parts_max = 1}, {too_many_parts, 2}},
             {times(67 * 2 + 1, "日"), {.parts_max = 2}, {too_many_parts, 3}},
             {times(153 * 255 + 1, "a"), {.parts_max = 1000}, {too_many_parts, 256}},
             {times(67 * 300, "日"), {.parts_max = 255}, {too_many_parts, 300}}}) {
        const auto made = plan_text(c.text, c.options);
        ASSERT_TRUE(made.has_error()) << c.text.substr(0, 20);
        EXPECT_EQ(made.error().what, c.failure.what) << c.text.substr(0, 20);
        EXPECT_EQ(made.error().position, c.failure.position) << c.text.substr(0, 20);
    }
    EXPECT_EQ(name_of(too_many_parts), "too_many_parts");
}

TEST(plan, what_is_too_long_by_its_bytes_is_not_read) {
    static_assert(text_bytes_max == 262144);
    const plan_options full{.parts_max = 255, .transliterate = transliteration::full};
    struct long_case {
        std::string text;
        std::size_t least;
    };
    const std::size_t some = 3'900'000;
    for (const long_case& c : std::vector<long_case>{
             {times(some / 6, "e\u0301“"), (some / 2 + 152) / 153},
             {times(some / 4, "😀"), (some / 4 + 152) / 153},
             {times(some, "a"), (some + 152) / 153},
             // As it is not read, it is not faulty.
             {times(text_bytes_max + 1, "\xFF"), (text_bytes_max + 1 + 152) / 153},
             {times(text_bytes_max + 4, "\x80"), (text_bytes_max / 4 + 1 + 152) / 153}}) {
        for (const plan_options& options : {full, plan_options{}}) {
            const auto made = plan_text(c.text, options);
            ASSERT_TRUE(made.has_error());
            EXPECT_EQ(made.error(), (plan_failure{plan_error::too_many_parts, c.least}));
            EXPECT_GT(c.least, parts_limit);
        }
    }
    const auto just_read = plan_text(times(text_bytes_max, "\xFF"), full);
    ASSERT_TRUE(just_read.has_error());
    EXPECT_EQ(just_read.error(), (plan_failure{plan_error::invalid_utf8, 0}));
    // The most that fits is below.
    const text_profile large{.languages = {6}, .septets = {.single = 254, .part = 254}};
    EXPECT_LT(std::size_t{parts_limit} * 254 * 3, text_bytes_max);
    EXPECT_TRUE(plan_text(times(std::size_t{200} * 239, "न"), full, large).has_value());
}

TEST(plan, as_many_parts_as_can_be_counted) {
    EXPECT_EQ(planned(times(153 * 255, "a")).segments.size(), 255u);
    EXPECT_EQ(planned(times(67 * 255, "日")).segments.size(), 255u);
}

TEST(plan, a_grapheme_longer_than_a_segment_is_cut_between_code_points) {
    const std::string tower = "Z" + times(100, "\u0323") + times(50, "\U000E0100");  // 201 units
    const plan made = planned("日日" + tower + "日");
    // It fits nowhere whole, so it fills the segments; the pairs at the end stay whole.
    EXPECT_EQ(sizes(made), (size_list{67, 66, 66, 5}));
}

TEST(plan_octets, cuts_by_data_coding) {
    struct octet_case {
        std::string octets;
        std::uint8_t data_coding;
        encoding enc;
        size_list segments;
    };
    for (const octet_case& c : std::vector<octet_case>{
             {times(160, "a"), 0, encoding::gsm7, {160}},
             {times(152, "a") + times(5, "\x1B\x65"), 0, encoding::gsm7, {152, 10}},
             {times(152, "a") + times(5, "\x1B\x65"), 0xF1, encoding::gsm7, {152, 10}},
             {times(140, "\xE9"), 3, encoding::latin1, {140}},
             {times(141, "\xE9"), 3, encoding::latin1, {134, 7}},
             {times(133, "a") + "\r\n" + times(10, "b"), 1, encoding::ascii, {133, 12}},
             {times(133, "a") + "\x1B\x65" + times(10, "b"), 4, encoding::binary, {134, 11}},
             {times(268, "\x00"sv), 2, encoding::binary, {134, 134}},
             {times(71, "\x65\xE5"), 8, encoding::ucs2, {67, 4}},
             {times(66, "\x65\xE5") + times(3, "\xD8\x3D\xDE\x00"sv), 8, encoding::ucs2, {66, 6}},
             {times(70, "\x65\xE5"), 0x18, encoding::ucs2, {70}},
             {"", 0, encoding::gsm7, {0}}}) {
        const auto made = plan_octets(octets_of(c.octets), c.data_coding, {.reference = 9});
        ASSERT_TRUE(made.has_value());
        EXPECT_EQ(made->enc, c.enc);
        EXPECT_EQ(made->data_coding, c.data_coding);
        EXPECT_EQ(sizes(*made), c.segments);
        std::string joined;
        for (const std::string& segment : made->segments)
            joined += segment.substr(made->udhi * 6);
        EXPECT_EQ(joined, c.octets);
    }
}

/// Sizes of the segments, without headers, of octets in a two-byte alphabet.
size_list two_byte_sizes(std::string_view text, std::uint8_t data_coding,
                         const text_profile& profile = {}) {
    const auto made = plan_octets(octets_of(text), data_coding, {.parts_max = 255}, profile);
    EXPECT_TRUE(made.has_value());
    return made ? sizes(*made) : size_list{};
}

TEST(plan_octets, two_byte_characters_stay_whole) {
    const std::string shift_jis = times(100, "\x93\xFA");  // 日
    const std::string euc = times(100, "\xC7\xD1");
    for (const auto data_coding : std::initializer_list<std::uint8_t>{0x05, 0x0D, 0x0E}) {
        const std::string text = data_coding == 0x05 ? shift_jis : euc;
        EXPECT_EQ(two_byte_sizes("a" + text, data_coding), (size_list{133, 68}));
        EXPECT_EQ(two_byte_sizes(text, data_coding), (size_list{134, 66}));
        EXPECT_EQ(two_byte_sizes("ab" + text, data_coding), (size_list{134, 68}));
        // Without a lead octet, or against the rule, at even offsets.
        const text_profile odd{.octets = {.single = 99, .part = 99}};
        EXPECT_EQ(two_byte_sizes(times(60, "\x46\x7C"), data_coding, odd), (size_list{98, 22}));
        EXPECT_EQ(two_byte_sizes(times(60, "\xFF\x7C"), data_coding, odd), (size_list{98, 22}));
    }
    // Half-width kana are one octet in Shift_JIS, two in EUC; JIS X 0212 takes three there.
    EXPECT_EQ(two_byte_sizes(times(133, "\xB1") + "\x93\xFA" + times(6, "\xB1"), 0x05),
              (size_list{133, 8}));
    EXPECT_EQ(two_byte_sizes(times(71, "\x8E\xB1"), 0x0D), (size_list{134, 8}));
    EXPECT_EQ(two_byte_sizes(times(50, "\x8F\xB0\xA1"), 0x0D), (size_list{132, 18}));
    // Half a character at the end is passed on.
    EXPECT_EQ(two_byte_sizes(shift_jis + "\x93", 0x05), (size_list{134, 67}));
    // Others are octets.
    EXPECT_EQ(two_byte_sizes("a" + shift_jis, 0x04), (size_list{134, 67}));
}

TEST(plan_octets, byte_order_marks_and_refusals) {
    const auto big = plan_octets(octets_of("\xFE\xFF\x65\xE5"), 8, {});
    ASSERT_TRUE(big.has_value());
    EXPECT_EQ(big->segments, segment_list{"\x65\xE5"s});
    const auto little = plan_octets(octets_of("\xFF\xFE\xE5\x65"), 8, {});
    ASSERT_TRUE(little.has_value());
    EXPECT_EQ(little->segments, segment_list{"\x65\xE5"s});
    const auto odd = plan_octets(octets_of("\x65\xE5\x67"), 8, {});
    ASSERT_TRUE(odd.has_error());
    EXPECT_EQ(odd.error(), (plan_failure{plan_error::invalid_octets, 2}));
    const auto long_one = plan_octets(octets_of(times(400, "a")), 4, {.parts_max = 2});
    ASSERT_TRUE(long_one.has_error());
    EXPECT_EQ(long_one.error(), (plan_failure{plan_error::too_many_parts, 3}));
}

TEST(forcing_characters, different_ones_by_first_appearance) {
    using list = std::vector<forcing_character>;
    EXPECT_EQ(forcing_characters("plain €[text]"), list{});
    EXPECT_EQ(forcing_characters("a’b日’日😀"), (list{{1, U'’'}, {5, U'日'}, {14, U'😀'}}));
    EXPECT_EQ(forcing_characters("日\xFF語"), (list{{0, U'日'}}));
    EXPECT_EQ(forcing_characters("一二三四五", 2), (list{{0, U'一'}, {3, U'二'}}));
    EXPECT_EQ(forcing_characters("\uFEFFa"), list{});
}

TEST(graphemes, what_breaks_freely_does_so_in_icu) {
    std::size_t free = 0;
    for (char32_t unit = 0; unit < 0x10000; ++unit) {
        if (!breaks_freely(static_cast<char16_t>(unit))) continue;
        ++free;
        EXPECT_EQ(u_getIntPropertyValue(static_cast<UChar32>(unit), UCHAR_GRAPHEME_CLUSTER_BREAK),
                  U_GCB_OTHER)
            << static_cast<unsigned>(unit);
    }
    EXPECT_GT(free, 20000u);
}

}  // namespace
}  // namespace hikyaku::smpp::text
