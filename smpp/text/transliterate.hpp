// Writes a text with characters that cost less: typographic punctuation, full-width Latin and
// accents that the alphabet of the carrier does not have. A choice of the sender, and every change
// is reported. The planner calls it before it chooses an alphabet, and keeps the changes only when
// the text saves segments or octets by them. Uses ICU for composition. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "smpp/text/data_coding.hpp"
#include "smpp/text/fixed_charset.hpp"
#include "smpp/text/gsm.hpp"

namespace hikyaku::smpp::text {

enum class transliteration : std::uint8_t {
    off,
    punctuation,  // quotes, dashes, ellipsis, spaces, bullets, invisible characters
    full          // also full-width forms to ASCII, composition, accents the alphabet lacks removed
};

/// "off", "punctuation", "full".
[[nodiscard]] std::string_view name_of(transliteration value) noexcept;

/// One change. `from` may be several characters (a letter and its marks), `to` may be empty.
struct replacement {
    std::size_t position = 0;  // byte offset of `from` in the text as given
    std::string from;          // UTF-8
    std::string to;            // UTF-8
    bool operator==(const replacement&) const = default;
};

struct transliterated {
    std::string text;
    std::vector<replacement> changes;  // by position
};

/// Longer texts are not looked at: a character is at most three bytes for each unit on the air, and
/// 255 segments of 254 units are fewer than that.
inline constexpr std::size_t text_bytes_max = std::size_t{256} * 1024;

/// What a text is to be written in: GSM (default table and extensions), Latin-1, ASCII, or the
/// fixed character set of a carrier.
struct target_alphabet {
    encoding enc = encoding::gsm7;
    bool gsm_only = false;  // of the others only what GSM has too

    [[nodiscard]] constexpr bool contains(char32_t code_point) const noexcept {
        const bool gsm = gsm_septets(code_point) != 0;
        if (enc == encoding::gsm7) return gsm;
        if (is_charset(enc)) return (gsm || !gsm_only) && charset_contains(enc, code_point);
        // 0x80 to 0x9F are controls that carriers take for Windows' letters.
        const bool control = code_point >= 0x80 && code_point < 0xA0;
        return code_point <= (enc == encoding::latin1 ? 0xFFu : 0x7Fu) && !control &&
               (gsm || !gsm_only);
    }
};

/// The text with every character replaced for which there is a rule. What the target alphabet has
/// stays as it is. Text that is not valid UTF-8 or longer than text_bytes_max comes back unchanged.
[[nodiscard]] transliterated transliterate(std::string_view utf8, transliteration how,
                                           target_alphabet target = {});

/// How many characters at least would be left of a text: those that no rule removes; a faulty byte
/// counts as one. In less time than the text itself.
[[nodiscard]] std::size_t least_characters(std::string_view utf8) noexcept;

}  // namespace hikyaku::smpp::text
