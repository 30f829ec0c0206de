// The numbers of SMPP 3.4 and 5.0 that have names: commands, statuses, TLV tags, message states,
// and the bit fields esm_class and registered_delivery. Both directions of naming live here,
// because logs, metrics, the command line and the configuration all print or read them. Everything
// is constant and may be used on any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace hikyaku::smpp {

/// SMPP 3.4, 5.1.2.1, and 5.0, 4.7.5. Any 32-bit value may arrive; `is_known` tells those that are
/// listed here. 3.3's param_retrieve, query_last_msgs and query_msg_details (0x22-0x24), which 3.4
/// took out, are not: they are answered like any unknown command.
enum class command_id : std::uint32_t {
    generic_nack = 0x80000000,
    bind_receiver = 0x00000001,
    bind_receiver_resp = 0x80000001,
    bind_transmitter = 0x00000002,
    bind_transmitter_resp = 0x80000002,
    query_sm = 0x00000003,
    query_sm_resp = 0x80000003,
    submit_sm = 0x00000004,
    submit_sm_resp = 0x80000004,
    deliver_sm = 0x00000005,
    deliver_sm_resp = 0x80000005,
    unbind = 0x00000006,
    unbind_resp = 0x80000006,
    replace_sm = 0x00000007,
    replace_sm_resp = 0x80000007,
    cancel_sm = 0x00000008,
    cancel_sm_resp = 0x80000008,
    bind_transceiver = 0x00000009,
    bind_transceiver_resp = 0x80000009,
    outbind = 0x0000000B,
    enquire_link = 0x00000015,
    enquire_link_resp = 0x80000015,
    submit_multi = 0x00000021,
    submit_multi_resp = 0x80000021,
    alert_notification = 0x00000102,
    data_sm = 0x00000103,
    data_sm_resp = 0x80000103,
    broadcast_sm = 0x00000111,  // from here on 5.0
    broadcast_sm_resp = 0x80000111,
    query_broadcast_sm = 0x00000112,
    query_broadcast_sm_resp = 0x80000112,
    cancel_broadcast_sm = 0x00000113,
    cancel_broadcast_sm_resp = 0x80000113,
};

/// SMPP 3.4, 5.1.3, and 5.0, 4.7.6. Carriers send values of their own (0x400-0x4FF and others):
/// keep them as they are.
enum class command_status : std::uint32_t {
    esme_rok = 0x00,
    esme_rinvmsglen = 0x01,
    esme_rinvcmdlen = 0x02,
    esme_rinvcmdid = 0x03,
    esme_rinvbndsts = 0x04,
    esme_ralybnd = 0x05,
    esme_rinvprtflg = 0x06,
    esme_rinvregdlvflg = 0x07,
    esme_rsyserr = 0x08,
    esme_rinvsrcadr = 0x0A,
    esme_rinvdstadr = 0x0B,
    esme_rinvmsgid = 0x0C,
    esme_rbindfail = 0x0D,
    esme_rinvpaswd = 0x0E,
    esme_rinvsysid = 0x0F,
    esme_rcancelfail = 0x11,
    esme_rreplacefail = 0x13,
    esme_rmsgqful = 0x14,
    esme_rinvsertyp = 0x15,
    esme_rinvnumdests = 0x33,
    esme_rinvdlname = 0x34,
    esme_rinvdestflag = 0x40,
    esme_rinvsubrep = 0x42,
    esme_rinvesmclass = 0x43,
    esme_rcntsubdl = 0x44,
    esme_rsubmitfail = 0x45,
    esme_rinvsrcton = 0x48,
    esme_rinvsrcnpi = 0x49,
    esme_rinvdstton = 0x50,
    esme_rinvdstnpi = 0x51,
    esme_rinvsystyp = 0x53,
    esme_rinvrepflag = 0x54,
    esme_rinvnummsgs = 0x55,
    esme_rthrottled = 0x58,
    esme_rinvsched = 0x61,
    esme_rinvexpiry = 0x62,
    esme_rinvdftmsgid = 0x63,
    esme_rx_t_appn = 0x64,
    esme_rx_p_appn = 0x65,
    esme_rx_r_appn = 0x66,
    esme_rqueryfail = 0x67,
    esme_rinvtlvstream = 0xC0,  // 3.4 calls it ESME_RINVOPTPARSTREAM
    esme_rtlvnotallwd = 0xC1,   // 3.4: ESME_ROPTPARNOTALLWD
    esme_rinvparlen = 0xC2,
    esme_rmissingtlv = 0xC3,  // 3.4: ESME_RMISSINGOPTPARAM
    esme_rinvtlvval = 0xC4,   // 3.4: ESME_RINVOPTPARAMVAL
    esme_rdeliveryfailure = 0xFE,
    esme_runknownerr = 0xFF,
    esme_rsertypunauth = 0x100,  // from here on 5.0
    esme_rprohibited = 0x101,
    esme_rsertypunavail = 0x102,
    esme_rsertypdenied = 0x103,
    esme_rinvdcs = 0x104,
    esme_rinvsrcaddrsubunit = 0x105,
    esme_rinvdstaddrsubunit = 0x106,
    esme_rinvbcastfreqint = 0x107,
    esme_rinvbcastalias_name = 0x108,
    esme_rinvbcastareafmt = 0x109,
    esme_rinvnumbcast_areas = 0x10A,
    esme_rinvbcastcnttype = 0x10B,
    esme_rinvbcastmsgclass = 0x10C,
    esme_rbcastfail = 0x10D,
    esme_rbcastqueryfail = 0x10E,
    esme_rbcastcancelfail = 0x10F,
    esme_rinvbcast_rep = 0x110,
    esme_rinvbcastsrvgrp = 0x111,
    esme_rinvbcastchanind = 0x112,
};

