// The command line: `hikyaku run`, `check`, the debugging tools and the rest, read with CLI11 and
// handed to the functions that do the work. main() only calls this. Main thread.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace hikyaku::gateway::app {

/// The streams of the process, or a test's own.
struct standard_streams {
    std::istream& in;
    std::ostream& out;
    std::ostream& error;
};

/// Runs one command; `arguments` are those behind the program's name. The exit code: 0 done, 1 it
/// failed or the input was faulty, 2 the command line itself was wrong.
[[nodiscard]] int run_command_line(std::vector<std::string> arguments,
                                   const standard_streams& streams);

}  // namespace hikyaku::gateway::app
