// One part of a long reply: which it is, by its user data header or its SAR TLVs, and how it is
// read back from the store. Pure; engine's thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gateway/engine/carrier_receipt.hpp"
#include "smpp/text/udh.hpp"
#include "store/records.hpp"
#include "store/tables.hpp"

namespace hikyaku::gateway {

inline constexpr std::size_t reply_part_octets_max = 255;

/// Bits of store::reply_part_position::kind.
inline constexpr std::uint8_t reply_part_wide = 1;  // 16-bit reference
inline constexpr std::uint8_t reply_part_sar = 2;   // the reference came in TLVs

/// Which part of which long reply this is; empty if it is a reply by itself. A user data header
/// wins over SAR TLVs (3GPP TS 23.040, 9.2.3.24.1; SMPP 3.4, 5.3.2.22 to 24).
[[nodiscard]] std::optional<store::reply_part_position> reply_part_position_of(
    std::uint32_t carrier, const carrier_message& message);

/// Tells parts with the same number and other content apart; never 0.
[[nodiscard]] std::uint64_t content_hash(const carrier_message& message);

/// Header and text where esm_class says that there is a header.
[[nodiscard]] std::optional<smpp::text::udh_split> split_header(const carrier_message& message);

/// One part as it lies in the store or has just come; owns its bytes.
struct kept_part {
    std::string bytes;  // a ReplyPart
    store::record_reader reader;
    carrier_message message;  // views into `bytes`

    /// Sets `message` from `bytes`; false if they are no ReplyPart.
    [[nodiscard]] bool read();
};

}  // namespace hikyaku::gateway
