// Settings for peers of every kind: versions, TLS, lockout, outbind, sendsms, the carriers' rules
// for addresses, TLVs and texts. Good files, bad files, warnings and the print of each.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/load.hpp"
#include "config/reference.hpp"
#include "config/table.hpp"
#include "tests/unit/config/support.hpp"

namespace hikyaku::config {
namespace {

using test::world;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view servers_text = R"(
[server.smpp]
tls_listen = "127.0.0.1:2776"
version_max = "3.3"
proxy_protocol = ["10.0.0.0/8"]
lockout = { failures_max = 0, within = "2m", lasts = "1h", addresses_max = 5, exempt = "::1" }
too_many_binds_as_bound = true
congestion_state = false
[server.smpp.tls]
certificate = "c.pem"
private_key = "k.pem"
hosts = [{ certificate = "c1.pem", private_key = "k1.pem" },
         { certificate = "c2.pem", private_key = "k2.pem" }]
client_ca = "ca.pem"
client_required = true
[server.http]
sendsms = true
[replies]
timeout = "10m"
sets_max = 7
)";

void expect_servers(const settings& s) {
    EXPECT_EQ(s.smpp.version_max, 0x33);
    ASSERT_EQ(s.smpp.proxy_protocol.size(), 1U);
    EXPECT_EQ(s.smpp.proxy_protocol[0].prefix_bits, 8);
    EXPECT_EQ(s.smpp.lockout.failures_max, 0U);
    EXPECT_EQ(s.smpp.lockout.within, seconds{120});
    EXPECT_EQ(s.smpp.lockout.lasts, seconds{3600});
    EXPECT_EQ(s.smpp.lockout.addresses_max, 5U);
    ASSERT_EQ(s.smpp.lockout.exempt.size(), 1U);
    EXPECT_TRUE(s.smpp.lockout.exempt[0].v6);
    EXPECT_TRUE(s.smpp.too_many_binds_as_bound);
    EXPECT_FALSE(s.smpp.congestion_state);
    ASSERT_TRUE(s.smpp.tls);
    ASSERT_EQ(s.smpp.tls->hosts.size(), 2U);
    EXPECT_EQ(s.smpp.tls->hosts[1].certificate, "c2.pem");
    EXPECT_EQ(s.smpp.tls->hosts[1].private_key, "k2.pem");
    EXPECT_EQ(s.smpp.tls->client_ca, "ca.pem");
    EXPECT_TRUE(s.smpp.tls->client_required);
    EXPECT_TRUE(s.http.sendsms);
    EXPECT_EQ(s.replies.timeout, seconds{600});
    EXPECT_EQ(s.replies.sets_max, 7U);
}

constexpr std::string_view account_text = R"(
[server.smpp]
tls_listen = "127.0.0.1:2776"
tls = { certificate = "c.pem", private_key = "k.pem", client_ca = "ca.pem" }
[server.http]
sendsms = true
[[account]]
name = "a"
system_id = "a"
password_file = "password"
certificate_names = ["a.example", "b.example"]
id_form = "hex"
at_most_once = true
strict_pdus = true
transliteration = "punctuation"
home_country = "81"
trunk_prefix = "0"
international_prefix = "00"
[account.receipts]
pdu = "data_sm"
dates = "YYYYMMDDhhmmss"
parts = "each"
reply_form = "whole"
[account.sendsms]
username = "kannel"
password_file = "sendsms"
reply_url = "http://127.0.0.1:8/reply?from=%p&text=%b"
allow_private = true
timeout = "3s"
give_up_after = "2h"
[account.outbind]
host = "esme.example:2775"
tls = true
password_file = "outbind"
interval = "10s"
)";

world with_files() {
    world w;
    w.files = {{"password", "hidden-1"},
               {"sendsms", "hidden-2\n"},
               {"outbind", "hidden-3\n"},
               {"carrier", "hidden-4\n"}};
    return w;
}

