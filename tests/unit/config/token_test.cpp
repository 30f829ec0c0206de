// [[account.token]]: what may stand there, what is said of what may not, and moments as text.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/token_hash.hpp"
#include "config/values.hpp"
#include "tests/unit/config/support.hpp"

namespace hikyaku::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::string hash_of_abc =  // FIPS 180-2, B.1
    "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

std::string account_with(const std::string& lines) {
    return "[[account]]\nname='a'\n[[account.token]]\nname='t'\n" + lines;
}

TEST(Token, hash) {
    EXPECT_EQ(token_hash("abc"), hash_of_abc);
    EXPECT_TRUE(is_token_hash(hash_of_abc));
    EXPECT_FALSE(is_token_hash(hash_of_abc + "0"));
    EXPECT_FALSE(is_token_hash(hash_of_abc.substr(0, hash_of_abc.size() - 1)));
    EXPECT_FALSE(is_token_hash(hash_of_abc.substr(7)));
    EXPECT_FALSE(is_token_hash("sha256:BA" + hash_of_abc.substr(9)));
}

TEST(Token, is_read) {
    const auto got =
        test::world{}.load(account_with("hash='" + hash_of_abc +
                                        "'\nroles=['read']\nexpires='2027-03-31T18:00:00+09:00'\n"
                                        "networks=['10.0.0.0/8']\n"
                                        "[[account.token]]\nname='u'\nhash='" +
                                        token_hash("other") + "'\n"));
    ASSERT_TRUE(got.has_value());
    const auto& tokens = got->values.accounts.front().tokens;
    ASSERT_EQ(tokens.size(), 2u);
    EXPECT_THAT(tokens[0].roles, ElementsAre(token_role::read));
    EXPECT_EQ(format_moment(tokens[0].expires_ms), "2027-03-31T09:00:00Z");
    EXPECT_EQ(tokens[0].networks.size(), 1u);
    EXPECT_THAT(tokens[1].roles, ElementsAre(token_role::submit, token_role::read));
    EXPECT_EQ(tokens[1].expires_ms, 0);
}

TEST(Token, faults) {
    const std::string good = "hash='" + hash_of_abc + "'\n";
    const std::pair<std::string, std::string> rows[] = {
        {account_with(""), "hash"},
        {account_with("hash='abc'\n"), "needs a token's hash"},
        {account_with(good + "roles=[]\n"), "a token without roles"},
        {account_with(good + "roles=['root']\n"), "root"},
        {account_with(good + "expires='tomorrow'\n"), "is not a moment"},
        {account_with(good + "[[account.token]]\nname='t'\nhash='" + token_hash("x") + "'\n"),
         "two tokens named 't'"},
        {account_with(good + "[[account.token]]\nname='u'\n" + good), "the same token twice"},
        {"[[account]]\nname='a'\napi_tokens='abc'\n[[account]]\nname='b'\n[[account.token]]\n"
         "name='t'\n" +
             good,
         "the same token as account 'a'"},
    };
    for (const auto& [text, expected] : rows)
        EXPECT_THAT(test::world{}.faults_of(text), HasSubstr(expected)) << text;
}

TEST(Token, moments) {
    const std::pair<std::string_view, std::int64_t> good[] = {
        {"1970-01-01", 0},
        {"2027-03-31", 1806451200000},
        {"2027-03-31T18:00:00+09:00", 1806483600000},
        {"2027-03-31T09:00:00Z", 1806483600000},
        {"2028-02-29", 1835395200000},
        {"2027-03-31T00:00:00-00:30", 1806453000000},
    };
    for (const auto& [text, moment] : good) {
        const auto got = parse_moment(text);
        ASSERT_TRUE(got) << text;
        EXPECT_EQ(*got, moment) << text;
    }
    for (const std::string_view bad :
         {"", "2027", "2027-3-31", "2027-02-29", "2027-13-01", "1969-12-31", "2027-03-31T18:00:00",
          "2027-03-31T24:00:00Z", "2027-03-31T18:60:00Z", "2027-03-31 18:00:00Z",
          "2027-03-31T18:00:00+09", "2027-03-31T18:00:00+09:00x", "2027-03-31x", "2027-03-31T",
          "+027-03-31", "2027-03-31T18:00:00z"})
        EXPECT_FALSE(parse_moment(bad)) << bad;
}

}  // namespace
}  // namespace hikyaku::config
