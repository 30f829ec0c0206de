// Good files: every setting arrives in its member, secrets and the environment, the two samples.
#include "config/load.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/config/support.hpp"

namespace hikyaku::config {
namespace {

using test::world;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(load, empty_text_gives_the_defaults) {
    const auto got = world{}.load("");
    ASSERT_TRUE(got);
    EXPECT_THAT(got->values.smpp.listen, ElementsAre(address{"127.0.0.1", 2775}));
    EXPECT_EQ(got->values.store.path, "data");
    EXPECT_FALSE(got->values.links.listen);
    EXPECT_EQ(describe(got->warnings),
              "test.toml: there is no [[account]]: nobody can submit\n"
              "test.toml: there is no [[carrier]]: nothing can be sent\n"
              "test.toml: there is no [[route]]: every message is refused\n");
}

TEST(load, server_sections) {
    const auto got = world{}.load(R"(
[server.smpp]
listen = []
tls_listen = "[::1]:3550"
tls = { certificate = "c.pem", private_key = "k.pem" }
system_id = "courier"
inactivity_timeout = "1h"
pdu_bytes_max = "64KiB"
[server.http]
listen = ["0.0.0.0:0", "[::]:0"]
connections_max = 10
[server.admin]
listen = "off"
[server.links]
listen = "127.0.0.1:9000"
base_url = "https://pay.example/x/"
code_length = 32
expires_after = "48h"
misses_per_network = "unlimited"
trusted_proxies = ["10.0.0.0/8"]
[store]
path = "/var/x"
map_bytes_initial = "32MiB"
sync = false
node = 1023
[log]
level = "debug"
format = "json"
)");
    ASSERT_TRUE(got) << describe(got.error());
    const settings& s = got->values;
    EXPECT_TRUE(s.smpp.listen.empty());
    EXPECT_THAT(s.smpp.tls_listen, ElementsAre(address{"::1", 3550}));
    ASSERT_TRUE(s.smpp.tls);
    EXPECT_EQ(s.smpp.tls->private_key, "k.pem");
    EXPECT_EQ(s.smpp.system_id, "courier");
    EXPECT_EQ(s.smpp.inactivity_timeout, std::chrono::hours{1});
    EXPECT_EQ(s.smpp.pdu_bytes_max, 65536U);
    EXPECT_THAT(s.http.listen, ElementsAre(address{"0.0.0.0", 0}, address{"::", 0}));
    EXPECT_EQ(s.http.connections_max, 10U);
    EXPECT_FALSE(s.admin.listen);
    EXPECT_EQ(s.links.listen, (address{"127.0.0.1", 9000}));
    EXPECT_EQ(s.links.base_url, "https://pay.example/x");
    EXPECT_EQ(s.links.code_length, 32U);
    EXPECT_EQ(s.links.expires_after, std::chrono::hours{48});
    EXPECT_FALSE(s.links.misses_per_network);
    ASSERT_EQ(s.links.trusted_proxies.size(), 1U);
    EXPECT_EQ(s.links.trusted_proxies[0].prefix_bits, 8);
    EXPECT_EQ(s.store.path, "/var/x");
    EXPECT_EQ(s.store.map_bytes_initial, 32U << 20);
    EXPECT_FALSE(s.store.sync);
    EXPECT_EQ(s.store.node, 1023U);
    EXPECT_EQ(s.log.level, "debug");
    EXPECT_EQ(s.log.format, "json");
}

constexpr std::string_view full_account = R"(
[[account]]
name = "a"
system_id = "a1"
password = "p"
api_tokens = ["t1", "t2"]
networks = ["10.0.0.0/8", "::1"]
transmitters_max = 0
window = 7
rate = { per_second = "30/min", burst = 40, on_excess = "pace" }
priority_max = 1
senders = ["Shop", "49*"]
parts_max = 255
validity_default = "36h"
receipts = { receipts = "none", replies = "webhook", tlvs = false }
links = { track = true, base_url = "http://l.example" }
[account.webhook]
url = "http://127.0.0.1:9/x"
secret = "whsec_c2VjcmV0"
secret_previous = "old"
events = ["hit"]
allow_private = true
give_up_after = "2d"
)";

TEST(load, account) {
    std::string text{full_account};
    text.replace(text.find("burst = 40"), 10, "burst = 255");
    const auto got = world{}.load(text);
    ASSERT_TRUE(got) << describe(got.error());
    ASSERT_EQ(got->values.accounts.size(), 1U);
    const account& a = got->values.accounts[0];
    EXPECT_EQ(a.name, "a");
    EXPECT_EQ(a.system_id, "a1");
    EXPECT_EQ(a.password, "p");
    EXPECT_THAT(a.api_tokens, ElementsAre("t1", "t2"));
    ASSERT_EQ(a.networks.size(), 2U);
    EXPECT_TRUE(a.networks[1].v6);
    EXPECT_EQ(a.transmitters_max, 0U);
    EXPECT_EQ(a.window, 7U);
    EXPECT_EQ(a.rate.per_second, (rate{30, milliseconds{60000}}));
    EXPECT_EQ(a.rate.burst, 255U);
    EXPECT_EQ(a.rate.excess, on_excess::pace);
    EXPECT_EQ(a.priority_max, 1U);
    EXPECT_THAT(a.senders, ElementsAre("Shop", "49*"));
    EXPECT_EQ(a.validity_default, std::chrono::hours{36});
    EXPECT_EQ(a.delivery.receipts, deliver_by::none);
    EXPECT_EQ(a.delivery.replies, deliver_by::webhook);
    EXPECT_FALSE(a.delivery.tlvs);
    EXPECT_TRUE(a.links.track);
    EXPECT_EQ(a.links.base_url, "http://l.example");
    ASSERT_TRUE(a.webhook);
    EXPECT_EQ(a.webhook->url, "http://127.0.0.1:9/x");
    EXPECT_EQ(a.webhook->secret, "whsec_c2VjcmV0");
    EXPECT_EQ(a.webhook->secret_previous, "old");
    EXPECT_THAT(a.webhook->events, ElementsAre("hit"));
    EXPECT_TRUE(a.webhook->allow_private);
    EXPECT_EQ(a.webhook->give_up_after, std::chrono::hours{48});
}

TEST(load, carrier_and_routes) {
    const auto got = world{}.load(R"(
[[carrier]]
name = "c"
hosts = ["one.example:1", "[::1]:2"]
system_id = "me"
bind = "transmitter_receiver"
contract_rate = "1800/min"
response_id = "hex"
receipt_id = "dec"
on_unknown = "await_receipt"
source_ton = 5
throttle_pause = "500ms"
retry = [
  { status = "0x00000045", action = "next_carrier" },
  { status = 0x0B, action = "fail" },
]
[[carrier]]
name = "d"
hosts = "two.example:3"
system_id = "me"
[[carrier.retry]]
status = "ESME_RTHROTTLED"
action = "retry"
delay = "2s"
delay_max = "1m"
attempts_max = 3
[[route]]
name = "short"
carrier = "d"
order = 5
[[route]]
name = "long"
prefixes = ["49", "4915"]
tags = ["urgent"]
targets = [{ carrier = "c", weight = 3 }, { carrier = "d", priority = 2 }]
)");
    ASSERT_TRUE(got) << describe(got.error());
    const carrier& c = got->values.carriers.at(0);
    EXPECT_THAT(c.hosts, ElementsAre(address{"one.example", 1}, address{"::1", 2}));
    EXPECT_EQ(c.bind, bind_type::transmitter_receiver);
    EXPECT_EQ(c.contract_rate, (rate{1800, milliseconds{60000}}));
    EXPECT_EQ(c.response_id, message_id_form::hexadecimal);
    EXPECT_EQ(c.receipt_id, message_id_form::decimal);
    EXPECT_EQ(c.on_unknown, unknown_outcome::await_receipt);
    EXPECT_EQ(c.source_ton, 5);
    EXPECT_FALSE(c.source_npi);
    EXPECT_EQ(c.throttle_pause, milliseconds{500});
    ASSERT_EQ(c.retries.size(), 2U);
    EXPECT_EQ(c.retries.at(0x45).then, retry_rule::action::next_carrier);
    EXPECT_EQ(c.retries.at(0x0B).then, retry_rule::action::fail);
    const carrier& d = got->values.carriers.at(1);
    EXPECT_EQ(d.hosts.size(), 1U);
    ASSERT_EQ(d.retries.size(), 1U);
    EXPECT_EQ(d.retries.at(0x58).then, retry_rule::action::retry);
    EXPECT_EQ(d.retries.at(0x58).delay, seconds{2});
    EXPECT_EQ(d.retries.at(0x58).delay_max, seconds{60});
    EXPECT_EQ(d.retries.at(0x58).attempts_max, 3U);
    const route& brief = got->values.routes.at(0);
    ASSERT_EQ(brief.targets.size(), 1U);
    EXPECT_EQ(brief.targets[0].carrier, "d");
    EXPECT_EQ(brief.targets[0].weight, 1U);
    EXPECT_EQ(brief.order, 5U);
    const route& wide = got->values.routes.at(1);
    EXPECT_THAT(wide.prefixes, ElementsAre("49", "4915"));
    ASSERT_EQ(wide.targets.size(), 2U);
    EXPECT_EQ(wide.targets[0].weight, 3U);
    EXPECT_EQ(wide.targets[1].priority, 2U);
}

TEST(load, secrets_come_from_files_and_the_environment) {
    world w;
    w.variables = {{"HOOK", "from the environment"}, {"NODE", "7"}, {"SYNC", "true"}};
    w.files = {{"/run/password", "s3cret\r\n"},
               {"/run/tokens", "# old ones first\nfirst-token\n\nsecond-${X}\n"},
               {"/run/hash", "$argon2id$v=19$m=1$a$b\n"},
               {"/run/dir/north", "pass word \n"}};
    const auto got = w.load(R"(
[store]
node = "${NODE}"
sync = "${SYNC}"
[[account]]
name = "a"
system_id = "a"
password_file = "/run/password"
api_tokens_file = "/run/tokens"
webhook = { url = "https://x.example", secret = "${HOOK}" }
[[account]]
name = "b"
system_id = "b"
password_hash_file = "/run/hash"
[[carrier]]
name = "c"
hosts = ["h:1"]
system_id = "s"
password_file = "${DIR:-/run/dir}/north"
)");
    ASSERT_TRUE(got) << describe(got.error());
    const auto& accounts = got->values.accounts;
    EXPECT_EQ(accounts[0].password, "s3cret");
    EXPECT_THAT(accounts[0].api_tokens, ElementsAre("first-token", "second-${X}"));
    EXPECT_EQ(accounts[0].webhook->secret, "from the environment");
    EXPECT_EQ(accounts[1].password_hash, "$argon2id$v=19$m=1$a$b");
    EXPECT_EQ(got->values.carriers[0].password, "pass word ");
    EXPECT_EQ(got->values.store.node, 7U);
    EXPECT_TRUE(got->values.store.sync);
    EXPECT_THAT(describe(got->warnings), Not(HasSubstr("in the file itself")));
}

TEST(load, warnings) {
    const struct {
        std::string_view text;
        std::string_view expected;
    } rows[] = {
        {"[[account]]\nname='a'\nsystem_id='a'\npassword='12345678'\n",
         "test.toml:4: a secret stands in the file itself: password of account 'a'; 'KEY_file' or "
         "\"${NAME}\" keeps it out\n"},
        {"[[account]]\nname='a'\napi_tokens=['short']\n",
         "test.toml:3: account 'a' has a token of less than 20 characters"},
        {"[[account]]\nname='a'\nsystem_id='sixteen-letters!'\npassword='123456789'\n",
         "test.toml:3: account 'a' has a system_id of more than 15 characters"},
        {"[[account]]\nname='a'\nsystem_id='a'\npassword='123456789'\n",
         "test.toml:4: account 'a' has a password of more than 8 characters"},
        {"[store]\nsync=false\n", "test.toml:2: 'sync' in [store] is false"},
        {"[server.smpp]\ntls={certificate='c',private_key='k'}\n",
         "test.toml:2: 'tls' in [server.smpp] is not used"},
        {"[[carrier]]\nname='c'\nhosts='h:1'\nsystem_id='s'\n",
         "test.toml:1: no route leads to the carrier 'c'"},
        {"[[carrier]]\nname='c'\nhosts='h:1'\nsystem_id='s'\ntls_ca='x'\n",
         "test.toml:5: carrier 'c' has settings for TLS but not tls = true"},
        {"[[carrier]]\nname='c'\nhosts='h:1'\nsystem_id='s'\ntls=true\ntls_verify=false\n",
         "test.toml:6: carrier 'c' is not verified"},
        {"[[carrier]]\nname='c'\nhosts='h:1'\nsystem_id='s'\ncontract_rate='unlimited'\n",
         "test.toml:5: carrier 'c' has no rate limit"},
        {"[[account]]\nname='a'\napi_tokens='t'\nlinks={track=true,base_url='https://a.example'}\n",
         "test.toml:4: account 'a' tracks links but [server.links] has no 'listen'"},
        {"[[account]]\nname='a'\napi_tokens='t'\nwebhook={url='http://x.example',secret='s'}\n",
         "test.toml:4: account 'a' has a webhook without TLS"}};
    for (const auto& row : rows) {
        std::string text{row.text};
        if (text.find("[[carrier]]") != std::string::npos &&
            row.expected.find("no route") == std::string_view::npos)
            text += "[[route]]\nname='r'\ncarrier='c'\n";
        else if (text.find("[[carrier]]") != std::string::npos)
            text +=
                "[[carrier]]\nname='d'\nhosts='h:1'\nsystem_id='s'\n"
                "[[route]]\nname='r'\ncarrier='d'\n";
        ASSERT_TRUE(world{}.load(text)) << text << world{}.faults_of(text);
        EXPECT_THAT(world{}.warnings_of(text), HasSubstr(row.expected)) << text;
    }
}

TEST(load, demo_file) {
    world w;
    const auto system = system_sources(w.as_sources().status_of_name);
    const auto got = load_file(HIKYAKU_SOURCE_DIR "/config/demo.toml", system);
    ASSERT_TRUE(got) << describe(got.error());
    const settings& s = got->values;
    EXPECT_THAT(s.smpp.listen, ElementsAre(address{"127.0.0.1", 2775}));
    EXPECT_THAT(s.http.listen, ElementsAre(address{"127.0.0.1", 8080}));
    EXPECT_EQ(s.admin.listen, (address{"127.0.0.1", 8081}));
    EXPECT_EQ(s.links.listen, (address{"127.0.0.1", 8082}));
    EXPECT_EQ(s.links.base_url, "http://127.0.0.1:8082");
    EXPECT_EQ(s.store.path, "run/demo/store");
    ASSERT_EQ(s.accounts.size(), 1U);
    EXPECT_EQ(s.accounts[0].system_id, "demo");
    EXPECT_EQ(s.accounts[0].password, "demo");
    EXPECT_THAT(s.accounts[0].api_tokens, ElementsAre("demo-token"));
    EXPECT_TRUE(s.accounts[0].links.track);
    EXPECT_EQ(s.accounts[0].parts_max, 10U);
    ASSERT_EQ(s.carriers.size(), 1U);
    EXPECT_THAT(s.carriers[0].hosts, ElementsAre(address{"127.0.0.1", 2776}));
    EXPECT_EQ(s.carriers[0].binds, 2U);
    EXPECT_EQ(s.carriers[0].contract_rate, (rate{100, milliseconds{1000}}));
    ASSERT_EQ(s.routes.size(), 1U);
    EXPECT_EQ(s.routes[0].targets.at(0).carrier, "simulated");
}

TEST(load, full_sample_needs_no_environment) {
    world w;
    sources from = w.as_sources();
    from.read_file = system_sources({}).read_file;
    const auto got = load_file(HIKYAKU_SOURCE_DIR "/config/hikyaku.toml", from);
    ASSERT_TRUE(got) << describe(got.error());
    EXPECT_EQ(got->values.accounts.size(), 2U);
    EXPECT_EQ(got->values.carriers.size(), 2U);
    EXPECT_EQ(got->values.carriers[0].retries.at(0x0B).then, retry_rule::action::fail);
    EXPECT_EQ(got->values.routes.size(), 2U);
    EXPECT_EQ(got->values.store.path, "/var/lib/hikyaku");
}

TEST(load, a_missing_file_is_a_fault) {
    const auto got = load_file("/nonexistent/hikyaku.toml", system_sources({}));
    ASSERT_FALSE(got);
    EXPECT_EQ(describe(got.error()), "/nonexistent/hikyaku.toml: the file cannot be read\n");
    EXPECT_FALSE(load_file(HIKYAKU_SOURCE_DIR, system_sources({})));
}

}  // namespace
}  // namespace hikyaku::config
