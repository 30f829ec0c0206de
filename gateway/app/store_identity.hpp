// What the system tells of the machine, of the store's file and of the time since the machine was
// started: what store_guard judges by. Any thread.
#pragma once

#include <string>

#include "gateway/app/store_guard.hpp"

namespace hikyaku::gateway::app {

/// `machine_id_file` is hashed (BLAKE2b with a key of ours), as machine-id(5) wants it; the file by
/// its inode and the time at which it was made.
[[nodiscard]] store_stamp read_stamp(const std::string& machine_id_file, const std::string& folder);

/// `boot`: that of the machine's start, by boot_number().
[[nodiscard]] clock_reading read_boot_clock(std::uint64_t boot);
[[nodiscard]] std::uint64_t boot_number();

}  // namespace hikyaku::gateway::app
