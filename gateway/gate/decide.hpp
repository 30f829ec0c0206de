// The one decision: facts and a policy in, *allow until*, *delay until*, *require* or *block* out.
// A pure function but for the zone book, which keeps what is slow to compute about time zones. Of
// all rules that speak the strongest wins (block, require, delay, allow), the longest delay counts,
// and every one is told. What is missing tightens. Engine's thread and the doors' own.
#pragma once

#include <string>
#include <vector>

#include "gateway/gate/decision.hpp"
#include "gateway/gate/facts.hpp"
#include "gateway/gate/policy.hpp"

namespace hikyaku::gateway::gate {

class zone_book;

/// `decision` keeps pointers into `rules`. Never allocates where the answer is *allow*.
[[nodiscard]] decision decide(const facts& about, const policy& rules, zone_book& zones);

/// The same rules by the same code, with sentences and the values that each of them saw.
/// REQUIRES: `made` is what decide() made of the same facts and policy.
[[nodiscard]] explanation explain(const decision& made, const facts& about, const policy& rules,
                                  zone_book& zones);

/// What a rule says, as one sentence without full stop: "only from 08:00 to before 21:00, ...".
[[nodiscard]] std::string sentence_of(const rule& what);

/// When the rules about time let a message go out, from `about.now_ms` for `days` days of 24 hours.
/// Holds, suppressions and what stands in the history say nothing here.
[[nodiscard]] std::vector<window> windows(const facts& about, const policy& rules, zone_book& zones,
                                          int days);

}  // namespace hikyaku::gateway::gate
