// Hexadecimal text as people write it, for the debugging tools of the command line. Pure, any
// thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace hikyaku::gateway::app {

/// Reads digits of any case; blanks, tabs, colons and a leading "0x" are skipped. Empty optional if
/// anything else is in it or a digit is left over.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> from_hex(std::string_view text);

}  // namespace hikyaku::gateway::app
