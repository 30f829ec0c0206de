// What the applications of the simulated world decide: when they bind, what they submit, cancel,
// replace and ask, and what they make of what they are told.
#include <fmt/format.h>

#include <algorithm>

#include "tests/sim/application_link.hpp"
#include "tests/sim/carrier_link.hpp"
#include "tests/sim/world.hpp"

namespace hikyaku::sim {

using gateway::refusal;
using smpp::command_id;

void world::keep_bound(std::size_t account, command_id kind) {
    const bool bound =
        std::any_of(application_links_.begin(), application_links_.end(), [&](const auto& link) {
            return link->account() == account && link->kind() == kind && link->peer_alive();
        });
    if (bound || night_) return;
    if (!engine_ || draining_) {  // nobody listens
        at(luck_.between(second_us, 5 * second_us),
           [this, account, kind] { keep_bound(account, kind); });
        return;
    }
    auto link = std::make_shared<application_link>(*this, account, kind);
    application_links_.push_back(link);
    link->start();
    link->kick();
}

std::shared_ptr<application_link> world::serving_link(std::size_t account) const {
    const auto at =
        std::find_if(application_links_.begin(), application_links_.end(), [&](const auto& link) {
            return link->account() == account && link->serves() &&
                   link->kind() != command_id::bind_receiver;
        });
    return at == application_links_.end() ? nullptr : *at;
}

void world::submit_now_and_then(std::size_t account) {
    if (calm_) return;
    const auto& habits = scenario_.accounts[account];
    const auto pause = luck_.between(20 * millisecond_us, habits.pause_us_max);
    at(night_ ? hour_us + pause : pause, [this, account] { submit_now_and_then(account); });
    if (!engine_) return;
    const auto count = habits.bulk > 0 && luck_.chance(habits.bulk) ? luck_.between(20, 80) : 1;
    for (std::int64_t i = 0; i < count; ++i) {
        if (habits.how == account_habits::kind::http) {
            submit_by_http(account);
            continue;
        }
        const auto link = serving_link(account);
        if (!link) return;
        if (luck_.chance(scenario_.habits.multi))
            link->submit_several();
        else
            link->submit();
    }
}

std::size_t world::new_message(std::size_t account, gateway::submission& message,
                               bool may_be_long) {
    const auto& settings = scenario_.settings.accounts[account];
    const auto& habits = scenario_.accounts[account];
    const bool fair = habits.how == account_habits::kind::fair;
    const auto number = auditor_.count();
    audited_message made;
    made.account = account;
    made.segments =
        static_cast<std::size_t>(may_be_long && luck_.chance(0.12) ? luck_.between(2, 4) : 1);
    made.phone = fair ? fmt::format("8188{:08}", next_phone_++)
                      : fmt::format("817{}{:08}", luck_.between(0, 9), next_phone_++);
    const bool wants = fair || luck_.chance(0.9);
    made.receipt_wanted = wants && habits.expects_receipts;
    made.each_part_told =
        made.segments > 1 && settings.delivery.parts == config::receipt_parts::each;
    made.fair = fair;
    made.gate.asks = settings.purpose_default != config::purpose::transactional;
    message.source = {1, 1, std::string(sender_number)};
    message.destination = as_written(settings, number, made.phone);
    message.registered_delivery = wants ? 1 : 0;
    message.priority = fair ? 0 : static_cast<std::uint8_t>(luck_.between(0, 3));
    message.octets = text_of_message(number, made.segments, 'a');
    const bool by_message = !fair && habits.version > 0x33 && luck_.chance(0.1);
    made.at_most_once = settings.at_most_once || by_message;
    message.at_most_once = by_message;
    const auto wall_ms = now().wall_ms;
    std::int64_t starts_ms = wall_ms;
    if (!fair && luck_.chance(scenario_.habits.scheduled)) {
        starts_ms += luck_.between(1, 60) * 1000;
        message.send_at_ms = starts_ms;
    }
    if (!fair && luck_.chance(0.2)) {
        message.expires_ms = starts_ms + luck_.pick(std::vector<std::int64_t>{
                                             5'000, 60'000, 600'000, 3'600'000, 86'400'000});
    }
    return auditor_.new_message(std::move(made));
}

void world::note_quota(std::size_t account, std::uint32_t segments) {
    const auto wrong = quotas_[account].add(scheduler_.now_us(), segments);
    if (!wrong.empty()) auditor_.fail(fmt::format("account {}: {}", account, wrong));
    const auto most = scenario_.settings.accounts[account].queued_max;
    if (most < 1000) {
        const auto queued = engine_->accounts()[account].queued;
        if (queued > most) {
            auditor_.fail(fmt::format("account {} has {} messages queued, its limit is {}", account,
                                      queued, most));
        }
    }
}

void world::note_taken(std::size_t number, const gateway::submit_result& result) {
    const auto& message = auditor_.message(number);
    scheduler_.trace(6, number);
    if (result.segments != message.segments) {
        auditor_.fail(
            fmt::format("planned {} segments instead of {}", result.segments, message.segments));
    }
    auditor_.identified(number, static_cast<std::uint64_t>(result.id));
    note_quota(message.account, result.segments);
    if (!members_.contains(number) && !message.fair) operate_now_and_then(message.account, number);
}

/// Sometimes the application thinks better of it, or wants to know.
void world::operate_now_and_then(std::size_t account, std::size_t number) {
    const auto& habits = scenario_.habits;
    const bool cancels = strikes(habits.cancels);
    const bool replaces =
        !cancels && auditor_.message(number).segments == 1 && strikes(habits.replaces);
    const bool queries = !cancels && !replaces && strikes(habits.queries);
    if (!cancels && !replaces && !queries) return;
    at_this_run(luck_.between(10 * millisecond_us, 20 * second_us),
                [this, account, number, cancels, replaces] {
                    if (!auditor_.message(number).answered) return;
                    if (scenario_.accounts[account].how != account_habits::kind::smpp) {
                        if (cancels) cancel_by_http(account, number);
                        return;
                    }
                    const auto link = serving_link(account);
                    if (!link) return;
                    if (cancels)
                        link->cancel(number);
                    else if (replaces)
                        link->replace(number);
                    else
                        link->query(number);
                });
}

/// `segments` of `messages` were refused: only for a reason that there is.
void world::note_refused(std::size_t account, refusal why, std::uint32_t segments,
                         std::uint32_t messages) {
    const auto& settings = scenario_.settings.accounts[account];
    const bool disk =
        (why == refusal::store_failing && store_failing_) || why == refusal::store_busy;
    const auto queued = engine_->accounts()[account].queued;
    const bool limits = (why == refusal::rate_exceeded &&
                         quotas_[account].is_over_with(scheduler_.now_us(), segments)) ||
                        (why == refusal::queue_full && queued + messages > settings.queued_max);
    const bool late = why == refusal::validity_invalid;  // it came when its time was over
    const bool drains = why == refusal::shutting_down && draining_;
    if (!disk && !limits && !late && !drains)
        auditor_.fail(fmt::format("a good submission was refused ({})", static_cast<int>(why)));
}

/// An application has read what the engine handed over; `octets` is its text.
void world::note_told(std::size_t account, std::uint64_t sequence, const std::string& octets) {
    const auto* entry = auditor_.delivery(sequence);
    const bool first = !entry->read;
    const bool is_reply = entry->message == 0;
    scheduler_.trace(7, sequence);
    if (!auditor_.delivery_read(sequence, account) || !first || !is_reply) return;
    std::size_t marks = 0;
    for (auto at = octets.find('~'); at != std::string::npos; at = octets.find('~', at + 1)) {
        const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
        if (at + 11 > octets.size() || octets[at + 9] != '/' || !is_digit(octets[at + 10]) ||
            !std::all_of(octets.data() + at + 1, octets.data() + at + 9, is_digit))
            continue;  // an octet of a header
        ++marks;
        auditor_.reply_told(std::stoull(octets.substr(at + 1, 8)),
                            std::stoull(octets.substr(at + 10, 1)), account);
    }
    if (marks == 0) auditor_.fail("a reply was told without its text");
}

}  // namespace hikyaku::sim
