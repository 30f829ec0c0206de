// `hikyaku clock`: what the clock of a running gateway says, and a sandbox's is moved. Main thread.
#pragma once

#include <string>

#include "gateway/app/command_line.hpp"

namespace hikyaku::gateway::app {

struct clock_request {
    std::string admin;  // URL of the admin listener
    std::string to;     // "14d", or a moment in RFC 3339; empty = it is only looked at
    bool stands = false;
};

/// Prints the moment, and in a sandbox how far it is ahead. Returns the exit code.
[[nodiscard]] int clock_of_gateway(const clock_request& request, const standard_streams& streams);

}  // namespace hikyaku::gateway::app
