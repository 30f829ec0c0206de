// What an application answers to a reply that it is told of (TwiML) becomes messages: each is
// submitted once, also when the reply is told again because the answer to the request was lost. The
// event of the reply is done when its messages are on disk. One object, engine's thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "gateway/api/callbacks/callback.hpp"
#include "gateway/api/service.hpp"
#include "gateway/api/twilio/twiml.hpp"

namespace hikyaku::gateway::api::twilio {

class reply_answers {
public:
    explicit reply_answers(service& gateway) : service_(gateway) {}

    struct begun {
        bool is_pending = false;           // settled() follows
        bool is_refused = false;           // otherwise: the reply has to be told again
        std::vector<std::string> notes{};  // for the log
    };
    /// `sequence` is the event's, `session` a new one. `body` is what the application answered.
    [[nodiscard]] begun begin(account_id account, std::uint64_t sequence,
                              const answerable_reply& reply, std::string_view body,
                              session_id session, instant now);

    [[nodiscard]] bool waits(session_id session) const {
        return pending_.contains(static_cast<std::uint64_t>(session));
    }
    struct finished {
        account_id account{};
        std::uint64_t sequence = 0;
        bool is_refused = false;
    };
    /// The end of one submission; set when it was the last.
    [[nodiscard]] std::optional<finished> settled(reply_ticket ticket, refusal why);

private:
    struct pending_answer {
        account_id account{};
        std::uint64_t sequence = 0;
        std::vector<std::string> keys;  // of its messages, by ticket.sequence
        std::size_t remaining = 0;
        bool is_refused = false;
    };

    /// False: the reply has to be told again.
    bool submit_one(const twiml_message& message, const answerable_reply& reply, session_id session,
                    instant now, pending_answer& into, std::vector<std::string>& notes);

    service& service_;
    std::unordered_map<std::uint64_t, pending_answer> pending_;  // by session
};

}  // namespace hikyaku::gateway::api::twilio
