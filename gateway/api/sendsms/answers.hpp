// What the sendsms door answers: Kannel's statuses and texts, word for word where Kannel has one,
// because applications compare them. Measured with Kannel 1.4.5; docs/errors.md marks those that
// are our own. Pure, any thread.
#pragma once

#include "gateway/api/http.hpp"
#include "gateway/engine/errors.hpp"

namespace hikyaku::gateway::api {

/// text/html and not to be cached, as Kannel says it. `why` is one of this door's.
[[nodiscard]] http_response render_sendsms(error_id why);
/// All is on disk. `queued`: no carrier is there to take it.
[[nodiscard]] http_response render_sendsms_accepted(bool queued);

}  // namespace hikyaku::gateway::api
