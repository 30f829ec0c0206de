// Octets as tests write and compare them. What is no hexadecimal throws, and fails the test by it.
#pragma once

#include <algorithm>
#include <boost/algorithm/hex.hpp>
#include <cstdint>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hikyaku {

/// "00 0A 'hello'" style: pairs of digits, blanks for the reader, and text between single quotes
/// for its own octets.
inline std::vector<std::uint8_t> from_hex(std::string_view text) {
    std::vector<std::uint8_t> out;
    bool quoted = false;
    while (!text.empty()) {
        std::string piece(text.substr(0, text.find('\'')));
        text.remove_prefix(std::min(piece.size() + 1, text.size()));
        if (quoted) {
            out.insert(out.end(), piece.begin(), piece.end());
        } else {
            std::erase(piece, ' ');
            boost::algorithm::unhex(piece, std::back_inserter(out));
        }
        quoted = !quoted;
    }
    return out;
}

/// Two lower-case digits an octet.
inline std::string to_hex(std::span<const std::uint8_t> octets) {
    std::string out;
    boost::algorithm::hex_lower(octets.begin(), octets.end(), std::back_inserter(out));
    return out;
}

}  // namespace hikyaku
