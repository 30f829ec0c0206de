#include "gateway/links/targets.hpp"

#include <algorithm>
#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>

#include "gateway/links/ascii.hpp"
#include "gateway/links/rewrite.hpp"

namespace hikyaku::gateway::links {
namespace {

struct destination {
    std::string host;  // lower case
    std::string port;  // empty: that of the scheme
    std::string path;  // normal form
};

std::optional<destination> read_destination(std::string_view url) {
    const auto parsed = boost::urls::parse_uri(url);
    if (!parsed || parsed->has_userinfo()) return std::nullopt;
    boost::urls::url normal(*parsed);
    normal.normalize();
    destination out;
    out.host = std::string(normal.encoded_host());
    std::ranges::transform(out.host, out.host.begin(), ascii::to_lower);
    const std::string_view scheme = normal.scheme();
    const std::string_view port = normal.port();
    if (port != (scheme == "https" ? "443" : "80")) out.port = port;
    out.path = std::string(normal.encoded_path());
    return out;
}

bool has_host(std::string_view host, std::string_view pattern) {
    if (!pattern.starts_with("*.")) return host == pattern;
    pattern.remove_prefix(1);
    return host.size() > pattern.size() && host.ends_with(pattern);
}

/// An escaped slash or backslash may be taken for one by the server behind the URL.
bool hides_slash(std::string_view path) {
    for (std::size_t at = path.find('%'); at != std::string_view::npos;
         at = path.find('%', at + 1)) {
        const std::string_view digits = path.substr(at + 1, 2);
        if (digits == "2F" || digits == "2f" || digits == "5C" || digits == "5c") return true;
    }
    return false;
}

bool begins_with(std::string_view path, std::string_view beginning) {
    while (beginning.ends_with('/'))
        beginning.remove_suffix(1);
    if (beginning.empty()) return true;
    return path.starts_with(beginning) && !hides_slash(path) &&
           (path.size() == beginning.size() || path[beginning.size()] == '/');
}

bool matches(const destination& where, std::string_view pattern) {
    const auto slash = pattern.find('/');
    const auto path = slash == std::string_view::npos ? std::string_view{} : pattern.substr(slash);
    std::string_view host = pattern.substr(0, slash);
    const auto colon = host.find(':');
    const auto port = colon == std::string_view::npos ? std::string_view{} : host.substr(colon + 1);
    host = host.substr(0, colon);
    return has_host(where.host, host) && where.port == port && begins_with(where.path, path);
}

}  // namespace

bool is_allowed_target(std::string_view url, std::span<const std::string> allowed) {
    const auto where = read_destination(url);
    return where && std::ranges::any_of(allowed, [&where](const std::string& pattern) {
               return matches(*where, pattern);
           });
}

std::optional<std::size_t> find_foreign_target(std::string_view text,
                                               std::span<const std::string> allowed,
                                               std::string_view base_url) {
    for (const found_url& each : find_urls(text, base_url))
        if (!each.is_sound || !is_allowed_target(each.target, allowed)) return each.position;
    return std::nullopt;
}

}  // namespace hikyaku::gateway::links
