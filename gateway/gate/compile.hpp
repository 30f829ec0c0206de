// Turns a policy pack and what an account has of its own into the rules that `decide` walks
// through. REQUIRES of both: the checks of the configuration have found no fault. Called when a
// configuration is applied, and by the doors that answer questions.
#pragma once

#include "config/policy.hpp"
#include "config/settings.hpp"
#include "gateway/gate/policy.hpp"

namespace hikyaku::gateway::gate {

/// The pack alone, without an account.
[[nodiscard]] policy compile(const config::policy_pack& pack);

/// The same with the account's values, zones and shadow mode.
[[nodiscard]] policy compile(const config::policy_pack& pack, const config::account& own);

/// The rules for the one confirmation of a stop: those about the contact point and the time, but
/// not the hold and suppression that it tells of; about no time where the law wants it at once.
[[nodiscard]] policy for_confirmations(const policy& from);

}  // namespace hikyaku::gateway::gate
