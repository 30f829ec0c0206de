// One HTTP request and its response as plain data, so that the handlers of this folder know no
// socket. gateway/io/http_server fills requests (views into the connection's buffers, valid until
// handle() returns) and sends responses; tests make both by hand. Engine's thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/api/body_stream.hpp"

namespace hikyaku::gateway::api {

/// The address of the other side, in network order. IPv4 mapped into IPv6 arrives as IPv4.
struct peer_address {
    std::array<std::uint8_t, 16> bytes{};
    bool v6 = false;
    [[nodiscard]] std::span<const std::uint8_t> octets() const {
        return {bytes.data(), v6 ? 16u : 4u};
    }
    bool operator==(const peer_address&) const = default;
};

/// "203.0.113.7", "2001:db8::1".
[[nodiscard]] std::string to_string(const peer_address& address);

struct http_header {
    std::string_view name, value;
};

struct http_request {
    std::string_view method;  // "GET", case matters
    std::string_view target;  // as received: path and query
    unsigned version = 11;
    std::span<const http_header> headers;
    std::string_view body;  // whole, or empty where it comes in pieces
    peer_address peer;

    /// The value of the first header with this name (any case), empty if there is none.
    [[nodiscard]] std::string_view header(std::string_view name) const;
};

inline constexpr std::string_view json_type = "application/json";
inline constexpr std::string_view problem_type = "application/problem+json";
inline constexpr std::string_view lines_type = "application/x-ndjson";  // a JSON value each

/// Without the spaces and tabs around it (RFC 9110, 5.6.3).
[[nodiscard]] std::string_view trim_blanks(std::string_view text);

/// A Content-Type without its parameters.
[[nodiscard]] std::string_view media_type(std::string_view content_type);

/// The server adds Date, Content-Length or Transfer-Encoding, and Connection itself.
struct http_response {
    unsigned status = 200;
    std::string_view content_type = json_type;  // static text; empty = no such header
    std::string body;
    std::vector<std::pair<std::string_view, std::string>> headers;  // names are static text
    bool is_identified = false;  // the client has shown who it is: its connection keeps its place
    std::unique_ptr<body_source> source;  // brings the body instead, in pieces
};

/// Compares ASCII text in any case, as header names and authentication schemes want it.
[[nodiscard]] bool equal_ignoring_case(std::string_view left, std::string_view right);

}  // namespace hikyaku::gateway::api
