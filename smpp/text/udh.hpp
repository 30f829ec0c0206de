// The user data header in front of a short message (3GPP TS 23.040, 9.2.3.24): where it ends, its
// elements, and what it says about concatenation. Used where esm_class has the UDHI bit: to check
// submissions, and to put together segmented replies and what the simulated phone receives. Pure,
// any thread; views into the caller's octets.
#pragma once

#include <cstdint>
#include <optional>

#include "smpp/text/octets.hpp"

namespace hikyaku::smpp::text {

struct udh_element {
    std::uint8_t id = 0;
    octets data;
};

/// Reads the elements of a header one after the other.
class udh_reader {
public:
    /// `elements` is the header without its length octet, as split_udh gives it.
    explicit udh_reader(octets elements) noexcept : rest_(elements) {}

    /// The next element; empty at the end or where an element reaches beyond the header.
    [[nodiscard]] std::optional<udh_element> next() noexcept;

    /// After next() has returned empty: whether octets were left that are no whole element.
    [[nodiscard]] bool is_malformed() const noexcept { return !rest_.empty(); }

private:
    octets rest_;
};

struct udh_split {
    octets elements;  // the header without its length octet
    octets text;      // what follows: octets in the alphabet of data_coding, unpacked
};

/// Header and text of a short message with UDHI set. Empty if there is no length octet or if it
/// counts more octets than there are (the submission is faulty, TS 23.040 says to ignore such a
/// header).
[[nodiscard]] std::optional<udh_split> split_udh(octets short_message) noexcept;

struct concatenation_info {
    std::uint16_t reference = 0;
    std::uint8_t total = 0;     // segments, 1 or more
    std::uint8_t sequence = 0;  // 1 to total
    bool wide = false;          // a 16-bit reference: 8-bit 7 and 16-bit 7 are different references
    bool operator==(const concatenation_info&) const = default;
};

/// What elements 0x00 (8-bit reference) and 0x08 (16-bit) say. Elements of a wrong length, with a
/// total or sequence of 0, or a sequence above the total are ignored; of several the last one
/// counts (TS 23.040, 9.2.3.24 and 9.2.3.24.1).
[[nodiscard]] std::optional<concatenation_info> concatenation_of(octets elements) noexcept;

/// Whether a phone can do with the header what it says: every element is whole, nothing is left
/// behind the last one, and no element 0x00 or 0x08 has a wrong length, a total or sequence of 0 or
/// a sequence above its total.
[[nodiscard]] bool is_sound_udh(octets elements) noexcept;

/// concatenation_of() for the SAR values beside a segment (sar_msg_ref_num, sar_total_segments,
/// sar_segment_seqnum; SMPP 3.4, 5.3.2.22 to 24); their reference counts as a 16-bit one. Empty for
/// a total or sequence of 0 or a sequence above the total.
[[nodiscard]] std::optional<concatenation_info> concatenation_from_sar(
    std::uint16_t reference, std::uint8_t total, std::uint8_t sequence) noexcept;

/// Whether a header and SAR values beside it speak of the same part; of a reference with 8 bits
/// only those are compared.
[[nodiscard]] bool is_same_part(const concatenation_info& by_header,
                                const concatenation_info& by_sar) noexcept;

}  // namespace hikyaku::smpp::text
