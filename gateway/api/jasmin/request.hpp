// A request to the Jasmin door as its arguments: from the query, a form, or a JSON object, as
// Jasmin's legacy HTTP API takes them, and the checks that need nothing but the arguments. The
// words of the faults are Jasmin's (gateway/engine/errors.cpp). Pure, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/api/http.hpp"
#include "gateway/api/target.hpp"
#include "gateway/engine/errors.hpp"

namespace hikyaku::gateway::api::jasmin {

/// What `{argument}` and `{value}` stand for in the text of the error.
struct fault {
    error_id why{};
    std::string argument;
    std::string value;
};

struct request {
    /// Of one name the first counts. Of a JSON object the values that are no texts are as JSON,
    /// and null is left out.
    std::vector<decoded_parameter> arguments;
    bool json = false;           // texts are UTF-8 whatever `coding` says
    std::optional<fault> wrong;  // cannot be read at all

    /// nullptr: it is not there.
    [[nodiscard]] const std::string* find(std::string_view name) const;
    /// Empty where it is not there.
    [[nodiscard]] std::string_view value_of(std::string_view name) const;
};

/// What is asked for; each takes arguments of its own.
enum class page : std::uint8_t { send, rate, balance };

[[nodiscard]] request read_request(const http_request& http);

/// An argument that the page does not know, that is missing, or of another shape than it should be,
/// in the order in which Jasmin finds them.
[[nodiscard]] std::optional<fault> check_arguments(const request& what, page asked);

}  // namespace hikyaku::gateway::api::jasmin
