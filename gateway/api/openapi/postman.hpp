// The routes of the JSON API as a collection for Postman and what reads its format (v2.1): a folder
// for each part of the API, a request with an example for each route, and variables for addresses,
// tokens and ids. Made from the same tables as the OpenAPI document; pure, any thread.
#pragma once

#include <boost/json/object.hpp>

namespace hikyaku::gateway::api {

[[nodiscard]] boost::json::object postman_collection();

}  // namespace hikyaku::gateway::api
