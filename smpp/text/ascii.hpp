// ASCII letters and digits without a locale: the keys and words of receipts, digits of numbers.
// Pure, any thread.
#pragma once

#include <cstddef>
#include <string_view>

namespace hikyaku::smpp::text {

[[nodiscard]] constexpr char lower_ascii(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

[[nodiscard]] constexpr bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

/// True for an empty text.
[[nodiscard]] constexpr bool all_digits(std::string_view text) noexcept {
    for (const char c : text)
        if (!is_digit(c)) return false;
    return true;
}

/// Whether `text` begins with `lower`, which is in lower case, whatever case it is in.
[[nodiscard]] constexpr bool begins_with_ignoring_case(std::string_view text,
                                                       std::string_view lower) noexcept {
    if (text.size() < lower.size()) return false;
    for (std::size_t i = 0; i < lower.size(); ++i)
        if (lower_ascii(text[i]) != lower[i]) return false;
    return true;
}

}  // namespace hikyaku::smpp::text
