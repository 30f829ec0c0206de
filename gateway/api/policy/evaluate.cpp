#include "gateway/api/policy/evaluate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <optional>
#include <variant>

#include "config/policy.hpp"
#include "gateway/api/json/document.hpp"
#include "gateway/api/json/field_faults.hpp"
#include "gateway/api/policy/question.hpp"
#include "gateway/dunning/judge.hpp"
#include "gateway/gate/calendar.hpp"
#include "gateway/gate/compile.hpp"
#include "gateway/gate/decide.hpp"
#include "gateway/gate/message_zones.hpp"

namespace hikyaku::gateway::api {
namespace of_evaluation {
namespace {

namespace json = boost::json;

constexpr int window_days = 14;
constexpr std::size_t scratch_octets = 4096;
// Where nobody knows in which zone a day begins, it begins and ends where that is strictest.
constexpr std::int64_t east_most_ms = 14 * gate::hour_ms;
constexpr std::int64_t west_most_ms = 12 * gate::hour_ms;

problem no_pack(std::string detail, std::string_view name,
                std::span<const config::policy_pack> packs) {
    if (!name.empty()) {
        detail += ": there are";
        for (const config::policy_pack& each : packs)
            detail += fmt::format(" {}", each.pack);
    }
    return field_fault(name.empty() ? problem_code::field_missing : problem_code::field_invalid, "",
                       "pack", std::move(detail));
}

boost::system::result<gate::policy, problem> policy_of(const policy_question& asked,
                                                       const policy_surroundings& around) {
    const config::account* const own = around.account;
    const bool own_pack = own != nullptr && !own->policy.empty();
    if (asked.pack.empty() && !own_pack)
        return no_pack("the account has no policy, so that the question has to name a pack", "",
                       around.packs);
    const std::string& name = asked.pack.empty() ? own->policy : asked.pack;
    const config::policy_pack* const pack = config::find_pack(around.packs, name);
    if (pack == nullptr) return no_pack("no policy pack has this name", name, around.packs);
    if (own_pack && name == own->policy) return gate::compile(*pack, *own);
    gate::policy made = gate::compile(*pack);
    if (own != nullptr) made.account_zones = own->zones;
    return made;
}

/// Holds with days become holds with moments, by the person's zones.
std::vector<gate::hold_fact> holds_of(const policy_question& asked, gate::zone_book::zones zones) {
    const auto begin_of = [&](std::int32_t day) {
        std::int64_t first = zones.empty() ? day * gate::day_ms - east_most_ms : gate::never_ms;
        for (const gate::local_zone* const zone : zones)
            first = std::min(first, gate::begin_of_day(*zone, day));
        return first;
    };
    const auto end_of = [&](std::int32_t day) {
        std::int64_t last =
            zones.empty() ? (day + 1) * gate::day_ms + west_most_ms : gate::always_ms;
        for (const gate::local_zone* const zone : zones)
            last = std::max(last, gate::begin_of_day(*zone, day + 1));
        return last;
    };
    std::vector<gate::hold_fact> out;
    for (const asked_hold& each : asked.holds) {
        gate::hold_fact hold{each.kind, each.scope};
        if (each.from) hold.from_ms = each.from->day ? begin_of(*each.from->day) : each.from->ms;
        if (each.until) hold.until_ms = each.until->day ? end_of(*each.until->day) : each.until->ms;
        out.push_back(hold);
    }
    return out;
}

/// Times as the first of the zones has them.
class renderer {
public:
    explicit renderer(gate::zone_book::zones zones)
        : zone_(zones.empty() ? nullptr : zones.front()) {}

    [[nodiscard]] json::value time(std::int64_t ms) const {
        if (ms == gate::never_ms || ms == gate::always_ms) return nullptr;
        return json::string(format_local_time(ms, zone_));
    }

    [[nodiscard]] json::array windows(const std::vector<gate::window>& list) const {
        json::array out;
        for (const gate::window& each : list)
            out.push_back(json::object{{"from", time(each.from_ms)}, {"until", time(each.to_ms)}});
        return out;
    }

    [[nodiscard]] json::object values(const std::vector<gate::seen>& list) const {
        json::object out;
        for (const gate::seen& each : list) {
            json::value& of_rule = out[each.rule];
            if (!of_rule.is_object()) of_rule.emplace_object();
            of_rule.get_object()[each.name] = std::visit(*this, each.value);
        }
        return out;
    }

