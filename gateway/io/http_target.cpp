#include "gateway/io/http_target.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <charconv>

namespace hikyaku::gateway::io {

std::optional<http_target> parse_http_url(std::string_view url) {
    const auto parsed = boost::urls::parse_uri(url);
    if (!parsed) return {};
    const boost::urls::url_view& view = *parsed;
    http_target target;
    if (view.scheme_id() == boost::urls::scheme::https) {
        target.tls = true;
        target.port = 443;
    } else if (view.scheme_id() != boost::urls::scheme::http) {
        return {};
    }
    if (view.has_userinfo() || view.host_address().empty()) return {};
    // port_number() would cut a number that is too large.
    if (const auto port = view.port(); !port.empty()) {
        const auto [end, error] =
            std::from_chars(port.data(), port.data() + port.size(), target.port);
        if (error != std::errc{} || target.port == 0) return {};
    }
    target.host = view.host_address();
    const auto host_and_port = view.encoded_host_and_port();
    target.host_header.assign(host_and_port.data(), host_and_port.size());
    const auto path = view.encoded_target();
    target.path.assign(path.data(), path.size());
    if (!target.path.starts_with('/')) target.path.insert(0, "/");
    return target;
}

}  // namespace hikyaku::gateway::io
