// purpose_default and smpp_fields of an account: what is read, each fault, the print.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "config/reference.hpp"
#include "tests/unit/config/support.hpp"

namespace hikyaku::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

const std::string account_of_smpp = "[[account]]\nname='a'\nsystem_id='a'\npassword='p'\n";

std::string faults_of_fields(const std::string& lines) {
    return test::world{}.faults_of(account_of_smpp + lines);
}

constexpr std::string_view purpose_lines = R"(purpose_default = "service"
[account.smpp_fields]
service_types = [
  { service_type = "MKT", purpose = "marketing" },
  { service_type = "DUN", purpose = "dunning" },
]
purpose_tlv = 0x1400
contact_tlv = "0x1401"
zones_tlv = 0x1402
tags_tlv = 0x1403
debtor_tlv = 0x1404
debt_tlv = 0x3fff
)";

void expect_purpose_lines(const account& a) {
    EXPECT_EQ(a.purpose_default, purpose::service);
    const account_smpp_fields& fields = a.smpp_fields;
    EXPECT_THAT(fields.service_types,
                ElementsAre(Pair("DUN", purpose::dunning), Pair("MKT", purpose::marketing)));
    EXPECT_EQ(fields.purpose_tlv, 0x1400);
    EXPECT_EQ(fields.contact_tlv, 0x1401);
    EXPECT_EQ(fields.zones_tlv, 0x1402);
    EXPECT_EQ(fields.tags_tlv, 0x1403);
    EXPECT_EQ(fields.debtor_tlv, 0x1404);
    EXPECT_EQ(fields.debt_tlv, 0x3FFF);
}

TEST(purposes, are_read_and_printed_so_that_they_load_again) {
    const auto got = test::world{}.load(account_of_smpp + std::string(purpose_lines));
    ASSERT_TRUE(got) << describe(got.error());
    expect_purpose_lines(got->values.accounts[0]);
    const std::string shown = effective_text(got->values);
    EXPECT_THAT(shown, HasSubstr("{ service_type = \"DUN\", purpose = \"dunning\" }"));
    EXPECT_THAT(shown, HasSubstr("purpose_tlv = \"0x1400\""));
    const auto again = test::world{}.load(shown);
    ASSERT_TRUE(again) << describe(again.error()) << shown;
    expect_purpose_lines(again->values.accounts[0]);
    EXPECT_EQ(effective_text(again->values), shown);
}

TEST(purposes, default_to_transactional_and_no_fields) {
    const auto got = test::world{}.load(account_of_smpp);
    ASSERT_TRUE(got) << describe(got.error());
    const account& a = got->values.accounts[0];
    EXPECT_EQ(a.purpose_default, purpose::transactional);
    EXPECT_TRUE(a.smpp_fields.service_types.empty());
    EXPECT_EQ(a.smpp_fields.purpose_tlv, 0);
    EXPECT_EQ(a.smpp_fields.debt_tlv, 0);
    EXPECT_THAT(effective_text(got->values), Not(HasSubstr("smpp_fields")));
}

TEST(purposes, said_over_smpp_without_a_default_are_a_warning) {
    constexpr std::string_view said = "says purposes over SMPP and has no 'purpose_default'";
    const auto warnings = [](const std::string& lines) {
        return test::world{}.warnings_of(account_of_smpp + lines);
    };
    EXPECT_THAT(warnings("smpp_fields={purpose_tlv=0x1400}"), HasSubstr(std::string(said)));
    EXPECT_THAT(warnings("smpp_fields={service_types=[{service_type='A',purpose='dunning'}]}"),
                HasSubstr(std::string(said)));
    EXPECT_THAT(warnings("smpp_fields={debt_tlv=0x1400}"), Not(HasSubstr(std::string(said))));
    EXPECT_THAT(warnings("purpose_default='transactional'\nsmpp_fields={purpose_tlv=0x1400}"),
                Not(HasSubstr(std::string(said))));
}

TEST(purposes, faults) {
    const struct {
        std::string lines, expected;
    } rows[] = {
        {"purpose_default='dun'",
         "5: 'purpose_default' in [[account]] must be one of \"transactional\", \"service\", "
         "\"dunning\", \"marketing\", not \"dun\""},
        {"smpp_fields={service_types=[{service_type='A',purpose='urgent'}]}",
         "5: 'purpose' in service_types in smpp_fields of [[account]] must be one of"},
        {"smpp_fields={service_types=[{service_type='A'}]}",
         "5: service_types in smpp_fields of [[account]] needs 'purpose'"},
        {"smpp_fields={service_types=[{purpose='dunning'}]}",
         "5: service_types in smpp_fields of [[account]] needs 'service_type'"},
        {"smpp_fields={service_types=[{service_type='',purpose='dunning'}]}",
         "5: 'service_type' in service_types in smpp_fields of [[account]] must not be empty"},
        {"smpp_fields={service_types=[{service_type='ABCDEF',purpose='dunning'}]}",
         "5: the service_type 'ABCDEF' does not have 1 to 5 characters of ASCII"},
        {"smpp_fields={service_types=[{service_type='A B',purpose='dunning'}]}",
         "5: the service_type 'A B' does not have 1 to 5 characters of ASCII"},
        {"[account.smpp_fields]\nservice_types=[{service_type='A',purpose='dunning'},\n"
         "{service_type='A',purpose='dunning'}]",
         "7: the service_type 'A' has two purposes"},
        {"smpp_fields={service_types={A='dunning'}}", "5: 'service_types' in smpp_fields"},
        {"smpp_fields={purpose_tlv=0x13ff}",
         "5: 'purpose_tlv' in smpp_fields of [[account]] must be the number of a tag from 0x1400 "
         "to 0x3FFF"},
        {"smpp_fields={debt_tlv='0x4000'}", "5: 'debt_tlv' in smpp_fields of [[account]] must be"},
        {"smpp_fields={tags_tlv=0}", "5: 'tags_tlv' in smpp_fields of [[account]] must be"},
        {"[account.smpp_fields]\ncontact_tlv=0x1500\ndebt_tlv='0x1500'",
         "7: account 'a' has the tag 0x1500 for 'contact_tlv' and for 'debt_tlv'"},
        {"[account.smpp_fields]\ndebtor_tlv=0x3E10",
         "6: account 'a' has the tag 0x3E10 for 'debtor_tlv', which the gateway uses itself"},
        {"smpp_fields={debtor=0x1400}", "5: unknown key 'debtor'"},
    };
    for (const auto& row : rows)
        EXPECT_THAT(faults_of_fields(row.lines), HasSubstr("test.toml:" + row.expected))
            << row.lines;
    EXPECT_THAT(test::world{}.faults_of(
                    "[[account]]\nname='a'\napi_tokens='t'\nsmpp_fields={debt_tlv=0x1400}"),
                HasSubstr("test.toml:4: account 'a' has 'smpp_fields' but no system_id"));
}

}  // namespace
}  // namespace hikyaku::config
