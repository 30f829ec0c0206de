// Cookies: reads the header of a request and writes the one of a response (RFC 6265, 4.1 and 5.4).
// For pages and the console, whose sessions live in one. Pure, any thread.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace hikyaku::gateway::api {

/// The value of the first cookie with this name in a Cookie header: browsers put the one of the
/// longer path first. Names are compared octet for octet; what is no pair is passed over. Quotes
/// around a value are part of it (6265, 5.2).
[[nodiscard]] std::optional<std::string_view> cookie_value(std::string_view header,
                                                           std::string_view name);

enum class same_site : std::uint8_t { strict, lax, none };

/// The defaults are those of a session: no script reads it, no other site sends it, nothing but TLS
/// carries it.
struct cookie {
    std::string_view name;  // a token (RFC 9110, 5.6.2)
    std::string_view value;
    std::string_view path = "/";
    std::optional<std::chrono::seconds> max_age;  // empty: until the browser ends; 0: remove it
    bool http_only = true;
    bool secure = true;  // browsers refuse same_site::none without it
    same_site site = same_site::strict;
};

/// The value of Set-Cookie. Empty if name, value or path hold an octet that the header cannot
/// carry: such a cookie would be another one.
[[nodiscard]] std::optional<std::string> write_set_cookie(const cookie& wanted);

}  // namespace hikyaku::gateway::api
