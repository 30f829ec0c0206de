// UTF-8, one code point at a time: a strict reader that reports where a text goes wrong, and a
// writer. Texts come in as UTF-8 over HTTP and go out as such in replies, so everything else in
// smpp/text stands on these functions. Octets of strangers that claim to be text become UTF-8 in
// mend_utf8() and are shortened by cut_utf8(): whatever writes JSON, logs, metrics or pages calls
// these two. Pure, any thread.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace hikyaku::smpp::text {

inline constexpr char32_t replacement_character = 0xFFFD;
inline constexpr char32_t byte_order_mark = 0xFEFF;

struct utf8_character {
    char32_t code_point = 0;
    std::uint8_t bytes = 0;  // 1 to 4; 0 when there is no valid sequence at this place
};

namespace detail {
/// decode_utf8() of what is not ASCII; a function of its own so that the rest can be inlined.
[[nodiscard]] constexpr utf8_character decode_longer_utf8(std::string_view utf8,
                                                          std::size_t offset) noexcept {
    const auto byte = [&](std::size_t i) {
        return i < utf8.size() ? static_cast<unsigned char>(utf8[i]) : 0u;
    };
    const std::uint32_t lead = byte(offset);
    const std::uint8_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4) return {};
    char32_t value = lead & (0xFFu >> (bytes + 1));
    for (std::size_t i = 1; i < bytes; ++i) {
        if ((byte(offset + i) & 0xC0u) != 0x80u) return {};
        value = (value << 6) | (byte(offset + i) & 0x3Fu);
    }
    const bool overlong = (bytes == 3 && value < 0x800) || (bytes == 4 && value < 0x10000);
    if (overlong || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) return {};
    return {value, bytes};
}
}  // namespace detail

/// The character at byte `offset`, which must be inside the text. Overlong forms, surrogates,
/// values above U+10FFFF and cut sequences are invalid (RFC 3629).
[[nodiscard]] constexpr utf8_character decode_utf8(std::string_view utf8,
                                                   std::size_t offset) noexcept {
    const auto lead = static_cast<unsigned char>(utf8[offset]);
    if (lead < 0x80) return {lead, 1};
    return detail::decode_longer_utf8(utf8, offset);
}

/// Byte offset of the first byte from `offset` on that is not ASCII, or the size of the text. Eight
/// at a time, because nearly all of what is read is ASCII.
[[nodiscard]] inline std::size_t skip_ascii(std::string_view utf8, std::size_t offset) noexcept {
    std::uint64_t eight = 0;
    for (; offset + sizeof eight <= utf8.size(); offset += sizeof eight) {
        std::memcpy(&eight, utf8.data() + offset, sizeof eight);
        if ((eight & 0x8080808080808080u) != 0) break;
    }
    while (offset < utf8.size() && static_cast<unsigned char>(utf8[offset]) < 0x80)
        ++offset;
    return offset;
}

/// Byte offset of the first sequence that is not valid; empty for valid text.
[[nodiscard]] inline std::optional<std::size_t> first_invalid_utf8(std::string_view utf8) noexcept {
    for (std::size_t i = skip_ascii(utf8, 0); i < utf8.size(); i = skip_ascii(utf8, i)) {
        const std::uint8_t bytes = decode_utf8(utf8, i).bytes;
        if (bytes == 0) return i;
        i += bytes;
    }
    return {};
}

/// Octets of the invalid sequence at `offset`, where decode_utf8() finds no character: the longest
/// beginning of a character, or one octet (Unicode 15.0, 3.9, "maximal subparts"; a decoder of a
/// browser counts alike).
[[nodiscard]] std::uint8_t invalid_utf8_bytes(std::string_view utf8, std::size_t offset) noexcept;

/// Appends `text` with U+FFFD in the place of each invalid sequence.
void append_mended_utf8(std::string& out, std::string_view text);

/// The same in place: valid text, nearly all there is, is only looked at.
void mend_utf8(std::string& text);

/// The first octets of `text`, at most `bytes_max`, without the beginning of a character that would
/// be cut in two. Invalid octets are cut anywhere.
[[nodiscard]] std::string_view cut_utf8(std::string_view text, std::size_t bytes_max) noexcept;

/// Appends one code point, which must be a Unicode scalar value.
inline void append_utf8(std::string& out, char32_t code_point) {
    assert(code_point <= 0x10FFFF && (code_point < 0xD800 || code_point > 0xDFFF));
    const auto put = [&out](char32_t bits) { out.push_back(static_cast<char>(bits)); };
    if (code_point < 0x80) return put(code_point);
    if (code_point < 0x800) {
        put(0xC0 | (code_point >> 6));
    } else {
        if (code_point < 0x10000) {
            put(0xE0 | (code_point >> 12));
        } else {
            put(0xF0 | (code_point >> 18));
            put(0x80 | ((code_point >> 12) & 0x3F));
        }
        put(0x80 | ((code_point >> 6) & 0x3F));
    }
    put(0x80 | (code_point & 0x3F));
}

}  // namespace hikyaku::smpp::text
