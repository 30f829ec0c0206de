#include "gateway/api/twilio/reply_answers.hpp"

#include <fmt/format.h>

#include <cassert>

#include "gateway/api/addresses.hpp"
#include "gateway/api/digest.hpp"
#include "gateway/api/twilio/request.hpp"
#include "gateway/engine/delivery/callback_url.hpp"
#include "gateway/engine/errors.hpp"
#include "smpp/pdu/constants.hpp"

namespace hikyaku::gateway::api::twilio {
namespace {

/// No application can send this Idempotency-Key: the first octet is no character of one.
std::string key_of(std::uint64_t sequence, std::size_t index) {
    return fmt::format("\x01twiml {} {}", sequence, index);
}

bool may_pass(refusal why) {
    return why == refusal::rate_exceeded || why == refusal::queue_full ||
           why == refusal::store_busy || why == refusal::store_failing ||
           why == refusal::shutting_down;
}

/// `action` of a message, which may be a path at the server that was asked; empty if it is no URL.
std::string action_url(std::string_view action, std::string_view asked) {
    std::string url(action);
    if (action.starts_with('/')) url.insert(0, callback_host(asked));
    return is_callback_url(url) ? url : std::string{};
}

/// Empty: an address cannot be read; a note says which.
std::optional<submission> submission_for(const twiml_message& message,
                                         const answerable_reply& reply,
                                         const config::account& account,
                                         std::vector<std::string>& notes) {
    auto to = parse_destination(message.to.empty() ? reply.phone : message.to, account);
    auto from = read_sender_address(message.from.empty() ? reply.number : message.from);
    if (!to || !from) {
        notes.push_back(fmt::format("a <Message> is not sent: its '{}' is no {}",
                                    to ? "from" : "to", to ? "sender" : "phone number"));
        return {};
    }
    submission out;
    out.origin = Origin::http;
    out.registered_delivery = smpp::registered_delivery::final;
    out.destination = std::move(*to);
    out.source = std::move(*from);
    out.text = message.text;
    if (message.action.empty()) return out;
    const std::string_view asked =  // a reload may have taken it away since
        account.twilio ? std::string_view(account.twilio->sms_url) : std::string_view{};
    if (auto url = action_url(message.action, asked); !url.empty())
        out.callback = {std::move(url), CallbackForm::twilio, CallbackMethod::post,
                        callback_type::accepted | callback_type::delivered | callback_type::failed |
                            callback_type::refused};
    else
        notes.emplace_back("the 'action' of a <Message> is no URL");
    return out;
}

}  // namespace

reply_answers::begun reply_answers::begin(account_id account, std::uint64_t sequence,
                                          const answerable_reply& reply, std::string_view body,
                                          session_id session, instant now) {
    begun out;
    auto read = read_twiml(body);
    out.notes = std::move(read.notes);
    pending_answer pending;
    pending.account = account;
    pending.sequence = sequence;
    for (const twiml_message& message : read.messages)
        if (!submit_one(message, reply, session, now, pending, out.notes)) out.is_refused = true;
    out.is_pending = pending.remaining > 0;
    pending.is_refused = out.is_refused;
    if (out.is_pending) pending_.emplace(static_cast<std::uint64_t>(session), std::move(pending));
    return out;
}

bool reply_answers::submit_one(const twiml_message& message, const answerable_reply& reply,
                               session_id session, instant now, pending_answer& into,
                               std::vector<std::string>& notes) {
    const auto index = into.keys.size();
    const auto& key = into.keys.emplace_back(key_of(into.sequence, index));
    const digest hash = digest_of(key);
    const std::string_view octets{reinterpret_cast<const char*>(hash.data()), hash.size()};
    const auto known = service_.begin_idempotent(into.account, key, octets, now);
    if (known.what != idempotent_reply::kind::fresh) return true;  // sent when it was told before
    auto made = submission_for(message, reply, service_.settings_of(into.account), notes);
    if (!made) {
        service_.forget_reply(into.account, key);
        return true;
    }
    const auto sequence = static_cast<std::uint32_t>(index);
    const auto result = service_.submit(into.account, std::move(*made), {session, sequence}, now);
    if (result.why == refusal::none) {
        service_.store_reply(into.account, key, 201, {}, {}, now);
        ++into.remaining;
        return true;
    }
    service_.forget_reply(into.account, key);
    if (may_pass(result.why)) return false;
    notes.push_back(fmt::format("a <Message> is refused: {}", code_of(result.why)));
    return true;
}

std::optional<reply_answers::finished> reply_answers::settled(reply_ticket ticket, refusal why) {
    const auto at = pending_.find(static_cast<std::uint64_t>(ticket.session));
    assert(at != pending_.end());
    pending_answer& pending = at->second;
    assert(ticket.sequence < pending.keys.size() && pending.remaining > 0);
    if (why != refusal::none) {
        service_.forget_reply(pending.account, pending.keys[ticket.sequence]);
        pending.is_refused = true;
    }
    if (--pending.remaining > 0) return {};
    const finished out{pending.account, pending.sequence, pending.is_refused};
    pending_.erase(at);
    return out;
}

}  // namespace hikyaku::gateway::api::twilio
