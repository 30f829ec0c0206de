// PDU to bytes, appended to the caller's growing buffer, which a session reuses so that nothing is
// allocated in the steady state. Pure; called by the session for everything it sends. What does not
// fit the specification is refused with the field's name and leaves the buffer as it was.
#pragma once

#include <boost/system/result.hpp>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "smpp/pdu/pdu.hpp"

namespace hikyaku::smpp {

enum class encode_fault : std::uint8_t {
    too_long,      // longer than the field allows (octets_lenient_max)
    embedded_nul,  // a NUL inside a C-octet string would end it early
};

struct encode_error {
    encode_fault fault = encode_fault::too_long;
    std::string_view field;
    bool operator==(const encode_error&) const = default;
};

/// Appends the PDU; returns its octets, which is the command_length written. A response with an
/// error status is written as encode_refusal() does for 3.4, whatever its body and TLVs hold. The
/// body must belong to the command_id, or be monostate for a header alone (assert).
[[nodiscard]] boost::system::result<std::size_t, encode_error> encode(
    std::vector<std::uint8_t>& out, const pdu& whole);

/// The same, for bodies that serve several commands (the binds).
template <class Body>
[[nodiscard]] boost::system::result<std::size_t, encode_error> encode(
    std::vector<std::uint8_t>& out, command_id id, command_status status,
    std::uint32_t sequence_number, const Body& body, tlv_list tlvs = {}) {
    return encode(out, pdu{{0, id, status, sequence_number}, body, tlvs});
}

/// Appends a response with an error status (REQUIRES) and the smallest body that the version of the
/// session (0x33, 0x34 or 0x50) allows. 3.4 leaves the body out of bind_transmitter_resp,
/// bind_receiver_resp and submit_sm_resp only (notes of 4.1.2, 4.1.4 and 4.4.2); every other
/// response has its mandatory fields, here empty ones, and clients exist that cannot read less. 3.3
/// wants the NUL of an absent message_id in submit_sm_resp too. 5.0 (3.2.1.3) wants a header alone.
void encode_refusal(std::vector<std::uint8_t>& out, command_id id, command_status status,
                    std::uint32_t sequence_number, std::uint8_t version = 0x34);

/// Appends a PDU without body: enquire_link, unbind, generic_nack.
void encode_header_only(std::vector<std::uint8_t>& out, command_id id, command_status status,
                        std::uint32_t sequence_number);

}  // namespace hikyaku::smpp
