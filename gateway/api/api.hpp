// The HTTP API for applications: its route table, whose token a request has, and the resources that
// answer it. A request is answered at once, or it is pending until the engine has settled what it
// was asked for. No sockets: gateway/io/api_driver hands requests in and settlements on. One
// object, engine's thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "gateway/api/account_resource.hpp"
#include "gateway/api/desk/consents_resource.hpp"
#include "gateway/api/desk/conversations_resource.hpp"
#include "gateway/api/desk/holds_resource.hpp"
#include "gateway/api/desk/suppressions_resource.hpp"
#include "gateway/api/desk/tasks_resource.hpp"
#include "gateway/api/http.hpp"
#include "gateway/api/links_resource.hpp"
#include "gateway/api/messages_resource.hpp"
#include "gateway/api/policy_resource.hpp"
#include "gateway/api/request_context.hpp"
#include "gateway/api/service.hpp"

namespace hikyaku::gateway::api {

struct api_counters {
    std::uint64_t requests = 0;
    std::uint64_t unauthorized = 0;  // 401, and 403 by address or role
    std::uint64_t replayed = 0;      // answered from a stored reply
};

class api_router {
public:
    /// `gateway`, `settings` and what `around` names outlive the router.
    api_router(service& gateway, const config::http_server& settings,
               const long_bodies& around = {});

    /// `session` is new for each request; it comes back in the tickets of its submissions. Empty:
    /// pending, the answer will be returned by one of the settled functions.
    [[nodiscard]] std::optional<http_response> handle(const http_request& request,
                                                      session_id session, instant now);
    /// For the body of the request that handle() has answered last; no reader: it is of no
    /// interest.
    [[nodiscard]] begun_reading take_reader() {
        auto begun = messages_.take_reader();
        return begun.reader ? std::move(begun) : imports_.take_reader();
    }

    /// What can be said when the header is there and the body is not: whose request it is, or why
    /// the body need not be read (401, 403, 404, 405, 415).
    struct head_answer {
        std::optional<http_response> refusal;
        account_id account{};    // if there is no refusal
        bool in_pieces = false;  // handle() wants the head now; then take_reader()
    };
    [[nodiscard]] head_answer look_at_head(const http_request& request, instant now);

    /// Must not be called inside a call of the engine: it may call the engine itself. Returns the
    /// answer when this was the last submission the request waited for.
    [[nodiscard]] std::optional<http_response> submission_settled(reply_ticket ticket, refusal why);
    [[nodiscard]] std::optional<http_response> cancellation_settled(reply_ticket ticket,
                                                                    message_id id);

    /// What a resource of the desk has changed is on disk. Empty: no request waits for it.
    [[nodiscard]] std::optional<http_response> rows_kept(reply_ticket ticket);

    /// Told of requests whose answer has come from another thread, or from what reads a body;
    /// rows_kept() has it then.
    void on_desk_answer(const timeline_resource::ready_function& ready) {
        timeline_.on_ready(ready);
        conversations_.on_ready(ready);
        policy_.on_ready(ready);
        imports_.on_ready(ready);
    }

    /// Uploads and imports that wait for the store or a rate; see uploads::try_again().
    [[nodiscard]] bool try_uploads_again() {
        imports_.try_again();
        return messages_.try_uploads_again();
    }
    [[nodiscard]] bool uploads_wait() const {
        return messages_.uploads_wait() || imports_.has_paused();
    }

    [[nodiscard]] std::size_t pending() const { return messages_.pending() + waiting_.size(); }
    [[nodiscard]] api_counters counters() const;

    /// The lines of the route table, in the order in which they are tried.
    [[nodiscard]] static std::vector<route_line> lines();

private:
    using line = route<answer (*)(api_router&, const request_context&)>;
    static std::span<const line> table();

    /// What the header alone decides.
    struct head {
        const line* found = nullptr;  // without a refusal
        std::optional<http_response> refusal;
        known_token token{};
        bool is_identified = false;
    };
    [[nodiscard]] head read_head(const http_request& request, path_values& values, instant now);

    /// What the line's handler answers, or what is wrong with the query.
    [[nodiscard]] std::optional<http_response> call(const line& found, const http_request& request,
                                                    const path_values& values,
                                                    const known_token& token, session_id session,
                                                    instant now);

    service& service_;
    messages_resource messages_;
    account_resource account_;
    pending_answers waiting_;  // of links and of the resources of the desk
    links_resource links_;
    csv_imports imports_;
    holds_resource holds_;
    suppressions_resource suppressions_;
    consents_resource consents_;
    tasks_resource tasks_;
    timeline_resource timeline_;
    conversations_resource conversations_;
    policy_resource policy_;
    std::uint64_t requests_ = 0;
    std::uint64_t unauthorized_ = 0;
};

}  // namespace hikyaku::gateway::api
