// Hex to bytes and back for golden tests; blanks in the hex are for the reader. A test's own
// helper.
#pragma once

#include <cassert>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "smpp/pdu/octet_reader.hpp"

namespace hikyaku::smpp {

using octet_buffer = std::vector<std::uint8_t>;

inline std::uint8_t hex_digit(char c) {
    if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
    const int lower = std::tolower(static_cast<unsigned char>(c));
    assert(lower >= 'a' && lower <= 'f');
    return static_cast<std::uint8_t>(lower - 'a' + 10);
}

/// "00 0A 'hello'" style: hex pairs, blanks, and text between single quotes for its own
/// octet_buffer.
inline octet_buffer from_hex(std::string_view text) {
    octet_buffer out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == ' ') continue;
        if (text[i] == '\'') {
            for (++i; i < text.size() && text[i] != '\''; ++i)
                out.push_back(static_cast<std::uint8_t>(text[i]));
            continue;
        }
        assert(i + 1 < text.size());
        out.push_back(static_cast<std::uint8_t>(hex_digit(text[i]) << 4 | hex_digit(text[i + 1])));
        ++i;
    }
    return out;
}

inline std::string to_hex(octet_view from) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (const std::uint8_t octet : from) {
        out += digits[octet >> 4];
        out += digits[octet & 15];
    }
    return out;
}

inline octet_view view_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// Writes the real length into the first four octet_buffer.
inline octet_buffer with_length(octet_buffer bytes) {
    for (int i = 0; i < 4; ++i)
        bytes[static_cast<std::size_t>(i)] =
            static_cast<std::uint8_t>(bytes.size() >> (24 - 8 * i));
    return bytes;
}

}  // namespace hikyaku::smpp
