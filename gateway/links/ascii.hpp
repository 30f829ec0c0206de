// Case-insensitive comparison of ASCII text: URL schemes, header names and user agents are all
// compared this way, and the C library's functions would ask the locale. Used inside this folder
// only. Pure functions, any thread.
#pragma once

#include <algorithm>
#include <string_view>

namespace hikyaku::gateway::links::ascii {

[[nodiscard]] constexpr char to_lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

[[nodiscard]] constexpr bool is_letter(char c) {
    return to_lower(c) >= 'a' && to_lower(c) <= 'z';
}

[[nodiscard]] constexpr bool is_letter_or_digit(char c) {
    return is_letter(c) || (c >= '0' && c <= '9');
}

[[nodiscard]] constexpr bool is_hex_digit(char c) {
    return (c >= '0' && c <= '9') || (to_lower(c) >= 'a' && to_lower(c) <= 'f');
}

[[nodiscard]] constexpr bool equal(std::string_view left, std::string_view right) {
    return std::ranges::equal(left, right, {}, to_lower, to_lower);
}

[[nodiscard]] constexpr bool starts_with(std::string_view text, std::string_view prefix) {
    return text.size() >= prefix.size() && equal(text.substr(0, prefix.size()), prefix);
}

[[nodiscard]] constexpr bool contains(std::string_view text, std::string_view part) {
    const auto same = [](char left, char right) { return to_lower(left) == to_lower(right); };
    return std::search(text.begin(), text.end(), part.begin(), part.end(), same) != text.end() ||
           part.empty();
}

}  // namespace hikyaku::gateway::links::ascii
