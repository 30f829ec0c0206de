// What SMPP's data_coding says about the bytes of a short message, and the bytes read by it. SMPP
// 3.4 (5.2.19) lists alphabets in 0x00-0x0F and hands the rest to 3GPP TS 23.038 (section 4); both
// are settled here once, for the planner, for replies, for submissions and for the simulated phone.
// Pure functions, any thread.
#pragma once

#include <boost/system/result.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "smpp/text/octets.hpp"

namespace hikyaku::smpp::text {

/// How the text of a segment is written. The values are stored: append only.
enum class encoding : std::uint8_t {
    gsm7 = 0,    // GSM 03.38 default alphabet, one septet in each octet (unpacked)
    ucs2 = 1,    // UTF-16BE, surrogate pairs allowed
    latin1 = 2,  // ISO-8859-1
    ascii = 3,   // IA5
    binary = 4   // no text, or an alphabet we do not read (JIS, Cyrillic, Hebrew, KS C 5601, ...)
};

/// "gsm7", "ucs2", "latin1", "ascii", "binary".
[[nodiscard]] std::string_view name_of(encoding value) noexcept;

/// The encoding that a data_coding announces. 0x00-0x0F as in SMPP 3.4, message class and deletion
/// groups by their alphabet bits, compressed text is binary, reserved values are GSM (TS 23.038).
[[nodiscard]] encoding encoding_of(std::uint8_t data_coding) noexcept;

enum class decode_error : std::uint8_t {
    no_text,         // the data_coding announces binary data or an alphabet that we do not read
    invalid_octets,  // not valid in the announced alphabet; only with on_fault::refuse
};

/// What decode_octets does with octets that the alphabet does not allow (a high bit in GSM or
/// ASCII, an odd byte at the end of UCS-2, half a surrogate pair).
enum class on_fault : std::uint8_t { refuse, replace /* by U+FFFD */ };

/// The text as UTF-8 of a short message without user data header. The length decides, never a NUL
/// ('@' is 0x00 in GSM). A byte order mark at the start of UCS-2 is obeyed and left out.
[[nodiscard]] boost::system::result<std::string, decode_error> decode_octets(
    octets bytes, std::uint8_t data_coding, on_fault fault = on_fault::replace);

}  // namespace hikyaku::smpp::text
