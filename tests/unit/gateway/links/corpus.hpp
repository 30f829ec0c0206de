// A corpus of requests for links as people and machines send them, each with the class it must get.
// Written by hand from what browsers, apps and programs say about themselves; headers are those of
// the connection (Sec-Fetch-* and Sec-CH-UA-* come over TLS only) and of the version named.
#pragma once

#include <span>
#include <string_view>

#include "gateway/links/classify.hpp"

namespace hikyaku::gateway::links::corpus {

struct header {
    std::string_view name, value;
};

struct request {
    std::string_view title;
    hit_class expected;
    std::string_view user_agent;
    std::span<const header> headers;  // beside User-Agent
    std::string_view method = "GET";
};

[[nodiscard]] std::span<const request> people();
[[nodiscard]] std::span<const request> machines();

}  // namespace hikyaku::gateway::links::corpus
