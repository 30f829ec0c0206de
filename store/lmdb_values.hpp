// Bytes as LMDB takes and gives them: views, without a copy. Used by the sources of this folder;
// any thread.
#pragma once

#include <lmdb.h>

#include <string_view>

namespace hikyaku::store {

/// LMDB only reads through it, for all that the pointer is not const.
[[nodiscard]] inline MDB_val as_value(std::string_view bytes) {
    return {bytes.size(), const_cast<char*>(bytes.data())};
}

[[nodiscard]] inline std::string_view as_view(const MDB_val& value) {
    return {static_cast<const char*>(value.mv_data), value.mv_size};
}

}  // namespace hikyaku::store
