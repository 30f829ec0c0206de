#include "smpp/text/gsm.hpp"

#include "smpp/text/utf8.hpp"

namespace hikyaku::smpp::text {

gsm_outcome encode_gsm(std::string_view utf8, std::string& out) {
    out.reserve(out.size() + utf8.size());
    for (std::size_t i = 0; i < utf8.size();) {
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
    for (const gsm_extension& entry : gsm_extension_table) {
        if (entry.septet == septet) return entry.character;
    }
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
