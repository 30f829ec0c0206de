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
}

TEST(status_names, both_ways) {
    struct row {
        std::uint32_t value;
        std::string_view name;
    };
    for (const row& r : {row{0x00, "ESME_ROK"}, row{0x14, "ESME_RMSGQFUL"},
                         row{0x58, "ESME_RTHROTTLED"}, row{0x66, "ESME_RX_R_APPN"},
                         row{0xC0, "ESME_RINVTLVSTREAM"}, row{0xC2, "ESME_RINVPARLEN"},
                         row{0xFF, "ESME_RUNKNOWNERR"}, row{0x104, "ESME_RINVDCS"}}) {
        EXPECT_EQ(name_of(command_status{r.value}), r.name);
        EXPECT_EQ(command_status_from(r.name), command_status{r.value});
        EXPECT_EQ(command_status_from(r.name.substr(5)), command_status{r.value});
    }
    EXPECT_EQ(command_status_from("esme_rinvoptparstream"), command_status{0xC0});
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
    EXPECT_EQ(named, 55);
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
