// Indexes: which records have a given key, where keys are random (ids of carriers, codes of links,
// Idempotency-Keys). Entries have one size and lie sorted by a keyed hash of what is looked for.
// The young ones are in memory and in a log, which a commit makes longer by a few pages; older ones
// lie in sorted runs that are merged step by step with the commits (docs/store.md, "Indexes").
// Nothing is erased: an entry goes when the record that it points to is older than all records
// left. Plain constants and values; any thread.
#pragma once

#include <bit>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "store/table.hpp"

namespace hikyaku::store {

struct index_entry {
    std::uint64_t hash = 0;  // environment::hash() of what is looked for
    std::uint64_t id = 0;    // what the key of the record begins with; rises with time
    std::uint32_t tag = 0;   // what the domain has to know beside it

    friend auto operator<=>(const index_entry&, const index_entry&) = default;
};

// As it lies in logs and runs: little-endian.
inline constexpr std::size_t index_entry_bytes = 20;

inline void write_entry(const index_entry& entry, char* to) {
    std::memcpy(to, &entry.hash, 8);
    std::memcpy(to + 8, &entry.id, 8);
    std::memcpy(to + 16, &entry.tag, 4);
}
// REQUIRES: index_entry_bytes octets.
[[nodiscard]] inline index_entry read_entry(const char* from) {
    index_entry entry;
    std::memcpy(&entry.hash, from, 8);
    std::memcpy(&entry.id, from + 8, 8);
    std::memcpy(&entry.tag, from + 16, 4);
    return entry;
}
static_assert(std::endian::native == std::endian::little, "entries are stored as they lie here");

// What the mechanics know of an index. The table with this number and name is its log.
struct index_info : table_info {
    table_number owner{};  // the table of the records, whose keys begin with the id
    // The number in `meta` with this name, if there is one: of records with a smaller id the domain
    // keeps nothing in the index. A literal, or empty.
    std::string_view begins_at;
};

// An index over the records of a table.
struct hash_index : index_info {
    template <class Key, class Value>
    consteval hash_index(std::uint8_t in_batches, std::string_view in_the_file,
                         const table<Key, Value>& of, std::string_view begins = {})
        : index_info{{table_number{in_batches}, in_the_file, {}}, of.number, begins} {}
};

}  // namespace hikyaku::store
