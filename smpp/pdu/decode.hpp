// Bytes to PDU. One call looks at the front of a receive buffer and tells the four cases apart that
// a session must treat differently: more bytes needed, framing beyond repair, a faulty PDU with a
// sound header, a good PDU. Called by the session on its own thread; pure, allocates nothing, never
// reads past the buffer, and the PDU it returns is made of views into that buffer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "smpp/pdu/octet_reader.hpp"
#include "smpp/pdu/pdu.hpp"

namespace hikyaku::smpp {

struct decode_limits {
    std::size_t pdu_bytes_max = 16384;
    /// See decode_result::vital_lost. Must outlive the call.
    std::span<const std::uint16_t> vital_tags = text_tags;
};

enum class decode_outcome : std::uint8_t {
    ok,
    incomplete,     // nothing consumed; call again when `bytes_needed` bytes are there
    unrecoverable,  // command_length is nonsense: generic_nack with `status`, then close
    recoverable,    // answer with `status`, drop `consumed` bytes, go on
};

struct decode_result {
    decode_outcome outcome = decode_outcome::incomplete;
    /// Bytes to drop from the buffer: command_length when ok or recoverable, else 0.
    std::size_t consumed = 0;
    /// When incomplete: bytes the buffer must hold before the next call can say more.
    std::size_t bytes_needed = 0;
    /// Why it is unrecoverable or recoverable; ESME_ROK otherwise. Not the PDU's command_status.
    command_status status = command_status::esme_rok;
    /// The specification's name of the faulty field ("tlvs" for the optional part), else empty.
    std::string_view field;
    /// Ok: the PDU. Recoverable: its header, and the fields in front of the fault. Unrecoverable:
    /// the header if all its octets have arrived, else only command_length.
    pdu value;
    /// Ok: octets behind the last field that are no TLVs (or NULs in front of the TLVs), of which
    /// `value` knows nothing. Whether they may be there is the caller's decision.
    std::size_t trailing = 0;
    bool trailing_nul = true;  // all of them are NUL: padding, in which nothing is lost
    bool vital_lost = false;   // one of the vital tags stands in them, torn or out of reach

    [[nodiscard]] bool ok() const { return outcome == decode_outcome::ok; }
};

/// Faults of a body and their statuses: a C-octet string without NUL or too long ESME_RINVPARLEN;
/// sm_length beyond the PDU, or a mandatory field missing, ESME_RINVMSGLEN; a bad dest_flag
/// ESME_RINVDESTFLAG; an unknown command ESME_RINVCMDID. Whatever stands behind sound mandatory
/// fields is no fault: whole TLVs are kept, the rest is `trailing`.
///
/// Lenient where real peers are sloppy: a response may end before any of its fields (those keep
/// their defaults), its last string may lack the NUL, it may be TLVs and no field, and a fault in a
/// body that tells nothing (an error response, deliver_sm_resp, enquire_link_resp, ...) is ignored,
/// for losing the outcome of a request would cost more than the body is worth.
[[nodiscard]] decode_result decode(octet_view buffer, const decode_limits& limits = {});

}  // namespace hikyaku::smpp
