// Where a request of http_client goes: its URL in parts. An account's URL must not lead into the
// operator's own network: the address that a name resolved to is judged (networks.hpp), and that
// very address is connected to. Pure, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hikyaku::gateway::io {

struct http_target {
    bool tls = false;
    std::string host;  // name or address, without brackets
    std::uint16_t port = 80;
    std::string host_header;  // as written in the URL
    std::string path;         // with the query; at least "/"
};

/// Empty unless the URL is absolute, http or https, with a host and without user and password.
[[nodiscard]] std::optional<http_target> parse_http_url(std::string_view url);

}  // namespace hikyaku::gateway::io
