#include "config/link_domains.hpp"

#include <algorithm>

#include "config/checks.hpp"

namespace hikyaku::config {
namespace {

bool is_label_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

}  // namespace

std::string host_of_url(std::string_view url) {
    std::string host(split_url(url).host);
    for (char& c : host)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return host;
}

std::string link_base_of(const account_links& own, const links_server& all) {
    if (!own.base_url.empty()) return own.base_url;
    if (!own.domains.empty()) return "https://" + own.domains.front();
    return all.base_url;
}

std::string link_domain_of(const account_links& own, const links_server& all) {
    return host_of_url(link_base_of(own, all));
}

bool is_own_domain(const account_links& own, std::string_view host) {
    if (host.empty()) return false;
    return std::ranges::find(own.domains, host) != own.domains.end() ||
           (!own.base_url.empty() && host_of_url(own.base_url) == host);
}

bool is_domain_name(std::string_view text) {
    constexpr std::size_t octets_max = 253;
    if (text.empty() || text.size() > octets_max || text.front() == '.' || text.back() == '.')
        return false;
    return text.find("..") == std::string_view::npos &&
           std::ranges::all_of(text, [](char c) { return c == '.' || is_label_char(c); });
}

bool is_target_pattern(std::string_view text) {
    constexpr std::size_t octets_max = 1024;
    if (text.size() > octets_max) return false;
    const auto slash = text.find('/');
    const auto path = slash == std::string_view::npos ? std::string_view{} : text.substr(slash);
    std::string_view host = text.substr(0, slash);
    if (const auto colon = host.find(':'); colon != std::string_view::npos) {
        const auto port = host.substr(colon + 1);
        constexpr std::size_t digits_max = 5;
        if (port.empty() || port.size() > digits_max ||
            !std::ranges::all_of(port, [](char c) { return c >= '0' && c <= '9'; }))
            return false;
        host = host.substr(0, colon);
    }
    if (host.starts_with("*.")) host.remove_prefix(2);
    return is_domain_name(host) && std::ranges::all_of(path, [](char c) {
               return c > ' ' && c < 0x7F && c != '?' && c != '#' && c != '*';
           });
}

}  // namespace hikyaku::config
