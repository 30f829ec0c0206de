// An event of the outbox (receipt or reply) as the deliver_sm that tells an application of it. Pure
// functions, called by the SMPP server on the io thread when the engine hands an event to a
// session.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "smpp/pdu/pdu.hpp"
#include "smpp/text/receipt.hpp"
#include "store/records_generated.h"

namespace hikyaku::gateway::io {

/// What the PDU's views point into; kept and used again from PDU to PDU.
struct event_pdu_scratch {
    std::array<char, smpp::text::receipt_octets_max> text{};
    std::array<char, 24> id{};
    std::array<char, 16> error{};
    std::vector<std::uint8_t> tlvs;
};

/// SMPP's message_state (3.4, 5.2.28) of a stored state.
[[nodiscard]] smpp::message_state message_state_of(store::record::State state);

/// Receipt: esm_class 0x04 (0x20 while it is not final), the addresses of the message swapped, text
/// in the form of appendix B with the id exactly as submit_sm_resp gave it, and with `tlvs`
/// receipted_message_id and message_state (the session leaves TLVs out for clients of 3.3).
/// Reply: octets, esm_class, data_coding and TLVs as the carrier sent them; more than 254 octets go
/// into message_payload. The PDU has no sequence_number yet. REQUIRES: not an event of kind hit.
[[nodiscard]] smpp::pdu deliver_sm_of(const store::record::Event& event, bool tlvs,
                                      event_pdu_scratch& scratch);

}  // namespace hikyaku::gateway::io
