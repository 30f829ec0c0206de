// The field `tlvs` of a message over HTTP.
#include "gateway/api/messages/tlv_reader.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

namespace hikyaku::gateway::api {
namespace {

using namespace std::string_literals;

TEST(tlv_reader, writes_the_octets) {
    struct row {
        const char* json;
        std::string octets;
    };
    for (const auto& [json, octets] : {
             row{"[]", ""},
             row{R"([{"tag": 5120, "value": "0aFF"}])", "\x14\x00\x00\x02\x0A\xFF"s},
             row{R"([{"tag": "0x1400", "text": "1101"}])", "\x14\x00\x00\x04\x31\x31\x30\x31"s},
             row{R"([{"tag": "0X3fff", "value": ""}])", "\x3F\xFF\x00\x00"s},
             row{R"([{"tag": "user_message_reference", "value": "0007"}])",
                 "\x02\x04\x00\x02\x00\x07"s},
             row{R"([{"tag": 1, "value": "01"}, {"tag": 1, "text": "é"}])",
                 "\x00\x01\x00\x01\x01\x00\x01\x00\x02\xC3\xA9"s},
         }) {
        const auto read = tlvs_from_json(boost::json::parse(json));
        ASSERT_TRUE(read.has_value()) << json << read.error();
        EXPECT_EQ(*read, octets) << json;
    }
}

TEST(tlv_reader, says_what_is_wrong) {
    for (const auto* const json : {
             R"([1])",
             R"([{"tag": 5120}])",
             R"([{"value": "00"}])",
             R"([{"tag": 5120, "value": "00", "text": "x"}])",
             R"([{"tag": 5120, "value": "00", "more": 1}])",
             R"([{"tag": 0, "value": "00"}])",
             R"([{"tag": 65536, "value": "00"}])",
             R"([{"tag": -1, "value": "00"}])",
             R"([{"tag": "1400", "value": "00"}])",
             R"([{"tag": "0x14000", "value": "00"}])",
             R"([{"tag": "0x", "value": "00"}])",
             R"([{"tag": "no_such_tlv", "value": "00"}])",
             R"([{"tag": 5120, "value": "0"}])",
             R"([{"tag": 5120, "value": "0g"}])",
             R"([{"tag": 5120, "value": 7}])",
             R"([{"tag": 5120, "text": 7}])",
             R"([{"tag": "message_payload", "value": "00"}])",
             R"([{"tag": "sar_total_segments", "value": "02"}])",
         })
        EXPECT_FALSE(tlvs_from_json(boost::json::parse(json)).has_value()) << json;
}

TEST(tlv_reader, has_limits) {
    boost::json::array many;
    for (std::size_t i = 0; i < tlvs_max; ++i)
        many.push_back({{"tag", 5120}, {"text", "x"}});
    EXPECT_TRUE(tlvs_from_json(many).has_value());
    EXPECT_TRUE(fits(tlvs_shape, many));
    many.push_back({{"tag", 5120}, {"text", "x"}});
    EXPECT_FALSE(fits(tlvs_shape, many));
    EXPECT_FALSE(fits(tlvs_shape, boost::json::object()));
    const auto of_size = [](std::size_t octets) {
        boost::json::array one;
        one.push_back({{"tag", 5120}, {"text", std::string(octets, 'x')}});
        return tlvs_from_json(one).has_value();
    };
    EXPECT_TRUE(of_size(tlv_octets_max - 4));
    EXPECT_FALSE(of_size(tlv_octets_max - 3));
}

}  // namespace
}  // namespace hikyaku::gateway::api
