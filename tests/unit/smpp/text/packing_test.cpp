// Septets packed into octets, with and without a header, and what becomes of the end.
#include "smpp/text/packing.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace hikyaku::smpp::text {
namespace {

using namespace std::string_literals;

std::string packed(std::string_view message, bool udhi = false) {
    return pack_segment(octets_of(message), udhi);
}
std::string unpacked(std::string_view octets, bool udhi = false) {
    return unpack_segment(octets_of(octets), udhi);
}

struct golden {
    std::string message;
    bool udhi;
    std::string packed;
};

TEST(packing, golden_octets) {
    const std::string header = "\x05\x00\x03\xA7\x02\x01"s;
    const std::string wide_header = "\x06\x08\x04\x12\x34\x02\x01"s;
    const std::string shift_header = "\x03\x24\x01\x01"s;
    for (const golden& c : std::vector<golden>{
             {"", false, ""},
             {"a", false, "\x61"},
             {"hellohello", false, "\xE8\x32\x9B\xFD\x46\x97\xD9\xEC\x37"},
             {"12345678", false, "\x31\xD9\x8C\x56\xB3\xDD\x70"},
             // Seven spare bits are a CR, not an '@'.
             {"1234567", false, "\x31\xD9\x8C\x56\xB3\xDD\x1A"},
             {"123456\x00"s, false, "\x31\xD9\x8C\x56\xB3\x01\x1A"s},
             // One fill bit behind six octets of header, none behind seven, three behind four.
             {header + "a", true, header + "\xC2"},
             {header + "ab", true, header + "\xC2\x62"},
             {wide_header + "ab", true, wide_header + "\x61\x31"},
             {shift_header + "ab", true, shift_header + "\x08\x8B\x1B"s},
             {header, true, header},
             {"\x00"s + "a", true, "\x00\x40\x18"s}}) {
        EXPECT_EQ(packed(c.message, c.udhi), c.packed) << c.message;
        EXPECT_EQ(unpacked(c.packed, c.udhi), c.message);
    }
}

TEST(packing, carriage_return_at_the_end) {
    // On an octet boundary a CR is followed by another one, or it would count as padding.
    EXPECT_EQ(packed("1234567\r"), "\x31\xD9\x8C\x56\xB3\xDD\x1A\x0D");
    EXPECT_EQ(unpacked(packed("1234567\r")), "1234567\r\r");  // declared equal by TS 23.038
    EXPECT_EQ(unpacked(packed("123456\r")), "123456\r");
    EXPECT_EQ(unpacked(packed("12345\r")), "12345\r");
    std::string full(160, 'a');
    full.back() = '\r';
    EXPECT_EQ(packed(full).size(), 140u);  // no room for another one
    EXPECT_EQ(unpacked(packed(full)), std::string(159, 'a'));
}

TEST(packing, an_at_sign_at_the_end_is_one) {
    // The same octets from a sender that fills with zeros mean seven characters: not to be told.
    EXPECT_EQ(packed("1234567\x00"s), "\x31\xD9\x8C\x56\xB3\xDD\x00"s);
    EXPECT_EQ(unpacked("\x31\xD9\x8C\x56\xB3\xDD\x00"s), "1234567\x00"s);
}

TEST(packing, every_length_comes_back) {
    std::mt19937 random(7);
    for (const std::string& header :
         {""s, "\x03\x24\x01\x01"s, "\x05\x00\x03\x01\x02\x01"s, "\x06\x08\x04\x01\x02\x02\x01"s,
          "\x08\x00\x03\x01\x02\x01\x25\x01\x03"s,
          "\x0B\x00\x03\x01\x02\x01\x24\x01\x03\x25\x01\x03"s}) {
        const std::size_t room = 160 - header_septets(header.size());
        for (std::size_t length = 0; length <= room; ++length) {
            std::string message = header;
            while (message.size() < header.size() + length) {
                const auto septet = static_cast<char>(random() % 128);
                message.push_back(septet == '\r' ? '@' - 64 : septet);
            }
            const std::string on_air = packed(message, !header.empty());
            EXPECT_LE(on_air.size(), 140u);
            EXPECT_EQ(on_air.size(), length == 0
                                         ? header.size()
                                         : ((header_septets(header.size()) + length) * 7 + 7) / 8);
            EXPECT_EQ(unpacked(on_air, !header.empty()), message) << length;
        }
        EXPECT_EQ(packed(header + std::string(room, 'x'), !header.empty()).size(), 140u);
    }
}

TEST(packing, broken_headers_are_text) {
    EXPECT_EQ(packed("\x7F\x01", true), packed("\x7F\x01", false));
    EXPECT_EQ(unpacked("\x7F\x01", true), unpacked("\x7F\x01", false));
    EXPECT_EQ(packed("", true), "");
    EXPECT_EQ(packed("\xE1"), packed("\x61"));
}

}  // namespace
}  // namespace hikyaku::smpp::text
