// Settings for peers of every kind: versions, TLS, lockout, outbind, sendsms, the carriers' rules
// for addresses, TLVs and texts. Good files, the print of each, and the defaults.
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
jasmin = true
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
[account.jasmin]
username = "jasmin"
password_file = "jasmin"
reply_url = "http://127.0.0.1:8/mo?key=1"
reply_method = "POST"
allow_private = true
timeout = "4s"
give_up_after = "3h"
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
               {"jasmin", "hidden-5\n"},
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
    ASSERT_TRUE(a.jasmin);
    EXPECT_EQ(a.jasmin->username, "jasmin");
    EXPECT_TRUE(a.jasmin->reply_url.starts_with("http://127.0.0.1:8/mo?")) << a.jasmin->reply_url;
    EXPECT_EQ(a.jasmin->reply_method, http_method::post);
    EXPECT_TRUE(a.jasmin->allow_private);
    EXPECT_EQ(a.jasmin->timeout, seconds{4});
    EXPECT_EQ(a.jasmin->give_up_after, std::chrono::hours{3});
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
        {"[server.http]", {{"sendsms", "false"}, {"jasmin", "false"}}},
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
          {"jasmin", ""},
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
        {"jasmin of [[account]]",
         {{"username", "\"\""},
          {"password", "\"\""},
          {"reply_url", "\"\""},
          {"reply_method", "\"GET\""},
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
