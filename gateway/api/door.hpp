// A door that speaks another gateway's protocol beside the JSON API: it takes its own paths, knows
// its own clients, and answers in that protocol's words. gateway/io/api_driver asks each door for
// every request. Engine's thread.
#pragma once

#include <cassert>
#include <optional>
#include <unordered_map>
#include <utility>

#include "gateway/api/door_login.hpp"
#include "gateway/api/http.hpp"
#include "gateway/api/service.hpp"
#include "gateway/engine/types.hpp"

namespace hikyaku::gateway::api {

class door {
public:
    virtual ~door() = default;

    /// Whether the request is for this door, and the door is open.
    [[nodiscard]] virtual bool takes(const http_request& request) const = 0;
    /// As api_router::handle().
    [[nodiscard]] virtual std::optional<http_response> handle(const http_request& request,
                                                              session_id session, instant now) = 0;
    /// Whether a request of this door waits for settlements of the session.
    [[nodiscard]] virtual bool waits(session_id session) const = 0;
    /// As api_router::submission_settled().
    [[nodiscard]] virtual std::optional<http_response> submission_settled(reply_ticket ticket,
                                                                          refusal why) = 0;
};

/// What the doors have in common: how clients log in, and requests that wait for the disk, one for
/// each session. `Pending` is what a door keeps of such a request.
template <class Pending>
class protocol_door : public door {
public:
    /// Both outlive the door.
    protocol_door(service& gateway, const config::http_server& settings)
        : service_(gateway), settings_(settings) {}

    [[nodiscard]] bool waits(session_id session) const final { return pending_.contains(session); }
    [[nodiscard]] const door_counters& counters() const { return login_.counters(); }

protected:
    void wait(session_id session, Pending request) {
        pending_.emplace(session, std::move(request));
    }
    /// REQUIRES: waits(session). Until take() or the next wait().
    [[nodiscard]] Pending& waiting(session_id session) { return find(session)->second; }
    /// REQUIRES: waits(session).
    [[nodiscard]] Pending take(session_id session) {
        const auto at = find(session);
        Pending request = std::move(at->second);
        pending_.erase(at);
        return request;
    }

    service& service_;
    const config::http_server& settings_;
    door_login login_;

private:
    using pending_map = std::unordered_map<session_id, Pending>;
    [[nodiscard]] typename pending_map::iterator find(session_id session) {
        const auto at = pending_.find(session);
        assert(at != pending_.end());
        return at;
    }

    pending_map pending_;
};

}  // namespace hikyaku::gateway::api
