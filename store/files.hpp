// Small questions to the file system that the store asks in several places. Any thread.
#pragma once

#include <string>

namespace hikyaku::store {

// fsync of a file or folder; `flags` are those of open (O_RDONLY, O_DIRECTORY).
[[nodiscard]] bool sync_path(const std::string& path, int flags);
// fsync of the folder in which `path` is, so that its name is on disk.
[[nodiscard]] bool sync_parent(const std::string& path);

// LMDB calls a write that was cut short EIO; mostly the disk is full then. Asked by reserving a
// little in the store's folder.
[[nodiscard]] bool is_full(const std::string& folder);

// Whether a file in the folder can be written and synced.
[[nodiscard]] bool takes_writes(const std::string& folder);

}  // namespace hikyaku::store
