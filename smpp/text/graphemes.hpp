// Cuts UTF-16 units into segments without tearing what a reader sees as one character: an emoji of
// several code points, a letter with its combining marks, an ideograph with its variation selector.
// Only the planner calls it, for texts of several segments in UCS-2 or national GSM tables. The
// rules are Unicode's (UAX 29), applied by ICU; the iterator is kept per thread.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace hikyaku::smpp::text {

/// True for characters between any two of which UAX 29 allows a break: most Latin, kana and Han.
/// The planner asks ICU only where one of the characters beside a cut is another one.
[[nodiscard]] constexpr bool breaks_freely(char16_t unit) noexcept {
    const auto within = [unit](char16_t first, char16_t last) {
        return unit >= first && unit <= last;
    };
    return within(0x20, 0x7E) || within(0xAE, 0xFF) || within(0x3000, 0x3029) ||
           within(0x3041, 0x3096) || within(0x30A1, 0x30FF) || within(0x4E00, 0x9FFF) ||
           within(0xFF01, 0xFF9D);
}

/// The ends of the segments, in units, the last one being the size of the text; each segment holds
/// at most `units_max` (2 or more) units and as many whole grapheme clusters as fit. A cluster that
/// is longer than a segment is cut between code points.
[[nodiscard]] std::vector<std::size_t> cut_at_graphemes(std::u16string_view units,
                                                        std::size_t units_max);

/// The same where units are of different size: `positions` says where each unit begins on the air
/// and, last, where the text ends (one more than there are units, from 0 on, ascending), and a
/// segment holds `room_max` of that measure. The ends are in units as above. A lone CR goes with
/// what follows it, see packing.hpp.
[[nodiscard]] std::vector<std::size_t> cut_at_graphemes(std::u16string_view units,
                                                        std::span<const std::size_t> positions,
                                                        std::size_t room_max);

}  // namespace hikyaku::smpp::text
