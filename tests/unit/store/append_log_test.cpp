#include "store/append_log.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/store/support.hpp"

namespace hikyaku::store {
namespace {

using namespace testing;
using found = std::vector<std::pair<std::uint64_t, std::string>>;

found all_of(append_log& log) {
    found out;
    log.take_found(
        [&](std::uint64_t sequence, std::string_view bytes) { out.emplace_back(sequence, bytes); });
    return out;
}

class append_log_test : public ::testing::Test {
protected:
    [[nodiscard]] std::string file() const { return folder_.path() + "/records.log"; }
    void overwrite(off_t at, std::string_view bytes) const {
        int open_file = ::open(file().c_str(), O_RDWR);
        ASSERT_GE(open_file, 0);
        ASSERT_EQ(::pwrite(open_file, bytes.data(), bytes.size(), at),
                  static_cast<ssize_t>(bytes.size()));
        ::close(open_file);
    }
    // A run that ends without saying what was stored, as a killed process does.
    std::vector<std::uint64_t> run(std::uint64_t stored, const std::vector<std::string>& records) {
        append_log log(file(), stored);
        std::vector<std::uint64_t> sequences;
        for (const auto& one : records)
            sequences.push_back(log.append(one));
        EXPECT_TRUE(log.flush());
        return sequences;
    }

