#include "config/checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <vector>

#include "config/checks_policy.hpp"
#include "config/values.hpp"

namespace hikyaku::config {
namespace {

struct listener {
    address at;
    std::string path;
    std::string name;  // for the sentence, in quotes or with its owner
};

bool is_any(const std::string& host) {
    return host == "0.0.0.0" || host == "::";
}

/// True if the second bind() would fail: same port, and same address or one of them is "any" of
/// the same family.
bool clash(const address& a, const address& b) {
    if (a.port == 0 || a.port != b.port) return false;
    if (a.host == b.host) return true;
    const bool same_family =
        (a.host.find(':') == std::string::npos) == (b.host.find(':') == std::string::npos);
    return same_family && (is_any(a.host) || is_any(b.host));
}

std::vector<listener> all_listeners(const settings& s) {
    std::vector<listener> list;
    const auto add = [&](const std::vector<address>& addresses, std::string_view path) {
        for (const address& each : addresses)
            if (!each.host.empty())
                list.push_back({each, std::string{path}, fmt::format("'{}'", path)});
    };
    add(s.smpp.listen, "server.smpp.listen");
    add(s.smpp.tls_listen, "server.smpp.tls_listen");
    add(s.http.listen, "server.http.listen");
    add(s.http.tls_listen, "server.http.tls_listen");
    if (s.admin.listen) add({*s.admin.listen}, "server.admin.listen");
    if (s.links.listen) add({*s.links.listen}, "server.links.listen");
    for (std::size_t i = 0; i < s.carriers.size(); ++i)
        if (const carrier& each = s.carriers[i]; each.outbind_listen)
            list.push_back({*each.outbind_listen, fmt::format("carrier[{}].outbind_listen", i),
                            fmt::format("'outbind_listen' of carrier '{}'", each.name)});
    return list;
}

void check_listeners(const settings& s, reader& r) {
    const auto list = all_listeners(s);
    for (std::size_t i = 0; i < list.size(); ++i)
        for (std::size_t j = 0; j < i; ++j) {
            if (!clash(list[j].at, list[i].at)) continue;
            // The one that is written, when the other one is only a default.
            const listener& named = r.seen(list[i].path) ? list[i] : list[j];
            const listener& other = r.seen(list[i].path) ? list[j] : list[i];
            r.fault_at(named.path,
                       fmt::format("{} takes {}, which {} ({}) takes too", named.name,
                                   format_address(named.at), other.name, format_address(other.at)));
        }
}

template <class Server>
void check_tls(const Server& server, const std::string& path, reader& r) {
    if (!server.tls_listen.empty() && !server.tls && !r.seen(path + ".tls"))
        r.fault_at(path + ".tls_listen",
                   fmt::format("'tls_listen' in [{}] needs tls = {{ certificate = \"...\", "
                               "private_key = \"...\" }}",
                               path));
    if (server.tls && server.tls_listen.empty())
        r.warn_at(path + ".tls",
                  fmt::format("'tls' in [{}] is not used: there is no 'tls_listen'", path));
    const std::string authorities = path + ".tls.client_ca";
    if (server.tls && server.tls->client_required && server.tls->client_ca.empty() &&
        !r.has_fault_at(authorities))
        r.fault_at(path + ".tls.client_required",
                   fmt::format("'client_required' in tls of [{}] needs 'client_ca', the "
                               "authorities whose certificates are good",
                               path));
}

/// A door that is open, and nobody has its key.
template <class Door>
void check_door(const settings& s, reader& r, bool open, std::string_view name, Door of) {
    const auto has_door = [of](const account& a) { return (a.*of).has_value(); };
    if (open && std::ranges::none_of(s.accounts, has_door))
        r.warn_at(fmt::format("server.http.{}", name),
                  fmt::format("'{0}' in [server.http] is true, but no [[account]] has '{0}': every "
                              "request is refused",
                              name));
}

void check_links(const settings& s, reader& r) {
    for (std::size_t i = 0; i < s.links.networks.size(); ++i)
        if (s.links.networks[i].ranges.empty())
            r.fault_at(fmt::format("server.links.network[{}]", i),
                       "'network' of [server.links] needs 'ranges'");
    const std::string path = "server.links.base_url";
    if (!s.links.base_url.empty()) {
        if (const auto wrong = base_url_fault(s.links.base_url); !wrong.empty())
            r.fault_at(path, fmt::format("'base_url' in [server.links] {}", wrong));
    } else if (s.links.listen && !r.seen(path)) {
        r.fault_at("server.links.listen",
                   "[server.links] needs 'base_url', what tracked links begin with");
    }
}

void check_timers(const settings& s, reader& r) {
    if (s.smpp.inactivity_timeout <= s.smpp.enquire_link_interval)
        r.fault_at(r.seen("server.smpp.inactivity_timeout") ? "server.smpp.inactivity_timeout"
                                                            : "server.smpp.enquire_link_interval",
                   fmt::format("'inactivity_timeout' in [server.smpp] ({}) must be longer than "
                               "'enquire_link_interval' ({})",
                               format_duration(s.smpp.inactivity_timeout),
                               format_duration(s.smpp.enquire_link_interval)));
    if (s.smpp.system_id.size() > system_id_chars_max)
        r.fault_at("server.smpp.system_id",
                   "'system_id' in [server.smpp] must not be longer than 15 characters");
    if (s.smpp.unbound_sessions_max > s.smpp.sessions_max)
        r.fault_at(r.seen("server.smpp.unbound_sessions_max") ? "server.smpp.unbound_sessions_max"
                                                              : "server.smpp.sessions_max",
                   fmt::format("'unbound_sessions_max' in [server.smpp] ({}) must not be more than "
                               "'sessions_max' ({})",
                               s.smpp.unbound_sessions_max, s.smpp.sessions_max));
}

void check_dns(const settings& s, reader& r) {
    for (std::size_t i = 0; i < s.dns.servers.size(); ++i) {
        const auto& host = s.dns.servers[i].host;
        // Empty: its own fault has been told.
        if (host.empty() || is_ip_address(host)) continue;
        r.fault_at(fmt::format("dns.servers[{}]", i),
                   fmt::format("'servers' in [dns] must hold IP addresses, not the name {}",
                               in_quotes(host)));
    }
}

void check_store(const settings& s, reader& r) {
    if (s.store.path.empty()) r.fault_at("store.path", "'path' in [store] must not be empty");
    if (s.store.map_bytes_initial > s.store.map_bytes_max)
        r.fault_at("store.map_bytes_initial",
                   fmt::format("'map_bytes_initial' in [store] ({}) must not be more than "
                               "'map_bytes_max' ({})",
                               format_size(s.store.map_bytes_initial),
                               format_size(s.store.map_bytes_max)));
    if (!s.store.sync)
        r.warn_at("store.sync",
                  "'sync' in [store] is false: a power cut loses messages that were accepted");
}

}  // namespace

url_parts split_url(std::string_view url) {
    url_parts parts;
    parts.https = url.starts_with("https://");
    parts.http = parts.https || url.starts_with("http://");
    if (!parts.http) return parts;
    const std::string_view rest = url.substr(parts.https ? 8 : 7);
    std::string_view host = rest.substr(0, rest.find_first_of("/?#"));
    parts.extra = std::ranges::any_of(rest, [](char c) {
        return c == '?' || c == '#' || static_cast<unsigned char>(c) <= ' ' || c == 0x7f;
    });
    if (const auto at = host.rfind('@'); at != std::string_view::npos) {
        parts.credentials = true;
        host.remove_prefix(at + 1);
    }
    if (host.starts_with('[')) {
        const auto end = host.find(']');
        parts.host = end == std::string_view::npos ? std::string_view{} : host.substr(1, end - 1);
    } else {
        parts.host = host.substr(0, host.find(':'));
    }
    return parts;
}

std::string base_url_fault(std::string_view url) {
    const url_parts parts = split_url(url);
    if (!parts.http || parts.host.empty())
        return "must begin with \"https://\" (or \"http://\") and a host";
    if (parts.credentials || parts.extra)
        return "must be a scheme, a host and perhaps a path, nothing else";
    return {};
}

void check_servers(const settings& s, reader& r) {
    check_listeners(s, r);
    check_tls(s.smpp, "server.smpp", r);
    check_tls(s.http, "server.http", r);
    check_door(s, r, s.http.sendsms, "sendsms", &account::sendsms);
    check_door(s, r, s.http.jasmin, "jasmin", &account::jasmin);
    check_door(s, r, s.http.twilio, "twilio", &account::twilio);
    check_links(s, r);
    check_timers(s, r);
    check_dns(s, r);
    check_store(s, r);
}

void check_all(const settings& s, reader& r) {
    check_servers(s, r);
    check_accounts(s, r);
    check_account_links(s, r);
    check_carriers(s, r);
    check_routes(s, r);
    check_sandbox(s, r);
    check_policies(s, r);
}

}  // namespace hikyaku::config
