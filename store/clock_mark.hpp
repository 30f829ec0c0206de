// Until when a process may have acted, for the process after it: a promise about any second holds
// also in one in which the process was killed and started again. The mark is a small file beside
// the store that survives the death of the process. It is not synced: a machine that has been
// started anew is told by its boot id, and then nothing is known. One object a file at a time, on
// one thread; the store beside it must be held open.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace hikyaku::store {

// Names the run of this machine whose steady clock can be compared: boot id and time namespace.
// Empty when the system does not tell.
[[nodiscard]] std::string clock_identity();

class clock_mark {
public:
    using time_point = std::chrono::steady_clock::time_point;
    using magic_octets = std::array<char, 8>;  // what the mark is for, and its format

    // The mark is written this far ahead, so that it costs at most ten writes a second.
    static constexpr std::chrono::milliseconds ahead{100};
    // How soon a disk that has refused the mark is tried again.
    static constexpr std::chrono::milliseconds retry{100};

    // The file at `path` begins with `magic`; `identity` is clock_identity() or what stands for it
    // in tests.
    clock_mark(std::string path, const magic_octets& magic, std::string identity, time_point now);
    clock_mark(const clock_mark&) = delete;
    clock_mark& operator=(const clock_mark&) = delete;
    ~clock_mark();

    // The latest moment at which a process before this one may have acted, at most the `now` of the
    // constructor, which is also what is said when nothing is known.
    [[nodiscard]] time_point acted_before() const { return acted_before_; }

    // To be called before the process acts. False: the disk refuses, and the next process would
    // believe an older mark; the act must wait for `retry`.
    [[nodiscard]] bool cover(time_point now);

    // How often the disk has refused it.
    [[nodiscard]] std::uint64_t failures() const { return failures_; }

private:
    static constexpr std::size_t identity_bytes = 64;
    // The file as it is, in the machine's own byte order, for it is of use to no other.
    struct record {
        magic_octets magic;
        std::array<char, identity_bytes> identity;
        std::int64_t until;  // steady clock's nanoseconds
    };
    static_assert(sizeof(record) == 80);

    void load(time_point now);
    [[nodiscard]] bool write(time_point until);

    std::string path_;
    record record_{};
    int file_ = -1;
    bool may_be_believed_ = false;  // by the next process, whatever the file holds
    time_point acted_before_;
    time_point written_until_ = time_point::min();
    time_point next_try_ = time_point::min();
    std::uint64_t failures_ = 0;
};

}  // namespace hikyaku::store
