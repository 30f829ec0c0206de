// The checks of what accounts say about the gate: that the pack exists, that values are no looser
// than the law unless somebody has allowed it, and the sentences that they share with the checks of
// a pack. Called by checks.cpp and policy.cpp while the configuration is loaded.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/reader.hpp"
#include "config/settings.hpp"

namespace hikyaku::config {

void check_policies(const settings& s, reader& r);

/// What is wrong with hours of the day; both empty is right.
[[nodiscard]] std::vector<std::string_view> hours_faults(std::string_view open,
                                                         std::string_view close);
/// What is wrong with a text that parse_day_span() refuses.
[[nodiscard]] std::string day_fault(std::string_view text);

}  // namespace hikyaku::config
