#include "smpp/text/received_text.hpp"

#include <algorithm>
#include <string_view>

#include "smpp/text/charset.hpp"
#include "smpp/text/ucs2.hpp"
#include "smpp/text/utf8.hpp"

namespace hikyaku::smpp::text {
namespace {

using std::string_view;

bool has_high_bit(octets bytes) {
    return std::ranges::any_of(
        bytes, [](std::uint8_t each) { return each >= 0x80; });
}

bool is_control(char32_t c) {
    return (c < 0x20 && c != '\n' && c != '\r' && c != '\t') || (c >= 0x7F && c < 0xA0);
}

// Octets as one alphabet, or nothing.

/// A text that a converter has made of all octets.
std::optional<std::string> in_charset(octets bytes, string_view charset) {
    return decode_charset_exactly(bytes, charset);
}

std::optional<std::string> as_utf8(octets bytes) {
    const string_view text = chars_of(bytes);
    if (first_invalid_utf8(text)) return {};
    return std::string(text);
}

/// Latin-1 without its second set of controls.
std::optional<std::string> as_latin1(octets bytes) {
    if (std::ranges::any_of(bytes, [](std::uint8_t each) { return is_control(each); })) return {};
    std::string out;
    for (const std::uint8_t each : bytes)
        append_utf8(out, char32_t{each});
    return out;
}

struct utf16_reading {
    std::string text;
    std::size_t units = 0;
    std::size_t kana = 0;
    std::size_t east_asian = 0;  // kana, ideographs and their punctuation
    std::size_t ascii = 0;
};

/// What a person types: a letter or sign of the Basic Latin to Arabic blocks, of East Asia, or
/// general punctuation. Private use, unassigned blocks and rare scripts speak against UTF-16.
bool is_usual(char16_t c) {
    return (c >= 0x20 && c < 0x7F) || c == '\n' || c == '\r' || (c >= 0xA0 && c < 0x700) ||
           (c >= 0x900 && c < 0xE00) || (c >= 0xE00 && c < 0xE80) || (c >= 0x1E00 && c < 0x2060) ||
           (c >= 0x20A0 && c < 0x2800) || (c >= 0x3000 && c < 0x3130) ||
           (c >= 0x3131 && c < 0x3190) || (c >= 0x31F0 && c < 0x3400) ||
           (c >= 0x4E00 && c < 0xA000) || (c >= 0xAC00 && c < 0xD7A4) ||
           (c >= 0xD800 && c < 0xE000) || (c >= 0xFE30 && c < 0xFE50) ||
           (c >= 0xFF01 && c < 0xFFEF) || c == 0xFE0F || c == 0x200D;
}

/// UTF-16 in which every unit is usual and no surrogate stands alone; a mark at the start decides
/// the order and is left out.
std::optional<utf16_reading> as_utf16(octets bytes, bool little) {
    if (bytes.empty() || bytes.size() % 2 != 0) return {};
    if (bytes.size() >= 2 && bytes[0] == 0xFE && bytes[1] == 0xFF) {
        little = false;
        bytes = bytes.subspan(2);
    } else if (bytes.size() >= 2 && bytes[0] == 0xFF && bytes[1] == 0xFE) {
        little = true;
        bytes = bytes.subspan(2);
    }
    std::u16string units;
    utf16_reading reading;
    for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
        const auto high = bytes[little ? i + 1 : i];
        const auto low = bytes[little ? i : i + 1];
        const auto unit = static_cast<char16_t>(high << 8 | low);
        if (!is_usual(unit)) return {};
        units.push_back(unit);
        reading.kana += unit >= 0x3041 && unit < 0x3100 ? 1 : 0;
        reading.east_asian += (unit >= 0x3000 && unit < 0x3100) ||
                                      (unit >= 0x4E00 && unit < 0xA000) ||
                                      (unit >= 0xFF00 && unit < 0xFFF0)
                                  ? 1
                                  : 0;
        reading.ascii += unit < 0x80 ? 1 : 0;
    }
    reading.units = units.size();
    if (append_utf8(reading.text, units) != 0) return {};
    return reading;
}

// Octets that contradict their label.

/// Words: Latin letters, digits and a little punctuation, in one of the cases that people use:
/// "Stop", "STOP", "stop", "Stop please", 0312345678; not "sTOp", which two ideographs may be.
bool is_words(string_view text) {
    bool lower_after_first = false, upper_after_first = false, has_space = false, letters = false;
    bool first_of_word = true;
    std::size_t count = 0;
    for (std::size_t at = 0; at < text.size(); ++count) {
        const auto next = decode_utf8(text, at);
        if (next.bytes == 0) return false;
        at += next.bytes;
        const char32_t c = next.code_point;
        const bool high = c >= 0xC0 && c <= 0xFF && c != 0xD7 && c != 0xF7;
        const bool lower = (c >= 'a' && c <= 'z') || (high && c >= 0xDF);
        const bool upper = (c >= 'A' && c <= 'Z') || (high && c < 0xDF);
        const bool other =
            (c >= '0' && c <= '9') || c == ' ' || (c >= 0xA0 && c < 0xC0) || c == '\n' ||
            c == '\r' ||
            (c < 0x80 && string_view{".,!?'-:/@+"}.find(static_cast<char>(c)) != string_view::npos);
        if (!lower && !upper && !other) return false;
        letters = letters || lower || upper;
        has_space = has_space || c == ' ';
        lower_after_first = lower_after_first || (lower && !first_of_word);
        upper_after_first = upper_after_first || (upper && !first_of_word);
        first_of_word = !lower && !upper;
    }
    const bool one_case = !(lower_after_first && upper_after_first) || has_space;
    return count >= 3 && (letters || count >= 6) && one_case;
}

bool is_ascii_words(octets bytes) {
    return !has_high_bit(bytes) && is_words(chars_of(bytes));
}

bool has_mark(octets bytes) {
    return bytes.size() >= 2 &&
           ((bytes[0] == 0xFE && bytes[1] == 0xFF) || (bytes[0] == 0xFF && bytes[1] == 0xFE));
}

/// UTF-16 whose octets are all allowed by the label, and that nobody would have typed there:
/// letters behind zeros, kana alone, one alphabet with the same octet in front of each letter, or
/// East Asian text that makes no words in the alphabet of the label (`as_said`).
std::optional<std::string> hidden_utf16(octets bytes, string_view as_said) {
    for (const bool little : {false, true}) {
        const auto reading = as_utf16(bytes, little);
        if (!reading || reading->units < 2) continue;
        const std::uint8_t page = bytes[little ? 1 : 0];
        bool one_page = page > 0 && page < 0x10;
        for (std::size_t i = little ? 1 : 0; i < bytes.size(); i += 2)
            one_page = one_page && bytes[i] == page;
        const bool is_plain = reading->ascii == reading->units || one_page;
        const bool is_kana = reading->units > 2 && reading->kana == reading->units;
        const bool is_east_asian =
            reading->units > 2 && reading->east_asian + reading->ascii == reading->units;
        if (is_plain || is_kana || (is_east_asian && !is_words(as_said))) return reading->text;
    }
    return {};
}

/// Octets with a high bit under a label that has none: the most telling reading first.
std::optional<std::string> unlabelled(octets bytes) {
    if (auto utf8 = as_utf8(bytes)) return utf8;
    const auto big = as_utf16(bytes, false);
    if (big && (big->kana > 0 || big->ascii > 0)) return big->text;
    const auto little = as_utf16(bytes, true);
    if (little && (little->kana > 0 || little->ascii > 0)) return little->text;
    auto latin = as_latin1(bytes);
    if (latin && is_words(*latin)) return latin;
    if (big && big->units > 1) return big->text;
    return latin;
}

/// What debtors write most, and would be no words as ideographs; a sentence with a space neither.
bool is_no_ideographs(string_view text) {
    std::string lower(text);
    for (char& each : lower)
        each = each >= 'A' && each <= 'Z' ? static_cast<char>(each - 'A' + 'a') : each;
    return lower == "stop" || lower == "paid" || lower == "help" ||
           (text.size() >= 8 && text.find(' ') != string_view::npos);
}

std::optional<std::string> labelled_latin1(octets bytes) {
    auto latin = as_latin1(bytes);
    if (!latin) return unlabelled(bytes);
    for (const bool little : {false, true}) {
        const auto reading = as_utf16(bytes, little);
        if (reading && reading->kana > 0 && !is_words(*latin)) return reading->text;
    }
    return latin;
}

std::optional<std::string> labelled_ucs2(octets bytes) {
    const auto little = as_utf16(bytes, true);
    const auto big = as_utf16(bytes, false);
    if (little && little->kana > 0 && !big) return little->text;
    // Letters with a zero behind each would be ideographs of which nobody makes words.
    const bool is_little = little && little->ascii >= 2 && little->ascii * 2 >= little->units &&
                           little->ascii + little->east_asian == little->units;
    if (is_little && (!big || big->ascii == 0)) return little->text;
    // Two octets of ASCII are an ideograph or kana often enough: the label is believed wherever all
    // of it can be East Asian text, but for words that no two ideographs make.
    const bool as_labelled = big && big->east_asian + big->ascii == big->units;
    const bool odd = bytes.size() % 2 != 0;
    if (odd) {  // kana of which the last lacks its half is no word in ASCII
        const auto cut = as_utf16(bytes.first(bytes.size() - 1), false);
        if (cut && cut->kana == cut->units) return {};
    }
    if (is_ascii_words(bytes) && (!as_labelled || is_no_ideographs(chars_of(bytes))))
        return std::string(chars_of(bytes));
    if (odd) {
        if (auto utf8 = as_utf8(bytes); utf8 && has_high_bit(bytes)) return utf8;
        return {};
    }
    if (little && !big) return little->text;
    auto as_said = decode_octets(bytes, 0x08);
    if (!as_said) return {};
    return std::move(*as_said);
}

// Alphabets that GSM does not know.

/// Two octets of 7 bits for each character, as the standard numbers them; `escape` announces the
/// table to the converter.
std::optional<std::string> in_pairs(octets bytes, string_view escape, string_view charset) {
    const auto is_code = [](std::uint8_t each) { return each >= 0x21 && each < 0x7F; };
    if (bytes.empty() || bytes.size() % 2 != 0 || !std::ranges::all_of(bytes, is_code)) return {};
    std::string announced(escape);
    announced.append(chars_of(bytes));
    return in_charset(octets_of(announced), charset);
}

std::optional<std::string> in_japanese(octets bytes, string_view escape) {
    if (std::ranges::find(bytes, 0x1B) != bytes.end()) return in_charset(bytes, "ISO-2022-JP-1");
    if (!has_high_bit(bytes)) {
        if (is_ascii_words(bytes)) return std::string(chars_of(bytes));
        if (auto pairs = in_pairs(bytes, escape, "ISO-2022-JP-1")) return pairs;
        return in_charset(bytes, "US-ASCII");
    }
    if (auto euc = in_charset(bytes, "EUC-JP")) return euc;
    return in_charset(bytes, "Shift_JIS");
}

std::optional<std::string> in_korean(octets bytes) {
    if (has_high_bit(bytes)) return in_charset(bytes, "windows-949");
    if (is_ascii_words(bytes)) return std::string(chars_of(bytes));
    std::string shifted(chars_of(bytes));
    for (char& each : shifted)
        each = static_cast<char>(each | 0x80);
    if (bytes.size() % 2 == 0) {
        if (auto pairs = in_charset(octets_of(shifted), "EUC-KR")) return pairs;
    }
    return in_charset(bytes, "US-ASCII");
}

}  // namespace

