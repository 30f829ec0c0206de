// The writing half of one index, in the transaction of a commit: young entries go to the log, a
// full log becomes a run, runs of one size are merged into a larger one, old runs go. Merging is
// done in steps whose size follows what the commit adds, so that no commit is much longer than
// others and the number of runs stays small. Writer's thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "store/hash_index.hpp"
#include "store/index_runs.hpp"
#include "store/young_entries.hpp"

namespace hikyaku::store {

class index_writer {
public:
    // So many runs of one level become one of the next.
    static constexpr std::size_t fan_in = 8;
    // Runs of the highest level (about 33 million entries) are not merged: they go as they age.
    static constexpr std::uint32_t level_max = 3;

    struct handles {
        unsigned log = 0, owner = 0, meta = 0, blocks = 0, manifests = 0;
    };

    // `young_max`: young_entries_max, or less for tests.
    index_writer(const index_info& of, std::size_t young_max) : of_(&of), young_max_(young_max) {}

    // What the commit adds; emptied by begin().
    void begin() { fresh_.clear(); }
    void add(const index_entry& entry) { fresh_.push_back(entry); }
    // Writes what was added and goes on with what is to be done. An LMDB error, or 0. Nothing
    // counts until committed().
    [[nodiscard]] int write(MDB_txn* transaction, const handles& in);
    // Goes on with what is to be done, a little: for commits that add nothing here.
    [[nodiscard]] int tidy(MDB_txn* transaction, const handles& in);
    // The young entries from now on: the same, or a new object if a run was made of them.
    [[nodiscard]] const std::shared_ptr<young_entries>& committed();

    // Reads the log, after the store was opened.
    [[nodiscard]] int load(MDB_txn* transaction, const handles& in);
    [[nodiscard]] const std::shared_ptr<young_entries>& young() const { return young_; }
    [[nodiscard]] const index_info& of() const { return *of_; }
    [[nodiscard]] bool is_idle() const { return fresh_.empty(); }

private:
    struct work {
        MDB_txn* transaction;
        const handles& in;
        index_manifest manifest;
        bool is_changed = false;
        std::uint64_t oldest = 0;  // the smallest id that an entry may have
        std::size_t credit = 0;    // what is left of it
    };

    int write_log(MDB_txn* transaction, const handles& in);
    int flush(work& now);
    static int keep_up(work& now, std::size_t budget);
    int read_oldest(work& now) const;
    static int start_merges(work& now);
    static int next_run(const work& now, std::uint32_t& number);
    static int merge(work& now, index_merge& merge, std::size_t& budget);
    static int erase_dying(work& now, std::size_t blocks);
    int open_work(work& now) const;
    int close_work(work& now) const;

    const index_info* of_;
    std::size_t young_max_;
    std::shared_ptr<young_entries> young_ = std::make_shared<young_entries>();
    std::vector<index_entry> fresh_;
    std::size_t credit_ = 0;        // entries that may be merged
    std::size_t credit_after_ = 0;  // if the commit succeeds
    bool is_flushed_ = false;
};

}  // namespace hikyaku::store
