// One part of a long reply: which it is, by its user data header or its SAR TLVs, and how it is
// read back from the store. Pure; engine's thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "gateway/engine/receiving/carrier_receipt.hpp"
#include "gateway/engine/replies/reply_sets.hpp"
#include "gateway/engine/unmatched/unmatched_entry.hpp"
#include "smpp/text/reassembly.hpp"
#include "smpp/text/udh.hpp"

namespace hikyaku::gateway {

inline constexpr std::size_t reply_part_octets_max = 255;

/// Bits of model::reply_part_position::kind.
inline constexpr std::uint8_t reply_part_wide = 1;  // 16-bit reference
inline constexpr std::uint8_t reply_part_sar = 2;   // the reference came in TLVs

/// Which part of which long reply this is, by its user data header or its SAR TLVs (3GPP TS 23.040,
/// 9.2.3.24.1; SMPP 3.4, 5.3.2.22 to 24); empty if it is a reply by itself. So is one whose header
/// is not sound, or whose TLVs are not all there or say something else than its header.
[[nodiscard]] std::optional<model::reply_part_position> reply_part_position_of(
    std::uint32_t carrier, const carrier_message& message);

/// Tells parts with the same number and other content apart; never 0.
[[nodiscard]] std::uint64_t content_hash(const carrier_message& message);

/// Header and text where esm_class says that there is a header.
[[nodiscard]] std::optional<smpp::text::udh_split> split_header(const carrier_message& message);

/// The TLVs of a long reply's first part that speak of the whole: without the SAR TLVs.
[[nodiscard]] std::vector<std::uint8_t> tlvs_of_whole(const smpp::tlv_list& tlvs);

/// Ours, from the range of vendors, beside each part of a reply that is delivered incomplete: one
/// octet, how many parts have not come.
inline constexpr std::uint16_t tag_parts_missing = 0x3E11;

/// What is known of delivered parts, as octets of the store: sequence and hash (big-endian) each.
[[nodiscard]] std::vector<std::uint8_t> write_hashes(const std::vector<reply_set::part>& parts);
[[nodiscard]] std::vector<reply_set::part> read_hashes(std::span<const std::uint8_t> octets);

inline constexpr std::uint8_t data_coding_ucs2 = 8;  // SMPP 3.4, 5.2.19

/// The text of a reply or part; empty for what is no text.
[[nodiscard]] std::string reply_text(const carrier_message& message);

/// A reply as we keep and hand on replies: GSM unpacked, data_coding 0 for nothing but GSM, and a
/// carrier's fixed alphabet as GSM or UCS-2.
/// `unpacked` keeps what its octets view then.
[[nodiscard]] carrier_message in_our_form(const config::carrier_text& dialect,
                                          const carrier_message& message, std::string& unpacked);

/// One part as it lies in the store or has just come; owns its bytes.
struct kept_part {
    std::string bytes;  // a ReplyPart
    store::record_reader reader;
    carrier_message message;  // views into `bytes`

    /// Sets `message` from `bytes`; false if they are no ReplyPart.
    [[nodiscard]] bool read();
    /// The same if they are an Unmatched.
    [[nodiscard]] bool read_unmatched();
};

/// Put together from the parts that are there; by sequence, null where one has not come.
[[nodiscard]] smpp::text::reassembled whole_reply(
    const std::vector<std::unique_ptr<kept_part>>& parts);

}  // namespace hikyaku::gateway
