// Texts in character sets that have nothing to do with SMS, as applications hand them in over HTTP
// (`charset` of sendsms). Uses ICU's converters. Pure functions, any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "smpp/text/octets.hpp"

namespace hikyaku::smpp::text {

/// The text as UTF-8, with '?' for what is no character of the set. Empty if the set is not known,
/// or if UTF-16BE has an odd number of octets. `charset` is a name that ICU knows, in any case:
/// "UTF-8", "ISO-8859-1", "windows-1252", "Shift_JIS", "UTF-16BE".
[[nodiscard]] std::optional<std::string> decode_charset(octets bytes, std::string_view charset);

/// The same for text whose character set is a guess: empty too if an octet is no character of it.
[[nodiscard]] std::optional<std::string> decode_charset_exactly(octets bytes,
                                                                std::string_view charset);

}  // namespace hikyaku::smpp::text
