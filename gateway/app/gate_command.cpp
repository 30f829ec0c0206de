#include "gateway/app/gate_command.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <ostream>

#include "config/policy.hpp"
#include "gateway/api/policy/evaluate.hpp"
#include "gateway/app/lines.hpp"
#include "gateway/gate/compile.hpp"
#include "gateway/gate/decide.hpp"
#include "gateway/gate/zone_book.hpp"

namespace hikyaku::gateway::app {
namespace {

std::string purposes_text(gate::purpose_set set) {
    std::vector<std::string_view> names;
    for (const auto each :
         {gate::purpose::service, gate::purpose::dunning, gate::purpose::marketing})
        if ((set & gate::set_of(each)) != 0) names.push_back(gate::name_of(each));
    return fmt::format("{}", fmt::join(names, ", "));
}

std::string_view standing_of(const gate::rule& rule) {
    return rule.statutory ? "statutory" : "practice";
}

/// What an account could not be sent by, and nobody would see before the first message.
void warn_of_zones(const config::account& account, gate::zone_book& book,
                   const standard_streams& streams) {
    for (const std::string& each : account.zones)
        if (book.find(each) == nullptr)
            streams.error << fmt::format(
                "account '{}': the system does not know the zone '{}': messages that need it are "
                "blocked\n",
                account.name, each);
}

}  // namespace

int evaluate_lines(const config::settings& settings, const std::string& account,
                   const standard_streams& streams) {
    const config::account* own = nullptr;
    if (!account.empty()) {
        const auto at = std::ranges::find(settings.accounts, account, &config::account::name);
        if (at == settings.accounts.end()) {
            streams.error << "hikyaku: no account is named '" << account << "'" << std::endl;
            return 1;
        }
        own = &*at;
    } else if (settings.accounts.size() == 1) {
        own = &settings.accounts.front();
    }
    gate::zone_book zones;
    const api::policy_surroundings around{settings.packs, own, zones};
    return for_each_line(streams.in, streams.out, true, [&](const std::string& line) {
        auto answer = api::evaluate_policy_text(line, around);
        if (answer) return std::move(*answer);
        return boost::json::object{{"error", api::to_json(answer.error())}};
    });
}

void print_policies(const config::settings& settings, const standard_streams& streams) {
    gate::zone_book book;
    for (const config::account& account : settings.accounts) {
        warn_of_zones(account, book, streams);
        const config::policy_pack* const pack = config::find_pack(settings.packs, account.policy);
        if (pack == nullptr) continue;
        const gate::policy rules = gate::compile(*pack, account);
        streams.out << fmt::format("account {}: policy {} of {}{}\n", account.name, rules.pack,
                                   rules.version,
                                   rules.shadow ? ", in shadow: nothing is held back" : "");
        for (const gate::rule& each : rules.rules)
            streams.out << fmt::format("  {} [{}] {}: {} ({})\n", each.id, standing_of(each),
                                       purposes_text(each.purposes), gate::sentence_of(each),
                                       each.source);
        for (const config::policy_approval& each : account.approvals)
            streams.out << fmt::format("  approved: {} by {} on {}: {}\n", each.rule, each.name,
                                       each.date, each.reason);
    }
    streams.out << std::flush;
}

}  // namespace hikyaku::gateway::app
