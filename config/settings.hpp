// The validated configuration as plain structs, one per section of the TOML file. load() in
// config/load.hpp fills them; the gateway only reads them, on any thread, and never changes them: a
// reload makes new ones, and config/difference.hpp compares the two.
// Every default written here is the default of the settings table, and a test compares the two.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/agent_rules.hpp"
#include "config/dunning_settings.hpp"
#include "config/link_settings.hpp"
#include "config/network_settings.hpp"
#include "config/purpose_settings.hpp"
#include "config/reply_settings.hpp"
#include "config/sandbox_settings.hpp"

namespace hikyaku::config {

struct tls_files {
    std::string certificate;  // PEM chain, path
    std::string private_key;  // PEM, path
    bool operator==(const tls_files&) const = default;
};

/// What a TLS listener shows and asks for. The files are read again on reload; sessions stay.
struct tls_server {
    std::string certificate;  // shown to clients that name no host, or one that is not in `hosts`
    std::string private_key;
    std::vector<tls_files> hosts;  // chosen by server name (SNI) from the names of each certificate
    std::string client_ca;  // PEM path: client certificates of these authorities are asked for
    bool client_required = false;  // no session without one; needs client_ca
    bool operator==(const tls_server&) const = default;
};

/// Refusing binds from an address after wrong passwords. Times count from the last failure.
struct lockout {
    std::uint32_t failures_max = 10;  // wrong passwords within `within`; 0 = no lockout
    seconds within{60};
    seconds lasts{300};
    std::uint32_t addresses_max = 10000;  // remembered; the oldest makes place
    std::vector<network> exempt;          // balancers that hide the client's address
    bool operator==(const lockout&) const = default;
};

struct smpp_server {
    std::vector<address> listen{{"127.0.0.1", 2775}};
    std::vector<address> tls_listen;
    std::optional<tls_server> tls;
    std::string system_id = "hikyaku";
    std::uint8_t version_max = 0x50;  // the highest interface_version spoken: 0x33, 0x34 or 0x50
    std::vector<network> proxy_protocol;  // balancers whose connections begin with a PROXY header
    config::lockout lockout;
    bool too_many_binds_as_bound = false;  // answer ESME_RALYBND instead of ESME_RBINDFAIL
    bool congestion_state = true;          // in responses to clients of 5.0
    seconds session_init_timeout{30};
    seconds enquire_link_interval{30};
    seconds inactivity_timeout{300};
    seconds response_timeout{30};
    std::size_t pdu_bytes_max = 16384;
    std::uint32_t sessions_max = 1000;
    std::uint32_t unbound_sessions_max = 200;
    std::uint32_t unbound_per_address_max = 50;  // of them from one IPv4 address or IPv6 /64
    bool operator==(const smpp_server&) const = default;
};

struct http_server {
    std::vector<address> listen{{"127.0.0.1", 8080}};
    std::vector<address> tls_listen;
    std::optional<tls_server> tls;
    bool sendsms = false;  // GET and POST /cgi-bin/sendsms, as applications of Kannel use it
    bool jasmin = false;   // /send, /rate, /balance and /ping, as applications of Jasmin use them
    bool twilio = false;   // /2010-04-01/Accounts/{sid}/Messages, as applications of Twilio use it
    std::size_t body_bytes_max = 4 << 20;
    std::size_t header_bytes_max = 16 << 10;
    seconds request_timeout{30};
    seconds idle_timeout{75};
    std::uint32_t connections_max = 2000;
    /// Of them from one IPv4 address or IPv6 /64, without a valid token so far.
    std::uint32_t strangers_per_address_max = 200;
    std::uint64_t bodies_bytes_max = 64ULL
                                     << 20;  // of requests that are not complete, all together
    std::uint32_t batch_max = 1000;          // messages in one POST
    bool operator==(const http_server&) const = default;
};

struct admin_server {
    std::optional<address> listen = address{"127.0.0.1", 8081};
    std::vector<std::string> hosts;  // names in Host, beside localhost and numeric addresses
    bool token_required = false;     // a token with the role admin, but for health and readiness
    bool operator==(const admin_server&) const = default;
};

/// Looking up the names of hosts that are connected to.
struct dns {
    std::vector<address> servers;  // IP addresses; empty = those of /etc/resolv.conf
    milliseconds timeout{2000};    // of one question to one server, doubled each round
    std::uint32_t tries = 2;       // rounds over all servers
    bool operator==(const dns&) const = default;
};

/// Putting the parts of long replies together.
struct replies {
    seconds timeout{1800};             // from a reply's first part; then it is delivered incomplete
    std::uint32_t sets_max = 100'000;  // incomplete replies; the oldest is delivered to make place
    bool operator==(const replies&) const = default;
};

struct store {
    std::string path = "data";
    std::uint64_t map_bytes_initial = 1ULL << 30;
    std::uint64_t map_bytes_max = 1ULL << 40;
    bool sync = true;  // false only for tests on throw-away data; a warning is logged
    std::chrono::minutes retention{std::chrono::days{30}};
    std::chrono::minutes unmatched_retention{std::chrono::days{7}};
    std::uint32_t node = 0;                         // 0-1023, part of every message id
    std::uint64_t pending_bytes_max = 64ULL << 20;  // waiting for the writer; more is refused
    std::uint64_t queued_messages_max = 50'000'000;
    std::uint32_t index_young_max = 65'536;  // entries of each index in memory, before a run
    std::string machine_id_file = "/etc/machine-id";
    bool operator==(const store&) const = default;
};

enum class on_excess { pace, reject };
enum class deliver_by { automatic, smpp, webhook, none };
enum class message_id_form { automatic, text, hexadecimal, decimal };
enum class bind_type { transmitter_receiver, transceiver, transmitter, receiver };
enum class unknown_outcome { resend, await_receipt };
enum class receipt_addresses { compare, ignore };
enum class receipt_pdu { deliver_sm, data_sm };
/// YYMMDDhhmm, YYMMDDhhmmss, YYYYMMDDhhmmss.
enum class receipt_dates { ten_digits, twelve_digits, fourteen_digits };
enum class receipt_parts { one, each };
/// automatic: whole over HTTP, over SMPP part by part, as clients expect them from an SMSC.
enum class reply_form { automatic, whole, parts };
enum class id_form { decimal, hexadecimal };
enum class transliteration { off, punctuation, full };
enum class default_alphabet { gsm7, latin1, ascii };
enum class segmentation { udh8, udh16, sar, payload, none };
enum class tlv_action { pass, add, require, drop };

struct account_rate {
    rate_limit per_second;    // segments
    std::uint32_t burst = 0;  // segments; 0 = one second's worth, at least 10
    on_excess excess = on_excess::reject;
    bool operator==(const account_rate&) const = default;
};

struct account_receipts {
    deliver_by receipts = deliver_by::automatic;  // automatic: the way the message came in
    deliver_by replies = deliver_by::automatic;   // automatic: webhook if there is one, else SMPP
    bool tlvs = true;  // receipted_message_id and message_state to clients of 3.4 and later
    receipt_pdu pdu = receipt_pdu::deliver_sm;
    receipt_dates dates = receipt_dates::ten_digits;
    receipt_parts parts = receipt_parts::one;  // one receipt for a message, or one for each segment
    config::reply_form reply_form = config::reply_form::automatic;  // of long replies
    bool operator==(const account_receipts&) const = default;
};

/// How an application that was written for Kannel's sendsms is known, and how it gets its replies.
struct account_sendsms {
    std::string username;
    std::string password;
    std::string reply_url;  // requested with GET for each reply; Kannel's escapes; empty = none
    bool allow_private = false;  // loopback and private addresses in dlr-url and reply_url
    seconds timeout{15};
    std::chrono::hours give_up_after{24};
    bool operator==(const account_sendsms&) const = default;
};

enum class http_method { get, post };

/// How an application that was written for Jasmin's HTTP API is known, and how it gets its replies.
struct account_jasmin {
    std::string username;
    std::string password;
    std::string reply_url;  // requested for each reply; empty = none
    http_method reply_method = http_method::get;
    bool allow_private = false;  // loopback and private addresses in dlr-url and reply_url
    seconds timeout{15};
    std::chrono::hours give_up_after{24};
    bool operator==(const account_jasmin&) const = default;
};

/// An API key of Twilio's form: another way in beside the account's own sid and token.
struct twilio_key {
    std::string sid;  // "SK" and 32 hexadecimal digits
    std::string secret;
    bool operator==(const twilio_key&) const = default;
};

/// What Twilio calls a messaging service: a pool of senders.
struct twilio_service {
    std::string sid;                   // "MG" and 32 hexadecimal digits
    std::vector<std::string> senders;  // "*" at the end = any suffix; empty = the account's
    bool operator==(const twilio_service&) const = default;
};

/// How an application that was written for Twilio is known, and how it gets its replies.
struct account_twilio {
    std::string sid;         // "AC" and 32 hexadecimal digits
    std::string auth_token;  // password of `sid`, and key of the signatures of requests
    std::vector<twilio_key> keys;
    std::vector<twilio_service> services;
    std::string sms_url;  // requested for each reply; empty = none
    http_method sms_method = http_method::post;
    bool allow_private = false;  // loopback and private addresses in sms_url and StatusCallback
    seconds timeout{15};
    std::chrono::hours give_up_after{24};
    bool operator==(const account_twilio&) const = default;
};

/// Asking an application to bind when something waits for it and no receiver is bound.
struct account_outbind {
    address host;
    bool tls = false;
    std::string password;  // shown in outbind together with the server's system_id
    seconds interval{60};  // between two tries
    bool operator==(const account_outbind&) const = default;
};

struct account_webhook {
    std::string url;
    std::string secret;           // "whsec_" + base64, or the plain bytes
    std::string secret_previous;  // still used for signing during a rotation
    std::vector<std::string> events{"receipt", "reply", "hit", "reply_read", "link_seen"};
    bool allow_private = false;  // loopback and private addresses as target
    std::uint32_t batch_max = 100;
    seconds timeout{15};
    std::chrono::hours give_up_after{24};
    bool operator==(const account_webhook&) const = default;
};

/// What a token may: `submit` and `read` for its account, `admin` at the admin listener.
enum class token_role : std::uint8_t { submit, read, admin };

struct account_token {
    std::string name;  // for people
    std::string hash;  // "sha256:" and 64 hexadecimal digits
    std::vector<token_role> roles{token_role::submit, token_role::read};
    std::int64_t expires_ms = 0;    // wall clock; 0 = never
    std::vector<network> networks;  // beside those of the account; empty = any address
    bool operator==(const account_token&) const = default;
};

struct account {
    std::string name;                     // unique, used in routes, logs and metrics
    std::string system_id;                // SMPP; empty = no SMPP access
    std::string password_hash;            // libsodium argon2id string ($argon2id$...)
    std::string password;                 // from password or password_file, when there is no hash
    std::vector<std::string> api_tokens;  // HTTP bearer tokens, may submit and read
    std::vector<account_token> tokens;    // the same by their hash, with more to say
    std::vector<network> networks;        // empty = any address
    std::uint32_t transmitters_max = 4;
    std::uint32_t receivers_max = 4;
    std::uint32_t transceivers_max = 4;
    std::uint32_t sessions_max = 8;
    std::vector<std::string> certificate_names;  // a client certificate with one of these names
    config::id_form id_form = config::id_form::decimal;  // of message_id over SMPP
    bool at_most_once = false;  // never resend after an unknown outcome, whatever the carrier says
    bool strict_pdus = false;   // refuse octets behind the last field of a PDU
    config::transliteration transliteration = config::transliteration::off;
    config::purpose purpose_default = config::purpose::transactional;
    account_smpp_fields smpp_fields;
    std::string policy;              // name of a pack; empty = the gate is open
    bool policy_shadow = false;      // it decides and stores, and holds nothing back
    std::vector<std::string> zones;  // of persons whose zone and number say nothing
    account_policy_rules policy_rules;
    std::vector<policy_approval> approvals;
    account_rate rate;
    std::uint32_t window = 100;         // submissions without answer per session
    std::uint32_t receipt_window = 10;  // deliver_sm without answer per session
    std::uint32_t weight = 1;           // share of a carrier that is wanted by several accounts
    std::uint32_t priority_max = 3;
    std::vector<std::string> senders;  // allowed sender addresses, "*" at the end = any suffix
    // How the application writes numbers that are not international; all empty = as they are.
    std::string home_country;           // digits of the country code: "81"
    std::string trunk_prefix;           // in front of national numbers: "0"
    std::string international_prefix;   // in front of a country code: "00"
    std::vector<std::string> numbers;   // replies to these numbers; several may share one
    std::vector<std::string> keywords;  // or replies that begin with one of these words
    std::uint32_t parts_max = 10;
    std::uint64_t queued_max = 10'000'000;
    std::chrono::hours validity_default{72};
    account_receipts delivery;
    std::optional<account_webhook> webhook;
    std::optional<account_sendsms> sendsms;
    std::optional<account_jasmin> jasmin;
    std::optional<account_twilio> twilio;
    std::optional<account_outbind> outbind;
    account_links links;
    account_replies replies;
    [[nodiscard]] bool reads_replies() const { return !policy.empty() || replies.read; }
    std::optional<account_announce> announce;
    bool operator==(const account&) const = default;
};

struct retry_rule {
    enum class action { retry, fail, next_carrier };
    action then = action::fail;
    milliseconds delay{30000};  // doubled at each attempt, with jitter
    milliseconds delay_max{3600000};
    std::uint32_t attempts_max = 10;
    bool operator==(const retry_rule&) const = default;
};

/// How addresses are written for a carrier. The first rule that matches is used.
struct address_rule {
    enum class side { source, destination };
    enum class shape { any, international, national, alphanumeric, short_code };
    side of = side::destination;
    shape is = shape::any;
    std::string prefix;  // digits the address must begin with; empty = any
    std::optional<std::uint8_t> ton, npi;
    std::string strip;    // removed from the front, if it is there
    std::string prepend;  // then put in front
    bool operator==(const address_rule&) const = default;
};

/// What happens to one TLV of a submission on its way to a carrier.
struct tlv_rule {
    tlv_action action = tlv_action::pass;
    std::uint16_t tag = 0;
    std::string value;     // octets; of `add`, and what `require` puts in when it is missing
    bool replace = false;  // add: also when the submission has this tag
    bool operator==(const tlv_rule&) const = default;
};

/// How texts are written and cut for a carrier; docs/smpp.md, "Texts".
struct fixed_coding {
    std::uint32_t data_coding = 0;
    std::string charset;  // as the table of settings lists them; empty = none
    bool operator==(const fixed_coding&) const = default;
};

struct carrier_text {
    std::string profile;  // shipped: "docomo", "au", "softbank", "rakuten"; empty = the standard
    default_alphabet alphabet = default_alphabet::gsm7;  // what data_coding 0 means there
    bool packed = false;                                 // eight septets in seven octets
    bool latin1 = false;                                 // data_coding 3 may be used
    bool ascii = false;                                  // data_coding 1 may be used
    std::uint32_t ucs2_data_coding = 8;  // of texts in UCS-2 without a message class
    bool class_in_f0 = false;            // message classes as 0xF0 to 0xF3, not as 0x10 to 0x13
    fixed_coding fixed;                  // one alphabet and one data_coding for all texts
    std::vector<std::string> languages;  // national tables it understands: "turkish", ...
    std::optional<config::segmentation> segmentation;  // empty = the profile's, or udh8
    std::uint32_t parts_max = 0;                       // 0 = the profile's, or no limit of its own
    std::uint32_t single = 0, part = 0;  // septets in data_coding 0; 0 = the profile's
    std::uint32_t octets_single = 0, octets_part = 0;  // in data_coding 3, 1 and 4
    std::uint32_t ucs2_single = 0, ucs2_part = 0;      // UTF-16 units; 0 = the profile's
    std::uint32_t units_max = 0;                       // UTF-16 units altogether; 0 = the profile's
    bool operator==(const carrier_text&) const = default;
};

struct carrier {
    std::string name;
    std::vector<address> hosts;
    bool tls = false;
    bool tls_verify = true;
    std::string tls_ca;           // PEM path; empty = the system's
    std::string tls_server_name;  // SNI and the name to check; empty = the host's
    std::string tls_certificate;  // PEM paths of our own certificate; empty = none
    std::string tls_private_key;
    std::uint8_t version = 0x34;            // interface_version to bind with: 0x33, 0x34 or 0x50
    std::string address_range;              // of receivers and transceivers
    std::optional<address> outbind_listen;  // binds as receiver when the carrier calls here
    bool outbind_tls = false;
    std::string outbind_system_id;  // what its outbind must say
    std::string outbind_password;
    std::string system_id;
    std::string password;
    std::string system_type;
    bind_type bind = bind_type::transceiver;
    std::uint32_t binds = 1;      // for transmitter_receiver: pairs
    std::uint32_t window = 10;    // per bind
    bool window_adaptive = true;  // less after delays and refusals, more when all is well
    milliseconds window_delay_target{5000};  // responses slower than this make the window smaller
    rate_limit contract_rate = rate{10, milliseconds{1000}};
    message_id_form response_id = message_id_form::automatic;
    message_id_form receipt_id = message_id_form::automatic;
    receipt_addresses addresses_of_receipts = receipt_addresses::compare;
    seconds enquire_link_interval{30};
    seconds response_timeout{60};
    seconds bind_timeout{30};
    seconds inactivity_timeout{0};  // 0 = none
    milliseconds reconnect_min{1000};
    milliseconds reconnect_max{60000};
    milliseconds throttle_pause{
        1000};  // after ESME_RTHROTTLED or ESME_RMSGQFUL, doubled up to 30 s
    std::vector<std::string> opted_out;  // its words for a phone whose owner wants no messages
    unknown_outcome on_unknown = unknown_outcome::resend;
    std::optional<seconds> delivery_retry;  // how long it tries to reach a phone; empty = not known
    bool keeps_validity = true;             // it gives up at the end of the validity period
    bool cancels = true;                    // it may be asked to forget a message (cancel_sm)
    std::string service_type;
    std::optional<std::uint8_t> source_ton, source_npi;  // empty = by the shape of the address
    std::uint8_t destination_ton = 1;
    std::uint8_t destination_npi = 1;
    std::vector<address_rule> address_rules;  // before the TON and NPI above
    std::vector<tlv_rule> tlv_rules;
    tlv_action tlv_default = tlv_action::pass;  // of tags without a rule: pass or drop
    carrier_text text;
    std::map<std::uint32_t, retry_rule> retries;  // by command_status; built-in table otherwise
    bool operator==(const carrier&) const = default;
};

struct route_target {
    std::string carrier;
    std::uint32_t weight = 1;
    std::uint32_t priority = 0;  // lower is tried first; same priority shares by weight
    bool operator==(const route_target&) const = default;
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
    bool operator==(const route&) const = default;
};

struct log {
    std::string level = "info";   // trace, debug, info, warn, error
    std::string format = "text";  // text or json
    std::string file;             // empty = standard error
    bool operator==(const log&) const = default;
};

struct settings {
    smpp_server smpp;
    http_server http;
    admin_server admin;
    links_server links;
    config::dns dns;
    config::replies replies;
    config::store store;
    config::dunning dunning;
    config::sandbox sandbox;
    std::vector<account> accounts;
    std::vector<carrier> carriers;
    std::vector<route> routes;
    config::log log;
    policy_settings policy;
    std::vector<policy_pack> packs;  // all that there are, by name; config/policy.hpp
    agent_rules agents;              // of links.agents_file
    bool operator==(const settings&) const = default;
};

}  // namespace hikyaku::config
