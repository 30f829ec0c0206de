// The callbacks of applications that were written for Kannel: a GET of `dlr-url` or
// `sendsms.reply_url` with its escapes filled in from the event (docs/sendsms.md). Pure, any
// thread.
#pragma once

#include "gateway/api/callbacks/callback.hpp"

namespace hikyaku::gateway::api {

/// REQUIRES: the account has sendsms.
[[nodiscard]] rendered_callback render_kannel_callback(const callback_request& what,
                                                       const config::account& account);

}  // namespace hikyaku::gateway::api
