// The sendsms door: applications written for Kannel submit with GET or POST to /cgi-bin/sendsms and
// get Kannel's answers (docs/sendsms.md). Off unless [server.http] says `sendsms = true`. 202 is
// answered after the commit, like everywhere. Wrong passwords are counted (door_login.hpp).
// Nothing of a request is logged, for the query holds the password. One object, engine's thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/api/door.hpp"
#include "gateway/api/sendsms/answers.hpp"
#include "gateway/api/sendsms/message.hpp"
#include "gateway/api/sendsms/request.hpp"

namespace hikyaku::gateway::api {

/// A request that waits for the disk.
struct sendsms_pending {
    bool queued = false;                 // for one of them no carrier is there
    std::vector<std::string> receivers;  // that were taken; by ticket.sequence
    std::vector<std::string> denied;
    std::vector<std::string> failed;
    std::size_t remaining = 0;
    std::size_t stored = 0;
};

class sendsms_door final : public protocol_door<sendsms_pending> {
public:
    static constexpr std::string_view path = "/cgi-bin/sendsms";

    using protocol_door::protocol_door;

    [[nodiscard]] bool takes(const http_request& request) const override;
    [[nodiscard]] std::optional<http_response> handle(const http_request& request,
                                                      session_id session, instant now) override;
    [[nodiscard]] std::optional<http_response> submission_settled(reply_ticket ticket,
                                                                  refusal why) override;

private:
    [[nodiscard]] std::optional<http_response> submit_all(account_id account,
                                                          sendsms_messages&& messages,
                                                          session_id session, instant now);
    [[nodiscard]] static http_response answer(const sendsms_pending& request);
};

}  // namespace hikyaku::gateway::api
