// UTF-16 as short messages carry it (data_coding 8: big-endian, with surrogate pairs although its
// name is UCS-2), to and from UTF-8. The planner cuts the units between both steps. Byte order
// marks that some clients put in front are obeyed and removed. Pure functions, any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "smpp/text/octets.hpp"

namespace hikyaku::smpp::text {

[[nodiscard]] constexpr bool is_high_surrogate(char16_t unit) noexcept {
    return (unit & 0xFC00) == 0xD800;
}
[[nodiscard]] constexpr bool is_low_surrogate(char16_t unit) noexcept {
    return (unit & 0xFC00) == 0xDC00;
}

/// Appends the text as UTF-16 units. Byte offset of the fault if it is not valid UTF-8; what was
/// appended until then stays.
[[nodiscard]] std::optional<std::size_t> append_utf16(std::string_view utf8, std::u16string& out);

/// Appends big-endian octets, two for each unit.
void append_utf16be(std::u16string_view units, std::string& out);

/// The units of big-endian octets, without a byte order mark; with a little-endian mark (FF FE, no
/// character has that code) the octets are read swapped. An odd last byte is left out: check
/// `bytes.size() % 2`.
[[nodiscard]] std::u16string utf16_units(octets bytes);

enum class byte_order : std::uint8_t { big, little };

/// The same for octets that continue others: read in `order`, unless they begin with a mark of
/// their own, which is left out and obeyed from there on.
[[nodiscard]] std::u16string utf16_units(octets bytes, byte_order& order);

/// Appends the units as UTF-8. Halves of surrogate pairs become U+FFFD; returns how many did.
std::size_t append_utf8(std::string& out, std::u16string_view units);

}  // namespace hikyaku::smpp::text