void expect_account(const account& a) {
    EXPECT_THAT(a.certificate_names, ElementsAre("a.example", "b.example"));
    EXPECT_EQ(a.id_form, id_form::hexadecimal);
    EXPECT_TRUE(a.at_most_once);
    EXPECT_TRUE(a.strict_pdus);
    EXPECT_EQ(a.transliteration, transliteration::punctuation);
    EXPECT_EQ(a.home_country, "81");
    EXPECT_EQ(a.trunk_prefix, "0");
    EXPECT_EQ(a.international_prefix, "00");
    EXPECT_EQ(a.delivery.pdu, receipt_pdu::data_sm);
    EXPECT_EQ(a.delivery.dates, receipt_dates::fourteen_digits);
    EXPECT_EQ(a.delivery.parts, receipt_parts::each);
    EXPECT_EQ(a.delivery.reply_form, reply_form::whole);
    ASSERT_TRUE(a.sendsms);
    EXPECT_EQ(a.sendsms->username, "kannel");
    // The effective print shows no query.
    EXPECT_TRUE(a.sendsms->reply_url == "http://127.0.0.1:8/reply?from=%p&text=%b" ||
                a.sendsms->reply_url == "http://127.0.0.1:8/reply?********")
        << a.sendsms->reply_url;
    EXPECT_TRUE(a.sendsms->allow_private);
    EXPECT_EQ(a.sendsms->timeout, seconds{3});
    EXPECT_EQ(a.sendsms->give_up_after, std::chrono::hours{2});
    ASSERT_TRUE(a.outbind);
    EXPECT_EQ(a.outbind->host, (address{"esme.example", 2775}));
    EXPECT_TRUE(a.outbind->tls);
    EXPECT_EQ(a.outbind->interval, seconds{10});
}

constexpr std::string_view carrier_text_of_file = R"(
[[carrier]]
name = "c"
hosts = ["h:1"]
system_id = "s"
tls = true
tls_server_name = "smsc.example"
tls_certificate = "c.pem"
tls_private_key = "k.pem"
version = "5.0"
address_range = "^49"
window_adaptive = false
bind = "receiver"
outbind_listen = "[::1]:2775"
outbind_tls = true
outbind_system_id = "smsc"
outbind_password_file = "carrier"
tlv_default = "drop"
address_rules = [
  { of = "source", is = "alphanumeric", ton = 5, npi = 0 },
  { prefix = "4915", is = "international", strip = "49", prepend = "0" },
  { is = "short_code", ton = 3 },
]
tlv_rules = [
  { tag = 0x1400, action = "add", value = "1234567890", replace = true },
  { tag = "0x3fff", action = "require", value = "0x00FFab" },
  { tag = "0x1402", action = "require" },
  { tag = "0x0204", action = "drop" },
  { tag = "0x0005", action = "pass" },
]
[carrier.text]
profile = "docomo"
packed = true
latin1 = true
ascii = true
ucs2_data_coding = 25
class_in_f0 = true
languages = ["turkish", "urdu"]
segmentation = "payload"
parts_max = 4
single = 254
part = 200
octets_single = 120
octets_part = 100
ucs2_single = 70
ucs2_part = 60
units_max = 500
[[carrier]]
name = "d"
hosts = ["h:1"]
system_id = "s"
bind = "transmitter"
window_delay_target = "200ms"
[[route]]
name = "r"
carrier = "d"
)";

void expect_carrier(const carrier& c) {
    EXPECT_EQ(c.tls_server_name, "smsc.example");
    EXPECT_EQ(c.tls_certificate, "c.pem");
    EXPECT_EQ(c.tls_private_key, "k.pem");
    EXPECT_EQ(c.version, 0x50);
    EXPECT_EQ(c.address_range, "^49");
    EXPECT_FALSE(c.window_adaptive);
    EXPECT_EQ(c.bind, bind_type::receiver);
    EXPECT_EQ(c.outbind_listen, (address{"::1", 2775}));
    EXPECT_TRUE(c.outbind_tls);
    EXPECT_EQ(c.outbind_system_id, "smsc");
    EXPECT_EQ(c.tlv_default, tlv_action::drop);
    ASSERT_EQ(c.address_rules.size(), 3U);
    const address_rule& sender = c.address_rules[0];
    EXPECT_EQ(sender.of, address_rule::side::source);
    EXPECT_EQ(sender.is, address_rule::shape::alphanumeric);
    EXPECT_EQ(sender.ton, 5);
    EXPECT_EQ(sender.npi, 0);
    const address_rule& germany = c.address_rules[1];
    EXPECT_EQ(germany.of, address_rule::side::destination);
    EXPECT_EQ(germany.is, address_rule::shape::international);
    EXPECT_FALSE(germany.ton);
    EXPECT_EQ(germany.prefix + "/" + germany.strip + "/" + germany.prepend, "4915/49/0");
    EXPECT_EQ(c.address_rules[2].is, address_rule::shape::short_code);
    EXPECT_FALSE(c.address_rules[2].npi);
}

