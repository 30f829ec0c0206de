// Runs the simulated world for a range of seeds; looks whether a seed replays to the letter, and
// whether the auditor finds mistakes that are planted.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "tests/sim/options.hpp"
#include "tests/sim/world.hpp"
#include "tests/support/temporary_folder.hpp"

namespace hikyaku::sim {
namespace {

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

// Of so many, each fault must have come in one. A run of the usual seeds goes on until it has.
constexpr std::uint64_t seeds_with_every_fault = 300;

bool has_every_fault(const tally& total) {
    return std::ranges::none_of(
        total.of, [](std::uint64_t count) { return count == 0; });
}

TEST(simulation, nothing_is_lost_whatever_happens) {
    const auto& options = chosen_options;
    using clock = std::chrono::steady_clock;
    const auto begin = clock::now();
    const auto spent = [&] { return std::chrono::duration<double>(clock::now() - begin).count(); };
    tally total;
    std::uint64_t shares_compared = 0, seed = options.seed;
    double last_word = 0;
    const auto goes_on = [&] {
        if (options.hours > 0) return spent() < options.hours * 3600;
        const auto done = seed - options.seed;
        return done < options.runs ||
               (options.as_usual && done < seeds_with_every_fault && !has_every_fault(total));
    };
    for (; goes_on() && !HasFailure(); ++seed) {
        const temporary_folder folder;
        world simulated(seed, folder.path() + "/store", {.seconds = options.seconds});
        simulated.run();
        for (const auto& fault : simulated.audit().faults())
            ADD_FAILURE() << fault << "\nreplay: test_sim --seed " << seed << " --runs 1";
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
    for (std::size_t i = 0; i < fault_count && seed - options.seed >= seeds_with_every_fault; ++i)
        EXPECT_GT(total.of[i], 0U) << fault_names[i] << " never came";
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

/// What the auditor says of each mistake, in the order of `planted`; docs/testing.md has the same.
struct planted_mistake {
    const char* name;
    const char* what;
    const char* found_as;
};
constexpr std::array<planted_mistake, static_cast<std::size_t>(planted::count_)> planted_mistakes{{
    {"nothing", "", ""},
    {"lost_state_batch", "one batch of states is called written and is not",
     "of its receipts came"},
    {"lost_acceptance_batch", "one batch of new submissions is called written and is not",
     "was answered before it was on disk"},
    {"receipt_to_stranger", "a receipt to a session of another account",
     "was told what belongs to account"},
    {"response_invented", "the engine hears yes where a carrier said no", "of its receipts came"},
    {"response_lost", "the engine hears of a lost connection where a carrier said yes",
     "was sent again although a carrier had accepted it"},
    {"segment_doubled", "a segment twice on the wire", "came twice in one request"},
    {"end_untold", "the engine does not hear of an attempt's end", "attempts in flight, at most"},
    {"window_ignored", "a window of 1,000 for every bind", "requests in flight, its window is"},
    {"rate_ignored", "no contract rates", "the contract says"},
    {"quota_ignored", "no rates of accounts", "segments were let in"},
    {"weight_ignored", "every account weighs the same", "both wait and got"},
    {"acknowledged_too_soon", "receipts and replies acknowledged before they are on disk",
     "was acknowledged to the carrier, but nobody was told"},
    {"answered_too_soon", "submissions answered before they are on disk",
     "was answered before it was on disk"},
    {"policy_ignored", "nothing is at-most-once, no receipt is awaited",
     "after an unknown outcome, against its policy"},
    {"addresses_ignored", "the addresses of receipts are not looked at", "and nothing explains it"},
    {"gate_ignored", "an engine without a gate", "although the gate had not allowed it"},
    {"limit_invented", "a limit of two queued messages for every account",
     "a good submission was refused"},
    {"refusal_softened", "a refusal for good reaches the engine as one for now",
     "was sent again although its last attempt was refused"},
    {"told_otherwise", "a session is told \"expired\" of what was delivered after its validity",
     "was told as 4, but is 2"},
    {"event_buried", "the engine hears that an acknowledged event fits into no PDU",
     "1 entries are left in the table of dead letters"},
    {"queue_row_stays", "a row of the queue is not erased",
     "entries are left in the table of queue"},
    {"outbox_row_stays", "a row of the outbox is not erased",
     "entries are left in the table of outbox"},
    {"unmatched_rows_stay", "no row of unmatched receipts and replies is erased",
     "outlive their retention"},
    {"commit_untold", "the engine does not hear that a batch is written",
     "but the engine still holds"},
}};

/// The faults of one run, each with a line end, from a process of its own: an engine whose batches
/// are lost may end by an assertion, which is no fault of the auditor's then ("" here).
std::string faults_of(std::uint64_t seed, planted mistake) {
    std::array<int, 2> ends{};
    if (pipe(ends.data()) != 0) return "no pipe";
    std::fflush(nullptr);
    const auto child = fork();
    if (child == 0) {
        close(ends[0]);
        const rlimit no_core{0, 0};
        (void)setrlimit(RLIMIT_CORE, &no_core);
        std::string faults;
        {
            const temporary_folder folder;
            world simulated(seed, folder.path() + "/store", {.seconds = 0, .mistake = mistake});
            simulated.run();
            for (const auto& fault : simulated.audit().faults())
                faults += fault + "\n";
        }
        const bool written =
            write(ends[1], faults.data(), faults.size()) == static_cast<ssize_t>(faults.size());
        _exit(written ? 0 : 1);
    }
    close(ends[1]);
    std::string faults;
    std::array<char, 4096> piece{};
    for (ssize_t size = 0; (size = read(ends[0], piece.data(), piece.size())) > 0;)
        faults.append(piece.data(), static_cast<std::size_t>(size));
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? faults : std::string();
}

/// Each mistake is found, as what it is, with one of a few seeds that has no fault without it.
class mistakes : public ::testing::TestWithParam<int> {};

TEST_P(mistakes, are_found) {
    constexpr std::uint64_t seeds = 60;
    const auto& [name, what, found_as] = planted_mistakes[static_cast<std::size_t>(GetParam())];
    std::string other;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        const auto faults = faults_of(seed, static_cast<planted>(GetParam()));
        const auto at = faults.find(found_as);
        if (at == std::string::npos) {
            other = faults.empty() ? other : faults.substr(0, faults.find('\n'));
            continue;
        }
        const auto begin = faults.rfind('\n', at) + 1;
        std::printf("%s, in seed %" PRIu64 ": %s\n", what, seed,
                    faults.substr(begin, faults.find('\n', at) - begin).c_str());
        EXPECT_EQ(faults_of(seed, planted::nothing), "") << "seed " << seed;
        return;
    }
    ADD_FAILURE() << "nobody noticed " << name << "; the last fault was: " << other;
}

TEST(planted_mistakes, are_those_of_the_page) {
    std::ifstream in{HIKYAKU_SOURCE_DIR "/docs/testing.md"};
    ASSERT_TRUE(in);
    std::vector<std::string> lines;
    bool inside = false;
    for (std::string line; std::getline(in, line);) {
        if (line.empty()) inside = false;
        if (inside) lines.push_back(line);
        if (line.starts_with("| planted |")) inside = true;
    }
    ASSERT_EQ(lines.size(), planted_mistakes.size());  // a rule instead of "nothing"
    for (std::size_t i = 1; i < planted_mistakes.size(); ++i) {
        const auto& row = planted_mistakes[i];
        EXPECT_EQ(lines[i], "| " + std::string(row.what) + " | " + row.found_as + " |");
    }
}

INSTANTIATE_TEST_SUITE_P(planted, mistakes, testing::Range(1, static_cast<int>(planted::count_)),
                         [](const auto& which) {
                             return planted_mistakes[static_cast<std::size_t>(which.param)].name;
                         });

}  // namespace
}  // namespace hikyaku::sim
