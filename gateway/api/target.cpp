#include "gateway/api/target.hpp"

#include <algorithm>
#include <charconv>

namespace hikyaku::gateway::api {

target_parts split_target(std::string_view target) {
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (!target.starts_with(scheme)) continue;
        const auto slash = target.find('/', scheme.size());
        target = slash == std::string_view::npos ? std::string_view{"/"} : target.substr(slash);
        break;
    }
    target = target.substr(0, target.find('#'));
    const auto mark = target.find('?');
    if (mark == std::string_view::npos) return {target, {}};
    return {target.substr(0, mark), target.substr(mark + 1)};
}

std::optional<std::string> decode_percent(std::string_view text) {
    if (text.find('%') == std::string_view::npos) return std::string{text};
    std::string result;
    result.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            result.push_back(text[i]);
            continue;
        }
        unsigned octet = 0;
        if (i + 2 >= text.size()) return {};
        const char* const digits = text.data() + i + 1;
        const auto [at, error] = std::from_chars(digits, digits + 2, octet, 16);
        if (error != std::errc{} || at != digits + 2) return {};
        result.push_back(static_cast<char>(octet));
        i += 2;
    }
    return result;
}

std::optional<std::string> query_value(std::string_view query, std::string_view name) {
    while (!query.empty()) {
        const auto end = std::min(query.find('&'), query.size());
        const std::string_view pair = query.substr(0, end);
        query.remove_prefix(std::min(end + 1, query.size()));
        const auto equals = std::min(pair.find('='), pair.size());
        if (pair.substr(0, equals) != name) continue;
        std::string value{pair.substr(std::min(equals + 1, pair.size()))};
        std::ranges::replace(value, '+', ' ');
        return decode_percent(value);
    }
    return {};
}

}  // namespace hikyaku::gateway::api
