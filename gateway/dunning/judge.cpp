#include "gateway/dunning/judge.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gateway/gate/decide.hpp"

namespace hikyaku::gateway::dunning {
namespace {

// A message that a stop, or an unconfirmed store, holds back is looked at again so often: a million
// of them are two thousand rows a second.
constexpr std::int64_t stop_pause_ms = 5 * 60 * 1000;

constexpr auto* unconfirmed_text =
    "nothing that asks the gate is sent until an operator confirms the store";

bool asks_about_everything(gate::purpose why) {
    return why == gate::purpose::dunning || why == gate::purpose::marketing;
}

/// For how long a carrier may ring after the hand-off, whatever it is told.
std::int64_t tried_for_ms(const gate::facts& about) {
    constexpr std::int64_t least_ms = 1000;  // validity_period counts in seconds
    if (about.carrier_keeps_validity) return least_ms;
    return std::max(least_ms, about.carrier_retry_ms.value_or(gate::never_ms));
}

/// Without a pack.
void judge_alone(const gate::facts& about, judgement& into) {
    const auto add = [&into](gate::outcome says, std::string rule, std::string text) {
        into.says = std::max(into.says, says);
        into.reasons.push_back({std::move(rule), std::move(text)});
    };
    if (asks_about_everything(about.why)) {
        for (const auto& hold : about.holds) {
            if (hold.from_ms <= about.now_ms && about.now_ms < hold.until_ms)
                add(gate::outcome::block, hold_rule(hold.kind),
                    fmt::format("a hold on the {}: {}", gate::name_of(hold.scope),
                                gate::name_of(hold.kind)));
            if (hold.from_ms <= about.now_ms) continue;
            // Known to begin: then it decides, if the carrier may still try until then.
            if (hold.from_ms - about.now_ms < tried_for_ms(about)) {
                add(gate::outcome::delay, hold_rule(hold.kind),
                    "a hold begins before the carrier has tried for the last time");
                into.until_ms = std::max(into.until_ms, hold.from_ms);
            }
            into.deliver_by_ms =
                std::min(into.deliver_by_ms.value_or(gate::never_ms), hold.from_ms);
        }
    }
    if ((about.suppressed & gate::set_of(about.why)) != 0)
        add(gate::outcome::block, "suppressed",
            fmt::format("the contact point is suppressed for {}", gate::name_of(about.why)));
}

/// The same beside a pack, whose rules may say less, or which may be in shadow.
void bind_alone(const gate::facts& about, judgement& into) {
    if (into.says == gate::outcome::block && !into.is_shadow) return;
    judgement alone;
    judge_alone(about, alone);
    if (alone.says != gate::outcome::allow)
        into = std::move(alone);
    else if (alone.deliver_by_ms)
        into.deliver_by_ms =
            std::min(into.deliver_by_ms.value_or(gate::never_ms), *alone.deliver_by_ms);
}

void judge_by(const gate::policy& rules, const gate::facts& about, gate::zone_book& zones,
              judgement& into) {
    const auto made = gate::decide(about, rules, zones);
    into.says = made.says;
    into.until_ms = made.until_ms;
    into.is_shadow = rules.shadow;
    if (made.says == gate::outcome::allow) {
        const bool is_bound = made.deliver_by_ms != gate::never_ms && !rules.shadow;
        if (is_bound) into.deliver_by_ms = made.deliver_by_ms;
        return;
    }
    auto why = gate::explain(made, about, rules, zones);
    into.reasons = std::move(why.reasons);
    into.fields = std::move(why.fields);
    into.values = std::move(why.values);
}

}  // namespace

std::string hold_rule(gate::hold_kind kind) {
    return fmt::format("hold_{}", gate::name_of(kind));
}

void judge(const gate::facts& about, const gate::policy* rules, gate::zone_book& zones,
           judgement& into) {
    into.says = gate::outcome::allow;
    into.deliver_by_ms.reset();
    into.until_ms = 0;
    into.reasons.clear();
    into.fields.clear();
    into.values.clear();
    into.is_shadow = false;
    auto known = about;
    // Below, so that a shadow weakens neither.
    known.stopped = false;
    known.unconfirmed = {};
    if (rules != nullptr) judge_by(*rules, known, zones, into);
    bind_alone(known, into);
    if (!about.stopped && about.unconfirmed.empty()) return;
    if (into.is_shadow) into = {};  // what a shadow would have done makes the stop no longer
    if (about.stopped) into.reasons.push_back({"stop", "an operator has stopped sending"});
    if (!about.unconfirmed.empty())
        into.reasons.push_back({std::string(about.unconfirmed), unconfirmed_text});
    if (into.says == gate::outcome::block) return;
    into.says = gate::outcome::delay;
    into.until_ms = std::max(into.until_ms, about.now_ms + stop_pause_ms);
}

}  // namespace hikyaku::gateway::dunning
