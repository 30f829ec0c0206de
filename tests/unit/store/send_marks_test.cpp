#include "store/send_marks.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>

#include "tests/unit/store/support.hpp"

namespace hikyaku::store {
namespace {

using namespace testing;
using namespace std::chrono_literals;
using time_point = send_marks::time_point;

const time_point start{std::chrono::hours{50}};

class send_marks_test : public ::testing::Test {
protected:
    [[nodiscard]] std::string file() const { return folder_ / "sent.marks"; }
    [[nodiscard]] send_marks open(time_point now, const std::string& identity = "boot") const {
        return {folder_.path(), identity, now};
    }

    temporary_folder folder_;
};

TEST_F(send_marks_test, nothing_is_known_of_the_time_before_the_file) {
    const auto marks = open(start);
    EXPECT_EQ(marks.sent_before(1), start);
    struct stat status {};
    ASSERT_EQ(::stat(file().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
    EXPECT_EQ(status.st_size, 4096);
}

TEST_F(send_marks_test, a_carrier_that_was_sent_nothing_is_free_since_the_file_was_made) {
    { const auto marks = open(start); }
    EXPECT_EQ(open(start + 10s).sent_before(1), start);
    EXPECT_EQ(open(start + 20s).sent_before(1), start) << "the file is not made anew";
}

TEST_F(send_marks_test, what_was_sent_is_covered_for_the_next_process) {
    {
        auto marks = open(start);
        ASSERT_TRUE(marks.cover(3, start + 5s));
        ASSERT_TRUE(marks.cover(3, start + 5s + 70ms)) << "within the mark: not written";
        ASSERT_TRUE(marks.cover(4, start + 8s));
        ASSERT_TRUE(marks.cover(4, start + 8s + 101ms)) << "beyond it";
    }
    const auto next = open(start + 60s);
    EXPECT_EQ(next.sent_before(1), start);
    EXPECT_EQ(next.sent_before(3), start + 5s + send_marks::ahead);
    EXPECT_EQ(next.sent_before(4), start + 8s + 101ms + send_marks::ahead);
}

TEST_F(send_marks_test, a_mark_ahead_of_the_start_ends_there) {
    {
        auto marks = open(start);
        ASSERT_TRUE(marks.cover(3, start + 5s));
    }
    EXPECT_EQ(open(start + 5s + 10ms).sent_before(3), start + 5s + 10ms);
}

TEST_F(send_marks_test, marks_of_the_process_before_the_last_one_stay) {
    {
        auto marks = open(start);
        ASSERT_TRUE(marks.cover(3, start + 5s));
    }
    {
        auto marks = open(start + 10s);
        ASSERT_TRUE(marks.cover(4, start + 11s));
    }
    const auto next = open(start + 20s);
    EXPECT_EQ(next.sent_before(3), start + 5s + send_marks::ahead);
    EXPECT_EQ(next.sent_before(4), start + 11s + send_marks::ahead);
}

TEST_F(send_marks_test, another_run_of_the_machine_knows_nothing) {
    {
        auto marks = open(start, "boot one");
        ASSERT_TRUE(marks.cover(3, start + 5s));
    }
    EXPECT_EQ(open(start + 9s, "boot two").sent_before(3), start + 9s);
    EXPECT_EQ(open(start + 30s, "boot two").sent_before(3), start + 9s) << "from then on it does";
    EXPECT_EQ(open(start + 40s, "boot one").sent_before(3), start + 40s);
}

TEST_F(send_marks_test, a_clock_that_is_behind_the_file_knows_nothing) {
    {
        auto marks = open(start);
        ASSERT_TRUE(marks.cover(3, start + 5s));
    }
    EXPECT_EQ(open(start - 1s).sent_before(3), start - 1s);
}

TEST_F(send_marks_test, a_file_that_is_none_is_made_anew) {
    const std::vector<std::string> strangers{"", "not a page", std::string(4096, 'x')};
    for (const auto& bytes : strangers) {
        write_file(file(), bytes);
        EXPECT_EQ(open(start).sent_before(3), start);
        EXPECT_EQ(open(start + 5s).sent_before(3), start);
        std::filesystem::remove(file());
    }
}

TEST_F(send_marks_test, a_system_without_an_identity_never_knows_anything) {
    {
        auto marks = open(start, "");
        EXPECT_TRUE(marks.cover(3, start + 5s));
    }
    EXPECT_FALSE(std::filesystem::exists(file()));
    EXPECT_EQ(open(start + 60s, "").sent_before(3), start + 60s);
    EXPECT_FALSE(clock_identity().empty()) << "this one has one";
    EXPECT_EQ(clock_identity(), clock_identity());
}

TEST_F(send_marks_test, carriers_beyond_the_page_have_no_mark) {
    const auto beyond = static_cast<std::uint32_t>(send_marks::carriers_max);
    {
        auto marks = open(start);
        EXPECT_TRUE(marks.cover(beyond - 1, start + 1s));
        EXPECT_TRUE(marks.cover(beyond, start + 1s));
    }
    const auto next = open(start + 60s);
    EXPECT_EQ(next.sent_before(beyond - 1), start + 1s + send_marks::ahead);
    EXPECT_EQ(next.sent_before(beyond), start + 60s);
}

TEST_F(send_marks_test, a_disk_that_refuses_lets_nothing_go_that_an_old_mark_would_deny) {
    auto marks = open(start);
    ASSERT_TRUE(marks.cover(3, start + 1s));
    rlimit before{};
    ::getrlimit(RLIMIT_FSIZE, &before);
    auto* handler = ::signal(SIGXFSZ, SIG_IGN);
    rlimit none{16, before.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &none);
    EXPECT_TRUE(marks.cover(3, start + 1s + 50ms)) << "is covered already";
    EXPECT_FALSE(marks.cover(3, start + 2s));
    EXPECT_FALSE(marks.cover(3, start + 2s)) << "and it is not taken for written";
    ::setrlimit(RLIMIT_FSIZE, &before);
    ::signal(SIGXFSZ, handler);
    EXPECT_TRUE(marks.cover(3, start + 3s));
    EXPECT_EQ(open(start + 60s).sent_before(3), start + 3s + send_marks::ahead);
}

TEST_F(send_marks_test, without_a_file_segments_go_and_the_next_process_knows_nothing) {
    rlimit before{};
    ::getrlimit(RLIMIT_FSIZE, &before);
    auto* handler = ::signal(SIGXFSZ, SIG_IGN);
    rlimit none{16, before.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &none);
    {
        auto marks = open(start);
        EXPECT_TRUE(marks.cover(3, start + 1s));
    }
    EXPECT_EQ(open(start + 5s).sent_before(3), start + 5s);
    ::setrlimit(RLIMIT_FSIZE, &before);
    ::signal(SIGXFSZ, handler);
    auto marks = open(start + 6s);
    EXPECT_TRUE(marks.cover(3, start + 7s));
    EXPECT_EQ(open(start + 60s).sent_before(3), start + 7s + send_marks::ahead);
}

}  // namespace
}  // namespace hikyaku::store
