// Settings for peers of every kind that are faulty, or worth a warning.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/load.hpp"
#include "tests/unit/config/support.hpp"

namespace hikyaku::config {
namespace {

using test::world;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct faulty {
    std::string text;
    std::string expected;  // without "test.toml:"; the whole output
};

void expect_faults(const std::string& head, const std::vector<faulty>& rows) {
    for (const faulty& each : rows) {
        const std::string wanted = each.expected.empty() ? "" : "test.toml:" + each.expected + "\n";
        EXPECT_EQ(world{}.faults_of(head + each.text), wanted) << each.text;
    }
}

TEST(peers, faults_of_servers) {
    const std::string tls =
        "tls_listen = '127.0.0.1:1'\ntls = { certificate = 'c', private_key = "
        "'k', ";
    expect_faults(
        "[server.smpp]\n",
        {{tls + "client_required = true }",
          "3: 'client_required' in tls of [server.smpp] needs 'client_ca', the "
          "authorities whose certificates are good"},
         {tls + "client_ca = 5, client_required = true }",
          "3: 'client_ca' in tls of [server.smpp] must be a text in quotes"},
         {tls + "client_ca = 'x' }", ""},
         {tls + "hosts = [{ certificate = 'c' }] }",
          "3: hosts in tls of [server.smpp] needs 'private_key'"},
         {tls + "client_cas = 'x' }",
          "3: unknown key 'client_cas' in tls of [server.smpp]; did you mean "
          "'client_ca'?"},
         {"version_max = '3.5'",
          "2: 'version_max' in [server.smpp] must be one of \"3.3\", \"3.4\", \"5.0\", "
          "not \"3.5\"; did you mean '3.3'?"},
         {"version_max = 3.4", "2: 'version_max' in [server.smpp] must be a text in quotes"},
         {"lockout = { within = '0s' }",
          "2: 'within' in lockout of [server.smpp] must be from 1s to 1d, not 0s"},
         {"proxy_protocol = 'balancer'",
          "2: 'proxy_protocol' in [server.smpp] is not a network: \"balancer\"; write it "
          "as \"10.0.0.0/8\", \"192.0.2.7\" or \"2001:db8::/32\""}});
    expect_faults("[server.http]\n", {{tls + "client_required = true }",
                                       "3: 'client_required' in tls of [server.http] needs "
                                       "'client_ca', the authorities whose certificates are "
                                       "good"}});
    expect_faults("[replies]\n",
                  {{"sets_max = 0", "2: 'sets_max' in [replies] must be from 1 to 10000000, not 0"},
                   {"timeouts = '1m'",
                    "2: unknown key 'timeouts' in [replies]; did you mean "
                    "'timeout'?"}});
}

TEST(peers, faults_of_accounts) {
    expect_faults(
        "[[account]]\nname = 'a'\nsystem_id = 'a'\npassword = 'p'\n",
        {{"sendsms = { username = 'u' }", "5: sendsms of [[account]] needs 'password'"},
         {"sendsms = { password = 'p' }", "5: sendsms of [[account]] needs 'username'"},
         {"sendsms = { username = 'u', password = 'p', reply_url = 'x' }",
          "5: account 'a' has a 'reply_url' of sendsms that does not begin with \"https://\" or "
          "\"http://\" and a host"},
         {"sendsms = { username = 'u', password = 'p', reply_url = 'http://10.0.0.1/?t=%b' }",
          "5: account 'a' has a 'reply_url' of sendsms in this machine or a private network: write "
          "allow_private = true if that is meant"},
         {"sendsms = { username = 'u', password = 'p', reply_url = 'https://u:p@x.example' }",
          "5: account 'a' has a 'reply_url' of sendsms with a user or password in it; put a token "
          "into its path or query instead"},
         {"sendsms = { username = 'u', password = 'p' }\n[[account]]\nname = 'b'\nsendsms = { "
          "username = 'u', password = 'q' }",
          "8: account 'b' has the same username for sendsms as account 'a'"},
         {"jasmin = { username = 'u' }", "5: jasmin of [[account]] needs 'password'"},
         {"jasmin = { username = 'u', password = 'p', reply_url = 'http://10.0.0.1/mo' }",
          "5: account 'a' has a 'reply_url' of jasmin in this machine or a private network: write "
          "allow_private = true if that is meant"},
         {"jasmin = { username = 'u', password = 'p', reply_method = 'PUT' }",
          "5: 'reply_method' in jasmin of [[account]] must be one of \"GET\", \"POST\", not "
          "\"PUT\""},
         {"jasmin = { username = 'u', password = 'p' }\n[[account]]\nname = 'b'\njasmin = { "
          "username = 'u', password = 'q' }",
          "8: account 'b' has the same username for jasmin as account 'a'"},
         {"outbind = { tls = true }", "5: outbind of [[account]] needs 'host'"},
         {"outbind = { host = 'h:0' }",
          "5: 'host' in outbind of [[account]] needs a port to connect to, not 0"},
         {"receivers_max = 0\ntransceivers_max = 0\noutbind = { host = 'h:1' }",
          "7: account 'a' has 'outbind' but may bind neither as receiver nor as transceiver"},
         {"certificate_names = ['x']",
          "5: account 'a' has certificate_names, but tls of [server.smpp] has no 'client_ca': it "
          "could never bind"},
         {"id_form = 'hexadecimal'",
          "5: 'id_form' in [[account]] must be one of \"dec\", \"hex\", not \"hexadecimal\""},
         {"transliteration = 'ful'",
          "5: 'transliteration' in [[account]] must be one of \"off\", \"punctuation\", \"full\", "
          "not \"ful\"; did you mean 'full'?"},
         {"receipts = { dates = 'YYMMDD' }",
          "5: 'dates' in receipts of [[account]] must be one of \"YYMMDDhhmm\", "
          "\"YYMMDDhhmmss\", \"YYYYMMDDhhmmss\", not \"YYMMDD\""},
         {"receipts = { reply_form = 'hole' }",
          "5: 'reply_form' in receipts of [[account]] must be one of \"auto\", \"whole\", "
          "\"parts\", not \"hole\"; did you mean 'whole'?"}});
    expect_faults(
        "[[account]]\nname = 'a'\napi_tokens = 't'\n",
        {{"outbind = { host = 'h:1' }",
          "4: account 'a' has 'outbind' but no system_id to bind with"},
         {"certificate_names = ['x']", "4: account 'a' has certificate_names but no system_id"}});
    expect_faults("[[account]]\nname = 'a'\n",
                  {{"sendsms = { username = 'u', password = 'p' }", ""},
                   {"jasmin = { username = 'u', password = 'p' }", ""}});
}

const std::string carrier_head = "[[carrier]]\nname = 'c'\nhosts = ['h:1']\nsystem_id = 's'\n";

TEST(peers, faults_of_carriers) {
    expect_faults(
        carrier_head,
        {{"tls = true\ntls_certificate = 'x'",
          "6: carrier 'c' needs 'tls_certificate' and 'tls_private_key', or neither"},
         {"tls = true\ntls_private_key = 'x'",
          "6: carrier 'c' needs 'tls_certificate' and 'tls_private_key', or neither"},
         {"version = '5'",
          "5: 'version' in [[carrier]] must be one of \"3.3\", \"3.4\", \"5.0\", not \"5\""},
         {"bind = 'transmiter'",
          "5: 'bind' in [[carrier]] must be one of \"transmitter_receiver\", \"transceiver\", "
          "\"transmitter\", \"receiver\", not \"transmiter\"; did you mean 'transmitter'?"},
         {"address_range = '" + std::string(41, '1') + "'",
          "5: carrier 'c' has an 'address_range' of more than 40 characters"},
         {"outbind_listen = 'smsc.example:1'",
          "5: 'outbind_listen' in [[carrier]] must be an IP address to listen on, not the name "
          "\"smsc.example\""},
         {"outbind_listen = '127.0.0.1:1'",
          "5: carrier 'c' has 'outbind_listen' but no 'outbind_system_id', the name its outbind "
          "must give"},
         {"outbind_system_id = '0123456789abcdef'\noutbind_listen = '127.0.0.1:1'",
          "5: carrier 'c' has an 'outbind_system_id' of more than 15 characters"},
         {"bind = 'transmitter'\noutbind_system_id = 's'\noutbind_listen = '127.0.0.1:1'",
          "7: carrier 'c' has 'outbind_listen' but never binds as receiver (bind = "
          "\"transmitter\")"},
         {"outbind_system_id = 's'\noutbind_listen = '127.0.0.1:1'\noutbind_tls = true",
          "7: carrier 'c' has outbind_tls = true but no 'tls_certificate' to show"},
         {"outbind_system_id = 's'\noutbind_listen = '127.0.0.1:2775'",
          "6: 'outbind_listen' of carrier 'c' takes 127.0.0.1:2775, which 'server.smpp.listen' "
          "(127.0.0.1:2775) takes too"},
         {"outbind_system_id = 's'\noutbind_listen = '0.0.0.0:9'\n[[carrier]]\nname = 'd'\nhosts = "
          "'h:1'\nsystem_id = 's'\noutbind_system_id = 's'\noutbind_listen = '127.0.0.1:9'",
          "12: 'outbind_listen' of carrier 'd' takes 127.0.0.1:9, which 'outbind_listen' of "
          "carrier 'c' (0.0.0.0:9) takes too"},
         {"version = '3.3'\ntext = { segmentation = 'sar' }",
          "6: carrier 'c' has a segmentation that needs TLVs, but its version, 3.3, has none"},
         {"version = '3.3'\ntlv_rules = [{ tag = 0x1400, action = 'add', value = 'x' }]",
          "6: carrier 'c' has a rule to add a TLV, but its version, 3.3, has none"},
         {"[[route]]\nname = 'r'\ncarrier = 'c'\n[[carrier]]\nname = 'd'\nhosts = 'h:1'\n"
          "system_id = 's'\nbind = 'receiver'\n[[route]]\nname = 'q'\ncarrier = 'd'\n",
          "15: route 'q' names the carrier 'd', which only receives (bind = \"receiver\")"}});
}

// Who only takes the carrier's calls needs no address of the carrier.
TEST(peers, hosts_are_wanted_of_who_connects) {
    const std::string calls = "outbind_listen = '127.0.0.1:1'\noutbind_system_id = 's'\n";
    const std::string head = "[[carrier]]\nname = 'c'\nsystem_id = 's'\n";
    const auto got = world{}.load(head + calls + "bind = 'receiver'\n");
    ASSERT_TRUE(got) << describe(got.error());
    EXPECT_TRUE(got->values.carriers[0].hosts.empty());
    EXPECT_TRUE(world{}.load(head + calls + "bind = 'receiver'\nhosts = []\n"));
    EXPECT_TRUE(world{}.load(head + calls + "bind = 'receiver'\nhosts = ['h:1']\n"));
    const std::string both =
        "carrier 'c' needs 'hosts' to connect to, or bind = \"receiver\" if only the carrier "
        "connects ('outbind_listen')\n";
    for (const auto* bind : {"", "bind = 'transceiver'\n", "bind = 'transmitter_receiver'\n"})
        EXPECT_EQ(world{}.faults_of(head + calls + bind), "test.toml:1: " + both) << bind;
    EXPECT_EQ(world{}.faults_of(head + calls + "hosts = []\n"), "test.toml:6: " + both);
    EXPECT_EQ(world{}.faults_of(head + "bind = 'receiver'\n"),
              "test.toml:1: [[carrier]] needs 'hosts'\n");
    EXPECT_EQ(world{}.faults_of(head + calls + "hosts = ['h:0']\n"),
              "test.toml:6: 'hosts' in [[carrier]] needs a port to connect to, not 0\n");
}

TEST(peers, many_secrets_are_one_warning) {
    std::string text =
        "[[account]]\nname = 'a'\nsystem_id = 'a'\npassword = 'p'\n"
        "api_tokens = ['01234567890123456789', '11234567890123456789']\n"
        "[[account]]\nname = 'b'\nsystem_id = 'b'\npassword_hash = '$argon2id$v=19$m=1$a$b'\n";
    const auto secret_lines = [&] {
        const auto got = world{}.load(text);
        EXPECT_TRUE(got) << describe(got.error());
        std::vector<std::string> found;
        for (const auto& each : got->warnings)
            if (each.sentence.find("in the file itself") != std::string::npos)
                found.push_back(describe({each}));
        return found;
    };
    EXPECT_THAT(secret_lines(),
                ElementsAre("test.toml:4: 2 secrets stand in the file itself: password of account "
                            "'a', api_tokens of account 'a'; 'KEY_file' or \"${NAME}\" keeps them "
                            "out\n"));
    for (const std::string name : {"c", "d", "e"})
        text += "[[carrier]]\nname = '" + name + "'\nhosts = 'h:1'\nsystem_id = 's'\n" +
                "password = 'q'\n";
    EXPECT_THAT(secret_lines(),
                ElementsAre("test.toml:4: 5 secrets stand in the file itself: password of account "
                            "'a', api_tokens of account 'a', password of carrier 'c' and 2 more; "
                            "'KEY_file' or \"${NAME}\" keeps them out\n"));
}

TEST(peers, faults_of_rules) {
    expect_faults(
        carrier_head,
        {{"tlv_rules = [{ tag = 0x1400, action = 'add' }]",
          "5: carrier 'c' has a TLV rule for 0x1400 that adds it, but no 'value'"},
         {"tlv_rules = [{ tag = 0x1400, action = 'add', value = '' }]", ""},
         {"tlv_rules = [{ tag = 0x1400, action = 'require' }]", ""},
         {"tlv_rules = [{ tag = 0x1400, action = 'drop', value = 'x' }]",
          "5: carrier 'c' has a TLV rule for 0x1400 with a 'value' that \"drop\" does not use"},
         {"tlv_rules = [{ tag = 0x1400, action = 'require', value = 'x', replace = true }]",
          "5: carrier 'c' has a TLV rule for 0x1400 with replace = true, which is only for "
          "\"add\""},
         {"tlv_rules = [{ tag = 0x1400, action = 'drop' },\n{ tag = '0x1400', action = 'pass' }]",
          "6: carrier 'c' has two TLV rules for 0x1400"},
         {"tlv_rules = [{ tag = 0x1400, action = 'add', value = '0x1' }]",
          "5: 'value' in tlv_rules of [[carrier]] must be a text, or \"0x\" and two digits for "
          "each octet"},
         {"tlv_rules = [{ tag = 0x1400, action = 'add', value = '0x1g' }]",
          "5: 'value' in tlv_rules of [[carrier]] must be a text, or \"0x\" and two digits for "
          "each octet"},
         {"tlv_rules = [{ action = 'drop' }]", "5: tlv_rules of [[carrier]] needs 'tag'"},
         {"tlv_rules = [{ tag = 'user_message_reference', action = 'drop' }]",
          "5: 'tag' in tlv_rules of [[carrier]] must be the number of a tag from 0x0001 to 0xFFFF, "
          "written as \"0x1400\""},
         {"tlv_rules = [{ tag = 0x10000, action = 'drop' }]",
          "5: 'tag' in tlv_rules of [[carrier]] must be the number of a tag from 0x0001 to 0xFFFF, "
          "written as \"0x1400\""},
         {"tlv_default = 'add'",
          "5: 'tlv_default' in [[carrier]] must be one of \"pass\", \"drop\", not \"add\""},
         {"address_rules = [{ prefix = '+49' }]",
          "5: carrier 'c' has an address rule with the prefix \"+49\"; write digits only, without "
          "\"+\""},
         {"address_rules = [{ is = 'alphanumeric', prefix = '49' }]",
          "5: carrier 'c' has an address rule for alphanumeric addresses with a prefix of digits"},
         {"address_rules = [{ is = 'shortcode' }]",
          "5: 'is' in address_rules of [[carrier]] must be one of \"any\", \"international\", "
          "\"national\", \"alphanumeric\", \"short_code\", not \"shortcode\"; did you mean "
          "'short_code'?"},
         {"address_rules = [{ ton = 256 }]",
          "5: 'ton' in address_rules of [[carrier]] must be from 0 to 255, not 256"}});
}

TEST(peers, an_unknown_charset_is_named_with_those_that_there_are) {
    const std::string said =
        world{}.faults_of(std::string(carrier_head) +
                          "text = { fixed_coding = { data_coding = 3, charset = 'IS0-8859-15' } }");
    EXPECT_THAT(said,
                HasSubstr("5: 'charset' in fixed_coding of text of [[carrier]] must be one of "
                          "\"ISO-8859-1\", "));
    EXPECT_THAT(said, HasSubstr("not \"IS0-8859-15\"; did you mean 'ISO-8859-15'?\n"));
}

TEST(peers, faults_of_texts) {
    expect_faults(
        carrier_head,
        {{"text = { profile = 'docmo' }",
          "5: 'profile' in text of [[carrier]] must be one of \"docomo\", \"au\", \"softbank\", "
          "\"rakuten\", not \"docmo\"; did you mean 'docomo'?"},
         {"text = { alphabet = 'gsm' }",
          "5: 'alphabet' in text of [[carrier]] must be one of \"gsm7\", \"latin1\", \"ascii\", "
          "not \"gsm\"; did you mean 'gsm7'?"},
         {"text = { languages = ['turkish',\n'hindy'] }",
          "6: 'languages' in text of [[carrier]] must be one of \"turkish\", \"spanish\", "
          "\"portuguese\", \"bengali\", \"gujarati\", \"hindi\", \"kannada\", \"malayalam\", "
          "\"oriya\", \"punjabi\", \"tamil\", \"telugu\", \"urdu\", not \"hindy\"; did you mean "
          "'hindi'?"},
         {"text = { segmentation = 'udh' }",
          "5: 'segmentation' in text of [[carrier]] must be one of \"udh8\", \"udh16\", \"sar\", "
          "\"payload\", \"none\", not \"udh\"; did you mean 'udh8'?"},
         {"text = { alphabet = 'latin1', packed = true }",
          "5: carrier 'c' has packed = true, which is only for alphabet = \"gsm7\""},
         {"text = { fixed_coding = { charset = 'ISO-8859-15' } }",
          "5: fixed_coding of text of [[carrier]] needs 'data_coding'"},
         {"text = { packed = true, fixed_coding = { data_coding = 3, charset = 'ISO-8859-15' } }",
          "5: carrier 'c' has 'packed' beside 'fixed_coding', which is its only alphabet"},
         {"text = { ucs2_single = 128 }",
          "5: 'ucs2_single' in text of [[carrier]] must be from 0 to 127, not 128"},
         {"text = { single = 255 }",
          "5: 'single' in text of [[carrier]] must be from 0 to 254, not 255"},
         {"text = { ucs2_single = 60, units_max = 50 }",
          "5: carrier 'c' has a 'units_max' (50) below 'ucs2_single' (60)"},
         {"text = { ucs2_single = 60, ucs2_part = 61 }",
          "5: carrier 'c' has a 'ucs2_part' (61) above 'ucs2_single' (60)"},
         {"text = { part = 161 }", "5: carrier 'c' has a 'part' (161) above 'single' (160)"},
         {"text = { single = 200, part = 201 }",
          "5: carrier 'c' has a 'part' (201) above 'single' (200)"},
         {"text = { octets_part = 141 }",
          "5: carrier 'c' has a 'octets_part' (141) above 'octets_single' (140)"},
         {"text = { ucs2_data_coding = 24 }",
          "5: carrier 'c' has a 'ucs2_data_coding' of 24; it is 8, or 25 to 27"},
         {"text = { ucs2_data_coding = 28 }",
          "5: 'ucs2_data_coding' in text of [[carrier]] must be from 8 to 27, not 28"}});
}

TEST(peers, warnings) {
    const std::string route = "\n[[route]]\nname='r'\ncarrier='c'\n";
    const std::string app = "[[account]]\nname='a'\nsystem_id='a'\npassword='${P}'\n";
    const struct {
        std::string text, expected;
    } rows[] = {
        {app + "sendsms={username='u',password='${P}'}",
         "test.toml:5: account 'a' has 'sendsms', but it is switched off: write sendsms = true in "
         "[server.http]\n"},
        {app + "jasmin={username='u',password='${P}'}",
         "test.toml:5: account 'a' has 'jasmin', but it is switched off: write jasmin = true in "
         "[server.http]\n"},
        {"[server.http]\njasmin=true\n",
         "test.toml:2: 'jasmin' in [server.http] is true, but no [[account]] has 'jasmin'"},
        {"[server.http]\nsendsms=true\n",
         "test.toml:2: 'sendsms' in [server.http] is true, but no [[account]] has 'sendsms'"},
        {app + "sendsms={username='u',password='p'}",
         "test.toml:5: a secret stands in the file itself: sendsms.password of account 'a'; "
         "'KEY_file' or \"${NAME}\" keeps it out\n"},
        {app + "outbind={host='h:1',password='p'}",
         "in the file itself: outbind.password of account 'a';"},
        {app + "sendsms={username='u',password='${P}',reply_url='http://x.example'}",
         "account 'a' has a 'reply_url' of sendsms without TLS\n"},
        {carrier_head + "version='3.3'" + route,
         "test.toml:5: carrier 'c' binds as transceiver, which 3.3 does not know"},
        {carrier_head + "tls_server_name='x'" + route,
         "test.toml:5: carrier 'c' has settings for TLS but not tls = true\n"},
        {carrier_head + "tls_certificate='x'\ntls_private_key='y'" + route,
         "test.toml:5: carrier 'c' has settings for TLS but not tls = true\n"},
        {carrier_head + "outbind_tls=true" + route,
         "test.toml:5: carrier 'c' has 'outbind_tls' but no 'outbind_listen'\n"},
        {carrier_head +
             "outbind_listen='127.0.0.1:1'\noutbind_system_id='s'\noutbind_password='p'" + route,
         "test.toml:7: a secret stands in the file itself: outbind_password of carrier 'c';"},
        {carrier_head + "window_delay_target='1m'" + route,
         "test.toml:5: carrier 'c' has a 'window_delay_target' (1m) that is not shorter than "
         "'response_timeout' (1m)"},
        {carrier_head + "window_adaptive=false\nwindow_delay_target='1s'" + route,
         "test.toml:6: carrier 'c' has a 'window_delay_target' that nothing uses"},
        {carrier_head + "address_rules=[{ton=1},\n{of='source'},\n{prefix='49'}]" + route,
         "test.toml:7: carrier 'c' has an address rule behind one that takes every such address"}};
    world w;
    w.variables = {{"P", "hidden"}};
    for (const auto& each : rows)
        EXPECT_THAT(w.warnings_of(each.text), HasSubstr(each.expected)) << each.text;
}

TEST(peers, a_carrier_that_only_receives_needs_no_route) {
    const std::string text =
        carrier_head + "bind = 'receiver'\n" + carrier_head + "[[route]]\nname='r'\ncarrier='d'\n";
    std::string two = text;
    two.replace(two.rfind("name = 'c'"), 10, "name = 'd'");
    EXPECT_EQ(world{}.warnings_of(two), "test.toml: there is no [[account]]: nobody can submit\n");
}

}  // namespace
}  // namespace hikyaku::config
