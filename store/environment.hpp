// The LMDB files of one store: opening them safely, reading, and applying batches. One process
// holds a store at a time; inside it exactly one thread (the writer's) calls apply(), any thread
// takes snapshots. The map grows by itself before it is full, which waits until no snapshot is
// open: snapshots must be short, and none may be open on the thread that calls apply().
#pragma once

#include <array>
#include <atomic>
#include <boost/system/result.hpp>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/batch.hpp"
#include "store/index_writer.hpp"
#include "store/snapshot.hpp"
#include "store/table.hpp"
#include "store/young_entries.hpp"

struct MDB_env;
struct MDB_txn;
struct MDB_cursor;

namespace hikyaku::store {

struct environment_settings {
    std::string path;                              // a folder, created (mode 0700) when missing
    std::uint64_t map_bytes_initial = 1ULL << 30;  // address space, not memory or disk
    std::uint64_t map_bytes_max = 1ULL << 40;
    std::size_t young_entries_max = store::young_entries_max;  // of an index; fewer for tests
    bool sync = true;  // false: a power loss may lose or damage the store (tests only)
    // For tests: called before each commit; a number other than 0 is taken as the commit's errno.
    std::function<int()> fail_commit;
};

enum class open_error {
    path,          // the folder cannot be created, read or written
    held,          // another process has the store open
    newer_schema,  // written by a later version of the program
    older_schema,  // written by an earlier version that this one cannot convert
    damaged,       // not an LMDB file, cut short, or with broken pages
    foreign,       // an LMDB file, but not a Hikyaku store
    system         // anything else the system refused (memory, address space, I/O)
};

struct open_failure {
    open_error kind = open_error::system;
    std::string sentence;  // for people: what is wrong, where, and what to do
};

enum class commit_error : std::uint8_t {
    disk_full,     // no space, quota or file size limit
    map_limit,     // map_bytes_max is reached
    io,            // the disk reported an error
    needs_restart  // LMDB has met a damaged page
};
// Short lower-case words for logs and metrics.
[[nodiscard]] std::string_view commit_error_name(commit_error error);

enum class backup_error { exists, path, disk_full, io };
struct backup_failure {
    backup_error kind = backup_error::io;
    std::string sentence;
};

struct environment_usage {
    std::uint64_t map_bytes = 0;
    std::uint64_t used_bytes = 0;   // up to the last page ever used; the file may be longer
    std::uint64_t growths = 0;      // times the map has grown since opening
    std::uint64_t read_faults = 0;  // reads that LMDB refused (damaged pages); must stay 0
    std::uint64_t reopened = 0;     // times the files were opened anew after a failed header
};

class environment {
public:
    // Opens or creates a store with the tables of these domains. The first one is in every store
    // of the program; the others are added where they are missing. Nothing is changed in a store
    // that is refused.
    [[nodiscard]] static boost::system::result<std::unique_ptr<environment>, open_failure> open(
        environment_settings settings, std::vector<domain> domains);

    environment(const environment&) = delete;
    environment& operator=(const environment&) = delete;
    // All snapshots must be gone. Releases the lock.
    ~environment();

    // Applies all batches, in order, in one transaction with one sync. On an error nothing of them
    // is in the store. Exactly one thread may call this. After an error at its header LMDB accepts
    // nothing more, not even readers: the files are then opened anew, for reading until the disk
    // takes writes again.
    [[nodiscard]] boost::system::result<void, commit_error> apply(
        std::span<const batch* const> batches);

    // Fills the file with zeros a little beyond the last page in use, if commits make it longer in
    // small steps: a sync of a file that has grown, or got blocks, waits for the file system's
    // journal too (ext4: 0.2 of 0.6 ms). The next sync takes the zeros along. A disk that has no
    // room for them is no error: the commit that needs it will tell. To be called after apply(), on
    // the same thread, when what it wrote has been answered.
    void write_ahead();
    static constexpr std::uint64_t ahead_bytes = 1 << 20;

    // After an error, when there is nothing to try again: whether the disk has room and a commit
    // works. To be called on the thread that calls apply().
    [[nodiscard]] std::optional<commit_error> try_disk();

    // Whether something new of that size may be stored. Removing needs free pages too, and what has
    // begun still has to come to its end (table_traits::bytes_to_finish): a part of the map is kept
    // free for that, and once it was full a little more, so that the answer does not change with
    // every page. apply() does not ask. To be called on the thread that calls apply().
    [[nodiscard]] bool has_room_for(std::uint64_t bytes, bool was_full);
    // Parts of map_bytes_max: one of so many is kept free, and one of so many has to become free.
    static constexpr std::uint64_t kept_free_share = 8;
    static constexpr std::uint64_t room_again_share = 64;

