// Texts as people type them, in the one form that rules are written for. Pure; any thread.
#pragma once

#include <unicode/unistr.h>

#include <string_view>

namespace hikyaku::gateway::replies {

/// NFKC (full-width letters and half-width kana are the usual ones), small letters, straight
/// apostrophes and hyphens, no quotes and brackets; of Japanese without blanks, and numbers in
/// kanji before 月, 日, 年, 週, 回 and the like are digits. At most normal_text_max characters are
/// looked at.
[[nodiscard]] icu::UnicodeString normal_text(std::string_view utf8, bool is_japanese);
inline constexpr int normal_text_max = 2000;
/// Something is left out.
[[nodiscard]] bool is_too_long(std::string_view utf8);

/// Katakana as hiragana, of a text that has none of these: as old phones and machines write. Else
/// empty.
[[nodiscard]] icu::UnicodeString as_hiragana(const icu::UnicodeString& text);

/// Kana or kanji in it.
[[nodiscard]] bool looks_japanese(std::string_view utf8);

}  // namespace hikyaku::gateway::replies
