// The sendsms door: applications written for Kannel submit with GET or POST to /cgi-bin/sendsms and
// get Kannel's answers (docs/sendsms.md). Off unless [server.http] says `sendsms = true`. 202 is
// answered after the commit, like everywhere. Wrong passwords are counted (door_login.hpp).
// Nothing of a request is logged, for the query holds the password. One object, engine's thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "gateway/api/door.hpp"
#include "gateway/api/door_login.hpp"
#include "gateway/api/http.hpp"
#include "gateway/api/sendsms/answers.hpp"
#include "gateway/api/sendsms/message.hpp"
#include "gateway/api/sendsms/request.hpp"
#include "gateway/api/service.hpp"

namespace hikyaku::gateway::api {

class sendsms_door final : public door {
public:
    static constexpr std::string_view path = "/cgi-bin/sendsms";

    /// Both outlive the door.
    sendsms_door(service& gateway, const config::http_server& settings);

    [[nodiscard]] bool takes(const http_request& request) const override;
    [[nodiscard]] std::optional<http_response> handle(const http_request& request,
                                                      session_id session, instant now) override;
    [[nodiscard]] bool waits(session_id session) const override {
        return pending_.contains(static_cast<std::uint64_t>(session));
    }
    [[nodiscard]] std::optional<http_response> submission_settled(reply_ticket ticket,
                                                                  refusal why) override;

    [[nodiscard]] const door_counters& counters() const { return login_.counters(); }

private:
    struct pending_request {
        bool queued = false;                 // for one of them no carrier is there
        std::vector<std::string> receivers;  // that were taken; by ticket.sequence
        std::vector<std::string> denied;
        std::vector<std::string> failed;
        std::size_t remaining = 0;
        std::size_t stored = 0;
    };

    [[nodiscard]] std::optional<account_id> authenticate(const http_request& http,
                                                         const sendsms_request& request,
                                                         instant now);
    [[nodiscard]] std::optional<http_response> submit_all(account_id account,
                                                          sendsms_messages&& messages,
                                                          session_id session, instant now);
    [[nodiscard]] static http_response answer(const pending_request& request);

    service& service_;
    const config::http_server& settings_;
    door_login login_;
    std::unordered_map<std::uint64_t, pending_request> pending_;  // by session
};

}  // namespace hikyaku::gateway::api
