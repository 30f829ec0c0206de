// purpose, contact, debtor and debt over SMPP: by service_type and by the TLVs that an account has
// named, what is passed on, and every value that is refused.
#include "gateway/io/smpp_named_fields.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/io/smpp_submission.hpp"
#include "smpp/text/octets.hpp"
#include "tests/unit/gateway/io/times.hpp"

namespace hikyaku::gateway::io {
namespace {

using smpp::command_status;
using smpp::text::octets_of;
using ::testing::ElementsAre;
using testing_support::noon;
using namespace std::string_view_literals;

constexpr std::uint16_t purpose_tag = 0x1400, contact_tag = 0x1401, zones_tag = 0x1402,
                        tags_tag = 0x1403, debtor_tag = 0x1404, debt_tag = 0x3FFF;

config::account_smpp_fields all_names() {
    config::account_smpp_fields names;
    names.service_types = {{"DUN", config::purpose::dunning}, {"MKT", config::purpose::marketing}};
    names.purpose_tlv = purpose_tag;
    names.contact_tlv = contact_tag;
    names.zones_tlv = zones_tag;
    names.tags_tlv = tags_tag;
    names.debtor_tlv = debtor_tag;
    names.debt_tlv = debt_tag;
    return names;
}

/// TLVs that keep their own octets.
struct owned_tlvs {
    std::vector<std::uint8_t> raw;

