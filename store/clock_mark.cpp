#include "store/clock_mark.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <utility>

namespace hikyaku::store {

namespace {

std::int64_t nanoseconds_of(clock_mark::time_point time) {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
}

clock_mark::time_point time_of(std::int64_t nanoseconds) {
    return clock_mark::time_point{std::chrono::duration_cast<clock_mark::time_point::duration>(
        std::chrono::nanoseconds{nanoseconds})};
}

}  // namespace

std::string clock_identity() {
    std::string boot;
    std::getline(std::ifstream("/proc/sys/kernel/random/boot_id"), boot);
    if (boot.empty()) return {};
    // A namespace of its own may shift the steady clock; kernels without them have only one.
    std::array<char, 32> space{};
    auto length = ::readlink("/proc/self/ns/time", space.data(), space.size());
    if (length > 0) boot.append(space.data(), static_cast<std::size_t>(length));
    return boot;
}

clock_mark::clock_mark(std::string path, const magic_octets& magic, std::string identity,
                       time_point now)
    : path_(std::move(path)), acted_before_(now) {
    identity.resize(std::min(identity.size(), identity_bytes));
    record_.magic = magic;
    std::copy(identity.begin(), identity.end(), record_.identity.begin());
    if (identity.empty())
        ::unlink(path_.c_str());  // nobody may believe what this process does not keep up
    else
        load(now);
}

clock_mark::~clock_mark() {
    if (file_ >= 0) ::close(file_);
}

void clock_mark::load(time_point now) {
    file_ = ::open(path_.c_str(), O_RDWR | O_CLOEXEC);
    record found{};
    if (file_ >= 0 && ::pread(file_, &found, sizeof found, 0) == ssize_t{sizeof found} &&
        found.magic == record_.magic && found.identity == record_.identity) {
        may_be_believed_ = true;
        acted_before_ = std::min(time_of(found.until), now);
        return;
    }
    may_be_believed_ = file_ < 0 && ::access(path_.c_str(), F_OK) == 0;
    (void)write(now);  // so that the next process knows about the time from now on
}

bool clock_mark::write(time_point until) {
    constexpr int how = O_RDWR | O_CREAT | O_CLOEXEC;
    if (file_ < 0) file_ = ::open(path_.c_str(), how, 0600);
    if (file_ < 0 && ::unlink(path_.c_str()) == 0) file_ = ::open(path_.c_str(), how, 0600);
    record_.until = nanoseconds_of(until);
    if (file_ < 0 || ::pwrite(file_, &record_, sizeof record_, 0) != ssize_t{sizeof record_}) {
        ++failures_;
        may_be_believed_ = may_be_believed_ && ::access(path_.c_str(), F_OK) == 0;
        return false;
    }
    may_be_believed_ = true;
    written_until_ = until;
    return true;
}

bool clock_mark::cover(time_point now) {
    if (record_.identity.front() == '\0' || now <= written_until_) return true;
    if (now >= next_try_) {
        if (write(now + ahead)) return true;
        next_try_ = now + retry;
    }
    return !may_be_believed_;
}

}  // namespace hikyaku::store
