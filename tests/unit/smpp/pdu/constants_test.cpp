// Names of numbers, both ways.
#include "smpp/pdu/constants.hpp"

#include <gtest/gtest.h>

#include <string_view>

namespace hikyaku::smpp {
namespace {

TEST(command_names, both_ways) {
    EXPECT_EQ(name_of(command_id::submit_sm), "submit_sm");
    EXPECT_EQ(name_of(command_id{0x80000103}), "data_sm_resp");
    EXPECT_EQ(name_of(command_id{0x0A}), "");
    EXPECT_EQ(command_id_from("alert_notification"), command_id{0x102});
    EXPECT_FALSE(command_id_from("SUBMIT_SM").has_value());
    EXPECT_FALSE(command_id_from("").has_value());
}

TEST(command_ids, responses) {
    EXPECT_EQ(response_of(command_id::submit_sm), command_id::submit_sm_resp);
    EXPECT_EQ(response_of(command_id::bind_transceiver), command_id::bind_transceiver_resp);
    for (const command_id id :
         {command_id::outbind, command_id::alert_notification, command_id::generic_nack,
          command_id::submit_sm_resp, command_id{0x999}, command_id{0x80000999}})
        EXPECT_EQ(response_of(id), command_id::generic_nack) << name_of(id);
    EXPECT_TRUE(is_response(command_id::generic_nack));
    EXPECT_TRUE(is_response(command_id{0x80000999}));
    EXPECT_FALSE(is_response(command_id::alert_notification));
    EXPECT_TRUE(is_known(command_id::outbind));
    EXPECT_FALSE(is_known(command_id{0x8000000B}));
    EXPECT_EQ(response_of(command_id{0x111}), command_id{0x80000111});
    EXPECT_EQ(response_of(command_id{0x112}), command_id{0x80000112});
    EXPECT_EQ(response_of(command_id{0x113}), command_id{0x80000113});
    EXPECT_EQ(name_of(command_id{0x113}), "cancel_broadcast_sm");
    for (const std::uint32_t gone : {0x22U, 0x23U, 0x24U})  // 3.3 only
        EXPECT_FALSE(is_known(command_id{gone}));
}

TEST(status_names, both_ways) {
    struct row {
        std::uint32_t value;
        std::string_view name;
    };
    for (const row& r : {row{0x00, "ESME_ROK"},
                         row{0x14, "ESME_RMSGQFUL"},
                         row{0x58, "ESME_RTHROTTLED"},
                         row{0x66, "ESME_RX_R_APPN"},
                         row{0xC0, "ESME_RINVTLVSTREAM"},
                         row{0xC2, "ESME_RINVPARLEN"},
                         row{0xFF, "ESME_RUNKNOWNERR"},
                         row{0x100, "ESME_RSERTYPUNAUTH"},
                         row{0x101, "ESME_RPROHIBITED"},
                         row{0x102, "ESME_RSERTYPUNAVAIL"},
                         row{0x103, "ESME_RSERTYPDENIED"},
                         row{0x104, "ESME_RINVDCS"},
                         row{0x105, "ESME_RINVSRCADDRSUBUNIT"},
                         row{0x106, "ESME_RINVDSTADDRSUBUNIT"},
                         row{0x107, "ESME_RINVBCASTFREQINT"},
                         row{0x108, "ESME_RINVBCASTALIAS_NAME"},
                         row{0x109, "ESME_RINVBCASTAREAFMT"},
                         row{0x10A, "ESME_RINVNUMBCAST_AREAS"},
                         row{0x10B, "ESME_RINVBCASTCNTTYPE"},
                         row{0x10C, "ESME_RINVBCASTMSGCLASS"},
                         row{0x10D, "ESME_RBCASTFAIL"},
                         row{0x10E, "ESME_RBCASTQUERYFAIL"},
                         row{0x10F, "ESME_RBCASTCANCELFAIL"},
                         row{0x110, "ESME_RINVBCAST_REP"},
                         row{0x111, "ESME_RINVBCASTSRVGRP"},
                         row{0x112, "ESME_RINVBCASTCHANIND"}}) {
        EXPECT_EQ(name_of(command_status{r.value}), r.name);
        EXPECT_EQ(command_status_from(r.name), command_status{r.value});
        EXPECT_EQ(command_status_from(r.name.substr(5)), command_status{r.value});
    }
    EXPECT_EQ(command_status_from("esme_rinvoptparstream"), command_status{0xC0});
    EXPECT_EQ(command_status_from("ESME_RINVTLVLEN"), command_status::esme_rinvparlen);
    EXPECT_EQ(command_status_from("Rthrottled"), command_status::esme_rthrottled);
    EXPECT_FALSE(command_status_from("ESME_").has_value());
    EXPECT_FALSE(command_status_from("").has_value());
    EXPECT_EQ(name_of(command_status{0x400}), "");
}

TEST(status_names, every_name_leads_back_to_its_number) {
    int named = 0;
    for (std::uint32_t value = 0; value < 0x500; ++value) {
        const std::string_view name = name_of(command_status{value});
        if (name.empty()) continue;
        ++named;
        EXPECT_EQ(command_status_from(name), command_status{value}) << name;
    }
    EXPECT_EQ(named, 67);
}

TEST(tlv_infos, sorted_unique_and_found) {
    std::uint16_t before = 0;
    for (const tlv_info& info : known_tlvs()) {
        EXPECT_GT(info.tag, before);
        before = info.tag;
        ASSERT_NE(find_tlv_info(info.tag), nullptr);
        EXPECT_EQ(find_tlv_info(info.tag)->name, info.name);
    }
    EXPECT_EQ(find_tlv_info(0x0210)->name, "sc_interface_version");
    EXPECT_EQ(find_tlv_info(0x001E)->kind, tlv_kind::cstring);
    EXPECT_EQ(find_tlv_info(0x1400), nullptr);
    EXPECT_EQ(find_tlv_info(0x0000), nullptr);
    EXPECT_EQ(find_tlv_info(0xFFFF), nullptr);
}

// 3.4, 5.3.2, and 5.0, 4.8.1: all of them, written down a second time.
TEST(tlv_infos, every_tag_of_34_and_50) {
    struct row {
        std::uint16_t tag;
        std::string_view name;
        tlv_kind kind;
    };
    using enum tlv_kind;
    const row rows[] = {{0x0005, "dest_addr_subunit", u8},
                        {0x0006, "dest_network_type", u8},
                        {0x0007, "dest_bearer_type", u8},
                        {0x0008, "dest_telematics_id", u16},
                        {0x000D, "source_addr_subunit", u8},
                        {0x000E, "source_network_type", u8},
                        {0x000F, "source_bearer_type", u8},
                        {0x0010, "source_telematics_id", u8},
                        {0x0017, "qos_time_to_live", u32},
                        {0x0019, "payload_type", u8},
                        {0x001D, "additional_status_info_text", cstring},
                        {0x001E, "receipted_message_id", cstring},
                        {0x0030, "ms_msg_wait_facilities", u8},
                        {0x0201, "privacy_indicator", u8},
                        {0x0202, "source_subaddress", octets},
                        {0x0203, "dest_subaddress", octets},
                        {0x0204, "user_message_reference", u16},
                        {0x0205, "user_response_code", u8},
                        {0x020A, "source_port", u16},
                        {0x020B, "destination_port", u16},
                        {0x020B, "dest_port", u16},
                        {0x020C, "sar_msg_ref_num", u16},
                        {0x020D, "language_indicator", u8},
                        {0x020E, "sar_total_segments", u8},
                        {0x020F, "sar_segment_seqnum", u8},
                        {0x0210, "sc_interface_version", u8},
                        {0x0302, "callback_num_pres_ind", u8},
                        {0x0303, "callback_num_atag", octets},
                        {0x0304, "number_of_messages", u8},
                        {0x0381, "callback_num", octets},
                        {0x0420, "dpf_result", u8},
                        {0x0421, "set_dpf", u8},
                        {0x0422, "ms_availability_status", u8},
                        {0x0423, "network_error_code", octets},
                        {0x0424, "message_payload", octets},
                        {0x0425, "delivery_failure_reason", u8},
                        {0x0426, "more_messages_to_send", u8},
                        {0x0427, "message_state", u8},
                        {0x0428, "congestion_state", u8},
                        {0x0501, "ussd_service_op", octets},
                        {0x0600, "broadcast_channel_indicator", u8},
                        {0x0601, "broadcast_content_type", octets},
                        {0x0602, "broadcast_content_type_info", octets},
                        {0x0603, "broadcast_message_class", u8},
                        {0x0604, "broadcast_rep_num", u16},
                        {0x0605, "broadcast_frequency_interval", octets},
                        {0x0606, "broadcast_area_identifier", octets},
                        {0x0606, "failed_broadcast_area_identifier", octets},
                        {0x0607, "broadcast_error_status", u32},
                        {0x0608, "broadcast_area_success", u8},
                        {0x0609, "broadcast_end_time", cstring},
                        {0x060A, "broadcast_service_group", octets},
                        {0x060B, "billing_identification", octets},
                        {0x060D, "source_network_id", cstring},
                        {0x060E, "dest_network_id", cstring},
                        {0x060F, "source_node_id", octets},
                        {0x0610, "dest_node_id", octets},
                        {0x0611, "dest_addr_np_resolution", u8},
                        {0x0612, "dest_addr_np_information", octets},
                        {0x0613, "dest_addr_np_country", octets},
                        {0x1201, "display_time", u8},
                        {0x1203, "sms_signal", u16},
                        {0x1204, "ms_validity", u8},
                        {0x130C, "alert_on_message_delivery", empty},
                        {0x1380, "its_reply_type", u8},
                        {0x1383, "its_session_info", octets}};
    for (const row& r : rows) {
        const tlv_info* info = find_tlv_info(r.name);
        ASSERT_NE(info, nullptr) << r.name;
        EXPECT_EQ(info->tag, r.tag) << r.name;
        EXPECT_EQ(info->kind, r.kind) << r.name;
    }
    EXPECT_EQ(known_tlvs().size(), std::size(rows) - 2);  // two have a second name
    EXPECT_EQ(find_tlv_info(std::string_view("no_such")), nullptr);
}

TEST(message_states, names_both_ways) {
    const std::string_view names[] = {"SCHEDULED", "ENROUTE",       "DELIVERED", "EXPIRED",
                                      "DELETED",   "UNDELIVERABLE", "ACCEPTED",  "UNKNOWN",
                                      "REJECTED",  "SKIPPED"};
    for (std::uint8_t number = 0; number < std::size(names); ++number) {
        EXPECT_EQ(name_of(message_state{number}), names[number]);
        EXPECT_EQ(message_state_from(names[number]), message_state{number});
    }
    EXPECT_EQ(message_state_from("skipped"), message_state::skipped);
    EXPECT_EQ(message_state::scheduled, message_state{0});
    EXPECT_EQ(name_of(message_state{10}), "");
    EXPECT_FALSE(message_state_from("").has_value());
    EXPECT_FALSE(message_state_from("DELIVRD").has_value());
}

TEST(esm_class, message_types) {
    EXPECT_TRUE(esm_class::is_receipt(0x04));
    EXPECT_TRUE(esm_class::is_receipt(0x47));  // UDHI and mode bits beside it
    EXPECT_FALSE(esm_class::is_receipt(0x00));
    EXPECT_FALSE(esm_class::is_receipt(0x20));
    EXPECT_TRUE(esm_class::is_intermediate(0x20));
    EXPECT_FALSE(esm_class::is_intermediate(0x04));
    EXPECT_TRUE(esm_class::has_udh(0x40));
    EXPECT_FALSE(esm_class::has_udh(0x80));
}

}  // namespace
}  // namespace hikyaku::smpp
