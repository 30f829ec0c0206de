// The ways to name a day: a pattern, and a function that makes the day of what the pattern has
// found. They are tried in their order, and what one has found is no longer there for the others.
// Used inside this folder. Pure; any thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "gateway/replies/day_arithmetic.hpp"

namespace hikyaku::gateway::replies {

using words = std::vector<std::string>;  // groups of a match, "" where there is none

struct day_pattern {
    const char16_t* pattern;
    std::function<std::optional<named_day>(const asked&, const words&)> make;
    bool is_salary = false;  // by a habit of the language, which an exact day overrules
};

[[nodiscard]] std::vector<day_pattern> japanese_days();
[[nodiscard]] std::vector<day_pattern> english_days();

}  // namespace hikyaku::gateway::replies