    // A view of the store as of the last commit; at most snapshots_max at a time.
    [[nodiscard]] snapshot read();
    static constexpr unsigned snapshots_max = 120;

    // Copies the store, compacted, into a new folder while it goes on working; `path` must not
    // exist. Takes as long as the disk needs: never on the writer's thread, nor on one that must
    // not wait. To restore, stop the program, put the folder where `store.path` points, start it.
    [[nodiscard]] boost::system::result<void, backup_failure> backup(const std::string& path);

    // The same for the store at `path`, whether or not another process has it open: LMDB lets
    // processes read beside the one that writes. For the command line.
    [[nodiscard]] static boost::system::result<void, backup_failure> backup_of(
        const std::string& path, const std::string& target);

    // Of a key that an index knows: SipHash-2-4 with a secret of this store, so that nobody can
    // make keys whose hashes are the same.
    [[nodiscard]] std::uint64_t hash(std::string_view octets) const;

    // As snapshot::find(), among the young entries alone.
    void find_young(const index_info& which, std::uint64_t hash, std::size_t limit,
                    std::vector<index_entry>& found) const;

    [[nodiscard]] environment_usage usage() const;
    [[nodiscard]] const std::string& path() const { return settings_.path; }

private:
    friend class snapshot;
    friend class octet_cursor;

    environment(environment_settings settings, std::vector<domain> domains);
    boost::system::result<void, open_failure> open_files();
    boost::system::result<void, open_failure> open_tables();
    boost::system::result<void, open_failure> open_tables_in(MDB_txn* transaction);
    boost::system::result<void, open_failure> check_versions(MDB_txn* transaction, bool fresh);
    void close_files();
    boost::system::result<void, open_failure> find_tables();
    [[nodiscard]] unsigned handle_of(table_number which) const;
    [[nodiscard]] std::size_t place_of(const index_info& which) const;
    int open_indexes(MDB_txn* transaction);  // an LMDB error, or 0
    [[nodiscard]] index_writer::handles handles_for(const index_info& which) const;
    int write_indexes(MDB_txn* transaction);
    void publish_indexes();
    [[nodiscard]] bool is_dead();  // LMDB accepts nothing more, not even readers
    // Gives the handle up for a new one. Read-only, which works on any disk that can be read, until
    // the disk takes writes again. Waits until no snapshot is open.
    void reopen(bool read_only);
    int apply_once(std::span<const batch* const> batches);
    int apply_operation(MDB_txn* transaction, std::span<MDB_cursor*> cursors,
                        const batch::operation& operation);
    int apply_sorted(MDB_txn* transaction, std::span<MDB_cursor*> cursors);
    // Grows the map to at least `bytes` (at most map_bytes_max); false when it cannot.
    bool grow_to(std::uint64_t bytes);
    bool grow();
    [[nodiscard]] std::uint64_t used_bytes() const;
    MDB_txn* begin_read(std::shared_ptr<const young_set>* young = nullptr);
    void end_read(MDB_txn* transaction);
    void note_read_fault();

    environment_settings settings_;
    std::vector<domain> domains_;
    std::vector<const table_info*> tables_;  // of all domains, `meta` first
    int lock_file_ = -1;
    MDB_env* env_ = nullptr;
    std::array<unsigned, tables_max> handles_{};     // by table_number; 0: no such table
    std::array<table_traits, tables_max> traits_{};  // likewise

    std::vector<index_writer> indexes_;                    // writer's thread
    std::array<std::size_t, tables_max> index_places_{};   // by table_number, from 1
    std::vector<std::unique_ptr<index_search>> searches_;  // in the order of indexes_; any thread
    std::size_t tidied_ = 0;
    std::array<std::uint8_t, 16> hash_key_{};

    mutable std::mutex write_mutex_;  // apply() against backup()'s growing of the map
    // Readers are counted so that the map is only moved while there are none.
    mutable std::mutex read_mutex_;
    std::condition_variable readers_gone_;
    std::condition_variable opened_anew_;
    unsigned readers_ = 0;
    std::vector<MDB_txn*> idle_reads_;
    std::shared_ptr<const young_set> young_;
    std::uint64_t map_bytes_ = 0;
    std::uint64_t file_bytes_ = 0;       // as write_ahead() knows it: never too much
    std::uint64_t used_bytes_seen_ = 0;  // by write_ahead()
    std::vector<batch::operation>
        sorted_;  // of apply_once(): what its batches have for such tables
    std::uint64_t growths_ = 0;
    std::uint64_t reopened_ = 0;
    bool read_only_ = false;
    std::atomic<std::uint64_t> read_faults_ = 0;
};

}  // namespace hikyaku::store
