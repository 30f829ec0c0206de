// Who a request comes from: the bearer token (RFC 6750), the addresses it may be used from, how
// long it is good for and what it allows. Used by both routers of this folder. Engine's thread.
#pragma once

#include <optional>

#include "gateway/api/http.hpp"
#include "gateway/api/routes.hpp"
#include "gateway/api/service.hpp"

namespace hikyaku::gateway::api {

struct bearer {
    std::optional<http_response> refusal;  // token_missing, token_invalid, token_expired,
                                           // address_not_allowed
    known_token token{};                   // without a refusal
};

[[nodiscard]] bearer authenticate(service& gateway, const http_request& request, instant now);

/// Empty: the token may. Otherwise 403 role_missing.
[[nodiscard]] std::optional<http_response> refuse_role(const known_token& token, role needed);

}  // namespace hikyaku::gateway::api
