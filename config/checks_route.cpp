// The checks of [[carrier]] and [[route]].
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <vector>

#include "config/checks.hpp"
#include "config/nearest.hpp"
#include "config/values.hpp"

namespace hikyaku::config {
namespace {

template <class Named>
std::vector<std::string_view> names_of(const std::vector<Named>& list) {
    std::vector<std::string_view> names;
    for (const Named& each : list)
        names.push_back(each.name);
    return names;
}

void check_carrier(const carrier& c, const std::string& path, reader& r) {
    const auto at = [&](std::string_view key) { return fmt::format("{}.{}", path, key); };
    const std::string title = fmt::format("carrier '{}'", c.name);
    if (c.hosts.empty() && r.seen(at("hosts")))
        r.fault_at(at("hosts"), fmt::format("{} has no host", title));
    if (c.reconnect_min > c.reconnect_max)
        r.fault_at(
            r.seen(at("reconnect_min")) ? at("reconnect_min") : at("reconnect_max"),
            fmt::format("{} has a 'reconnect_min' ({}) longer than 'reconnect_max' ({})", title,
                        format_duration(c.reconnect_min), format_duration(c.reconnect_max)));
    for (const auto& [status, rule] : c.retries)
        if (rule.delay > rule.delay_max)
            r.fault_at(at("retry"),
                       fmt::format("{} has a retry rule for status 0x{:08X} with a 'delay' ({}) "
                                   "longer than 'delay_max' ({})",
                                   title, status, format_duration(rule.delay),
                                   format_duration(rule.delay_max)));
    if (!c.tls && (r.seen(at("tls_ca")) || r.seen(at("tls_verify"))))
        r.warn_at(at(r.seen(at("tls_ca")) ? "tls_ca" : "tls_verify"),
                  fmt::format("{} has settings for TLS but not tls = true", title));
    if (c.tls && !c.tls_verify)
        r.warn_at(at("tls_verify"),
                  fmt::format("{} is not verified: anybody in between can read and change "
                              "messages",
                              title));
    if (!c.contract_rate)
        r.warn_at(at("contract_rate"),
                  fmt::format("{} has no rate limit; most contracts name one", title));
    if (r.in_the_open(at("password")))
        r.warn_at(at("password"), fmt::format("{} has its password in the file itself; "
                                              "'password_file' or \"${{NAME}}\" keeps it out",
                                              title));
}

void check_targets(const settings& s, const route& each, const std::string& path, reader& r) {
    const std::string title = fmt::format("route '{}'", each.name);
    const bool shorthand = r.seen(path + ".carrier");
    const bool targets = r.seen(path + ".targets");
    if (shorthand && targets)
        r.fault_at(path + ".carrier", fmt::format("{} has 'carrier' and 'targets'", title));
    if (each.targets.empty() && !shorthand)
        r.fault_at(path + ".targets", fmt::format("{} needs 'carrier' or 'targets'", title));
    const auto carriers = names_of(s.carriers);
    std::set<std::string> used;
    for (std::size_t i = 0; i < each.targets.size(); ++i) {
        const std::string& name = each.targets[i].carrier;
        if (name.empty()) continue;
        const std::string target_path =
            targets ? fmt::format("{}.targets[{}].carrier", path, i) : path + ".carrier";
        if (std::ranges::find(carriers, name) == carriers.end())
            r.fault_at(target_path, fmt::format("{} names the unknown carrier '{}'", title, name),
                       nearest(name, carriers));
        if (!used.insert(name).second && !shorthand)
            r.fault_at(target_path, fmt::format("{} names the carrier '{}' twice", title, name));
    }
}

void check_conditions(const settings& s, const route& each, const std::string& path, reader& r) {
    const std::string title = fmt::format("route '{}'", each.name);
    const auto accounts = names_of(s.accounts);
    for (const std::string& name : each.accounts)
        if (!name.empty() && std::ranges::find(accounts, name) == accounts.end())
            r.fault_at(path + ".accounts",
                       fmt::format("{} names the unknown account '{}'", title, name),
                       nearest(name, accounts));
    for (const std::string& prefix : each.prefixes)
        if (prefix.empty() ||
            !std::ranges::all_of(prefix, [](char c) { return c >= '0' && c <= '9'; }))
            r.fault_at(path + ".prefixes",
                       fmt::format("{} has the prefix {}; write digits only, international and "
                                   "without \"+\"",
                                   title, quoted(prefix)));
}

}  // namespace

void check_carriers(const settings& s, reader& r) {
    std::set<std::string> names;
    for (std::size_t i = 0; i < s.carriers.size(); ++i) {
        const carrier& each = s.carriers[i];
        const std::string path = fmt::format("carrier[{}]", i);
        if (!each.name.empty() && !names.insert(each.name).second)
            r.fault_at(path + ".name", fmt::format("two carriers are named '{}'", each.name));
        check_carrier(each, path, r);
    }
    if (s.carriers.empty()) r.warn_at("", "there is no [[carrier]]: nothing can be sent");
}

void check_routes(const settings& s, reader& r) {
    std::set<std::string> names;
    std::set<std::string_view> reached;
    for (std::size_t i = 0; i < s.routes.size(); ++i) {
        const route& each = s.routes[i];
        const std::string path = fmt::format("route[{}]", i);
        if (!each.name.empty() && !names.insert(each.name).second)
            r.fault_at(path + ".name", fmt::format("two routes are named '{}'", each.name));
        check_targets(s, each, path, r);
        check_conditions(s, each, path, r);
        for (const route_target& target : each.targets)
            reached.insert(target.carrier);
    }
    if (s.routes.empty()) return r.warn_at("", "there is no [[route]]: every message is refused");
    for (std::size_t i = 0; i < s.carriers.size(); ++i)
        if (!reached.contains(s.carriers[i].name))
            r.warn_at(fmt::format("carrier[{}]", i),
                      fmt::format("no route leads to the carrier '{}'", s.carriers[i].name));
}

}  // namespace hikyaku::config
