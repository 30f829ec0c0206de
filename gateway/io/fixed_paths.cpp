#include "gateway/io/fixed_paths.hpp"

namespace hikyaku::gateway::io {
namespace {

constexpr std::string_view plain_type = "text/plain; charset=utf-8";

// Everything is allowed. What fetches previews for chat programs obeys this file, and a link that
// is drawn without a card looks like fraud. That nothing gets into an index is said by the header
// X-Robots-Tag of every other answer, which a crawler sees only where it may fetch.
constexpr std::string_view robots_text = "User-agent: *\nDisallow:\n";

}  // namespace

fixed_path fixed_path_of(std::string_view path) {
    if (path == "/robots.txt") return fixed_path::robots;
    if (path == "/favicon.ico" || path == "/.well-known" || path.starts_with("/.well-known/"))
        return fixed_path::nothing;
    const bool is_icon = path.starts_with("/apple-touch-icon") && path.ends_with(".png") &&
                         path.find('/', 1) == std::string_view::npos;
    return is_icon ? fixed_path::nothing : fixed_path::none;
}

api::http_response fixed_response(fixed_path which) {
    const bool is_robots = which == fixed_path::robots;
    api::http_response response;
    response.status = is_robots ? 200 : 404;
    response.content_type = plain_type;
    response.body = is_robots ? robots_text : "not found\n";
    response.headers.emplace_back("Cache-Control", "public, max-age=86400");
    return response;
}

}  // namespace hikyaku::gateway::io
