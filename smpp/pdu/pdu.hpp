// One whole PDU: header, body, TLVs, and the visitor that walks a body's fields by name. A decoded
// pdu holds views into the receive buffer and dies with it; a pdu to be sent holds views into the
// sender's memory until encode() returns. Plain values, no thread rules.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>

#include "smpp/pdu/constants.hpp"
#include "smpp/pdu/pdus.hpp"
#include "smpp/pdu/tlv.hpp"

namespace hikyaku::smpp {

inline constexpr std::size_t header_octets = 16;

struct pdu_header {
    std::uint32_t command_length = 0;  // as received; the encoder computes its own
    smpp::command_id command_id = smpp::command_id::generic_nack;
    smpp::command_status command_status = smpp::command_status::esme_rok;
    std::uint32_t sequence_number = 0;
    bool operator==(const pdu_header&) const = default;
};

/// monostate: a command this library does not know, or no body was read.
using pdu_body =
    std::variant<std::monostate, bind_request, bind_response, outbind, unbind, unbind_resp,
                 enquire_link, enquire_link_resp, generic_nack, submit_sm, submit_sm_resp,
                 deliver_sm, deliver_sm_resp, data_sm, data_sm_resp, submit_multi,
                 submit_multi_resp, query_sm, query_sm_resp, cancel_sm, cancel_sm_resp, replace_sm,
                 replace_sm_resp, alert_notification, broadcast_sm, broadcast_sm_resp,
                 query_broadcast_sm, query_broadcast_sm_resp, cancel_broadcast_sm,
                 cancel_broadcast_sm_resp>;

struct pdu {
    pdu_header header;
    pdu_body body;
    tlv_list tlvs;
};

/// Calls visitor(name, value) for every mandatory field of a body in wire order. The value is one
/// of std::uint8_t, std::string_view, octet_view, dest_address_list, unsuccess_sme_list; the length
/// or count in front of the last three is a uint8_t visit of its own ("sm_length").
template <class Body, class Visitor>
void for_each_field(const Body& body, Visitor&& visitor) {
    const auto visit_one = [&](const auto& field) {
        const auto& value = body.*field.member;
        if constexpr (
            requires { field.length_name; })
            visitor(field.length_name, static_cast<std::uint8_t>(value.size()));
        if constexpr (
            requires { field.count_name; })
            visitor(field.count_name, value.size());
        visitor(field.name, value);
    };
    std::apply([&](const auto&... field) { (visit_one(field), ...); }, pdu_table<Body>::fields);
}

/// The same for whatever body the PDU has; a monostate has no fields.
template <class Visitor>
void for_each_field(const pdu& whole, Visitor&& visitor) {
    std::visit(
        [&]<class Body>(const Body& body) {
            if constexpr (!std::is_same_v<Body, std::monostate>) for_each_field(body, visitor);
        },
        whole.body);
}

/// A PDU of a body that belongs to one command only, that is all but the binds.
template <class Body>
[[nodiscard]] pdu make_pdu(std::uint32_t sequence_number, const Body& body, tlv_list tlvs = {},
                           command_status status = command_status::esme_rok) {
    static_assert(pdu_table<Body>::ids.size() == 1, "give the command_id of a bind");
    return {{0, pdu_table<Body>::ids.front(), status, sequence_number}, body, tlvs};
}

/// The octets of the user's message: short_message, or the TLV message_payload. Empty optional if
/// both hold something, which 3.4, 5.3.2.32 forbids (answer ESME_RINVMSGLEN). Works for every body
/// that carries a message; data_sm has the TLV only.
template <class Body>
[[nodiscard]] std::optional<octet_view> message_octets(const Body& body, const tlv_list& tlvs) {
    const auto payload = tlvs.find(tag::message_payload);
    if constexpr (requires { body.short_message; }) {
        if (!payload) return body.short_message;
        if (!body.short_message.empty() && !payload->empty()) return std::nullopt;
        return body.short_message.empty() ? *payload : body.short_message;
    } else {
        return payload.value_or(octet_view{});
    }
}

/// Octets of the user data header in front of `message`, its length octet included; 0 without the
/// UDHI bit. Empty optional if the header is longer than the message (answer ESME_RINVESMCLASS).
[[nodiscard]] inline std::optional<std::size_t> udh_octets(std::uint8_t esm_class_value,
                                                           octet_view message) {
    if (!esm_class::has_udh(esm_class_value)) return 0;
    if (message.empty() || std::size_t{message[0]} + 1 > message.size()) return std::nullopt;
    return std::size_t{message[0]} + 1;
}

}  // namespace hikyaku::smpp
