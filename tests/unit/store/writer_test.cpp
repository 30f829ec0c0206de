#include "store/writer.hpp"

#include <gtest/gtest.h>
#include <sys/mount.h>

#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "tests/support/waiting.hpp"
#include "tests/unit/store/support.hpp"

namespace hikyaku::store {
namespace {

using namespace testing;
using namespace std::chrono_literals;

// The commits of a store, under the test's control: they wait while held and fail while told to.
class commit_control {
public:
    int at_commit() {
        std::unique_lock lock(mutex_);
        ++arrived_;
        changed_.notify_all();
        changed_.wait(lock, [this] { return !held_; });
        return code_;
    }
    void hold() {
        std::lock_guard guard(mutex_);
        held_ = true;
    }
    void release(int code) {
        {
            std::lock_guard guard(mutex_);
            held_ = false;
            code_ = code;
        }
        changed_.notify_all();
    }
    bool wait_for_arrivals(int count) {
        std::unique_lock lock(mutex_);
        return tests::wait_until(changed_, lock, [&] { return arrived_ >= count; });
    }
    int arrivals() {
        std::lock_guard guard(mutex_);
        return arrived_;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool held_ = false;
    int code_ = 0;
    int arrived_ = 0;
};

// A store with its writer, whose completions can be waited for.
class fixture {
public:
    explicit fixture(environment_settings settings, std::size_t pending_bytes_max = 1U << 20) {
        settings.fail_commit = [this] { return control.at_commit(); };
        store = open_or_fail(std::move(settings));
        writer_settings writing;
        writing.pending_bytes_max = pending_bytes_max;
        writing.retry_min = 1ms;
        writing.retry_max = 4ms;
        disk = std::make_unique<writer>(*store, writing, [this] {
            std::lock_guard guard(mutex_);
            ++progress_;
            changed_.notify_all();
        });
    }
    ~fixture() {
        control.release(0);
        disk.reset();
    }

    admission submit(batch_kind kind, std::uint64_t ticket, std::size_t value_bytes = 10) {
        auto changes = std::make_unique<batch>();
        changes->put(sample::rows, number_key(ticket), std::string(value_bytes, 'v'));
        return disk->submit(kind, changes, ticket);
    }
    // Waits until `ready` holds; looked at after each sign of progress, and at no other time.
    template <class Ready>
    bool wait_until(Ready ready) {
        std::unique_lock lock(mutex_);
        return tests::wait_until(changed_, lock, ready);
    }
    std::vector<completion> completions(std::size_t count) {
        EXPECT_TRUE(wait_until([&] {
            disk->take_completed(taken_);
            return taken_.size() >= count;
        }));
        EXPECT_EQ(taken_.size(), count);
        return std::move(taken_);
    }
    bool stored(std::uint64_t ticket) {
        return store->read().has(sample::rows, number_key(ticket));
    }

    /// Signs of progress so far.
    int told() { return progress_; }

