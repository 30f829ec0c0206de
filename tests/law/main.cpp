// test_law: the tests of the law, with the options of GoogleTest. test_law --seeds A-B
// [--days 30|365] [--done FILE] [--jobs N]: seeds one after the other, see runs.hpp.
#include <gtest/gtest.h>

#include <cstdio>

#include "tests/law/runs.hpp"

int main(int count, char** words) {
    if (hikyaku::law::asks_for_runs(count, words)) {
        const auto options = hikyaku::law::parse_run_options(count, words);
        if (options) return hikyaku::law::run_seeds(*options) ? 0 : 1;
        std::fprintf(stderr, "usage: %s --seeds A-B [--days 30|365] [--done FILE] [--jobs N]\n",
                     words[0]);
        return 2;
    }
    testing::InitGoogleTest(&count, words);
    return RUN_ALL_TESTS();
}
