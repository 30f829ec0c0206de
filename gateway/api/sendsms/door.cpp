#include "gateway/api/sendsms/door.hpp"

#include <cassert>

#include "gateway/api/target.hpp"
#include "smpp/text/utf8.hpp"

namespace hikyaku::gateway::api {
namespace {

/// The answer is text/html, and a browser shows it: what the request called a receiver is UTF-8
/// there, without markup and without controls.
void append_receiver(std::string& body, std::string_view written) {
    std::string mended(written);
    smpp::text::mend_utf8(mended);
    for (const char c : mended)
        if (c == '&')
            body.append("&amp;");
        else if (c == '<')
            body.append("&lt;");
        else if (c == '>')
            body.append("&gt;");
        else if (static_cast<unsigned char>(c) < ' ' || c == 0x7F)
            smpp::text::append_utf8(body, smpp::text::replacement_character);
        else
            body.push_back(c);
}

void append_list(std::string& body, std::string_view title, const std::vector<std::string>& all) {
    if (all.empty()) return;
    body.append(title);
    for (const std::string& each : all) {
        body.push_back(' ');
        append_receiver(body, each);
    }
}

std::string_view sendsms_password(const config::account& account, std::string_view) {
    return account.sendsms->password;
}

}  // namespace

bool sendsms_door::takes(const http_request& request) const {
    return settings_.sendsms && split_target(request.target).path == path;
}

std::optional<http_response> sendsms_door::handle(const http_request& http, session_id session,
                                                  instant now) {
    login_.count_request();
    const sendsms_request request = read_sendsms(http);
    if (request.fault) {
        http_response response = render_sendsms(*request.fault);
        if (request.fault == error_id::method_unknown) response.content_type = {};
        return response;
    }
    const auto account =
        login_.check(service_, http, {request.username, request.password},
                     service_.account_by_username(request.username), sendsms_password, now);
    if (!account) return render_sendsms(error_id::credentials_wrong);
    auto messages =
        make_messages(request, service_.settings_of(*account), settings_.batch_max, now.wall_ms);
    std::optional<http_response> reply =
        messages ? submit_all(*account, std::move(*messages), session, now)
                 : render_sendsms(messages.error());
    if (reply) reply->is_identified = true;
    return reply;
}

std::optional<http_response> sendsms_door::submit_all(account_id account,
                                                      sendsms_messages&& messages,
                                                      session_id session, instant now) {
    const config::account& settings = service_.settings_of(account);
    std::vector<submission> ready;
    for (const sendsms_receiver& receiver : messages.receivers) {
        auto message = message_for(messages, receiver, settings);
        if (!message) return render_sendsms(error_id::callback_url_invalid);
        ready.push_back(std::move(*message));
    }
    sendsms_pending pending;
    pending.denied = std::move(messages.denied);
    std::optional<error_id> first_refusal;
    for (std::size_t i = 0; i < ready.size(); ++i) {
        auto& written = messages.receivers[i].written;
        const auto sequence = static_cast<std::uint32_t>(pending.receivers.size());
        const auto result = service_.submit(account, std::move(ready[i]), {session, sequence}, now);
        if (result.why != refusal::none) {
            if (!first_refusal) first_refusal = error_of(result.why);
            pending.failed.push_back(std::move(written));
            continue;
        }
        if (!service_.has_carrier_up(result.id)) pending.queued = true;
        pending.receivers.push_back(std::move(written));
    }
    if (pending.receivers.empty()) return render_sendsms(*first_refusal);
    pending.remaining = pending.receivers.size();
    wait(session, std::move(pending));
    return {};
}

std::optional<http_response> sendsms_door::submission_settled(reply_ticket ticket, refusal why) {
    sendsms_pending& pending = waiting(ticket.session);
    assert(ticket.sequence < pending.receivers.size() && pending.remaining > 0);
    if (why == refusal::none)
        ++pending.stored;
    else
        pending.failed.push_back(pending.receivers[ticket.sequence]);
    if (--pending.remaining > 0) return {};
    http_response response = answer(take(ticket.session));
    response.is_identified = true;
    return response;
}

http_response sendsms_door::answer(const sendsms_pending& request) {
    if (request.stored == 0) return render_sendsms(error_id::store_failing);
    http_response response = render_sendsms_accepted(request.queued);
    append_list(response.body, " Denied receivers are:", request.denied);
    append_list(response.body, " Failed receivers are:", request.failed);
    const bool ascii = smpp::text::skip_ascii(response.body, 0) == response.body.size();
    if (!ascii) response.content_type = "text/html; charset=utf-8";
    return response;
}

}  // namespace hikyaku::gateway::api
