// A thread that syncs an append_log for all who wait for it: whoever has written asks, and one sync
// serves every record that was written before it began. While it runs the next ones gather, so that
// under load thousands of records share a sync and idle one waits for a single sync. Functions are
// called on the log's thread; `on_progress` on the thread of this object.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace hikyaku::store {

class log_sync {
public:
    // `folder` is where the log's file is: the file's name is made safe with the first sync.
    // `on_progress` must be short and only wake the owner up, who then asks synced().
    log_sync(std::string folder, std::function<void()> on_progress);
    log_sync(const log_sync&) = delete;
    log_sync& operator=(const log_sync&) = delete;
    ~log_sync();  // stop()

    // Syncs the file behind `descriptor`, which holds every record up to `sequence`.
    void ask(int descriptor, std::uint64_t sequence);

    // Every record up to this one was written and then synced, or its sync has failed: the disk may
    // have lost it, and waiting would bring nothing.
    [[nodiscard]] std::uint64_t synced() const;
    // Syncs that the disk refused.
    [[nodiscard]] std::uint64_t failures() const;
    // All of them.
    [[nodiscard]] std::uint64_t syncs() const;

    // Ends the thread after the sync that runs; nothing is called any more.
    void stop();

private:
    void run();

    std::string folder_;
    std::function<void()> on_progress_;

    mutable std::mutex mutex_;
    std::condition_variable wake_;
    int descriptor_ = -1;       // guarded by mutex_, as all up to stopping_
    std::uint64_t wanted_ = 0;  // sequence
    std::uint64_t synced_ = 0;  // likewise
    std::uint64_t failures_ = 0;
    std::uint64_t syncs_ = 0;
    bool stopping_ = false;

    std::thread thread_;  // last: it starts when everything else is there
};

}  // namespace hikyaku::store
