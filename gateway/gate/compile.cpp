#include "gateway/gate/compile.hpp"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "gateway/gate/calendar.hpp"

namespace hikyaku::gateway::gate {
namespace {

using config::policy_rule_kind;

constexpr purpose_set all_asked =
    set_of(purpose::service) | set_of(purpose::dunning) | set_of(purpose::marketing);
constexpr purpose_set about_debts_and_sales = set_of(purpose::dunning) | set_of(purpose::marketing);
constexpr std::string_view own_source = "Setting of the account";
constexpr std::int64_t seven_days_ms = std::chrono::milliseconds{std::chrono::days{7}}.count();

std::int64_t ms_of(std::chrono::seconds span) {
    return std::chrono::milliseconds{span}.count();
}

std::int32_t clock_ms(std::string_view text) {
    const auto minutes = config::parse_clock(text);
    return minutes ? static_cast<std::int32_t>(*minutes * minute_ms) : 0;
}

rule_kind kind_of(policy_rule_kind kind) {
    switch (kind) {
        case policy_rule_kind::hours:
            return rule_kind::hours;
        case policy_rule_kind::rest_days:
            return rule_kind::rest_days;
        case policy_rule_kind::blackout:
            return rule_kind::blackout;
        case policy_rule_kind::cap_day:
            return rule_kind::cap_day;
        case policy_rule_kind::cap_period:
            return rule_kind::cap_period;
        case policy_rule_kind::gap:
            return rule_kind::gap;
        case policy_rule_kind::debtor_day:
            return rule_kind::debtor_day;
        case policy_rule_kind::tags:
            return rule_kind::tags;
        case policy_rule_kind::consent:
            return rule_kind::consent;
        case policy_rule_kind::hold:
            return rule_kind::hold;
        case policy_rule_kind::suppression:
            return rule_kind::suppression;
        case policy_rule_kind::deliver_by:
            break;
    }
    return rule_kind::deliver_by;
}

std::uint8_t weekdays_of(const std::vector<std::string>& names) {
    std::uint8_t set = 0;
    for (const std::string& each : names)
        if (const auto day = config::parse_weekday(each))
            set = static_cast<std::uint8_t>(set | 1U << *day);
    return set;
}

std::vector<day_range> days_of(const std::vector<std::string>& spans) {
    std::vector<day_range> days;
    for (const std::string& each : spans)
        if (const auto span = config::parse_day_span(each))
            days.push_back({span->first, span->last});
    return days;
}

std::uint32_t holds_of(const config::policy_rule& from) {
    std::uint32_t set = 0;
    for (const std::string& each : from.holds)
        if (const auto kind = hold_kind_from(each)) set |= 1U << static_cast<unsigned>(*kind);
    return set;
}

std::uint32_t consents_of(const config::policy_rule& from) {
    std::uint32_t set = 0;
    for (const std::string& each : from.consents)
        if (const auto kind = consent_kind_from(each)) set |= 1U << static_cast<unsigned>(*kind);
    return set;
}

rule rule_of(const config::policy_rule& from) {
    rule to;
    to.kind = kind_of(from.kind);
    to.id = from.id;
    to.source = from.source;
    to.date = from.date;
    to.text = from.text;
    to.statutory = from.standing == config::policy_standing::statutory;
    for (const config::purpose each : from.purposes)
        to.purposes = static_cast<purpose_set>(to.purposes | set_of(static_cast<purpose>(each)));
    to.open_ms = clock_ms(from.open);
    to.close_ms = clock_ms(from.close);
    to.weekdays = weekdays_of(from.weekdays);
    to.holidays = from.holidays;
    to.calendars = from.calendars;
    to.days = days_of(from.days);
    to.count = from.max;
    // A rule has one of these.
    to.span_ms = ms_of(from.period + from.gap + from.within + from.floor);
    to.words = from.tags;
    to.kinds = to.kind == rule_kind::hold ? holds_of(from) : consents_of(from);
    return to;
}

/// The rule about holds that names none is about all that no other names.
void fill_holds(std::vector<rule>& rules) {
    std::uint32_t named = 0;
    for (const rule& each : rules)
        if (each.kind == rule_kind::hold) named |= each.kinds;
    const std::uint32_t all = (1U << hold_kinds) - 1;
    for (rule& each : rules)
        if (each.kind == rule_kind::hold && each.kinds == 0) each.kinds = all & ~named;
}

rule own_rule(rule_kind kind, std::string id, purpose_set purposes) {
    rule made;
    made.kind = kind;
    made.id = std::move(id);
    made.source = own_source;
    made.purposes = purposes;
    return made;
}

/// Calls `change` for all rules that `is` is true of, or for `added` when there is none.
template <class Is, class Change>
void change_or_add(std::vector<rule>& rules, Is is, rule added, Change change) {
    bool found = false;
    for (rule& each : rules)
        if (is(each)) {
            change(each);
            found = true;
        }
    if (found) return;
    change(added);
    rules.push_back(std::move(added));
}

auto is_kind(rule_kind kind) {
    return [kind](const rule& each) { return each.kind == kind; };
}

void apply_times(const config::account_policy_rules& own, std::vector<rule>& rules) {
    if (!own.open.empty() || !own.close.empty()) {
        rule hours = own_rule(rule_kind::hours, "contact_hours", all_asked);
        hours.close_ms = clock_ms("24:00");
        change_or_add(rules, is_kind(rule_kind::hours), std::move(hours), [&](rule& each) {
            if (!own.open.empty()) each.open_ms = clock_ms(own.open);
            if (!own.close.empty()) each.close_ms = clock_ms(own.close);
        });
    }
    if (!own.rest_weekdays.empty() || own.rest_holidays) {
        rule rest = own_rule(rule_kind::rest_days, "own_rest_days", about_debts_and_sales);
        rest.weekdays = weekdays_of(own.rest_weekdays);
        rest.holidays = own.rest_holidays;
        rest.calendars = own.holiday_calendars;
        rules.push_back(std::move(rest));
    }
    if (!own.blackout_days.empty()) {
        rule blackout = own_rule(rule_kind::blackout, "blackout_days", about_debts_and_sales);
        blackout.days = days_of(own.blackout_days);
        rules.push_back(std::move(blackout));
    }
}

void apply_counts(const config::account_policy_rules& own, std::vector<rule>& rules) {
    const auto set_count = [&](std::string_view id, rule_kind kind, std::uint32_t count,
                               std::int64_t span_ms) {
        if (count == 0) return;
        rule added = own_rule(kind, std::string(id), about_debts_and_sales);
        added.span_ms = span_ms;
        change_or_add(
            rules, [&](const rule& each) { return each.kind == kind && each.span_ms == span_ms; },
            std::move(added), [count](rule& each) { each.count = count; });
    };
    set_count("max_per_day", rule_kind::cap_day, own.max_per_day, 0);
    set_count("max_per_7d", rule_kind::cap_period, own.max_per_7d, seven_days_ms);
    const auto set_span = [&](rule_kind kind, std::string_view id, purpose_set purposes,
                              std::chrono::seconds span) {
        if (span.count() == 0) return;
        change_or_add(rules, is_kind(kind), own_rule(kind, std::string(id), purposes),
                      [span](rule& each) { each.span_ms = ms_of(span); });
    };
    set_span(rule_kind::gap, "min_gap", about_debts_and_sales, own.min_gap);
    set_span(rule_kind::deliver_by, "deliver_by", all_asked, own.deliver_floor);
    if (own.consent_within.count() == 0) return;
    for (rule& each : rules)
        if (each.kind == rule_kind::consent && each.span_ms != 0)
            each.span_ms = ms_of(own.consent_within);
}

}  // namespace

policy compile(const config::policy_pack& pack) {
    policy made;
    made.pack = pack.pack;
    made.version = pack.version;
    made.jurisdiction = pack.jurisdiction;
    made.capacity = pack.capacity;
    made.confirms_at_once = pack.stop_confirmation == config::confirmation_time::at_once;
    rule stop = own_rule(rule_kind::stop, "stopped", all_asked);
    stop.source = "hikyaku stop-sending";
    rule zone = own_rule(rule_kind::zone, "zone_unknown", all_asked);
    zone.source = "missing data tightens";
    zone.number_zone_too = pack.number_zones == config::number_zones::also;
    made.rules = {std::move(stop), std::move(zone)};
    for (const config::policy_rule& each : pack.rules)
        made.rules.push_back(rule_of(each));
    fill_holds(made.rules);
    return made;
}

policy for_confirmations(const policy& from) {
    policy made = from;
    std::erase_if(made.rules, [&from](const rule& each) {
        if (each.kind == rule_kind::suppression || each.kind == rule_kind::hold) return true;
        const bool is_of_time = each.kind == rule_kind::hours ||
                                each.kind == rule_kind::rest_days ||
                                each.kind == rule_kind::blackout || each.kind == rule_kind::zone ||
                                each.kind == rule_kind::deliver_by;
        return from.confirms_at_once && is_of_time;
    });
    return made;
}

policy compile(const config::policy_pack& pack, const config::account& own) {
    policy made = compile(pack);
    made.account_zones = own.zones;
    made.shadow = own.policy_shadow;
    if (own.policy_rules.number_zones)
        for (rule& each : made.rules)
            if (each.kind == rule_kind::zone) each.number_zone_too = true;
    apply_times(own.policy_rules, made.rules);
    apply_counts(own.policy_rules, made.rules);
    return made;
}

}  // namespace hikyaku::gateway::gate
