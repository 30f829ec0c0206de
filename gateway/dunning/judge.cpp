#include "gateway/dunning/judge.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace hikyaku::gateway::dunning {
namespace {

// A message that a stop holds back is looked at again so often: a million of them are two thousand
// rows a second.
constexpr std::int64_t stop_pause_ms = 5 * 60 * 1000;

bool asks_about_everything(gate::purpose why) {
    return why == gate::purpose::dunning || why == gate::purpose::marketing;
}

}  // namespace

std::string hold_rule(gate::hold_kind kind) {
    return fmt::format("hold_{}", gate::name_of(kind));
}

void judge(const gate::facts& about, judgement& into) {
    into.says = gate::outcome::allow;
    into.deliver_by_ms.reset();
    into.until_ms = 0;
    into.reasons.clear();
    into.fields.clear();
    into.is_shadow = false;
    const auto add = [&into](gate::outcome says, std::string rule, std::string text) {
        into.says = std::max(into.says, says);
        into.reasons.push_back({std::move(rule), std::move(text)});
    };
    if (asks_about_everything(about.why)) {
        for (const auto& hold : about.holds)
            if (hold.from_ms <= about.now_ms && about.now_ms < hold.until_ms)
                add(gate::outcome::block, hold_rule(hold.kind),
                    fmt::format("a hold on the {}: {}", gate::name_of(hold.scope),
                                gate::name_of(hold.kind)));
    }
    if ((about.suppressed & gate::set_of(about.why)) != 0)
        add(gate::outcome::block, "suppression",
            fmt::format("the contact point is suppressed for {}", gate::name_of(about.why)));
    if (about.stopped) {
        add(gate::outcome::delay, "stop", "an operator has stopped sending");
        into.until_ms = about.now_ms + stop_pause_ms;
    }
}

}  // namespace hikyaku::gateway::dunning
