// The applications of the simulated world: they submit, cancel, and take or refuse receipts.
#include <fmt/format.h>

#include "store/ids.hpp"
#include "tests/sim/world.hpp"

namespace hikyaku::sim {

using gateway::account_id;
using gateway::message_id;
using gateway::refusal;
using smpp::command_status;

namespace {

constexpr std::int64_t second_us = 1'000'000;

/// A text whose every segment names the message: "#17." again and again. The numbers are padded to
/// eight digits, so that a whole mark fits into any segment at any offset.
std::string text_of(std::size_t number, std::size_t segments) {
    const std::size_t length = segments == 1 ? 60 : 153 * segments - 10;
    std::string text;
    while (text.size() < length) {
        text += fmt::format("#{:08}.", number);
    }
    text.resize(length);
    return text;
}

}  // namespace

void world::open_session(std::size_t account) {
    const session_id id{next_handle_++};
    sessions_[id] = {account};
    engine_->on_session_up(id,
                           {account_id{static_cast<std::uint32_t>(account)}, true, true,
                            static_cast<std::uint32_t>(between(1, 10))},
                           now());
}

void world::close_session(session_id session) {
    const auto account = sessions_.at(session).account;
    sessions_.erase(session);
    engine_->on_session_down(session, now());
    at_this_run(between(1, 20) * second_us, [this, account] { open_session(account); });
}

void world::submit_some(std::size_t account) {
    if (calm_) {
        return;
    }
    // Account 0 sends bulks, the others now and then one message.
    const auto count = account == 0 && between(0, 20) == 0 ? between(20, 200) : 1;
    for (std::int64_t i = 0; i < count; ++i) {
        submit_one(account);
    }
    at(between(50'000, second_us), [this, account] { submit_some(account); });
}

void world::submit_one(std::size_t account) {
    const auto segments = static_cast<std::size_t>(between(0, 9) == 0 ? between(2, 4) : 1);
    const bool receipt = between(0, 9) != 0;
    const auto number = auditor_.new_message(account, segments, receipt);
    gateway::submission message;
    message.origin = gateway::Origin::smpp;
    message.source = {1, 1, "819000000001"};
    message.destination = {1, 1, fmt::format("81{}0{:08}", between(7, 9), next_phone_++)};
    message.octets = text_of(number, segments);
    message.priority = static_cast<std::uint8_t>(between(0, 3));
    message.registered_delivery = receipt ? 1 : 0;
    if (between(0, 19) == 0) {
        message.send_at_ms = now().wall_ms + between(1, 30) * 1000;
    }
    const gateway::reply_ticket ticket{session_id{account}, next_ticket_++};
    const auto result = engine_->submit(account_id{static_cast<std::uint32_t>(account)},
                                        std::move(message), ticket, now());
    if (result.why != refusal::none) {
        const bool expected =
            result.why == refusal::store_failing || result.why == refusal::store_busy;
        if (!expected) {
            auditor_.fail(
                fmt::format("a good submission was refused ({})", static_cast<int>(result.why)));
        }
        return;
    }
    if (result.segments != segments) {
        auditor_.fail(fmt::format("planned {} segments instead of {}", result.segments, segments));
    }
    submitted_[{account, ticket.sequence}] = number;
    if (chance(faults_.cancels)) {
        at_this_run(between(10'000, 3 * second_us), [this, account, number] {
            const auto& known = auditor_.message(number);
            if (known.answered) {
                const gateway::reply_ticket cancel_ticket{session_id{account}, next_ticket_++};
                submitted_[{account, cancel_ticket.sequence}] = number;
                (void)engine_->cancel(account_id{static_cast<std::uint32_t>(account)},
                                      message_id{known.id}, cancel_ticket, now());
            }
        });
    }
}

void world::submission_settled(gateway::reply_ticket ticket, message_id id, refusal why) {
    const auto at = submitted_.find({static_cast<std::uint64_t>(ticket.session), ticket.sequence});
    if (at == submitted_.end()) {
        auditor_.fail("an answer for a submission that nobody waits for");
        return;
    }
    if (why == refusal::none) {
        auditor_.answered(at->second, static_cast<std::uint64_t>(id));
    }
    submitted_.erase(at);
}

void world::cancellation_settled(gateway::reply_ticket ticket, message_id id) {
    const auto at = submitted_.find({static_cast<std::uint64_t>(ticket.session), ticket.sequence});
    if (at == submitted_.end() ||
        auditor_.message(at->second).id != static_cast<std::uint64_t>(id)) {
        auditor_.fail("a cancellation was answered with another message's id");
        return;
    }
    auditor_.message(at->second).cancelled = true;
    submitted_.erase(at);
}

bool world::deliver(session_id session, std::uint64_t sequence, const store::record::Event& told) {
    const auto at = sessions_.find(session);
    if (at == sessions_.end()) {
        auditor_.fail("a receipt was handed to a session that is closed");
        return false;
    }
    const auto account = at->second.account;
    const bool silent = chance(faults_.application_silent);
    const bool full = !silent && chance(faults_.application_says_full);
    auditor_.receipt_handed(account, told.message(),
                            told.state() == store::record::State::delivered, !silent && !full);
    at_this_run(between(100, 50'000), [this, session, sequence, silent, full] {
        if (!sessions_.contains(session)) {
            return;
        }
        if (silent) {
            at_this_run(10 * second_us, [this, session, sequence] {
                engine_->on_delivery_timeout(session, sequence, now());
            });
            return;
        }
        engine_->on_delivery_answer(session, sequence,
                                    full ? command_status::esme_rmsgqful : command_status::esme_rok,
                                    now());
    });
    return true;
}

void world::post_webhook(gateway::account_id, std::uint64_t,
                         std::span<const gateway::outbox_item>) {
    auditor_.fail("a webhook is called that nobody has configured");
}

}  // namespace hikyaku::sim
