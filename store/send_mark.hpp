// Until when carriers may have been sent something. A contract rate is a promise about any second,
// also about one in which the process was killed and started again; without a trace of the process
// before, a start would have to wait for a whole second. The trace is a small file beside the store
// that survives the death of the process. It is one for all carriers: a carrier that has been
// renamed, or whose address another one has now, is still the same at its end. It is not synced: a
// machine that has been started anew is told by its boot id, and then nothing is known. One object
// at a time, engine's thread; its store must be held open.
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

class send_mark {
public:
    using time_point = std::chrono::steady_clock::time_point;

    // The mark is written this far ahead, so that fast carriers cost ten writes a second.
    static constexpr std::chrono::milliseconds ahead{100};
    // How soon a disk that has refused the mark is tried again.
    static constexpr std::chrono::milliseconds retry{100};

    // `folder` is the store's; `identity` is clock_identity() or what stands for it in tests.
    send_mark(const std::string& folder, std::string identity, time_point now);
    send_mark(const send_mark&) = delete;
    send_mark& operator=(const send_mark&) = delete;
    ~send_mark();

    // The latest moment at which a process before this one may have handed a segment to a session,
    // at most the `now` of the constructor, which is also what is said when nothing is known.
    [[nodiscard]] time_point sent_before() const { return sent_before_; }

    // To be called before a segment goes to any carrier. False: the disk refuses, and the next
    // process would believe an older mark; the segment must wait for `retry`.
    [[nodiscard]] bool cover(time_point now);

    // How often the disk has refused it.
    [[nodiscard]] std::uint64_t failures() const { return failures_; }

private:
    static constexpr std::size_t identity_bytes = 64;
    // The file as it is, in the machine's own byte order, for it is of use to no other.
    struct record {
        std::array<char, 8> magic;
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
    time_point sent_before_;
    time_point written_until_ = time_point::min();
    time_point next_try_ = time_point::min();
    std::uint64_t failures_ = 0;
};

}  // namespace hikyaku::store
