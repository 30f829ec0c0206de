// The field tables themselves: the only place that knows the order, kind and limits of mandatory
// fields (SMPP 3.4 and 5.0, chapter 4). Included by pdus.hpp, never directly. Limits count the
// final NUL. Where a second limit follows the form, longer values are accepted than the
// specification allows: applications with 20-character passwords exist, and a refusal at the codec
// would hide the reason.
#pragma once

#include "smpp/pdu/pdus.hpp"  // IWYU pragma: keep

namespace hikyaku::smpp {

inline constexpr std::uint16_t credential_octets_max = 65;     // 64 characters and NUL
inline constexpr std::uint8_t short_message_octets_max = 255;  // 3.4 says 254, 5.0 says 255

/// Declares the commands of a body that has no mandatory field.
template <command_id... Ids>
struct header_only_table {
    static constexpr std::array ids{Ids...};
    static constexpr std::tuple<> fields{};
};

template <>
struct pdu_table<unbind> : header_only_table<command_id::unbind> {};
template <>
struct pdu_table<unbind_resp> : header_only_table<command_id::unbind_resp> {};
template <>
struct pdu_table<enquire_link> : header_only_table<command_id::enquire_link> {};
template <>
struct pdu_table<enquire_link_resp> : header_only_table<command_id::enquire_link_resp> {};
template <>
struct pdu_table<generic_nack> : header_only_table<command_id::generic_nack> {};
template <>
struct pdu_table<cancel_sm_resp> : header_only_table<command_id::cancel_sm_resp> {};
template <>
struct pdu_table<replace_sm_resp> : header_only_table<command_id::replace_sm_resp> {};
template <>
struct pdu_table<cancel_broadcast_sm_resp>
    : header_only_table<command_id::cancel_broadcast_sm_resp> {};

template <>
struct pdu_table<bind_request> {
    using b = bind_request;
    static constexpr std::array ids{command_id::bind_transmitter, command_id::bind_receiver,
                                    command_id::bind_transceiver};
    static constexpr std::tuple fields{
        cstring_field<b>{"system_id", 16, &b::system_id, cstring_form::text, credential_octets_max},
        cstring_field<b>{"password", 9, &b::password, cstring_form::text, credential_octets_max},
        cstring_field<b>{"system_type", 13, &b::system_type},
        u8_field<b>{"interface_version", &b::interface_version},
        u8_field<b>{"addr_ton", &b::addr_ton},
        u8_field<b>{"addr_npi", &b::addr_npi},
        cstring_field<b>{"address_range", 41, &b::address_range},
    };
};

template <>
struct pdu_table<bind_response> {
    using b = bind_response;
    static constexpr std::array ids{command_id::bind_transmitter_resp,
                                    command_id::bind_receiver_resp,
                                    command_id::bind_transceiver_resp};
    static constexpr std::tuple fields{
        cstring_field<b>{"system_id", 16, &b::system_id, cstring_form::nul_optional,
                         credential_octets_max},
    };
};

template <>
struct pdu_table<outbind> {
    using b = outbind;
    static constexpr std::array ids{command_id::outbind};
    static constexpr std::tuple fields{
        cstring_field<b>{"system_id", 16, &b::system_id, cstring_form::text, credential_octets_max},
        cstring_field<b>{"password", 9, &b::password, cstring_form::text, credential_octets_max},
    };
};

/// submit_sm and deliver_sm have the same fields (4.4.1, 4.6.1).
template <class b>
struct short_message_table {
    static constexpr std::tuple fields{
        cstring_field<b>{"service_type", 6, &b::service_type},
        u8_field<b>{"source_addr_ton", &b::source_addr_ton},
        u8_field<b>{"source_addr_npi", &b::source_addr_npi},
        cstring_field<b>{"source_addr", 21, &b::source_addr},
        u8_field<b>{"dest_addr_ton", &b::dest_addr_ton},
        u8_field<b>{"dest_addr_npi", &b::dest_addr_npi},
        cstring_field<b>{"destination_addr", 21, &b::destination_addr},
        u8_field<b>{"esm_class", &b::esm_class},
        u8_field<b>{"protocol_id", &b::protocol_id},
        u8_field<b>{"priority_flag", &b::priority_flag},
        cstring_field<b>{"schedule_delivery_time", 17, &b::schedule_delivery_time,
                         cstring_form::time},
        cstring_field<b>{"validity_period", 17, &b::validity_period, cstring_form::time},
        u8_field<b>{"registered_delivery", &b::registered_delivery},
        u8_field<b>{"replace_if_present_flag", &b::replace_if_present_flag},
        u8_field<b>{"data_coding", &b::data_coding},
        u8_field<b>{"sm_default_msg_id", &b::sm_default_msg_id},
        octets_field<b>{"sm_length", "short_message", short_message_octets_max, &b::short_message},
    };
};
template <>
struct pdu_table<submit_sm> : short_message_table<submit_sm> {
    static constexpr std::array ids{command_id::submit_sm};
};
template <>
struct pdu_table<deliver_sm> : short_message_table<deliver_sm> {
    static constexpr std::array ids{command_id::deliver_sm};
};

/// Ids of carriers are longer than the 64 characters of the specification now and then.
inline constexpr std::uint16_t message_id_octets_max = 1025;

/// The responses that are a message_id and nothing else.
template <class b, std::uint16_t octets_max>
struct message_id_table {
    static constexpr std::tuple fields{
        cstring_field<b>{"message_id", octets_max, &b::message_id, cstring_form::nul_optional,
                         message_id_octets_max},
    };
};
template <>
struct pdu_table<submit_sm_resp> : message_id_table<submit_sm_resp, 65> {
    static constexpr std::array ids{command_id::submit_sm_resp};
};
template <>
struct pdu_table<deliver_sm_resp> : message_id_table<deliver_sm_resp, 1> {
    static constexpr std::array ids{command_id::deliver_sm_resp};
};
template <>
struct pdu_table<data_sm_resp> : message_id_table<data_sm_resp, 65> {
    static constexpr std::array ids{command_id::data_sm_resp};
};
template <>
struct pdu_table<broadcast_sm_resp> : message_id_table<broadcast_sm_resp, 65> {
    static constexpr std::array ids{command_id::broadcast_sm_resp};
};
template <>
struct pdu_table<query_broadcast_sm_resp> : message_id_table<query_broadcast_sm_resp, 65> {
    static constexpr std::array ids{command_id::query_broadcast_sm_resp};
};

template <>
struct pdu_table<data_sm> {
    using b = data_sm;
    static constexpr std::array ids{command_id::data_sm};
    static constexpr std::tuple fields{
        cstring_field<b>{"service_type", 6, &b::service_type},
        u8_field<b>{"source_addr_ton", &b::source_addr_ton},
        u8_field<b>{"source_addr_npi", &b::source_addr_npi},
        cstring_field<b>{"source_addr", 65, &b::source_addr},
        u8_field<b>{"dest_addr_ton", &b::dest_addr_ton},
        u8_field<b>{"dest_addr_npi", &b::dest_addr_npi},
        cstring_field<b>{"destination_addr", 65, &b::destination_addr},
        u8_field<b>{"esm_class", &b::esm_class},
        u8_field<b>{"registered_delivery", &b::registered_delivery},
        u8_field<b>{"data_coding", &b::data_coding},
    };
};

template <>
struct pdu_table<submit_multi> {
    using b = submit_multi;
    static constexpr std::array ids{command_id::submit_multi};
    static constexpr std::tuple fields{
        cstring_field<b>{"service_type", 6, &b::service_type},
        u8_field<b>{"source_addr_ton", &b::source_addr_ton},
        u8_field<b>{"source_addr_npi", &b::source_addr_npi},
        cstring_field<b>{"source_addr", 21, &b::source_addr},
        list_field<b, dest_address>{"number_of_dests", "dest_address", &b::dest_addresses},
        u8_field<b>{"esm_class", &b::esm_class},
        u8_field<b>{"protocol_id", &b::protocol_id},
        u8_field<b>{"priority_flag", &b::priority_flag},
        cstring_field<b>{"schedule_delivery_time", 17, &b::schedule_delivery_time,
                         cstring_form::time},
        cstring_field<b>{"validity_period", 17, &b::validity_period, cstring_form::time},
        u8_field<b>{"registered_delivery", &b::registered_delivery},
        u8_field<b>{"replace_if_present_flag", &b::replace_if_present_flag},
        u8_field<b>{"data_coding", &b::data_coding},
        u8_field<b>{"sm_default_msg_id", &b::sm_default_msg_id},
        octets_field<b>{"sm_length", "short_message", short_message_octets_max, &b::short_message},
    };
};

template <>
struct pdu_table<submit_multi_resp> {
    using b = submit_multi_resp;
    static constexpr std::array ids{command_id::submit_multi_resp};
    static constexpr std::tuple fields{
        cstring_field<b>{"message_id", 65, &b::message_id, cstring_form::nul_optional},
        list_field<b, unsuccess_sme>{"no_unsuccess", "unsuccess_sme", &b::unsuccess_smes},
    };
};

template <>
struct pdu_table<query_sm> {
    using b = query_sm;
    static constexpr std::array ids{command_id::query_sm};
    static constexpr std::tuple fields{
        cstring_field<b>{"message_id", 65, &b::message_id},
        u8_field<b>{"source_addr_ton", &b::source_addr_ton},
        u8_field<b>{"source_addr_npi", &b::source_addr_npi},
        cstring_field<b>{"source_addr", 21, &b::source_addr},
    };
};

template <>
struct pdu_table<query_sm_resp> {
    using b = query_sm_resp;
    static constexpr std::array ids{command_id::query_sm_resp};
    static constexpr std::tuple fields{
        cstring_field<b>{"message_id", 65, &b::message_id},
        cstring_field<b>{"final_date", 17, &b::final_date, cstring_form::time},
        u8_field<b>{"message_state", &b::message_state},
        u8_field<b>{"error_code", &b::error_code},
    };
};

template <>
struct pdu_table<cancel_sm> {
    using b = cancel_sm;
    static constexpr std::array ids{command_id::cancel_sm};
    static constexpr std::tuple fields{
        cstring_field<b>{"service_type", 6, &b::service_type},
        cstring_field<b>{"message_id", 65, &b::message_id},
        u8_field<b>{"source_addr_ton", &b::source_addr_ton},
        u8_field<b>{"source_addr_npi", &b::source_addr_npi},
        cstring_field<b>{"source_addr", 21, &b::source_addr},
        u8_field<b>{"dest_addr_ton", &b::dest_addr_ton},
        u8_field<b>{"dest_addr_npi", &b::dest_addr_npi},
        cstring_field<b>{"destination_addr", 21, &b::destination_addr},
    };
};

template <>
struct pdu_table<replace_sm> {
    using b = replace_sm;
    static constexpr std::array ids{command_id::replace_sm};
    static constexpr std::tuple fields{
        cstring_field<b>{"message_id", 65, &b::message_id},
        u8_field<b>{"source_addr_ton", &b::source_addr_ton},
        u8_field<b>{"source_addr_npi", &b::source_addr_npi},
        cstring_field<b>{"source_addr", 21, &b::source_addr},
        cstring_field<b>{"schedule_delivery_time", 17, &b::schedule_delivery_time,
                         cstring_form::time},
        cstring_field<b>{"validity_period", 17, &b::validity_period, cstring_form::time},
        u8_field<b>{"registered_delivery", &b::registered_delivery},
        u8_field<b>{"sm_default_msg_id", &b::sm_default_msg_id},
        octets_field<b>{"sm_length", "short_message", short_message_octets_max, &b::short_message},
    };
};

template <>
struct pdu_table<alert_notification> {
    using b = alert_notification;
    static constexpr std::array ids{command_id::alert_notification};
    static constexpr std::tuple fields{
        u8_field<b>{"source_addr_ton", &b::source_addr_ton},
        u8_field<b>{"source_addr_npi", &b::source_addr_npi},
        cstring_field<b>{"source_addr", 65, &b::source_addr},
        u8_field<b>{"esme_addr_ton", &b::esme_addr_ton},
        u8_field<b>{"esme_addr_npi", &b::esme_addr_npi},
        cstring_field<b>{"esme_addr", 65, &b::esme_addr},
    };
};

template <>
struct pdu_table<broadcast_sm> {
    using b = broadcast_sm;
    static constexpr std::array ids{command_id::broadcast_sm};
    static constexpr std::tuple fields{
        cstring_field<b>{"service_type", 6, &b::service_type},
        u8_field<b>{"source_addr_ton", &b::source_addr_ton},
        u8_field<b>{"source_addr_npi", &b::source_addr_npi},
        cstring_field<b>{"source_addr", 21, &b::source_addr},
        cstring_field<b>{"message_id", 65, &b::message_id},
        u8_field<b>{"priority_flag", &b::priority_flag},
        cstring_field<b>{"schedule_delivery_time", 17, &b::schedule_delivery_time,
                         cstring_form::time},
        cstring_field<b>{"validity_period", 17, &b::validity_period, cstring_form::time},
        u8_field<b>{"replace_if_present_flag", &b::replace_if_present_flag},
        u8_field<b>{"data_coding", &b::data_coding},
        u8_field<b>{"sm_default_msg_id", &b::sm_default_msg_id},
    };
};

template <>
struct pdu_table<query_broadcast_sm> {
    using b = query_broadcast_sm;
    static constexpr std::array ids{command_id::query_broadcast_sm};
    static constexpr std::tuple fields{
        cstring_field<b>{"message_id", 65, &b::message_id},
        u8_field<b>{"source_addr_ton", &b::source_addr_ton},
        u8_field<b>{"source_addr_npi", &b::source_addr_npi},
        cstring_field<b>{"source_addr", 21, &b::source_addr},
    };
};

template <>
struct pdu_table<cancel_broadcast_sm> {
    using b = cancel_broadcast_sm;
    static constexpr std::array ids{command_id::cancel_broadcast_sm};
    static constexpr std::tuple fields{
        cstring_field<b>{"service_type", 6, &b::service_type},
        cstring_field<b>{"message_id", 65, &b::message_id},
        u8_field<b>{"source_addr_ton", &b::source_addr_ton},
        u8_field<b>{"source_addr_npi", &b::source_addr_npi},
        cstring_field<b>{"source_addr", 21, &b::source_addr},
    };
};

}  // namespace hikyaku::smpp
