// The national language tables of 3GPP TS 23.038, annex A: locking shift tables that stand in for
// the default alphabet, and single shift tables behind the escape. A user data header names the
// tables (elements 0x24 single, 0x25 locking, TS 23.040 9.2.3.24.15 and 16). The planner writes
// with them where a carrier allows it; replies and the simulated phone read them. Pure functions,
// any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "smpp/text/gsm.hpp"
#include "smpp/text/octets.hpp"

namespace hikyaku::smpp::text {

/// The tables of one segment by language identifier (profile.hpp); 0 is the default table.
struct national_shift {
    std::uint8_t single = 0;
    std::uint8_t locking = 0;
    [[nodiscard]] constexpr bool is_default() const noexcept { return single == 0 && locking == 0; }
    bool operator==(const national_shift&) const = default;
};

inline constexpr std::uint8_t single_shift_element = 0x24;
inline constexpr std::uint8_t locking_shift_element = 0x25;

/// "turkish" for 1 and so on to "urdu" for 13, empty for others.
[[nodiscard]] std::string_view language_name(std::uint8_t language) noexcept;

/// 1 to 13 for a name as above, 0 for others.
[[nodiscard]] std::uint8_t find_language(std::string_view name) noexcept;

/// There is a locking table for every language but Spanish, and a single shift table for each.
[[nodiscard]] bool has_locking_table(std::uint8_t language) noexcept;

/// The tables that a header names; `elements` as split_udh gives it. Unknown languages and elements
/// of a wrong length are ignored, which leaves the default tables (TS 23.040); of several elements
/// the last one counts.
[[nodiscard]] national_shift shift_of(octets elements) noexcept;

/// The septet of a character in the given tables, or escape and septet (0x1Bxx), or not_in_gsm.
[[nodiscard]] std::uint16_t to_septets(char32_t code_point, national_shift shift) noexcept;

/// As encode_gsm, with the given tables.
[[nodiscard]] gsm_outcome encode_gsm(std::string_view utf8, national_shift shift, std::string& out);

/// As decode_gsm, with the given tables. A septet that the single shift table does not have shows
/// the character of the default table or its national stand-in (TS 23.038, 6.2.1.2.2); one that a
/// locking table leaves open shows a space.
std::size_t decode_gsm(octets septets, national_shift shift, std::string& out);

}  // namespace hikyaku::smpp::text
