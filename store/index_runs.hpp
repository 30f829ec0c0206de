// The runs of an index as they lie in the store: what is known of them (the manifest), the blocks
// of sorted entries, and the filters that spare look-ups of runs which do not have a hash. Used by
// snapshot (looking up) and index_writer (writing, merging). docs/store.md shows the octets.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/hash_index.hpp"
#include "store/key.hpp"

struct MDB_txn;
struct MDB_cursor;

namespace hikyaku::store {

// Tables of the mechanics; no domain has their numbers. Keys of blocks: run 4, kind 1, then the
// page 4 of a filter or the last entry 20 of a block. Key of a manifest: number of the index 1;
// that of index_blocks holds the last number given to a run.
inline constexpr table_info index_blocks{table_number{62}, "index_blocks", {}};
inline constexpr table_info index_manifests{table_number{63}, "index_manifests", {}};

// A value of that size has one page of LMDB for itself.
inline constexpr std::size_t index_block_bytes = 4080;
inline constexpr std::size_t index_block_entries = index_block_bytes / index_entry_bytes;

struct index_run {
    std::uint32_t number = 0;
    std::uint32_t level = 0;
    std::uint64_t entries = 0;
    std::uint64_t id_min = ~std::uint64_t{0}, id_max = 0;
    std::uint32_t filter_pages = 0;
    std::uint32_t merged_into = 0;  // the run that is being made of it and others; 0 = none

    void count(const index_entry& entry);
};
// A run that is being made of others.
struct index_merge {
    index_run output;
    index_entry last;             // what was written last, or passed over as old
    std::uint32_t has_begun = 0;  // or 1
    std::uint32_t is_done = 0;    // or 1, in memory only
};
struct index_manifest {
    std::uint64_t version = 0;  // counts up with each change
    std::vector<index_run> runs;
    std::vector<index_merge> merges;
    std::vector<std::uint32_t> dying;  // their blocks are erased step by step

    [[nodiscard]] std::string encode() const;
    // Empty if it is damaged.
    [[nodiscard]] static std::optional<index_manifest> decode(std::string_view octets);
};

// Block and filter keys.
[[nodiscard]] key index_block_key(std::uint32_t run, const index_entry& last);
[[nodiscard]] key index_filter_key(std::uint32_t run, std::uint32_t page);

// A page of the filter: what hashes of one range of the run's pages may be there. Split in lines of
// 64 octets, one for a hash, in which it sets eight bits: about one miss in a hundred passes.
class index_filter {
public:
    static constexpr std::size_t lines = 63;
    static constexpr std::size_t bytes = lines * 64;
    static constexpr std::size_t entries_of_page = lines * 48;

    [[nodiscard]] static std::uint32_t pages_for(std::uint64_t entries);
    // Rises with the hash.
    [[nodiscard]] static std::uint32_t page_of(std::uint64_t hash, std::uint32_t pages);

    void add(std::uint64_t hash);
    void clear() { words_.fill(0); }
    [[nodiscard]] bool load(std::string_view octets);
    [[nodiscard]] std::string_view octets() const;
    // Whether the hash may be in the run of this page, of `bytes` octets. Reads one line.
    [[nodiscard]] static bool may_have(std::string_view page, std::uint64_t hash);

private:
    std::array<std::uint64_t, lines * 8> words_{};
};

// Looks entries up in the runs of one index. It remembers where the pages of their filters lie in
// the map, because they stay there as long as the run does: a run without the hash then costs one
// line of memory and no search. Any thread.
class index_search {
public:
    struct place {
        MDB_txn* transaction = nullptr;
        unsigned blocks = 0, manifests = 0;  // handles
    };

    explicit index_search(table_number index) : index_(index) {}

    // The map moves: nobody reads meanwhile.
    void forget() { view_ = nullptr; }
    // Appends the entries of the hash in all runs, at most `limit` youngest of each run, in no
    // order. An LMDB error, or 0.
    [[nodiscard]] int find(const place& in, std::uint64_t hash, std::size_t limit,
                           std::vector<index_entry>& into);

private:
    struct known_run {
        explicit known_run(const index_run& of)
            : number(of.number), pages(of.filter_pages), places(of.filter_pages) {}

        std::uint32_t number, pages;
        std::vector<std::atomic<const char*>> places;  // of the pages; nullptr = not known
    };
    struct view {
        std::uint64_t version = 0;
        std::vector<std::shared_ptr<known_run>> runs;
    };

    [[nodiscard]] int look_at(const place& in, std::shared_ptr<const view>& found);
    [[nodiscard]] static int may_have(const place& in, known_run& run, std::uint64_t hash,
                                      bool& may);

    table_number index_;
    std::mutex mutex_;
    std::shared_ptr<const view> view_;
};

// Goes through the entries of one run in order. Blocks are copied, so that writing in the same
// transaction moves nothing under it.
class index_run_reader {
public:
    index_run_reader() = default;
    index_run_reader(const index_run_reader&) = delete;
    index_run_reader& operator=(const index_run_reader&) = delete;
    index_run_reader(index_run_reader&& other) noexcept;
    index_run_reader& operator=(index_run_reader&&) = delete;
    ~index_run_reader();

    // To the first entry behind `after`, or to the very first. An LMDB error, or 0.
    [[nodiscard]] int open(MDB_txn* transaction, unsigned blocks, std::uint32_t run,
                           const index_entry* after);
    [[nodiscard]] const index_entry* current() const {
        return place_ < block_.size() ? &block_[place_] : nullptr;
    }
    [[nodiscard]] int next();

private:
    [[nodiscard]] int load(int operation, std::string_view from);

    MDB_cursor* cursor_ = nullptr;
    std::uint32_t run_ = 0;
    std::vector<index_entry> block_;
    std::size_t place_ = 0;
};

}  // namespace hikyaku::store
