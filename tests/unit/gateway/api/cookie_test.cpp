#include "gateway/api/cookie.hpp"

#include <gtest/gtest.h>

namespace hikyaku::gateway::api {
namespace {

TEST(Cookie, the_first_one_with_the_name) {
    struct row {
        std::string_view header;
        std::optional<std::string_view> value;
    };
    const row rows[] = {
        {"sid=abc", "abc"},
        {"a=1; sid=abc; b=2", "abc"},
        {"a=1;sid=abc", "abc"},
        {"sid=first; sid=second", "first"},
        {"sid=", ""},
        {"sid=a=b==", "a=b=="},
        {"sid=\"quoted\"", "\"quoted\""},
        {"  sid \t=  abc  ;", "abc"},
        {"sid; sid=late", "late"},
        {"SID=other; xsid=1", {}},
        {"", {}},
        {";;;", {}},
        {"other=sid=abc", {}},
    };
    for (const row& each : rows)
        EXPECT_EQ(cookie_value(each.header, "sid"), each.value) << each.header;
}

TEST(Cookie, is_written_for_a_session) {
    EXPECT_EQ(write_set_cookie({.name = "sid", .value = "abc"}),
              "sid=abc; Path=/; HttpOnly; Secure; SameSite=Strict");
    EXPECT_EQ(write_set_cookie({.name = "sid",
                                .value = "",
                                .path = "/console",
                                .max_age = std::chrono::seconds{0},
                                .http_only = false,
                                .secure = false,
                                .site = same_site::lax}),
              "sid=; Path=/console; Max-Age=0; SameSite=Lax");
    EXPECT_EQ(
        write_set_cookie(
            {.name = "x", .value = "y", .max_age = std::chrono::hours{1}, .site = same_site::none}),
        "x=y; Path=/; Max-Age=3600; HttpOnly; Secure; SameSite=None");
}

TEST(Cookie, that_would_be_another_is_not_written) {
    for (const std::string_view name : {"", "a b", "a=b", "a;b", "\xC3\xA4", "a\r\n"})
        EXPECT_EQ(write_set_cookie({.name = name, .value = "v"}), std::nullopt) << name;
    for (const std::string_view value :
         {"a b", "a;Path=/", "a,b", "a\"", "a\\", "a\r\nX: y", "\xC3"})
        EXPECT_EQ(write_set_cookie({.name = "n", .value = value}), std::nullopt) << value;
    for (const std::string_view path : {"", "console", "/a;Domain=x", "/a\r\n"})
        EXPECT_EQ(write_set_cookie({.name = "n", .value = "v", .path = path}), std::nullopt)
            << path;
}

}  // namespace
}  // namespace hikyaku::gateway::api
