#include "config/policy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <chrono>
#include <map>
#include <optional>
#include <set>

#include "config/checks_policy.hpp"
#include "config/document.hpp"
#include "config/reader.hpp"
#include "config/table.hpp"

namespace hikyaku::config {
namespace {

constexpr std::size_t rules_max = 24;
constexpr std::array<std::string_view, 7> weekday_names{
    "sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"};

constexpr std::array<std::string_view, 14> parameter_names{
    "open",   "close", "weekdays", "holidays", "calendars", "days",     "max",
    "period", "gap",   "within",   "floor",    "tags",      "consents", "holds"};

struct parameters_of_kind {
    policy_rule_kind kind;
    std::vector<std::string_view> required, optional;
};

const parameters_of_kind& parameters_of(policy_rule_kind kind) {
    using enum policy_rule_kind;
    static const std::array<parameters_of_kind, 12> all{{
        {hours, {"open", "close"}, {}},
        {rest_days, {}, {"weekdays", "holidays", "calendars"}},
        {blackout, {"days"}, {}},
        {cap_day, {"max"}, {}},
        {cap_period, {"max", "period"}, {}},
        {policy_rule_kind::gap, {"gap"}, {}},
        {debtor_day, {}, {}},
        {tags, {"tags"}, {}},
        {consent, {"consents"}, {"within"}},
        {hold, {}, {"holds"}},
        {suppression, {}, {}},
        {deliver_by, {"floor"}, {}},
    }};
    return all[static_cast<std::size_t>(kind)];
}

/// Checks of what read_table() has put into a pack.
class pack_checker {
public:
    pack_checker(const policy_pack& pack, std::string_view name, reader& r)
        : pack_(pack), name_(name), r_(r) {}

    void run() {
        if (!pack_.pack.empty() && pack_.pack != name_)
            r_.fault_at("pack", fmt::format("'pack' is '{}', but the file is that of '{}'",
                                            pack_.pack, name_));
        check_date("version", pack_.version);
        if (pack_.rules.empty()) r_.fault_at("", "the pack has no [[rule]]");
        if (pack_.rules.size() > rules_max)
            r_.fault_at("rule", fmt::format("the pack has more than {} rules", rules_max));
        std::set<std::string_view> ids;
        for (std::size_t i = 0; i < pack_.rules.size(); ++i) {
            const policy_rule& each = pack_.rules[i];
            path_ = fmt::format("rule[{}]", i);
            if (!each.id.empty() && !ids.insert(each.id).second)
                fault("id", fmt::format("two rules have the id '{}'", each.id));
            check_parameters(each);
            check_values(each);
        }
        const auto all_others = [](const policy_rule& each) {
            return each.kind == policy_rule_kind::hold && each.holds.empty();
        };
        if (std::ranges::count_if(pack_.rules, all_others) != 1)
            r_.fault_at("",
                        "the pack needs one rule of the kind 'hold' without 'holds', about all "
                        "kinds that no other rule names");
        for (const std::string& each : kinds_twice())
            r_.fault_at("rule", fmt::format("two rules are about the hold '{}'", each));
    }

private:
    void fault(std::string_view key, std::string sentence) {
        r_.fault_at(fmt::format("{}.{}", path_, key), std::move(sentence));
    }

    void check_date(const std::string& path, const std::string& text) {
        if (!text.empty() && !parse_day_span(text))
            r_.fault_at(path, fmt::format("'{}' must be a date such as \"2026-11-30\"", path));
    }

    void check_parameters(const policy_rule& rule) {
        const auto& known = parameters_of(rule.kind);
        for (const std::string_view name : parameter_names) {
            const bool there = r_.seen(fmt::format("{}.{}", path_, name));
            const bool needed = std::ranges::find(known.required, name) != known.required.end();
            const bool allowed =
                needed || std::ranges::find(known.optional, name) != known.optional.end();
            if (needed && !there)
                fault(name, fmt::format("the rule '{}' needs '{}'", rule.id, name));
            if (there && !allowed)
                fault(name, fmt::format("the rule '{}' cannot have '{}': it is of another kind",
                                        rule.id, name));
        }
    }

    void check_values(const policy_rule& rule) {
        check_date(path_ + ".date", rule.date);
        for (const std::string_view sentence : hours_faults(rule.open, rule.close))
            fault("open", fmt::format("the rule '{}': {}", rule.id, sentence));
        for (const std::string& each : rule.days)
            if (!parse_day_span(each)) fault("days", day_fault(each));
        if (std::ranges::find(rule.purposes, purpose::transactional) != rule.purposes.end())
            fault("purposes", "no rule can be about transactional messages");
        if (rule.purposes.empty()) fault("purposes", "a rule must be about some purpose");
    }

