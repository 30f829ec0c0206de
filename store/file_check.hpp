// A look at an LMDB file before LMDB maps it. A file that was cut short would end the process with
// SIGBUS at the first touch of a missing page, and broken pages can trip LMDB's own asserts; both
// have to become one clear sentence instead. The layout read here is that of LMDB 0.9 on 64-bit
// machines (mdb.c: MDB_page, MDB_meta, MDB_db, MDB_node). Called by environment::open only.
#pragma once

#include <cstdint>

namespace hikyaku::store {

enum class file_state : std::uint8_t {
    sound,
    not_lmdb,       // too small, or without LMDB's mark
    other_version,  // LMDB's mark with another data version
    cut_short,      // pages that are in use lie behind the end of the file
    broken,         // a page does not look like what the tree says it is
    unreadable      // the system refused a read
};

enum class check_depth : std::uint8_t {
    roots,  // the header and the first page of every table: a few reads
    whole   // every page in use: reads the whole store
};

// Checks the file behind `file`. With check_depth::roots a file that is shorter than its header
// says is looked at whole: LMDB leaves out pages at the end that were given back before the commit,
// so only pages in use count. `file_bytes` gets the length that the header asks for.
[[nodiscard]] file_state check_file(int file, check_depth depth, std::uint64_t& file_bytes);

}  // namespace hikyaku::store
