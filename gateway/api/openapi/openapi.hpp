// The OpenAPI 3.1 document of the whole JSON API, made from the route tables of both listeners,
// the shapes of bodies and answers (documents.hpp, message_reader.hpp) and the table of problems,
// so that it says what the program does. Made once for each process; pure, any thread.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/api/http.hpp"
#include "gateway/api/routes.hpp"

namespace hikyaku::gateway::api {

/// The route of the document itself, on both listeners. Nobody has to show a token: the document
/// is that of every gateway of this version, whatever its settings.
extern const route_line openapi_line;

/// Which listener a route belongs to.
enum class listener : std::uint8_t { api, admin, both };

struct described_route : route_line {
    listener at = listener::api;
};

/// All routes of the JSON API, those of the API first; one that both listeners have stands once.
[[nodiscard]] std::vector<described_route> described_routes();

/// The part of the API that a route is about: "messages", "account", "operation", "description".
[[nodiscard]] std::string_view tag_of(const described_route& line);

/// Every code with which a route may be refused, in the order of error_table().
[[nodiscard]] std::vector<problem_code> codes_of(const described_route& line);

[[nodiscard]] boost::json::object openapi_document();

/// The same as text, made by the first call and kept.
[[nodiscard]] const std::string& openapi_text();

/// The answer to GET /openapi.json: the document, or 304 if the client has it.
[[nodiscard]] http_response openapi_response(const http_request& request);

}  // namespace hikyaku::gateway::api
