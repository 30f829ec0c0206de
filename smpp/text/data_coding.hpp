// What SMPP's data_coding says about the bytes of a short message, and the bytes read by it. SMPP
// 3.4 (5.2.19) lists alphabets in 0x00-0x0F and hands the rest to 3GPP TS 23.038 (section 4); both
// are settled here once, for the planner, for replies, for submissions and for the simulated phone.
// Pure functions, any thread.
#pragma once

#include <boost/system/result.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "smpp/text/national.hpp"
#include "smpp/text/octets.hpp"

namespace hikyaku::smpp::text {

/// How the text of a segment is written. The values are stored: append only. From 16 on they are
/// the character sets of fixed_charset.hpp.
enum class encoding : std::uint8_t {
    gsm7 = 0,    // GSM 03.38 default alphabet, one septet in each octet (unpacked)
    ucs2 = 1,    // UTF-16BE, surrogate pairs allowed
    latin1 = 2,  // ISO-8859-1
    ascii = 3,   // IA5
    binary = 4   // no text, or an alphabet we do not read (JIS, Cyrillic, Hebrew, KS C 5601, ...)
};

/// "gsm7", "ucs2", "latin1", "ascii", "binary", or the name of a character set.
[[nodiscard]] std::string_view name_of(encoding value) noexcept;

/// What a carrier means by data_coding 0 (SMPP: "SMSC default alphabet").
enum class default_alphabet : std::uint8_t { gsm7, latin1, ascii };

/// "gsm7", "latin1", "ascii".
[[nodiscard]] std::string_view name_of(default_alphabet value) noexcept;

/// The encoding that a data_coding announces. 0x00-0x0F as in SMPP 3.4, message class and deletion
/// groups by their alphabet bits, compressed text is binary, reserved values are GSM (TS 23.038).
[[nodiscard]] encoding encoding_of(std::uint8_t data_coding) noexcept;

/// The same at a carrier with this default alphabet, which stands behind data_coding 0.
[[nodiscard]] encoding encoding_of(std::uint8_t data_coding, default_alphabet alphabet) noexcept;

/// The message class, 0 (flash: shown at once, not stored) to 3, of a data_coding in the groups
/// that have one: 0x10 to 0x1F and so on with bit 4 set below 0x80, 0xF0 to 0xFF.
[[nodiscard]] std::optional<std::uint8_t> message_class_of(std::uint8_t data_coding) noexcept;

/// Whether the text is compressed (TS 23.042), which nobody here reads: groups 00xx and 01xx,
/// bit 5.
[[nodiscard]] bool is_compressed(std::uint8_t data_coding) noexcept;

/// What a data_coding of the message waiting groups (0xC0 to 0xEF) tells the phone to show.
struct message_waiting {
    bool active = false;    // light the indicator, or put it out
    bool discard = false;   // the text need not be stored (0xC0 to 0xCF)
    std::uint8_t kind = 0;  // 0 voice mail, 1 fax, 2 electronic mail, 3 other
    bool operator==(const message_waiting&) const = default;
};
[[nodiscard]] std::optional<message_waiting> message_waiting_of(std::uint8_t data_coding) noexcept;

struct text_profile;

/// The data_coding for a text in `enc` at a carrier: 0 for its default alphabet, 1, 3, 4, or the
/// carrier's UCS-2. With a message class (0 to 3, 0 for flash): 0x10 or 0xF0 plus class for GSM,
/// 0x18 plus class for UCS-2, 0xF4 plus class for binary. Empty where there is no such value: GSM
/// without class at a carrier with another default alphabet, Latin-1 and ASCII with a class, a
/// class above 3. The fixed character set of a carrier has its own, whatever the class.
[[nodiscard]] std::optional<std::uint8_t> compose_data_coding(
    encoding enc, std::optional<std::uint8_t> message_class, const text_profile& profile) noexcept;

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

/// The same for one segment of a carrier: its default alphabet, and the national tables that the
/// segment's header names (shift_of).
[[nodiscard]] boost::system::result<std::string, decode_error> decode_octets(
    octets bytes, std::uint8_t data_coding, national_shift shift, default_alphabet alphabet,
    on_fault fault = on_fault::replace);

}  // namespace hikyaku::smpp::text
