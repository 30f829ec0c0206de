// Character sets of HTTP applications.
#include "smpp/text/charset.hpp"

#include <gtest/gtest.h>

namespace hikyaku::smpp::text {
namespace {

using namespace std::string_view_literals;

std::optional<std::string> decoded(std::string_view bytes, std::string_view charset) {
    return decode_charset(octets_of(bytes), charset);
}

TEST(charset, known_sets) {
    const struct {
        std::string_view bytes, charset, text;
    } rows[] = {
        {"a\xC3\xA4", "UTF-8", "a\u00E4"},
        {"a\xC3\xA4", "utf8", "a\u00E4"},
        {"caf\xE9", "ISO-8859-1", "caf\u00E9"},
        {"\x80", "windows-1252", "\u20AC"},
        {"\x82\xA0", "Shift_JIS", "\u3042"},
        {"\xA4\xA2", "EUC-JP", "\u3042"},
        {"\x30\x42"sv, "utf-16be", "\u3042"},
        {"\xD8\x3D\xDE\x00"sv, "UTF-16BE", "\U0001F600"},
        {"\x42\x30"sv, "UTF-16LE", "\u3042"},
        {"plain", "US-ASCII", "plain"},
        {"", "ISO-8859-1", ""},
        {"", "UTF-16BE", ""},
    };
    for (const auto& each : rows)
        EXPECT_EQ(decoded(each.bytes, each.charset), each.text) << each.charset;
}

TEST(charset, what_is_no_character_becomes_a_question_mark) {
    EXPECT_EQ(decoded("a\xFF\xC3", "UTF-8"), "a??");
    EXPECT_EQ(decoded("a\x80", "US-ASCII"), "a?");
    EXPECT_EQ(decoded("\xD8\x00\x00\x41"sv, "UTF-16BE"), "?A");
}

TEST(charset, refused) {
    EXPECT_FALSE(decoded("x", "no such set"));
    EXPECT_FALSE(decoded("x", ""));
    EXPECT_FALSE(decoded("x", "UTF-8\0x"sv));
    EXPECT_FALSE(decoded("\x30", "UTF-16BE")) << "half a unit";
}

}  // namespace
}  // namespace hikyaku::smpp::text
