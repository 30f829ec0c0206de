#include "gateway/api/api.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/object.hpp>
#include <cassert>
#include <charconv>

#include "gateway/api/answers.hpp"
#include "gateway/api/digest.hpp"
#include "gateway/api/json_text.hpp"
#include "gateway/api/target.hpp"

namespace hikyaku::gateway::api {
namespace {

constexpr std::size_t idempotency_key_max = 256;
constexpr std::size_t found_by_reference_max = 100;
constexpr std::size_t replayed_default = 1000;
constexpr std::size_t replayed_max = 10000;
constexpr std::string_view message_prefix = "/v1/messages/";

http_response refuse_token(problem_code code) {
    http_response response = refuse(code);
    response.headers.emplace_back("WWW-Authenticate",
                                  code == problem_code::token_missing
                                      ? R"(Bearer realm="hikyaku")"
                                      : R"(Bearer realm="hikyaku", error="invalid_token")");
    return response;
}

// The token of "Bearer <token>", empty for anything else.
std::string_view bearer_token(std::string_view authorization) {
    constexpr std::string_view scheme = "Bearer ";
    if (!equal_ignoring_case(authorization.substr(0, scheme.size()), scheme)) return {};
    authorization.remove_prefix(scheme.size());
    const auto begin = authorization.find_first_not_of(' ');
    return begin == std::string_view::npos ? std::string_view{} : authorization.substr(begin);
}

bool is_json(std::string_view content_type) {
    const std::string_view type = content_type.substr(0, content_type.find(';'));
    const auto end = type.find_last_not_of(" \t");
    return content_type.empty() ||
           equal_ignoring_case(type.substr(0, end == std::string_view::npos ? 0 : end + 1),
                               json_type);
}

bool is_idempotency_key(std::string_view key) {
    return key.size() <= idempotency_key_max &&
           std::ranges::all_of(
               key, [](char c) { return c >= ' ' && c <= '~'; });
}

bool is_get(std::string_view method) {
    return method == "GET" || method == "HEAD";
}

}  // namespace

const api_router::route api_router::routes[] = {
    {"/v1/messages", "POST", &api_router::post_messages, true},
    {"/v1/messages", "GET", &api_router::find_by_reference},
    {"/v1/messages:estimate", "POST", &api_router::post_estimate, true},
    {"/v1/account", "GET", &api_router::get_account},
    {"/v1/account/dead-letters:replay", "POST", &api_router::replay_dead_letters},
    {"/v1/account/webhook:enable", "POST", &api_router::enable_webhook},
};

api_router::api_router(service& gateway, const config::http_server& settings)
    : service_(gateway), settings_(settings) {}

std::optional<http_response> api_router::handle(const http_request& request, session_id session,
                                                instant now) {
    ++counters_.requests;
    account_id account{};
    if (answer refused = authenticate(request, account)) {
        ++counters_.unauthorized;
        return refused;
    }
    answer known = handle_known(request, account, session, now);
    if (known) known->is_identified = true;
    return known;
}

api_router::answer api_router::handle_known(const http_request& request, account_id account,
                                            session_id session, instant now) {
    const target_parts target = split_target(request.target);
    const std::string path = decode_percent(target.path).value_or(std::string{});
    return dispatch({request, path, target.query, account, session, now});
}

api_router::head_answer api_router::look_at_head(const http_request& request) {
    head_answer result;
    result.refusal = authenticate(request, result.account);
    if (result.refusal) {
        ++counters_.requests;
        ++counters_.unauthorized;
        return result;
    }
    const std::string path =
        decode_percent(split_target(request.target).path).value_or(std::string{});
    (void)find_route(path, request, result.refusal);
    if (result.refusal) ++counters_.requests;
    return result;
}

api_router::answer api_router::authenticate(const http_request& request, account_id& account) {
    const std::string_view authorization = request.header("Authorization");
    if (authorization.empty()) return refuse_token(problem_code::token_missing);
    const std::string_view token = bearer_token(authorization);
    const auto found = token.empty() ? std::nullopt : service_.account_by_token(token);
    if (!found) return refuse_token(problem_code::token_invalid);
    const auto& networks = service_.settings_of(*found).networks;
    const bool inside = std::ranges::any_of(networks, [&request](const config::network& each) {
        return each.contains(request.peer.bytes.data(), request.peer.v6);
    });
    if (!networks.empty() && !inside) return refuse(problem_code::address_not_allowed);
    account = *found;
    return {};
}

const api_router::route* api_router::find_route(std::string_view path, const http_request& request,
                                                answer& refusal) {
    std::string allowed;
    for (const route& each : routes) {
        if (each.path != path) continue;
        const bool get = each.method == "GET";
        if (get ? is_get(request.method) : each.method == request.method) {
            if (each.takes_json && !is_json(request.header("Content-Type"))) {
                refusal = refuse(problem_code::media_type_unsupported);
                return nullptr;
            }
            return &each;
        }
        allowed.append(allowed.empty() ? "" : ", ").append(get ? "GET, HEAD" : each.method);
    }
    const bool of_message = path.starts_with(message_prefix);
    if (!allowed.empty())
        refusal = refuse_method(allowed);
    else if (!of_message)
        refusal = refuse(problem_code::no_such_resource);
    else if (!is_get(request.method) && request.method != "DELETE")
        refusal = refuse_method("GET, HEAD, DELETE");
    return nullptr;
}

api_router::answer api_router::dispatch(const context& request) {
    answer refusal;
    const route* const found = find_route(request.path, request.http, refusal);
    if (refusal) return refusal;
    return found != nullptr ? (this->*found->handle)(request) : dispatch_message(request);
}

api_router::answer api_router::dispatch_message(const context& request) {
    const auto id = parse_id(request.path.substr(message_prefix.size()));
    if (is_get(request.http.method)) {
        const auto found = id ? service_.find(request.account, *id) : std::nullopt;
        return found ? render_message(*found) : refuse(problem_code::not_found);
    }
    if (!id) return refuse(problem_code::not_found);
    const refusal why = service_.cancel(request.account, *id, {request.session, 0}, request.now);
    if (why != refusal::none) return problem_response(problem_of(why, 0));
    ++cancellations_;
    return {};
}

api_router::answer api_router::post_messages(const context& request) {
    const std::string_view key = request.http.header("Idempotency-Key");
    if (!is_idempotency_key(key)) return refuse(problem_code::idempotency_key_invalid);
    if (!key.empty()) {
        if (answer known = begin_idempotent(request, key)) return known;
    }
    auto messages = read_messages(request.http.body, service_.settings_of(request.account),
                                  settings_.batch_max, request.now.wall_ms, service_.zones());
    if (!messages) {
        if (!key.empty()) service_.forget_reply(request.account, key);
        return problem_response(messages.error());
    }
    return submit_all(request, key, std::move(*messages));
}

api_router::answer api_router::begin_idempotent(const context& request, std::string_view key) {
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
    ++counters_.replayed;
    http_response response;
    response.status = known.status;
    response.content_type = known.content_type == problem_type ? problem_type : json_type;
    response.body = std::move(known.body);
    response.headers.emplace_back("Idempotent-Replayed", "true");
    return response;
}

api_router::answer api_router::submit_all(const context& request, std::string_view key,
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

std::optional<http_response> api_router::submission_settled(reply_ticket ticket, refusal why) {
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
    reply.is_identified = true;
    return reply;
}

std::optional<http_response> api_router::cancellation_settled(reply_ticket, message_id id) {
    assert(cancellations_ > 0);
    --cancellations_;
    http_response reply = render_cancelled(id);
    reply.is_identified = true;
    return reply;
}

api_router::answer api_router::post_estimate(const context& request) {
    auto messages = read_messages(request.http.body, service_.settings_of(request.account),
                                  settings_.batch_max, request.now.wall_ms, service_.zones());
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

api_router::answer api_router::find_by_reference(const context& request) {
    const auto reference = query_value(request.query, "reference");
    if (!reference || reference->empty())
        return refuse(problem_code::field_missing, "the query needs ?reference=...");
    return render_messages(
        service_.find_by_reference(request.account, *reference, found_by_reference_max));
}

api_router::answer api_router::get_account(const context& request) {
    const std::string& name = service_.settings_of(request.account).name;
    for (const account_view& each : service_.accounts())
        if (each.name == name) return render_account(each);
    return refuse(problem_code::internal_error);
}

api_router::answer api_router::replay_dead_letters(const context& request) {
    std::size_t limit = replayed_default;
    if (const auto text = query_value(request.query, "limit")) {
        const char* const end = text->data() + text->size();
        const auto [at, error] = std::from_chars(text->data(), end, limit);
        if (error != std::errc{} || at != end || limit == 0 || limit > replayed_max) {
            return refuse(problem_code::field_invalid,
                          fmt::format("limit must be a number from 1 to {}", replayed_max));
        }
    }
    const std::size_t replayed = service_.replay_dead_letters(request.account, limit, request.now);
    return json_answer({{"replayed", replayed}});
}

api_router::answer api_router::enable_webhook(const context& request) {
    if (!service_.settings_of(request.account).webhook)
        return refuse(problem_code::no_such_resource, "the account has no webhook");
    service_.enable_webhook(request.account, request.now);
    return json_answer({{"disabled", false}});
}

}  // namespace hikyaku::gateway::api
