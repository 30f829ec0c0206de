#include "gateway/io/redirect_decision.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <vector>

#include "gateway/api/target.hpp"
#include "gateway/links/code.hpp"

namespace hikyaku::gateway::io {
namespace {

constexpr std::string_view html_type = "text/html; charset=utf-8";
// Shaped like a code, and as good as impossible to be drawn. Even if it were, well_formed is false.
constexpr std::string_view impossible_code = "11111111111111111111111111111111";
static_assert(impossible_code.size() == links::code_length_max);

constexpr std::string_view neutral_page =
    "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
    "<meta name=\"robots\" content=\"noindex\"><title>Not available</title></head>"
    "<body style=\"font-family:sans-serif;margin:2rem\"><p>This page is not available.</p>"
    "<p lang=\"ja\">このページは表示できません。</p></body></html>\n";

// Every answer of the redirector carries these.
void add_privacy(api::http_response& response) {
    response.headers.emplace_back("Cache-Control", "no-store");
    response.headers.emplace_back("Referrer-Policy", "no-referrer");
    response.headers.emplace_back("X-Robots-Tag", "noindex, nofollow");
}

// What is stored was checked when it was written; this keeps a damaged store from splitting heads.
bool fits_header(std::string_view text) {
    return !text.empty() && std::ranges::all_of(
                                text, [](char c) { return c > ' ' && c < 0x7F; });
}

std::string_view trim(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

std::optional<api::peer_address> parse_address(std::string_view text) {
    boost::system::error_code error;
    const auto parsed = boost::asio::ip::make_address(std::string{text}, error);
    if (error) return {};
    api::peer_address result;
    if (parsed.is_v4()) {
        std::ranges::copy(parsed.to_v4().to_bytes(), result.bytes.begin());
    } else if (parsed.to_v6().is_v4_mapped()) {
        const auto bytes = parsed.to_v6().to_bytes();
        std::copy(bytes.begin() + 12, bytes.end(), result.bytes.begin());
    } else {
        result.v6 = true;
        std::ranges::copy(parsed.to_v6().to_bytes(), result.bytes.begin());
    }
    return result;
}

bool is_trusted(const api::peer_address& address, std::span<const config::network> trusted) {
    return std::ranges::any_of(
        trusted,
        [&address](const config::network& each) {
            return each.contains(address.bytes.data(), address.v6);
        });
}

/// What Host says; "" where it names no domain: it is missing, an address, or a name without a dot,
/// because a proxy has put its own name for this machine there or an operator tries a link.
std::string domain_of(std::string_view host) {
    if (host.starts_with('[')) return {};
    std::string domain(host.substr(0, host.find(':')));
    for (char& c : domain)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    while (domain.ends_with('.'))
        domain.pop_back();
    const bool is_address = domain.find_first_not_of("0123456789.") == std::string::npos;
    return is_address || domain.find('.') == std::string::npos ? std::string{} : domain;
}

}  // namespace

redirect_request read_redirect(const api::http_request& request) {
    redirect_request result;
    const std::string_view path = api::split_target(request.target).path;
    const bool is_abuse = path == "/abuse";
    const bool reads = request.method == "HEAD" || request.method == "GET";
    if (!reads && !(is_abuse && request.method == "POST")) {
        result.what = redirect_request::kind::bad_method;
        return result;
    }
    result.host = domain_of(request.header("Host"));
    result.wants_json = path == "/about.json";
    if (is_abuse || path == "/about" || result.wants_json) {
        result.what = is_abuse ? redirect_request::kind::abuse : redirect_request::kind::about;
        return result;
    }
    result.fixed = fixed_path_of(path);
    if (result.fixed != fixed_path::none) {
        result.what = redirect_request::kind::fixed;
        return result;
    }
    const std::string_view code = links::find_code(path);
    result.well_formed = !code.empty();
    result.code = result.well_formed ? code : impossible_code;
    return result;
}

api::peer_address client_address(const api::http_request& request,
                                 std::span<const config::network> trusted_proxies) {
    api::peer_address client = request.peer;
    // Several headers count as one list, in their order; it is read from the right.
    for (std::size_t i = request.headers.size(); i > 0; --i) {
        const api::http_header& header = request.headers[i - 1];
        if (!api::equal_ignoring_case(header.name, "X-Forwarded-For")) continue;
        std::string_view rest = header.value;
        while (!rest.empty()) {
            if (!is_trusted(client, trusted_proxies)) return client;
            const auto comma = rest.rfind(',');
            const bool last = comma == std::string_view::npos;
            const auto entry = parse_address(trim(last ? rest : rest.substr(comma + 1)));
            if (!entry) return client;
            client = *entry;
            rest = last ? std::string_view{} : rest.substr(0, comma);
        }
    }
    return client;
}

api::http_response neutral_response(unsigned status) {
    api::http_response response;
    response.status = status;
    response.content_type = html_type;
    response.body = neutral_page;
    add_privacy(response);
    return response;
}

api::http_response redirect_response(const redirect_request& request,
                                     const std::optional<link_view>& link, std::int64_t now_ms) {
    const bool valid =
        link && request.well_formed && link->expires_ms > now_ms && !link->is_used_up();
    if (!valid || !fits_header(link->target)) return neutral_response(404);
    api::http_response response;
    response.headers.reserve(4);
    response.status = 302;
    response.content_type = {};
    response.headers.emplace_back("Location", link->target);
    add_privacy(response);
    return response;
}

api::http_response bad_method_response() {
    api::http_response response = neutral_response(405);
    response.headers.emplace_back("Allow", "GET, HEAD");
    return response;
}

api::http_response too_many_response(std::chrono::milliseconds retry_after) {
    api::http_response response = neutral_response(429);
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(retry_after).count();
    response.headers.emplace_back("Retry-After",
                                  std::to_string(std::max<std::int64_t>(1, seconds)));
    return response;
}

}  // namespace hikyaku::gateway::io
