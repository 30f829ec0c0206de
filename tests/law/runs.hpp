// Many seeds of the world of the law, by several processes. Each seed that is done is a line of a
// file, so that a run which was ended goes on where it was.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace hikyaku::law {

struct run_options {
    std::uint64_t first = 1, last = 0;
    std::int64_t days = 30;
    std::string done;  // the file; empty = none
    std::uint64_t jobs = 1;
};

[[nodiscard]] bool asks_for_runs(int count, char** words);
/// Empty: something else is there.
[[nodiscard]] std::optional<run_options> parse_run_options(int count, char** words);

/// Prints every fault, and the sums. False: a seed had a fault.
[[nodiscard]] bool run_seeds(const run_options& options);

}  // namespace hikyaku::law
