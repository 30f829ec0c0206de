// [account.twilio]: what may stand there, and what is said of what may not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/config/support.hpp"

namespace hikyaku::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::string sid = "AC0123456789abcdef0123456789abcdef";
const std::string service = "MG0123456789abcdef0123456789abcdef";
const std::string key = "SK0123456789abcdef0123456789abcdef";
const std::string head = "[[account]]\nname='a'\n[account.twilio]\n";
const std::string access = "sid='" + sid + "'\nauth_token='t'\n";

TEST(Twilio, is_read) {
    const auto got =
        test::world{}.load("[server.http]\ntwilio=true\n" + head + access +
                           "sms_url='https://app.example/sms'\nsms_method='GET'\ntimeout='3s'\n"
                           "[[account.twilio.api_key]]\nsid='" +
                           key + "'\nsecret='s'\n[[account.twilio.messaging_service]]\nsid='" +
                           service + "'\nsenders=['12345','Shop*']\n");
    ASSERT_TRUE(got.has_value());
    EXPECT_TRUE(got->values.http.twilio);
    const auto& made = got->values.accounts.front().twilio;
    ASSERT_TRUE(made);
    EXPECT_EQ(made->sid, sid);
    EXPECT_EQ(made->auth_token, "t");
    EXPECT_EQ(made->sms_url, "https://app.example/sms");
    EXPECT_EQ(made->sms_method, http_method::get);
    EXPECT_EQ(made->timeout, std::chrono::seconds(3));
    ASSERT_EQ(made->keys.size(), 1u);
    EXPECT_EQ(made->keys[0].secret, "s");
    ASSERT_EQ(made->services.size(), 1u);
    EXPECT_THAT(made->services[0].senders, ElementsAre("12345", "Shop*"));
}

TEST(Twilio, faults) {
    const std::pair<std::string, std::string> rows[] = {
        {head + "auth_token='t'\n", "needs 'sid'"},
        {head + "sid='" + sid + "'\n", "needs 'auth_token'"},
        {head + "sid='AC12'\nauth_token='t'\n", "needs a sid of \"AC\" and 32 digits"},
        {head + "sid='" + key + "'\nauth_token='t'\n", "needs a sid of \"AC\""},
        {head + "sid='" + sid.substr(0, 33) + "F'\nauth_token='t'\n", "needs a sid of \"AC\""},
        {head + access + "[[account.twilio.api_key]]\nsid='" + sid + "'\nsecret='s'\n",
         "needs a sid of \"SK\""},
        {head + access + "[[account.twilio.api_key]]\nsid='" + key + "'\n", "needs 'secret'"},
        {head + access + "[[account.twilio.messaging_service]]\nsid='x'\n",
         "needs a sid of \"MG\""},
        {head + access + "sms_method='PUT'\n", "'sms_method'"},
        {head + access + "sms_url='x'\n", "does not begin with"},
        {head + access + "sms_url='http://10.0.0.1/'\n", "write allow_private = true"},
        {head + access + "sms_url='https://u:p@x.example/'\n",
         "requests are signed with 'auth_token' instead"},
        {head + access + "[[account]]\nname='b'\n[account.twilio]\n" + access,
         "account 'b' has the same sid for Twilio as account 'a'"},
        {head + access + "[[account.twilio.messaging_service]]\nsid='" + service +
             "'\n[[account.twilio.messaging_service]]\nsid='" + service + "'\n",
         "has the same messaging service twice"},
    };
    for (const auto& [text, expected] : rows)
        EXPECT_THAT(test::world{}.faults_of(text), HasSubstr(expected)) << text;
}

TEST(Twilio, warnings) {
    EXPECT_THAT(test::world{}.warnings_of(head + access),
                HasSubstr("has 'twilio', but it is switched off"));
    EXPECT_THAT(test::world{}.warnings_of("[server.http]\ntwilio=true\n"),
                HasSubstr("no [[account]] has 'twilio'"));
    EXPECT_THAT(test::world{}.warnings_of("[server.http]\ntwilio=true\n" + head + access),
                HasSubstr("twilio.auth_token of account 'a'"));
}

}  // namespace
}  // namespace hikyaku::config
