// `hikyaku gate evaluate`: questions to the gate on standard input, one JSON object a line,
// answered by the rules of a configuration without a running gateway. docs/protection.md shows it.
// Main thread.
#pragma once

#include <string>

#include "config/settings.hpp"
#include "gateway/app/command_line.hpp"

namespace hikyaku::gateway::app {

/// Whose questions they are: `account` names one of the configuration; empty takes the only one.
/// The exit code: 1 if any line was no question, else 0.
[[nodiscard]] int evaluate_lines(const config::settings& settings, const std::string& account,
                                 const standard_streams& streams);

/// Which rules apply to which account, for `check`: a line for each account with a policy and one
/// for each of its rules; and what is unwise about zones and holidays, as lines of warnings.
void print_policies(const config::settings& settings, const standard_streams& streams);

}  // namespace hikyaku::gateway::app
