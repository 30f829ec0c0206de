#include "gateway/app/store_identity.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sodium.h>
#include <sys/stat.h>
#include <time.h>

#include <chrono>
#include <cstring>
#include <fstream>
#include <iterator>

#include "store/clock_mark.hpp"

namespace hikyaku::gateway::app {
namespace {

/// Never 0 but for an empty text.
std::uint64_t number_of(std::string_view text) {
    if (text.empty()) return 0;
    constexpr std::string_view key = "hikyaku: whose store is it";
    static_assert(key.size() >= crypto_generichash_KEYBYTES_MIN);
    std::uint64_t number = 0;
    std::uint8_t hash[crypto_generichash_BYTES_MIN];
    crypto_generichash(hash, sizeof hash, reinterpret_cast<const std::uint8_t*>(text.data()),
                       text.size(), reinterpret_cast<const std::uint8_t*>(key.data()), key.size());
    std::memcpy(&number, hash, sizeof number);
    return number == 0 ? 1 : number;
}

std::string content_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

store_stamp read_stamp(const std::string& machine_id_file, const std::string& folder) {
    store_stamp stamp;
    auto id = content_of(machine_id_file);
    while (!id.empty() && (id.back() == '\n' || id.back() == ' '))
        id.pop_back();
    stamp.machine = number_of(id);
    struct statx found {};
    const auto path = folder + "/data.mdb";
    if (::statx(AT_FDCWD, path.c_str(), 0, STATX_INO | STATX_BTIME, &found) != 0) return stamp;
    // A device's number may be another after each start of the machine: only where nothing better
    // is told.
    const bool is_dated = (found.stx_mask & STATX_BTIME) != 0;
    stamp.file = number_of(is_dated ? fmt::format("{} {} {}", found.stx_ino, found.stx_btime.tv_sec,
                                                  found.stx_btime.tv_nsec)
                                    : fmt::format("{} {}:{}", found.stx_ino, found.stx_dev_major,
                                                  found.stx_dev_minor));
    return stamp;
}

std::uint64_t boot_number() {
    return number_of(store::clock_identity());
}

clock_reading read_boot_clock(std::uint64_t boot) {
    timespec since{};
    ::clock_gettime(CLOCK_BOOTTIME, &since);
    const auto wall = std::chrono::system_clock::now().time_since_epoch();
    return {boot, std::int64_t{since.tv_sec} * 1000 + since.tv_nsec / 1'000'000,
            std::chrono::duration_cast<std::chrono::milliseconds>(wall).count()};
}

}  // namespace hikyaku::gateway::app
