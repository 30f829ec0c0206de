// `hikyaku unmatched`: lists what carriers sent and nobody got, masked, and has it tried again, by
// asking the admin listener of a running gateway. Main thread.
#pragma once

#include <cstdint>
#include <string>

#include "gateway/app/command_line.hpp"

namespace hikyaku::gateway::app {

struct unmatched_request {
    std::string admin;        // URL of the admin listener: http://127.0.0.1:8081
    std::string after;        // id to go on behind; empty = from the beginning
    std::uint64_t limit = 0;  // entries at most; 0 = 100 to list, 100,000 to replay
    std::string carrier;      // its name; empty = of all
    std::string kind;         // receipt or reply; empty = both
    std::string replay;       // an id, or "all" of those that the list would give; empty = list
};

/// One entry a line: id, time, carrier, kind, why, source, destination, octets, text. With
/// `replay`: id and result a line, then how many were applied. Returns 0, or 1 if the gateway
/// cannot be asked or refuses, or if the one entry is nobody's still.
[[nodiscard]] int show_unmatched(const unmatched_request& request, const standard_streams& streams);

}  // namespace hikyaku::gateway::app
