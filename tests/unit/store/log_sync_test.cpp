// One sync for all who wait for it.
#include "store/log_sync.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "tests/support/temporary_folder.hpp"
#include "tests/support/waiting.hpp"

namespace hikyaku::store {
namespace {

class log_sync_test : public ::testing::Test {
protected:
    void SetUp() override {
        file_ = ::open((folder_.path() + "/log").c_str(), O_RDWR | O_CREAT, 0600);
        ASSERT_GE(file_, 0);
    }
    void TearDown() override { ::close(file_); }
    void on_progress() {
        const std::lock_guard lock(mutex_);
        ++told_;
        something_.notify_all();
    }
    [[nodiscard]] bool becomes(const log_sync& sync, std::uint64_t sequence) {
        std::unique_lock lock(mutex_);
        return something_.wait_for(lock, hikyaku::tests::hangs_after,
                                   [&] { return sync.synced() >= sequence; });
    }

    temporary_folder folder_;
    int file_ = -1;
    std::mutex mutex_;
    std::condition_variable something_;
    int told_ = 0;
};

TEST_F(log_sync_test, tells_when_what_was_asked_for_is_on_disk) {
    log_sync sync(folder_.path(), [this] { on_progress(); });
    EXPECT_EQ(sync.synced(), 0U);
    sync.ask(file_, 5);
    EXPECT_TRUE(becomes(sync, 5));
    sync.ask(file_, 9);
    EXPECT_TRUE(becomes(sync, 9));
    EXPECT_EQ(sync.failures(), 0U);
}

TEST_F(log_sync_test, many_share_a_sync) {
    constexpr std::uint64_t asked = 100'000;
    log_sync sync(folder_.path(), [this] { on_progress(); });
    for (std::uint64_t i = 1; i <= asked; ++i)
        sync.ask(file_, i);
    EXPECT_TRUE(becomes(sync, asked));
    EXPECT_LT(sync.syncs(), asked / 10);
}

TEST_F(log_sync_test, a_sync_that_fails_is_counted_and_holds_nobody_up) {
    log_sync sync(folder_.path(), [this] { on_progress(); });
    sync.ask(-1, 3);
    EXPECT_TRUE(becomes(sync, 3));
    EXPECT_EQ(sync.failures(), 1U);
}

}  // namespace
}  // namespace hikyaku::store
