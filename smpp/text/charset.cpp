#include "smpp/text/charset.hpp"

#include <unicode/ucnv.h>

#include <limits>
#include <memory>

#include "smpp/text/ascii.hpp"
#include "smpp/text/ucs2.hpp"
#include "smpp/text/utf8.hpp"

namespace hikyaku::smpp::text {
namespace {

bool is_named(std::string_view charset, std::string_view lower) {
    return charset.size() == lower.size() && begins_with_ignoring_case(charset, lower);
}

std::string valid_utf8(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size());
    for (std::size_t at = 0; at < bytes.size();) {
        const auto size = decode_utf8(bytes, at).bytes;
        if (size == 0) {
            out.push_back('?');
            ++at;
        } else {
            out.append(bytes.substr(at, size));
            at += size;
        }
    }
    return out;
}

/// What the converters and half surrogate pairs leave as U+FFFD becomes '?'.
std::string from_units(std::u16string_view units) {
    std::string out;
    append_utf8(out, units);
    std::string replacement;
    append_utf8(replacement, replacement_character);
    for (auto at = out.find(replacement); at != std::string::npos; at = out.find(replacement, at))
        out.replace(at, replacement.size(), "?");
    return out;
}

/// By ICU. `exactly`: nothing where an octet is no character; otherwise U+FFFD stands for it.
std::optional<std::u16string> convert(octets bytes, std::string_view charset, bool exactly) {
    constexpr std::size_t bytes_max = std::numeric_limits<std::int32_t>::max() / 4;
    if (bytes.size() > bytes_max || charset.find('\0') != std::string_view::npos) return {};
    UErrorCode error = U_ZERO_ERROR;
    const std::string name(charset);
    const std::unique_ptr<UConverter, decltype(&ucnv_close)> converter(
        ucnv_open(name.c_str(), &error), &ucnv_close);
    if (U_FAILURE(error) || name.empty()) return {};
    if (exactly) {
        ucnv_setToUCallBack(converter.get(), UCNV_TO_U_CALLBACK_STOP, nullptr, nullptr, nullptr,
                            &error);
    }
    std::u16string units(bytes.size() * 2 + 8, u'\0');
    const auto size =
        ucnv_toUChars(converter.get(), units.data(), static_cast<std::int32_t>(units.size()),
                      chars_of(bytes).data(), static_cast<std::int32_t>(bytes.size()), &error);
    if (U_FAILURE(error)) return {};
    units.resize(static_cast<std::size_t>(size));
    return units;
}

}  // namespace

std::optional<std::string> decode_charset(octets bytes, std::string_view charset) {
    if (is_named(charset, "utf-8") || is_named(charset, "utf8")) return valid_utf8(chars_of(bytes));
    if (is_named(charset, "utf-16be")) {
        if (bytes.size() % 2 != 0) return {};
        return from_units(utf16_units(bytes));
    }
    const auto units = convert(bytes, charset, false);
    if (!units) return {};
    return from_units(*units);
}

std::optional<std::string> decode_charset_exactly(octets bytes, std::string_view charset) {
    const auto units = convert(bytes, charset, true);
    std::string text;
    if (!units || append_utf8(text, *units) != 0) return {};
    return text;
}

}  // namespace hikyaku::smpp::text
