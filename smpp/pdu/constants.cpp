#include "smpp/pdu/constants.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace hikyaku::smpp {
namespace {

struct command_name {
    command_id id;
    std::string_view name;
};
struct status_name {
    command_status status;
    std::string_view name;
};

// Where the enumerators have their short names, as the structs of pdus.hpp do outside.
namespace rows {

using enum command_id;
constexpr std::array commands{
    command_name{generic_nack, "generic_nack"},
    command_name{bind_receiver, "bind_receiver"},
    command_name{bind_receiver_resp, "bind_receiver_resp"},
    command_name{bind_transmitter, "bind_transmitter"},
    command_name{bind_transmitter_resp, "bind_transmitter_resp"},
    command_name{query_sm, "query_sm"},
    command_name{query_sm_resp, "query_sm_resp"},
    command_name{submit_sm, "submit_sm"},
    command_name{submit_sm_resp, "submit_sm_resp"},
    command_name{deliver_sm, "deliver_sm"},
    command_name{deliver_sm_resp, "deliver_sm_resp"},
    command_name{unbind, "unbind"},
    command_name{unbind_resp, "unbind_resp"},
    command_name{replace_sm, "replace_sm"},
    command_name{replace_sm_resp, "replace_sm_resp"},
    command_name{cancel_sm, "cancel_sm"},
    command_name{cancel_sm_resp, "cancel_sm_resp"},
    command_name{bind_transceiver, "bind_transceiver"},
    command_name{bind_transceiver_resp, "bind_transceiver_resp"},
    command_name{outbind, "outbind"},
    command_name{enquire_link, "enquire_link"},
    command_name{enquire_link_resp, "enquire_link_resp"},
    command_name{submit_multi, "submit_multi"},
    command_name{submit_multi_resp, "submit_multi_resp"},
    command_name{alert_notification, "alert_notification"},
    command_name{data_sm, "data_sm"},
    command_name{data_sm_resp, "data_sm_resp"},
    command_name{broadcast_sm, "broadcast_sm"},
    command_name{broadcast_sm_resp, "broadcast_sm_resp"},
    command_name{query_broadcast_sm, "query_broadcast_sm"},
    command_name{query_broadcast_sm_resp, "query_broadcast_sm_resp"},
    command_name{cancel_broadcast_sm, "cancel_broadcast_sm"},
    command_name{cancel_broadcast_sm_resp, "cancel_broadcast_sm_resp"},
};

using enum command_status;
constexpr std::array statuses{
    status_name{esme_rok, "ESME_ROK"},
    status_name{esme_rinvmsglen, "ESME_RINVMSGLEN"},
    status_name{esme_rinvcmdlen, "ESME_RINVCMDLEN"},
    status_name{esme_rinvcmdid, "ESME_RINVCMDID"},
    status_name{esme_rinvbndsts, "ESME_RINVBNDSTS"},
    status_name{esme_ralybnd, "ESME_RALYBND"},
    status_name{esme_rinvprtflg, "ESME_RINVPRTFLG"},
    status_name{esme_rinvregdlvflg, "ESME_RINVREGDLVFLG"},
    status_name{esme_rsyserr, "ESME_RSYSERR"},
    status_name{esme_rinvsrcadr, "ESME_RINVSRCADR"},
    status_name{esme_rinvdstadr, "ESME_RINVDSTADR"},
    status_name{esme_rinvmsgid, "ESME_RINVMSGID"},
    status_name{esme_rbindfail, "ESME_RBINDFAIL"},
    status_name{esme_rinvpaswd, "ESME_RINVPASWD"},
    status_name{esme_rinvsysid, "ESME_RINVSYSID"},
    status_name{esme_rcancelfail, "ESME_RCANCELFAIL"},
    status_name{esme_rreplacefail, "ESME_RREPLACEFAIL"},
    status_name{esme_rmsgqful, "ESME_RMSGQFUL"},
    status_name{esme_rinvsertyp, "ESME_RINVSERTYP"},
    status_name{esme_rinvnumdests, "ESME_RINVNUMDESTS"},
    status_name{esme_rinvdlname, "ESME_RINVDLNAME"},
    status_name{esme_rinvdestflag, "ESME_RINVDESTFLAG"},
    status_name{esme_rinvsubrep, "ESME_RINVSUBREP"},
    status_name{esme_rinvesmclass, "ESME_RINVESMCLASS"},
    status_name{esme_rcntsubdl, "ESME_RCNTSUBDL"},
    status_name{esme_rsubmitfail, "ESME_RSUBMITFAIL"},
    status_name{esme_rinvsrcton, "ESME_RINVSRCTON"},
    status_name{esme_rinvsrcnpi, "ESME_RINVSRCNPI"},
    status_name{esme_rinvdstton, "ESME_RINVDSTTON"},
    status_name{esme_rinvdstnpi, "ESME_RINVDSTNPI"},
    status_name{esme_rinvsystyp, "ESME_RINVSYSTYP"},
    status_name{esme_rinvrepflag, "ESME_RINVREPFLAG"},
    status_name{esme_rinvnummsgs, "ESME_RINVNUMMSGS"},
    status_name{esme_rthrottled, "ESME_RTHROTTLED"},
    status_name{esme_rinvsched, "ESME_RINVSCHED"},
    status_name{esme_rinvexpiry, "ESME_RINVEXPIRY"},
    status_name{esme_rinvdftmsgid, "ESME_RINVDFTMSGID"},
    status_name{esme_rx_t_appn, "ESME_RX_T_APPN"},
    status_name{esme_rx_p_appn, "ESME_RX_P_APPN"},
    status_name{esme_rx_r_appn, "ESME_RX_R_APPN"},
    status_name{esme_rqueryfail, "ESME_RQUERYFAIL"},
    status_name{esme_rinvtlvstream, "ESME_RINVTLVSTREAM"},
    status_name{esme_rtlvnotallwd, "ESME_RTLVNOTALLWD"},
    status_name{esme_rinvparlen, "ESME_RINVPARLEN"},
    status_name{esme_rmissingtlv, "ESME_RMISSINGTLV"},
    status_name{esme_rinvtlvval, "ESME_RINVTLVVAL"},
    status_name{esme_rdeliveryfailure, "ESME_RDELIVERYFAILURE"},
    status_name{esme_runknownerr, "ESME_RUNKNOWNERR"},
    status_name{esme_rsertypunauth, "ESME_RSERTYPUNAUTH"},
    status_name{esme_rprohibited, "ESME_RPROHIBITED"},
    status_name{esme_rsertypunavail, "ESME_RSERTYPUNAVAIL"},
    status_name{esme_rsertypdenied, "ESME_RSERTYPDENIED"},
    status_name{esme_rinvdcs, "ESME_RINVDCS"},
    status_name{esme_rinvsrcaddrsubunit, "ESME_RINVSRCADDRSUBUNIT"},
    status_name{esme_rinvdstaddrsubunit, "ESME_RINVDSTADDRSUBUNIT"},
    status_name{esme_rinvbcastfreqint, "ESME_RINVBCASTFREQINT"},
    status_name{esme_rinvbcastalias_name, "ESME_RINVBCASTALIAS_NAME"},
    status_name{esme_rinvbcastareafmt, "ESME_RINVBCASTAREAFMT"},
    status_name{esme_rinvnumbcast_areas, "ESME_RINVNUMBCAST_AREAS"},
    status_name{esme_rinvbcastcnttype, "ESME_RINVBCASTCNTTYPE"},
    status_name{esme_rinvbcastmsgclass, "ESME_RINVBCASTMSGCLASS"},
    status_name{esme_rbcastfail, "ESME_RBCASTFAIL"},
    status_name{esme_rbcastqueryfail, "ESME_RBCASTQUERYFAIL"},
    status_name{esme_rbcastcancelfail, "ESME_RBCASTCANCELFAIL"},
    status_name{esme_rinvbcast_rep, "ESME_RINVBCAST_REP"},
    status_name{esme_rinvbcastsrvgrp, "ESME_RINVBCASTSRVGRP"},
    status_name{esme_rinvbcastchanind, "ESME_RINVBCASTCHANIND"},
    // Second names, found only when reading a name.
    status_name{esme_rinvtlvstream, "ESME_RINVOPTPARSTREAM"},
    status_name{esme_rtlvnotallwd, "ESME_ROPTPARNOTALLWD"},
    status_name{esme_rmissingtlv, "ESME_RMISSINGOPTPARAM"},
    status_name{esme_rinvtlvval, "ESME_RINVOPTPARAMVAL"},
    status_name{esme_rinvparlen, "ESME_RINVTLVLEN"},
};

}  // namespace rows

constexpr std::array tlv_infos{
    tlv_info{tag::dest_addr_subunit, "dest_addr_subunit", tlv_kind::u8},
    tlv_info{tag::dest_network_type, "dest_network_type", tlv_kind::u8},
    tlv_info{tag::dest_bearer_type, "dest_bearer_type", tlv_kind::u8},
    tlv_info{tag::dest_telematics_id, "dest_telematics_id", tlv_kind::u16},
    tlv_info{tag::source_addr_subunit, "source_addr_subunit", tlv_kind::u8},
    tlv_info{tag::source_network_type, "source_network_type", tlv_kind::u8},
    tlv_info{tag::source_bearer_type, "source_bearer_type", tlv_kind::u8},
    tlv_info{tag::source_telematics_id, "source_telematics_id", tlv_kind::u8},
    tlv_info{tag::qos_time_to_live, "qos_time_to_live", tlv_kind::u32},
    tlv_info{tag::payload_type, "payload_type", tlv_kind::u8},
    tlv_info{tag::additional_status_info_text, "additional_status_info_text", tlv_kind::cstring},
    tlv_info{tag::receipted_message_id, "receipted_message_id", tlv_kind::cstring},
    tlv_info{tag::ms_msg_wait_facilities, "ms_msg_wait_facilities", tlv_kind::u8},
    tlv_info{tag::privacy_indicator, "privacy_indicator", tlv_kind::u8},
    tlv_info{tag::source_subaddress, "source_subaddress", tlv_kind::octets},
    tlv_info{tag::dest_subaddress, "dest_subaddress", tlv_kind::octets},
    tlv_info{tag::user_message_reference, "user_message_reference", tlv_kind::u16},
    tlv_info{tag::user_response_code, "user_response_code", tlv_kind::u8},
    tlv_info{tag::source_port, "source_port", tlv_kind::u16},
    tlv_info{tag::destination_port, "destination_port", tlv_kind::u16},
    tlv_info{tag::sar_msg_ref_num, "sar_msg_ref_num", tlv_kind::u16},
    tlv_info{tag::language_indicator, "language_indicator", tlv_kind::u8},
    tlv_info{tag::sar_total_segments, "sar_total_segments", tlv_kind::u8},
    tlv_info{tag::sar_segment_seqnum, "sar_segment_seqnum", tlv_kind::u8},
    tlv_info{tag::sc_interface_version, "sc_interface_version", tlv_kind::u8},
    tlv_info{tag::callback_num_pres_ind, "callback_num_pres_ind", tlv_kind::u8},
    tlv_info{tag::callback_num_atag, "callback_num_atag", tlv_kind::octets},
    tlv_info{tag::number_of_messages, "number_of_messages", tlv_kind::u8},
    tlv_info{tag::callback_num, "callback_num", tlv_kind::octets},
    tlv_info{tag::dpf_result, "dpf_result", tlv_kind::u8},
    tlv_info{tag::set_dpf, "set_dpf", tlv_kind::u8},
    tlv_info{tag::ms_availability_status, "ms_availability_status", tlv_kind::u8},
    tlv_info{tag::network_error_code, "network_error_code", tlv_kind::octets},
    tlv_info{tag::message_payload, "message_payload", tlv_kind::octets},
    tlv_info{tag::delivery_failure_reason, "delivery_failure_reason", tlv_kind::u8},
    tlv_info{tag::more_messages_to_send, "more_messages_to_send", tlv_kind::u8},
    tlv_info{tag::message_state, "message_state", tlv_kind::u8},
    tlv_info{tag::congestion_state, "congestion_state", tlv_kind::u8},
    tlv_info{tag::ussd_service_op, "ussd_service_op", tlv_kind::octets},
    tlv_info{tag::broadcast_channel_indicator, "broadcast_channel_indicator", tlv_kind::u8},
    tlv_info{tag::broadcast_content_type, "broadcast_content_type", tlv_kind::octets},
    tlv_info{tag::broadcast_content_type_info, "broadcast_content_type_info", tlv_kind::octets},
    tlv_info{tag::broadcast_message_class, "broadcast_message_class", tlv_kind::u8},
    tlv_info{tag::broadcast_rep_num, "broadcast_rep_num", tlv_kind::u16},
    tlv_info{tag::broadcast_frequency_interval, "broadcast_frequency_interval", tlv_kind::octets},
    tlv_info{tag::broadcast_area_identifier, "broadcast_area_identifier", tlv_kind::octets},
    tlv_info{tag::broadcast_error_status, "broadcast_error_status", tlv_kind::u32},
    tlv_info{tag::broadcast_area_success, "broadcast_area_success", tlv_kind::u8},
    tlv_info{tag::broadcast_end_time, "broadcast_end_time", tlv_kind::cstring},
    tlv_info{tag::broadcast_service_group, "broadcast_service_group", tlv_kind::octets},
    tlv_info{tag::billing_identification, "billing_identification", tlv_kind::octets},
    tlv_info{tag::source_network_id, "source_network_id", tlv_kind::cstring},
    tlv_info{tag::dest_network_id, "dest_network_id", tlv_kind::cstring},
    tlv_info{tag::source_node_id, "source_node_id", tlv_kind::octets},
    tlv_info{tag::dest_node_id, "dest_node_id", tlv_kind::octets},
    tlv_info{tag::dest_addr_np_resolution, "dest_addr_np_resolution", tlv_kind::u8},
    tlv_info{tag::dest_addr_np_information, "dest_addr_np_information", tlv_kind::octets},
    tlv_info{tag::dest_addr_np_country, "dest_addr_np_country", tlv_kind::octets},
    tlv_info{tag::display_time, "display_time", tlv_kind::u8},
    tlv_info{tag::sms_signal, "sms_signal", tlv_kind::u16},
    tlv_info{tag::ms_validity, "ms_validity", tlv_kind::u8},
    tlv_info{tag::alert_on_message_delivery, "alert_on_message_delivery", tlv_kind::empty},
    tlv_info{tag::its_reply_type, "its_reply_type", tlv_kind::u8},
    tlv_info{tag::its_session_info, "its_session_info", tlv_kind::octets},
};
static_assert(std::ranges::is_sorted(tlv_infos, {}, &tlv_info::tag));

/// By number.
constexpr std::array<std::string_view, 10> message_states{
    "SCHEDULED",     "ENROUTE",  "DELIVERED", "EXPIRED",  "DELETED",
    "UNDELIVERABLE", "ACCEPTED", "UNKNOWN",   "REJECTED", "SKIPPED"};

bool same_letters(std::string_view a, std::string_view b) {
    return std::ranges::equal(
        a, b,
        [](char x, char y) {
            return std::toupper(static_cast<unsigned char>(x)) ==
                   std::toupper(static_cast<unsigned char>(y));
        });
}

}  // namespace

