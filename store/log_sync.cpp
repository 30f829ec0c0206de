#include "store/log_sync.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace hikyaku::store {

namespace {

bool sync_folder(const std::string& path) {
    const int folder = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) return false;
    const bool done = ::fsync(folder) == 0;
    ::close(folder);
    return done;
}

}  // namespace

log_sync::log_sync(std::string folder, std::function<void()> on_progress)
    : folder_(std::move(folder)),
      on_progress_(std::move(on_progress)),
      thread_([this] { run(); }) {}

log_sync::~log_sync() {
    stop();
}

void log_sync::ask(int descriptor, std::uint64_t sequence) {
    {
        const std::lock_guard lock(mutex_);
        descriptor_ = descriptor;
        wanted_ = std::max(wanted_, sequence);
        if (wanted_ <= synced_) return;
    }
    wake_.notify_one();
}

std::uint64_t log_sync::synced() const {
    const std::lock_guard lock(mutex_);
    return synced_;
}

std::uint64_t log_sync::failures() const {
    const std::lock_guard lock(mutex_);
    return failures_;
}

std::uint64_t log_sync::syncs() const {
    const std::lock_guard lock(mutex_);
    return syncs_;
}

void log_sync::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
}

void log_sync::run() {
    bool is_folder_safe = false;
    std::unique_lock lock(mutex_);
    for (;;) {
        wake_.wait(lock, [this] { return stopping_ || wanted_ > synced_; });
        if (stopping_) return;
        const auto sequence = wanted_;
        const int descriptor = descriptor_;
        lock.unlock();
        bool good = ::fdatasync(descriptor) == 0;
        if (!is_folder_safe) {
            is_folder_safe = sync_folder(folder_);
            good = good && is_folder_safe;
        }
        lock.lock();
        synced_ = sequence;
        ++syncs_;
        if (!good) ++failures_;
        lock.unlock();
        on_progress_();
        lock.lock();
    }
}

}  // namespace hikyaku::store
