#include "config/difference.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include "config/table.hpp"

namespace hikyaku::config {
namespace {

/// Calls visit(prefix, section, member) for each section that the file has once.
template <class Visit>
void for_each_single(Visit&& visit) {
    visit("server.smpp", smpp_section(), &settings::smpp);
    visit("server.http", http_section(), &settings::http);
    visit("server.admin", admin_section(), &settings::admin);
    visit("server.links", links_section(), &settings::links);
    visit("dns", dns_section(), &settings::dns);
    visit("replies", replies_section(), &settings::replies);
    visit("store", store_section(), &settings::store);
    visit("dunning", dunning_section(), &settings::dunning);
    visit("sandbox", sandbox_section(), &settings::sandbox);
    visit("log", log_section(), &settings::log);
    visit("policy", policy_section(), &settings::policy);
}

template <class Named>
std::unordered_map<std::string_view, const Named*> by_name(const std::vector<Named>& list) {
    std::unordered_map<std::string_view, const Named*> out;
    for (const auto& each : list)
        out.emplace(each.name, &each);
    return out;
}

template <class Named>
name_changes changes_of(const std::vector<Named>& running, const std::vector<Named>& file) {
    name_changes out;
    const auto before = by_name(running), after = by_name(file);
    for (const auto& each : file) {
        const auto at = before.find(each.name);
        if (at == before.end())
            out.added.push_back(each.name);
        else if (*at->second != each)
            out.changed.push_back(each.name);
    }
    for (const auto& each : running)
        if (!after.contains(each.name)) out.removed.push_back(each.name);
    return out;
}

/// The names of `list` that `other` has too, in the order of `list`.
std::vector<std::string_view> shared_names(const std::vector<route>& list,
                                           const std::vector<route>& other) {
    const auto known = by_name(other);
    std::vector<std::string_view> out;
    for (const auto& each : list)
        if (known.contains(each.name)) out.push_back(each.name);
    return out;
}

/// Of one object: what waits for a restart, and what does not.
void compare(const std::string& prefix, const section& what, const void* running, const void* file,
             difference& out) {
    for (const auto& each : what.settings) {
        if (each.equal(running, file)) continue;
        auto path = fmt::format("{}.{}", prefix, each.key);
        if (each.effect == takes_effect::restart)
            out.restart.push_back(
                {std::move(path), each.print(each, file), each.print(each, running)});
        else
            out.settings.push_back(std::move(path));
    }
}

void keep_running(const section& what, const void* running, void* file) {
    for (const auto& each : what.settings)
        if (each.effect == takes_effect::restart) each.copy(file, running);
}

std::string names_line(std::string_view what, const name_changes& names) {
    if (names.empty()) return {};
    auto line = fmt::format("{}:", what);
    for (const auto& each : names.added)
        line += fmt::format(" +{}", each);
    for (const auto& each : names.changed)
        line += fmt::format(" ~{}", each);
    for (const auto& each : names.removed)
        line += fmt::format(" -{}", each);
    return line + "\n";
}

}  // namespace

difference difference_of(const settings& running, const settings& file) {
    difference out;
    for_each_single([&](const char* prefix, const section& what, auto member) {
        compare(prefix, what, &(running.*member), &(file.*member), out);
    });
    const auto before = by_name(running.carriers);
    for (const auto& each : file.carriers) {
        const auto at = before.find(each.name);
        if (at == before.end()) continue;
        difference own;
        compare("carrier." + each.name, carrier_section(), at->second, &each, own);
        std::ranges::move(own.restart, std::back_inserter(out.restart));
    }
    const auto to_run = settings_to_run(running, file);
    out.accounts = changes_of(running.accounts, to_run.accounts);
    out.carriers = changes_of(running.carriers, to_run.carriers);
    out.routes = changes_of(running.routes, to_run.routes);
    for (const auto& each : to_run.carriers) {
        const auto at = before.find(each.name);
        if (at == before.end()) continue;
        const auto& old = *at->second;
        if (needs_new_binds(old, each) || old.binds != each.binds) out.rebound.push_back(each.name);
    }
    if (shared_names(running.routes, file.routes) != shared_names(file.routes, running.routes))
        out.settings.emplace_back("route");
    if (running.agents != file.agents) out.settings.emplace_back("lists of user agents");
    if (running.packs != file.packs) out.settings.emplace_back("policy packs");
    return out;
}

settings settings_to_run(const settings& running, settings file) {
    for_each_single([&](const char*, const section& what, auto member) {
        keep_running(what, &(running.*member), &(file.*member));
    });
    const auto before = by_name(running.carriers);
    for (auto& each : file.carriers)
        if (const auto at = before.find(each.name); at != before.end())
            keep_running(carrier_section(), at->second, &each);
    return file;
}

bool needs_new_binds(const carrier& running, const carrier& file) {
    return std::ranges::any_of(
        carrier_section().settings,
        [&](const setting& each) {
            return each.effect == takes_effect::new_binds && each.key != "binds" &&
                   !each.equal(&running, &file);
        });
}

std::string describe(const difference& what) {
    std::string out = names_line("accounts", what.accounts) +
                      names_line("carriers", what.carriers) + names_line("routes", what.routes);
    if (!what.rebound.empty()) out += fmt::format("new binds: {}\n", fmt::join(what.rebound, " "));
    if (!what.settings.empty()) out += fmt::format("settings: {}\n", fmt::join(what.settings, " "));
    if (what.empty()) out += "nothing has changed\n";
    for (const auto& each : what.restart)
        out += fmt::format("needs a restart: {} (file: {}, running: {})\n", each.path,
                           each.file.empty() ? "not set" : each.file,
                           each.running.empty() ? "not set" : each.running);
    return out;
}

}  // namespace hikyaku::config