    [[nodiscard]] std::set<std::string> kinds_twice() const {
        std::set<std::string> seen, twice;
        for (const policy_rule& rule : pack_.rules)
            for (const std::string& each : rule.holds)
                if (!seen.insert(each).second) twice.insert(each);
        return twice;
    }

    const policy_pack& pack_;
    std::string_view name_;
    reader& r_;
    std::string path_;
};

std::optional<unsigned> digits_value(std::string_view text) {
    unsigned value = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + static_cast<unsigned>(c - '0');
    }
    return text.empty() ? std::nullopt : std::optional{value};
}

std::optional<std::int32_t> parse_date(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
    const auto year = digits_value(text.substr(0, 4));
    const auto month = digits_value(text.substr(5, 2));
    const auto day = digits_value(text.substr(8, 2));
    if (!year || !month || !day) return std::nullopt;
    const std::chrono::year_month_day civil{std::chrono::year{static_cast<int>(*year)},
                                            std::chrono::month{*month}, std::chrono::day{*day}};
    if (!civil.ok()) return std::nullopt;
    return static_cast<std::int32_t>(std::chrono::sys_days{civil}.time_since_epoch().count());
}

}  // namespace

std::optional<std::uint32_t> parse_clock(std::string_view text) {
    constexpr std::uint32_t day_minutes = 24 * 60;
    if (text.size() != 5 || text[2] != ':') return std::nullopt;
    const auto hours = digits_value(text.substr(0, 2));
    const auto minutes = digits_value(text.substr(3, 2));
    if (!hours || !minutes || *minutes > 59) return std::nullopt;
    const std::uint32_t all = *hours * 60 + *minutes;
    return all <= day_minutes ? std::optional{all} : std::nullopt;
}

std::optional<day_span> parse_day_span(std::string_view text) {
    const auto dots = text.find("..");
    const auto first = parse_date(text.substr(0, dots));
    const auto last = dots == std::string_view::npos ? first : parse_date(text.substr(dots + 2));
    if (!first || !last || *last < *first) return std::nullopt;
    return day_span{*first, *last};
}

std::optional<unsigned> parse_weekday(std::string_view text) {
    const auto at = std::ranges::find(weekday_names, text);
    if (at == weekday_names.end()) return std::nullopt;
    return static_cast<unsigned>(at - weekday_names.begin());
}

boost::system::result<policy_pack, faults> parse_policy_pack(std::string_view text,
                                                             std::string_view name,
                                                             std::string file_name,
                                                             const sources& from) {
    auto document = parse_document(text);
    if (!document) {
        const syntax_fault& wrong = document.error();
        return faults{{std::move(file_name), wrong.at, {}, "not TOML: " + wrong.sentence, {}}};
    }
    reader r{std::move(file_name), from};
    policy_pack pack;
    r.read_table(policy_pack_section(), *document, "", &pack);
    pack_checker(pack, name, r).run();
    if (faults found = r.take_faults(); !found.empty()) return found;
    return pack;
}

const std::vector<policy_pack>& shipped_packs() {
    static const std::vector<policy_pack> made = [] {
        std::vector<policy_pack> packs;
        for (const embedded_pack& each : embedded_packs()) {
            auto pack =
                parse_policy_pack(each.text, each.name, fmt::format("{}.toml", each.name), {});
            assert(pack.has_value());  // a test reads them all
            if (pack) packs.push_back(std::move(*pack));
        }
        return packs;
    }();
    return made;
}

std::vector<policy_pack> packs_in(const std::string& folder, std::span<const std::string> wanted,
                                  const sources& from, faults& found) {
    if (folder.empty() || !from.read_file) return shipped_packs();
    std::map<std::string, policy_pack> packs;
    for (const policy_pack& each : shipped_packs())
        packs.emplace(each.pack, each);
    std::set<std::string> names(wanted.begin(), wanted.end());
    for (const auto& [name, pack] : packs)
        names.insert(name);
    bool any = false;
    for (const std::string& name : names) {
        const std::string file = fmt::format("{}/{}.toml", folder, name);
        const auto text = from.read_file(file);
        if (!text) continue;
        any = true;
        auto pack = parse_policy_pack(*text, name, file, from);
        if (pack) {
            packs.insert_or_assign(name, std::move(*pack));
        } else {
            const faults wrong = pack.error();
            found.insert(found.end(), wrong.begin(), wrong.end());
        }
    }
    // A path with a typing error must not bring back the program's rules without a word.
    if (!any)
        found.push_back({folder, {}, "policy.path", "no policy pack lies in this folder", {}});
    std::vector<policy_pack> out;
    for (auto& [name, pack] : packs)
        out.push_back(std::move(pack));
    return out;
}

const policy_pack* find_pack(std::span<const policy_pack> packs, std::string_view name) {
    const auto at = std::ranges::find(packs, name, &policy_pack::pack);
    return at == packs.end() ? nullptr : &*at;
}

}  // namespace hikyaku::config
