// What the facts about a message mean for it: the one place that turns them into an answer of the
// gate. Pure; engine's thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gateway/gate/decision.hpp"
#include "gateway/gate/facts.hpp"
#include "gateway/gate/policy.hpp"
#include "gateway/gate/zone_book.hpp"

namespace hikyaku::gateway::dunning {

struct judgement {
    gate::outcome says = gate::outcome::allow;
    std::int64_t until_ms = 0;                  // of a delay
    std::optional<std::int64_t> deliver_by_ms;  // of an allowance
    std::vector<gate::reason> reasons;          // the strongest first
    std::vector<std::string> fields;            // of a require
    std::vector<gate::seen> values;             // what the rules saw, unless it is an allowance
    bool is_shadow = false;  // the reasons count for nothing: they are only written down
};

/// By the rules of the account's policy pack; without one (null) holds, suppressions and stops
/// count alone. `into` is overwritten; nothing is allocated where the answer is *allow*.
void judge(const gate::facts& about, const gate::policy* rules, gate::zone_book& zones,
           judgement& into);

/// "hold_promise": the rule that a hold is, in reasons and errors.
[[nodiscard]] std::string hold_rule(gate::hold_kind kind);

}  // namespace hikyaku::gateway::dunning
