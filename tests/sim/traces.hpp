// What happens in each of the first seeds, as one number a seed: a change of the program that is
// meant to change nothing leaves all of them as they are, and one that changes some says why in its
// commit. The numbers stand in tests/sim/traces.txt.
#pragma once

#include <cstdint>
#include <string>

namespace hikyaku::sim {

inline constexpr std::uint64_t pinned_seeds = 300;

/// Runs the seeds and writes `path` anew (`./dev traces`). False if it cannot be written.
[[nodiscard]] bool write_traces(const std::string& path);

}  // namespace hikyaku::sim
