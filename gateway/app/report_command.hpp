// `hikyaku gate report`: what the gate has decided about an account's messages, or would have in
// shadow, by the admin listener of a running gateway. Main thread.
#pragma once

#include <string>

#include "gateway/app/command_line.hpp"

namespace hikyaku::gateway::app {

struct report_request {
    std::string admin;  // URL of the admin listener
    std::string account;
    std::string from, to;  // RFC 3339; empty = the last seven days, until now
    bool lists = false;    // the messages instead of the counts
};

/// Prints a line for each day, rule and decision, or for each message. Returns the exit code.
[[nodiscard]] int report_decisions(const report_request& request, const standard_streams& streams);

}  // namespace hikyaku::gateway::app
