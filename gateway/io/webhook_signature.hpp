// Signs webhooks as the Standard Webhooks specification says: HMAC-SHA256 over
// "<id>.<timestamp>.<body>", in base64 behind "v1,". Pure, any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hikyaku::gateway::io {

/// The key of a configured secret: "whsec_" and base64, decoded; anything else as it stands.
[[nodiscard]] std::string signing_key(std::string_view secret);

/// "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=".
[[nodiscard]] std::string sign_webhook(std::string_view key, std::string_view id,
                                       std::int64_t timestamp, std::string_view body);

/// The value of webhook-signature: one signature for each secret that is not empty, separated by a
/// space; during a rotation there are two.
[[nodiscard]] std::string webhook_signature(std::string_view secret,
                                            std::string_view secret_previous, std::string_view id,
                                            std::int64_t timestamp, std::string_view body);

}  // namespace hikyaku::gateway::io
