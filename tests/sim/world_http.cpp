// Applications over HTTP, as far as the engine sees them: submissions that wait for their answer,
// cancellations, and webhooks that take events, fail, or say nothing. The HTTP protocol itself is
// not simulated.
#include <fmt/format.h>

#include <algorithm>

#include "tests/sim/application_link.hpp"
#include "tests/sim/carrier_link.hpp"
#include "tests/sim/world.hpp"

namespace hikyaku::sim {

using gateway::message_id;
using gateway::refusal;

namespace {

constexpr std::uint64_t http_bit = 1ULL << 63;  // in the session of a ticket

/// The octets of a reply; nothing of other events.
std::string text_of(const gateway::outbox_event& event) {
    const auto* reply = std::get_if<gateway::reply_event>(&event);
    return reply == nullptr ? std::string() : std::string(smpp::text::chars_of(reply->octets));
}

}  // namespace

void world::submit_by_http(std::size_t account) {
    gateway::submission message;
    const auto number = new_message(account, message, true);
    auto& known = auditor_.message(number);
    message.origin = gateway::Origin::http;
    const bool by_policy_of_account = scenario_.settings.accounts[account].at_most_once;
    known.at_most_once = by_policy_of_account || message.at_most_once;
    if (options_.mistake == planted::policy_ignored) message.at_most_once = false;
    const std::chrono::milliseconds validity =
        scenario_.settings.accounts[account].validity_default;
    const auto starts = message.send_at_ms.value_or(now().wall_ms);
    known.expires_ms = message.expires_ms.value_or(starts + validity.count());
    const auto request = http_bit | next_handle_++;
    const auto result =
        engine_->submit(account_of(account), std::move(message), {session_id{request}, 0}, now());
    if (result.why != refusal::none) {
        note_refused(account, result.why, static_cast<std::uint32_t>(known.segments), 1);
        return;
    }
    http_requests_[request] = {number, false};
    note_taken(number, result);
    if (options_.mistake == planted::answered_too_soon)
        auditor_.answered(number, fmt::format("{}", static_cast<std::uint64_t>(result.id)));
}

void world::cancel_by_http(std::size_t account, std::size_t number) {
    const auto request = http_bit | next_handle_++;
    const auto why = engine_->cancel(account_of(account), message_id{auditor_.message(number).id},
                                     {session_id{request}, 0}, now());
    if (why == refusal::none) {
        auditor_.message(number).cancel_asked = true;
        http_requests_[request] = {number, true};
    } else if (why == refusal::not_found) {
        auditor_.fail(fmt::format("message {} was answered, but cannot be found", number));
    }
}

void world::settle_http(gateway::reply_ticket ticket, message_id id, refusal why) {
    const auto at = http_requests_.find(static_cast<std::uint64_t>(ticket.session));
    if (at == http_requests_.end()) {
        auditor_.fail("a request was answered twice");
        return;
    }
    const auto [number, cancels] = at->second;
    http_requests_.erase(at);
    if (auditor_.message(number).id != static_cast<std::uint64_t>(id)) {
        auditor_.fail(fmt::format("message {} was answered with another's id", number));
        return;
    }
    if (cancels) {
        auditor_.message(number).cancelled = true;
    } else if (why == refusal::none && options_.mistake != planted::answered_too_soon) {
        // The answer may get lost on its way; then nobody counts on the message, but it is sent.
        if (!strikes(0.02)) {
            at_this_run(
                luck_.between(100, 20 * millisecond_us),
                [this, number, id] {
                    auditor_.answered(number, fmt::format("{}", static_cast<std::uint64_t>(id)));
                });
        }
    }
}

/// A backlog that lasts: all accounts of the carrier always want more than it takes.
void world::fill_fair_share(std::size_t account) {
    if (calm_) return;
    at(second_us, [this, account] { fill_fair_share(account); });
    if (!engine_ || draining_ || shares_.waiting(account) >= 60) return;
    for (int i = 0; i < 60; ++i)
        submit_by_http(account);
}

// Webhooks.

void world::post_webhook(gateway::account_id account, std::uint64_t token,
                         std::span<const gateway::outbox_item> items) {
    struct copied {
        std::uint64_t sequence;
        std::string text;
    };
    const auto index = index_of(account);
    auto batch = std::make_shared<std::vector<copied>>();
    for (const auto& item : items) {
        auditor_.delivery_handed(item.sequence, delivery_of(index, token | http_bit, item.event));
        batch->push_back({item.sequence, text_of(item.event)});
    }
    const bool down = scheduler_.now_us() < webhooks_fail_until_us_ || (night_ && !calm_);
    const bool fails = down || strikes(scenario_.habits.webhook_fails);
    if (fails) ++tally_[fault::webhook_failed];
    // No answer, or a bad one: it may have read them nevertheless.
    const bool reads = !fails || luck_.chance(0.3);
    gateway::http_answer answer;
    answer.status = !fails ? 200 : static_cast<std::uint32_t>(luck_.pick(std::vector{0, 500, 429}));
    if (answer.status == 429) answer.retry_after = std::chrono::seconds(luck_.between(1, 20));
    const auto run = run_;
    at(luck_.between(millisecond_us, 100 * millisecond_us),
       [this, run, index, account, token, batch, reads, answer] {
           for (const auto& one : *batch)
               if (reads) note_told(index, one.sequence, one.text);
           if (run != run_ || !engine_) return;
           for (const auto& one : *batch)
               auditor_.delivery_ended(one.sequence, token | http_bit, answer.status == 200);
           engine_->on_webhook_answer(account, token, answer, now());
       });
}

}  // namespace hikyaku::sim
