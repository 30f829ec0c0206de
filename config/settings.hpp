// The validated configuration as plain structs, one per section of the TOML file. load() in
// config/load.hpp fills them; the gateway only reads them, on any thread, and never changes them.
// Every default written here is the default of the settings table, and a test compares the two.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace hikyaku::config {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// `count` segments (or requests) in any `period`; "100/s", "30/min", "5000/h" in the file.
struct rate {
    std::uint32_t count = 0;
    milliseconds period{1000};
    bool operator==(const rate&) const = default;
};
/// Empty means the word "unlimited" in the file.
using rate_limit = std::optional<rate>;

/// A TCP address to listen on or connect to: "127.0.0.1:2775", "[::1]:2775", "smsc.example:2775".
struct address {
    std::string host;
    std::uint16_t port = 0;  // 0 while listening: the system picks one, and it is printed
    bool operator==(const address&) const = default;
};

/// A network in CIDR form; `prefix_bits` counts in the family of `bytes` (4 or 16 of them used).
struct network {
    std::array<std::uint8_t, 16> bytes{};
    bool v6 = false;
    std::uint8_t prefix_bits = 0;
    /// True if the address, 4 or 16 bytes in network order, lies inside. Mapped IPv4 counts as v4.
    [[nodiscard]] bool contains(const std::uint8_t* address_bytes, bool address_is_v6) const;
};

struct tls_files {
    std::string certificate;  // PEM chain, path
    std::string private_key;  // PEM, path
};

struct smpp_server {
    std::vector<address> listen{{"127.0.0.1", 2775}};
    std::vector<address> tls_listen;
    std::optional<tls_files> tls;
    std::string system_id = "hikyaku";
    seconds session_init_timeout{30};
    seconds enquire_link_interval{30};
    seconds inactivity_timeout{300};
    seconds response_timeout{30};
    std::size_t pdu_bytes_max = 16384;
    std::uint32_t sessions_max = 1000;
    std::uint32_t unbound_sessions_max = 200;
};

struct http_server {
    std::vector<address> listen{{"127.0.0.1", 8080}};
    std::vector<address> tls_listen;
    std::optional<tls_files> tls;
    std::size_t body_bytes_max = 4 << 20;
    std::size_t header_bytes_max = 16 << 10;
    seconds request_timeout{30};
    seconds idle_timeout{75};
    std::uint32_t connections_max = 2000;
    std::uint32_t batch_max = 1000;  // messages in one POST
};

struct admin_server {
    std::optional<address> listen = address{"127.0.0.1", 8081};
};

struct links_server {
    std::optional<address> listen;   // no redirector without it
    std::string base_url;            // "https://pay.example"; links are base_url + "/" + code
    std::uint32_t code_length = 10;  // base58 characters, 10 to 32
    std::chrono::hours expires_after{24 * 90};
    rate_limit misses_per_network = rate{20, milliseconds{60000}};  // unknown codes, per /24 or /64
    std::uint32_t hits_pending_max = 100000;
    std::vector<network> trusted_proxies;  // whose X-Forwarded-For is believed
};

struct store {
    std::string path = "data";
    std::uint64_t map_bytes_initial = 1ULL << 30;
    std::uint64_t map_bytes_max = 1ULL << 40;
    bool sync = true;  // false only for tests on throw-away data; a warning is logged
    std::chrono::hours retention{24 * 30};
    std::chrono::hours unmatched_retention{24 * 7};
    std::uint32_t node = 0;                         // 0-1023, part of every message id
    std::uint64_t pending_bytes_max = 64ULL << 20;  // waiting for the writer; more is refused
    std::uint64_t queued_messages_max = 50'000'000;
};

enum class on_excess { pace, reject };
enum class deliver_by { automatic, smpp, webhook, none };
enum class message_id_form { automatic, text, hexadecimal, decimal };
enum class bind_type { transmitter_receiver, transceiver };
enum class unknown_outcome { resend, await_receipt };

struct account_rate {
    rate_limit per_second;    // segments
    std::uint32_t burst = 0;  // segments; 0 = one second's worth, at least 10
    on_excess excess = on_excess::reject;
};

struct account_receipts {
    deliver_by receipts = deliver_by::automatic;  // automatic: the way the message came in
    deliver_by replies = deliver_by::automatic;   // automatic: webhook if there is one, else SMPP
    bool tlvs = true;  // receipted_message_id and message_state to clients of 3.4 and later
};

