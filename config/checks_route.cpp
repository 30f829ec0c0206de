// The checks of [[route]]; those that need carriers and routes together are here too.
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

constexpr std::size_t targets_max = 32;

void check_targets(const settings& s, const route& each, const std::string& path, reader& r) {
    const std::string title = fmt::format("route '{}'", each.name);
    const bool shorthand = r.seen(path + ".carrier");
    const bool targets = r.seen(path + ".targets");
    if (shorthand && targets)
        r.fault_at(path + ".carrier", fmt::format("{} has 'carrier' and 'targets'", title));
    if (each.targets.size() > targets_max)  // the engine notes in 32 bits which have refused
        r.fault_at(path + ".targets", fmt::format("{} has {} targets; {} at most", title,
                                                  each.targets.size(), targets_max));
    if (each.targets.empty() && !shorthand)
        r.fault_at(path + ".targets", fmt::format("{} needs 'carrier' or 'targets'", title));
    const auto carriers = names_of(s.carriers);
    const auto only_receives = [&](const std::string& name) {
        const auto found = std::ranges::find(s.carriers, name, &carrier::name);
        return found != s.carriers.end() && found->bind == bind_type::receiver;
    };
    std::set<std::string> used;
    for (std::size_t i = 0; i < each.targets.size(); ++i) {
        const std::string& name = each.targets[i].carrier;
        if (name.empty()) continue;
        const std::string target_path =
            targets ? fmt::format("{}.targets[{}].carrier", path, i) : path + ".carrier";
        if (std::ranges::find(carriers, name) == carriers.end())
            r.fault_at(target_path, fmt::format("{} names the unknown carrier '{}'", title, name),
                       nearest(name, carriers));
        else if (only_receives(name))
            r.fault_at(target_path, fmt::format("{} names the carrier '{}', which only receives "
                                                "(bind = \"receiver\")",
                                                title, name));
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
                                   title, in_quotes(prefix)));
}

}  // namespace

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
        if (s.carriers[i].bind != bind_type::receiver && !reached.contains(s.carriers[i].name))
            r.warn_at(fmt::format("carrier[{}]", i),
                      fmt::format("no route leads to the carrier '{}'", s.carriers[i].name));
}

}  // namespace hikyaku::config
