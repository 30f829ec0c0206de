// `hikyaku reply read`: what replies say, one text a line on standard input, one JSON object a line
// on standard output. docs/replies.md shows it. Main thread.
#pragma once

#include <string>

#include "gateway/app/command_line.hpp"

namespace hikyaku::gateway::app {

/// `today` like "2026-11-30"; `language` empty: found by the letters of each text. The exit code: 1
/// if one of both is wrong, which is said in a sentence, else 0.
[[nodiscard]] int read_replies(const std::string& today, const std::string& language,
                               const standard_streams& streams);

}  // namespace hikyaku::gateway::app
