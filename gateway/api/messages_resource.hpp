// The resource /v1/messages: submit (one, many, a batch), plan, look at, find, cancel; and the life
// of a POST from its body to the answer after the commit. A request is answered at once, or it is
// pending until the engine has settled each of its submissions (202 means on disk). No sockets. One
// object, engine's thread.
#pragma once

#include <boost/container/small_vector.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "gateway/api/listing.hpp"
#include "gateway/api/messages.hpp"
#include "gateway/api/messages/json_request.hpp"
#include "gateway/api/request_context.hpp"
#include "gateway/api/service.hpp"
#include "gateway/api/upload.hpp"

namespace hikyaku::gateway::api {

/// What bodies need that are too long to be whole in memory.
struct long_bodies {
    upload_surroundings uploads;
    readers* scans = nullptr;  // null: nothing is listed
};

class messages_resource {
public:
    /// `gateway`, `settings` and what `around` names outlive it.
    messages_resource(service& gateway, const config::http_server& settings,
                      long_bodies around = {});

    answer post(const request_context& request);
    answer estimate(const request_context& request);
    answer find(const request_context& request);
    answer get(const request_context& request);
    answer cancel(const request_context& request);
    /// For the body of an upload that post() has just begun, else null.
    [[nodiscard]] begun_reading take_reader() { return std::exchange(reader_, {}); }

    /// Must not be called inside a call of the engine: they may call the engine themselves. Return
    /// the answer when this was the last settlement that the request waited for.
    [[nodiscard]] answer submission_settled(reply_ticket ticket, refusal why);
    [[nodiscard]] answer cancellation_settled(message_id id);

    /// Requests that wait.
    [[nodiscard]] std::size_t pending() const {
        return submissions_.size() + cancellations_ + uploads_.pending();
    }
    [[nodiscard]] bool try_uploads_again() { return uploads_.try_again(); }
    [[nodiscard]] bool uploads_wait() const { return uploads_.has_paused(); }
    /// Requests that were answered from a stored reply.
    [[nodiscard]] std::uint64_t replayed() const { return replayed_; }

private:
    struct pending_submission {
        account_id account{};
        std::string idempotency_key;  // empty = none
        bool single = true;
        boost::container::small_vector<item_outcome, 1> items;
        http_response reply;  // as it will be if everything gets on disk
        std::size_t remaining = 0;
        bool failed = false;  // at least one did not
    };

    [[nodiscard]] boost::system::result<message_request, problem> read(
        const request_context& request);
    [[nodiscard]] answer begin_upload(const request_context& request);
    [[nodiscard]] answer find_by_reference(const request_context& request,
                                           std::string_view reference);
    [[nodiscard]] answer list(const request_context& request);
    [[nodiscard]] answer begin_idempotent(const request_context& request, std::string_view key);
    [[nodiscard]] answer submit_all(const request_context& request, std::string_view key,
                                    message_request&& messages);

    service& service_;
    const config::http_server& settings_;
    boost::unordered_flat_map<std::uint64_t, pending_submission> submissions_;  // by session
    uploads uploads_;
    begun_reading reader_;
    readers* scans_;
    std::size_t cancellations_ = 0;
    std::uint64_t replayed_ = 0;
};

}  // namespace hikyaku::gateway::api