inline constexpr std::uint32_t response_bit = 0x80000000;

/// True for every command with the response bit, generic_nack included, known or not.
[[nodiscard]] constexpr bool is_response(command_id id) {
    return (static_cast<std::uint32_t>(id) & response_bit) != 0;
}
/// The command's response. Outbind, alert_notification and unknown requests have none of their own:
/// they, like responses, give generic_nack.
[[nodiscard]] command_id response_of(command_id id);
[[nodiscard]] bool is_known(command_id id);

/// "submit_sm"; empty for an unknown value.
[[nodiscard]] std::string_view name_of(command_id id);
/// "ESME_RTHROTTLED" (the names of 5.0 where both exist); empty for an unknown value.
[[nodiscard]] std::string_view name_of(command_status status);
/// Exact names as printed by name_of; for a status also the other version's names of 0xC0-0xC4,
/// letters in any case and with or without "ESME_".
[[nodiscard]] std::optional<command_id> command_id_from(std::string_view name);
[[nodiscard]] std::optional<command_status> command_status_from(std::string_view name);

/// What a TLV's value is. `empty` is a flag without value (alert_on_message_delivery).
enum class tlv_kind : std::uint8_t { u8, u16, u32, cstring, octets, empty };

struct tlv_info {
    std::uint16_t tag;
    std::string_view name;
    tlv_kind kind;
};

/// The tags of 3.4, 5.3.2, and 5.0, 4.8.1: plain numbers, for any 16-bit value is legal on the
/// wire.
namespace tag {
inline constexpr std::uint16_t dest_addr_subunit = 0x0005;
inline constexpr std::uint16_t dest_network_type = 0x0006;
inline constexpr std::uint16_t dest_bearer_type = 0x0007;
inline constexpr std::uint16_t dest_telematics_id = 0x0008;
inline constexpr std::uint16_t source_addr_subunit = 0x000D;
inline constexpr std::uint16_t source_network_type = 0x000E;
inline constexpr std::uint16_t source_bearer_type = 0x000F;
inline constexpr std::uint16_t source_telematics_id = 0x0010;
inline constexpr std::uint16_t qos_time_to_live = 0x0017;
inline constexpr std::uint16_t payload_type = 0x0019;
inline constexpr std::uint16_t additional_status_info_text = 0x001D;
inline constexpr std::uint16_t receipted_message_id = 0x001E;
inline constexpr std::uint16_t ms_msg_wait_facilities = 0x0030;
inline constexpr std::uint16_t privacy_indicator = 0x0201;
inline constexpr std::uint16_t source_subaddress = 0x0202;
inline constexpr std::uint16_t dest_subaddress = 0x0203;
inline constexpr std::uint16_t user_message_reference = 0x0204;
inline constexpr std::uint16_t user_response_code = 0x0205;
inline constexpr std::uint16_t source_port = 0x020A;
inline constexpr std::uint16_t destination_port = 0x020B;
inline constexpr std::uint16_t sar_msg_ref_num = 0x020C;
inline constexpr std::uint16_t language_indicator = 0x020D;
inline constexpr std::uint16_t sar_total_segments = 0x020E;
inline constexpr std::uint16_t sar_segment_seqnum = 0x020F;
inline constexpr std::uint16_t sc_interface_version = 0x0210;
inline constexpr std::uint16_t callback_num_pres_ind = 0x0302;
inline constexpr std::uint16_t callback_num_atag = 0x0303;
inline constexpr std::uint16_t number_of_messages = 0x0304;
inline constexpr std::uint16_t callback_num = 0x0381;
inline constexpr std::uint16_t dpf_result = 0x0420;
inline constexpr std::uint16_t set_dpf = 0x0421;
inline constexpr std::uint16_t ms_availability_status = 0x0422;
inline constexpr std::uint16_t network_error_code = 0x0423;
inline constexpr std::uint16_t message_payload = 0x0424;
inline constexpr std::uint16_t delivery_failure_reason = 0x0425;
inline constexpr std::uint16_t more_messages_to_send = 0x0426;
inline constexpr std::uint16_t message_state = 0x0427;
inline constexpr std::uint16_t congestion_state = 0x0428;  // 5.0
inline constexpr std::uint16_t ussd_service_op = 0x0501;
inline constexpr std::uint16_t broadcast_channel_indicator = 0x0600;  // 0x0600-0x0613: 5.0
inline constexpr std::uint16_t broadcast_content_type = 0x0601;
inline constexpr std::uint16_t broadcast_content_type_info = 0x0602;
inline constexpr std::uint16_t broadcast_message_class = 0x0603;
inline constexpr std::uint16_t broadcast_rep_num = 0x0604;
inline constexpr std::uint16_t broadcast_frequency_interval = 0x0605;
/// In broadcast_sm_resp the same tag is called failed_broadcast_area_identifier.
inline constexpr std::uint16_t broadcast_area_identifier = 0x0606;
inline constexpr std::uint16_t broadcast_error_status = 0x0607;
inline constexpr std::uint16_t broadcast_area_success = 0x0608;
inline constexpr std::uint16_t broadcast_end_time = 0x0609;
inline constexpr std::uint16_t broadcast_service_group = 0x060A;
inline constexpr std::uint16_t billing_identification = 0x060B;
inline constexpr std::uint16_t source_network_id = 0x060D;
inline constexpr std::uint16_t dest_network_id = 0x060E;
inline constexpr std::uint16_t source_node_id = 0x060F;
inline constexpr std::uint16_t dest_node_id = 0x0610;
inline constexpr std::uint16_t dest_addr_np_resolution = 0x0611;
inline constexpr std::uint16_t dest_addr_np_information = 0x0612;
inline constexpr std::uint16_t dest_addr_np_country = 0x0613;
inline constexpr std::uint16_t display_time = 0x1201;
inline constexpr std::uint16_t sms_signal = 0x1203;
inline constexpr std::uint16_t ms_validity = 0x1204;
inline constexpr std::uint16_t alert_on_message_delivery = 0x130C;
inline constexpr std::uint16_t its_reply_type = 0x1380;
inline constexpr std::uint16_t its_session_info = 0x1383;
}  // namespace tag