    commit_control control;
    std::unique_ptr<environment> store;
    std::unique_ptr<writer> disk;

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::atomic<int> progress_ = 0;
    std::vector<completion> taken_;
};

std::string outline(const std::vector<completion>& all) {
    std::string out;
    for (const auto& one : all) {
        out += (one.kind == batch_kind::acceptance ? "a" : "s") + std::to_string(one.ticket);
        out += one.error ? ":" + std::string(commit_error_name(*one.error)) + " " : " ";
    }
    return out;
}

TEST(writer, reports_what_is_on_disk_and_gives_batches_back) {
    temporary_folder folder;
    fixture test(settings_for(folder / "data"));
    EXPECT_EQ(test.submit(batch_kind::acceptance, 1), admission::taken);
    auto done = test.completions(1);
    EXPECT_EQ(outline(done), "a1 ");
    EXPECT_TRUE(test.stored(1));
    ASSERT_TRUE(done[0].operations);
    EXPECT_TRUE(done[0].operations->empty());
    EXPECT_GT(done[0].operations->capacity(), 0U);
    EXPECT_EQ(test.disk->pending_bytes(), 0U);
    EXPECT_FALSE(test.disk->failing());
}

TEST(writer, everything_waiting_shares_one_commit) {
    temporary_folder folder;
    fixture test(settings_for(folder / "data"));
    test.control.hold();
    EXPECT_EQ(test.submit(batch_kind::acceptance, 1), admission::taken);
    ASSERT_TRUE(test.control.wait_for_arrivals(1));
    for (std::uint64_t i = 2; i <= 101; ++i) {
        auto kind = i % 2 == 0 ? batch_kind::acceptance : batch_kind::state;
        EXPECT_EQ(test.submit(kind, i), admission::taken);
    }
    EXPECT_EQ(test.disk->pending_bytes(), 101 * (8 + 8 + 10U));
    test.control.release(0);
    auto done = test.completions(101);
    for (std::uint64_t i = 1; i <= 101; ++i) {
        EXPECT_EQ(done[i - 1].ticket, i);
        EXPECT_FALSE(done[i - 1].error);
    }
    auto stats = test.disk->stats();
    EXPECT_EQ(stats.commits, 2U);
    EXPECT_EQ(stats.batches, 101U);
    EXPECT_EQ(stats.operations, 101U);
    EXPECT_EQ(stats.bytes, 101 * 26U);
    EXPECT_EQ(stats.failed_commits, 0U);
    std::uint64_t counted = 0;
    for (auto count : stats.commits_by_duration)
        counted += count;
    EXPECT_EQ(counted, 2U);
    EXPECT_GE(stats.commit_microseconds_sum, stats.commit_microseconds_max);
}

TEST(writer, acceptance_is_bounded_and_state_is_not) {
    temporary_folder folder;
    fixture test(settings_for(folder / "data"), 1000);
    test.control.hold();
    EXPECT_EQ(test.submit(batch_kind::acceptance, 1, 5000), admission::taken);  // alone: taken
    ASSERT_TRUE(test.control.wait_for_arrivals(1));
    auto changes = std::make_unique<batch>();
    changes->put(sample::rows, "k", "v");
    EXPECT_EQ(test.disk->submit(batch_kind::acceptance, changes, 2), admission::full);
    ASSERT_TRUE(changes);  // not moved from
    EXPECT_EQ(changes->operations(), 1U);
    EXPECT_EQ(test.submit(batch_kind::state, 3, 5000), admission::taken);
    test.control.release(0);
    EXPECT_EQ(outline(test.completions(2)), "a1 s3 ");
    EXPECT_EQ(test.submit(batch_kind::acceptance, 4), admission::taken);
    EXPECT_EQ(outline(test.completions(1)), "a4 ");
    EXPECT_EQ(test.disk->stats().refused, 1U);
}

TEST(writer, a_full_disk_refuses_the_new_and_keeps_the_accepted) {
    temporary_folder folder;
    fixture test(settings_for(folder / "data"));
    test.control.hold();
    EXPECT_EQ(test.submit(batch_kind::state, 1), admission::taken);
    ASSERT_TRUE(test.control.wait_for_arrivals(1));
    EXPECT_EQ(test.submit(batch_kind::acceptance, 2), admission::taken);
    EXPECT_EQ(test.submit(batch_kind::state, 3), admission::taken);
    EXPECT_EQ(test.submit(batch_kind::acceptance, 4), admission::taken);
    EXPECT_EQ(test.submit(batch_kind::state, 5), admission::taken);
    test.control.release(ENOSPC);
    auto refused = test.completions(2);
    EXPECT_EQ(outline(refused), "a2:disk full a4:disk full ");
    EXPECT_EQ(refused[0].operations->operations(), 1U);  // untouched: may be submitted again
    EXPECT_EQ(test.disk->failing(), commit_error::disk_full);
    EXPECT_EQ(test.submit(batch_kind::acceptance, 6), admission::failing);
    EXPECT_EQ(test.submit(batch_kind::state, 7), admission::taken);
    ASSERT_TRUE(test.control.wait_for_arrivals(6));  // it goes on trying
    EXPECT_FALSE(test.stored(1));
    EXPECT_EQ(test.disk->pending_bytes(), 4 * 26U);
    test.control.release(0);
    EXPECT_EQ(outline(test.completions(4)), "s1 s3 s5 s7 ");
    ASSERT_TRUE(test.wait_until([&] { return !test.disk->failing(); }));
    for (std::uint64_t ticket : {1U, 3U, 5U, 7U})
        EXPECT_TRUE(test.stored(ticket)) << ticket;
    for (std::uint64_t ticket : {2U, 4U, 6U})
        EXPECT_FALSE(test.stored(ticket)) << ticket;
    EXPECT_EQ(test.submit(batch_kind::acceptance, 8), admission::taken);
    EXPECT_EQ(outline(test.completions(1)), "a8 ");
    auto stats = test.disk->stats();
    EXPECT_GE(stats.failed_commits, 5U);
    EXPECT_EQ(stats.refused, 3U);
    EXPECT_EQ(stats.batches, 5U);
    EXPECT_EQ(test.disk->pending_bytes(), 0U);
}

TEST(writer, tells_of_a_fault_although_nothing_that_is_kept_completes) {
    temporary_folder folder;
    fixture test(settings_for(folder / "data"));
    test.control.release(EIO);
    EXPECT_EQ(test.submit(batch_kind::state, 1), admission::taken);
    ASSERT_TRUE(test.wait_until([&] { return test.told() > 0; }));
    EXPECT_EQ(test.disk->failing(), commit_error::io);
    const auto arrived = test.control.arrivals();
    ASSERT_TRUE(test.control.wait_for_arrivals(arrived + 4));
    EXPECT_EQ(test.told(), 1) << "once, not at each try";
    test.control.release(0);
    EXPECT_EQ(outline(test.completions(1)), "s1 ");
}

TEST(writer, kept_batches_keep_their_order_on_the_same_key) {
    temporary_folder folder;
    fixture test(settings_for(folder / "data"));
    auto write = [&](std::uint64_t ticket) {
        auto changes = std::make_unique<batch>();
        changes->put(sample::notes, "same", std::to_string(ticket));
        EXPECT_EQ(test.disk->submit(batch_kind::state, changes, ticket), admission::taken);
    };
    test.control.release(EIO);
    for (std::uint64_t i = 0; i < 50; ++i)
        write(i);
    ASSERT_TRUE(test.control.wait_for_arrivals(3));
    EXPECT_EQ(test.disk->failing(), commit_error::io);
    for (std::uint64_t i = 50; i < 100; ++i)
        write(i);
    test.control.release(0);
    auto done = test.completions(100);
    for (std::uint64_t i = 0; i < 100; ++i)
        EXPECT_EQ(done[i].ticket, i);
    EXPECT_EQ(get(*test.store, sample::notes, "same"), "99");
}

TEST(writer, recovers_when_only_new_batches_had_failed) {
    temporary_folder folder;
    fixture test(settings_for(folder / "data"));
    test.control.release(ENOSPC);
    EXPECT_EQ(test.submit(batch_kind::acceptance, 1), admission::taken);
    EXPECT_EQ(outline(test.completions(1)), "a1:disk full ");
    test.control.release(0);
    // Nothing is kept that could prove the disk: after a pause the next batch may.
    ASSERT_TRUE(test.wait_until([&] { return !test.disk->failing(); }));
    EXPECT_EQ(test.submit(batch_kind::acceptance, 2), admission::taken);
    EXPECT_EQ(outline(test.completions(1)), "a2 ");
    EXPECT_FALSE(test.stored(1));
    EXPECT_TRUE(test.stored(2));
}

TEST(writer, without_anything_kept_the_disk_itself_is_tried) {
    temporary_folder folder;
    fixture test(settings_for(folder / "data"));
    test.control.release(EIO);
    EXPECT_EQ(test.submit(batch_kind::acceptance, 1), admission::taken);
    EXPECT_EQ(outline(test.completions(1)), "a1:disk error ");
    const auto arrived = test.control.arrivals();
    ASSERT_TRUE(test.control.wait_for_arrivals(arrived + 4)) << "tried again and again";
    EXPECT_EQ(test.disk->failing(), commit_error::io);
    EXPECT_EQ(test.disk->refusing(), commit_error::io);
    test.control.release(0);
    ASSERT_TRUE(test.wait_until([&] { return !test.disk->failing(); }));
}

TEST(writer, stop_writes_what_was_taken) {
    temporary_folder folder;
    fixture test(settings_for(folder / "data"));
    test.control.hold();
    for (std::uint64_t i = 1; i <= 20; ++i)
        EXPECT_EQ(test.submit(batch_kind::acceptance, i), admission::taken);
    test.control.release(0);
    test.disk->stop();
    EXPECT_EQ(test.completions(20).size(), 20U);
    for (std::uint64_t i = 1; i <= 20; ++i)
        EXPECT_TRUE(test.stored(i));
    EXPECT_EQ(test.submit(batch_kind::state, 21), admission::stopped);
    EXPECT_EQ(test.submit(batch_kind::acceptance, 22), admission::stopped);
    test.disk->stop();  // twice is no harm
}

TEST(writer, stop_ends_while_the_disk_refuses) {
    temporary_folder folder;
    fixture test(settings_for(folder / "data"));
    test.control.release(ENOSPC);
    EXPECT_EQ(test.submit(batch_kind::state, 1), admission::taken);
    EXPECT_EQ(test.submit(batch_kind::state, 2), admission::taken);
    ASSERT_TRUE(test.control.wait_for_arrivals(3));
    test.disk->stop();
    EXPECT_EQ(outline(test.completions(2)), "s1:disk full s2:disk full ");
    EXPECT_EQ(test.disk->pending_bytes(), 0U);
}

TEST(writer, many_threads_may_submit) {
    temporary_folder folder;
    fixture test(settings_for(folder / "data"));
    std::vector<std::thread> threads;
    std::atomic<int> taken = 0;
    for (std::uint64_t t = 0; t < 4; ++t) {
        threads.emplace_back([&, t] {
            for (std::uint64_t i = 0; i < 200; ++i)
                if (test.submit(batch_kind::state, t * 1000 + i + 1) == admission::taken) ++taken;
        });
    }
    for (auto& thread : threads)
        thread.join();
    EXPECT_EQ(taken, 800);
    auto done = test.completions(800);
    std::uint64_t last[4] = {};
    for (const auto& one : done) {
        auto& before = last[one.ticket / 1000];
        EXPECT_LT(before, one.ticket);  // each thread's own order is kept
        before = one.ticket;
    }
    EXPECT_EQ(test.store->read().count(sample::rows), 800U);
}

TEST(writer, writes_zeros_ahead_once_the_answer_is_out) {
    temporary_folder folder;
    auto settings = settings_for(folder / "data");
    settings.sync = true;
    settings.map_bytes_initial = 64U << 20;
    fixture test(settings);
    ASSERT_TRUE(test.store);
    // A commit begins when the zeros after the one before are written.
    for (std::uint64_t ticket = 1; ticket <= 3; ++ticket) {
        ASSERT_EQ(test.submit(batch_kind::acceptance, ticket, 10'000), admission::taken);
        EXPECT_FALSE(test.completions(1)[0].error);
    }
    EXPECT_GT(std::filesystem::file_size(folder / "data/data.mdb"),
              test.store->usage().used_bytes + environment::ahead_bytes / 4);
}

// A disk that is really too small: a file system of its own where the system lets us mount one,
// a limit on the file's size where it does not. Both are lifted by make_room().
class small_disk {
public:
    explicit small_disk(const std::string& path) : path_(path) {
        std::filesystem::create_directory(path);
        mounted_ = ::mount("none", path.c_str(), "tmpfs", 0, "size=2m") == 0;
        if (!mounted_) limit_.emplace(2U << 20);
    }
    small_disk(const small_disk&) = delete;
    small_disk& operator=(const small_disk&) = delete;
    ~small_disk() {
        if (mounted_) ::umount2(path_.c_str(), MNT_DETACH);
    }
    bool make_room() {
        limit_.reset();
        return !mounted_ || ::mount("none", path_.c_str(), "tmpfs", MS_REMOUNT, "size=64m") == 0;
    }

private:
    std::string path_;
    bool mounted_ = false;
    std::optional<file_limit> limit_;
};

TEST(writer, survives_a_disk_that_is_really_full) {
    temporary_folder folder;
    small_disk disk(folder / "small");
    auto settings = settings_for(folder / "small/data");
    settings.sync = true;
    std::vector<std::uint64_t> kept;
    {
        fixture test(settings);
        ASSERT_TRUE(test.store);
        std::uint64_t ticket = 0;
        for (bool full = false; !full;) {
            ASSERT_LT(ticket, 1000U);
            ASSERT_EQ(test.submit(batch_kind::acceptance, ++ticket, 20'000), admission::taken);
            auto done = test.completions(1);
            full = done[0].error.has_value();
            if (full)
                EXPECT_EQ(*done[0].error, commit_error::disk_full);
            else
                kept.push_back(ticket);
        }
        ASSERT_GT(kept.size(), 20U);
        ASSERT_EQ(test.submit(batch_kind::state, ++ticket, 500'000), admission::taken);
        kept.push_back(ticket);
        ASSERT_TRUE(test.control.wait_for_arrivals(test.control.arrivals() + 3));
        EXPECT_EQ(test.submit(batch_kind::acceptance, 9999), admission::failing);
        ASSERT_TRUE(disk.make_room());
        EXPECT_EQ(outline(test.completions(1)), "s" + std::to_string(ticket) + " ");
        ASSERT_TRUE(test.wait_until([&] { return !test.disk->failing(); }));
        EXPECT_EQ(test.submit(batch_kind::acceptance, ++ticket, 20'000), admission::taken);
        EXPECT_FALSE(test.completions(1)[0].error);
        kept.push_back(ticket);
    }
    auto store = open_or_fail(settings);
    ASSERT_TRUE(store);
    EXPECT_EQ(store->read().count(sample::rows), kept.size());
    for (auto id : kept)
        EXPECT_TRUE(store->read().has(sample::rows, number_key(id))) << id;
}

}  // namespace
}  // namespace hikyaku::store
