// Character sets of carriers that know one data_coding with a table of their own behind it
// (text.fixed_coding): the octets of a text in such a set, and back. In stored messages a set is a
// value of `encoding` from charset_first on. Uses ICU's converters, kept per thread. Any thread.
#pragma once

#include <boost/system/result.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "smpp/text/data_coding.hpp"
#include "smpp/text/octets.hpp"

namespace hikyaku::smpp::text {

inline constexpr std::uint8_t charset_first = 16;

/// Whether the text is written in one of the sets of this file.
[[nodiscard]] constexpr bool is_charset(encoding enc) noexcept {
    return static_cast<std::uint8_t>(enc) >= charset_first;
}

/// All names, in the order of their values: "ISO-8859-15", "windows-1251", "Shift_JIS", ...
[[nodiscard]] std::span<const std::string_view> charset_names() noexcept;

/// The set with exactly this name; empty if there is none.
[[nodiscard]] std::optional<encoding> find_charset(std::string_view name) noexcept;

/// REQUIRES: is_charset(enc). "unknown" for a value that a later version has stored.
[[nodiscard]] std::string_view charset_name(encoding enc) noexcept;

/// Whether every character is one octet.
[[nodiscard]] bool has_single_octets(encoding enc) noexcept;

struct charset_text {
    std::string octets;
    std::vector<std::size_t> begins;  // of each UTF-16 unit, in octets, and last their number
};

/// The octets of a text; the error is the index of the first unit that the set does not have.
/// Controls from 0x80 on are in no set. Invisible characters that a set lacks are left out.
[[nodiscard]] boost::system::result<charset_text, std::size_t> encode_charset(
    std::u16string_view units, encoding enc);

[[nodiscard]] bool charset_contains(encoding enc, char32_t code_point);

/// The text as UTF-8; empty if an octet is no character of the set.
[[nodiscard]] std::optional<std::string> decode_fixed_charset(octets bytes, encoding enc);

}  // namespace hikyaku::smpp::text
