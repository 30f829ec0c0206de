// The answers that pages have in common, here and in the simulated carrier: a problem, a method
// that is not the page's, a JSON document. Pure, any thread.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "gateway/api/http.hpp"
#include "gateway/api/problems.hpp"

namespace hikyaku::gateway::api {

/// A problem without a place in a body. `detail` says what is wrong this time; may be empty.
[[nodiscard]] http_response refuse(problem_code code, std::string detail = {});

/// 405; `allowed` is the value of Allow: "GET, HEAD".
[[nodiscard]] http_response refuse_method(std::string_view allowed);

/// With this document.
[[nodiscard]] http_response json_answer(const boost::json::object& body, unsigned status = 200);

inline constexpr std::string_view plain_type = "text/plain; charset=utf-8";
inline constexpr std::string_view metrics_type = "text/plain; version=0.0.4; charset=utf-8";

/// With this text.
[[nodiscard]] http_response plain_answer(unsigned status, std::string body,
                                         std::string_view type = plain_type);

}  // namespace hikyaku::gateway::api
