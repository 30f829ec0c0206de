#include "gateway/api/messages_resource.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <vector>

#include "gateway/api/answers.hpp"
#include "gateway/api/bearer.hpp"
#include "gateway/api/desk/decision.hpp"
#include "gateway/api/digest.hpp"

namespace hikyaku::gateway::api {
namespace {

constexpr std::size_t idempotency_key_max = 256;
constexpr std::size_t found_by_reference_max = 100;

upload_limits limits_of(const config::http_server& settings) {
    upload_limits limits;
    limits.line_bytes_max = std::min(limits.line_bytes_max, settings.body_bytes_max);
    limits.recipients_max = settings.batch_max;
    return limits;
}

bool is_idempotency_key(std::string_view key) {
    return key.size() <= idempotency_key_max &&
           std::ranges::all_of(
               key, [](char c) { return c >= ' ' && c <= '~'; });
}

}  // namespace

messages_resource::messages_resource(service& gateway, const config::http_server& settings,
                                     long_bodies around)
    : service_(gateway),
      settings_(settings),
      uploads_(gateway, std::move(around.uploads), limits_of(settings)),
      scans_(around.scans) {}

boost::system::result<message_request, problem> messages_resource::read(
    const request_context& request) {
    return read_messages(request.http.body, service_.settings_of(request.account),
                         settings_.batch_max, request.now.wall_ms, service_.zones());
}

answer messages_resource::post(const request_context& request) {
    if (equal_ignoring_case(media_type(request.http.header("Content-Type")), lines_type))
        return begin_upload(request);
    const std::string_view key = request.http.header("Idempotency-Key");
    if (!is_idempotency_key(key)) return refuse(problem_code::idempotency_key_invalid);
    if (!key.empty()) {
        if (answer known = begin_idempotent(request, key)) return known;
    }
    auto messages = read(request);
    if (!messages) {
        if (!key.empty()) service_.forget_reply(request.account, key);
        return problem_response(messages.error());
    }
    return submit_all(request, key, std::move(*messages));
}

// A key is of use where the whole request is repeated; of lines some have been answered.
answer messages_resource::begin_upload(const request_context& request) {
    if (!request.http.header("Idempotency-Key").empty())
        return refuse(problem_code::unsupported,
                      "lines take no Idempotency-Key; an answered line is accepted, the others "
                      "are not");
    const auto permit = [this, authorization = std::string(request.http.header("Authorization")),
                         peer = request.http.peer](instant now) {
        const std::array headers{http_header{"Authorization", authorization}};
        http_request asked;
        asked.headers = headers;
        asked.peer = peer;
        const bearer who = authenticate(service_, asked, now);
        return !who.refusal && !refuse_role(who.token, role::submit);
    };
    auto begun = uploads_.begin(request.account, request.session, permit);
    reader_ = {std::move(begun.reader), request.account};
    return std::move(begun.response);
}

answer messages_resource::begin_idempotent(const request_context& request, std::string_view key) {
    const digest hash = digest_of(request.http.body);
    const std::string_view digest_view{reinterpret_cast<const char*>(hash.data()), hash.size()};
    idempotent_reply known =
        service_.begin_idempotent(request.account, key, digest_view, request.now);
    switch (known.what) {
        case idempotent_reply::kind::fresh:
            return {};
        case idempotent_reply::kind::in_flight:
            return refuse(problem_code::idempotency_in_flight);
        case idempotent_reply::kind::mismatch:
            return refuse(problem_code::idempotency_mismatch);
        case idempotent_reply::kind::replay:
            break;
    }
    ++replayed_;
    http_response response;
    response.status = known.status;
    response.content_type = known.content_type == problem_type ? problem_type : json_type;
    response.body = std::move(known.body);
    response.headers.emplace_back("Idempotent-Replayed", "true");
    return response;
}

answer messages_resource::submit_all(const request_context& request, std::string_view key,
                                     message_request&& messages) {
    pending_submission pending;
    pending.account = request.account;
    pending.idempotency_key = key;
    pending.single = messages.single;
    pending.items.reserve(messages.items.size());
    std::uint32_t index = 0;
    for (message_item& item : messages.items) {
        const std::uint32_t sequence = index++;
        item_outcome& outcome = pending.items.emplace_back();
        outcome.to = std::move(item.to);
        outcome.reference = item.message.reference;
        outcome.fault = std::move(item.fault);
        if (outcome.fault) continue;
        outcome.result = service_.submit(request.account, std::move(item.message),
                                         {request.session, sequence}, request.now);
        if (outcome.result.why == refusal::none) {
            ++pending.remaining;
        } else {
            outcome.fault = problem_of(outcome.result.why, outcome.result.detail, item.pointer,
                                       item.to_pointer);
        }
    }
    pending.reply = render_submission(pending.items, pending.single);
    if (pending.remaining == 0) {
        if (!key.empty()) service_.forget_reply(request.account, key);
        return std::move(pending.reply);
    }
    if (!key.empty()) {
        service_.store_reply(request.account, key, pending.reply.status, pending.reply.content_type,
                             pending.reply.body, request.now);
    }
    submissions_.emplace(static_cast<std::uint64_t>(request.session), std::move(pending));
    return {};
}

answer messages_resource::submission_settled(reply_ticket ticket, refusal why) {
    if (uploads_.has(ticket.session)) {
        uploads_.settled(ticket, why);
        return {};
    }
    const auto at = submissions_.find(static_cast<std::uint64_t>(ticket.session));
    assert(at != submissions_.end());
    pending_submission& pending = at->second;
    assert(ticket.sequence < pending.items.size() && pending.remaining > 0);
    if (why != refusal::none) {
        pending.items[ticket.sequence].fault = problem_of(why, 0);
        pending.failed = true;
    }
    if (--pending.remaining > 0) return {};
    http_response reply = std::move(pending.reply);
    if (pending.failed) {
        // What the reply said was not kept in full, so a retry must not be answered with it.
        reply = render_submission(pending.items, pending.single);
        if (!pending.idempotency_key.empty())
            service_.forget_reply(pending.account, pending.idempotency_key);
    }
    submissions_.erase(at);
    return reply;
}

answer messages_resource::cancellation_settled(message_id id) {
    assert(cancellations_ > 0);
    --cancellations_;
    return render_cancelled(id);
}

answer messages_resource::estimate(const request_context& request) {
    auto messages = read(request);
    if (!messages) return problem_response(messages.error());
    std::vector<estimate_outcome> outcomes;
    outcomes.reserve(messages->items.size());
    for (message_item& item : messages->items) {
        estimate_outcome& outcome = outcomes.emplace_back();
        outcome.to = std::move(item.to);
        outcome.fault = std::move(item.fault);
        if (outcome.fault) continue;
        outcome.result = service_.estimate(request.account, std::move(item.message), request.now);
        if (outcome.result.why != refusal::none) {
            outcome.fault = problem_of(outcome.result.why, outcome.result.detail, item.pointer,
                                       item.to_pointer);
        }
    }
    return render_estimate(outcomes, messages->single);
}

answer messages_resource::find(const request_context& request) {
    const auto reference = request.parameters.text("reference");
    if (!reference) return list(request);
    if (const auto fault = fault_beside_reference(request.parameters))
        return problem_response(*fault);
    return find_by_reference(request, *reference);
}

answer messages_resource::find_by_reference(const request_context& request,
                                            std::string_view reference) {
    return render_messages(
        service_.find_by_reference(request.account, reference, found_by_reference_max));
}

answer messages_resource::list(const request_context& request) {
    auto query = read_listing_query(request.query, wants_lines(request.http.header("Accept")));
    if (!query) return problem_response(query.error());
    if (scans_ == nullptr) return refuse(problem_code::server_busy);
    query->account = request.account;
    return listing_response(*query, std::make_shared<const shown_names>(service_.names()), *scans_);
}

answer messages_resource::get(const request_context& request) {
    const auto id = parse_id(request.in_path.front());
    const auto found = id ? service_.find(request.account, *id) : std::nullopt;
    if (!found) return refuse(problem_code::not_found);
    return render_message(*found, decision_json(service_.desk(), *id));
}

answer messages_resource::cancel(const request_context& request) {
    const auto id = parse_id(request.in_path.front());
    if (!id) return refuse(problem_code::not_found);
    const refusal why = service_.cancel(request.account, *id, {request.session, 0}, request.now);
    if (why != refusal::none) return problem_response(problem_of(why, 0));
    ++cancellations_;
    return {};
}

}  // namespace hikyaku::gateway::api
