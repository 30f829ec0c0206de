#include "gateway/io/spill_queue.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace hikyaku::gateway::io {

struct spill_queue::job {
    explicit job(std::string where) : folder(std::move(where)) {}
    ~job() {
        if (file >= 0) ::close(file);
    }
    job(const job&) = delete;
    job& operator=(const job&) = delete;

    void write() {
        done = 0;
        if (file < 0 && !no_file) {
            file = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR);
            no_file = file < 0;
        }
        while (file >= 0 && done < octets.size()) {
            const auto put = ::pwrite(file, octets.data() + done, octets.size() - done,
                                      static_cast<off_t>(at + done));
            if (put <= 0) return;
            done += static_cast<std::size_t>(put);
        }
    }
    /// As many as octets has room for.
    void read() {
        done = 0;
        while (done < octets.size()) {
            const auto got = ::pread(file, octets.data() + done, octets.size() - done,
                                     static_cast<off_t>(at + done));
            if (got <= 0) return;
            done += static_cast<std::size_t>(got);
        }
        // Everything in it was read: the disk gets its room back. Where that fails it is written
        // over from the front.
        if (is_last && ::ftruncate(file, 0) != 0) return;
    }

    std::string folder;
    int file = -1;
    bool no_file = false;
    std::uint64_t at = 0;
    std::string octets;
    std::size_t done = 0;
    bool is_last = false;
};

spill_queue::spill_queue(std::string folder, file_jobs jobs, const spill_limits& limits,
                         std::shared_ptr<spill_budget> budget)
    : jobs_(std::move(jobs)),
      limits_(limits),
      budget_(budget ? std::move(budget) : std::make_shared<spill_budget>()),
      job_(std::make_shared<job>(std::move(folder))) {}

spill_queue::~spill_queue() {
    *alive_ = false;
    budget_->used -= file_end_ + being_written_;
}

void spill_queue::append(std::string_view octets) {
    const std::size_t in_front = front_.size() - taken_;
    if (file_bytes() == 0 && being_written_ == 0 && back_.empty() &&
        in_front + octets.size() <= limits_.memory_bytes_max) {
        if (taken_ > front_.size() / 2) front_.erase(0, std::exchange(taken_, 0));
        front_.append(octets);
        return;
    }
    back_.append(octets);
    refused_ = false;
    begin_job();
}

bool spill_queue::has_room() const {
    return back_.size() < limits_.write_bytes;
}

bool spill_queue::take(std::string& out, std::size_t octets_max) {
    if (broken_) return false;
    if (octets_max == 0) return true;
    if (taken_ == front_.size()) {
        std::string{}.swap(front_);
        taken_ = 0;
        begin_job();
        if (broken_) return false;
    }
    if (taken_ < front_.size()) {
        const std::size_t size = std::min(octets_max, front_.size() - taken_);
        out.append(front_, taken_, size);
        taken_ += size;
    } else if (file_bytes() == 0 && being_written_ == 0) {
        out.append(back_, 0, octets_max);
        back_.erase(0, octets_max);
    }
    return true;
}

std::uint64_t spill_queue::size() const {
    return front_.size() - taken_ + file_bytes() + being_written_ + back_.size();
}

void spill_queue::begin_job() {
    if (doing_ != doing::nothing) return;
    if (front_.empty() && file_bytes() > 0) {
        const auto size = std::min<std::uint64_t>(limits_.write_bytes, file_bytes());
        job_->at = file_begin_;
        job_->octets.resize(static_cast<std::size_t>(size));
        job_->is_last = size == file_bytes();
        return run(doing::reading);
    }
    if (back_.size() < limits_.write_bytes || refused_ || job_->no_file ||
        file_end_ >= limits_.file_bytes_max || budget_->used >= budget_->bytes_max)
        return;
    job_->at = file_end_;
    job_->octets = std::exchange(back_, {});
    being_written_ = job_->octets.size();
    budget_->used += being_written_;
    run(doing::writing);
}

void spill_queue::run(doing what) {
    doing_ = what;
    auto work = [what, shared = job_] {
        if (what == doing::reading)
            shared->read();
        else
            shared->write();
    };
    auto done = [this, alive = alive_] {
        if (*alive) end_job();
    };
    jobs_(std::move(work), std::move(done));
}

void spill_queue::end_job() {
    if (std::exchange(doing_, doing::nothing) == doing::reading)
        end_reading();
    else
        end_writing();
    job_->octets.clear();
    begin_job();
    if (told_) told_();
}

void spill_queue::end_reading() {
    broken_ = job_->done < job_->octets.size();
    front_ = std::move(job_->octets);
    taken_ = 0;
    file_begin_ += job_->done;
    if (!job_->is_last || broken_) return;
    budget_->used -= file_end_;
    file_begin_ = file_end_ = 0;
}

/// What found no room comes back to the front of those behind it.
void spill_queue::end_writing() {
    file_end_ += job_->done;
    budget_->used -= being_written_ - job_->done;
    being_written_ = 0;
    refused_ = job_->done < job_->octets.size();
    if (refused_) back_.insert(0, job_->octets, job_->done);
}

}  // namespace hikyaku::gateway::io
