// Octets as hexadecimal text and back: data and TLVs in JSON, the tools of the command line. Pure,
// any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "smpp/text/octets.hpp"

namespace hikyaku::smpp::text {

/// Two lower-case digits an octet.
[[nodiscard]] std::string to_hex(octets bytes);

/// The octets of pairs of digits in any case; empty for anything else.
[[nodiscard]] std::optional<std::string> from_hex(std::string_view text);

}  // namespace hikyaku::smpp::text
