// home_country, trunk_prefix and international_prefix of an account: what goes together.
#include <gtest/gtest.h>

#include <string>

#include "tests/unit/config/support.hpp"

namespace hikyaku::config {
namespace {

std::string faults_with(const std::string& lines) {
    return test::world{}.faults_of("[[account]]\nname='a'\napi_tokens='t'\n" + lines);
}

TEST(numbers_of_accounts, settings_that_go_together) {
    for (const char* lines :
         {"home_country='81'\ntrunk_prefix='0'\ninternational_prefix='00'", "home_country='47'",
          "international_prefix='00'", "home_country='1'\ntrunk_prefix='1'",
          "home_country='7'\ntrunk_prefix='8'\ninternational_prefix='810'",
          "home_country='61'\ntrunk_prefix='0'\ninternational_prefix='0011'",
          "home_country='81'\ntrunk_prefix='0'\ninternational_prefix='010'",
          "home_country=''\ntrunk_prefix=''\ninternational_prefix=''"})
        EXPECT_EQ(faults_with(lines), "") << lines;
}

TEST(numbers_of_accounts, faults) {
    const struct {
        std::string lines, expected;
    } rows[] = {
        {"home_country=81", "4: 'home_country' in [[account]] must be a text in quotes"},
        {"home_country='+81'",
         "4: account 'a' has home_country \"+81\": write a country code of 1 to 3 digits without "
         "\"+\" or \"00\", such as \"81\""},
        {"home_country='0081'",
         "4: account 'a' has home_country \"0081\": write a country code of 1 to 3 digits without "
         "\"+\" or \"00\", such as \"81\""},
        {"home_country='jp'",
         "4: account 'a' has home_country \"jp\": write a country code of 1 to 3 digits without "
         "\"+\" or \"00\", such as \"81\""},
        {"home_country='81'\ntrunk_prefix='(0)'",
         "5: account 'a' has trunk_prefix \"(0)\": write at most 5 digits, such as \"0\""},
        {"international_prefix='+'",
         "4: account 'a' has international_prefix \"+\": write at most 5 digits, such as \"00\""},
        {"international_prefix='001234'",
         "4: account 'a' has international_prefix \"001234\": write at most 5 digits, such as "
         "\"00\""},
        {"trunk_prefix='0'\ninternational_prefix='00'",
         "4: account 'a' has a trunk_prefix but no home_country that its national numbers belong "
         "to"},
        {"home_country='81'\ntrunk_prefix='00'\ninternational_prefix='00'",
         "5: account 'a' has a trunk_prefix that begins with its international_prefix: national "
         "numbers would be taken for international ones"},
        {"home_country='81'\ninternational_prefix='81'",
         "5: account 'a' has an international_prefix that its home_country begins with: the "
         "country code would be taken away"},
    };
    for (const auto& row : rows)
        EXPECT_EQ(faults_with(row.lines), "test.toml:" + row.expected + "\n") << row.lines;
}

}  // namespace
}  // namespace hikyaku::config
