// `hikyaku load`: the load generator as a subcommand. main() registers it; the callback runs the
// load on the main thread and prints one JSON object on standard output.
#pragma once

#include <CLI/App.hpp>

namespace hikyaku::bench {

/// `exit_code` is set when the subcommand has run: 0, 1 if receipts are missing at the end, 2 if
/// the run could not take place. It must outlive the parsing.
void register_load_command(CLI::App& app, int& exit_code);

}  // namespace hikyaku::bench
