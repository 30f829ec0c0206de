#include "gateway/api/http.hpp"

#include <arpa/inet.h>

#include <algorithm>

namespace hikyaku::gateway::api {
namespace {

constexpr char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

}  // namespace

bool equal_ignoring_case(std::string_view left, std::string_view right) {
    return std::ranges::equal(left, right, {}, lower, lower);
}

std::string to_string(const peer_address& address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    inet_ntop(address.v6 ? AF_INET6 : AF_INET, address.bytes.data(), text.data(), text.size());
    return text.data();
}

std::string_view http_request::header(std::string_view name) const {
    for (const http_header& each : headers) {
        if (equal_ignoring_case(each.name, name)) return each.value;
    }
    return {};
}

}  // namespace hikyaku::gateway::api
