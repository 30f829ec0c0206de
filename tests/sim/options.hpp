// What the simulation is told on its command line, or by the environment where a runner of tests
// leaves no room for arguments.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace hikyaku::sim {

struct run_options {
    std::uint64_t seed = 1;    // the first one
    std::uint64_t runs = 10;   // seeds, one after the other
    std::int64_t seconds = 0;  // of traffic in each, virtual; 0 = as the seed likes
    double hours = 0;          // of real time instead of a number of seeds
    bool as_usual = true;      // nothing was asked for: more seeds, until every fault has come
};

/// HIKYAKU_SIM_SEED, _RUNS, _SECONDS and _HOURS, then --seed, --runs, --seconds and --hours, each
/// followed by its number or "=" and its number. Empty: something else is there.
[[nodiscard]] std::optional<run_options> parse_options(int count, char** words);
extern run_options chosen_options;

}  // namespace hikyaku::sim
