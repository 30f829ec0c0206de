// Paths that phones, browsers and crawlers ask every host for by themselves: nobody has tried a
// code with them. The redirector answers them before it looks anything up and outside all budgets,
// so that a phone that asks for an icon with each page is never taken for a guesser. Pure, any
// thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "gateway/api/http.hpp"

namespace hikyaku::gateway::io {

enum class fixed_path : std::uint8_t {
    none,     // the path may be a link
    robots,   // /robots.txt
    nothing,  // /favicon.ico, /apple-touch-icon*.png, /.well-known/*: there is nothing there
};

/// `path` is that of the request, without its query, as it came.
[[nodiscard]] fixed_path fixed_path_of(std::string_view path);

/// The answer; `which` is not `none`. It may be kept for a day, so that phones do not ask again.
[[nodiscard]] api::http_response fixed_response(fixed_path which);

}  // namespace hikyaku::gateway::io
