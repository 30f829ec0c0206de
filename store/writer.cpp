#include "store/writer.hpp"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <utility>

namespace hikyaku::store {

namespace {

// One transaction takes no more than this, so that a long backlog is answered in parts.
constexpr std::size_t transaction_bytes_max = 16U << 20;
constexpr std::size_t transaction_operations_max = 100'000;

}  // namespace

writer::writer(environment& store, writer_settings settings, std::function<void()> on_progress)
    : store_(store),
      settings_(settings),
      on_progress_(std::move(on_progress)),
      backoff_(settings.retry_min),
      thread_([this] { run(); }) {
    assert(settings.retry_min.count() > 0 && settings.retry_min <= settings.retry_max);
}

writer::~writer() {
    stop();
}

admission writer::submit(batch_kind kind, std::unique_ptr<batch>& operations,
                         std::uint64_t ticket) {
    assert(operations != nullptr);
    auto bytes = operations->bytes();
    {
        std::lock_guard guard(mutex_);
        if (stopping_) return admission::stopped;
        if (kind == batch_kind::acceptance) {
            // A batch larger than the bound is taken when it is alone: it could never go otherwise.
            bool full = pending_bytes_ > 0 && pending_bytes_ + bytes > settings_.pending_bytes_max;
            if (failing_ || full) {
                ++stats_.refused;
                return failing_ ? admission::failing : admission::full;
            }
        }
        pending_bytes_ += bytes;
        inbox_.push_back({ticket, kind, std::move(operations)});
    }
    wake_.notify_one();
    return admission::taken;
}

void writer::take_completed(std::vector<completion>& into) {
    std::lock_guard guard(mutex_);
    std::move(completed_.begin(), completed_.end(), std::back_inserter(into));
    completed_.clear();
}

std::size_t writer::pending_bytes() const {
    std::lock_guard guard(mutex_);
    return pending_bytes_;
}

std::optional<commit_error> writer::failing() const {
    std::lock_guard guard(mutex_);
    return failing_;
}

std::optional<commit_error> writer::refusing() const {
    std::lock_guard guard(mutex_);
    if (failing_) return failing_;
    return full_ ? std::optional(commit_error::map_limit) : std::nullopt;
}

writer_stats writer::stats() const {
    std::lock_guard guard(mutex_);
    return stats_;
}

void writer::stop() {
    {
        std::lock_guard guard(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
}

void writer::run() {
    std::vector<work> taken;
    for (bool stop = false; !stop;) {
        std::optional<commit_error> failing;
        {
            std::unique_lock lock(mutex_);
            if (failing_)
                wake_.wait_for(lock, backoff_, [this] { return stopping_; });
            else
                wake_.wait(lock, [this] { return stopping_ || !inbox_.empty(); });
            taken.swap(inbox_);
            stop = stopping_;
            failing = failing_;
        }
        if (failing) {
            keep_or_refuse(taken, 0, taken.size(), *failing);
            retry_retained();
        } else {
            write_taken(taken);
            store_.write_ahead();
        }
        taken.clear();
    }
    if (!retained_.empty()) {
        complete(retained_, 0, retained_.size(), failing());
        retained_.clear();
    }
}

void writer::write_taken(std::vector<work>& taken) {
    std::optional<commit_error> error;
    for (std::size_t begin = 0, end = 0; begin < taken.size(); begin = end) {
        end = transaction_end(taken, begin);
        auto kept = error ? end : refuse_without_room(taken, begin, end);
        if (!error && begin < kept) error = commit(taken, begin, kept);
        if (error)
            keep_or_refuse(taken, begin, kept, *error);
        else if (begin < kept)
            complete(taken, begin, kept, std::nullopt);
        if (kept < end) complete(taken, kept, end, commit_error::map_limit);
    }
}

std::size_t writer::refuse_without_room(std::vector<work>& from, std::size_t begin,
                                        std::size_t end) {
    std::uint64_t bytes = 0;
    for (auto i = begin; i < end; ++i)
        if (from[i].kind == batch_kind::acceptance) bytes += from[i].operations->bytes();
    bool room = store_.has_room_for(2 * bytes, full_);  // pages are seldom full
    auto split = end;
    if (!room && bytes > 0) {
        auto refused =
            std::stable_partition(from.begin() + static_cast<std::ptrdiff_t>(begin),
                                  from.begin() + static_cast<std::ptrdiff_t>(end),
                                  [](const work& one) { return one.kind == batch_kind::state; });
        split = static_cast<std::size_t>(refused - from.begin());
    }
    std::lock_guard guard(mutex_);
    full_ = !room;
    stats_.refused += end - split;
    return split;
}

std::size_t writer::transaction_end(const std::vector<work>& from, std::size_t begin) {
    std::size_t bytes = 0;
    std::size_t operations = 0;
    auto end = begin;
    for (; end < from.size(); ++end) {
        bytes += from[end].operations->bytes();
        operations += from[end].operations->operations();
        bool over = bytes > transaction_bytes_max || operations > transaction_operations_max;
        if (over && end > begin) break;
    }
    return end;
}

void writer::keep_or_refuse(std::vector<work>& from, std::size_t begin, std::size_t end,
                            commit_error error) {
    auto refused =
        std::stable_partition(from.begin() + static_cast<std::ptrdiff_t>(begin),
                              from.begin() + static_cast<std::ptrdiff_t>(end),
                              [](const work& one) { return one.kind == batch_kind::state; });
    auto first_refused = static_cast<std::size_t>(refused - from.begin());
    for (auto i = begin; i < first_refused; ++i)
        retained_.push_back(std::move(from[i]));
    if (first_refused == end) return;
    {
        std::lock_guard guard(mutex_);
        stats_.refused += end - first_refused;
    }
    complete(from, first_refused, end, error);
}

void writer::retry_retained() {
    std::size_t done = 0;
    while (done < retained_.size()) {
        auto end = std::min(done + retry_count_, retained_.size());
        if (commit(retained_, done, end)) {
            retry_count_ = std::max<std::size_t>(1, retry_count_ / 2);
            break;
        }
        complete(retained_, done, end, std::nullopt);
        retry_count_ = std::min<std::size_t>(retry_count_ * 2, 4096);
        done = end;
    }
    retained_.erase(retained_.begin(), retained_.begin() + static_cast<std::ptrdiff_t>(done));
    if (!retained_.empty()) return;
    // Everything kept is on disk, or nothing was kept, or only batches that change nothing: then no
    // commit has proved the disk.
    auto error = store_.try_disk();
    {
        std::lock_guard guard(mutex_);
        failing_ = error;
        if (error) {
            ++stats_.failed_commits;
            backoff_ = std::min(backoff_ * 2, settings_.retry_max);
        } else {
            backoff_ = settings_.retry_min;
        }
    }
    if (!error && on_progress_) on_progress_();
}

std::optional<commit_error> writer::commit(const std::vector<work>& from, std::size_t begin,
                                           std::size_t end) {
    pointers_.clear();
    std::uint64_t operations = 0;
    std::uint64_t bytes = 0;
    for (auto i = begin; i < end; ++i) {
        pointers_.push_back(from[i].operations.get());
        operations += from[i].operations->operations();
        bytes += from[i].operations->bytes();
    }
    auto started = std::chrono::steady_clock::now();
    auto result = store_.apply(pointers_);
    auto took = static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(
                                               std::chrono::steady_clock::now() - started)
                                               .count());
    std::unique_lock guard(mutex_);
    if (!result) {
        ++stats_.failed_commits;
        const bool began = !failing_;
        if (began)
            retry_count_ = 1;
        else
            backoff_ = std::min(backoff_ * 2, settings_.retry_max);
        failing_ = result.error();
        guard.unlock();
        // What is kept completes nothing: without this nobody would hear of the fault.
        if (began && on_progress_) on_progress_();
        return result.error();
    }
    if (!failing_) backoff_ = settings_.retry_min;
    ++stats_.commits;
    stats_.batches += end - begin;
    stats_.operations += operations;
    stats_.bytes += bytes;
    stats_.commit_microseconds_sum += took;
    stats_.commit_microseconds_max = std::max(stats_.commit_microseconds_max, took);
    const auto& bounds = writer_stats::bounds_microseconds;
    auto bucket = std::lower_bound(bounds.begin(), bounds.end(), took) - bounds.begin();
    ++stats_.commits_by_duration[static_cast<std::size_t>(bucket)];
    return std::nullopt;
}

void writer::complete(std::vector<work>& from, std::size_t begin, std::size_t end,
                      std::optional<commit_error> error) {
    std::size_t bytes = 0;
    for (auto i = begin; i < end; ++i) {
        bytes += from[i].operations->bytes();
        if (!error) from[i].operations->clear();
    }
    {
        std::lock_guard guard(mutex_);
        pending_bytes_ -= bytes;
        for (auto i = begin; i < end; ++i) {
            completed_.push_back(
                {from[i].ticket, from[i].kind, error, std::move(from[i].operations)});
        }
    }
    if (on_progress_) on_progress_();
}

}  // namespace hikyaku::store
