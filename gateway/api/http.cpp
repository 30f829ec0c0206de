#include "gateway/api/http.hpp"

#include <arpa/inet.h>

#include <algorithm>

#include "smpp/text/ascii.hpp"

namespace hikyaku::gateway::api {
bool equal_ignoring_case(std::string_view left, std::string_view right) {
    return std::ranges::equal(left, right, {}, smpp::text::lower_ascii, smpp::text::lower_ascii);
}

std::string to_string(const peer_address& address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    inet_ntop(address.v6 ? AF_INET6 : AF_INET, address.bytes.data(), text.data(), text.size());
    return text.data();
}

std::string_view trim_blanks(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
}

std::string_view media_type(std::string_view content_type) {
    return trim_blanks(content_type.substr(0, content_type.find(';')));
}

std::string_view http_request::header(std::string_view name) const {
    for (const http_header& each : headers)
        if (equal_ignoring_case(each.name, name)) return each.value;
    return {};
}

}  // namespace hikyaku::gateway::api
