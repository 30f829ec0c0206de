#include "gateway/api/twilio/door.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <array>

#include "gateway/api/digest.hpp"
#include "gateway/api/form.hpp"
#include "gateway/api/problems.hpp"
#include "gateway/api/target.hpp"
#include "gateway/api/twilio/sids.hpp"

namespace hikyaku::gateway::api::twilio {
namespace {

constexpr std::string_view xml_type_of_replies = "application/xml";
constexpr std::size_t idempotency_key_octets_max = 256;
constexpr std::size_t credentials_octets_max = 512;

struct basic_credentials {
    std::string name, secret;
};

/// Of "Basic <base64 of name:secret>".
std::optional<basic_credentials> credentials_of(std::string_view authorization) {
    constexpr std::string_view scheme = "Basic ";
    if (!equal_ignoring_case(authorization.substr(0, scheme.size()), scheme)) return {};
    authorization.remove_prefix(scheme.size());
    if (authorization.size() > credentials_octets_max) return {};
    std::string plain(authorization.size(), '\0');
    std::size_t size = 0;
    const char* end = nullptr;
    const int failed = sodium_base642bin(reinterpret_cast<unsigned char*>(plain.data()),
                                         plain.size(), authorization.data(), authorization.size(),
                                         nullptr, &size, &end, sodium_base64_VARIANT_ORIGINAL);
    if (failed != 0 || end != authorization.data() + authorization.size()) return {};
    plain.resize(size);
    const auto colon = plain.find(':');
    if (colon == std::string::npos) return {};
    return basic_credentials{plain.substr(0, colon), plain.substr(colon + 1)};
}

/// The secret of a sid, the account's own or a key's; empty if the account has none of this name.
std::string_view secret_of(const config::account& account, std::string_view name) {
    const config::account_twilio& settings = *account.twilio;
    if (name == settings.sid) return settings.auth_token;
    const auto at = std::ranges::find(settings.keys, name, &config::twilio_key::sid);
    return at == settings.keys.end() ? std::string_view{} : std::string_view(at->secret);
}

bool is_form(const http_request& request) {
    const auto type = media_type(request.header("Content-Type"));
    return type.empty() || equal_ignoring_case(type, form_type);
}

bool is_method(std::string_view wanted, std::string_view given) {
    return wanted == given || (wanted == "GET" && given == "HEAD");
}

fault fault_of(refusal why, std::uint32_t detail) {
    fault out{.what = error_for(why)};
    out.retry_after = retry_after_seconds(problem_of(why, detail));
    return out;
}

fault conflict(unsigned status, std::string_view sentence) {
    return {.what = error::parameter_refused, .detail = std::string(sentence), .status = status};
}

}  // namespace

std::span<const door::line> door::table() {
    // Each as JSON, with ".json" behind it, and as XML.
    static constexpr std::array lines{
        line{"POST", "/2010-04-01/Accounts/{sid}/Messages", &door::create},
        line{"GET", "/2010-04-01/Accounts/{sid}/Messages", &door::list},
        line{"POST", "/2010-04-01/Accounts/{sid}/Messages/{id}", &door::update},
        line{"GET", "/2010-04-01/Accounts/{sid}/Messages/{id}", &door::get},
    };
    return lines;
}

bool door::takes(const http_request& request) const {
    return settings_.twilio && split_target(request.target).path.starts_with(root);
}

door::found_line door::find_line(const http_request& request, std::string_view path) {
    found_line out;
    for (const std::string_view ending : {".json", ".xml", ""}) {
        if (!path.ends_with(ending)) continue;
        out.as = ending == ".json" ? form::json : form::xml;
        path.remove_suffix(ending.size());
        break;
    }
    std::string allowed;
    for (const line& each : table()) {
        if (!matches(each.pattern, path, out.values)) continue;
        if (is_method(each.method, request.method)) {
            out.found = &each;
            return out;
        }
        allowed.append(allowed.empty() ? "" : ", ").append(each.method);
    }
    if (allowed.empty()) {
        out.refusal = render_fault({.what = error::not_found}, out.as);
        return out;
    }
    out.refusal = render_fault({.what = error::method_refused}, out.as);
    out.refusal->headers.emplace_back("Allow", allowed);
    return out;
}

std::optional<account_id> door::check_credentials(const http_request& request, instant now) {
    const auto given = credentials_of(request.header("Authorization"));
    if (!given) return {};
    return login_.check(service_, request, {given->name, given->secret},
                        service_.account_by_twilio_sid(given->name), secret_of, now);
}

door::head door::authenticate(const http_request& request, std::string_view account_sid, form as,
                              instant now) {
    head out;
    const auto account = check_credentials(request, now);
    if (!account) {
        out.refusal = render_fault({.what = error::credentials_wrong}, as);
        return out;
    }
    out.account = *account;
    if (account_sid != service_.settings_of(*account).twilio->sid)
        out.refusal = render_fault({.what = error::not_found}, as);
    return out;
}

door::head door::look_at_head(const http_request& request, instant now) {
    auto known_line = find_line(request, split_target(request.target).path);
    head out;
    if (known_line.refusal)
        out.refusal = std::move(known_line.refusal);
    else
        out = authenticate(request, known_line.values.front(), known_line.as, now);
    if (out.refusal) login_.count_request();  // handle() will not be called
    return out;
}

answer door::handle(const http_request& request, session_id session, instant now) {
    login_.count_request();
    const auto target = split_target(request.target);
    auto known_line = find_line(request, target.path);
    if (known_line.refusal) return std::move(known_line.refusal);
    auto known = authenticate(request, known_line.values.front(), known_line.as, now);
    if (known.refusal) return std::move(known.refusal);
    const context all{request,
                      target.query,
                      known.account,
                      service_.settings_of(known.account),
                      std::move(known_line.values.back()),
                      known_line.as,
                      session,
                      now};
    answer reply;
    if (request.method == "POST" && !is_form(request))
        reply = render_fault({.what = error::parameter_refused,
                              .detail = "the body must be application/x-www-form-urlencoded"},
                             known_line.as);
    else
        reply = (this->*known_line.found->handle)(all);
    if (reply) reply->is_identified = true;
    return reply;
}

answer door::create(const context& request) {
    const auto key = request.http.header("Idempotency-Key");
    const bool is_key = key.size() <= idempotency_key_octets_max &&
                        std::ranges::all_of(key, [](char c) { return c >= ' ' && c <= '~'; });
    if (!is_key)
        return render_fault(
            {.what = error::parameter_refused, .detail = "Idempotency-Key is malformed"},
            request.as);
    if (!key.empty()) {
        if (auto known = begin_idempotent(request, key)) return known;
    }
    const auto form = read_form(request.http.body);
    auto message = form ? read_new_message(*form, request.settings, request.now.wall_ms)
                        : read_result<new_message>(form.error());
    if (message) return submit(request, key, std::move(*message));
    if (!key.empty()) service_.forget_reply(request.account, key);
    return render_fault(message.error(), request.as);
}

answer door::submit(const context& request, std::string_view key, new_message&& message) {
    shown_message shown;
    shown.account_sid = request.settings.twilio->sid;
    shown.body = *message.message.text;
    shown.is_new = true;
    message_view& view = shown.message;
    view.source = message.message.source;
    view.destination = message.message.destination;
    view.tag = message.message.tag;
    view.accepted_ms = request.now.wall_ms;
    view.not_before_ms = message.message.send_at_ms.value_or(0);
    const auto result = service_.submit(request.account, std::move(message.message),
                                        {request.session, 0}, request.now);
    if (result.why != refusal::none) {
        if (!key.empty()) service_.forget_reply(request.account, key);
        return render_fault(fault_of(result.why, result.detail), request.as);
    }
    view.id = result.id;
    view.parts = result.segments;
    pending_request pending{request.account, request.settings.twilio->sid, std::string(key),
                            request.as,
                            render_message(shown, request.as, 201, request.now.wall_ms)};
    if (!key.empty())
        service_.store_reply(request.account, key, pending.reply.status, pending.reply.content_type,
                             pending.reply.body, request.now);
    wait(request.session, std::move(pending));
    return {};
}

std::optional<http_response> door::begin_idempotent(const context& request, std::string_view key) {
    const digest hash = digest_of(std::string(request.http.target).append(request.http.body));
    const std::string_view octets{reinterpret_cast<const char*>(hash.data()), hash.size()};
    auto known = service_.begin_idempotent(request.account, key, octets, request.now);
    switch (known.what) {
        case idempotent_reply::kind::fresh:
            return {};
        case idempotent_reply::kind::in_flight:
            return render_fault(conflict(409, "the Idempotency-Key is in use"), request.as);
        case idempotent_reply::kind::mismatch:
            return render_fault(conflict(422, "the Idempotency-Key was used for another request"),
                                request.as);
        case idempotent_reply::kind::replay:
            break;
    }
    http_response response;
    response.status = known.status;
    response.content_type =
        known.content_type == xml_type_of_replies ? xml_type_of_replies : json_type;
    response.body = std::move(known.body);
    response.headers.emplace_back("Idempotent-Replayed", "true");
    return response;
}

answer door::submission_settled(reply_ticket ticket, refusal why) {
    auto pending = take(ticket.session);
    http_response reply = std::move(pending.reply);
    if (why != refusal::none) {
        reply = render_fault(fault_of(why, 0), pending.as);
        if (!pending.idempotency_key.empty())
            service_.forget_reply(pending.account, pending.idempotency_key);
    }
    reply.is_identified = true;
    return reply;
}

shown_message door::shown(account_id account, std::string_view account_sid,
                          message_view&& message) {
    shown_message out;
    out.body = service_.text_of(account, message.id);
    out.account_sid = account_sid;
    out.message = std::move(message);
    return out;
}

answer door::get(const context& request) {
    const auto id = parse_message_sid(request.in_path);
    auto found = id ? service_.find(request.account, *id) : std::nullopt;
    if (!found) return render_fault({.what = error::not_found}, request.as);
    return render_message(shown(request.account, request.settings.twilio->sid, std::move(*found)),
                          request.as, 200, request.now.wall_ms);
}

answer door::update(const context& request) {
    const auto id = parse_message_sid(request.in_path);
    if (!id) return render_fault({.what = error::not_found}, request.as);
    const auto form = read_form(request.http.body);
    if (!form) return render_fault(form.error(), request.as);
    if (!service_.find(request.account, *id))
        return render_fault({.what = error::not_found}, request.as);
    if (const auto wrong = check_update(*form)) return render_fault(*wrong, request.as);
    const auto why = service_.cancel(request.account, *id, {request.session, 0}, request.now);
    if (why != refusal::none) return render_fault(fault_of(why, 0), request.as);
    wait(request.session, {request.account, request.settings.twilio->sid, {}, request.as, {}});
    return {};
}

answer door::cancellation_settled(reply_ticket ticket, message_id id, instant now) {
    const auto pending = take(ticket.session);
    auto found = service_.find(pending.account, id);
    http_response reply =
        found ? render_message(shown(pending.account, pending.account_sid, std::move(*found)),
                               pending.as, 200, now.wall_ms)
              : render_fault({.what = error::not_found}, pending.as);
    reply.is_identified = true;
    return reply;
}

answer door::list(const context& request) {
    auto wanted = read_list(request.query, request.settings);
    if (!wanted) return render_fault(wanted.error(), request.as);
    auto found = service_.list_messages(request.account, wanted->range);
    if (wanted->is_backwards) std::ranges::reverse(found.messages);
    std::vector<shown_message> shown_ones;
    for (message_view& each : found.messages)
        shown_ones.push_back(shown(request.account, request.settings.twilio->sid, std::move(each)));
    const auto path = account_uri(request.settings.twilio->sid) + "/Messages" +
                      (request.as == form::json ? ".json" : "");
    const auto uri_of = [&](std::uint32_t page, std::string_view token) {
        auto uri =
            fmt::format("{}?{}PageSize={}&Page={}", path, wanted->filters, wanted->page_size, page);
        return token.empty() ? uri : fmt::format("{}&PageToken={}", uri, token);
    };
    shown_page page;
    page.page = wanted->page;
    page.page_size = wanted->page_size;
    page.first_uri = uri_of(0, {});
    page.uri = page.first_uri;
    if (const auto token = query_value(request.query, "PageToken"))
        page.uri = uri_of(wanted->page, *token);
    // A page may end before it is full: its search looks at so many messages and not at more.
    const bool has_older = wanted->is_backwards || found.looked_to != message_id{};
    const auto oldest = wanted->is_backwards && !shown_ones.empty() ? shown_ones.back().message.id
                                                                    : found.looked_to;
    if (has_older && oldest != message_id{})
        page.next_uri = uri_of(wanted->page + 1, "PA" + sid_of(oldest));
    if (wanted->page > 0 && !shown_ones.empty())
        page.previous_uri = uri_of(wanted->page - 1, "PB" + sid_of(shown_ones.front().message.id));
    return render_page(page, shown_ones, request.as, request.now.wall_ms);
}

}  // namespace hikyaku::gateway::api::twilio