void expect_tlvs_and_text(const carrier& c) {
    ASSERT_EQ(c.tlv_rules.size(), 5U);
    EXPECT_EQ(c.tlv_rules[0].tag, 0x1400);
    EXPECT_EQ(c.tlv_rules[0].action, tlv_action::add);
    EXPECT_EQ(c.tlv_rules[0].value, "1234567890");
    EXPECT_TRUE(c.tlv_rules[0].replace);
    EXPECT_EQ(c.tlv_rules[1].tag, 0x3FFF);
    EXPECT_EQ(c.tlv_rules[1].action, tlv_action::require);
    EXPECT_EQ(c.tlv_rules[1].value, std::string("\0\xFF\xAB", 3));
    EXPECT_EQ(c.tlv_rules[2].value, "");
    EXPECT_EQ(c.tlv_rules[3].action, tlv_action::drop);
    EXPECT_EQ(c.tlv_rules[4].action, tlv_action::pass);
    EXPECT_EQ(c.text.profile, "docomo");
    EXPECT_EQ(c.text.alphabet, default_alphabet::gsm7);
    EXPECT_TRUE(c.text.packed);
    EXPECT_TRUE(c.text.latin1);
    EXPECT_TRUE(c.text.ascii);
    EXPECT_EQ(c.text.ucs2_data_coding, 25U);
    EXPECT_TRUE(c.text.class_in_f0);
    EXPECT_EQ(c.text.single, 254U);
    EXPECT_EQ(c.text.part, 200U);
    EXPECT_EQ(c.text.octets_single, 120U);
    EXPECT_EQ(c.text.octets_part, 100U);
    EXPECT_THAT(c.text.languages, ElementsAre("turkish", "urdu"));
    EXPECT_EQ(c.text.segmentation, segmentation::payload);
    EXPECT_EQ(c.text.parts_max, 4U);
    EXPECT_EQ(c.text.ucs2_single, 70U);
    EXPECT_EQ(c.text.ucs2_part, 60U);
    EXPECT_EQ(c.text.units_max, 500U);
}

/// What was read, and what is read from the effective print of it, which shows no secret.
void expect_twice(std::string_view text, void (*expect)(const settings&)) {
    const world w = with_files();
    const auto first = w.load(text);
    ASSERT_TRUE(first) << describe(first.error());
    expect(first->values);
    const std::string shown = effective_text(first->values);
    EXPECT_THAT(shown, Not(HasSubstr("hidden")));
    const auto second = w.load(shown);
    ASSERT_TRUE(second) << describe(second.error()) << shown;
    expect(second->values);
    EXPECT_EQ(effective_text(second->values), shown);
}

TEST(peers, servers) {
    expect_twice(
        servers_text, [](const settings& s) { expect_servers(s); });
}

TEST(peers, account) {
    expect_twice(
        account_text, [](const settings& s) { expect_account(s.accounts.at(0)); });
}

TEST(peers, carrier) {
    expect_twice(
        carrier_text_of_file,
        [](const settings& s) {
            expect_carrier(s.carriers.at(0));
            expect_tlvs_and_text(s.carriers.at(0));
            EXPECT_EQ(s.carriers.at(1).bind, bind_type::transmitter);
            EXPECT_EQ(s.carriers.at(1).window_delay_target, milliseconds{200});
            EXPECT_TRUE(s.carriers.at(1).text.profile.empty());
            EXPECT_FALSE(s.carriers.at(1).text.segmentation);
        });
}

