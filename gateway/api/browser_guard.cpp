#include "gateway/api/browser_guard.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <utility>

namespace hikyaku::gateway::api {
namespace {

bool is_numeric(std::string_view host, int family) {
    std::array<unsigned char, 16> octets{};
    return inet_pton(family, std::string(host).c_str(), octets.data()) == 1;
}

bool is_port(std::string_view text) {
    return text.size() <= 5 && std::ranges::all_of(
                                   text, [](char c) { return c >= '0' && c <= '9'; });
}

/// `authority` is a host, perhaps with a port.
bool is_own_host(std::string_view authority, std::span<const std::string> hosts) {
    // A NUL would end what inet_pton() reads.
    if (authority.find('\0') != std::string_view::npos) return false;
    if (authority.starts_with('[')) {
        const auto end = authority.find(']');
        if (end == std::string_view::npos) return false;
        const std::string_view rest = authority.substr(end + 1);
        return (rest.empty() || (rest.front() == ':' && is_port(rest.substr(1)))) &&
               is_numeric(authority.substr(1, end - 1), AF_INET6);
    }
    const auto colon = authority.find(':');
    if (colon != std::string_view::npos && !is_port(authority.substr(colon + 1))) return false;
    std::string_view host = authority.substr(0, colon);
    if (is_numeric(host, AF_INET)) return true;
    if (host.ends_with('.')) host.remove_suffix(1);
    return equal_ignoring_case(host, "localhost") ||
           std::ranges::any_of(hosts, [host](const std::string& own) {
               return !own.empty() && equal_ignoring_case(host, own);
           });
}

/// The authority of a target in absolute form, which counts instead of Host (RFC 9112, 3.2.2).
std::optional<std::string_view> authority_of(std::string_view target) {
    const auto scheme = target.find("://");
    if (target.starts_with('/') || scheme == std::string_view::npos) return {};
    const std::string_view rest = target.substr(scheme + 3);
    return rest.substr(0, rest.find_first_of("/?#"));
}

bool is_called_by_own_name(const http_request& request, std::span<const std::string> hosts) {
    bool named = false;
    for (const http_header& each : request.headers) {
        if (!equal_ignoring_case(each.name, "Host")) continue;
        named = true;
        if (!is_own_host(each.value, hosts)) return false;
    }
    if (const auto authority = authority_of(request.target)) return is_own_host(*authority, hosts);
    return named || request.version < 11;  // HTTP/1.0 has no Host, and no browser speaks it
}

bool is_click(const http_request& request) {
    return request.method == "GET" && request.header("Sec-Fetch-Mode") == "navigate" &&
           request.header("Sec-Fetch-Dest") == "document" &&
           request.header("Sec-Fetch-User") == "?1";
}

bool is_from_own_page(const http_request& request) {
    for (const http_header& each : request.headers) {
        if (!equal_ignoring_case(each.name, "Sec-Fetch-Site")) continue;
        // "none": typed in, or from a bookmark.
        const bool own = each.value == "same-origin" || each.value == "none";
        if (!own && !is_click(request)) return false;
    }
    return true;
}

bool has_own_origin(const http_request& request) {
    const std::string_view host = request.header("Host");
    for (const http_header& each : request.headers) {
        if (!equal_ignoring_case(each.name, "Origin")) continue;
        const bool own = equal_ignoring_case(each.value, std::string("http://").append(host)) ||
                         equal_ignoring_case(each.value, std::string("https://").append(host));
        if (!own) return false;
    }
    return true;
}

}  // namespace

std::optional<problem> refuse_foreign_page(const http_request& request,
                                           std::span<const std::string> hosts) {
    problem what;
    if (!is_called_by_own_name(request, hosts)) {
        what.code = problem_code::host_not_allowed;
        what.detail = "names beside localhost are listed in hosts of [server.admin]";
        return what;
    }
    const bool changes = request.method != "GET" && request.method != "HEAD";
    if (is_from_own_page(request) && (!changes || has_own_origin(request))) return {};
    what.code = problem_code::origin_not_allowed;
    return what;
}

}  // namespace hikyaku::gateway::api
