// Until when each carrier may have been sent something. A contract rate is a promise about any
// second, also about one in which the process was killed and started again; without a trace of the
// process before, a start would have to wait for a whole second. The traces are in a small file
// beside the store that survives the death of the process. It is not synced: a machine that has
// been started anew is told by its boot id, and then nothing is known. One object at a time,
// engine's thread; its store must be held open.
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

class send_marks {
public:
    using time_point = std::chrono::steady_clock::time_point;

    // A mark is written this far ahead, so that a fast carrier costs ten writes a second.
    static constexpr std::chrono::milliseconds ahead{100};
    // Carriers with this number (store::name_kind::carrier) and above have no mark.
    static constexpr std::size_t carriers_max = 502;

    // `folder` is the store's; `identity` is clock_identity() or what stands for it in tests.
    send_marks(const std::string& folder, std::string identity, time_point now);
    send_marks(const send_marks&) = delete;
    send_marks& operator=(const send_marks&) = delete;
    ~send_marks();

    // The latest moment at which a process before this one may have sent something to the carrier,
    // at most the `now` of the constructor, which is also what is said when nothing is known.
    [[nodiscard]] time_point sent_before(std::uint32_t carrier) const;

    // To be called before a segment goes to the carrier. False: the disk refuses, and the next
    // process would believe an older mark; the segment must wait.
    [[nodiscard]] bool cover(std::uint32_t carrier, time_point now);

private:
    static constexpr std::size_t identity_bytes = 64;
    // The file as it is: one page, in the machine's own byte order, for it is of use to no other.
    struct page {
        std::array<char, 8> magic;
        std::array<char, identity_bytes> identity;
        std::int64_t since;  // steady clock's nanoseconds; nothing is known of the time before
        std::array<std::int64_t, carriers_max> until;  // the same; 0: nothing sent since then
    };
    static_assert(sizeof(page) == 4096);

    void load();
    [[nodiscard]] bool make_file();

    std::string path_;
    page page_{};
    time_point start_;
    int file_ = -1;
    bool written_ = false;  // the file holds the page, or nothing that a process would believe
    std::array<std::int64_t, carriers_max> before_{};
};

}  // namespace hikyaku::store
