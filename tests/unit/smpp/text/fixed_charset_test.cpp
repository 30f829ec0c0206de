// Carriers with one data_coding and a table of their own: the octets, what a length counts, where a
// long text is cut, and what is refused.
#include "smpp/text/fixed_charset.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "smpp/text/plan.hpp"
#include "smpp/text/ucs2.hpp"
#include "tests/unit/smpp/text/plans.hpp"

namespace hikyaku::smpp::text {
namespace {

using namespace std::string_literals;

text_profile fixed(std::string_view charset, std::uint8_t data_coding) {
    text_profile profile;
    profile.fixed = {.charset = find_charset(charset).value(), .data_coding = data_coding};
    return profile;
}

TEST(fixed_charset, every_set_writes_what_it_reads) {
    EXPECT_GT(charset_names().size(), 30U);
    for (const auto name : charset_names()) {
        const auto set = find_charset(name);
        ASSERT_TRUE(set.has_value()) << name;
        EXPECT_EQ(charset_name(*set), name);
        EXPECT_EQ(name_of(*set), name);
        std::u16string all;
        for (char32_t c = 1; c < 0x10000; ++c) {
            const bool half = c >= 0xD800 && c < 0xE000;
            if (!half && charset_contains(*set, c)) all.push_back(static_cast<char16_t>(c));
        }
        EXPECT_GE(all.size(), name == "US-ASCII" ? 127U : 170U) << name;
        const auto written = encode_charset(all, *set);
        ASSERT_TRUE(written.has_value()) << name;
        ASSERT_EQ(written->begins.size(), all.size() + 1);
        EXPECT_EQ(written->begins.back(), written->octets.size());
        EXPECT_EQ(has_single_octets(*set), written->octets.size() == all.size()) << name;
        std::string utf8;
        EXPECT_EQ(append_utf8(utf8, all), 0U);
        const auto read = decode_fixed_charset(octets_of(written->octets), *set);
        ASSERT_TRUE(read.has_value()) << name;
        // East Asian sets have one code for a few characters and their full-width forms.
        std::u16string units;
        ASSERT_FALSE(append_utf16(*read, units).has_value());
        ASSERT_EQ(units.size(), all.size()) << name;
        std::size_t changed = 0;
        for (std::size_t i = 0; i < all.size(); ++i)
            changed += units[i] != all[i] ? 1 : 0;
        EXPECT_LE(changed, has_single_octets(*set) ? 0U : 20U) << name;
    }
    EXPECT_FALSE(find_charset("iso-8859-15").has_value());
    EXPECT_FALSE(find_charset("").has_value());
    const auto later = static_cast<encoding>(200);
    EXPECT_EQ(name_of(later), "unknown");
    EXPECT_FALSE(decode_fixed_charset(octets_of("a"), later).has_value());
    EXPECT_FALSE(encode_charset(u"a", later).has_value());
}

TEST(fixed_charset, a_text_is_written_in_it_with_its_data_coding) {
    struct row {
        std::string_view charset;
        int data_coding;
        std::string_view text;
        std::string octets;
    };
    for (const auto& [charset, data_coding, text, octets] : {
             row{"ISO-8859-15", 3, "5 € für @", "5 \xA4 f\xFCr @"},
             row{"windows-1252", 0, "5 € für @", "5 \x80 f\xFCr @"},
             row{"windows-1251", 6, "Счёт", "\xD1\xF7\xB8\xF2"},
             row{"Shift_JIS", 5, "請求A",
                 "\x90\xBF\x8B\x81"
                 "A"},
             row{"UTF-16LE", 8, "請A",
                 "\xCB\x8A"
                 "A\0"s},
             row{"UTF-8", 0xF4, "請😀", "請😀"},
             row{"ISO-8859-1", 3, "", ""},
         }) {
        for (const auto choice : {encoding_choice::automatic, encoding_choice::ucs2}) {
            const auto made = plan_text(text, {.choice = choice, .message_class = 0},
                                        fixed(charset, static_cast<std::uint8_t>(data_coding)));
            ASSERT_TRUE(made.has_value()) << charset;
            EXPECT_EQ(name_of(made->enc), charset);
            EXPECT_EQ(made->data_coding, data_coding) << charset;
            ASSERT_EQ(made->segments.size(), 1U);
            EXPECT_EQ(made->segments[0], octets) << charset;
        }
    }
}

TEST(fixed_charset, what_it_lacks_is_refused_by_its_place_or_transliterated) {
    const auto profile = fixed("ISO-8859-15", 3);
    struct row {
        std::string_view text;
        std::size_t position;
    };
    for (const auto& [text, position] :
         {row{"é 請", 3}, row{"😀", 0}, row{"a😀", 1}, row{"a\xC2\x85", 1}, row{"€¤", 3}}) {
        const auto made = plan_text(text, {}, profile);
        ASSERT_FALSE(made.has_value()) << text;
        EXPECT_EQ(made.error(), (plan_failure{plan_error::not_in_alphabet, position})) << text;
    }
    const auto gsm_only = plan_text("aþ", {.choice = encoding_choice::gsm7}, profile);
    ASSERT_FALSE(gsm_only.has_value());
    EXPECT_EQ(gsm_only.error().position, 1U);
    EXPECT_EQ(plan_text("\xFF", {}, profile).error().what, plan_error::invalid_utf8);
    const auto made = plan_text("“ő” €", {.transliterate = transliteration::full}, profile);
    ASSERT_TRUE(made.has_value());
    EXPECT_EQ(made->segments[0], "\"o\" \xA4");
    EXPECT_EQ(made->replaced.size(), 3U);
}

TEST(fixed_charset, a_length_counts_what_its_data_coding_is_on_the_air) {
    struct row {
        std::string_view charset;
        int data_coding;
        std::string_view letter;
        std::size_t single, part;
    };
    for (const auto& [charset, data_coding, letter, single, part] : {
             row{"ISO-8859-15", 3, "é", 140, 134},
             row{"ISO-8859-15", 0, "é", 160, 153},
             row{"ISO-8859-15", 0, "€", 80, 76},  // two septets
             row{"windows-1251", 8, "ф", 70, 67},
             row{"UTF-8", 8, "請", 70, 67},
             row{"UTF-8", 0, "é", 70, 67},  // two octets, not septets
             row{"Shift_JIS", 5, "請", 70, 67},
             row{"UTF-16LE", 8, "😀", 35, 33},
         }) {
        const auto profile = fixed(charset, static_cast<std::uint8_t>(data_coding));
        const plan_options many{.parts_max = 10};
        EXPECT_EQ(plan_text(times(single, letter), many, profile)->parts, 1U) << charset;
        const auto two = plan_text(times(single + 1, letter), many, profile);
        ASSERT_TRUE(two.has_value()) << charset;
        ASSERT_EQ(two->segments.size(), 2U) << charset << data_coding;
        std::string whole;
        for (const auto& segment : two->segments) {
            EXPECT_LE(segment.size(), 254U);
            whole += segment.substr(6);
        }
        const auto first = decode_fixed_charset(octets_of(two->segments[0]).subspan(6), two->enc);
        ASSERT_TRUE(first.has_value()) << charset;
        EXPECT_EQ(*first, times(part, letter)) << charset << data_coding;
        EXPECT_EQ(decode_fixed_charset(octets_of(whole), two->enc), times(single + 1, letter));
        EXPECT_EQ(plan_text(times(2 * part, letter), many, profile)->parts, 2U) << charset;
        EXPECT_EQ(plan_text(times(2 * part + 1, letter), many, profile)->parts, 3U) << charset;
    }
}

}  // namespace
}  // namespace hikyaku::smpp::text