    json::value operator()(std::int64_t number) const { return number; }
    json::value operator()(bool flag) const { return flag; }
    json::value operator()(const std::string& text) const { return json::string(text); }
    json::value operator()(gate::moment at) const { return time(at.ms); }
    json::value operator()(const std::vector<std::string>& texts) const {
        json::array out;
        for (const std::string& each : texts)
            out.push_back(json::string(each));
        return out;
    }

private:
    const gate::local_zone* zone_;
};

json::array reasons_of(const gate::explanation& why) {
    json::array out;
    for (const gate::reason& each : why.reasons)
        out.push_back(json::object{{"rule", each.rule}, {"text", each.text}});
    return out;
}

json::object bound_answer(const dunning::judgement& made, const gate::facts& facts,
                          const gate::policy& rules, gate::zone_book::zones where,
                          gate::zone_book& zones) {
    const renderer write(where);
    json::array reasons;
    for (const auto& each : made.reasons)
        reasons.push_back(json::object{{"rule", each.rule}, {"text", each.text}});
    json::object out;
    out["decision"] = gate::name_of(made.says);
    out["until"] = made.says == gate::outcome::delay ? write.time(made.until_ms) : nullptr;
    out["deliver_by"] = nullptr;
    out["reasons"] = std::move(reasons);
    out["values"] = json::object{};
    out["windows"] = write.windows(gate::windows(facts, rules, zones, window_days));
    out["pack"] = rules.pack;
    out["version"] = rules.version;
    out["shadow"] = rules.shadow;
    return out;
}

json::object answer_of(const gate::facts& facts, const gate::policy& rules,
                       gate::zone_book::zones where, gate::zone_book& zones) {
    const gate::decision made = gate::decide(facts, rules, zones);
    const gate::explanation why = gate::explain(made, facts, rules, zones);
    // What binds beside a pack, as at the hand-off: it may say less of services than that does.
    auto without_stop = facts;
    without_stop.stopped = false;
    dunning::judgement bound;
    dunning::judge(without_stop, nullptr, zones, bound);
    if (bound.says > made.says) return bound_answer(bound, facts, rules, where, zones);
    const renderer write(where);
    json::object out;
    out["decision"] = gate::name_of(made.says);
    out["until"] = made.says == gate::outcome::delay ? write.time(made.until_ms) : nullptr;
    out["deliver_by"] = write.time(made.deliver_by_ms);
    out["reasons"] = reasons_of(why);
    if (made.says == gate::outcome::require) {
        json::array fields;
        for (const std::string& each : why.fields)
            if (std::ranges::find(fields, json::value(json::string(each))) == fields.end())
                fields.push_back(json::string(each));
        out["fields"] = std::move(fields);
    }
    out["values"] = write.values(why.values);
    out["windows"] = write.windows(gate::windows(facts, rules, zones, window_days));
    out["pack"] = rules.pack;
    out["version"] = rules.version;
    out["shadow"] = rules.shadow;
    return out;
}

}  // namespace
}  // namespace of_evaluation

std::string format_local_time(std::int64_t ms, const gate::local_zone* zone) {
    const std::int64_t offset_ms = zone == nullptr ? 0 : zone->at(ms).offset_ms;
    const std::int64_t local = ms + offset_ms;
    const gate::day_number day = gate::day_of(local);
    const std::int64_t clock = local - day * gate::day_ms;
    std::string out = fmt::format("{}T{}:{:02}", gate::format_day(day), gate::format_clock(clock),
                                  clock / gate::second_ms % 60);
    if (clock % gate::second_ms != 0) out += fmt::format(".{:03}", clock % gate::second_ms);
    if (zone == nullptr) return out + "Z";
    const std::int64_t minutes = std::abs(offset_ms) / gate::minute_ms;
    return out +
           fmt::format("{}{:02}:{:02}", offset_ms < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

boost::system::result<boost::json::object, problem> evaluate_policy(
    const boost::json::value& question, const policy_surroundings& around) {
    auto read = read_policy_question(question);
    if (!read) return read.error();
    const policy_question& asked = *read;
    const auto rules = of_evaluation::policy_of(asked, around);
    if (!rules) return rules.error();
    const std::vector<std::string_view> zones(asked.zones.begin(), asked.zones.end());
    const std::vector<std::string_view> tags(asked.tags.begin(), asked.tags.end());
    gate::facts facts = asked.facts;
    facts.number = asked.number;
    facts.zones = zones;
    facts.tags = tags;
    facts.debtor = asked.debtor;
    facts.history = asked.history;
    facts.consents = asked.consents;
    const gate::message_zones where(facts, *rules, around.zones);
    const auto holds = of_evaluation::holds_of(asked, where.all());
    facts.holds = holds;
    return of_evaluation::answer_of(facts, *rules, where.all(), around.zones);
}

boost::system::result<boost::json::object, problem> evaluate_policy_text(
    std::string_view question, const policy_surroundings& around) {
    std::array<unsigned char, of_evaluation::scratch_octets> scratch;
    const auto document = parse_json(question, {}, scratch);
    if (!document) return document.error();
    return evaluate_policy(*document, around);
}

}  // namespace hikyaku::gateway::api
