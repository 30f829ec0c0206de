// Every PDU and every TLV through the JSON description, which is how the tools and the black-box
// tests make octets: whatever the library can send can be written down as JSON and comes back.
#include "gateway/app/pdu_json.hpp"

#include <gtest/gtest.h>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <string>
#include <vector>

#include "smpp/text/hex.hpp"

namespace hikyaku::gateway::app {
namespace {

namespace json = boost::json;

std::vector<smpp::command_id> every_command() {
    std::vector<smpp::command_id> all;
    for (std::uint32_t low = 0; low < 0x200; ++low) {
        for (const std::uint32_t high : {0U, smpp::response_bit}) {
            const smpp::command_id id{low | high};
            if (smpp::is_known(id)) all.push_back(id);
        }
    }
    return all;
}

json::value sample_of(smpp::tlv_kind kind) {
    switch (kind) {
        case smpp::tlv_kind::u8:
            return 0xFE;
        case smpp::tlv_kind::u16:
            return 0xFEDC;
        case smpp::tlv_kind::u32:
            return 0xFEDCBA98U;
        case smpp::tlv_kind::cstring:
            return "text";
        case smpp::tlv_kind::octets:
            return "00ff10";
        case smpp::tlv_kind::empty:
            return true;
    }
    return nullptr;
}

json::array every_tlv() {
    json::array all;
    for (const smpp::tlv_info& info : smpp::known_tlvs())
        all.push_back({{"name", info.name}, {"value", sample_of(info.kind)}});
    all.push_back({{"tag", 0x1400}, {"value", "aabb"}});
    return all;
}

/// The body that decoding an empty PDU prints, with something else in each field.
json::object filled_body(json::object body) {
    for (auto& field : body) {
        const std::string name(field.key());
        if (name == "short_message") {
            field.value() = "00ff";
        } else if (name == "dest_address") {
            field.value() = json::parse(
                R"([{"dest_flag":1,"dest_addr_ton":1,"dest_addr_npi":2,"destination_addr":"49"},
                    {"dest_flag":2,"dl_name":"team"}])");
        } else if (name == "unsuccess_sme") {
            field.value() = json::parse(R"([{"dest_addr_ton":1,"dest_addr_npi":2,
                "destination_addr":"49","error_status_code":"ESME_RINVDSTADR"}])");
        } else if (field.value().is_string()) {
            // deliver_sm_resp's message_id has no room by the specification, but is taken.
            field.value() = "a\u00e4";
        } else if (name != "sm_length" && name != "number_of_dests" && name != "no_unsuccess") {
            field.value() = 250;
        }
    }
    if (body.contains("short_message")) body["sm_length"] = 2;
    if (body.contains("dest_address")) body["number_of_dests"] = 2;
    if (body.contains("unsuccess_sme")) body["no_unsuccess"] = 1;
    return body;
}

json::object round_trip(const json::object& described) {
    const auto octets = encode_from_json(described);
    EXPECT_TRUE(octets.has_value()) << json::serialize(described) << ": " << octets.error().field;
    return octets ? decode_to_json(*octets) : json::object{};
}

TEST(pdu_json, every_field_of_every_command_goes_both_ways) {
    int commands = 0;
    for (const smpp::command_id id : every_command()) {
        ++commands;
        json::object described{{"command", smpp::name_of(id)}, {"sequence_number", 77}};
        const json::object plain = round_trip(described);
        ASSERT_TRUE(plain.contains("body")) << json::serialize(plain);
        described["body"] = filled_body(plain.at("body").as_object());
        const json::object back = round_trip(described);
        EXPECT_EQ(back.at("command"), described.at("command"));
        EXPECT_EQ(back.at("body"), described.at("body")) << json::serialize(back);
    }
    EXPECT_EQ(commands, 33);
}

TEST(pdu_json, every_tlv_goes_both_ways_in_every_command) {
    const json::array tlvs = every_tlv();
    for (const smpp::command_id id : every_command()) {
        const json::object back = round_trip({{"command", smpp::name_of(id)}, {"tlvs", tlvs}});
        const json::array& got = back.at("tlvs").as_array();
        ASSERT_EQ(got.size(), tlvs.size()) << smpp::name_of(id);
        for (std::size_t i = 0; i < tlvs.size(); ++i) {
            const auto& sent = tlvs[i].as_object();
            const auto& seen = got[i].as_object();
            if (sent.contains("name")) EXPECT_EQ(seen.at("name"), sent.at("name"));
            // Numbers are printed unsigned: their texts are compared.
            EXPECT_EQ(json::serialize(seen.at("value")), json::serialize(sent.at("value")))
                << json::serialize(sent);
        }
    }
}

TEST(pdu_json, a_broadcast_with_two_areas_has_these_octets) {
    const auto octets = encode_from_json(json::parse(R"({"command":"broadcast_sm",
        "body":{"service_type":"CBS","source_addr_ton":1,"source_addr_npi":2,"source_addr":"1000",
                "priority_flag":3,"validity_period":"000001000000000R","data_coding":8},
        "tlvs":[{"name":"broadcast_area_identifier","hex":"004a5031"},
                {"name":"broadcast_area_identifier","hex":"004a5032"},
                {"name":"broadcast_content_type","value":"010010"},
                {"name":"broadcast_rep_num","value":3},
                {"name":"broadcast_frequency_interval","value":"090005"}]})")
                                             .as_object());
    ASSERT_TRUE(octets.has_value());
    EXPECT_EQ(smpp::text::to_hex(*octets),
              "00000056000001110000000000000001"
              "434253000102313030300000030030303030303130303030303030303052000008"
              "00"
              "06060004004a503106060004004a5032"
              "060100030100100604000200030605000309"
              "0005");
    const auto failed = encode_from_json(json::parse(R"({"command":"broadcast_sm_resp",
        "body":{"message_id":"B1"},
        "tlvs":[{"name":"failed_broadcast_area_identifier","value":"004a5032"},
                {"name":"broadcast_error_status","value":265}]})")
                                             .as_object());
    ASSERT_TRUE(failed.has_value());
    EXPECT_EQ(smpp::text::to_hex(*failed),
              "00000023800001110000000000000001"
              "423100"
              "06060004004a5032"
              "0607000400000109");
}

}  // namespace
}  // namespace hikyaku::gateway::app
