// The Jasmin door: applications written for Jasmin's HTTP API submit with GET or POST to /send, ask
// /rate and /balance, and get Jasmin's answers (docs/jasmin.md). Off unless [server.http] says
// `jasmin = true`. Success is answered after the commit, like everywhere. Wrong passwords are
// counted (door_login.hpp). Nothing of a request is logged, for it holds the password. One object,
// engine's thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "gateway/api/door.hpp"
#include "gateway/api/door_login.hpp"
#include "gateway/api/http.hpp"
#include "gateway/api/jasmin/request.hpp"
#include "gateway/api/service.hpp"

namespace hikyaku::gateway::api {

class jasmin_door final : public door {
public:
    /// Both outlive the door.
    jasmin_door(service& gateway, const config::http_server& settings);

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

    service& service_;
    const config::http_server& settings_;
    door_login login_;
    std::unordered_map<std::uint64_t, message_id> pending_;  // by session
};

}  // namespace hikyaku::gateway::api