    temporary_folder folder_;
};

TEST_F(append_log_test, nothing_is_made_before_the_first_record) {
    append_log log(file(), 7);
    EXPECT_EQ(all_of(log), found{});
    struct stat status {};
    EXPECT_NE(::stat(file().c_str(), &status), 0);
    EXPECT_TRUE(log.flush());
    EXPECT_NE(::stat(file().c_str(), &status), 0);
    EXPECT_EQ(log.append("a"), 8U);
    EXPECT_TRUE(log.flush());
    ASSERT_EQ(::stat(file().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(append_log_test, what_was_not_stored_is_found_again) {
    const auto sequences = run(0, {"one", "two", std::string(append_log::record_bytes_max, 'x')});
    EXPECT_EQ(sequences, (std::vector<std::uint64_t>{1, 2, 3}));
    append_log none_stored(file(), 0);
    EXPECT_EQ(all_of(none_stored),
              (found{{1, "one"}, {2, "two"}, {3, std::string(append_log::record_bytes_max, 'x')}}));
    EXPECT_EQ(all_of(none_stored), found{}) << "once";
    append_log some_stored(file(), 2);
    EXPECT_EQ(all_of(some_stored).size(), 1U);
    append_log all_stored(file(), 3);
    EXPECT_EQ(all_of(all_stored), found{});
    EXPECT_GT(all_stored.append("more"), 3U);
}

TEST_F(append_log_test, written_with_the_others_of_its_turn) {
    append_log log(file(), 0);
    const auto first = log.append("one");
    const auto second = log.append("two");
    EXPECT_EQ(all_of(*std::make_unique<append_log>(file(), 0)), found{}) << "not yet";
    EXPECT_TRUE(log.flush());
    EXPECT_TRUE(log.flush()) << "nothing is left to write";
    const auto empty = log.append("");
    const auto too_long = log.append(std::string(append_log::record_bytes_max + 1, 'x'));
    const auto third = log.append("three");
    EXPECT_TRUE(log.flush());
    EXPECT_EQ(log.unlogged(), 2U);
    EXPECT_EQ((std::vector{first, second, empty, too_long, third}),
              (std::vector<std::uint64_t>{1, 2, 3, 4, 5}));
    append_log again(file(), 0);
    EXPECT_EQ(all_of(again), (found{{1, "one"}, {2, "two"}, {5, "three"}}));
}

TEST_F(append_log_test, a_record_that_was_not_written_whole_is_none) {
    // Records of one byte take 32: this cuts into header, checksum and bytes of the second.
    for (const off_t at : {32 + 0, 32 + 8, 32 + 16, 32 + 24}) {
        SCOPED_TRACE(at);
        run(0, {"a", "b", "c"});
        overwrite(at, std::string(4, '\xFF'));
        append_log log(file(), 0);
        EXPECT_EQ(all_of(log), (found{{1, "a"}}));
        ::unlink(file().c_str());
    }
}

TEST_F(append_log_test, what_an_earlier_run_has_left_behind_a_torn_record_stays_gone) {
    run(0, {"a", "b", "c", "d"});
    overwrite(32, std::string(32, '\0'));
    const auto fresh = run(1, {"B"});  // exactly over the second
    append_log log(file(), 1);
    EXPECT_EQ(all_of(log), (found{{fresh[0], "B"}})) << "and not c and d again";
}

TEST_F(append_log_test, a_half_is_used_again_only_when_all_of_it_is_stored) {
    const std::string big(4000, 'x');
    const auto size = (big.size() + 24);
    const auto per_half = append_log::half_bytes / size;
    append_log log(file(), 0);
    for (std::uint64_t n = 1; n <= 2 * per_half; ++n)
        ASSERT_EQ(log.append(big), n);
    EXPECT_EQ(log.append(big), 2 * per_half + 1) << "full, but it has its number";
    log.release(per_half - 1);
    EXPECT_EQ(log.append(big), 2 * per_half + 2) << "one of the first half is missing";
    EXPECT_TRUE(log.flush());
    log.release(per_half);
    EXPECT_EQ(log.append(big), 2 * per_half + 3);
    EXPECT_TRUE(log.flush());
    append_log again(file(), per_half);
    const auto left = all_of(again);
    ASSERT_EQ(left.size(), per_half + 1);
    EXPECT_EQ(left.front().first, per_half + 1);
    EXPECT_EQ(left[per_half - 1].first, 2 * per_half);
    EXPECT_EQ(left.back().first, 2 * per_half + 3);
    EXPECT_LE(static_cast<std::uint64_t>(std::filesystem::file_size(file())),
              2 * append_log::half_bytes);
}

TEST_F(append_log_test, a_file_that_is_none_is_written_over) {
    std::ofstream(file()) << "no log at all, and rather longer than the head of one record";
    append_log log(file(), 4);
    EXPECT_EQ(all_of(log), found{});
    const auto sequence = log.append("a");
    EXPECT_GT(sequence, 4U);
    EXPECT_TRUE(log.flush());
    append_log again(file(), 4);
    EXPECT_EQ(all_of(again), (found{{sequence, "a"}}));
}

TEST_F(append_log_test, a_disk_that_refuses_takes_nothing_until_it_works) {
    append_log log(file(), 0);
    const auto first = log.append("a");
    EXPECT_TRUE(log.flush());
    {
        const file_limit disk(16);
        EXPECT_GT(log.append("b"), first);
        EXPECT_FALSE(log.flush());
        EXPECT_EQ(log.unlogged(), 1U);
    }
    const auto second = log.append("c");
    EXPECT_TRUE(log.flush());
    append_log again(file(), 0);
    EXPECT_EQ(all_of(again), (found{{first, "a"}, {second, "c"}}));
}

TEST_F(append_log_test, tells_up_to_where_everything_is_in_the_file_or_released) {
    append_log log(file(), 7);
    EXPECT_EQ(log.written(), 7U);
    EXPECT_EQ(log.descriptor(), -1);
    const auto first = log.append("a");
    EXPECT_LT(log.written(), first);
    EXPECT_TRUE(log.flush());
    EXPECT_EQ(log.written(), first);
    EXPECT_GE(log.descriptor(), 0);
    const auto lost = log.append(std::string(append_log::record_bytes_max + 1, 'x'));
    const auto behind = log.append("b");
    EXPECT_TRUE(log.flush());
    EXPECT_EQ(log.written(), first) << "one in between is not in the file";
    log.release(lost);
    EXPECT_EQ(log.written(), behind);
}

}  // namespace
}  // namespace hikyaku::store
