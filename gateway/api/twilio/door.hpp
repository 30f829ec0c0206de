// The Twilio door: applications that use Twilio's messages API create, look at, list and cancel
// messages under /2010-04-01/Accounts/{sid}/Messages and get Twilio's documents and errors
// (docs/twilio.md). Off unless [server.http] says `twilio = true`. 201 is answered after the
// commit, like everywhere. Wrong tokens are counted (door_login.hpp). One object, engine's
// thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gateway/api/door.hpp"
#include "gateway/api/request_context.hpp"
#include "gateway/api/twilio/document.hpp"
#include "gateway/api/twilio/request.hpp"

namespace hikyaku::gateway::api::twilio {

/// A request that waits for the disk.
struct pending_request {
    account_id account{};
    std::string account_sid;
    std::string idempotency_key;  // empty = none
    form as = form::json;
    http_response reply;  // as it will be if all goes well
};

class door final : public protocol_door<pending_request> {
public:
    static constexpr std::string_view root = "/2010-04-01/";

    using protocol_door::protocol_door;

    [[nodiscard]] bool takes(const http_request& request) const override;

    /// What the header alone decides: whose request it is, or why its body need not be read.
    struct head {
        std::optional<http_response> refusal;
        account_id account{};  // if there is no refusal
    };
    [[nodiscard]] head look_at_head(const http_request& request, instant now);

    [[nodiscard]] answer handle(const http_request& request, session_id session,
                                instant now) override;
    [[nodiscard]] answer submission_settled(reply_ticket ticket, refusal why) override;
    /// As api_router's.
    [[nodiscard]] answer cancellation_settled(reply_ticket ticket, message_id id, instant now);

private:
    /// A request on its way, its account known.
    struct context {
        const http_request& http;
        std::string_view query;
        account_id account{};
        const config::account& settings;
        std::string in_path;  // the sid of a message, if the path has one
        form as = form::json;
        session_id session{};
        instant now{};
    };
    using handler = answer (door::*)(const context&);
    struct line {
        std::string_view method, pattern;
        handler handle = nullptr;
    };
    static std::span<const line> table();

    struct found_line {
        const line* found = nullptr;  // without a refusal
        form as = form::json;
        path_values values;
        std::optional<http_response> refusal;
    };
    [[nodiscard]] static found_line find_line(const http_request& request, std::string_view path);
    [[nodiscard]] head authenticate(const http_request& request, std::string_view account_sid,
                                    form as, instant now);
    [[nodiscard]] std::optional<account_id> check_credentials(const http_request& request,
                                                              instant now);

    answer create(const context& request);
    answer submit(const context& request, std::string_view key, new_message&& message);
    answer get(const context& request);
    answer list(const context& request);
    answer update(const context& request);

    [[nodiscard]] std::optional<http_response> begin_idempotent(const context& request,
                                                                std::string_view key);
    [[nodiscard]] shown_message shown(account_id account, std::string_view account_sid,
                                      message_view&& message);
};

}  // namespace hikyaku::gateway::api::twilio
