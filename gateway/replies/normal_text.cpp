#include "gateway/replies/normal_text.hpp"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>

namespace hikyaku::gateway::replies {
namespace {

constexpr std::u16string_view kanji_digits = u"〇一二三四五六七八九";

int digit_of(char16_t c) {
    const auto at = kanji_digits.find(c);
    return at == std::u16string_view::npos ? -1 : static_cast<int>(at);
}

bool counts_behind(char16_t c) {
    return std::u16string_view(u"月日年週回円万か箇ヶカ").find(c) != std::u16string_view::npos;
}

/// 二十五 or 二五 as a number below 100; -1: more than that.
int number_of(const icu::UnicodeString& digits) {
    int value = 0, last = -1;
    for (std::int32_t i = 0; i < digits.length(); ++i) {
        if (digits[i] == u'十') {
            value += (last < 0 ? 1 : last) * 10;
            last = -1;
        } else {
            if (last >= 0) value = (value + last) * 10;
            last = digit_of(digits[i]);
        }
        if (value >= 100) return -1;
    }
    return value + (last < 0 ? 0 : last);
}

void append_number(icu::UnicodeString& into, int value) {
    if (value >= 10) into.append(static_cast<char16_t>(u'0' + value / 10));
    into.append(static_cast<char16_t>(u'0' + value % 10));
}

icu::UnicodeString with_digits(const icu::UnicodeString& text) {
    icu::UnicodeString made;
    for (std::int32_t i = 0; i < text.length();) {
        std::int32_t end = i;
        while (end < text.length() && (digit_of(text[end]) >= 0 || text[end] == u'十'))
            ++end;
        const bool counts = end > i && end < text.length() && counts_behind(text[end]);
        const auto digits = text.tempSubStringBetween(i, end);
        const int value = counts ? number_of(digits) : -1;
        if (value >= 0)
            append_number(made, value);
        else
            made.append(digits);
        i = end;
        if (i < text.length()) made.append(text[i++]);
    }
    return made;
}

bool is_blank(char16_t c) {
    return u_isUWhiteSpace(c) != 0 || c == 0x200B || c == 0xFEFF;
}

/// 「停止」 and "STOP": people repeat what they were told to answer.
bool is_quote(char16_t c) {
    return std::u16string_view(
               u"\"\u201C\u201D\u300C\u300D\u300E\u300F\u3010\u3011()[]<>\u3008\u3009\u300A\u300B*_"
               u"~")
               .find(c) != std::u16string_view::npos;
}

char16_t plain(char16_t c) {
    switch (c) {
        case 0x2018:
        case 0x2019:
        case u'`':
        case 0x00B4:
            return u'\'';
        case 0x2010:
        case 0x2011:
        case 0x2012:
        case 0x2013:
        case 0x2014:
        case 0x2212:
            return u'-';
        default:
            return c;
    }
}

}  // namespace

icu::UnicodeString as_hiragana(const icu::UnicodeString& text) {
    constexpr char16_t first = 0x30A1, last = 0x30F6, apart = 0x60;  // ァ to ヶ; from ァ to ぁ
    icu::UnicodeString made;
    bool has_katakana = false;
    for (std::int32_t i = 0; i < text.length(); ++i) {
        const char16_t c = text[i];
        if (c >= first - apart && c <= last - apart) return {};
        const bool is_katakana = c >= first && c <= last;
        has_katakana = has_katakana || is_katakana;
        made.append(is_katakana ? static_cast<char16_t>(c - apart) : c);
    }
    return has_katakana ? made : icu::UnicodeString();
}

bool looks_japanese(std::string_view utf8) {
    const auto text = icu::UnicodeString::fromUTF8(
        icu::StringPiece(utf8.data(), static_cast<std::int32_t>(utf8.size())));
    for (std::int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
        UErrorCode fault = U_ZERO_ERROR;
        const auto script = uscript_getScript(text.char32At(i), &fault);
        if (script == USCRIPT_HAN || script == USCRIPT_HIRAGANA || script == USCRIPT_KATAKANA)
            return true;
    }
    return false;
}

bool is_too_long(std::string_view utf8) {
    if (utf8.size() <= normal_text_max) return false;
    return icu::UnicodeString::fromUTF8(
               icu::StringPiece(utf8.data(), static_cast<std::int32_t>(utf8.size())))
               .length() > normal_text_max;
}

icu::UnicodeString normal_text(std::string_view utf8, bool is_japanese) {
    UErrorCode fault = U_ZERO_ERROR;
    const auto* nfkc = icu::Normalizer2::getNFKCInstance(fault);
    auto text = icu::UnicodeString::fromUTF8(
        icu::StringPiece(utf8.data(), static_cast<std::int32_t>(utf8.size())));
    text.truncate(normal_text_max);
    if (U_SUCCESS(fault)) text = nfkc->normalize(text, fault);
    text.toLower();
    icu::UnicodeString made;
    bool was_blank = true;
    for (std::int32_t i = 0; i < text.length(); ++i) {
        const char16_t c = plain(text[i]);
        if (c == u'\n' || c == u'\r') {
            made.append(u'\n');
            was_blank = true;
        } else if (is_quote(c) || (c == u'\'' && was_blank)) {
            continue;
        } else if (is_blank(c)) {
            if (!was_blank && !is_japanese) made.append(u' ');
            was_blank = true;
        } else {
            made.append(c);
            was_blank = false;
        }
    }
    made.trim();
    while (made.endsWith(u"'"))
        made.truncate(made.length() - 1);
    return is_japanese ? with_digits(made) : made;
}

}  // namespace hikyaku::gateway::replies
