// `hikyaku reload`: has a running gateway read its configuration again, by its admin listener, and
// prints what that changed or what is wrong with the file. Main thread.
#pragma once

#include <string>

#include "gateway/app/command_line.hpp"

namespace hikyaku::gateway::app {

/// `admin` is the URL of the admin listener: http://127.0.0.1:8081. Prints as config::describe()
/// does, faults on the error stream. Returns 0, or 1 if nothing has changed because of a fault, or
/// the gateway cannot be asked.
[[nodiscard]] int reload_gateway(const std::string& admin, const standard_streams& streams);

}  // namespace hikyaku::gateway::app
