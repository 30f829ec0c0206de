// Writes a text with characters that cost less: typographic punctuation, full-width Latin and
// accents that the GSM alphabet does not have. A choice of the sender, and every change is
// reported. The planner calls it before it chooses an alphabet, and keeps the changes only when the
// text saves segments or octets by them. Uses ICU for composition. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

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

/// The text with every character replaced for which there is a rule. What the GSM alphabet has
/// stays as it is. Text that is not valid UTF-8 comes back unchanged.
[[nodiscard]] transliterated transliterate(std::string_view utf8, transliteration how);

}  // namespace hikyaku::smpp::text
