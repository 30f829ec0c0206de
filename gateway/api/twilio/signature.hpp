// X-Twilio-Signature: how an application knows that a request is the gateway's. The URL as it was
// given, behind it each parameter's name and value in the order of names, HMAC-SHA1 with the
// account's auth token, base64. Pure, any thread.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hikyaku::gateway::api::twilio {

/// Names and values, not encoded.
using form_values = std::vector<std::pair<std::string, std::string>>;

/// `posted`: those in the body; empty for a GET, whose parameters stand in `url`.
[[nodiscard]] std::string sign_request(std::string_view auth_token, std::string_view url,
                                       form_values posted);

/// "a=b&c=d", percent-encoded as forms are: letters, digits and "*-._" stay, a space is "+".
[[nodiscard]] std::string encode_form(const form_values& values);

}  // namespace hikyaku::gateway::api::twilio
