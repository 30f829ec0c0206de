#include "smpp/text/ucs2.hpp"

#include "smpp/text/utf8.hpp"

namespace hikyaku::smpp::text {

std::optional<std::size_t> append_utf16(std::string_view utf8, std::u16string& out) {
    out.reserve(out.size() + utf8.size() / 2);
    for (std::size_t i = 0; i < utf8.size();) {
        const utf8_character character = decode_utf8(utf8, i);
        if (character.bytes == 0) return i;
        if (character.code_point < 0x10000) {
            out.push_back(static_cast<char16_t>(character.code_point));
        } else {
            const char32_t offset = character.code_point - 0x10000;
            out.push_back(static_cast<char16_t>(0xD800 | (offset >> 10)));
            out.push_back(static_cast<char16_t>(0xDC00 | (offset & 0x3FF)));
        }
        i += character.bytes;
    }
    return {};
}

void append_utf16be(std::u16string_view units, std::string& out) {
    out.reserve(out.size() + units.size() * 2);
    for (const char16_t unit : units) {
        out.push_back(static_cast<char>(unit >> 8));
        out.push_back(static_cast<char>(unit & 0xFF));
    }
}

std::u16string utf16_units(octets bytes) {
    byte_order order = byte_order::big;
    return utf16_units(bytes, order);
}

std::u16string utf16_units(octets bytes, byte_order& order) {
    constexpr unsigned swapped_mark = 0xFFFE;
    std::size_t first = 0;
    if (bytes.size() >= 2) {
        const unsigned mark = bytes[0] << 8 | bytes[1];
        if (mark == swapped_mark || mark == byte_order_mark) {
            order = mark == swapped_mark ? byte_order::little : byte_order::big;
            first = 2;
        }
    }
    const bool little = order == byte_order::little;
    std::u16string units;
    units.reserve(bytes.size() / 2);
    for (std::size_t i = first; i + 1 < bytes.size(); i += 2) {
        const std::uint8_t high = bytes[little ? i + 1 : i];
        const std::uint8_t low = bytes[little ? i : i + 1];
        units.push_back(static_cast<char16_t>(high << 8 | low));
    }
    return units;
}

std::size_t append_utf8(std::string& out, std::u16string_view units) {
    std::size_t replaced = 0;
    out.reserve(out.size() + units.size() * 3);
    for (std::size_t i = 0; i < units.size(); ++i) {
        const char16_t unit = units[i];
        const bool high = is_high_surrogate(unit);
        if (!high && !is_low_surrogate(unit)) {
            append_utf8(out, char32_t{unit});
        } else if (high && i + 1 < units.size() && is_low_surrogate(units[i + 1])) {
            const char32_t offset = (char32_t{unit} & 0x3FF) << 10 | (units[++i] & 0x3FFu);
            append_utf8(out, 0x10000 + offset);
        } else {
            append_utf8(out, replacement_character);
            ++replaced;
        }
    }
    return replaced;
}

}  // namespace hikyaku::smpp::text