struct account_webhook {
    std::string url;
    std::string secret;           // "whsec_" + base64, or the plain bytes
    std::string secret_previous;  // still used for signing during a rotation
    std::vector<std::string> events{"receipt", "reply", "hit"};
    bool allow_private = false;  // loopback and private addresses as target
    std::uint32_t batch_max = 100;
    seconds timeout{15};
    std::chrono::hours give_up_after{24};
};

struct account_links {
    bool track = false;    // rewrite URLs of every message; a message may still say otherwise
    std::string base_url;  // empty: links_server.base_url
};

struct account {
    std::string name;                     // unique, used in routes, logs and metrics
    std::string system_id;                // SMPP; empty = no SMPP access
    std::string password_hash;            // libsodium argon2id string ($argon2id$...)
    std::string password;                 // from password or password_file, when there is no hash
    std::vector<std::string> api_tokens;  // HTTP bearer tokens
    std::vector<network> networks;        // empty = any address
    std::uint32_t transmitters_max = 4;
    std::uint32_t receivers_max = 4;
    std::uint32_t transceivers_max = 4;
    std::uint32_t sessions_max = 8;
    account_rate rate;
    std::uint32_t window = 100;         // submissions without answer per session
    std::uint32_t receipt_window = 10;  // deliver_sm without answer per session
    std::uint32_t weight = 1;           // share of a carrier that is wanted by several accounts
    std::uint32_t priority_max = 3;
    std::vector<std::string> senders;   // allowed sender addresses, "*" at the end = any suffix
    std::vector<std::string> numbers;   // replies to these numbers belong to this account
    std::vector<std::string> keywords;  // or replies that begin with one of these words
    std::uint32_t parts_max = 10;
    std::uint64_t queued_max = 10'000'000;
    std::chrono::hours validity_default{72};
    account_receipts delivery;
    std::optional<account_webhook> webhook;
    account_links links;
};

struct retry_rule {
    enum class action { retry, fail, next_carrier };
    action then = action::fail;
    milliseconds delay{30000};  // doubled at each attempt, with jitter
    milliseconds delay_max{3600000};
    std::uint32_t attempts_max = 10;
};

struct carrier {
    std::string name;
    std::vector<address> hosts;
    bool tls = false;
    bool tls_verify = true;
    std::string tls_ca;  // PEM path; empty = the system's
    std::string system_id;
    std::string password;
    std::string system_type;
    bind_type bind = bind_type::transceiver;
    std::uint32_t binds = 1;    // for transmitter_receiver: pairs
    std::uint32_t window = 10;  // per bind
    rate_limit contract_rate = rate{10, milliseconds{1000}};
    message_id_form response_id = message_id_form::automatic;
    message_id_form receipt_id = message_id_form::automatic;
    seconds enquire_link_interval{30};
    seconds response_timeout{60};
    seconds bind_timeout{30};
    seconds inactivity_timeout{0};  // 0 = none
    milliseconds reconnect_min{1000};
    milliseconds reconnect_max{60000};
    milliseconds throttle_pause{
        1000};  // after ESME_RTHROTTLED or ESME_RMSGQFUL, doubled up to 30 s
    unknown_outcome on_unknown = unknown_outcome::resend;
    std::string service_type;
    std::optional<std::uint8_t> source_ton, source_npi;  // empty = by the shape of the address
    std::uint8_t destination_ton = 1;
    std::uint8_t destination_npi = 1;
    std::map<std::uint32_t, retry_rule> retries;  // by command_status; built-in table otherwise
};

struct route_target {
    std::string carrier;
    std::uint32_t weight = 1;
    std::uint32_t priority = 0;  // lower is tried first; same priority shares by weight
};

/// All conditions that are not empty must hold. Rules are tried in the order of the file; those
/// with the same `order` form a set in which the longest matching prefix wins.
struct route {
    std::string name;
    std::uint32_t order = 0;  // default: 0 for all, the whole file is one set
    std::vector<std::string> accounts;
    std::vector<std::string> prefixes;  // of the destination, digits, without "+"
    std::vector<std::string> senders;   // "*" at the end = any suffix
    std::vector<std::string> tags;
    std::vector<route_target> targets;
};

struct log {
    std::string level = "info";   // trace, debug, info, warn, error
    std::string format = "text";  // text or json
    std::string file;             // empty = standard error
};

struct settings {
    smpp_server smpp;
    http_server http;
    admin_server admin;
    links_server links;
    config::store store;
    std::vector<account> accounts;
    std::vector<carrier> carriers;
    std::vector<route> routes;
    config::log log;
};

}  // namespace hikyaku::config
