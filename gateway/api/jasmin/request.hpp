// A request to the Jasmin door as its arguments: from the query, a form, or a JSON object, as
// Jasmin's legacy HTTP API takes them, and the checks that need nothing but the arguments. The
// words of the faults are Jasmin's (gateway/engine/errors.cpp). Pure, any thread.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/api/http.hpp"
#include "gateway/engine/errors.hpp"

namespace hikyaku::gateway::api::jasmin {

/// What `{argument}` and `{value}` stand for in the text of the error.
struct fault {
    error_id why{};
    std::string argument;
    std::string value;
};

struct argument {
    std::string name;
    std::string value;  // decoded; JSON values other than texts as JSON, null left out
};

struct request {
    std::vector<argument> arguments;  // of one name the first counts
    bool json = false;                // texts are UTF-8 whatever `coding` says
    std::optional<fault> wrong;       // cannot be read at all

    /// nullptr: it is not there.
    [[nodiscard]] const std::string* find(std::string_view name) const;
    /// Empty where it is not there.
    [[nodiscard]] std::string_view value_of(std::string_view name) const;
};

/// What a request may hold.
struct field {
    std::string_view name;
    bool required = false;
    bool (*valid)(std::string_view value) = nullptr;  // null: any
};
[[nodiscard]] std::span<const field> send_fields();
[[nodiscard]] std::span<const field> rate_fields();
[[nodiscard]] std::span<const field> balance_fields();

[[nodiscard]] request read_request(const http_request& http);

/// An argument that is not known, missing, or of another shape than its field wants, in the order
/// in which Jasmin finds them.
[[nodiscard]] std::optional<fault> check_arguments(const request& what,
                                                   std::span<const field> fields);

}  // namespace hikyaku::gateway::api::jasmin
