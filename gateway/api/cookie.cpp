#include "gateway/api/cookie.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gateway/api/http.hpp"

namespace hikyaku::gateway::api {
namespace {

constexpr bool is_visible(char c) {
    return c > ' ' && c <= '~';
}

constexpr bool is_token_octet(char c) {
    return is_visible(c) &&
           std::string_view("\"(),/:;<=>?@[\\]{}").find(c) == std::string_view::npos;
}

// cookie-octet of RFC 6265, 4.1.1.
constexpr bool is_value_octet(char c) {
    return is_visible(c) && std::string_view("\",;\\").find(c) == std::string_view::npos;
}

constexpr bool is_path_octet(char c) {
    return c >= ' ' && c <= '~' && c != ';';
}

std::string_view word_of(same_site site) {
    switch (site) {
        case same_site::strict:
            return "Strict";
        case same_site::lax:
            return "Lax";
        case same_site::none:
            break;
    }
    return "None";
}

}  // namespace

std::optional<std::string_view> cookie_value(std::string_view header, std::string_view name) {
    while (!header.empty()) {
        const std::string_view pair = header.substr(0, header.find(';'));
        header.remove_prefix(std::min(pair.size() + 1, header.size()));
        const auto equals = pair.find('=');
        if (equals == std::string_view::npos || trim_blanks(pair.substr(0, equals)) != name)
            continue;
        return trim_blanks(pair.substr(equals + 1));
    }
    return {};
}

std::optional<std::string> write_set_cookie(const cookie& wanted) {
    if (wanted.name.empty() || !std::ranges::all_of(wanted.name, is_token_octet) ||
        !std::ranges::all_of(wanted.value, is_value_octet) || !wanted.path.starts_with('/') ||
        !std::ranges::all_of(wanted.path, is_path_octet))
        return {};
    std::string text = fmt::format("{}={}; Path={}", wanted.name, wanted.value, wanted.path);
    if (wanted.max_age) text += fmt::format("; Max-Age={}", wanted.max_age->count());
    if (wanted.http_only) text += "; HttpOnly";
    if (wanted.secure) text += "; Secure";
    return text.append("; SameSite=").append(word_of(wanted.site));
}

}  // namespace hikyaku::gateway::api
