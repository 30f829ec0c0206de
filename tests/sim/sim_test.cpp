// Runs the simulated world for a range of seeds; looks whether a seed replays to the letter, and
// whether the auditor finds mistakes that are planted.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <filesystem>
#include <set>

#include "tests/sim/options.hpp"
#include "tests/sim/world.hpp"

namespace hikyaku::sim {
namespace {

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

void print(const tally& total, std::uint64_t seeds, std::uint64_t first, double seconds) {
    std::printf("%" PRIu64 " seeds from %" PRIu64 " in %.0f s: %.1f virtual hours, %" PRIu64
                " events, %" PRIu64 " messages (%" PRIu64 " segments), %" PRIu64
                " receipts and %" PRIu64 " replies told; after unknown outcomes %" PRIu64
                " segments accepted again and %" PRIu64 " events handed over again\n",
                seeds, first, seconds, static_cast<double>(total.virtual_us) / 3.6e9, total.events,
                total.messages, total.segments, total.receipts, total.replies, total.resent,
                total.redelivered);
    for (std::size_t i = 0; i < fault_count; ++i) {
        std::printf("  %10" PRIu64 "  %.*s\n", total.of[i], static_cast<int>(fault_names[i].size()),
                    fault_names[i].data());
    }
    std::fflush(stdout);
}

// Of so many, each fault must have come in one.
constexpr std::uint64_t seeds_with_every_fault = 300;

TEST(simulation, nothing_is_lost_whatever_happens) {
    const auto& options = chosen_options;
    using clock = std::chrono::steady_clock;
    const auto begin = clock::now();
    const auto spent = [&] { return std::chrono::duration<double>(clock::now() - begin).count(); };
    tally total;
    std::uint64_t shares_compared = 0, seed = options.seed;
    double last_word = 0;
    const auto goes_on = [&] {
        return options.hours > 0 ? spent() < options.hours * 3600
                                 : seed < options.seed + options.runs;
    };
    for (; goes_on() && !HasFailure(); ++seed) {
        const temporary_folder folder;
        world simulated(seed, folder.path() + "/store", {.seconds = options.seconds});
        simulated.run();
        for (const auto& fault : simulated.audit().faults()) {
            ADD_FAILURE() << fault << "\nreplay: test_sim --seed " << seed << " --runs 1";
        }
        total.add(simulated.counts());
        shares_compared += simulated.shares_compared();
        if (spent() - last_word > 60) {
            last_word = spent();
            print(total, seed + 1 - options.seed, options.seed, spent());
        }
    }
    print(total, seed - options.seed, options.seed, spent());
    std::printf("  %10" PRIu64 "  comparisons of shares\n", shares_compared);
    EXPECT_GT(total.messages, (seed - options.seed) * 5);
    for (std::size_t i = 0; i < fault_count && seed - options.seed >= seeds_with_every_fault; ++i) {
        EXPECT_GT(total.of[i], 0U) << fault_names[i] << " never came";
    }
}

TEST(simulation, a_seed_replays_to_the_letter) {
    std::set<std::uint64_t> traces;
    for (const std::uint64_t seed : {3, 4}) {
        std::uint64_t trace = 0;
        for (int i = 0; i < 2; ++i) {
            const temporary_folder folder;
            world simulated(seed, folder.path() + "/store", {.seconds = 10});
            simulated.run();
            EXPECT_TRUE(i == 0 || trace == simulated.trace()) << "seed " << seed;
            trace = simulated.trace();
        }
        traces.insert(trace);
    }
    EXPECT_EQ(traces.size(), 2U);
}

/// Each mistake is found with one of a few seeds. The rarest, acknowledged_too_soon, needs a crash
/// at the right moment: one seed in seven has it.
class mistakes : public testing::TestWithParam<int> {};

TEST_P(mistakes, are_found) {
    constexpr std::uint64_t seeds = 60;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        const temporary_folder folder;
        world simulated(seed, folder.path() + "/store",
                        {.seconds = 0, .mistake = static_cast<planted>(GetParam())});
        simulated.run();
        if (!simulated.audit().faults().empty()) {
            std::printf("seed %" PRIu64 ": %s\n", seed, simulated.audit().faults().front().c_str());
            return;
        }
    }
    ADD_FAILURE() << "nobody noticed";
}

constexpr std::array<const char*, static_cast<std::size_t>(planted::count_)> planted_names{
    "nothing",
    "lost_state_batch",
    "lost_acceptance_batch",
    "receipt_to_stranger",
    "response_invented",
    "response_lost",
    "segment_doubled",
    "end_untold",
    "window_ignored",
    "rate_ignored",
    "quota_ignored",
    "weight_ignored",
    "acknowledged_too_soon",
    "answered_too_soon",
    "policy_ignored",
    "addresses_ignored"};

INSTANTIATE_TEST_SUITE_P(planted, mistakes, testing::Range(1, static_cast<int>(planted::count_)),
                         [](const auto& which) {
                             return planted_names[static_cast<std::size_t>(which.param)];
                         });

}  // namespace
}  // namespace hikyaku::sim
