// The HTTP API for applications: authentication, routes and the life of a POST from the first octet
// to the answer after the commit. A request is answered at once, or it is pending until the engine
// has settled each of its submissions (202 means on disk). No sockets: gateway/io/api_driver hands
// requests in and settlements on. One object, engine's thread.
#pragma once

#include <boost/container/small_vector.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/api/http.hpp"
#include "gateway/api/json_request.hpp"
#include "gateway/api/messages.hpp"
#include "gateway/api/service.hpp"

namespace hikyaku::gateway::api {

struct api_counters {
    std::uint64_t requests = 0;
    std::uint64_t unauthorized = 0;  // 401 and 403 by address
    std::uint64_t replayed = 0;      // answered from a stored reply
};

class api_router {
public:
    /// Both outlive the router.
    api_router(service& gateway, const config::http_server& settings);

    /// `session` is new for each request; it comes back in the tickets of its submissions. Empty:
    /// pending, the answer will be returned by one of the settled functions.
    [[nodiscard]] std::optional<http_response> handle(const http_request& request,
                                                      session_id session, instant now);

    /// What can be said when the header is there and the body is not: whose request it is, or why
    /// the body need not be read (401, 403, 404, 405, 415).
    struct head_answer {
        std::optional<http_response> refusal;
        account_id account{};  // if there is no refusal
    };
    [[nodiscard]] head_answer look_at_head(const http_request& request);

    /// Must not be called inside a call of the engine: it may call the engine itself. Returns the
    /// answer when this was the last submission the request waited for.
    [[nodiscard]] std::optional<http_response> submission_settled(reply_ticket ticket, refusal why);
    [[nodiscard]] std::optional<http_response> cancellation_settled(reply_ticket ticket,
                                                                    message_id id);

    [[nodiscard]] std::size_t pending() const { return submissions_.size() + cancellations_; }
    [[nodiscard]] const api_counters& counters() const { return counters_; }

private:
    // One authenticated request on its way through a handler.
    struct context {
        const http_request& http;
        std::string_view path;
        std::string_view query;
        account_id account;
        session_id session;
        instant now;
    };
    using answer = std::optional<http_response>;
    struct route {
        std::string_view path;
        std::string_view method;
        answer (api_router::*handle)(const context&);
        bool takes_json = false;
    };
    static const route routes[];
    /// The route of a request, or why there is none; null without a refusal: the path is that of
    /// one message.
    [[nodiscard]] static const route* find_route(std::string_view path, const http_request& request,
                                                 answer& refusal);

    struct pending_submission {
        account_id account{};
        std::string idempotency_key;  // empty = none
        bool single = true;
        boost::container::small_vector<item_outcome, 1> items;
        http_response reply;  // as it will be if everything gets on disk
        std::size_t remaining = 0;
        bool failed = false;  // at least one did not
    };

    [[nodiscard]] answer authenticate(const http_request& request, account_id& account);
    [[nodiscard]] answer handle_known(const http_request& request, account_id account,
                                      session_id session, instant now);
    [[nodiscard]] answer dispatch(const context& request);
    [[nodiscard]] answer dispatch_message(const context& request);
    answer post_messages(const context& request);
    answer post_estimate(const context& request);
    answer find_by_reference(const context& request);
    answer get_account(const context& request);
    answer replay_dead_letters(const context& request);
    answer enable_webhook(const context& request);
    [[nodiscard]] answer begin_idempotent(const context& request, std::string_view key);
    [[nodiscard]] answer submit_all(const context& request, std::string_view key,
                                    message_request&& messages);

    service& service_;
    const config::http_server& settings_;
    boost::unordered_flat_map<std::uint64_t, pending_submission> submissions_;  // by session
    std::size_t cancellations_ = 0;
    api_counters counters_;
};

}  // namespace hikyaku::gateway::api
