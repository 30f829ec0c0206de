// The one thread that writes. It takes every batch that is waiting, applies all of them in one
// transaction with one sync, reports each as completed and starts again, so that under load the
// cost of a sync is shared and idle a batch waits for one sync only. When the disk refuses, batches
// of something new are refused and batches about what was accepted before are kept and retried, in
// order, until the disk works again. When the map comes near its limit only what is new is refused.
// Every function may be called from any thread.
#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "store/batch.hpp"
#include "store/environment.hpp"

namespace hikyaku::store {

enum class batch_kind : std::uint8_t {
    acceptance,  // something new, not answered yet: may be refused
    state        // what became of something accepted: must be kept
};

enum class admission : std::uint8_t {
    taken,
    full,     // pending_bytes_max is reached: the caller is too fast
    failing,  // the disk refuses writes
    stopped
};

struct writer_settings {
    std::size_t pending_bytes_max = 64U << 20;  // bound for acceptance batches
    std::chrono::milliseconds retry_min{50};
    std::chrono::milliseconds retry_max{2000};
};

struct completion {
    std::uint64_t ticket = 0;
    batch_kind kind = batch_kind::acceptance;
    std::optional<commit_error> error;  // none: the batch is on disk
    std::unique_ptr<batch> operations;  // given back: cleared when on disk, untouched when not
};

struct writer_stats {
    // Upper bounds of the buckets in microseconds; the last bucket has none.
    static constexpr std::array<std::uint32_t, 12> bounds_microseconds = {
        100, 250, 500, 1'000, 2'500, 5'000, 10'000, 25'000, 50'000, 100'000, 250'000, 1'000'000};

    std::uint64_t commits = 0;
    std::uint64_t failed_commits = 0;
    std::uint64_t batches = 0;     // committed
    std::uint64_t operations = 0;  // committed
    std::uint64_t bytes = 0;       // committed, as batch::bytes() counts
    std::uint64_t refused = 0;     // acceptance batches, at the door or by a failed commit
    std::uint64_t commit_microseconds_sum = 0;
    std::uint64_t commit_microseconds_max = 0;
    std::array<std::uint64_t, bounds_microseconds.size() + 1> commits_by_duration{};
};

class writer {
public:
    // `on_progress` is called on the writer's thread after completions were queued; it must be
    // short and only wake the owner up (who then calls take_completed).
    writer(environment& store, writer_settings settings, std::function<void()> on_progress);
    writer(const writer&) = delete;
    writer& operator=(const writer&) = delete;
    ~writer();  // stop()

    // Hands a batch over. `operations` is moved from only when the answer is `taken`. State batches
    // are always taken until stop(): their number is bounded by the caller's windows.
    [[nodiscard]] admission submit(batch_kind kind, std::unique_ptr<batch>& operations,
                                   std::uint64_t ticket);

    // Appends everything completed since the last call, in the order of completion: batches of one
    // kind complete in the order of their submission.
    void take_completed(std::vector<completion>& into);

    // Bytes of all batches that were taken and are not completed.
    [[nodiscard]] std::size_t pending_bytes() const;
    // Why the disk refuses writes at the moment; nothing when it does not.
    [[nodiscard]] std::optional<commit_error> failing() const;
    // Why new batches are refused at the moment: what failing() says, or map_limit when the store
    // has no room for anything new and state batches still go.
    [[nodiscard]] std::optional<commit_error> refusing() const;
    [[nodiscard]] writer_stats stats() const;

    // Refuses new batches, writes everything that was taken, ends the thread. While the disk
    // refuses, one last attempt is made, and what could not be written completes with its error.
    void stop();

private:
    struct work {
        std::uint64_t ticket = 0;
        batch_kind kind = batch_kind::acceptance;
        std::unique_ptr<batch> operations;
    };

    void run();
    // Writes what was taken, one transaction after the other until one fails.
    void write_taken(std::vector<work>& taken);
    // Without room for what is new in the range, sorts it behind the state batches; where it
    // begins.
    [[nodiscard]] std::size_t refuse_without_room(std::vector<work>& from, std::size_t begin,
                                                  std::size_t end);
    [[nodiscard]] static std::size_t transaction_end(const std::vector<work>& from,
                                                     std::size_t begin);
    // Keeps the state batches of a range that could not be written and refuses the others.
    void keep_or_refuse(std::vector<work>& from, std::size_t begin, std::size_t end,
                        commit_error error);
    // Tries what is kept, one batch at first, twice as many after each success, then the disk
    // itself.
    void retry_retained();
    // Applies a range in one transaction; the error, if any, is what failing() says from then on.
    std::optional<commit_error> commit(const std::vector<work>& from, std::size_t begin,
                                       std::size_t end);
    void complete(std::vector<work>& from, std::size_t begin, std::size_t end,
                  std::optional<commit_error> error);

    environment& store_;
    writer_settings settings_;
    std::function<void()> on_progress_;

    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<work> inbox_;  // guarded by mutex_, as all up to stats_
    std::vector<completion> completed_;
    std::size_t pending_bytes_ = 0;
    std::optional<commit_error> failing_;
    bool full_ = false;  // no room for anything new
    bool stopping_ = false;
    writer_stats stats_;

    // The writer's thread only.
    std::vector<work> retained_;  // state batches waiting for the disk
    std::vector<const batch*> pointers_;
    std::size_t retry_count_ = 1;  // batches in the next attempt
    std::chrono::milliseconds backoff_;

    std::thread thread_;  // last: it starts when everything else is there
};

}  // namespace hikyaku::store
