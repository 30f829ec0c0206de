// Runs the simulated world for a range of seeds. HIKYAKU_SIM_SEED picks the first one (a failure
// prints it), HIKYAKU_SIM_RUNS how many, HIKYAKU_SIM_SECONDS how long each is in virtual time.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <cstdio>
#include <filesystem>

#include "tests/sim/world.hpp"

namespace hikyaku::sim {
namespace {

std::uint64_t setting(const char* name, std::uint64_t otherwise) {
    const char* value = std::getenv(name);
    return value == nullptr ? otherwise : std::stoull(value);
}

class temporary_folder {
public:
    temporary_folder() {
        std::string pattern = std::filesystem::temp_directory_path() / "hikyaku-sim-XXXXXX";
        path_ = mkdtemp(pattern.data());
    }
    ~temporary_folder() { std::filesystem::remove_all(path_); }
    [[nodiscard]] const std::string& path() const { return path_; }

private:
    std::string path_;
};

TEST(simulation, nothing_is_lost_whatever_happens) {
    const auto first = setting("HIKYAKU_SIM_SEED", 1);
    const auto runs = setting("HIKYAKU_SIM_RUNS", 20);
    const auto seconds = static_cast<std::int64_t>(setting("HIKYAKU_SIM_SECONDS", 60));
    std::uint64_t answered = 0, events = 0, restarts = 0, duplicates = 0;
    for (std::uint64_t seed = first; seed < first + runs; ++seed) {
        const temporary_folder folder;
        world simulated(seed, folder.path() + "/store");
        simulated.run(seconds, 2 * 3600);
        for (const auto& fault : simulated.audit().faults()) {
            ADD_FAILURE() << fault;
        }
        answered += simulated.audit().answered_count();
        events += simulated.events();
        restarts += simulated.restarts();
        duplicates += simulated.audit().duplicates();
        if (HasFailure()) {
            break;
        }
    }
    std::printf(
        "%llu runs from seed %llu: %llu messages answered, %llu events, %llu restarts, "
        "%llu segments sent again after an unknown outcome\n",
        static_cast<unsigned long long>(runs), static_cast<unsigned long long>(first),
        static_cast<unsigned long long>(answered), static_cast<unsigned long long>(events),
        static_cast<unsigned long long>(restarts), static_cast<unsigned long long>(duplicates));
    EXPECT_GT(answered, runs * 10);
}

}  // namespace
}  // namespace hikyaku::sim
