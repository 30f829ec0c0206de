// Twilio's sids: two letters and 32 hexadecimal digits. That of a message is made from its id and
// read back; those of accounts, keys and messaging services stand in the configuration. Pure, any
// thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/engine/types.hpp"

namespace hikyaku::gateway::api::twilio {

/// "SM", 16 zeros, and the id in 16 digits.
[[nodiscard]] std::string sid_of(message_id id);
/// The same for a reply that came in: its events' number, with a 1 before it.
[[nodiscard]] std::string incoming_sid_of(std::uint64_t sequence);

/// The message of a sid in either case of letters; empty for anything else, and for replies.
[[nodiscard]] std::optional<message_id> parse_message_sid(std::string_view text);

/// Two letters as given and 32 hexadecimal digits.
[[nodiscard]] bool is_sid(std::string_view text, std::string_view letters);

}  // namespace hikyaku::gateway::api::twilio
