// GSM text packed for the carriers that want it: eight septets in seven octets, as TS 23.038
// (6.1.2.1) packs them on the air. Messages are planned and stored unpacked; the sender packs a
// segment when it goes to such a carrier, and unpacks what that carrier delivers. Only GSM text is
// packed, whatever its header says. Pure functions, any thread.
#pragma once

#include <cstddef>
#include <string>

#include "smpp/text/octets.hpp"

namespace hikyaku::smpp::text {

inline constexpr std::size_t octets_on_air = 140;  // of one short message (TS 23.040, 9.2.3.16)

/// Septets that a header of `header_octets` (its length octet included) takes, fill bits included.
[[nodiscard]] constexpr std::size_t header_septets(std::size_t header_octets) noexcept {
    return (header_octets * 8 + 6) / 7;
}

/// Packs an unpacked short message. With `udhi` the header stays as it is and fill bits bring the
/// first septet behind it to a septet boundary (TS 23.040, 9.2.3.24). SMPP carries no number of
/// septets, so 7 spare bits at the end are filled with CR rather than read as '@', and a CR that
/// ends on an octet boundary is followed by another one (TS 23.038, 6.1.2.3.1) where there is room
/// in 140 octets. Octets above 0x7F lose their high bit; a header that does not fit in the message
/// is taken for text.
[[nodiscard]] std::string pack_segment(octets short_message, bool udhi);

/// The inverse: one septet in each octet behind the header. A CR that ends on an octet boundary is
/// removed as padding. Hence a CR at the end can come back doubled, which TS 23.038 declares equal,
/// and one that ends a full segment of 140 octets is lost; all else is septet-exact. The planner
/// therefore ends no segment but the last one with a lone CR. A sender that fills the 7 spare bits
/// with zeros, against TS 23.038 (6.1.2.3.1), cannot be told from one whose text ends in '@', which
/// is the same bits: its text comes back with an '@' more. A character too many is better than a
/// true '@' lost.
[[nodiscard]] std::string unpack_segment(octets packed, bool udhi);

}  // namespace hikyaku::smpp::text
