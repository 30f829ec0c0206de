// `hikyaku carrier`: the simulated carrier as a subcommand. main() registers it; the callback runs
// the carrier on the main thread until SIGTERM or SIGINT.
#pragma once

#include <CLI/App.hpp>

namespace hikyaku::bench {

/// `exit_code` is set when the subcommand has run: 0 after a clean stop, 1 if it cannot start, 2
/// for options that contradict each other. It must outlive the parsing.
void register_carrier_command(CLI::App& app, int& exit_code);

}  // namespace hikyaku::bench
