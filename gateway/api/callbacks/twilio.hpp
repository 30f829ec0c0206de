// The callbacks of applications that were written for Twilio: what becomes of a message goes to its
// StatusCallback, a reply to `twilio.sms_url`, as a form that is signed with the account's auth
// token (docs/twilio.md). Pure, any thread.
#pragma once

#include "gateway/api/callbacks/callback.hpp"

namespace hikyaku::gateway::api {

/// REQUIRES: the account has twilio.
[[nodiscard]] rendered_callback render_twilio_callback(const callback_request& what,
                                                       const config::account& account);

}  // namespace hikyaku::gateway::api
