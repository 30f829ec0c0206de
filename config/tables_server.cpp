// The lines of [server.*], [replies], [store], and the root that lists all sections.
#include <limits>

#include "config/table.hpp"
#include "config/table_units.hpp"

namespace hikyaku::config {
namespace {

constexpr std::string_view survive_words[] = {"auto", "process", "power"};
constexpr std::uint64_t kib = 1024;
constexpr std::uint64_t mib = 1024 * kib;
constexpr std::uint64_t gib = 1024 * mib;

section make_tls_host_section(std::string_view heading) {
    return {heading,
            "Certificates by host name: a client that names a host (SNI) gets the one that is made "
            "out for it.",
            defaults_of<tls_files>(),
            {
                field<tls_files, &tls_files::certificate>(make::path_of(
                    names_file::trusted,
                    make::required_text("certificate",
                                        "PEM file with the certificate and its chain; its names "
                                        "are those it is chosen by"))),
                field<tls_files, &tls_files::private_key>(make::path_of(
                    names_file::secret,
                    make::required_text("private_key", "PEM file with the private key"))),
            }};
}

section make_tls_section(std::string_view heading, const section& (*hosts)()) {
    return {
        heading,
        "The certificate shown to clients. The files are read at the start and on reload; "
        "sessions stay up.",
        defaults_of<tls_server>(),
        {
            field<tls_server, &tls_server::certificate>(make::path_of(
                names_file::trusted,
                make::required_text("certificate", "PEM file with the certificate and its chain"))),
            field<tls_server, &tls_server::private_key>(
                make::path_of(names_file::secret,
                              make::required_text("private_key", "PEM file with the private key"))),
            field<tls_server, &tls_server::hosts>(
                make::table("hosts", hosts, "More certificates, by host name", true)),
            field<tls_server, &tls_server::client_ca>(make::path_of(
                names_file::trusted,
                make::text("client_ca", R"("")",
                           "PEM file of authorities whose client certificates are asked for; "
                           "empty for none"))),
            field<tls_server, &tls_server::client_required>(
                make::flag("client_required", "false",
                           "Refuse clients without such a certificate; needs `client_ca`")),
        }};
}

const section& smpp_tls_host_section() {
    static const section made = make_tls_host_section("hosts in tls of [server.smpp]");
    return made;
}

const section& smpp_tls_section() {
    static const section made = make_tls_section("tls of [server.smpp]", smpp_tls_host_section);
    return made;
}

const section& http_tls_host_section() {
    static const section made = make_tls_host_section("hosts in tls of [server.http]");
    return made;
}

const section& http_tls_section() {
    static const section made = make_tls_section("tls of [server.http]", http_tls_host_section);
    return made;
}

const section& lockout_section() {
    using object = lockout;
    static const section made{
        "lockout of [server.smpp]",
        "Refuses every bind from an address that tried wrong passwords too often.",
        defaults_of<object>(),
        {
            field<object, &object::failures_max>(
                make::count("failures_max", "binds", "10", 0, 1000000,
                            "Binds with a wrong name or password before the lockout; 0 for no "
                            "lockout")),
            field<object, &object::within>(
                make::duration("within", R"("1m")", second, day, "The time they are counted in")),
            field<object, &object::lasts>(
                make::duration("lasts", R"("5m")", second, 30 * day,
                               "How long it lasts, from the last wrong bind on")),
            field<object, &object::addresses_max>(
                make::count("addresses_max", "addresses", "10000", 1, 10000000,
                            "Addresses that are remembered; the oldest makes place")),
            field<object, &object::exempt>(
                {.key = "exempt",
                 .form = kind::network,
                 .list = true,
                 .default_text = "[]",
                 .sentence = "Networks that are never locked out, such as balancers that hide the "
                             "client's address"}),
        }};
    return made;
}

}  // namespace

const section& smpp_section() {
    using object = smpp_server;
    static const section made{
        "[server.smpp]",
        "Where applications bind over SMPP, and the timers of their sessions.",
        defaults_of<object>(),
        {
            field<object, &object::listen>({.key = "listen",
                                            .form = kind::address,
                                            .list = true,
                                            .listens = true,
                                            .default_text = R"(["127.0.0.1:2775"])",
                                            .sentence = "Addresses for plain SMPP; port 0 takes "
                                                        "any free port; `[]` for none"}),
            field<object, &object::tls_listen>({.key = "tls_listen",
                                                .form = kind::address,
                                                .list = true,
                                                .listens = true,
                                                .default_text = "[]",
                                                .sentence = "Addresses for SMPP over TLS"}),
            field<object, &object::tls>({.key = "tls",
                                         .form = kind::table,
                                         .sentence = "Certificate for `tls_listen`",
                                         .nested = smpp_tls_section}),
            field<object, &object::system_id>(
                make::text("system_id", R"("hikyaku")",
                           "Name of this server in bind responses, at most 15 characters")),
            version_field<object, &object::version_max>(
                {.key = "version_max",
                 .default_text = R"("5.0")",
                 .sentence = "Highest version of SMPP that is spoken with clients"}),
            field<object, &object::proxy_protocol>(
                {.key = "proxy_protocol",
                 .form = kind::network,
                 .list = true,
                 .default_text = "[]",
                 .sentence = "Networks of balancers: connections from them begin with a PROXY "
                             "header (version 1 or 2) that names the client's address"}),
            field<object, &object::lockout>(
                make::table("lockout", lockout_section, "Refusing binds after wrong passwords")),
            field<object, &object::too_many_binds_as_bound>(
                make::flag("too_many_binds_as_bound", "false",
                           "Answer a bind above the account's limits with ESME_RALYBND instead "
                           "of ESME_RBINDFAIL")),
            field<object, &object::congestion_state>(
                make::flag("congestion_state", "true",
                           "Tell clients of version 5.0 in responses how busy this server is")),
            field<object, &object::session_init_timeout>(
                make::duration("session_init_timeout", R"("30s")", second, hour,
                               "A connection that has not bound after this time is closed")),
            field<object, &object::enquire_link_interval>(make::duration(
                "enquire_link_interval", R"("30s")", second, hour,
                "A session without traffic for this time is asked whether it lives")),
            field<object, &object::inactivity_timeout>(
                make::duration("inactivity_timeout", R"("5m")", second, day,
                               "A session that sends no PDU for this time is closed")),
            field<object, &object::response_timeout>(
                make::duration("response_timeout", R"("30s")", second, hour,
                               "How long a deliver_sm waits for its response before it is sent "
                               "again on another session")),
            field<object, &object::pdu_bytes_max>(make::size(
                "pdu_bytes_max", R"("16KiB")", 1 * kib, 1 * mib, "A longer PDU ends its session")),
            field<object, &object::sessions_max>(
                make::count("sessions_max", "sessions", "1000", 1, 100000,
                            "Connections at the same time, all accounts together")),
            field<object, &object::unbound_sessions_max>(
                make::count("unbound_sessions_max", "sessions", "200", 1, 100000,
                            "Connections at the same time that have not bound yet; above it the "
                            "oldest of them makes room")),
            field<object, &object::unbound_per_address_max>(
                make::count("unbound_per_address_max", "sessions", "50", 1, 100000,
                            "Of them from one IPv4 address or one IPv6 /64; above it the oldest "
                            "of that address makes room. The networks of `lockout.exempt` have "
                            "no such limit")),
        }};
    static const section marked =
        with_effect(made, takes_effect::restart,
                    {"listen", "tls_listen", "proxy_protocol", "sessions_max",
                     "unbound_sessions_max", "unbound_per_address_max"});
    return marked;
}

const section& http_section() {
    using object = http_server;
    static const section made{
        "[server.http]",
        "Where applications use the HTTP API.",
        defaults_of<object>(),
        {
            field<object, &object::listen>(
                {.key = "listen",
                 .form = kind::address,
                 .list = true,
                 .listens = true,
                 .default_text = R"(["127.0.0.1:8080"])",
                 .sentence = "Addresses for plain HTTP; port 0 takes any free port; `[]` for "
                             "none"}),
            field<object, &object::tls_listen>({.key = "tls_listen",
                                                .form = kind::address,
                                                .list = true,
                                                .listens = true,
                                                .default_text = "[]",
                                                .sentence = "Addresses for HTTPS"}),
            field<object, &object::tls>({.key = "tls",
                                         .form = kind::table,
                                         .sentence = "Certificate for `tls_listen`",
                                         .nested = http_tls_section}),
            field<object, &object::sendsms>(
                make::flag("sendsms", "false",
                           "Answer `/cgi-bin/sendsms` for applications made for Kannel; the "
                           "account needs `sendsms` too")),
            field<object, &object::jasmin>(
                make::flag("jasmin", "false",
                           "Answer `/send`, `/rate`, `/balance` and `/ping` for applications made "
                           "for Jasmin; the account needs `jasmin` too")),
            field<object, &object::twilio>(
                make::flag("twilio", "false",
                           "Answer `/2010-04-01/Accounts/{sid}/Messages` for applications made for "
                           "Twilio; the account needs `twilio` too")),
            field<object, &object::body_bytes_max>(
                make::size("body_bytes_max", R"("4MiB")", 4 * kib, 64 * mib,
                           "A larger request is refused with 413; of an upload in lines, "
                           "which may have any length, a longer line is")),
            field<object, &object::header_bytes_max>(
                make::size("header_bytes_max", R"("16KiB")", 1 * kib, 1 * mib,
                           "A larger header is refused with 431")),
            field<object, &object::request_timeout>(
                make::duration("request_timeout", R"("30s")", second, hour,
                               "A request that is not complete after this time is refused; "
                               "of an upload or listing this is for each piece")),
            field<object, &object::idle_timeout>(
                make::duration("idle_timeout", R"("75s")", second, day,
                               "A kept connection without requests is closed after this time")),
            field<object, &object::connections_max>(make::count("connections_max", "connections",
                                                                "2000", 1, 100000,
                                                                "Connections at the same time; "
                                                                "above it the oldest without a "
                                                                "valid token makes room")),
            field<object, &object::strangers_per_address_max>(
                make::count("strangers_per_address_max", "connections", "200", 1, 100000,
                            "Of them without a valid token so far, from one IPv4 address or one "
                            "IPv6 /64; above it the oldest of these makes room")),
            field<object, &object::bodies_bytes_max>(
                make::size("bodies_bytes_max", R"("64MiB")", 1 * mib, 16 * gib,
                           "Memory for bodies that are still arriving, all connections together; "
                           "one account gets half of it at most, clients without a token a "
                           "sixteenth. More is refused with 503")),
            field<object, &object::batch_max>(
                make::count("batch_max", "messages", "1000", 1, 10000, "Messages in one POST")),
        }};
    static const section marked =
        with_effect(made, takes_effect::restart,
                    {"listen", "tls_listen", "sendsms", "jasmin", "twilio", "body_bytes_max",
                     "header_bytes_max", "request_timeout", "idle_timeout", "connections_max",
                     "strangers_per_address_max", "bodies_bytes_max", "batch_max"});
    return marked;
}

const section& admin_section() {
    using object = admin_server;
    static const section made{
        "[server.admin]",
        "Health checks and metrics, for operators only: keep it away from the internet.",
        defaults_of<object>(),
        {
            field<object, &object::listen>(
                {.key = "listen",
                 .form = kind::address,
                 .listens = true,
                 .default_text = R"("127.0.0.1:8081")",
                 .sentence = "Address of `/healthz`, `/readyz` and `/metrics`, or `\"off\"`"}),
            field<object, &object::hosts>(
                make::texts("hosts",
                            "Names, without port, by which it may be called beside `localhost` "
                            "and numeric addresses; other names are refused with 421")),
            field<object, &object::token_required>(
                make::flag("token_required", "false",
                           "Ask for a token with the role `admin`, but for `/healthz` and "
                           "`/readyz`")),
        }};
    static const section marked =
        with_effect(made, takes_effect::restart, {"listen", "hosts", "token_required"});
    return marked;
}

const section& links_section() {
    using object = links_server;
    static const section made{
        "[server.links]",
        "The redirector of tracked links.",
        defaults_of<object>(),
        {
            field<object, &object::listen>(
                {.key = "listen",
                 .form = kind::address,
                 .listens = true,
                 .default_text = R"("off")",
                 .sentence = "Address that answers the links, or `\"off\"` for no redirector"}),
            field<object, &object::base_url>(
                make::text("base_url", R"("")",
                           "What links begin with, such as `\"https://pay.example\"`; needed as "
                           "soon as links are tracked")),
            field<object, &object::code_length>(make::count("code_length", "characters", "10", 10,
                                                            32,
                                                            "Length of the random code, each "
                                                            "character one of 58")),
            field<object, &object::expires_after>(
                make::duration("expires_after", R"("90d")", hour, 3650 * day,
                               "A link older than this is answered like an unknown one")),
            field<object, &object::misses_per_network>(
                make::rate("misses_per_network", "requests", R"("20/min")",
                           "Requests for unknown codes from one network (IPv4 /24, IPv6 /64) "
                           "before it has to wait")),
            field<object, &object::misses_in_total>(
                make::rate("misses_in_total", "requests", R"("1200/min")",
                           "Such requests from all networks together; beyond it an alarm is "
                           "raised, and unknown codes are refused until they become fewer")),
            field<object, &object::reports_per_network>(
                make::rate("reports_per_network", "reports", R"("5/h")",
                           "Reports of abuse from one network before it has to wait")),
            field<object, &object::hits_pending_max>(
                make::count("hits_pending_max", "hits", "100000", 100, 10000000,
                            "Hits that wait to be stored; more are redirected but only counted")),
            field<object, &object::survive>(
                make::choice("hits_survive", R"("auto")", survive_words,
                             "What takes no hit away that was answered with a redirect: the end "
                             "of the `process`, or also a loss of `power`, for which each "
                             "redirect waits for the disk; `auto` is `power` as soon as an "
                             "account has a `policy`")),
            field<object, &object::trusted_proxies>(
                {.key = "trusted_proxies",
                 .form = kind::network,
                 .list = true,
                 .default_text = "[]",
                 .sentence = "Networks of proxies whose X-Forwarded-For header is believed"}),
            field<object, &object::agents_file>(make::path_of(
                names_file::trusted,
                make::text("agents_file", R"("")",
                           "A list of user agents of one's own beside those of the program "
                           "([links](links.md#lists-of-ones-own)); empty for none"))),
            field<object, &object::networks>(
                make::table("network", link_network_section,
                            "Networks that machines ask for links from", true)),
        }};
    static const section marked = with_effect(made, takes_effect::restart,
                                              {"listen", "misses_per_network", "misses_in_total",
                                               "reports_per_network", "trusted_proxies"});
    return marked;
}

const section& replies_section() {
    using object = config::replies;
    static const section made{
        "[replies]",
        "How the parts of long replies are put together.",
        defaults_of<object>(),
        {
            field<object, &object::timeout>(make::duration(
                "timeout", R"("30m")", second, 7 * day,
                "Time from the first part on; then what is there is delivered, marked "
                "incomplete over HTTP and part by part over SMPP")),
            field<object, &object::sets_max>(
                make::count("sets_max", "replies", "100000", 1, 10000000,
                            "Incomplete replies at the same time; the oldest is delivered to make "
                            "place")),
        }};
    return made;
}

const section& store_section() {
    using object = store;
    static const section made{
        "[store]",
        "Where messages are kept on disk, how much and for how long.",
        defaults_of<object>(),
        {
            field<object, &object::path>(make::text("path", R"("data")",
                                                    "Folder of the store, made when it is "
                                                    "missing; one process at a time uses it")),
            field<object, &object::map_bytes_initial>(
                make::size("map_bytes_initial", R"("1GiB")", 16 * mib, 64 * 1024 * gib,
                           "Room reserved at first; it grows by itself")),
            field<object, &object::map_bytes_max>(
                make::size("map_bytes_max", R"("1TiB")", 16 * mib, 64 * 1024 * gib,
                           "The store never grows beyond this; submissions are refused then")),
            field<object, &object::sync>(
                make::flag("sync", "true",
                           "Wait for the disk before anything is answered; `false` loses "
                           "accepted messages in a power cut")),
            field<object, &object::retention>(
                make::duration("retention", R"("30d")", minute, 3650 * day,
                               "Final messages, their attempts and hits are removed after this "
                               "time")),
            field<object, &object::unmatched_retention>(
                make::duration("unmatched_retention", R"("7d")", minute, 3650 * day,
                               "How long receipts and replies that found nobody are kept")),
            field<object, &object::node>(make::count("node", "number", "0", 0, 1023,
                                                     "Part of every message id; two gateways "
                                                     "never share a number")),
            field<object, &object::pending_bytes_max>(
                make::size("pending_bytes_max", R"("64MiB")", 1 * mib, 16 * gib,
                           "Data that waits for the disk; more submissions are refused until "
                           "it catches up")),
            field<object, &object::queued_messages_max>(
                make::count("queued_messages_max", "messages", "50000000", 1, 1000000000000,
                            "Messages that are not final yet; more submissions are refused")),
            field<object, &object::index_young_max>(
                make::count("index_young_max", "entries", "65536", 256, 1 << 20,
                            "Entries of each index that are kept in memory until they become a "
                            "run; far fewer make look-ups in a full store slow")),
            field<object, &object::machine_id_file>(make::text(
                "machine_id_file", R"("/etc/machine-id")",
                "What tells this machine from others: a store that was last open on another one "
                "sends nothing that asks the gate until `hikyaku store confirm`")),
        }};
    static const section marked =
        with_effect(made, takes_effect::restart,
                    {"path", "map_bytes_initial", "map_bytes_max", "sync", "node",
                     "pending_bytes_max", "index_young_max", "machine_id_file"});
    return marked;
}

const section& server_section() {
    using object = settings;
    static const section made{
        "[server]",
        "",
        defaults_of<object>(),
        {
            field<object, &object::smpp>(
                {.key = "smpp", .form = kind::table, .nested = smpp_section}),
            field<object, &object::http>(
                {.key = "http", .form = kind::table, .nested = http_section}),
            field<object, &object::admin>(
                {.key = "admin", .form = kind::table, .nested = admin_section}),
            field<object, &object::links>(
                {.key = "links", .form = kind::table, .nested = links_section}),
        }};
    return made;
}

const section& root_section() {
    using object = settings;
    static const section made = [] {
        setting server{.key = "server", .form = kind::table, .nested = server_section};
        // [server] has no struct of its own: its sections are members of settings.
        server.read = [](reader& r, const value& v, void* to) { read_sub_table(r, v, to); };
        server.print = [](const setting&, const void*) { return std::string{}; };
        return section{
            "",
            "",
            defaults_of<object>(),
            {
                server,
                field<object, &object::dns>(
                    {.key = "dns", .form = kind::table, .nested = dns_section}),
                field<object, &object::replies>(
                    {.key = "replies", .form = kind::table, .nested = replies_section}),
                field<object, &object::store>(
                    {.key = "store", .form = kind::table, .nested = store_section}),
                field<object, &object::dunning>(
                    {.key = "dunning", .form = kind::table, .nested = dunning_section}),
                field<object, &object::sandbox>(
                    {.key = "sandbox", .form = kind::table, .nested = sandbox_section}),
                field<object, &object::log>(
                    {.key = "log", .form = kind::table, .nested = log_section}),
                field<object, &object::policy>(
                    {.key = "policy", .form = kind::table, .nested = policy_section}),
                field<object, &object::accounts>({.key = "account",
                                                  .form = kind::table,
                                                  .list = true,
                                                  .nested = account_section}),
                field<object, &object::carriers>({.key = "carrier",
                                                  .form = kind::table,
                                                  .list = true,
                                                  .nested = carrier_section}),
                field<object, &object::routes>(
                    {.key = "route", .form = kind::table, .list = true, .nested = route_section}),
            }};
    }();
    return made;
}

}  // namespace hikyaku::config
