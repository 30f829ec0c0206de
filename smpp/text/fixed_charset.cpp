#include "smpp/text/fixed_charset.hpp"

#include <unicode/ucnv.h>

#include <algorithm>
#include <array>
#include <memory>

#include "smpp/text/charset.hpp"
#include "smpp/text/utf8.hpp"

namespace hikyaku::smpp::text {
namespace {

/// The index is stored: append only. Sets with a state (ISO-2022) cannot be cut and are not here.
constexpr std::array<std::string_view, 33> names_of_charsets{
    "ISO-8859-1",   "ISO-8859-2",   "ISO-8859-3",   "ISO-8859-4",   "ISO-8859-5",   "ISO-8859-6",
    "ISO-8859-7",   "ISO-8859-8",   "ISO-8859-9",   "ISO-8859-13",  "ISO-8859-15",  "windows-1250",
    "windows-1251", "windows-1252", "windows-1253", "windows-1254", "windows-1255", "windows-1256",
    "windows-1257", "windows-1258", "KOI8-R",       "KOI8-U",       "TIS-620",      "US-ASCII",
    "UTF-8",        "UTF-16BE",     "UTF-16LE",     "Shift_JIS",    "EUC-JP",       "EUC-KR",
    "Big5",         "GBK",          "IBM850"};
constexpr std::size_t several_octets_first = 24, several_octets_last = 31;
constexpr std::size_t octets_per_unit_max = 3;

std::size_t index_of(encoding enc) {
    return static_cast<std::size_t>(enc) - charset_first;
}

using converter = std::unique_ptr<UConverter, decltype(&ucnv_close)>;

/// The converter of a set, which stops at what the set does not have; null if ICU lacks the set.
UConverter* converter_of(encoding enc) {
    thread_local std::array<std::optional<converter>, names_of_charsets.size()> kept;
    if (!is_charset(enc) || index_of(enc) >= names_of_charsets.size()) return nullptr;
    auto& slot = kept[index_of(enc)];
    if (!slot) {
        UErrorCode error = U_ZERO_ERROR;
        slot.emplace(ucnv_open(names_of_charsets[index_of(enc)].data(), &error), &ucnv_close);
        if (U_SUCCESS(error)) {
            ucnv_setFromUCallBack(slot->get(), UCNV_FROM_U_CALLBACK_STOP, nullptr, nullptr, nullptr,
                                  &error);
        }
        if (U_FAILURE(error)) slot->reset();
    }
    return slot->get();
}

bool is_high_control(char16_t unit) {
    return unit >= 0x80 && unit < 0xA0;
}

}  // namespace

std::span<const std::string_view> charset_names() noexcept {
    return names_of_charsets;
}

std::optional<encoding> find_charset(std::string_view name) noexcept {
    const auto at = std::ranges::find(names_of_charsets, name);
    if (at == names_of_charsets.end()) return {};
    return static_cast<encoding>(charset_first + (at - names_of_charsets.begin()));
}

std::string_view charset_name(encoding enc) noexcept {
    return index_of(enc) < names_of_charsets.size() ? names_of_charsets[index_of(enc)] : "unknown";
}

bool has_single_octets(encoding enc) noexcept {
    return index_of(enc) < several_octets_first || index_of(enc) > several_octets_last;
}

boost::system::result<charset_text, std::size_t> encode_charset(std::u16string_view units,
                                                                encoding enc) {
    UConverter* const into = converter_of(enc);
    if (into == nullptr) return std::size_t{0};
    const auto control = std::ranges::find_if(units, is_high_control);
    if (control != units.end()) return static_cast<std::size_t>(control - units.begin());
    charset_text made;
    made.octets.resize(units.size() * octets_per_unit_max + octets_per_unit_max);
    std::vector<std::int32_t> sources(made.octets.size());
    char* target = made.octets.data();
    const char16_t* source = units.data();
    UErrorCode error = U_ZERO_ERROR;
    ucnv_resetFromUnicode(into);
    ucnv_fromUnicode(into, &target, target + made.octets.size(), &source, source + units.size(),
                     sources.data(), true, &error);
    if (U_FAILURE(error)) {
        std::array<char16_t, 4> faulty{};
        auto size = static_cast<std::int8_t>(faulty.size());
        UErrorCode ignored = U_ZERO_ERROR;
        ucnv_getInvalidUChars(into, faulty.data(), &size, &ignored);
        const auto read = static_cast<std::size_t>(source - units.data());
        return read - std::min(read, static_cast<std::size_t>(std::max<int>(size, 1)));
    }
    made.octets.resize(static_cast<std::size_t>(target - made.octets.data()));
    constexpr auto none = static_cast<std::size_t>(-1);
    made.begins.assign(units.size() + 1, none);
    made.begins.back() = made.octets.size();
    for (std::size_t i = made.octets.size(); i-- > 0;)
        made.begins[static_cast<std::size_t>(sources[i])] = i;
    for (std::size_t i = units.size(); i-- > 0;)
        if (made.begins[i] == none) made.begins[i] = made.begins[i + 1];
    return made;
}

bool charset_contains(encoding enc, char32_t code_point) {
    std::u16string units;
    if (code_point < 0x10000) {
        units.push_back(static_cast<char16_t>(code_point));
    } else {
        units.push_back(static_cast<char16_t>(0xD7C0 + (code_point >> 10)));
        units.push_back(static_cast<char16_t>(0xDC00 + (code_point & 0x3FF)));
    }
    const auto made = encode_charset(units, enc);
    return made && !made->octets.empty();
}

std::optional<std::string> decode_fixed_charset(octets bytes, encoding enc) {
    if (!is_charset(enc) || index_of(enc) >= names_of_charsets.size()) return {};
    return decode_charset_exactly(bytes, charset_name(enc));
}

}  // namespace hikyaku::smpp::text
