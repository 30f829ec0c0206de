// The GSM 7-bit default alphabet with its extension table (3GPP TS 23.038, 6.2.1), as SMPP carries
// it: one septet in each octet, not packed. The tables are constexpr in both directions; the
// planner encodes with them, replies and the simulated phone decode. Lengths decide, never a NUL,
// since '@' is 0x00. Pure functions, any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "smpp/text/octets.hpp"

namespace hikyaku::smpp::text {

inline constexpr std::uint8_t gsm_escape = 0x1B;

/// The character of each septet. The escape stands as a space, which is what a receiver shows that
/// does not know what follows it.
inline constexpr std::u16string_view gsm_default_table =
    u"@\u00A3$\u00A5\u00E8\u00E9\u00F9\u00EC\u00F2\u00C7\n\u00D8\u00F8\r\u00C5\u00E5"
    u"\u0394_\u03A6\u0393\u039B\u03A9\u03A0\u03A8\u03A3\u0398\u039E \u00C6\u00E6\u00DF\u00C9"
    u" !\"#\u00A4%&'()*+,-./0123456789:;<=>?"
    u"\u00A1ABCDEFGHIJKLMNOPQRSTUVWXYZ\u00C4\u00D6\u00D1\u00DC\u00A7"
    u"\u00BFabcdefghijklmnopqrstuvwxyz\u00E4\u00F6\u00F1\u00FC\u00E0";
static_assert(gsm_default_table.size() == 128);

struct gsm_extension {
    std::uint8_t septet;  // after the escape
    char16_t character;
};
inline constexpr std::array<gsm_extension, 10> gsm_extension_table{{{0x0A, u'\f'},
                                                                    {0x14, u'^'},
                                                                    {0x28, u'{'},
                                                                    {0x29, u'}'},
                                                                    {0x2F, u'\\'},
                                                                    {0x3C, u'['},
                                                                    {0x3D, u'~'},
                                                                    {0x3E, u']'},
                                                                    {0x40, u'|'},
                                                                    {0x65, u'\u20AC'}}};

/// What to_gsm answers for a character outside the alphabet.
inline constexpr std::uint16_t not_in_gsm = 0xFFFF;

namespace detail {
inline constexpr std::size_t gsm_reverse_size = 0x3AA;  // all but the euro sign lie below
consteval std::array<std::uint16_t, gsm_reverse_size> make_gsm_reverse() {
    std::array<std::uint16_t, gsm_reverse_size> table{};
    table.fill(not_in_gsm);
    for (std::size_t i = 0; i < gsm_default_table.size(); ++i)
        if (i != gsm_escape) table[gsm_default_table[i]] = static_cast<std::uint16_t>(i);
    for (const gsm_extension& entry : gsm_extension_table) {
        if (entry.character >= gsm_reverse_size) continue;
        table[entry.character] = static_cast<std::uint16_t>(gsm_escape << 8 | entry.septet);
    }
    return table;
}
inline constexpr auto gsm_reverse = make_gsm_reverse();
}  // namespace detail

/// The septet (0x00-0x7F) of a character, or escape and septet (0x1Bxx), or not_in_gsm.
[[nodiscard]] constexpr std::uint16_t to_gsm(char32_t code_point) noexcept {
    if (code_point < detail::gsm_reverse_size) return detail::gsm_reverse[code_point];
    return code_point == U'\u20AC' ? std::uint16_t{0x1B65} : not_in_gsm;
}

/// How many septets a character takes: 1, 2, or 0 outside the alphabet.
[[nodiscard]] constexpr std::size_t gsm_septets(char32_t code_point) noexcept {
    const std::uint16_t code = to_gsm(code_point);
    return code == not_in_gsm ? 0 : code > 0x7F ? 2 : 1;
}

enum class gsm_fault : std::uint8_t { none, invalid_utf8, not_in_alphabet };
struct gsm_outcome {
    gsm_fault fault = gsm_fault::none;
    std::size_t position = 0;  // byte offset of the faulty character
};

/// Appends the text to `out`, one septet in each octet. Stops at the first fault; what was appended
/// until then stays.
[[nodiscard]] gsm_outcome encode_gsm(std::string_view utf8, std::string& out);

/// Appends the text of unpacked septets to `out` as UTF-8. Never fails: an unknown escape shows the
/// character of the default table, a doubled or last escape a space (TS 23.038, 6.2.1.1), an octet
/// above 0x7F the replacement character. Returns how many octets were replaced.
std::size_t decode_gsm(octets septets, std::string& out);

/// Octets of the character at `offset` that must stay together: 2 for an escape and its septet and
/// for CR LF (one grapheme), otherwise 1.
[[nodiscard]] constexpr std::size_t gsm_character_octets(octets septets,
                                                         std::size_t offset) noexcept {
    if (offset + 1 >= septets.size()) return 1;
    const std::uint8_t first = septets[offset];
    return first == gsm_escape || (first == '\r' && septets[offset + 1] == '\n') ? 2 : 1;
}

}  // namespace hikyaku::smpp::text
