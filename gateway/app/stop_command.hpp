// `hikyaku stop-sending`: the emergency stop of a running gateway, its end, and what is stopped, by
// its admin listener. Main thread.
#pragma once

#include <string>

#include "gateway/app/command_line.hpp"

namespace hikyaku::gateway::app {

struct stop_request {
    std::string admin;                 // URL of the admin listener
    std::string account, purpose, by;  // empty = all, all, nobody says
    bool lifts = false, lists = false;
};

/// Prints a line for each stop that it has made, ended or found. Returns 0, or 1 if the gateway
/// cannot be asked or says no.
[[nodiscard]] int stop_sending(const stop_request& request, const standard_streams& streams);

/// Prints what the gate has decided about a message last, as JSON.
[[nodiscard]] int explain_decision(const std::string& admin, const std::string& id,
                                   const standard_streams& streams);

}  // namespace hikyaku::gateway::app
