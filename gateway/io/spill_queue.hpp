// A queue of octets whose middle lies in a file once it no longer fits into memory. For the answers
// to an upload: many clients send all of it before they read the first line, and memory must not
// grow, nor the two wait for each other. The file has no name (O_TMPFILE): whatever happens to the
// process, nothing is left of it. What is written goes to the page cache, never synced. Io thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "gateway/api/octet_queue.hpp"

namespace hikyaku::gateway::io {

struct spill_limits {
    std::size_t memory_bytes_max = 1 << 20;       // in front of the file
    std::size_t write_bytes = 128 << 10;          // behind it, until they are worth a write
    std::uint64_t file_bytes_max = 256ULL << 20;  // without any: has_room() is false earlier
};

/// What the files of several queues may hold together: they lie beside the store, and an unread
/// answer must not take its disk.
struct spill_budget {
    std::uint64_t bytes_max = 1ULL << 30;
    std::uint64_t used = 0;
};

class spill_queue final : public api::octet_queue {
public:
    /// The file comes into being in `folder` when it is needed. Where it cannot, or is full, the
    /// queue has no room until its reader has taken something.
    explicit spill_queue(std::string folder, const spill_limits& limits = {},
                         std::shared_ptr<spill_budget> budget = {});
    ~spill_queue() override;
    spill_queue(const spill_queue&) = delete;
    spill_queue& operator=(const spill_queue&) = delete;

    void append(std::string_view octets) override;
    [[nodiscard]] bool has_room() const override;
    [[nodiscard]] bool take(std::string& out, std::size_t octets_max) override;
    [[nodiscard]] std::uint64_t size() const override;
    /// For tests.
    [[nodiscard]] std::uint64_t file_bytes() const { return file_end_ - file_begin_; }

private:
    void write_back();
    void empty_file();
    [[nodiscard]] bool open_file();

    std::string folder_;
    spill_limits limits_;
    std::shared_ptr<spill_budget> budget_;
    std::string front_;      // the oldest octets
    std::size_t taken_ = 0;  // of front_
    int file_ = -1;
    bool no_file_ = false;
    std::uint64_t file_begin_ = 0, file_end_ = 0;
    std::string back_;  // the youngest
};

}  // namespace hikyaku::gateway::io
