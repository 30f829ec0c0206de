// The admin pages of the operator's own tasks: alarms, and reports of abuse that are no account's.
// They lie under account 0, which no account has. No sockets; engine's thread.
#pragma once

#include "gateway/api/admin/unmatched.hpp"
#include "gateway/api/request_context.hpp"
#include "gateway/api/service.hpp"

namespace hikyaku::gateway::api {

/// Open ones, the oldest first.
[[nodiscard]] http_response list_operator_tasks(service& gateway, const query_values& asked);
[[nodiscard]] admin_answer end_operator_task(service& gateway, const request_context& request);

}  // namespace hikyaku::gateway::api
