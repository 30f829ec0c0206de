// Hexadecimal text, both ways.
#include "smpp/text/hex.hpp"

#include <gtest/gtest.h>

namespace hikyaku::smpp::text {
namespace {

TEST(hex, writes_two_digits_an_octet) {
    EXPECT_EQ(to_hex(octets_of(std::string_view("\0\x0A\x80\xFF", 4))), "000a80ff");
    EXPECT_EQ(to_hex({}), "");
}

TEST(hex, reads_pairs_of_digits_and_nothing_else) {
    EXPECT_EQ(from_hex("000A80fF"), std::string("\0\x0A\x80\xFF", 4));
    EXPECT_EQ(from_hex(""), "");
    for (const std::string_view text : {"0", "00 ", "0g", "0x", "+1", "-1", " 1", "\xC3\xA9"})
        EXPECT_EQ(from_hex(text), std::nullopt) << text;
}

}  // namespace
}  // namespace hikyaku::smpp::text
