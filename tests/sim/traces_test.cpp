#include "tests/sim/traces.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <vector>

#include "tests/sim/world.hpp"
#include "tests/support/temporary_folder.hpp"

namespace hikyaku::sim {
namespace {

// AddressSanitizer makes a run several times as long, and finds nothing more in the later seeds.
#ifdef __SANITIZE_ADDRESS__
constexpr std::uint64_t checked_seeds = 20;
#else
constexpr std::uint64_t checked_seeds = pinned_seeds;
#endif

struct traced {
    std::uint64_t trace = 0;
    std::vector<std::string> faults;
};

traced run(std::uint64_t seed) {
    const temporary_folder folder;
    world simulated(seed, folder / "store", {});
    simulated.run();
    return {simulated.trace(), simulated.audit().faults()};
}

TEST(traces, are_those_that_are_pinned) {
    std::ifstream in(HIKYAKU_SOURCE_DIR "/tests/sim/traces.txt");
    std::uint64_t seed = 0, pinned = 0, read = 0;
    std::vector<std::uint64_t> changed;
    while (in >> std::dec >> seed >> std::hex >> pinned) {
        ASSERT_EQ(seed, ++read);
        if (seed > checked_seeds) continue;
        const auto now = run(seed);
        for (const auto& fault : now.faults)
            ADD_FAILURE() << fault << "\nreplay: test_sim --seed " << seed << " --runs 1";
        if (now.trace != pinned) changed.push_back(seed);
    }
    EXPECT_EQ(read, pinned_seeds);
    EXPECT_EQ(changed, std::vector<std::uint64_t>{})
        << "other things happen in these seeds. If that is meant: ./dev traces";
}

}  // namespace

bool write_traces(const std::string& path) {
    std::ofstream out(path);
    for (std::uint64_t seed = 1; seed <= pinned_seeds && out; ++seed)
        out << std::dec << seed << ' ' << std::hex << run(seed).trace << '\n';
    return static_cast<bool>(out.flush());
}

}  // namespace hikyaku::sim
