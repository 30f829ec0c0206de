// The values that the rules of a decision saw, as the JSON text that is stored with it:
// {"contact_hours":{"local":["2026-12-01T22:00"],"open":"08:00"}}. Pure; any thread.
#pragma once

#include <span>
#include <string>

#include "gateway/gate/decision.hpp"

namespace hikyaku::gateway::dunning {

/// Moments are RFC 3339 in UTC. Holds no person's data: rules see times, counts and zones.
[[nodiscard]] std::string values_text(std::span<const gate::seen> values);

}  // namespace hikyaku::gateway::dunning
