// Octets as hexadecimal text and back, for the debugging tools of the command line. Pure functions,
// any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hikyaku::gateway::app {

/// Two lower-case digits an octet.
[[nodiscard]] std::string to_hex(std::span<const std::uint8_t> octets);

/// Reads digits of any case; blanks, tabs, colons and a leading "0x" are skipped. Empty optional if
/// anything else is in it or a digit is left over.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> from_hex(std::string_view text);

}  // namespace hikyaku::gateway::app
