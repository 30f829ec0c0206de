// What several rooms write into their records alike when they keep a carrier's message: addresses
// and TLVs. Pure; engine's thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "gateway/model/records.hpp"
#include "smpp/pdu/tlv.hpp"

namespace hikyaku::gateway {

[[nodiscard]] flatbuffers::Offset<model::record::Address> record_address(
    flatbuffers::FlatBufferBuilder& into, std::uint8_t ton, std::uint8_t npi,
    std::string_view digits);

/// The octets of the TLVs to keep: without message_payload, and none beyond `bytes_max` altogether.
[[nodiscard]] std::vector<std::uint8_t> tlvs_to_keep(const smpp::tlv_list& tlvs,
                                                     std::size_t bytes_max);

}  // namespace hikyaku::gateway
