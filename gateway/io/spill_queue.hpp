// A queue of octets whose middle lies in a file once it no longer fits into memory. For the answers
// to an upload: many clients send all of it before they read the first line, and memory must not
// grow, nor the two wait for each other. The file has no name (O_TMPFILE): whatever happens to the
// process, nothing is left of it. What is written goes to the page cache, never synced; but a disk
// with much to write makes even that wait, so the loop does none of it: opening, writing and
// reading are jobs of another thread, at most one of a queue at a time. Io thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "gateway/api/octet_queue.hpp"

namespace hikyaku::gateway::io {

struct spill_limits {
    std::size_t memory_bytes_max = 1 << 20;       // in front of the file
    std::size_t write_bytes = 128 << 10;          // of one job; twice that waits behind the file
    std::uint64_t file_bytes_max = 256ULL << 20;  // without any: has_room() is false earlier
};

/// What the files of several queues may hold together: they lie beside the store, and an unread
/// answer must not take its disk.
struct spill_budget {
    std::uint64_t bytes_max = 1ULL << 30;
    std::uint64_t used = 0;
};

/// Calls `work` on another thread, then `done` on this one, or neither if the program ends.
using file_jobs = std::function<void(std::function<void()> work, std::function<void()> done)>;

class spill_queue final : public api::octet_queue {
public:
    /// The file comes into being in `folder` when it is needed. Where it cannot, or is full, the
    /// queue has no room until its reader has taken something.
    spill_queue(std::string folder, file_jobs jobs, const spill_limits& limits = {},
                std::shared_ptr<spill_budget> budget = {});
    ~spill_queue() override;
    spill_queue(const spill_queue&) = delete;
    spill_queue& operator=(const spill_queue&) = delete;

    void append(std::string_view octets) override;
    [[nodiscard]] bool has_room() const override;
    [[nodiscard]] bool take(std::string& out, std::size_t octets_max) override;
    [[nodiscard]] std::uint64_t size() const override;
    void on_change(const std::function<void()>& told) override { told_ = told; }
    /// For tests.
    [[nodiscard]] std::uint64_t file_bytes() const { return file_end_ - file_begin_; }

private:
    /// The other thread's while a job runs.
    struct job;
    enum class doing : std::uint8_t { nothing, reading, writing };

    /// The job that is wanted most, if none runs.
    void begin_job();
    void run(doing what);
    void end_job();
    void end_writing();
    void end_reading();

    file_jobs jobs_;
    spill_limits limits_;
    std::shared_ptr<spill_budget> budget_;
    std::function<void()> told_;
    std::shared_ptr<job> job_;
    doing doing_ = doing::nothing;
    std::string front_;      // the oldest octets
    std::size_t taken_ = 0;  // of front_
    std::uint64_t file_begin_ = 0, file_end_ = 0;
    std::size_t being_written_ = 0;
    std::string back_;      // the youngest
    bool refused_ = false;  // the last write, as a whole: it is tried again with the next octets
    bool broken_ = false;   // a read has failed
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace hikyaku::gateway::io
