// A long reply cut into parts for a client that cannot take it whole: one of 3.3, which has no
// message_payload, or one whose reply would make a PDU of more than 7 KiB. The parts are those of
// the air interface, with a user data header of 8-bit reference (3GPP TS 23.040, 9.2.3.24.1). Pure
// functions, called by the SMPP server on the io thread.
#pragma once

#include <cstdint>
#include <vector>

#include "smpp/pdu/pdu.hpp"

namespace hikyaku::gateway::io {

/// What follows the header in each part: 153 octets of the default alphabet, 134 of everything
/// else. An escape stays with its character and a surrogate with its other half. Empty if that
/// makes more than 255 parts.
[[nodiscard]] std::vector<smpp::octet_view> cut_reply(smpp::octet_view octets,
                                                      std::uint8_t data_coding);

/// short_message of part `number`, from 1: the header and its octets.
[[nodiscard]] std::vector<std::uint8_t> reply_part(smpp::octet_view octets, std::uint8_t reference,
                                                   std::size_t number, std::size_t count);

}  // namespace hikyaku::gateway::io
