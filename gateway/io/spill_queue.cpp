#include "gateway/io/spill_queue.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace hikyaku::gateway::io {

spill_queue::spill_queue(std::string folder, const spill_limits& limits,
                         std::shared_ptr<spill_budget> budget)
    : folder_(std::move(folder)),
      limits_(limits),
      budget_(budget ? std::move(budget) : std::make_shared<spill_budget>()) {}

spill_queue::~spill_queue() {
    budget_->used -= file_end_;
    if (file_ >= 0) ::close(file_);
}

/// Everything in it was read: the disk gets its room back.
void spill_queue::empty_file() {
    budget_->used -= file_end_;
    file_begin_ = file_end_ = 0;
    if (::ftruncate(file_, 0) != 0) return;  // it is written over from the front
}

void spill_queue::append(std::string_view octets) {
    const std::size_t in_front = front_.size() - taken_;
    if (file_bytes() == 0 && back_.empty() &&
        in_front + octets.size() <= limits_.memory_bytes_max) {
        if (taken_ > front_.size() / 2) front_.erase(0, std::exchange(taken_, 0));
        front_.append(octets);
        return;
    }
    back_.append(octets);
    if (back_.size() >= limits_.write_bytes) write_back();
}

bool spill_queue::has_room() const {
    return back_.size() < limits_.write_bytes;
}

bool spill_queue::take(std::string& out, std::size_t octets_max) {
    if (octets_max == 0) return true;
    if (taken_ < front_.size()) {
        const std::size_t size = std::min(octets_max, front_.size() - taken_);
        out.append(front_, taken_, size);
        taken_ += size;
        return true;
    }
    std::string{}.swap(front_);
    taken_ = 0;
    if (file_bytes() > 0) {
        const auto size =
            static_cast<std::size_t>(std::min<std::uint64_t>(octets_max, file_end_ - file_begin_));
        const std::size_t before = out.size();
        out.resize(before + size);
        const auto got = ::pread(file_, out.data() + before, size, static_cast<off_t>(file_begin_));
        out.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
        if (got <= 0) return false;
        file_begin_ += static_cast<std::uint64_t>(got);
        if (file_begin_ == file_end_) empty_file();
    } else {
        out.append(back_, 0, octets_max);
        back_.erase(0, octets_max);
    }
    return true;
}

std::uint64_t spill_queue::size() const {
    return front_.size() - taken_ + file_bytes() + back_.size();
}

bool spill_queue::open_file() {
    if (file_ < 0 && !no_file_) {
        file_ = ::open(folder_.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR);
        no_file_ = file_ < 0;
    }
    return file_ >= 0;
}

void spill_queue::write_back() {
    if (!open_file()) return;
    while (!back_.empty() && file_end_ < limits_.file_bytes_max &&
           budget_->used < budget_->bytes_max) {
        const auto put = ::pwrite(file_, back_.data(), back_.size(), static_cast<off_t>(file_end_));
        if (put <= 0) return;  // no space: it is tried again with the next octets
        file_end_ += static_cast<std::uint64_t>(put);
        budget_->used += static_cast<std::uint64_t>(put);
        back_.erase(0, static_cast<std::size_t>(put));
    }
}

}  // namespace hikyaku::gateway::io
