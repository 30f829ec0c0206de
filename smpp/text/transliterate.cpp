#include "smpp/text/transliterate.hpp"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <array>
#include <optional>

#include "smpp/text/gsm.hpp"
#include "smpp/text/utf8.hpp"

namespace hikyaku::smpp::text {

namespace {

struct rule {
    char32_t first;
    char32_t last;
    std::string_view to;
};

// Sorted. Zero-width joiners are not here: scripts of India and emoji need them.
constexpr std::array<rule, 35> punctuation{{{0x0009, 0x0009, " "},    // tab
                                            {0x0060, 0x0060, "'"},    // grave accent
                                            {0x00A0, 0x00A0, " "},    // no-break space
                                            {0x00A1, 0x00A1, "!"},    // inverted
                                            {0x00A6, 0x00A6, "|"},    // broken bar
                                            {0x00AB, 0x00AB, "\""},   // double angle quotes
                                            {0x00AD, 0x00AD, ""},     // soft hyphen
                                            {0x00B4, 0x00B4, "'"},    // acute accent
                                            {0x00B7, 0x00B7, "."},    // middle dot
                                            {0x00BB, 0x00BB, "\""},   //
                                            {0x00BF, 0x00BF, "?"},    // inverted
                                            {0x02B9, 0x02B9, "'"},    // modifier letters
                                            {0x02BA, 0x02BA, "\""},   //
                                            {0x02BB, 0x02BD, "'"},    //
                                            {0x02C6, 0x02C6, "^"},    //
                                            {0x02DC, 0x02DC, "~"},    //
                                            {0x2000, 0x200A, " "},    // spaces
                                            {0x200B, 0x200B, ""},     // zero-width space
                                            {0x2010, 0x2015, "-"},    // hyphens and dashes
                                            {0x2018, 0x201B, "'"},    // single quotes
                                            {0x201C, 0x201F, "\""},   // double quotes
                                            {0x2022, 0x2022, "*"},    // bullet
                                            {0x2024, 0x2024, "."},    // leaders
                                            {0x2025, 0x2025, ".."},   //
                                            {0x2026, 0x2026, "..."},  // ellipsis
                                            {0x2028, 0x2029, "\n"},   // separators
                                            {0x202F, 0x202F, " "},    //
                                            {0x2032, 0x2032, "'"},    // primes
                                            {0x2033, 0x2033, "\""},   //
                                            {0x2039, 0x2039, "<"},    // single angle quotes
                                            {0x203A, 0x203A, ">"},    //
                                            {0x2044, 0x2044, "/"},    // fraction slash
                                            {0x205F, 0x2060, " "},    // see find_punctuation
                                            {0x2212, 0x2212, "-"},    // minus
                                            {0xFEFF, 0xFEFF, ""}}};   // zero-width no-break space

/// Letters that Unicode does not decompose, and signs of money.
constexpr std::array<rule, 26> letters{{{0x00A3, 0x00A3, "GBP"},    // pound
                                        {0x00A5, 0x00A5, "JPY"},    // yen
                                        {0x00C6, 0x00C6, "AE"},     // ligature
                                        {0x00D0, 0x00D0, "D"},      // eth
                                        {0x00D8, 0x00D8, "O"},      // with stroke
                                        {0x00DE, 0x00DE, "Th"},     // thorn
                                        {0x00DF, 0x00DF, "ss"},     // sharp s
                                        {0x00E6, 0x00E6, "ae"},     //
                                        {0x00F0, 0x00F0, "d"},      //
                                        {0x00F8, 0x00F8, "o"},      //
                                        {0x00FE, 0x00FE, "th"},     //
                                        {0x0110, 0x0110, "D"},      // with stroke
                                        {0x0111, 0x0111, "d"},      //
                                        {0x0126, 0x0126, "H"},      //
                                        {0x0127, 0x0127, "h"},      //
                                        {0x0131, 0x0131, "i"},      // dotless
                                        {0x0141, 0x0141, "L"},      //
                                        {0x0142, 0x0142, "l"},      //
                                        {0x014A, 0x014A, "N"},      // eng
                                        {0x014B, 0x014B, "n"},      //
                                        {0x0152, 0x0152, "OE"},     // ligature
                                        {0x0153, 0x0153, "oe"},     //
                                        {0x0166, 0x0166, "T"},      //
                                        {0x0167, 0x0167, "t"},      //
                                        {0x1E9E, 0x1E9E, "SS"},     //
                                        {0x20AC, 0x20AC, "EUR"}}};  // euro

template <std::size_t Size>
std::optional<std::string_view> find(const std::array<rule, Size>& rules, char32_t code_point) {
    const auto* const found = std::ranges::lower_bound(rules, code_point, {}, &rule::last);
    if (found == rules.end() || code_point < found->first) return {};
    return found->to;
}

std::optional<std::string_view> find_punctuation(char32_t code_point) {
    constexpr char32_t word_joiner = 0x2060;
    if (code_point == word_joiner) return "";
    return find(punctuation, code_point);
}

bool is_in(target_alphabet target, std::string_view utf8) {
    for (std::size_t i = 0; i < utf8.size();) {
        const utf8_character character = decode_utf8(utf8, i);
        if (!target.contains(character.code_point)) return false;
        i += character.bytes;
    }
    return true;
}

bool is_mark(char32_t code_point) {
    return code_point >= 0x300 &&
           u_charType(static_cast<UChar32>(code_point)) == U_NON_SPACING_MARK;
}

/// Accents of Latin letters; the marks of other scripts carry the meaning and stay.
bool is_accent(char32_t code_point) {
    return code_point >= 0x300 && code_point <= 0x36F;
}

std::string normalized(std::string_view utf8, bool compose) {
    UErrorCode status = U_ZERO_ERROR;
    const icu::Normalizer2* const form = compose ? icu::Normalizer2::getNFCInstance(status)
                                                 : icu::Normalizer2::getNFDInstance(status);
    if (U_FAILURE(status)) return std::string(utf8);
    const icu::UnicodeString text = icu::UnicodeString::fromUTF8(
        icu::StringPiece(utf8.data(), static_cast<std::int32_t>(utf8.size())));
    const icu::UnicodeString changed = form->normalize(text, status);
    if (U_FAILURE(status)) return std::string(utf8);
    std::string out;
    changed.toUTF8String(out);
    return out;
}

std::string without_accents(std::string_view decomposed, target_alphabet target) {
    std::string out;
    for (std::size_t i = 0; i < decomposed.size();) {
        const utf8_character character = decode_utf8(decomposed, i);
        if (!is_accent(character.code_point)) {
            const auto letter = find(letters, character.code_point);
            if (letter && !target.contains(character.code_point))
                out += *letter;
            else
                append_utf8(out, character.code_point);
        }
        i += character.bytes;
    }
    return out;
}

/// Whether a character is its own composed and decomposed form, as most are.
bool is_inert(std::string_view utf8) {
    const utf8_character character = decode_utf8(utf8, 0);
    if (character.bytes != utf8.size()) return false;
    UErrorCode status = U_ZERO_ERROR;
    const icu::Normalizer2* const form = icu::Normalizer2::getNFDInstance(status);
    return U_SUCCESS(status) && form->isInert(static_cast<UChar32>(character.code_point));
}

/// Another way to write one character with its marks, or the same.
std::string rewritten(std::string_view cluster, char32_t base, target_alphabet target) {
    constexpr char32_t full_width_first = 0xFF01, full_width_last = 0xFF5E,
                       full_width_space = 0x3000;
    std::string narrow(cluster);
    if (base == full_width_space || (base >= full_width_first && base <= full_width_last)) {
        narrow.clear();
        const char32_t ascii = base == full_width_space ? U' ' : base - full_width_first + U'!';
        append_utf8(narrow, ascii);
        narrow += cluster.substr(3);  // its marks
        if (is_in(target, narrow)) return narrow;
    }
    if (is_inert(narrow)) {
        std::string bare = without_accents(narrow, target);
        return is_in(target, bare) ? bare : narrow;
    }
    std::string composed = normalized(narrow, true);
    if (is_in(target, composed)) return composed;
    std::string bare = without_accents(normalized(narrow, false), target);
    return is_in(target, bare) ? bare : composed;
}

/// End of the marks that follow the character which ends at `end`: not more of them than Unicode's
/// stream-safe form has (UAX 15), so that the work on a text grows with its length only.
std::size_t end_of_marks(std::string_view utf8, std::size_t end) {
    constexpr std::size_t marks_max = 30;
    for (std::size_t marks = 0; marks < marks_max && end < utf8.size(); ++marks) {
        const utf8_character next = decode_utf8(utf8, end);
        if (!is_mark(next.code_point)) break;
        end += next.bytes;
    }
    return end;
}

}  // namespace

std::string_view name_of(transliteration value) noexcept {
    switch (value) {
        case transliteration::off:
            return "off";
        case transliteration::punctuation:
            return "punctuation";
        case transliteration::full:
            break;
    }
    return "full";
}

transliterated transliterate(std::string_view utf8, transliteration how, target_alphabet target) {
    transliterated made;
    const bool too_long = utf8.size() > text_bytes_max;
    if (how == transliteration::off || too_long || first_invalid_utf8(utf8)) {
        made.text = utf8;
        return made;
    }
    made.text.reserve(utf8.size());
    for (std::size_t i = 0; i < utf8.size();) {
        const utf8_character character = decode_utf8(utf8, i);
        const std::size_t end_of_base = i + character.bytes;
        const std::size_t end =
            how == transliteration::full ? end_of_marks(utf8, end_of_base) : end_of_base;
        const std::string_view from = utf8.substr(i, end - i);
        std::string to(from);
        if (end != end_of_base || !target.contains(character.code_point)) {
            const auto rule = find_punctuation(character.code_point);
            if (rule && !target.contains(character.code_point)) {
                to = *rule;
                to += from.substr(character.bytes);
            }
            if (how == transliteration::full && !to.empty() && !is_in(target, to))
                to = rewritten(to, decode_utf8(to, 0).code_point, target);
        }
        if (to != from) made.changes.push_back({i, std::string(from), to});
        made.text += to;
        i = end;
    }
    return made;
}

std::size_t least_characters(std::string_view utf8) noexcept {
    std::size_t count = 0;
    for (std::size_t i = 0; i < utf8.size();) {
        const utf8_character character = decode_utf8(utf8, i);
        const auto rule = find_punctuation(character.code_point);
        if (!is_mark(character.code_point) && !(rule && rule->empty())) ++count;
        i += std::max<std::size_t>(character.bytes, 1);
    }
    return count;
}

}  // namespace hikyaku::smpp::text
