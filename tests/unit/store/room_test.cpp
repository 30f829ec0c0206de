// A map near its limit: what is new is refused, what was accepted goes on, and removing makes room.
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

#include "store/writer.hpp"
#include "tests/support/waiting.hpp"
#include "tests/unit/store/support.hpp"

namespace hikyaku::store {
namespace {

using namespace testing;
using namespace std::chrono_literals;

class room : public ::testing::Test {
protected:
    static constexpr std::uint64_t map_bytes_max = 4U << 20;

    void SetUp() override {
        auto settings = settings_for(folder_ / "data");
        settings.map_bytes_max = map_bytes_max;
        store_ = open_or_fail(settings);
        writer_ = std::make_unique<writer>(*store_, writer_settings{}, [this] {
            std::lock_guard guard(mutex_);
            changed_.notify_all();
        });
    }

    // Hands one batch over and waits for its end.
    std::optional<commit_error> write(batch_kind kind, batch changes) {
        auto operations = std::make_unique<batch>(std::move(changes));
        EXPECT_EQ(writer_->submit(kind, operations, ++ticket_), admission::taken);
        std::vector<completion> done;
        std::unique_lock lock(mutex_);
        EXPECT_TRUE(tests::wait_until(changed_, lock, [&] {
            writer_->take_completed(done);
            return !done.empty();
        }));
        return done.empty() ? commit_error::io : done.front().error;
    }
    static key queue_entry(std::uint64_t id) { return number_key(id); }
    std::optional<commit_error> accept(std::uint64_t id) {
        batch changes;
        changes.put(sample::rows, number_key(id), std::string(1000, 'x'));
        changes.put(sample::work, queue_entry(id), std::string(8, 'x'));
        return write(batch_kind::acceptance, std::move(changes));
    }
    // What a message needs until its end, and nobody takes the event.
    std::optional<commit_error> finish(std::uint64_t id) {
        batch changes;
        changes.put(sample::notes, number_key(id), std::string(250, 'x'));
        changes.put(sample::series, pair_key(1, id), std::string(200, 'x'));
        changes.erase(sample::work, queue_entry(id));
        return write(batch_kind::state, std::move(changes));
    }
    std::optional<commit_error> forget(std::uint64_t id) {
        batch changes;
        changes.erase(sample::rows, number_key(id));
        changes.erase(sample::notes, number_key(id));
        changes.erase(sample::series, pair_key(1, id));
        return write(batch_kind::state, std::move(changes));
    }
    // Ids from `id` to the number that is returned are stored, and the next one was refused.
    std::uint64_t fill(std::uint64_t id) {
        for (; id < map_bytes_max / 1000; ++id) {
            if (const auto error = accept(id)) {
                EXPECT_EQ(error, commit_error::map_limit);
                EXPECT_EQ(writer_->refusing(), commit_error::map_limit);
                EXPECT_EQ(writer_->failing(), std::nullopt) << "the disk works";
                return id - 1;
            }
        }
        ADD_FAILURE() << "everything fits";
        return 0;
    }

    temporary_folder folder_;
    std::unique_ptr<environment> store_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::uint64_t ticket_ = 0;
    std::unique_ptr<writer> writer_;
};

TEST_F(room, everything_accepted_comes_to_its_end_in_a_full_map) {
    const auto queued = fill(1);
    EXPECT_GT(queued, map_bytes_max / 4 / 1400);
    EXPECT_EQ(accept(queued + 1), commit_error::map_limit);
    for (std::uint64_t id = 1; id <= queued; ++id)
        ASSERT_EQ(finish(id), std::nullopt) << id << " of " << queued;
    // Nothing waits any more, so there is room for more of them, but not for ever.
    EXPECT_EQ(writer_->refusing(), std::nullopt);
    auto last = queued;
    while (accept(last + 1) == std::nullopt)
        ASSERT_EQ(finish(++last), std::nullopt) << last;
    EXPECT_GT(last, queued + queued / 10);
    EXPECT_EQ(writer_->refusing(), commit_error::map_limit);
    EXPECT_LE(store_->usage().used_bytes, map_bytes_max - map_bytes_max / 16);
    EXPECT_EQ(writer_->stats().failed_commits, 0U);
}

TEST_F(room, a_full_batch_of_both_kinds_keeps_the_state) {
    const auto last = fill(1);
    writer_->stop();
    writer_.reset();
    std::vector<completion> done;
    writer writing(*store_, writer_settings{}, nullptr);
    for (std::uint64_t i = 1; i <= 6; ++i) {
        auto changes = std::make_unique<batch>();
        changes->put(sample::rows, number_key(last + i), std::string(1000, 'x'));
        ASSERT_EQ(
            writing.submit(i % 2 == 0 ? batch_kind::state : batch_kind::acceptance, changes, i),
            admission::taken);
    }
    writing.stop();
    writing.take_completed(done);
    ASSERT_EQ(done.size(), 6U);
    for (const auto& one : done) {
        const bool state = one.kind == batch_kind::state;
        EXPECT_EQ(one.error.has_value(), !state);
        EXPECT_EQ(store_->read().has(sample::rows, number_key(last + one.ticket)), state);
    }
    EXPECT_EQ(writing.stats().refused, 3U);
}

TEST_F(room, removing_makes_room_again_and_the_file_does_not_grow) {
    std::uint64_t last = 0;
    while (accept(last + 1) == std::nullopt)
        ASSERT_EQ(finish(++last), std::nullopt);
    const auto used = store_->usage().used_bytes;
    std::uint64_t removed = 0;
    while (writer_->refusing() && removed < last)
        ASSERT_EQ(forget(++removed), std::nullopt);
    EXPECT_EQ(writer_->refusing(), std::nullopt);
    EXPECT_GT(removed, last / 100) << "a little more than was kept free before";
    EXPECT_LT(removed, last / 4);
    // In the room of the old there is room for the new, round and round.
    for (std::uint64_t i = 1; i < 2000; ++i) {
        ASSERT_EQ(forget(removed + i), std::nullopt);
        ASSERT_EQ(accept(last + i), std::nullopt) << i;
        ASSERT_EQ(finish(last + i), std::nullopt) << i;
    }
    EXPECT_LT(store_->usage().used_bytes, used + map_bytes_max / 20);
}

}  // namespace
}  // namespace hikyaku::store
