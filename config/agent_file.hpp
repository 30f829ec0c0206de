// Reads a list of user agents: its shape, and that each pattern is one and not too wide. Used for
// the lists of the program and for an operator's own, while the configuration is loaded; pure but
// for what `sources` reads.
#pragma once

#include <string>
#include <string_view>

#include "config/agent_rules.hpp"
#include "config/load.hpp"

namespace hikyaku::config {

/// The list in a text, or every fault in it. `checked`: with its patterns; those of the program
/// are looked at by a test, because there are many of them.
[[nodiscard]] boost::system::result<agent_rules, faults> parse_agent_rules(std::string_view text,
                                                                           std::string file_name,
                                                                           const sources& from,
                                                                           bool checked);

/// The operator's list, empty without one. Faults are added to `found`.
[[nodiscard]] agent_rules agent_rules_in(const std::string& file, const sources& from,
                                         faults& found);

}  // namespace hikyaku::config