command_id response_of(command_id id) {
    if (is_response(id) || id == command_id::outbind || id == command_id::alert_notification ||
        !is_known(id))
        return command_id::generic_nack;
    return static_cast<command_id>(static_cast<std::uint32_t>(id) | response_bit);
}

bool is_known(command_id id) {
    return !name_of(id).empty();
}

std::string_view name_of(command_id id) {
    const auto* found = std::ranges::find(rows::commands, id, &command_name::id);
    return found == rows::commands.end() ? std::string_view{} : found->name;
}

std::string_view name_of(command_status status) {
    const auto* found = std::ranges::find(rows::statuses, status, &status_name::status);
    return found == rows::statuses.end() ? std::string_view{} : found->name;
}

std::optional<command_id> command_id_from(std::string_view name) {
    const auto* found = std::ranges::find(rows::commands, name, &command_name::name);
    if (found == rows::commands.end()) return std::nullopt;
    return found->id;
}

std::optional<command_status> command_status_from(std::string_view name) {
    constexpr std::string_view prefix = "ESME_";
    for (const auto& entry : rows::statuses)
        if (same_letters(name, entry.name) || same_letters(name, entry.name.substr(prefix.size())))
            return entry.status;
    return std::nullopt;
}

const tlv_info* find_tlv_info(std::uint16_t tag) {
    const auto* found = std::ranges::lower_bound(tlv_infos, tag, {}, &tlv_info::tag);
    return found != tlv_infos.end() && found->tag == tag ? found : nullptr;
}

const tlv_info* find_tlv_info(std::string_view name) {
    if (name == "dest_port") return find_tlv_info(tag::destination_port);
    if (name == "failed_broadcast_area_identifier")
        return find_tlv_info(tag::broadcast_area_identifier);
    const auto* found = std::ranges::find(tlv_infos, name, &tlv_info::name);
    return found == tlv_infos.end() ? nullptr : found;
}

std::string_view name_of(message_state state) {
    const auto number = static_cast<std::size_t>(state);
    return number < message_states.size() ? message_states[number] : std::string_view{};
}

std::optional<message_state> message_state_from(std::string_view name) {
    for (std::size_t number = 0; number < message_states.size(); ++number)
        if (same_letters(name, message_states[number])) return static_cast<message_state>(number);
    return std::nullopt;
}

std::span<const tlv_info> known_tlvs() {
    return tlv_infos;
}

}  // namespace hikyaku::smpp
