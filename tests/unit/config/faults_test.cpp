// Bad files: each fault with its line and sentence, all of them in one go, nothing twice.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/load.hpp"
#include "tests/unit/config/support.hpp"

namespace hikyaku::config {
namespace {

using test::world;
using ::testing::HasSubstr;
using ::testing::StartsWith;

struct row {
    std::string_view text;
    std::string_view expected;  // the whole output
};

void expect_faults(const std::vector<row>& rows) {
    for (const row& each : rows)
        EXPECT_EQ(world{}.faults_of(each.text), each.expected) << each.text;
}

TEST(faults, syntax_has_a_line) {
    EXPECT_THAT(world{}.faults_of("[store]\npath = \n"), StartsWith("test.toml:2: not TOML: "));
    EXPECT_THAT(world{}.faults_of("[log]\nlevel = 'info'\nlevel = 'warn'\n"),
                StartsWith("test.toml:3: not TOML: "));
    EXPECT_THAT(world{}.faults_of("[log\n"), StartsWith("test.toml:1: not TOML: "));
}

TEST(faults, unknown_keys) {
    expect_faults({
        {"[[account]]\nname = 'a'\nsystem_id = 'a'\npassword = 'p'\npasword = 'x'\n",
         "test.toml:5: unknown key 'pasword' in [[account]]; did you mean 'password'?\n"},
        {"[sevrer.smpp]\n",
         "test.toml:1: unknown key 'sevrer' in the file; did you mean 'server'?\n"},
        {"[server.smtp]\nlisten = []\n",
         "test.toml:1: unknown key 'smtp' in [server]; did you mean 'smpp'?\n"},
        {"[[accounts]]\n",
         "test.toml:1: unknown key 'accounts' in the file; did you mean 'account'?\n"},
        {"colour = 1\n", "test.toml:1: unknown key 'colour' in the file\n"},
        {"[[account]]\nname = 'a'\napi_tokens = ['t']\nrate = {\"per_secnd\" = '1/s'}\n",
         "test.toml:4: unknown key 'per_secnd' in rate of [[account]]; did you mean "
         "'per_second'?\n"},
        {"[[account]]\nname = 'a'\napi_tokens = ['t']\npasword_file = 'x'\n",
         "test.toml:4: unknown key 'pasword_file' in [[account]]; did you mean "
         "'password_file'?\n"},
        {"[store]\npath_file = 'x'\n", "test.toml:2: unknown key 'path_file' in [store]\n"},
    });
}

TEST(faults, wrong_types_and_forms) {
    expect_faults({
        {"store = 1\n", "test.toml:1: 'store' must be a table\n"},
        {"[account]\nname = 'a'\n",
         "test.toml:1: 'account' must be a list of tables, written as [[account]] or "
         "[ { ... } ]\n"},
        {"[store]\npath = 5\n", "test.toml:2: 'path' in [store] must be a text in quotes\n"},
        {"[store]\nsync = 'yes'\n",
         "test.toml:2: 'sync' in [store] must be true or false, without quotes\n"},
        {"[store]\nnode = '1'\n", "test.toml:2: 'node' in [store] must be a whole number\n"},
        {"[store]\nnode = 1.5\n", "test.toml:2: 'node' in [store] must be a whole number\n"},
        {"[store]\nnode = 1024\n",
         "test.toml:2: 'node' in [store] must be from 0 to 1023, not 1024\n"},
        {"[store]\nnode = -1\n", "test.toml:2: 'node' in [store] must be from 0 to 1023\n"},
        {"[store]\nretention = 30\n",
         "test.toml:2: 'retention' in [store] needs a unit: write \"30s\" instead of 30\n"},
        {"[store]\nretention = '90s'\n",
         "test.toml:2: 'retention' in [store] must be a whole number of minutes\n"},
        {"[store]\nretention = '1s'\n",
         "test.toml:2: 'retention' in [store] must be a whole number of minutes\n"},
        {"[store]\nretention = '0m'\n",
         "test.toml:2: 'retention' in [store] must be from 1m to 3650d, not 0s\n"},
        {"[store]\npending_bytes_max = 64\n",
         "test.toml:2: 'pending_bytes_max' in [store] needs a unit: write \"64B\" or \"64KiB\" "
         "instead of 64\n"},
        {"[store]\npending_bytes_max = '1KiB'\n",
         "test.toml:2: 'pending_bytes_max' in [store] must be from 1MiB to 16GiB, not 1KiB\n"},
        {"[server.smpp]\nresponse_timeout = '500ms'\n",
         "test.toml:2: 'response_timeout' in [server.smpp] must be a whole number of seconds\n"},
        {"[server.links]\nmisses_per_network = 20\n",
         "test.toml:2: 'misses_per_network' in [server.links] needs a unit: write \"20/s\" or "
         "\"unlimited\" instead of 20\n"},
        {"[server.links]\nmisses_per_network = '0/s'\n",
         "test.toml:2: 'misses_per_network' in [server.links] must not be zero; write "
         "\"unlimited\" for no limit\n"},
        {"[server.links]\ncode_length = 9\n",
         "test.toml:2: 'code_length' in [server.links] must be from 10 to 32, not 9\n"},
        {"[server.http]\nlisten = ['localhost:80']\n",
         "test.toml:2: 'listen' in [server.http] must be an IP address to listen on, not the name "
         "\"localhost\"\n"},
        {"[log]\nlevel = 'inof'\n",
         "test.toml:2: 'level' in [log] must be one of \"trace\", \"debug\", \"info\", \"warn\", "
         "\"error\", not \"inof\"; did you mean 'info'?\n"},
        {"[log]\nfile = '${NOT_SET}'\n",
         "test.toml:2: 'file' in [log] needs the environment variable NOT_SET, which is not "
         "set\n"},
    });
}

/// A file that is good until `text` is added.
std::string with_account(std::string_view text) {
    return "[[account]]\nname = 'a'\napi_tokens = ['t']\n" + std::string{text};
}
std::string with_carrier(std::string_view text) {
    return "[[carrier]]\nname = 'c'\nhosts = ['h:1']\nsystem_id = 's'\n" + std::string{text};
}

TEST(faults, lists_report_the_item) {
    EXPECT_EQ(world{}.faults_of(with_account("networks = [\n '10.0.0.0/8',\n '10.0.0.0/40',\n]")),
              "test.toml:6: 'networks' in [[account]] is not a network: \"10.0.0.0/40\"; write it "
              "as \"10.0.0.0/8\", \"192.0.2.7\" or \"2001:db8::/32\"\n");
    EXPECT_EQ(world{}.faults_of(with_account("senders = ['a', 5]")),
              "test.toml:4: 'senders' in [[account]] must be a text in quotes\n");
}

TEST(faults, servers) {
    expect_faults({
        {"[server.http]\nlisten = '127.0.0.1:2775'\n",
         "test.toml:2: 'server.http.listen' takes 127.0.0.1:2775, which 'server.smpp.listen' "
         "(127.0.0.1:2775) takes too\n"},
        {"[server.smpp]\nlisten = ['0.0.0.0:8080']\n",
         "test.toml:2: 'server.smpp.listen' takes 0.0.0.0:8080, which 'server.http.listen' "
         "(127.0.0.1:8080) takes too\n"},
        {"[server.http]\nlisten = ['127.0.0.1:0', '127.0.0.1:0', '[::]:2775']\n", ""},
        {"[server.smpp]\ntls_listen = '127.0.0.1:1'\n",
         "test.toml:2: 'tls_listen' in [server.smpp] needs tls = { certificate = \"...\", "
         "private_key = \"...\" }\n"},
        {"[server.http]\ntls_listen = '127.0.0.1:1'\ntls = { certificate = 'c' }\n",
         "test.toml:3: tls of [server.http] needs 'private_key'\n"},
        {"[server.links]\nlisten = '127.0.0.1:1'\n",
         "test.toml:2: [server.links] needs 'base_url', what tracked links begin with\n"},
        {"[server.links]\nbase_url = 'pay.example'\n",
         "test.toml:2: 'base_url' in [server.links] must begin with \"https://\" (or \"http://\") "
         "and a host\n"},
        {"[server.links]\nbase_url = 'https://pay.example/?x'\n",
         "test.toml:2: 'base_url' in [server.links] must be a scheme, a host and perhaps a path, "
         "nothing else\n"},
        {"[server.smpp]\ninactivity_timeout = '30s'\n",
         "test.toml:2: 'inactivity_timeout' in [server.smpp] (30s) must be longer than "
         "'enquire_link_interval' (30s)\n"},
        {"[server.smpp]\nsystem_id = '0123456789abcdef'\n",
         "test.toml:2: 'system_id' in [server.smpp] must not be longer than 15 characters\n"},
        {"[server.smpp]\nsessions_max = 100\n",
         "test.toml:2: 'unbound_sessions_max' in [server.smpp] (200) must not be more than "
         "'sessions_max' (100)\n"},
        {"[store]\nmap_bytes_initial = '2GiB'\nmap_bytes_max = '1GiB'\n",
         "test.toml:2: 'map_bytes_initial' in [store] (2GiB) must not be more than "
         "'map_bytes_max' (1GiB)\n"},
        {"[store]\npath = ''\n", "test.toml:2: 'path' in [store] must not be empty\n"},
    });
}

TEST(faults, account_access) {
    expect_faults({
        {"[[account]]\nsystem_id = 'a'\npassword = 'p'\n",
         "test.toml:1: [[account]] needs 'name'\n"},
        {"[[account]]\nname = ''\napi_tokens = ['t']\n",
         "test.toml:2: 'name' in [[account]] must not be empty\n"},
        {"[[account]]\nname = 'a'\n",
         "test.toml:2: account 'a' has no way in: give it a system_id with a password, "
         "api_tokens, a token, sendsms, jasmin or twilio\n"},
        {"[[account]]\nname = 'a'\nsystem_id = 'a'\n",
         "test.toml:3: account 'a' has a system_id but neither 'password_hash' nor 'password'\n"},
        {"[[account]]\nname = 'a'\nsystem_id = 'a'\npassword = 'p'\npassword_hash = "
         "'$argon2id$x'\n",
         "test.toml:4: account 'a' has a 'password' and a 'password_hash'\n"},
        {"[[account]]\nname = 'a'\nsystem_id = 'a'\npassword_hash = 'md5'\n",
         "test.toml:4: account 'a' needs an argon2id hash, which begins with \"$argon2id$\"\n"},
        {"[[account]]\nname = 'a'\nsystem_id = 'a'\npassword = ''\n",
         "test.toml:3: account 'a' has a system_id but neither 'password_hash' nor 'password'\n"},
        {"[[account]]\nname = 'a'\napi_tokens = ['t']\npassword = 'p'\n",
         "test.toml:4: account 'a' has a password but no system_id\n"},
        {"[[account]]\nname = 'a'\napi_tokens = ['']\n",
         "test.toml:3: account 'a' has an empty token\n"},
    });
}

TEST(faults, accounts_share_nothing) {
    const std::string first =
        "[[account]]\nname = 'a'\nsystem_id = 's'\npassword = 'p'\napi_tokens = ['t']\n"
        "numbers = ['1']\nkeywords = ['Stop']\n";
    EXPECT_EQ(
        world{}.faults_of(
            first + "[[account]]\nname = 'b'\nsystem_id = 's'\npassword = 'p'\n"
                    "api_tokens = ['u', 't']\nnumbers = ['2', '1', '2']\nkeywords = ['STOP']\n"),
        "test.toml:10: account 'b' has the same system_id as account 'a'\n"
        "test.toml:12: account 'b' has the same token as account 'a'\n"
        "test.toml:13: account 'b' has the number '2' twice\n"
        "test.toml:14: account 'b' has the same keyword as account 'a'\n");
    EXPECT_EQ(world{}.faults_of(first + "[[account]]\nname = 'a'\napi_tokens = ['x', 'x']\n"),
              "test.toml:9: two accounts are named 'a'\n"
              "test.toml:10: account 'a' has the same token twice\n");
}

TEST(faults, account_details) {
    const std::vector<std::pair<std::string, std::string>> rows{
        {"rate = { per_second = '100/s', burst = 9 }",
         "account 'a' could never send a message of 10 segments (parts_max) with a burst of 9: "
         "write a rate with burst = 10 or more"},
        {"parts_max = 20\nrate = { per_second = '5/s' }",
         "account 'a' could never send a message of 20 segments (parts_max) with a burst of 10: "
         "write a rate with burst = 20 or more"},
        {"parts_max = 20\nrate = { per_second = '900/min' }",
         "account 'a' could never send a message of 20 segments (parts_max) with a burst of 15: "
         "write a rate with burst = 20 or more"},
        {"parts_max = 20\nrate = { per_second = '20/s' }", ""},
        {"rate = { per_second = '5/s' }", ""},
        {"rate = { per_second = 'unlimited', burst = 1 }", ""},
        {"webhook = { url = 'ftp://x', secret = 's' }",
         "account 'a' has a webhook url that does not begin with \"https://\" or \"http://\" and "
         "a host"},
        {"webhook = { url = 'https://u:p@x.example', secret = 's' }",
         "account 'a' has a webhook url with a user or password in it; requests are signed with "
         "'secret' instead"},
        {"webhook = { url = 'https://10.1.2.3/x', secret = 's' }",
         "account 'a' has a webhook in this machine or a private network: write allow_private = "
         "true if that is meant"},
        {"webhook = { url = 'http://[::1]:80', secret = 's' }",
         "account 'a' has a webhook in this machine or a private network: write allow_private = "
         "true if that is meant"},
        {"webhook = { url = 'http://localhost', secret = 's', allow_private = true }", ""},
        {"webhook = { url = 'https://x.example', secret = 'whsec_***' }",
         "account 'a' has a webhook secret whose part behind \"whsec_\" is not base64"},
        {"webhook = { url = 'https://x.example', secret = 'whsec_' }",
         "account 'a' has a webhook secret whose part behind \"whsec_\" is not base64"},
        {"webhook = { url = 'https://x.example', secret = 'whsec_=' }",
         "account 'a' has a webhook secret whose part behind \"whsec_\" is not base64"},
        {"webhook = { url = 'https://x.example', secret = 's', secret_previous = 'whsec_' }",
         "account 'a' has a webhook secret whose part behind \"whsec_\" is not base64"},
        {"webhook = { url = 'https://x.example', secret = 'whsec_YQ==' }", ""},
        {"webhook = { url = 'https://x.example', secret = 's', secret_previous = 'whsec_YQ==' }",
         ""},
        {"webhook = { url = 'https://x.example' }", "webhook of [[account]] needs 'secret'"},
        {"webhook = { url = 'https://x.example', secret = 's', events = [] }",
         "account 'a' has a webhook that asks for no event"},
        {"receipts = { receipts = 'webhook' }",
         "account 'a' wants receipts by webhook but has none"},
        {"receipts = { replies = 'smpp' }",
         "account 'a' wants replies over SMPP but has no system_id"},
        {"links = { track = true }",
         "account 'a' tracks links but neither it nor [server.links] has a 'base_url'"},
        {"links = { track = true, domains = ['pay.a.example'] }", ""},
        {"links = { domains = ['https://a.example'] }",
         "account 'a' has the link domain \"https://a.example\": write a host in lower case such "
         "as "
         "\"pay.example\""},
        {"links = { domains = ['a.example', 'a.example'] }",
         "account 'a' has the link domain 'a.example', which account 'a' has already"},
        {"links = { targets = ['*.example.jp', 'shop.example:8443/pay'] }", ""},
        {"links = { targets = ['https://shop.example'] }",
         "account 'a' has the target \"https://shop.example\": write a host in lower case such as "
         "\"shop.example\" or \"*.shop.example\", perhaps with the beginning of a path"},
        {"announce = { name = 'Shop', samples = ['Pay us'] }", ""},
        {"announce = { samples = ['Pay us'] }", "announce of [[account]] needs 'name'"},
        {"links = { base_url = 'x' }",
         "account 'a' has a 'base_url' of links that must begin with \"https://\" (or "
         "\"http://\") and a host"},
    };
    for (const auto& [text, sentence] : rows) {
        const int line = text.starts_with("parts_max") ? 5 : 4;
        const std::string expected =
            sentence.empty() ? "" : "test.toml:" + std::to_string(line) + ": " + sentence + "\n";
        EXPECT_EQ(world{}.faults_of(with_account(text)), expected) << text;
    }
}

TEST(faults, secret_files) {
    world w;
    w.files = {{"empty", "\n"}, {"good", "x\n"}};
    const std::string head = "[[account]]\nname = 'a'\nsystem_id = 'a'\n";
    EXPECT_EQ(w.faults_of(head + "password_file = 'missing'\n"),
              "test.toml:4: 'password_file' in [[account]] cannot be read: \"missing\"\n");
    EXPECT_EQ(w.faults_of(head + "password_file = 'empty'\n"),
              "test.toml:4: 'password_file' in [[account]] is empty: \"empty\"\n");
    EXPECT_EQ(w.faults_of(head + "password = 'p'\npassword_file = 'good'\n"),
              "test.toml:5: 'password' and 'password_file' in [[account]] exclude each other\n");
    EXPECT_EQ(w.faults_of(head + "password_file = 'good'\npassword = 'p'\n"),
              "test.toml:4: 'password' and 'password_file' in [[account]] exclude each other\n");
    EXPECT_EQ(w.faults_of(head + "password_file = '${NOPE}'\n"),
              "test.toml:4: 'password_file' in [[account]] needs the environment variable NOPE, "
              "which is not set\n");
}

TEST(faults, carriers_and_routes) {
    const std::vector<std::pair<std::string, std::string>> rows{
        {"[[carrier]]\nname = 'c'\n",
         "test.toml:1: [[carrier]] needs 'system_id'\ntest.toml:1: [[carrier]] needs 'hosts'\n"},
        {"[[carrier]]\nname = 'c'\nsystem_id = 's'\nhosts = []\n",
         "test.toml:4: carrier 'c' has no host\n"},
        {"[[carrier]]\nname = 'c'\nsystem_id = 's'\nhosts = ['h:0']\n",
         "test.toml:4: 'hosts' in [[carrier]] needs a port to connect to, not 0\n"},
        {with_carrier("[[carrier]]\nname = 'c'\nhosts = ['h:1']\nsystem_id = 's'\n"),
         "test.toml:6: two carriers are named 'c'\n"},
        {with_carrier("contract_rate = '0/s'"),
         "test.toml:5: 'contract_rate' in [[carrier]] must not be zero; write \"unlimited\" for "
         "no limit\n"},
        {with_carrier("source_ton = 256"),
         "test.toml:5: 'source_ton' in [[carrier]] must be from 0 to 255, not 256\n"},
        {with_carrier("reconnect_min = '2m'"),
         "test.toml:5: carrier 'c' has a 'reconnect_min' (2m) longer than 'reconnect_max' (1m)\n"},
        {with_carrier("retry = [\n{ status = 'ESME_RNONE', action = 'fail' } ]"),
         "test.toml:6: 'status' in retry of [[carrier]] is no known status: \"ESME_RNONE\"; write "
         "a name as \"ESME_RTHROTTLED\" or a number as \"0x58\"\n"},
        {with_carrier("retry = [{ status = 'ESME_RTHROTTLED', action = 'fail' },\n"
                      "{ status = '0x58', action = 'retry' } ]"),
         "test.toml:6: two retry rules for status 0x00000058\n"},
        {with_carrier("retry = [{ status = '0x58', action = 'wait' }]"),
         "test.toml:5: 'action' in retry of [[carrier]] must be one of \"retry\", \"fail\", "
         "\"next_carrier\", not \"wait\"\n"},
        {with_carrier("retry = [{ status = '0x58', action = 'retry', delay = '2h' }]"),
         "test.toml:5: carrier 'c' has a retry rule for status 0x00000058 with a 'delay' (2h) "
         "longer than 'delay_max' (1h)\n"},
        {with_carrier("[[route]]\nname = 'r'\n"),
         "test.toml:5: route 'r' needs 'carrier' or 'targets'\n"},
        {with_carrier("[[route]]\nname = 'r'\ncarrier = 'c'\ntargets = [{carrier = 'c'}]\n"),
         "test.toml:7: route 'r' has 'carrier' and 'targets'\n"},
        {with_carrier("[[route]]\nname = 'r'\ntargets = [{carrier = 'c'},\n{carrier = 'c'}]\n"),
         "test.toml:8: route 'r' names the carrier 'c' twice\n"},
        {with_carrier("[[route]]\nname = 'r'\ntargets = [{carrier = 'c', weight = 0}]\n"),
         "test.toml:7: 'weight' in targets of [[route]] must be from 1 to 1000000, not 0\n"},
        {with_carrier("[[route]]\nname = 'r'\ncarrier = 'c'\nprefixes = ['+49']\n"),
         "test.toml:8: route 'r' has the prefix \"+49\"; write digits only, international and "
         "without \"+\"\n"},
        {with_carrier("[[route]]\nname='r'\ncarrier='c'\n[[route]]\nname='r'\ncarrier='c'\n"),
         "test.toml:9: two routes are named 'r'\n"},
    };
    for (const auto& [text, expected] : rows)
        EXPECT_EQ(world{}.faults_of(text), expected) << text;
}

TEST(faults, unknown_names_have_suggestions) {
    EXPECT_EQ(world{}.faults_of("[[carrier]]\nname = 'north'\nhosts = ['h:1']\nsystem_id = 's'\n"
                                "[[account]]\nname = 'billing'\napi_tokens = ['t']\n"
                                "[[route]]\nname = 'r'\naccounts = ['biling']\n"
                                "targets = [{ carrier = 'nroth' }, { carrier = 'moon' }]\n"),
              "test.toml:10: route 'r' names the unknown account 'biling'; did you mean "
              "'billing'?\n"
              "test.toml:11: route 'r' names the unknown carrier 'nroth'; did you mean 'north'?\n"
              "test.toml:11: route 'r' names the unknown carrier 'moon'\n");
}

TEST(faults, all_in_one_go_in_the_order_of_the_file) {
    const auto got = world{}.load(R"([server.smpp]
listen = ["127.0.0.1"]
[log]
levle = "info"
[[account]]
name = "a"
pasword = "x"
system_id = "a"
rate = { per_second = 100 }
[store]
node = 5000
[[route]]
name = "r"
carrier = "north"
)");
    ASSERT_FALSE(got);
    EXPECT_EQ(
        describe(got.error()),
        "test.toml:2: 'listen' in [server.smpp] is not an address: \"127.0.0.1\"; the port is "
        "missing, write it as \"127.0.0.1:2775\"\n"
        "test.toml:4: unknown key 'levle' in [log]; did you mean 'level'?\n"
        "test.toml:7: unknown key 'pasword' in [[account]]; did you mean 'password'?\n"
        "test.toml:8: account 'a' has a system_id but neither 'password_hash' nor 'password'\n"
        "test.toml:9: 'per_second' in rate of [[account]] needs a unit: write \"100/s\" or "
        "\"unlimited\" instead of 100\n"
        "test.toml:11: 'node' in [store] must be from 0 to 1023, not 5000\n"
        "test.toml:14: route 'r' names the unknown carrier 'north'\n");
    const faults list = got.error();
    const fault& second = list[1];
    EXPECT_EQ(second.file, "test.toml");
    EXPECT_EQ(second.at, (position{4, 1}));
    EXPECT_EQ(second.path, "log.levle");
    EXPECT_EQ(second.suggestion, "level");
    EXPECT_EQ(list[4].path, "account[0].rate.per_second");
}

TEST(faults, never_show_a_secret) {
    world w;
    w.variables = {{"TOKEN", "hidden-1"}};
    w.files = {{"f", "hidden-2\n"}};
    const std::string text = w.faults_of(
        "[[account]]\nname='a'\nsystem_id='a'\npassword='hidden-3'\npassword_file='f'\n"
        "api_tokens=['${TOKEN}','${TOKEN}', 5]\n"
        "webhook={url='https://u:hidden-4@x',secret='whsec_hidden-5!'}\n");
    EXPECT_THAT(text, HasSubstr("test.toml:6: "));
    EXPECT_THAT(text, HasSubstr("test.toml:7: "));
    EXPECT_THAT(text, ::testing::Not(HasSubstr("hidden")));
}

TEST(faults, a_route_has_32_targets_at_most) {
    for (const int count : {32, 33}) {
        std::string file = "[[account]]\nname = 'a'\nsystem_id = 'a'\npassword = 'p'\n";
        std::string targets;
        for (int i = 0; i < count; ++i) {
            file += "[[carrier]]\nname = 'c" + std::to_string(i) +
                    "'\nhosts = ['h:1']\nsystem_id = 's'\n";
            targets += "{ carrier = 'c" + std::to_string(i) + "' }, ";
        }
        file += "[[route]]\nname = 'r'\ntargets = [" + targets + "]\n";
        EXPECT_EQ(world{}.faults_of(file), count == 32 ? ""
                                                       : "test.toml:139: route 'r' has 33 targets; "
                                                         "32 at most\n");
    }
}

}  // namespace
}  // namespace hikyaku::config
