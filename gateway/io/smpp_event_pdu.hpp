// An event of the outbox (receipt or reply) as the deliver_sm or data_sm that tells an application
// of it, in the form that its account asks for. Pure functions, called by the SMPP server on the io
// thread when the engine hands an event to a session.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "config/settings.hpp"
#include "gateway/engine/delivery/events.hpp"
#include "gateway/engine/submission/message_id_text.hpp"
#include "gateway/model/records_generated.h"
#include "smpp/pdu/pdu.hpp"
#include "smpp/text/receipt.hpp"

namespace hikyaku::gateway::io {

/// What the PDU's views point into; kept and used again from PDU to PDU.
struct event_pdu_scratch {
    std::array<char, smpp::text::receipt_octets_max> text{};
    message_id_text id;
    std::array<char, 16> error{};
    std::vector<std::uint8_t> tlvs;
};

/// How one session of an account wants its events.
struct event_pdu_form {
    bool tlvs = true;
    config::receipt_pdu pdu = config::receipt_pdu::deliver_sm;
    config::receipt_dates dates = config::receipt_dates::ten_digits;
    config::id_form ids = config::id_form::decimal;
};
/// `version` is what the session speaks: a client of 3.3 knows neither TLVs nor data_sm.
[[nodiscard]] event_pdu_form event_form_of(const config::account& account, std::uint8_t version);

/// SMPP's message_state (3.4, 5.2.28) of a stored state.
[[nodiscard]] smpp::message_state message_state_of(State state);

/// Receipt: esm_class 0x04 (0x20 while it is not final), the addresses of the message swapped, text
/// in the form of appendix B with the id exactly as the response to the submission gave it, and
/// with `tlvs` receipted_message_id, message_state, the carrier's network_error_code as it came,
/// and its `stat` in additional_status_info_text if that is another word than the text's. The
/// receipt of one segment counts that one only (sub and dlvrd).
/// Reply: octets, esm_class, data_coding and TLVs as the carrier sent them; more than 254 octets go
/// into message_payload, as does every text of a data_sm. Without `tlvs` only message_payload and
/// the sar_ tags are left, for without them there would be no text.
/// The PDU has no sequence_number yet. REQUIRES: not a hit.
[[nodiscard]] smpp::pdu event_pdu_of(const outbox_event& event, const event_pdu_form& form,
                                     event_pdu_scratch& scratch);

}  // namespace hikyaku::gateway::io
