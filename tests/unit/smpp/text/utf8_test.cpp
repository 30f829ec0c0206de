// Octets that claim to be text: what becomes of those that are not, and where texts are cut.
#include "smpp/text/utf8.hpp"

#include <gtest/gtest.h>

#include <random>

namespace hikyaku::smpp::text {
namespace {

using namespace std::string_literals;

// U+FFFD, written out.
const std::string fffd = "\xEF\xBF\xBD";

std::string mended(std::string text) {
    mend_utf8(text);
    return text;
}

TEST(utf8, invalid_sequences_become_one_mark_for_each_longest_beginning) {
    const std::pair<std::string, std::string> rows[] = {
        {"", ""},
        {"plain", "plain"},
        {"\xE6\x94\xAF \xF0\x9F\x98\x80", "\xE6\x94\xAF \xF0\x9F\x98\x80"},
        {"M \xFF\xFE", "M " + fffd + fffd},
        {"\x80", fffd},
        {"\xC3", fffd},
        {"\xC3(", fffd + "("},
        {"a\xE6\x94", "a" + fffd},
        {"\xE6\x94z\xAF", fffd + "z" + fffd},
        {"\xF0\x9F\x98", fffd},
        {"\xF0\x9F\x98\"", fffd + "\""},
        {"\xF0\x9F\x41", fffd + "A"},
        {"\xC0\xAF", fffd + fffd},             // overlong slash
        {"\xE0\x80\xAF", fffd + fffd + fffd},  // in three octets
        {"\xF0\x80\x80\xAF", fffd + fffd + fffd + fffd},
        {"\xED\xA0\x80", fffd + fffd + fffd},      // U+D800
        {"\xED\xBF\xBF", fffd + fffd + fffd},      // U+DFFF
        {"\xED\x9F\xBF", "\xED\x9F\xBF"},          // U+D7FF
        {"\xEE\x80\x80", "\xEE\x80\x80"},          // U+E000
        {"\xF4\x8F\xBF\xBF", "\xF4\x8F\xBF\xBF"},  // U+10FFFF
        {"\xF4\x90\x80\x80", fffd + fffd + fffd + fffd},
        {"\xF5\x80", fffd + fffd},
        {"\xF8\x88\x80\x80\x80", fffd + fffd + fffd + fffd + fffd},
        {"\xEF\xBF\xBF \xEF\xB7\x90", "\xEF\xBF\xBF \xEF\xB7\x90"},  // noncharacters are characters
        {"\xEF\xBB\xBFx", "\xEF\xBB\xBFx"},
        {"a\0b\xFF\n"s, "a\0b"s + fffd + "\n"},
        {"12345678\xE6\x94\xAF\xFF"
         "12345678",
         "12345678\xE6\x94\xAF" + fffd + "12345678"},
        // Unicode 15.0, table 3-8.
        {"a\xF1\x80\x80\xE1\x80\xC2"
         "b\x80"
         "c\x80\xBF"
         "d",
         "a" + fffd + fffd + fffd + "b" + fffd + "c" + fffd + fffd + "d"},
    };
    for (const auto& [given, wanted] : rows) {
        EXPECT_EQ(mended(given), wanted) << ::testing::PrintToString(given);
        EXPECT_EQ(mended(wanted), wanted);
        std::string behind = "\xE6\x94\xAF";
        append_mended_utf8(behind, given);
        EXPECT_EQ(behind, "\xE6\x94\xAF" + wanted);
    }
}

TEST(utf8, a_cut_leaves_no_half_of_a_character) {
    const std::tuple<std::string, std::size_t, std::size_t> rows[] = {
        {"", 0, 0},
        {"abc", 3, 3},
        {"abc", 2, 2},
        {"a\xC3\xA9", 2, 1},
        {"a\xC3\xA9", 3, 3},
        {"\xE6\x94\xAF", 2, 0},
        {"\xE6\x94\xAFx", 3, 3},
        {"ab\xF0\x9F\x98\x80", 5, 2},
        {"ab\xF0\x9F\x98\x80", 3, 2},
        {"\xF0\x9F\x98\x80", 1, 0},
        {"abc\xE6\x94", 4, 4},  // no character, so it is none that is cut
        {"\x80\x80\x80\x80\x80", 3, 3},
        {"\xE6\x94\xAF\x80\x80\x80", 5, 5},
    };
    for (const auto& [text, most, wanted] : rows)
        EXPECT_EQ(cut_utf8(text, most).size(), wanted) << ::testing::PrintToString(text);
}

// Pieces that meet each other in every order: whole characters, their beginnings, and noise.
std::string random_text(std::mt19937_64& random) {
    const std::string pieces[] = {"a",
                                  "\"",
                                  "\n",
                                  "\xC3\xA9",
                                  "\xE6\x94\xAF",
                                  "\xF0\x9F\x98\x80",
                                  "\xC3",
                                  "\xE6\x94",
                                  "\xF0\x9F\x98",
                                  "\xED\xA0\x80",
                                  "\xC0\xAF",
                                  "\xFF",
                                  "\x80",
                                  "\xF4\x90\x80\x80"};
    std::string text;
    for (auto left = random() % 12; left > 0; --left) {
        text += random() % 8 == 0 ? std::string(1, static_cast<char>(random()))
                                  : pieces[random() % std::size(pieces)];
    }
    return text;
}

TEST(utf8, whatever_comes_is_valid_afterwards_and_nothing_valid_is_changed) {
    std::mt19937_64 random(17);
    for (int i = 0; i < 50000; ++i) {
        const auto text = random_text(random);
        const auto whole = mended(text);
        ASSERT_FALSE(first_invalid_utf8(whole)) << ::testing::PrintToString(text);
        ASSERT_EQ(whole == text, !first_invalid_utf8(text)) << ::testing::PrintToString(text);
        ASSERT_EQ(mended("\"" + text + "\""), "\"" + whole + "\"");
        const auto most = random() % (text.size() + 2);
        const auto cut = cut_utf8(text, most);
        ASSERT_LE(cut.size(), most);
        ASSERT_TRUE(text.starts_with(cut));
        ASSERT_GE(cut.size() + 3, std::min<std::size_t>(most, text.size()));
        // A character that was there is there, or gone.
        ASSERT_TRUE(whole.starts_with(mended(std::string(cut)))) << ::testing::PrintToString(text);
        const auto valid_cut = cut_utf8(whole, most);
        ASSERT_FALSE(first_invalid_utf8(valid_cut)) << ::testing::PrintToString(whole);
    }
}

}  // namespace
}  // namespace hikyaku::smpp::text