TEST(peers, secrets_come_from_files) {
    const world w = with_files();
    const auto accounts = w.load(account_text);
    ASSERT_TRUE(accounts) << describe(accounts.error());
    EXPECT_EQ(accounts->values.accounts[0].sendsms->password, "hidden-2");
    EXPECT_EQ(accounts->values.accounts[0].outbind->password, "hidden-3");
    const auto carriers = w.load(carrier_text_of_file);
    ASSERT_TRUE(carriers) << describe(carriers.error());
    EXPECT_EQ(carriers->values.carriers[0].outbind_password, "hidden-4");
    EXPECT_THAT(describe(carriers->warnings), Not(HasSubstr("in the file itself")));
}

/// Every word of a choice, in the order of its enum.
TEST(peers, words_and_their_values) {
    const auto carrier_with = [](const std::string& line) {
        const auto got = world{}.load("[[carrier]]\nname='c'\nhosts='h:1'\nsystem_id='s'\n" + line);
        EXPECT_TRUE(got) << line << describe(got.error());
        return got ? got->values.carriers.at(0) : carrier{};
    };
    const auto account_with = [](const std::string& line) {
        const auto got = world{}.load("[[account]]\nname='a'\napi_tokens='t'\n" + line);
        EXPECT_TRUE(got) << line << describe(got.error());
        return got ? got->values.accounts.at(0) : account{};
    };
    EXPECT_EQ(carrier_with("version='3.3'").version, 0x33);
    EXPECT_EQ(carrier_with("version='3.4'").version, 0x34);
    EXPECT_EQ(carrier_with("tlv_default='pass'").tlv_default, tlv_action::pass);
    EXPECT_EQ(carrier_with("text={alphabet='latin1'}").text.alphabet, default_alphabet::latin1);
    EXPECT_EQ(carrier_with("text={alphabet='ascii'}").text.alphabet, default_alphabet::ascii);
    EXPECT_EQ(carrier_with("text={segmentation='udh8'}").text.segmentation, segmentation::udh8);
    EXPECT_EQ(carrier_with("text={segmentation='udh16'}").text.segmentation, segmentation::udh16);
    EXPECT_EQ(carrier_with("text={segmentation='sar'}").text.segmentation, segmentation::sar);
    EXPECT_EQ(carrier_with("text={segmentation='none'}").text.segmentation, segmentation::none);
    EXPECT_EQ(carrier_with("address_rules=[{is='national'}]").address_rules.at(0).is,
              address_rule::shape::national);
    EXPECT_EQ(account_with("transliteration='full'").transliteration, transliteration::full);
    EXPECT_EQ(account_with("receipts={dates='YYMMDDhhmmss'}").delivery.dates,
              receipt_dates::twelve_digits);
    EXPECT_EQ(account_with("receipts={reply_form='parts'}").delivery.reply_form, reply_form::parts);
    for (const std::string name : {"docomo", "au", "softbank", "rakuten"})
        EXPECT_EQ(carrier_with("text={profile='" + name + "'}").text.profile, name);
    const auto all = carrier_with(
        "text={languages=['turkish','spanish','portuguese','bengali','gujarati','hindi','kannada',"
        "'malayalam','oriya','punjabi','tamil','telugu','urdu']}");
    EXPECT_EQ(all.text.languages.size(), 13U);
}

TEST(peers, octets_print_as_they_are_read) {
    const struct {
        std::string_view written, shown;
    } rows[] = {{"'plain text'", "\"plain text\""}, {"'0x'", "\"\""},
                {"'0x3078'", "\"0x3078\""},         {"\"a\\u0000\"", "\"0x6100\""},
                {"'\u00e9'", "\"0xC3A9\""},         {"'0xdeadBEEF'", "\"0xDEADBEEF\""}};
    for (const auto& row : rows) {
        const auto got = world{}.load(
            "[[carrier]]\nname='c'\nhosts='h:1'\nsystem_id='s'\ntlv_rules=[{tag='0x1400',"
            "action='add',value=" +
            std::string{row.written} + "}]\n");
        ASSERT_TRUE(got) << row.written << describe(got.error());
        EXPECT_THAT(effective_text(got->values), HasSubstr("value = " + std::string{row.shown}));
    }
}

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
                  {{"sendsms = { username = 'u', password = 'p' }", ""}});
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

