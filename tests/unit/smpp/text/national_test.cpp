// The national language tables: every entry of every table, what is read where a table is open,
// and the header elements that name them.
#include "smpp/text/national.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "smpp/text/profile.hpp"
#include "smpp/text/utf8.hpp"
#include "tests/unit/smpp/text/national_golden.hpp"

namespace hikyaku::smpp::text {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

constexpr char16_t open = 0xFFFF;

std::string utf8_of(char32_t character) {
    std::string utf8;
    append_utf8(utf8, character);
    return utf8;
}

std::string read(std::string_view septets, national_shift shift) {
    std::string utf8;
    EXPECT_EQ(decode_gsm(octets_of(septets), shift, utf8), 0u);
    return utf8;
}

std::string written(std::string_view utf8, national_shift shift) {
    std::string septets;
    EXPECT_EQ(encode_gsm(utf8, shift, septets).fault, gsm_fault::none) << utf8;
    return septets;
}

TEST(national, every_entry_of_every_table) {
    std::set<int> seen;
    for (const golden_table& golden : golden_tables) {
        SCOPED_TRACE(std::string(language_name(golden.language)) +
                     (golden.locking ? " locking" : " single"));
        ASSERT_EQ(golden.characters.size(), 128u);
        seen.insert(golden.language * 2 + (golden.locking ? 1 : 0));
        const national_shift shift = golden.locking ? national_shift{.locking = golden.language}
                                                    : national_shift{.single = golden.language};
        for (std::size_t i = 0; i < 128; ++i) {
            const char16_t character = golden.characters[i];
            if (character == open) continue;
            std::string septets = golden.locking ? ""s : "\x1B"s;
            septets.push_back(static_cast<char>(i));
            EXPECT_EQ(read(septets, shift), utf8_of(character)) << i;
            // A character that stands twice is written with its first septet.
            const bool read_only = !golden.locking && golden.language == 12 && character == u'€';
            if (read_only || golden.characters.find(character) != i) continue;
            const std::uint16_t code = to_septets(character, shift);
            if (!golden.locking && code <= 0x7F) continue;  // the default alphabet has it too
            EXPECT_EQ(code, golden.locking ? i : 0x1B00u + i);
            EXPECT_EQ(written(utf8_of(character), shift), septets);
        }
    }
    EXPECT_EQ(seen.size(), 25u);  // 13 single shift tables, and no locking one for Spanish
}

struct golden_text {
    national_shift shift;
    std::string_view utf8;
    std::string septets;
};

TEST(national, known_texts) {
    for (const golden_text& c : std::vector<golden_text>{
             {{.single = 1}, "Şişli ığdır", "\x1B\x53i\x1Bsli \x1Bi\x1Bgd\x1Bir"},
             {{.locking = 1}, "Şişli ığdır İ€", "\x1Ci\x1Dli \x07\x0C\x64\x07r \x40\x04"},
             {{.single = 2}, "días ÁÍÓÚ ç", "d\x1Bias \x1B\x41\x1BI\x1BO\x1BU \x1B\x09"},
             {{.single = 3}, "ação Ê", "a\x1B\x09\x1B{o \x1B\x1F"},
             {{.locking = 3}, "ação Ê∞", "a\x09{o \x1E\x15"},
             {{.locking = 4}, "বাংলা", "\x40\x50\x01\x46\x50"},
             {{.locking = 5}, "ગુજરાતી", "\x17\x53\x1D\x44\x50\x27\x52"},
             {{.locking = 6}, "नमस्ते", "\x2F\x42\x4C\x5F\x27\x59"},
             {{.locking = 7}, "ಕನ್ನಡ", "\x15\x2F\x5F\x2F\x24"},
             {{.locking = 8}, "മലയാളം", "\x42\x46\x43\x50\x47\x01"},
             {{.locking = 9}, "ଓଡିଆ", "\x13\x24\x51\x04"},
             {{.locking = 10}, "ਪੰਜਾਬੀ", "\x3D\x7B\x1D\x50\x40\x52"},
             {{.locking = 11}, "தமிழ்", "\x27\x42\x51\x48\x5F"},
             {{.locking = 12}, "తెలుగు", "\x27\x58\x46\x53\x17\x53"},
             {{.locking = 13}, "اردو", "\x00\x25\x1A\x53"s},
             {{.single = 6, .locking = 6}, "१० A@।", "\x1B\x1D\x1B\x1C \x1B\x41\x1B\x00\x1B\x19"s},
             {{.single = 13, .locking = 13}, "۱۲؟", "\x1B\x1D\x1B\x1E\x1B\x33"}}) {
        EXPECT_EQ(written(c.utf8, c.shift), c.septets) << c.utf8;
        EXPECT_EQ(read(c.septets, c.shift), c.utf8);
    }
}

TEST(national, open_places) {
    EXPECT_EQ(read("\x1B\x41", {.single = 1}), "A");                // the default table's letter
    EXPECT_EQ(read("\x1B\x1C", {.single = 2, .locking = 1}), "Ş");  // the locking table's
    EXPECT_EQ(read("a\x1B", {.locking = 6}), "a ");
    EXPECT_EQ(read("\x1B\x1B", {.single = 6, .locking = 6}), " ");
    EXPECT_EQ(read("\x0C", {.locking = 4}), " ");  // open in Bengali
    std::string utf8;
    EXPECT_EQ(decode_gsm(octets_of("\x80"), {.locking = 6}, utf8), 1u);
    EXPECT_EQ(utf8, "\uFFFD");
    std::string septets;
    const gsm_outcome outcome = encode_gsm("नé", {.locking = 6}, septets);
    EXPECT_EQ(outcome.fault, gsm_fault::not_in_alphabet);
    EXPECT_EQ(outcome.position, 3u);
    EXPECT_EQ(encode_gsm("न\xFF", {.locking = 6}, septets).fault, gsm_fault::invalid_utf8);
    EXPECT_EQ(to_septets(U'€', {.single = 12, .locking = 12}), not_in_gsm);  // phones differ
    EXPECT_EQ(read("\x1B\x65", {.single = 12, .locking = 12}), "€");
}

TEST(national, default_tables_are_the_gsm_alphabet) {
    for (char32_t code_point = 0; code_point < 0x3000; ++code_point) {
        ASSERT_EQ(to_septets(code_point, {}), to_gsm(code_point))
            << static_cast<unsigned>(code_point);
    }
}

TEST(national, names) {
    EXPECT_EQ(language_name(1), "turkish");
    EXPECT_EQ(language_name(13), "urdu");
    EXPECT_EQ(language_name(0), "");
    EXPECT_EQ(language_name(14), "");
    EXPECT_EQ(find_language("oriya"), 9);
    EXPECT_EQ(find_language("klingon"), 0);
    EXPECT_EQ(find_language(""), 0);
    EXPECT_FALSE(has_locking_table(2));
    EXPECT_FALSE(has_locking_table(0));
    EXPECT_FALSE(has_locking_table(14));
    EXPECT_TRUE(has_locking_table(13));
}

TEST(national, header_elements) {
    for (const auto& [header, shift] : std::vector<std::pair<std::string, national_shift>>{
             {"", {}},
             {"\x24\x01\x01", {.single = 1}},
             {"\x25\x01\x03", {.locking = 3}},
             {"\x00\x03\x07\x02\x01\x24\x01\x06\x25\x01\x06"s, {.single = 6, .locking = 6}},
             {"\x24\x01\x06\x24\x01\x0D", {.single = 13}},
             {"\x25\x01\x02", {}},               // Spanish has no locking table
             {"\x24\x01\x0E\x25\x01\x00"s, {}},  // reserved
             {"\x24\x02\x01\x01", {}},
             {"\x24\x00"s, {}}})
        EXPECT_EQ(shift_of(octets_of(header)), shift);
}

}  // namespace
}  // namespace hikyaku::smpp::text
