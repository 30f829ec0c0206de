#include "store/clock_mark.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/unit/store/support.hpp"

namespace hikyaku::store {
namespace {

using namespace testing;
using namespace std::chrono_literals;
using time_point = clock_mark::time_point;

const time_point opened{std::chrono::hours{50}};

constexpr clock_mark::magic_octets test_magic{'t', 'e', 's', 't', '0', '0', '0', '1'};
constexpr std::uint64_t refusing = 16;  // bytes of a file: less than a mark

class clock_mark_test : public ::testing::Test {
protected:
    [[nodiscard]] std::string file() const { return folder_ / "acted.mark"; }
    [[nodiscard]] clock_mark open(time_point now, const std::string& identity = "boot") const {
        return {file(), test_magic, identity, now};
    }
    [[nodiscard]] time_point told(time_point now, const std::string& identity = "boot") const {
        return open(now, identity).acted_before();
    }
    void act_at(time_point when, const std::string& identity = "boot") const {
        auto mark = open(when - 1s, identity);
        ASSERT_TRUE(mark.cover(when));
    }

    temporary_folder folder_;
};

TEST_F(clock_mark_test, nothing_is_known_of_the_time_before_the_file) {
    EXPECT_EQ(told(opened), opened);
    struct stat status {};
    ASSERT_EQ(::stat(file().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
    EXPECT_EQ(status.st_size, 80);
}

TEST_F(clock_mark_test, without_acts_the_time_since_the_file_was_made_is_free) {
    { const auto mark = open(opened); }
    EXPECT_EQ(told(opened + 10s), opened);
    EXPECT_EQ(told(opened + 20s), opened) << "the file is not made anew";
}

TEST_F(clock_mark_test, what_was_done_is_covered_for_the_next_process) {
    {
        auto mark = open(opened);
        ASSERT_TRUE(mark.cover(opened + 5s));
        ASSERT_TRUE(mark.cover(opened + 5s + 70ms)) << "within the mark: not written";
    }
    EXPECT_EQ(told(opened + 60s), opened + 5s + clock_mark::ahead);
    {
        auto mark = open(opened + 60s);
        ASSERT_TRUE(mark.cover(opened + 61s));
        ASSERT_TRUE(mark.cover(opened + 61s + 101ms)) << "beyond it";
    }
    EXPECT_EQ(told(opened + 70s), opened + 61s + 101ms + clock_mark::ahead);
    EXPECT_EQ(told(opened + 80s), opened + 61s + 101ms + clock_mark::ahead) << "nothing came since";
}

TEST_F(clock_mark_test, a_mark_ahead_of_the_start_ends_there) {
    act_at(opened + 5s);
    EXPECT_EQ(told(opened + 5s + 10ms), opened + 5s + 10ms);
    EXPECT_EQ(told(opened - 1s), opened - 1s) << "nor is a clock that has gone back believed more";
}

TEST_F(clock_mark_test, another_run_of_the_machine_knows_nothing) {
    act_at(opened + 5s, "boot one");
    EXPECT_EQ(told(opened + 9s, "boot two"), opened + 9s);
    EXPECT_EQ(told(opened + 30s, "boot two"), opened + 9s) << "from then on it does";
    EXPECT_EQ(told(opened + 40s, "boot one"), opened + 40s);
}

TEST_F(clock_mark_test, a_file_that_is_none_is_made_anew) {
    const std::vector<std::string> strangers{"", "not a record", std::string(4096, 'x')};
    for (const auto& bytes : strangers) {
        write_file(file(), bytes);
        EXPECT_EQ(told(opened), opened);
        EXPECT_EQ(told(opened + 5s), opened);
        std::filesystem::remove(file());
    }
}

TEST_F(clock_mark_test, a_system_without_an_identity_never_knows_anything) {
    act_at(opened, "boot");
    act_at(opened + 5s, "");
    EXPECT_FALSE(std::filesystem::exists(file())) << "nobody may believe the old one";
    EXPECT_EQ(told(opened + 60s, ""), opened + 60s);
    EXPECT_FALSE(clock_identity().empty()) << "this one has one";
    EXPECT_EQ(clock_identity(), clock_identity());
}

TEST_F(clock_mark_test, a_disk_that_refuses_lets_nothing_go_that_an_old_mark_would_deny) {
    auto mark = open(opened);
    ASSERT_TRUE(mark.cover(opened + 1s));
    {
        const file_limit disk(refusing);
        EXPECT_TRUE(mark.cover(opened + 1s + 50ms)) << "is covered already";
        EXPECT_FALSE(mark.cover(opened + 2s));
        EXPECT_FALSE(mark.cover(opened + 2s)) << "and it is not taken for written";
        EXPECT_FALSE(mark.cover(opened + 2s + clock_mark::retry - 1ms));
        EXPECT_EQ(mark.failures(), 1U) << "nor is the disk asked for each act";
        EXPECT_FALSE(mark.cover(opened + 2s + clock_mark::retry));
        EXPECT_EQ(mark.failures(), 2U);
    }
    EXPECT_TRUE(mark.cover(opened + 3s));
    EXPECT_EQ(told(opened + 60s), opened + 3s + clock_mark::ahead);
}

TEST_F(clock_mark_test, without_a_file_acts_go_on_and_the_next_process_knows_nothing) {
    {
        const file_limit disk(refusing);
        auto mark = open(opened);
        EXPECT_TRUE(mark.cover(opened + 1s));
        EXPECT_EQ(mark.failures(), 2U);
        EXPECT_EQ(told(opened + 5s), opened + 5s);
    }
    act_at(opened + 7s);
    EXPECT_EQ(told(opened + 60s), opened + 7s + clock_mark::ahead);
}

TEST_F(clock_mark_test, what_cannot_be_opened_might_be_believed) {
    std::filesystem::create_directory(file());
    auto mark = open(opened);
    EXPECT_EQ(mark.acted_before(), opened);
    EXPECT_FALSE(mark.cover(opened + 1s));
    std::filesystem::remove(file());
    EXPECT_TRUE(mark.cover(opened + 2s));
    EXPECT_EQ(told(opened + 60s), opened + 2s + clock_mark::ahead);
}

}  // namespace
}  // namespace hikyaku::store
