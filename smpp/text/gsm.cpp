#include "smpp/text/gsm.hpp"

#include <algorithm>

#include "smpp/text/utf8.hpp"

namespace hikyaku::smpp::text {

namespace {

/// Whether an octet is the same character in ASCII and in the alphabet.
constexpr bool is_same_in_gsm(char octet) {
    const auto code = static_cast<unsigned char>(octet);
    return code < 0x80 && to_gsm(code) == code;
}

}  // namespace

gsm_outcome encode_gsm(std::string_view utf8, std::string& out) {
    out.reserve(out.size() + utf8.size());
    for (std::size_t i = 0; i < utf8.size();) {
        const auto* const end =
            std::find_if_not(utf8.data() + i, utf8.data() + utf8.size(), is_same_in_gsm);
        const auto same = static_cast<std::size_t>(end - (utf8.data() + i));
        out.append(utf8.substr(i, same));
        i += same;
        if (i == utf8.size()) break;
        const utf8_character character = decode_utf8(utf8, i);
        if (character.bytes == 0) return {gsm_fault::invalid_utf8, i};
        const std::uint16_t code = to_gsm(character.code_point);
        if (code == not_in_gsm) return {gsm_fault::not_in_alphabet, i};
        if (code > 0x7F) out.push_back(static_cast<char>(gsm_escape));
        out.push_back(static_cast<char>(code & 0x7F));
        i += character.bytes;
    }
    return {};
}

namespace {

/// The character of an escape pair. 0x1B 0x1B is reserved for further tables and shows as a space,
/// which the default table has at 0x1B.
char16_t escaped_character(std::uint8_t septet) {
    for (const gsm_extension& entry : gsm_extension_table)
        if (entry.septet == septet) return entry.character;
    return gsm_default_table[septet];
}

}  // namespace

std::size_t decode_gsm(octets septets, std::string& out) {
    std::size_t replaced = 0;
    out.reserve(out.size() + septets.size());
    for (std::size_t i = 0; i < septets.size(); ++i) {
        const std::uint8_t septet = septets[i];
        if (septet > 0x7F) {
            append_utf8(out, replacement_character);
            ++replaced;
        } else if (septet == gsm_escape && i + 1 < septets.size() && septets[i + 1] <= 0x7F) {
            append_utf8(out, escaped_character(septets[++i]));
        } else {
            append_utf8(out, gsm_default_table[septet]);
        }
    }
    return replaced;
}

}  // namespace hikyaku::smpp::text
