// The text of what a carrier delivers, read from its octets. The label (data_coding) is a hint:
// some carriers copy that of another message, or know one label only. Where the octets cannot be
// what it says, they are read as what they can be, or not at all; a text that is wrong is worse
// than none. Used for replies, whole or in parts; what applications submit is taken at its word
// (decode_octets). Pure functions, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "smpp/text/data_coding.hpp"
#include "smpp/text/national.hpp"
#include "smpp/text/octets.hpp"

namespace hikyaku::smpp::text {

/// The text as UTF-8; empty if it cannot be read: binary data, or octets that are nothing in any
/// reading. Beside the alphabets of decode_octets() it reads those that SMPP 3.4 (5.2.19) names and
/// phones do not know: 5 and 13 JIS X 0208 and 0212 (in two octets, Shift_JIS or EUC-JP), 6
/// Cyrillic (ISO-8859-5), 7 Hebrew (ISO-8859-8), 10 ISO-2022-JP, 14 KS C 5601.
///
/// Labels that are not believed: GSM, ASCII or a default alphabet for octets with high bits that
/// are UTF-16 (of either order), UTF-8 or Latin-1, and for UTF-16 without high bits that no person
/// would have typed in GSM (a zero in front of every letter, or nothing but kana); UCS-2 for an odd
/// number of octets, and for what is plainly words in ASCII or UTF-8.
[[nodiscard]] std::optional<std::string> read_received(
    octets bytes, std::uint8_t data_coding, national_shift shift = {},
    default_alphabet alphabet = default_alphabet::gsm7);

}  // namespace hikyaku::smpp::text
