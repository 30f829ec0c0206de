#include "store/append_log.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace hikyaku::store {

namespace {

constexpr std::size_t header_bytes = 24;
// Any number; files that exist were written with this one.
constexpr std::uint64_t checksum_seed = 0x6869742D6C6F67ULL;
constexpr std::uint64_t log_bytes = 2 * append_log::half_bytes;
constexpr std::size_t zeros_at_once = 1 << 20;
// More than a run can give out without storing any: numbers that a new run cannot meet again.
constexpr std::uint64_t run_step = std::uint64_t{1} << 32;

std::uint64_t mix(std::uint64_t hash, std::uint64_t word) {
    hash = (hash ^ word) * 0x9E3779B97F4A7C15ULL;
    return hash ^ hash >> 29;
}

// Of the filled-up bytes, eight at a time. It has to tell a record that was written whole from one
// that was not, no more.
std::uint64_t checksum(std::uint64_t sequence, std::uint32_t length, const char* bytes,
                       std::size_t filled) {
    std::uint64_t hash = mix(mix(checksum_seed, sequence), length);
    for (std::size_t at = 0; at < filled; at += sizeof(std::uint64_t)) {
        std::uint64_t word;
        std::memcpy(&word, bytes + at, sizeof word);
        hash = mix(hash, word);
    }
    return hash;
}

std::size_t filled_up(std::size_t bytes) {
    return (bytes + 7) / 8 * 8;
}

}  // namespace

append_log::append_log(std::string path, std::uint64_t stored)
    : path_(std::move(path)), released_(stored), next_(stored + 1) {
    file_ = ::open(path_.c_str(), O_RDWR | O_CLOEXEC);
    if (file_ >= 0) load();
}

append_log::~append_log() {
    if (file_ >= 0) ::close(file_);
}

void append_log::load() {
    load_half(0);
    load_half(1);
    active_ = halves_[1].last > halves_[0].last ? 1 : 0;
    next_ = std::max({released_, halves_[0].last, halves_[1].last}) + run_step;
    std::sort(found_.begin(), found_.end(),
              [](const auto& a, const auto& b) { return a.sequence < b.sequence; });
}

void append_log::load_half(std::size_t which) {
    std::vector<char> bytes(half_bytes);
    auto base = static_cast<off_t>(which * half_bytes);
    std::size_t present = 0;
    while (present < bytes.size()) {
        auto got = ::pread(file_, bytes.data() + present, bytes.size() - present,
                           base + static_cast<off_t>(present));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        present += static_cast<std::size_t>(got);
    }
    auto& into = halves_[which];
    while (into.end + header_bytes <= present) {
        std::uint32_t length = 0;
        std::uint64_t sequence = 0;
        std::uint64_t sum = 0;
        const char* at = bytes.data() + into.end;
        std::memcpy(&length, at, sizeof length);
        std::memcpy(&sequence, at + 8, sizeof sequence);
        std::memcpy(&sum, at + 16, sizeof sum);
        auto filled = filled_up(length);
        bool whole = length > 0 && length <= record_bytes_max && sequence > into.last &&
                     into.end + header_bytes + filled <= present &&
                     checksum(sequence, length, at + header_bytes, filled) == sum;
        if (!whole) break;
        if (sequence > released_)
            found_.push_back({sequence, std::string(at + header_bytes, length)});
        into.last = sequence;
        into.end += header_bytes + filled;
    }
}

void append_log::take_found(const std::function<void(std::uint64_t, std::string_view)>& visit) {
    for (const auto& one : found_)
        visit(one.sequence, one.bytes);
    found_ = {};
}

bool append_log::make_file() {
    file_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file_ < 0) return false;
    // So that records can still be written here when the disk is full; without it they may not be.
    [[maybe_unused]] auto reserved = ::posix_fallocate(file_, 0, static_cast<off_t>(log_bytes));
    // Zeros ahead: the sync of a record then has nothing to write but the record. Blocks that are
    // only reserved would change the file's map with each.
    const std::vector<char> zeros(zeros_at_once);
    for (std::uint64_t at = 0; at < log_bytes; at += zeros.size())
        if (::pwrite(file_, zeros.data(), zeros.size(), static_cast<off_t>(at)) < 0) break;
    return true;
}

std::uint64_t append_log::append(std::string_view bytes) {
    auto sequence = next_++;
    auto filled = filled_up(bytes.size());
    if (bytes.empty() || bytes.size() > record_bytes_max || !make_room(header_bytes + filled)) {
        ++unlogged_;
        leave_out(sequence, sequence);
        return sequence;
    }
    auto begin = unwritten_.size();
    unwritten_.resize(begin + header_bytes + filled);
    char* at = unwritten_.data() + begin;
    auto length = static_cast<std::uint32_t>(bytes.size());
    std::memcpy(at + header_bytes, bytes.data(), bytes.size());
    auto sum = checksum(sequence, length, at + header_bytes, filled);
    std::memcpy(at, &length, sizeof length);
    std::memcpy(at + 8, &sequence, sizeof sequence);
    std::memcpy(at + 16, &sum, sizeof sum);
    if (unwritten_count_ == 0) unwritten_first_ = sequence;
    unwritten_last_ = sequence;
    ++unwritten_count_;
    return sequence;
}

// Whether the active half has room behind what is not written yet, or the other one is free.
bool append_log::make_room(std::size_t size) {
    if (halves_[active_].end + unwritten_.size() + size <= half_bytes) return true;
    flush();
    auto& other = halves_[1 - active_];
    if (other.last > released_) return false;
    other.end = 0;
    active_ = 1 - active_;
    return true;
}

bool append_log::flush() {
    if (unwritten_.empty()) return true;
    auto& into = halves_[active_];
    auto size = unwritten_.size();
    auto at = static_cast<off_t>(active_ * half_bytes + into.end);
    bool written = (file_ >= 0 || make_file()) &&
                   ::pwrite(file_, unwritten_.data(), size, at) == static_cast<ssize_t>(size);
    unwritten_.clear();
    auto count = std::exchange(unwritten_count_, 0);
    if (!written) {
        unlogged_ += count;
        leave_out(unwritten_first_, unwritten_last_);
        return false;
    }
    into.end += size;
    into.last = unwritten_last_;
    written_ = unwritten_last_;
    return true;
}

void append_log::release(std::uint64_t sequence) {
    released_ = std::max(released_, sequence);
    if (left_out_last_ <= released_) left_out_ = left_out_last_ = 0;
}

void append_log::leave_out(std::uint64_t first, std::uint64_t last) {
    if (left_out_ == 0) left_out_ = first;
    left_out_last_ = std::max(left_out_last_, last);
}

std::uint64_t append_log::written() const {
    const auto whole = left_out_ == 0 ? written_ : std::min(written_, left_out_ - 1);
    return std::max(whole, released_);
}

}  // namespace hikyaku::store
