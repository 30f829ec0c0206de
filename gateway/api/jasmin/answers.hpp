// What the Jasmin door answers: Jasmin's statuses and words, from the table of errors
// (gateway/engine/errors.cpp), where applications look for them. Pure, any thread.
#pragma once

#include "gateway/api/http.hpp"
#include "gateway/api/jasmin/request.hpp"
#include "gateway/engine/types.hpp"

namespace hikyaku::gateway::api::jasmin {

/// The words of an error; `what` gives the values of the arguments that they name. The error is one
/// of this door's.
[[nodiscard]] std::string words_of(const fault& wrong, const request& what);

/// `Success "1024819115206086656"`
[[nodiscard]] http_response success(message_id id);
/// `Error "No route found"`
[[nodiscard]] http_response error(const fault& wrong, const request& what);
/// The same for /rate and /balance: a JSON string.
[[nodiscard]] http_response json_error(const fault& wrong, const request& what);

}  // namespace hikyaku::gateway::api::jasmin