/// Null for a tag that is not listed above; such a TLV passes through as bytes.
[[nodiscard]] const tlv_info* find_tlv_info(std::uint16_t tag);
/// By exact name; also the second names "dest_port" and "failed_broadcast_area_identifier" of 5.0.
[[nodiscard]] const tlv_info* find_tlv_info(std::string_view name);
/// Every listed tag in rising order.
[[nodiscard]] std::span<const tlv_info> known_tlvs();

/// SMPP 3.4, 5.2.28, and 5.0, 4.7.15 (query_sm_resp and the TLV message_state).
enum class message_state : std::uint8_t {
    scheduled = 0,  // 5.0
    enroute = 1,
    delivered = 2,
    expired = 3,
    deleted = 4,
    undeliverable = 5,
    accepted = 6,
    unknown = 7,
    rejected = 8,
    skipped = 9,  // 5.0
};
/// "ENROUTE", as the specification writes it; empty for an unknown value.
[[nodiscard]] std::string_view name_of(message_state state);
/// A name as name_of prints it, letters in any case.
[[nodiscard]] std::optional<message_state> message_state_from(std::string_view name);

/// SMPP 3.4, 5.2.12.
namespace esm_class {
inline constexpr std::uint8_t mode_mask = 0x03;
inline constexpr std::uint8_t message_type_mask = 0x3C;
inline constexpr std::uint8_t receipt = 0x04;
inline constexpr std::uint8_t delivery_acknowledgement = 0x08;
inline constexpr std::uint8_t user_acknowledgement = 0x10;
inline constexpr std::uint8_t conversation_abort = 0x18;
inline constexpr std::uint8_t intermediate = 0x20;
inline constexpr std::uint8_t udhi = 0x40;
inline constexpr std::uint8_t reply_path = 0x80;

[[nodiscard]] constexpr bool is_receipt(std::uint8_t value) {
    return (value & message_type_mask) == receipt;
}
[[nodiscard]] constexpr bool is_intermediate(std::uint8_t value) {
    return (value & message_type_mask) == intermediate;
}
[[nodiscard]] constexpr bool has_udh(std::uint8_t value) {
    return (value & udhi) != 0;
}
}  // namespace esm_class

/// SMPP 3.4, 5.2.17; `success` is 5.0's.
namespace registered_delivery {
inline constexpr std::uint8_t receipt_mask = 0x03;
inline constexpr std::uint8_t none = 0x00;
inline constexpr std::uint8_t final = 0x01;
inline constexpr std::uint8_t failure = 0x02;
inline constexpr std::uint8_t success = 0x03;
inline constexpr std::uint8_t delivery_acknowledgement = 0x04;
inline constexpr std::uint8_t user_acknowledgement = 0x08;
inline constexpr std::uint8_t intermediate = 0x10;
}  // namespace registered_delivery

}  // namespace hikyaku::smpp
