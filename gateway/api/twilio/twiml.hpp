// TwiML for messages, as far as an SMS gateway can follow it: what an application answers when it
// is told of a reply. pugixml reads it, which expands no entity of a document's own and follows
// none to the outside; the size of the text and the number of messages are bounded. Pure, any
// thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hikyaku::gateway::api::twilio {

inline constexpr std::size_t twiml_octets_max = 64 << 10;
inline constexpr std::size_t twiml_messages_max = 10;

/// One <Message>; an attribute that it does not have is empty.
struct twiml_message {
    std::string to, from, action, text;
};

struct twiml {
    std::vector<twiml_message> messages;
    /// What was not followed, a sentence each; for the log, without what a person wrote.
    std::vector<std::string> notes;
};

/// An empty text holds no message. What is no TwiML is a note.
[[nodiscard]] twiml read_twiml(std::string_view text);

}  // namespace hikyaku::gateway::api::twilio
