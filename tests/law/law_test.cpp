// Runs the world of the law for a few seeds, and looks whether the auditor finds mistakes that are
// planted. ./dev law runs as many seeds as wanted (runs.cpp).
#include <gtest/gtest.h>

#include <array>
#include <cinttypes>
#include <cstdio>
#include <fstream>
#include <string>

#include "tests/law/world.hpp"
#include "tests/support/temporary_folder.hpp"

namespace hikyaku::law {
namespace {

std::vector<std::string> faults_of(std::uint64_t seed, const world_options& options) {
    const temporary_folder folder;
    world simulated(seed, folder / "store", options);
    simulated.run();
    return simulated.audit().faults();
}

class months : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(months, nothing_goes_that_the_law_forbids) {
    for (const auto& fault : faults_of(GetParam(), {.days = 30}))
        ADD_FAILURE() << fault;
}

INSTANTIATE_TEST_SUITE_P(seeds, months, ::testing::Range(std::uint64_t{1}, std::uint64_t{13}));

TEST(years, nothing_goes_that_the_law_forbids) {
    for (const auto& fault : faults_of(1, {.days = 365}))
        ADD_FAILURE() << fault;
}

TEST(a_seed, replays_to_the_letter) {
    std::uint64_t traces[2]{};
    for (auto& trace : traces) {
        const temporary_folder folder;
        world simulated(3, folder / "store", {.days = 30});
        simulated.run();
        trace = simulated.trace();
    }
    EXPECT_EQ(traces[0], traces[1]);
}

/// What the auditor says of each mistake, in the order of `planted`; docs/testing.md has the same.
struct planted_mistake {
    const char* name;
    const char* what;
    const char* found_as;
    std::uint64_t first_seed = 1;  // where rare events meet
};
constexpr std::array<planted_mistake, static_cast<std::size_t>(planted::count_)> planted_mistakes{{
    {"nothing", "", ""},
    {"window_ends_late", "a window that ends a second late", ", its window ends at"},
    {"count_one_an_hour", "of all contacts within an hour the first alone is counted",
     "another went to the contact point only"},
    {"holds_by_contact_only", "holds on debtors and debts are looked for by contact point only",
     "was sent although a hold"},
    {"stop_lost_at_restart", "a restart lifts the stops", "is stopped"},
    {"contact_row_lost", "a crash forgets what went to a contact point",
     "went to the contact point on this day"},
    {"suppression_of_one", "of several purposes one is suppressed",
     "its contact point is suppressed"},
    {"zones_united", "of several zones one is enough", "it is outside the window"},
    {"hold_lost", "the row of a hold is not written", "was answered, and is forgotten"},
    {"holidays_ignored", "holidays are days like others", "it is a day of rest"},
    {"clock_unchanged", "summer time is not known", ", its window ends at"},
    {"delayed_longer", "a delay is an hour too long", "could have gone from"},
    {"shadow_blocks", "a shadow holds back", "could have gone from"},
    {"validity_unsaid", "the carrier is not told until when", ", its window ends at"},
    {"event_lost", "an event is not written for the desk", "is 0 times in the timeline"},
    {"event_twice", "after a restart the desk tells hand-offs again",
     "times in the timeline instead of"},
    {"never_taken_back", "what was counted and did not go counts for ever", "could have gone from",
     680},
}};

/// Each mistake is found, as what it is, with one of a few seeds that has no fault without it.
class mistakes : public ::testing::TestWithParam<int> {};

TEST_P(mistakes, are_found) {
    constexpr std::uint64_t seeds = 60;
    const auto& [name, what, found_as, first] =
        planted_mistakes[static_cast<std::size_t>(GetParam())];
    std::string other;
    for (std::uint64_t seed = first; seed < first + seeds; ++seed) {
        for (const auto& fault :
             faults_of(seed, {.days = 30, .mistake = static_cast<planted>(GetParam())})) {
            if (fault.find(found_as) == std::string::npos) {
                other = fault;
                continue;
            }
            std::printf("%s: %s\n", what, fault.c_str());
            EXPECT_TRUE(faults_of(seed, {.days = 30}).empty()) << "seed " << seed;
            return;
        }
    }
    ADD_FAILURE() << "nobody noticed " << name << "; the last fault was: " << other;
}

INSTANTIATE_TEST_SUITE_P(planted, mistakes, testing::Range(1, static_cast<int>(planted::count_)),
                         [](const auto& which) {
                             return planted_mistakes[static_cast<std::size_t>(which.param)].name;
                         });

TEST(planted_in_law, are_those_of_the_page) {
    std::ifstream in{HIKYAKU_SOURCE_DIR "/docs/testing.md"};
    ASSERT_TRUE(in);
    std::vector<std::string> lines;
    bool inside = false;
    for (std::string line; std::getline(in, line);) {
        if (line.empty()) inside = false;
        if (inside) lines.push_back(line);
        if (line.starts_with("| planted in the law |")) inside = true;
    }
    ASSERT_EQ(lines.size(), planted_mistakes.size());  // a rule instead of "nothing"
    for (std::size_t i = 1; i < planted_mistakes.size(); ++i) {
        const auto& row = planted_mistakes[i];
        EXPECT_EQ(lines[i], "| " + std::string(row.what) + " | " + row.found_as + " |");
    }
}

}  // namespace
}  // namespace hikyaku::law
