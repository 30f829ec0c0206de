// `hikyaku links`: what requests for tracked links are taken for, one request a line on standard
// input, one JSON object a line on standard output; and hits of before classified anew by a running
// gateway. docs/links.md shows both. Main thread.
#pragma once

#include <string>

#include "config/settings.hpp"
#include "gateway/app/command_line.hpp"

namespace hikyaku::gateway::app {

/// By the lists of the program and those of `settings`. The exit code: 1 if a line was no request,
/// which is said in its place, else 0.
[[nodiscard]] int classify_requests(const config::settings& settings,
                                    const standard_streams& streams);

struct reclassify_request {
    std::string admin;   // URL of the admin listener: http://127.0.0.1:8081
    bool looks = false;  // only how far it is
};

/// Has a running gateway classify its hits anew, waits for the end, and prints how many have gone
/// from which class to which. Ended early, it goes on there. The exit code.
[[nodiscard]] int reclassify_hits(const reclassify_request& request,
                                  const standard_streams& streams);

}  // namespace hikyaku::gateway::app