std::optional<std::string> read_received(octets bytes, std::uint8_t data_coding,
                                         national_shift shift, default_alphabet alphabet) {
    if (bytes.empty()) return std::string();
    switch (data_coding) {
        case 0x05:
            return in_japanese(bytes, "\x1B$B");
        case 0x06:
            return in_charset(bytes, "ISO-8859-5");
        case 0x07:
            return in_charset(bytes, "ISO-8859-8");
        case 0x0A:
            return in_japanese(bytes, "\x1B$B");
        case 0x0D:
            return in_japanese(bytes, "\x1B$(D");
        case 0x0E:
            return in_korean(bytes);
        default:
            break;
    }
    const encoding labelled = encoding_of(data_coding, alphabet);
    if (labelled == encoding::binary) return {};
    if (has_mark(bytes)) {
        if (const auto marked = as_utf16(bytes, false)) return marked->text;
    }
    if (labelled == encoding::ucs2) return labelled_ucs2(bytes);
    if (has_high_bit(bytes))
        return labelled == encoding::latin1 ? labelled_latin1(bytes) : unlabelled(bytes);
    auto as_said = decode_octets(bytes, data_coding, shift, alphabet);
    if (!as_said) return {};
    if (shift.is_default()) {
        if (auto hidden = hidden_utf16(bytes, *as_said)) return hidden;
    }
    return std::move(*as_said);
}

}  // namespace hikyaku::smpp::text
