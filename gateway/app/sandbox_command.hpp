// `hikyaku sandbox`: a gateway and a simulated carrier in one process, which go by one clock. Main
// thread.
#pragma once

#include <string>

#include "bench/carrier/running_carrier.hpp"
#include "gateway/app/command_line.hpp"

namespace hikyaku::gateway::app {

/// Works until a signal ends it; the exit code.
[[nodiscard]] int run_sandbox(const std::string& config_path,
                              const bench::carrier_command_options& carrier,
                              const standard_streams& streams);

}  // namespace hikyaku::gateway::app
