#include "config/checks_policy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "config/nearest.hpp"
#include "config/policy.hpp"
#include "config/values.hpp"

namespace hikyaku::config {
namespace {

constexpr std::size_t zones_max = 8;

class policy_checker {
public:
    policy_checker(const settings& s, const account& a, std::size_t index, reader& r)
        : packs_(s.packs), a_(a), path_(fmt::format("account[{}]", index)), r_(r) {}

    void run() {
        check_zones();
        check_forms();
        if (a_.policy.empty()) {
            const bool rules = a_.policy_rules != account_policy_rules{};
            for (const auto& [key, used] : {std::pair{"policy_shadow", a_.policy_shadow},
                                            {"policy_rules", rules},
                                            {"approval", !a_.approvals.empty()}})
                if (used)
                    r_.fault_at(at(key), fmt::format("'{}' in [[account]] needs 'policy'", key));
            return;
        }
        pack_ = find_pack(packs_, a_.policy);
        if (pack_ == nullptr) {
            std::vector<std::string_view> names;
            for (const policy_pack& each : packs_)
                names.emplace_back(each.pack);
            r_.fault_at(at("policy"), fmt::format("there is no policy pack '{}'", a_.policy),
                        nearest(a_.policy, names));
            return;
        }
        check_approvals();
        check_looser();
    }

private:
    [[nodiscard]] std::string at(std::string_view key) const {
        return fmt::format("{}.{}", path_, key);
    }
    [[nodiscard]] std::string at_rule(std::string_view key) const {
        return fmt::format("{}.policy_rules.{}", path_, key);
    }

    void check_zones() {
        if (a_.zones.size() > zones_max)
            r_.fault_at(at("zones"), fmt::format("more than {} zones", zones_max));
        std::set<std::string_view> seen;
        for (const std::string& each : a_.zones)
            if (each.empty() || !seen.insert(each).second)
                r_.fault_at(at("zones"), "'zones' in [[account]] has an empty text or one twice");
    }

    void check_forms() {
        const account_policy_rules& own = a_.policy_rules;
        for (const auto& [key, text] : {std::pair{"open", &own.open}, {"close", &own.close}})
            if (!text->empty() && !parse_clock(*text))
                r_.fault_at(at_rule(key), fmt::format("'{}' in policy_rules must be a time such as "
                                                      "\"08:00\"",
                                                      key));
        for (const std::string& each : own.blackout_days)
            if (!parse_day_span(each)) r_.fault_at(at_rule("blackout_days"), day_fault(each));
    }

    void check_approvals() {
        for (std::size_t i = 0; i < a_.approvals.size(); ++i) {
            const policy_approval& each = a_.approvals[i];
            const std::string path = fmt::format("{}.approval[{}]", path_, i);
            if (!each.date.empty() && !parse_day_span(each.date))
                r_.fault_at(path + ".date", "'date' must be a date such as \"2026-11-30\"");
            std::vector<std::string_view> ids;
            for (const policy_rule& rule : pack_->rules)
                ids.emplace_back(rule.id);
            if (!each.rule.empty() && std::ranges::find(ids, each.rule) == ids.end())
                r_.fault_at(path + ".rule",
                            fmt::format("{} has no rule '{}'", pack_->pack, each.rule),
                            nearest(each.rule, ids));
        }
    }

    [[nodiscard]] bool approved(const policy_rule& rule) const {
        return std::ranges::find(a_.approvals, rule.id, &policy_approval::rule) !=
               a_.approvals.end();
    }

    /// `own` is the looser value that is written at `key`.
    void looser(const policy_rule& rule, std::string_view key, std::string_view own,
                std::string_view packs) {
        const std::string what =
            fmt::format("'{}' in policy_rules ({}) is looser than {} of the rule '{}' in {}", key,
                        own, packs, rule.id, pack_->pack);
        if (rule.standing == policy_standing::practice)
            r_.warn_at(at_rule(key), what);
        else if (!approved(rule))
            r_.fault_at(at_rule(key),
                        fmt::format("{} ({}): that needs an [[account.approval]] with "
                                    "this rule, name, reason and date",
                                    what, rule.source));
    }

    void check_hours(const policy_rule& rule) {
        const account_policy_rules& own = a_.policy_rules;
        const auto earlier = [](const std::string& one, const std::string& other) {
            const auto first = parse_clock(one), second = parse_clock(other);
            return first && second && *first < *second;
        };
        if (earlier(own.open, rule.open)) looser(rule, "open", own.open, rule.open);
        if (earlier(rule.close, own.close)) looser(rule, "close", own.close, rule.close);
        const std::string& open = own.open.empty() ? rule.open : own.open;
        const std::string& close = own.close.empty() ? rule.close : own.close;
        if (!earlier(open, close) && parse_clock(open) && parse_clock(close))
            r_.fault_at(at_rule(own.open.empty() ? "close" : "open"),
                        fmt::format("contact hours from {} to {} never open", open, close));
    }

    void check_count(const policy_rule& rule, std::string_view key, std::uint32_t own) {
        if (own > rule.max) looser(rule, key, fmt::to_string(own), fmt::to_string(rule.max));
    }

    /// A shorter time than the pack's, where `own` is set.
    void check_span(const policy_rule& rule, std::string_view key, seconds own, seconds packs) {
        if (own.count() != 0 && own < packs)
            looser(rule, key, format_duration(own), format_duration(packs));
    }

    void check_looser() {
        const account_policy_rules& own = a_.policy_rules;
        for (const policy_rule& rule : pack_->rules) {
            switch (rule.kind) {
                case policy_rule_kind::hours:
                    check_hours(rule);
                    break;
                case policy_rule_kind::cap_day:
                    check_count(rule, "max_per_day", own.max_per_day);
                    break;
                case policy_rule_kind::cap_period:
                    if (rule.period == std::chrono::days{7})
                        check_count(rule, "max_per_7d", own.max_per_7d);
                    break;
                case policy_rule_kind::gap:
                    check_span(rule, "min_gap", own.min_gap, rule.gap);
                    break;
                case policy_rule_kind::consent:
                    if (rule.within.count() != 0 && own.consent_within > rule.within)
                        looser(rule, "consent_within", format_duration(own.consent_within),
                               format_duration(rule.within));
                    break;
                case policy_rule_kind::deliver_by:
                    check_span(rule, "deliver_floor", own.deliver_floor, rule.floor);
                    break;
                default:
                    break;  // what an account can only add to
            }
        }
    }

    const std::vector<policy_pack>& packs_;
    const account& a_;
    const policy_pack* pack_ = nullptr;
    std::string path_;
    reader& r_;
};

}  // namespace

std::vector<std::string_view> hours_faults(std::string_view open, std::string_view close) {
    std::vector<std::string_view> found;
    if (open.empty() && close.empty()) return found;
    const auto from = parse_clock(open), to = parse_clock(close);
    if (!from || !to)
        found.emplace_back("'open' and 'close' must be times such as \"08:00\"");
    else if (*from >= *to)
        found.emplace_back("'open' must be before 'close'");
    return found;
}

std::string day_fault(std::string_view text) {
    return fmt::format(
        "'{}' is no date such as \"2026-12-31\" and no span of them such as "
        "\"2026-12-30..2027-01-03\"",
        text);
}

void check_policies(const settings& s, reader& r) {
    for (std::size_t i = 0; i < s.accounts.size(); ++i)
        policy_checker(s, s.accounts[i], i, r).run();
}

}  // namespace hikyaku::config
