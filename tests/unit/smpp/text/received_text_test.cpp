// Replies under labels that are not true, and in alphabets that phones do not know.
#include "smpp/text/received_text.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string_view>

#include "smpp/text/utf8.hpp"

namespace hikyaku::smpp::text {
namespace {

using namespace std::string_view_literals;

std::optional<std::string> read(std::string_view bytes, std::uint8_t data_coding,
                                default_alphabet alphabet = default_alphabet::gsm7) {
    return read_received(octets_of(bytes), data_coding, {}, alphabet);
}

std::string utf16(std::u16string_view text, bool little = false) {
    std::string out;
    for (const char16_t unit : text) {
        const char high = static_cast<char>(unit >> 8), low = static_cast<char>(unit & 0xFF);
        out += little ? low : high;
        out += little ? high : low;
    }
    return out;
}

TEST(received_text, what_the_label_says_where_it_can_be) {
    EXPECT_EQ(read("STOP", 0), "STOP");
    EXPECT_EQ(read("a\x00\x02"sv, 0), "a@$");
    EXPECT_EQ(read("\x04\x05\x06"sv, 0), "\u00E8\u00E9\u00F9");
    EXPECT_EQ(read("0B0D", 0), "0B0D") << "two kana would be the same octets in less";
    EXPECT_EQ(read(utf16(u"払いました。12月10日"), 8), "払いました。12月10日");
    EXPECT_EQ(read(utf16(u"同意"), 8), "同意");
    EXPECT_EQ(read(utf16(u"停止"), 8), "停止");
    EXPECT_EQ(read(utf16(u"\U0001F64F"), 8), "\U0001F64F");
    for (const std::u16string_view text :
         {u"はい", u"いいえ", u"中止", u"整数", u"停止", u"同意", u"払う", u"支払済", u"解約",
          u"お湯", u"もういい", u"ここ", u"あい", u"うえ", u"しない", u"いや", u"OK", u"はいOK"}) {
        const auto octets = utf16(text);
        const auto as_said = decode_octets(octets_of(octets), 8);
        ASSERT_TRUE(as_said.has_value());
        EXPECT_EQ(read(octets, 8), *as_said) << octets;
    }
    EXPECT_EQ(read("caf\xE9", 3), "caf\u00E9");
    EXPECT_EQ(read("caf\xE9", 0, default_alphabet::latin1), "caf\u00E9");
    EXPECT_EQ(read("caf\xE9 \xA3", 3), "caf\u00E9 \u00A3");
    EXPECT_EQ(read("perch\x04"sv, 0), "perch\u00E8") << "no ideographs";
    EXPECT_EQ(read("plain", 1), "plain");
    EXPECT_EQ(read("", 8), "");
    EXPECT_EQ(read("", 0), "");
}

TEST(received_text, utf_16_under_another_label) {
    for (const auto label : std::initializer_list<std::uint8_t>{0, 1, 3}) {
        for (const bool little : {false, true}) {
            EXPECT_EQ(read(utf16(u"払いました。", little), label), "払いました。") << int{label};
            EXPECT_EQ(read(utf16(u"Hello", little), label), "Hello") << int{label} << little;
            EXPECT_EQ(read(utf16(u"\uFEFFはい", little), label), "はい") << int{label};
            EXPECT_EQ(read(utf16(u"あいう", little), label), "あいう") << int{label};
        }
        EXPECT_EQ(read(utf16(u"стоп"), label), "стоп") << int{label};
        if (label != 3) EXPECT_EQ(read(utf16(u"支払済"), label), "支払済") << int{label};
        EXPECT_EQ(read(utf16(u"OK\U0001F64F"), label), "OK\U0001F64F") << int{label};
    }
}

TEST(received_text, other_eight_bit_texts_under_gsm) {
    EXPECT_EQ(read("支払いました", 0), "支払いました");
    EXPECT_EQ(read("caf\xE9", 0), "caf\u00E9");
    EXPECT_EQ(read("Gr\xFC\xDF"
                   "e aus M\xFCnchen",
                   0),
              "Grüße aus München");
    EXPECT_EQ(read("\x80\x81\x90"sv, 0), std::nullopt);
    EXPECT_EQ(read("a\x80", 1), std::nullopt);
}

TEST(received_text, what_cannot_be_ucs_2) {
    EXPECT_EQ(read("STOP", 8), "STOP");
    EXPECT_EQ(read("Stop", 8), "Stop");
    EXPECT_EQ(read("paid", 8), "paid");
    EXPECT_EQ(read("I will pay", 8), "I will pay");
    EXPECT_EQ(read("stop please", 8), "stop please");
    EXPECT_EQ(read("I paid, thanks!", 8), "I paid, thanks!");
    EXPECT_EQ(read("0312345678", 8), "0312345678");
    EXPECT_EQ(read("払いま", 8), "払いま") << "UTF-8, an odd number of octets";
    EXPECT_EQ(read("\x30\x42\x30\x44\x01"sv, 8), std::nullopt) << "half a character is missing";
    EXPECT_EQ(read(utf16(u"はい", true), 8), "はい");
    EXPECT_EQ(read(utf16(u"hello there", true), 8), "hello there");
    EXPECT_EQ(read(utf16(u"OK 払う", true), 8), "OK 払う");
    EXPECT_EQ(read("\x30\x42\x30", 8), std::nullopt) << "half a kana is missing";
    EXPECT_EQ(read(utf16(u"　　はい"), 8), "　　はい");
}

TEST(received_text, alphabets_that_phones_do_not_know) {
    EXPECT_EQ(read("\xC1\xE2\xDE\xDF", 6), "Стоп");
    EXPECT_EQ(read("\xF9\xEC\xE5\xED", 7), "שלום");
    EXPECT_EQ(read("\x1B$B$O$$\x1B(B ok"sv, 10), "はい ok");
    EXPECT_EQ(read("$O$$", 5), "はい") << "codes of JIS X 0208 as they are";
    EXPECT_EQ(read("\x82\xCD\x82\xA2", 5), "はい") << "Shift_JIS";
    EXPECT_EQ(read("\xA4\xCF\xA4\xA4", 5), "はい") << "EUC-JP";
    EXPECT_EQ(read("STOP", 5), "STOP");
    EXPECT_EQ(read("\xB0\xA1\xB3\xAA", 14), "가나");
    EXPECT_EQ(read("0!3*", 14), "가나") << "codes of KS C 5601 as they are";
    EXPECT_EQ(read("\x30\x21", 13), "丂") << "the first ideograph of JIS X 0212";
    EXPECT_EQ(read("\xFF\xFF", 5), std::nullopt);
    EXPECT_EQ(read("\xA4", 14), std::nullopt);
}

TEST(received_text, binary_is_no_text) {
    for (const auto label : std::initializer_list<std::uint8_t>{0x02, 0x04, 0xF4, 0x20})
        EXPECT_EQ(read("plain words", label), std::nullopt) << int{label};
}

// Whatever comes, what is read is valid UTF-8.
TEST(received_text, any_octets_under_any_label) {
    std::mt19937 random(7);
    for (int i = 0; i < 200000; ++i) {
        std::string bytes(random() % 24, '\0');
        for (char& each : bytes)
            each = static_cast<char>(random() % (i % 3 == 0 ? 128 : 256));
        const auto label = static_cast<std::uint8_t>(random());
        if (const auto text = read(bytes, label))
            ASSERT_FALSE(first_invalid_utf8(*text)) << i << " label " << int{label};
    }
}

}  // namespace
}  // namespace hikyaku::smpp::text
