// A file beside the store for what must not wait for the disk and must outlive the process: records
// are appended without a sync, and those that were not in the store when the process died are found
// again at the next start. The file survives the death of the process, not that of the machine. One
// object a file at a time, on one thread; the store beside it must be held open.
//
// Two halves of fixed size are filled in turn; a half is used again when everything in it has been
// released. A record is length (4 bytes), 0 (4), sequence (8), checksum (8), the caller's bytes,
// filled up to a multiple of 8. Sequences rise, so what an earlier round has left behind the end of
// a half is known by its lower number.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace hikyaku::store {

class append_log {
public:
    static constexpr std::uint64_t half_bytes = 8 << 20;
    static constexpr std::size_t record_bytes_max = 4096;

    // The file at `path` is made by the first append. `stored` is the last sequence whose record is
    // in the store.
    append_log(std::string path, std::uint64_t stored);
    append_log(const append_log&) = delete;
    append_log& operator=(const append_log&) = delete;
    ~append_log();

    // The records after `stored`, in order, as they were when the file was opened; once, before the
    // first append.
    void take_found(const std::function<void(std::uint64_t, std::string_view)>& visit);

    // Gives a record the next sequence. flush() writes it, unless it is empty or longer than
    // record_bytes_max, or there is no room.
    [[nodiscard]] std::uint64_t append(std::string_view bytes);

    // Writes what was appended since the last call, with one write. False when the disk refuses:
    // then those are not in the log.
    bool flush();

    // Everything up to this sequence is in the store.
    void release(std::uint64_t sequence);

    // Records that had a sequence and did not get into the file.
    [[nodiscard]] std::uint64_t unlogged() const { return unlogged_; }

    // Every record up to this sequence is in the file, or was released.
    [[nodiscard]] std::uint64_t written() const;
    // For whoever syncs it; -1 before the first record is written. It stays the same, and open as
    // long as this object lives.
    [[nodiscard]] int descriptor() const { return file_; }

private:
    struct half {
        std::uint64_t end = 0;   // where the next record goes
        std::uint64_t last = 0;  // sequence of the last record; 0: none
    };
    struct found_record {
        std::uint64_t sequence = 0;
        std::string bytes;
    };

    void load();
    void load_half(std::size_t which);
    [[nodiscard]] bool make_file();
    [[nodiscard]] bool make_room(std::size_t size);
    void leave_out(std::uint64_t first, std::uint64_t last);

    std::string path_;
    int file_ = -1;
    std::uint64_t released_ = 0;
    std::uint64_t next_ = 1;
    std::array<half, 2> halves_;
    std::size_t active_ = 0;
    std::vector<found_record> found_;
    std::vector<char> unwritten_;  // records behind the end of the active half
    std::uint64_t unwritten_first_ = 0, unwritten_last_ = 0;  // sequences of them
    std::uint64_t unwritten_count_ = 0;
    std::uint64_t unlogged_ = 0;
    std::uint64_t written_ = 0;  // the last that was written
    std::uint64_t left_out_ = 0,
                  left_out_last_ = 0;  // from the first to the last unlogged; 0: none
};

}  // namespace hikyaku::store
