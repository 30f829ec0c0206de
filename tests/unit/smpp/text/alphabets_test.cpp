// The alphabets: GSM 03.38, UTF-8, UTF-16 and what data_coding announces.
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "smpp/text/data_coding.hpp"
#include "smpp/text/gsm.hpp"
#include "smpp/text/profile.hpp"
#include "smpp/text/ucs2.hpp"
#include "smpp/text/utf8.hpp"

namespace hikyaku::smpp::text {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

std::string gsm(std::string_view utf8) {
    std::string septets;
    EXPECT_EQ(encode_gsm(utf8, septets).fault, gsm_fault::none) << utf8;
    return septets;
}

std::string from_gsm(std::string_view septets, std::size_t replaced = 0) {
    std::string utf8;
    EXPECT_EQ(decode_gsm(octets_of(septets), utf8), replaced);
    return utf8;
}

TEST(gsm, known_characters) {
    const std::map<std::string_view, std::string> golden{
        {"@", "\x00"s},     {"£", "\x01"},     {"$", "\x02"},     {"¥", "\x03"},
        {"è", "\x04"},      {"Ç", "\x09"},     {"\n", "\x0A"},    {"\r", "\x0D"},
        {"å", "\x0F"},      {"Δ", "\x10"},     {"_", "\x11"},     {"Ω", "\x15"},
        {"Ξ", "\x1A"},      {"Æ", "\x1C"},     {"É", "\x1F"},     {" ", "\x20"},
        {"¤", "\x24"},      {"0", "\x30"},     {"?", "\x3F"},     {"¡", "\x40"},
        {"A", "\x41"},      {"Z", "\x5A"},     {"Ä", "\x5B"},     {"§", "\x5F"},
        {"¿", "\x60"},      {"a", "\x61"},     {"z", "\x7A"},     {"à", "\x7F"},
        {"\f", "\x1B\x0A"}, {"^", "\x1B\x14"}, {"{", "\x1B\x28"}, {"}", "\x1B\x29"},
        {"\\", "\x1B\x2F"}, {"[", "\x1B\x3C"}, {"~", "\x1B\x3D"}, {"]", "\x1B\x3E"},
        {"|", "\x1B\x40"},  {"€", "\x1B\x65"}};
    for (const auto& [utf8, septets] : golden) {
        EXPECT_EQ(gsm(utf8), septets) << utf8;
        EXPECT_EQ(from_gsm(septets), utf8);
        EXPECT_EQ(gsm_septets(decode_utf8(utf8, 0).code_point), septets.size());
    }
}

TEST(gsm, every_character_there_and_back) {
    std::size_t characters = 0;
    for (char32_t code_point = 0; code_point < 0x10000; ++code_point) {
        if (gsm_septets(code_point) == 0) continue;
        ++characters;
        std::string utf8;
        append_utf8(utf8, code_point);
        EXPECT_EQ(from_gsm(gsm(utf8)), utf8);
    }
    EXPECT_EQ(characters, 127u + 10u);  // 128 but for the escape, and the extension table
}

TEST(gsm, outside_the_alphabet) {
    for (const char32_t code_point : {U'\0', U'\t', U'`', U'ç', U'Á', U'Α', U'’', U'あ', U'😀',
                                      U'\u00A0', U'\x1B', char32_t{0x3AA}, char32_t{0x10FFFF}}) {
        EXPECT_EQ(to_gsm(code_point), not_in_gsm) << static_cast<unsigned>(code_point);
        EXPECT_EQ(gsm_septets(code_point), 0u);
    }
    std::string septets;
    const gsm_outcome outcome = encode_gsm("a€`b", septets);
    EXPECT_EQ(outcome.fault, gsm_fault::not_in_alphabet);
    EXPECT_EQ(outcome.position, 4u);
    const gsm_outcome invalid = encode_gsm("é\xFFz", septets);
    EXPECT_EQ(invalid.fault, gsm_fault::invalid_utf8);
    EXPECT_EQ(invalid.position, 2u);
}

TEST(gsm, a_text_is_the_sum_of_its_characters) {
    for (std::size_t before = 0; before < 20; ++before) {
        const std::string head(before, 'x');
        for (const std::string_view one : {"@", "$", "_", "€", "é", "[", "\n", "0"}) {
            const std::string both = head + std::string(one) + "y";
            EXPECT_EQ(gsm(both), head + gsm(one) + "y");
        }
    }
}

TEST(gsm, length_decides_not_nul) {
    EXPECT_EQ(gsm("a@b@"), "\x61\x00\x62\x00"s);
    EXPECT_EQ(from_gsm("\x00\x00"sv), "@@");
}

TEST(gsm, odd_escapes) {
    EXPECT_EQ(from_gsm("a\x1B"), "a ");      // nothing after it
    EXPECT_EQ(from_gsm("\x1B\x1Bz"), " z");  // a further table that does not exist
    EXPECT_EQ(from_gsm("\x1B\x41"), "A");    // unknown: the character of the default table
    EXPECT_EQ(from_gsm("\x1B\x00"sv), "@");
    EXPECT_EQ(from_gsm("\x1B\xE9", 1), " \uFFFD");
    EXPECT_EQ(from_gsm("x\x80y", 1), "x\uFFFDy");
}

TEST(gsm, what_must_stay_together) {
    EXPECT_EQ(gsm_character_octets(octets_of("\x1B\x65"), 0), 2u);
    EXPECT_EQ(gsm_character_octets(octets_of("\r\n"), 0), 2u);
    EXPECT_EQ(gsm_character_octets(octets_of("\ra"), 0), 1u);
    EXPECT_EQ(gsm_character_octets(octets_of("\x1B"), 0), 1u);
    EXPECT_EQ(gsm_character_octets(octets_of("ab"), 0), 1u);
}

TEST(utf8, valid_sequences) {
    for (const auto& [bytes, code_point] :
         std::vector<std::pair<std::string, char32_t>>{{"\x00"s, 0},
                                                       {"\x7F", 0x7F},
                                                       {"\xC2\x80", 0x80},
                                                       {"\xDF\xBF", 0x7FF},
                                                       {"\xE0\xA0\x80", 0x800},
                                                       {"\xED\x9F\xBF", 0xD7FF},
                                                       {"\xEE\x80\x80", 0xE000},
                                                       {"\xEF\xBF\xBF", 0xFFFF},
                                                       {"\xF0\x90\x80\x80", 0x10000},
                                                       {"\xF4\x8F\xBF\xBF", 0x10FFFF}}) {
        const utf8_character character = decode_utf8(bytes, 0);
        EXPECT_EQ(character.bytes, bytes.size());
        EXPECT_EQ(character.code_point, code_point);
        std::string written;
        append_utf8(written, code_point);
        EXPECT_EQ(written, bytes);
    }
}

TEST(utf8, position_of_the_fault) {
    EXPECT_EQ(first_invalid_utf8("日本語 abc"), std::nullopt);
    EXPECT_EQ(first_invalid_utf8(""), std::nullopt);
    for (const std::string_view faulty :
         {"\x80"sv, "\xBF"sv, "\xC0\x80"sv, "\xC1\xBF"sv, "\xC2"sv, "\xC2\x41"sv, "\xE0\x9F\xBF"sv,
          "\xE3\x81"sv, "\xED\xA0\x80"sv, "\xED\xBF\xBF"sv, "\xF0\x8F\xBF\xBF"sv, "\xF0\x9F\x98"sv,
          "\xF4\x90\x80\x80"sv, "\xF5\x80\x80\x80"sv, "\xFF"sv}) {
        EXPECT_EQ(first_invalid_utf8("aあ"s + std::string(faulty)), 4u);
        EXPECT_EQ(first_invalid_utf8("aあ"s + std::string(faulty) + "b"), 4u);
        for (std::size_t at = 0; at < 40; ++at) {  // wherever it stands among octets of ASCII
            const std::string text = std::string(at, 'a') + std::string(faulty);
            EXPECT_EQ(first_invalid_utf8(text), at);
            EXPECT_EQ(first_invalid_utf8(text + std::string(40 - at, 'b')), at);
            EXPECT_EQ(skip_ascii(text, at / 2), at);
        }
    }
}

TEST(utf16, there_and_back) {
    std::u16string units;
    ASSERT_EQ(append_utf16("aé日😀", units), std::nullopt);
    EXPECT_EQ(units, u"aé日😀");
    std::string be;
    append_utf16be(units, be);
    EXPECT_EQ(be, "\x00\x61\x00\xE9\x65\xE5\xD8\x3D\xDE\x00"s);
    EXPECT_EQ(utf16_units(octets_of(be)), units);
    std::string utf8;
    EXPECT_EQ(append_utf8(utf8, units), 0u);
    EXPECT_EQ(utf8, "aé日😀");
    EXPECT_EQ(append_utf16("日\xC3", units), 3u);
}

TEST(utf16, halves_of_pairs_are_replaced) {
    for (const std::u16string& units :
         {std::u16string{0xD83D}, std::u16string{0xDE00}, std::u16string{0xD83D, u'a'},
          std::u16string{u'a', 0xDE00}, std::u16string{0xD83D, 0xD83D, 0xDE00}}) {
        std::string utf8;
        EXPECT_EQ(append_utf8(utf8, units), 1u);
        EXPECT_EQ(first_invalid_utf8(utf8), std::nullopt);
        EXPECT_NE(utf8.find("\uFFFD"), std::string::npos);
    }
}

TEST(utf16, byte_order_marks) {
    EXPECT_EQ(utf16_units(octets_of("\xFE\xFF\x00\x61"sv)), u"a");
    EXPECT_EQ(utf16_units(octets_of("\xFF\xFE\x61\x00\xE5\x65"sv)), u"a日");
    EXPECT_EQ(utf16_units(octets_of("\x00\x61\xFE\xFF"sv)), u"a\uFEFF");  // only at the start
    EXPECT_EQ(utf16_units(octets_of("\xFE\xFF"sv)), u"");
    EXPECT_EQ(utf16_units(octets_of("\xFE"sv)), u"");
}

TEST(data_coding, encodings) {
    const std::map<int, encoding> golden{
        {0x00, encoding::gsm7},   {0x01, encoding::ascii},  {0x02, encoding::binary},
        {0x03, encoding::latin1}, {0x04, encoding::binary}, {0x05, encoding::binary},
        {0x06, encoding::binary}, {0x08, encoding::ucs2},   {0x0E, encoding::binary},
        {0x0F, encoding::gsm7},   {0x10, encoding::gsm7},   {0x11, encoding::gsm7},
        {0x14, encoding::binary}, {0x18, encoding::ucs2},   {0x1B, encoding::ucs2},
        {0x20, encoding::binary}, {0x38, encoding::binary}, {0x40, encoding::gsm7},
        {0x48, encoding::ucs2},   {0x84, encoding::gsm7},   {0xBF, encoding::gsm7},
        {0xC0, encoding::gsm7},   {0xD8, encoding::gsm7},   {0xE0, encoding::ucs2},
        {0xF0, encoding::gsm7},   {0xF1, encoding::gsm7},   {0xF5, encoding::binary},
        {0xFF, encoding::binary}};
    for (const auto& [data_coding, enc] : golden)
        EXPECT_EQ(encoding_of(static_cast<std::uint8_t>(data_coding)), enc) << data_coding;
    EXPECT_EQ(name_of(encoding::gsm7), "gsm7");
    EXPECT_EQ(name_of(encoding::binary), "binary");
}

struct decode_case {
    std::string octets;
    std::uint8_t data_coding;
    std::string utf8;
    bool faulty = false;
};

TEST(data_coding, decoding) {
    for (const decode_case& c : std::vector<decode_case>{{"\x00 1\x02"s, 0, "@ 1$"},
                                                         {"", 0, ""},
                                                         {"\x1B\x65", 0xF1, "€"},
                                                         {"caf\xE9", 3, "café"},
                                                         {"@\x00$"s, 1, "@\0$"s},
                                                         {"caf\xE9", 1, "caf\uFFFD", true},
                                                         {"caf\xE9", 0, "caf\uFFFD", true},
                                                         {"\x65\xE5\x67\x2C"s, 8, "日本"},
                                                         {"\x65\xE5\x67"s, 8, "日\uFFFD", true},
                                                         {"\xFF\xFE\xE5\x65"s, 0x18, "日"},
                                                         {"\xD8\x3D\xDE\x00"s, 8, "😀"},
                                                         {"\xD8\x3D"s, 8, "\uFFFD", true}}) {
        const auto lenient = decode_octets(octets_of(c.octets), c.data_coding);
        ASSERT_TRUE(lenient.has_value());
        EXPECT_EQ(*lenient, c.utf8);
        const auto strict = decode_octets(octets_of(c.octets), c.data_coding, on_fault::refuse);
        EXPECT_EQ(strict.has_value(), !c.faulty) << c.utf8;
        if (c.faulty) EXPECT_EQ(strict.error(), decode_error::invalid_octets);
    }
    for (const auto data_coding : std::initializer_list<std::uint8_t>{2, 4, 5, 0x14, 0xF6}) {
        const auto decoded = decode_octets(octets_of("abc"), data_coding);
        ASSERT_TRUE(decoded.has_error());
        EXPECT_EQ(decoded.error(), decode_error::no_text);
    }
}

TEST(data_coding, default_alphabet_of_a_carrier) {
    EXPECT_EQ(encoding_of(0, default_alphabet::latin1), encoding::latin1);
    EXPECT_EQ(encoding_of(0, default_alphabet::ascii), encoding::ascii);
    EXPECT_EQ(encoding_of(0, default_alphabet::gsm7), encoding::gsm7);
    EXPECT_EQ(encoding_of(0xF1, default_alphabet::latin1), encoding::gsm7);
    EXPECT_EQ(encoding_of(8, default_alphabet::latin1), encoding::ucs2);
    EXPECT_EQ(name_of(default_alphabet::latin1), "latin1");
    const auto latin = decode_octets(octets_of("caf\xE9"), 0, {}, default_alphabet::latin1);
    ASSERT_TRUE(latin.has_value());
    EXPECT_EQ(*latin, "café");
    const auto turkish =
        decode_octets(octets_of("\x1B\x73\x07"), 0, {.single = 1, .locking = 1}, {});
    ASSERT_TRUE(turkish.has_value());
    EXPECT_EQ(*turkish, "şı");
}

TEST(data_coding, classes_compression_and_waiting) {
    for (int value = 0; value < 256; ++value) {
        const auto data_coding = static_cast<std::uint8_t>(value);
        const bool classed =
            (value < 0x80 && (value >> 4 & 1) == 1) || value >= 0xF0;  // TS 23.038, section 4
        ASSERT_EQ(message_class_of(data_coding).has_value(), classed) << value;
        if (classed) ASSERT_EQ(message_class_of(data_coding), value % 4);
        const bool compressed =
            (value >= 0x20 && value <= 0x3F) || (value >= 0x60 && value <= 0x7F);
        ASSERT_EQ(is_compressed(data_coding), compressed) << value;
        if (compressed) ASSERT_EQ(encoding_of(data_coding), encoding::binary);
        ASSERT_EQ(message_waiting_of(data_coding).has_value(), value >= 0xC0 && value < 0xF0);
    }
    EXPECT_EQ(message_waiting_of(0xC8), (message_waiting{true, true, 0}));
    EXPECT_EQ(message_waiting_of(0xC1), (message_waiting{false, true, 1}));
    EXPECT_EQ(message_waiting_of(0xDA), (message_waiting{true, false, 2}));
    EXPECT_EQ(message_waiting_of(0xE3), (message_waiting{false, false, 3}));
}

TEST(data_coding, composing) {
    const text_profile plain;
    const text_profile latin{.alphabet = default_alphabet::latin1};
    const text_profile in_f0{.class_in_f0 = true};
    struct composition {
        encoding enc;
        std::optional<std::uint8_t> message_class;
        const text_profile& profile;
        std::optional<std::uint8_t> data_coding;
    };
    for (const composition& c : std::vector<composition>{{encoding::gsm7, {}, plain, 0x00},
                                                         {encoding::ascii, {}, plain, 0x01},
                                                         {encoding::latin1, {}, plain, 0x03},
                                                         {encoding::binary, {}, plain, 0x04},
                                                         {encoding::ucs2, {}, plain, 0x08},
                                                         {encoding::latin1, {}, latin, 0x00},
                                                         {encoding::gsm7, {}, latin, {}},
                                                         {encoding::gsm7, 0, plain, 0x10},
                                                         {encoding::gsm7, 3, plain, 0x13},
                                                         {encoding::gsm7, 0, in_f0, 0xF0},
                                                         {encoding::gsm7, 1, in_f0, 0xF1},
                                                         {encoding::ucs2, 0, in_f0, 0x18},
                                                         {encoding::ucs2, 2, plain, 0x1A},
                                                         {encoding::binary, 0, plain, 0xF4},
                                                         {encoding::binary, 1, plain, 0xF5},
                                                         {encoding::latin1, 0, plain, {}},
                                                         {encoding::ascii, 0, plain, {}},
                                                         {encoding::gsm7, 4, plain, {}}}) {
        const auto made = compose_data_coding(c.enc, c.message_class, c.profile);
        EXPECT_EQ(made, c.data_coding) << name_of(c.enc);
        if (made && &c.profile != &latin) EXPECT_EQ(encoding_of(*made), c.enc);
        if (made) EXPECT_EQ(message_class_of(*made), c.message_class);
    }
}

}  // namespace
}  // namespace hikyaku::smpp::text
