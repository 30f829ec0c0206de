#include "store/send_marks.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <fstream>

namespace hikyaku::store {

namespace {

constexpr std::array<char, 8> magic{'s', 'e', 'n', 't', '0', '0', '0', '1'};

std::int64_t nanoseconds_of(send_marks::time_point time) {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
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

send_marks::send_marks(const std::string& folder, std::string identity, time_point now)
    : path_(folder + "/sent.marks"), start_(now) {
    identity.resize(std::min(identity.size(), identity_bytes));
    page_.magic = magic;
    std::copy(identity.begin(), identity.end(), page_.identity.begin());
    page_.since = nanoseconds_of(now);
    before_.fill(page_.since);
    if (!identity.empty()) load();
}

send_marks::~send_marks() {
    if (file_ >= 0) ::close(file_);
}

void send_marks::load() {
    file_ = ::open(path_.c_str(), O_RDWR | O_CLOEXEC);
    if (file_ < 0) {
        (void)make_file();
        return;
    }
    page found{};
    auto whole = ::pread(file_, &found, sizeof found, 0) == static_cast<ssize_t>(sizeof found);
    auto known = whole && found.magic == page_.magic && found.identity == page_.identity &&
                 found.since <= page_.since;
    if (!known) {
        (void)make_file();
        return;
    }
    for (std::size_t i = 0; i < carriers_max; ++i) {
        before_[i] = std::clamp(found.until[i], found.since, page_.since);
    }
    page_ = found;
    written_ = true;
}

// Puts the page into the file, which is new or holds what nobody would believe.
bool send_marks::make_file() {
    if (file_ < 0) file_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    written_ = file_ >= 0 &&
               ::pwrite(file_, &page_, sizeof page_, 0) == static_cast<ssize_t>(sizeof page_);
    return written_;
}

send_marks::time_point send_marks::sent_before(std::uint32_t carrier) const {
    if (carrier >= carriers_max) return start_;
    return time_point{std::chrono::duration_cast<time_point::duration>(
        std::chrono::nanoseconds{before_[carrier]})};
}

bool send_marks::cover(std::uint32_t carrier, time_point now) {
    if (carrier >= carriers_max || page_.identity.front() == '\0') return true;
    auto& until = page_.until[carrier];
    if (nanoseconds_of(now) <= until && written_) return true;
    auto earlier = until;
    until = nanoseconds_of(now + ahead);
    // Without a page in the file the next process knows nothing, which is safe; one that cannot be
    // opened may hold anything.
    if (!written_) return make_file() || file_ >= 0 || ::access(path_.c_str(), F_OK) != 0;
    auto at = static_cast<off_t>(reinterpret_cast<const char*>(&until) -
                                 reinterpret_cast<const char*>(&page_));
    if (::pwrite(file_, &until, sizeof until, at) == static_cast<ssize_t>(sizeof until))
        return true;
    until = earlier;
    return false;
}

}  // namespace hikyaku::store