    owned_tlvs(std::initializer_list<std::pair<std::uint16_t, std::string_view>> list) {
        std::vector<std::uint8_t> one;
        for (const auto& [tag, value] : list) {
            smpp::tlv_writer(one).octets(tag, octets_of(value));
            raw.insert(raw.end(), one.begin(), one.end());
        }
    }
    [[nodiscard]] smpp::tlv_list list() const {
        return smpp::tlv_list::parse({raw.data(), raw.size()}).value();
    }
};

smpp::submit_sm hello(std::string_view service_type = "") {
    smpp::submit_sm request;
    request.service_type = service_type;
    request.source_addr_ton = 5;
    request.source_addr = "ACME";
    request.destination_addr = "4917012345";
    request.short_message = octets_of("Hello");
    return request;
}

TEST(smpp_named_fields, come_from_tlvs_that_are_not_passed_on) {
    const owned_tlvs tlvs{{purpose_tag, "dunning"},
                          {smpp::tag::user_message_reference, "\x01\x02"},
                          {contact_tag, "c-1\0"sv},
                          {zones_tag, "Asia/Tokyo,Asia/Seoul"},
                          {tags_tag, "own,second phone"},
                          {debtor_tag, "d\xFF"},
                          {debt_tag, "e"}};
    smpp::data_sm data;
    data.source_addr = "ACME";
    data.destination_addr = "4917012345";
    for (const auto& result : {submission_of(hello(), tlvs.list(), noon, all_names()),
                               submission_of(data, tlvs.list(), noon, all_names())}) {
        ASSERT_TRUE(result);
        EXPECT_EQ(result->purpose, Purpose::dunning);
        EXPECT_EQ(result->contact.id, "c-1");
        EXPECT_THAT(result->contact.zones, ElementsAre("Asia/Tokyo", "Asia/Seoul"));
        EXPECT_THAT(result->contact.tags, ElementsAre("own", "second phone"));
        EXPECT_EQ(result->debtor, "d\xFF");
        EXPECT_EQ(result->debt, "e");
        EXPECT_EQ(result->tlvs, "\x02\x04\x00\x02\x01\x02"sv);
    }
}

TEST(smpp_named_fields, tags_that_are_not_named_are_passed_on) {
    const owned_tlvs tlvs{{purpose_tag, "x"}, {debtor_tag, ""}};
    auto names = all_names();
    names.purpose_tlv = names.debtor_tlv = 0;
    const auto result = submission_of(hello(), tlvs.list(), noon, names);
    ASSERT_TRUE(result);
    EXPECT_FALSE(result->purpose);
    EXPECT_EQ(result->debtor, "");
    EXPECT_EQ(result->tlvs, "\x14\x00\x00\x01x\x14\x04\x00\x00"sv);
}

TEST(smpp_named_fields, a_service_type_names_the_purpose_and_a_tlv_wins) {
    const auto purpose_with = [](std::string_view service_type, const owned_tlvs& tlvs) {
        const auto result = submission_of(hello(service_type), tlvs.list(), noon, all_names());
        EXPECT_TRUE(result);
        EXPECT_EQ(result->service_type, service_type);  // cancel_sm finds it by that
        return result->purpose;
    };
    EXPECT_EQ(purpose_with("DUN", {}), Purpose::dunning);
    EXPECT_EQ(purpose_with("MKT", {}), Purpose::marketing);
    EXPECT_EQ(purpose_with("dun", {}), std::nullopt);
    EXPECT_EQ(purpose_with("CMT", {}), std::nullopt);
    EXPECT_EQ(purpose_with("", {}), std::nullopt);
    EXPECT_EQ(purpose_with("DUN", {{purpose_tag, "service\0"sv}}), Purpose::service);
    EXPECT_EQ(purpose_with("CMT", {{purpose_tag, "marketing"}}), Purpose::marketing);
}

TEST(smpp_named_fields, values_against_the_rules_are_refused) {
    const std::string long_label(65, 'x');
    const std::pair<std::uint16_t, std::string_view> rows[] = {
        {purpose_tag, ""},
        {purpose_tag, "urgent"},
        {purpose_tag, "Dunning"},
        {purpose_tag, "dunning\0\0"sv},
        {contact_tag, ""},
        {contact_tag, "\0"sv},
        {contact_tag, "c\n"},
        {contact_tag, long_label},
        {zones_tag, ""},
        {zones_tag, "Asia/Tokyo,"},
        {zones_tag, "Asia/Tokyo, Asia/Seoul"},
        {zones_tag, "Asia/Tokyo,Asia/Tokyo"},
        {zones_tag, "a,b,c,d,e,f,g,h,i"},
        {tags_tag, ""},
        {tags_tag, "own,,work"},
        {tags_tag, "own,own"},
        {tags_tag, "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q"},
        {debtor_tag, ""},
        {debtor_tag, long_label},
        {debtor_tag, "a\0b"sv},
        {debt_tag, ""},
        {debt_tag, "\x7F"},
        {debt_tag, long_label},
    };
    for (const auto& [tag, value] : rows) {
        const owned_tlvs tlvs{{tag, value}};
        const auto result = submission_of(hello("DUN"), tlvs.list(), noon, all_names());
        ASSERT_TRUE(result.has_error()) << tag << ' ' << value;
        EXPECT_EQ(result.error(), command_status::esme_rinvtlvval) << tag << ' ' << value;
        EXPECT_TRUE(submission_of(hello("DUN"), tlvs.list(), noon)) << "only what is named";
    }
}

TEST(smpp_named_fields, one_that_comes_twice_is_refused) {
    for (const auto tag : {purpose_tag, contact_tag, zones_tag, tags_tag, debtor_tag, debt_tag}) {
        const auto* const value = tag == purpose_tag ? "dunning" : "one";
        const owned_tlvs tlvs{{tag, value}, {debt_tag, "L-1"}, {tag, value}};
        const auto result = submission_of(hello(), tlvs.list(), noon, all_names());
        ASSERT_TRUE(result.has_error()) << tag;
        EXPECT_EQ(result.error(), command_status::esme_rinvtlvval) << tag;
        EXPECT_TRUE(submission_of(hello(), tlvs.list(), noon)) << "only what is named";
    }
}

TEST(smpp_named_fields, zones_are_those_that_there_are) {
    const zone_names known({"Asia/Tokyo", "UTC"});
    const auto with = [&](std::string_view zones) {
        const owned_tlvs tlvs{{zones_tag, zones}};
        return submission_of(hello(), tlvs.list(), noon, all_names(), known);
    };
    EXPECT_TRUE(with("UTC,Asia/Tokyo"));
    EXPECT_EQ(with("UTC,Asia/Kyoto").error(), command_status::esme_rinvtlvval);
}

TEST(smpp_named_fields, a_submit_multi_to_several_names_no_person) {
    const auto multi = [](std::size_t destinations, const owned_tlvs& tlvs) {
        std::vector<std::uint8_t> room;
        smpp::counted_list_writer<smpp::dest_address> list(room);
        for (std::size_t i = 0; i < destinations; ++i)
            EXPECT_TRUE(list.add({smpp::dest_flag_address, 1, 1, "4917012345"}));
        smpp::submit_multi request;
        request.source_addr = "ACME";
        request.short_message = octets_of("Hello");
        request.dest_addresses = list.list();
        return submission_of(request, tlvs.list(), noon, all_names());
    };
    const owned_tlvs common{{purpose_tag, "marketing"}, {zones_tag, "UTC"}, {tags_tag, "own"}};
    const auto to_two = multi(2, common);
    ASSERT_TRUE(to_two);
    EXPECT_EQ(to_two->purpose, Purpose::marketing);
    EXPECT_THAT(to_two->contact.zones, ElementsAre("UTC"));
    EXPECT_THAT(to_two->contact.tags, ElementsAre("own"));
    for (const auto tag : {contact_tag, debtor_tag, debt_tag}) {
        EXPECT_TRUE(multi(1, {{tag, "x"}}));
        EXPECT_EQ(multi(2, {{tag, "x"}}).error(), command_status::esme_rinvtlvval);
    }
}

TEST(smpp_named_fields, are_vital) {
    EXPECT_EQ(vital_tags_of({}).size(), submission_vital_tags.size());
    const auto tags = vital_tags_of(all_names());
    EXPECT_EQ(tags.size(), submission_vital_tags.size() + 6);
    for (const auto tag :
         {tag_at_most_once, purpose_tag, contact_tag, zones_tag, tags_tag, debtor_tag, debt_tag})
        EXPECT_THAT(tags, ::testing::Contains(tag));
}

}  // namespace
}  // namespace hikyaku::gateway::io
