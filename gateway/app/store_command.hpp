// `hikyaku store`: whether the store has to be confirmed before anything is sent that asks the
// gate, and the confirmation. Of a running gateway by its admin listener, else in the store itself.
// Main thread.
#pragma once

#include <string>

#include "gateway/app/command_line.hpp"

namespace hikyaku::gateway::app {

struct store_request {
    std::string admin;   // URL of the admin listener
    std::string config;  // a file that says where that and the store are; empty = `admin` alone
    std::string by, why;
    bool confirms = false;  // else it is looked at
};

/// Prints one line. Returns 0; 1 if nothing can be done, or if it is looked at and has to be
/// confirmed.
[[nodiscard]] int run_store_command(const store_request& request, const standard_streams& streams);

}  // namespace hikyaku::gateway::app
