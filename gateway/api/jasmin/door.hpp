// The Jasmin door: applications written for Jasmin's HTTP API submit with GET or POST to /send, ask
// /rate and /balance, and get Jasmin's answers (docs/jasmin.md). Off unless [server.http] says
// `jasmin = true`. Success is answered after the commit, like everywhere. Wrong passwords are
// counted (door_login.hpp). Nothing of a request is logged, for it holds the password. One object,
// engine's thread.
#pragma once

#include <optional>

#include "gateway/api/door.hpp"
#include "gateway/api/jasmin/request.hpp"

namespace hikyaku::gateway::api {

/// What waits is the id of the message.
class jasmin_door final : public protocol_door<message_id> {
public:
    using protocol_door::protocol_door;

    [[nodiscard]] bool takes(const http_request& request) const override;
    [[nodiscard]] std::optional<http_response> handle(const http_request& request,
                                                      session_id session, instant now) override;
    [[nodiscard]] std::optional<http_response> submission_settled(reply_ticket ticket,
                                                                  refusal why) override;

private:
    [[nodiscard]] std::optional<account_id> authenticate(const http_request& http,
                                                         const jasmin::request& request,
                                                         instant now);
    [[nodiscard]] std::optional<http_response> send(const http_request& http,
                                                    const jasmin::request& request,
                                                    session_id session, instant now);
    [[nodiscard]] http_response rate(const http_request& http, jasmin::request&& request,
                                     instant now);
    [[nodiscard]] http_response balance(const http_request& http, const jasmin::request& request,
                                        instant now);
};

}  // namespace hikyaku::gateway::api
