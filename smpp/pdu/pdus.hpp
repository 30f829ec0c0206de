// Every PDU body of SMPP 3.4 and 5.0 as a plain struct, and beside it the one table that describes
// it: the commands it belongs to and its mandatory fields in wire order. Strings and octets are
// views into the receive buffer (or into whatever the sender keeps alive until encode() returns),
// so that nothing is allocated per PDU. Field names are the specification's, chapter 4.
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <string_view>
#include <tuple>

#include "smpp/pdu/constants.hpp"
#include "smpp/pdu/fields.hpp"

namespace hikyaku::smpp {

/// bind_transmitter, bind_receiver and bind_transceiver; the header's command_id tells which.
struct bind_request {
    std::string_view system_id;
    std::string_view password;
    std::string_view system_type;
    std::uint8_t interface_version = 0x34;
    std::uint8_t addr_ton = 0;
    std::uint8_t addr_npi = 0;
    std::string_view address_range;
};
struct bind_response {
    std::string_view system_id;
};
struct outbind {
    std::string_view system_id;
    std::string_view password;
};
struct unbind {};
struct unbind_resp {};
struct enquire_link {};
struct enquire_link_resp {};
struct generic_nack {};

struct submit_sm {
    std::string_view service_type;
    std::uint8_t source_addr_ton = 0;
    std::uint8_t source_addr_npi = 0;
    std::string_view source_addr;
    std::uint8_t dest_addr_ton = 0;
    std::uint8_t dest_addr_npi = 0;
    std::string_view destination_addr;
    std::uint8_t esm_class = 0;
    std::uint8_t protocol_id = 0;
    std::uint8_t priority_flag = 0;
    std::string_view schedule_delivery_time;
    std::string_view validity_period;
    std::uint8_t registered_delivery = 0;
    std::uint8_t replace_if_present_flag = 0;
    std::uint8_t data_coding = 0;
    std::uint8_t sm_default_msg_id = 0;
    octet_view short_message;
};
struct submit_sm_resp {
    std::string_view message_id;
};
struct deliver_sm {
    std::string_view service_type;
    std::uint8_t source_addr_ton = 0;
    std::uint8_t source_addr_npi = 0;
    std::string_view source_addr;
    std::uint8_t dest_addr_ton = 0;
    std::uint8_t dest_addr_npi = 0;
    std::string_view destination_addr;
    std::uint8_t esm_class = 0;
    std::uint8_t protocol_id = 0;
    std::uint8_t priority_flag = 0;
    std::string_view schedule_delivery_time;
    std::string_view validity_period;
    std::uint8_t registered_delivery = 0;
    std::uint8_t replace_if_present_flag = 0;
    std::uint8_t data_coding = 0;
    std::uint8_t sm_default_msg_id = 0;
    octet_view short_message;
};
struct deliver_sm_resp {
    std::string_view message_id;  // means nothing
};
struct data_sm {
    std::string_view service_type;
    std::uint8_t source_addr_ton = 0;
    std::uint8_t source_addr_npi = 0;
    std::string_view source_addr;
    std::uint8_t dest_addr_ton = 0;
    std::uint8_t dest_addr_npi = 0;
    std::string_view destination_addr;
    std::uint8_t esm_class = 0;
    std::uint8_t registered_delivery = 0;
    std::uint8_t data_coding = 0;
};
struct data_sm_resp {
    std::string_view message_id;
};
struct submit_multi {
    std::string_view service_type;
    std::uint8_t source_addr_ton = 0;
    std::uint8_t source_addr_npi = 0;
    std::string_view source_addr;
    dest_address_list dest_addresses;
    std::uint8_t esm_class = 0;
    std::uint8_t protocol_id = 0;
    std::uint8_t priority_flag = 0;
    std::string_view schedule_delivery_time;
    std::string_view validity_period;
    std::uint8_t registered_delivery = 0;
    std::uint8_t replace_if_present_flag = 0;
    std::uint8_t data_coding = 0;
    std::uint8_t sm_default_msg_id = 0;
    octet_view short_message;
};
struct submit_multi_resp {
    std::string_view message_id;
    unsuccess_sme_list unsuccess_smes;
};
struct query_sm {
    std::string_view message_id;
    std::uint8_t source_addr_ton = 0;
    std::uint8_t source_addr_npi = 0;
    std::string_view source_addr;
};
struct query_sm_resp {
    std::string_view message_id;
    std::string_view final_date;
    std::uint8_t message_state = 0;
    std::uint8_t error_code = 0;
};
struct cancel_sm {
    std::string_view service_type;
    std::string_view message_id;
    std::uint8_t source_addr_ton = 0;
    std::uint8_t source_addr_npi = 0;
    std::string_view source_addr;
    std::uint8_t dest_addr_ton = 0;
    std::uint8_t dest_addr_npi = 0;
    std::string_view destination_addr;
};
struct cancel_sm_resp {};
struct replace_sm {
    std::string_view message_id;
    std::uint8_t source_addr_ton = 0;
    std::uint8_t source_addr_npi = 0;
    std::string_view source_addr;
    std::string_view schedule_delivery_time;
    std::string_view validity_period;
    std::uint8_t registered_delivery = 0;
    std::uint8_t sm_default_msg_id = 0;
    octet_view short_message;
};
struct replace_sm_resp {};
struct alert_notification {
    std::uint8_t source_addr_ton = 0;
    std::uint8_t source_addr_npi = 0;
    std::string_view source_addr;
    std::uint8_t esme_addr_ton = 0;
    std::uint8_t esme_addr_npi = 0;
    std::string_view esme_addr;
};

// 5.0's broadcast (4.4 to 4.6 there). Areas, content, repetition and text are TLVs.
struct broadcast_sm {
    std::string_view service_type;
    std::uint8_t source_addr_ton = 0;
    std::uint8_t source_addr_npi = 0;
    std::string_view source_addr;
    std::string_view message_id;  // of the broadcast to replace, else empty
    std::uint8_t priority_flag = 0;
    std::string_view schedule_delivery_time;
    std::string_view validity_period;
    std::uint8_t replace_if_present_flag = 0;
    std::uint8_t data_coding = 0;
    std::uint8_t sm_default_msg_id = 0;
};
struct broadcast_sm_resp {
    std::string_view message_id;
};
struct query_broadcast_sm {
    std::string_view message_id;
    std::uint8_t source_addr_ton = 0;
    std::uint8_t source_addr_npi = 0;
    std::string_view source_addr;
};
struct query_broadcast_sm_resp {
    std::string_view message_id;  // the state and the areas are TLVs
};
struct cancel_broadcast_sm {
    std::string_view service_type;
    std::string_view message_id;
    std::uint8_t source_addr_ton = 0;
    std::uint8_t source_addr_npi = 0;
    std::string_view source_addr;
};
struct cancel_broadcast_sm_resp {};

/// pdu_table<Body>::ids lists the commands, ::fields is the tuple of fields in wire order.
template <class Body>
struct pdu_table;

/// True if a PDU with this command_id has this body.
template <class Body>
[[nodiscard]] constexpr bool is_body_of(command_id id) {
    for (const command_id own : pdu_table<Body>::ids)
        if (own == id) return true;
    return false;
}

}  // namespace hikyaku::smpp

#include "smpp/pdu/tables.hpp"  // IWYU pragma: export