/// Every setting that was added for other peers, by hand: a line that is lost is noticed.
TEST(peers, defaults) {
    const struct {
        std::string_view heading;
        std::vector<std::pair<std::string_view, std::string_view>> keys;  // and their defaults
    } rows[] = {
        {"[server.smpp]",
         {{"version_max", "\"5.0\""},
          {"proxy_protocol", "[]"},
          {"lockout", ""},
          {"too_many_binds_as_bound", "false"},
          {"congestion_state", "true"}}},
        {"lockout of [server.smpp]",
         {{"failures_max", "10"},
          {"within", "\"1m\""},
          {"lasts", "\"5m\""},
          {"addresses_max", "10000"},
          {"exempt", "[]"}}},
        {"tls of [server.smpp]",
         {{"hosts", ""}, {"client_ca", "\"\""}, {"client_required", "false"}}},
        {"tls of [server.http]",
         {{"hosts", ""}, {"client_ca", "\"\""}, {"client_required", "false"}}},
        {"[server.http]", {{"sendsms", "false"}}},
        {"[replies]", {{"timeout", "\"30m\""}, {"sets_max", "100000"}}},
        {"[[account]]",
         {{"certificate_names", "[]"},
          {"home_country", "\"\""},
          {"trunk_prefix", "\"\""},
          {"international_prefix", "\"\""},
          {"id_form", "\"dec\""},
          {"at_most_once", "false"},
          {"strict_pdus", "false"},
          {"transliteration", "\"off\""},
          {"sendsms", ""},
          {"outbind", ""}}},
        {"receipts of [[account]]",
         {{"pdu", "\"deliver_sm\""},
          {"dates", "\"YYMMDDhhmm\""},
          {"parts", "\"one\""},
          {"reply_form", "\"auto\""}}},
        {"sendsms of [[account]]",
         {{"username", "\"\""},
          {"password", "\"\""},
          {"reply_url", "\"\""},
          {"allow_private", "false"},
          {"timeout", "\"15s\""},
          {"give_up_after", "\"1d\""}}},
        {"outbind of [[account]]",
         {{"host", "\":0\""}, {"tls", "false"}, {"password", "\"\""}, {"interval", "\"1m\""}}},
        {"[[carrier]]",
         {{"tls_server_name", "\"\""},
          {"tls_certificate", "\"\""},
          {"tls_private_key", "\"\""},
          {"version", "\"3.4\""},
          {"address_range", "\"\""},
          {"outbind_listen", "\"off\""},
          {"outbind_tls", "false"},
          {"outbind_system_id", "\"\""},
          {"outbind_password", "\"\""},
          {"window_adaptive", "true"},
          {"window_delay_target", "\"5s\""},
          {"address_rules", ""},
          {"tlv_rules", ""},
          {"tlv_default", "\"pass\""},
          {"text", ""}}},
        {"address_rules of [[carrier]]",
         {{"of", "\"destination\""},
          {"is", "\"any\""},
          {"prefix", "\"\""},
          {"ton", ""},
          {"npi", ""},
          {"strip", "\"\""},
          {"prepend", "\"\""}}},
        {"tlv_rules of [[carrier]]",
         {{"tag", "\"0x0000\""}, {"action", "\"pass\""}, {"value", "\"\""}, {"replace", "false"}}},
        {"text of [[carrier]]",
         {{"profile", ""},
          {"alphabet", "\"gsm7\""},
          {"packed", "false"},
          {"latin1", "false"},
          {"ascii", "false"},
          {"ucs2_data_coding", "8"},
          {"class_in_f0", "false"},
          {"languages", "[]"},
          {"segmentation", ""},
          {"parts_max", "0"},
          {"single", "0"},
          {"part", "0"},
          {"octets_single", "0"},
          {"octets_part", "0"},
          {"ucs2_single", "0"},
          {"ucs2_part", "0"},
          {"units_max", "0"}}}};
    for (const auto& each : rows)
        for (const auto& [key, default_text] : each.keys) {
            SCOPED_TRACE(std::string{each.heading} + " " + std::string{key});
            const setting* found = nullptr;
            for (const section* s : all_sections())
                for (const setting& line : s->settings)
                    if (s->heading == each.heading && line.key == key) {
                        found = &line;
                        if (line.form != kind::table)
                            EXPECT_EQ(line.print(line, s->defaults), default_text);
                    }
            ASSERT_TRUE(found);
            EXPECT_EQ(found->default_text, default_text);
        }
}

}  // namespace
}  // namespace hikyaku::config
