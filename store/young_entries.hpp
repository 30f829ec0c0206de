// The young entries of one index, in memory: those of its log. The writer's thread adds what it has
// committed, any thread looks entries up. Bounded by young_entries_max.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <shared_mutex>
#include <span>
#include <vector>

#include "store/hash_index.hpp"

namespace hikyaku::store {

// Then they become a run: 1.3 MB in one commit, and 4 ms of sorting.
inline constexpr std::size_t young_entries_max = 65'536;

class young_entries {
public:
    void add(std::span<const index_entry> fresh);
    // Appends the entries of the hash, the last added first, at most `limit`. Ids rise as entries
    // are added, but for late ones.
    void find(std::uint64_t hash, std::size_t limit, std::vector<index_entry>& into) const;

    // For the writer's thread, which alone adds.
    [[nodiscard]] std::span<const index_entry> all() const { return entries_; }
    [[nodiscard]] std::size_t size() const { return entries_.size(); }

private:
    static constexpr std::uint32_t none = ~std::uint32_t{0};

    mutable std::shared_mutex mutex_;
    std::vector<index_entry> entries_;    // as they came
    std::vector<std::uint32_t> earlier_;  // place of the one before with that hash
    boost::unordered_flat_map<std::uint64_t, std::uint32_t> last_;  // by hash
};

// Of all indexes of a store, in the order in which their domains declare them. A snapshot holds the
// set that was valid before it was opened, so that it misses nothing that has become a run since.
using young_set = std::vector<std::shared_ptr<young_entries>>;

}  // namespace hikyaku::store
