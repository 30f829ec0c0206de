#include "gateway/dunning/answers/answer_sender.hpp"

#include <fmt/format.h>

#include <utility>

#include "gateway/dunning/octets.hpp"
#include "gateway/dunning/seal/words.hpp"
#include "gateway/engine/errors.hpp"

namespace hikyaku::gateway::dunning {
namespace {

constexpr std::size_t at_once_max = 64;
constexpr std::int64_t pause_ms = 1000;
// An idempotency key is known for a day: what is older may have been sent.
constexpr std::int64_t row_age_max_ms = std::int64_t{23} * 3'600'000;
constexpr std::string_view no_body_hash = "hikyaku answers replies by one id";  // cut to 32 octets

/// No client can name it: theirs are printable.
std::string key_of(std::uint64_t row) {
    return fmt::format("\x01reply/{}", row);
}

bool may_be_tried_again(refusal why) {
    return why == refusal::rate_exceeded || why == refusal::queue_full ||
           why == refusal::store_busy || why == refusal::store_failing ||
           why == refusal::shutting_down;
}

bool is_confirmation(record::AnswerKind kind) {
    return kind == record::AnswerKind::stop || kind == record::AnswerKind::stop_one;
}

}  // namespace

void answer_sender::pump(instant now) {
    take_settled(now);
    const bool is_due = retry_ms_ != 0 && retry_ms_ <= now.wall_ms;
    if (!is_woken_ && !is_due) return;
    is_woken_ = false;
    retry_ms_ = 0;
    if (engine_.refuses_changes() != refusal::none) {
        retry_ms_ = now.wall_ms + pause_ms;
        return;
    }
    const auto from = store_.read();
    std::size_t count = 0;
    from.scan(table::answers, {}, [&](std::uint64_t row, const record::Answer& what) {
        if (busy_.contains(row)) return ++count < at_once_max;
        if (++count > at_once_max || !submit(row, what, now)) {
            retry_ms_ = now.wall_ms + pause_ms;
            return false;
        }
        return true;
    });
}

bool answer_sender::submit(std::uint64_t row, const record::Answer& what, instant now) {
    const account_id account{what.account()};
    const auto* keys = gate_.keys().find(what.account());
    if (keys == nullptr) return true;
    auto words =
        open_words(*keys, {table::answers.number, row, 0}, view_of_octets(what.sealed()), 4);
    const under_way about{row, account, what.kind(), words[3]};
    const bool is_late = (what.by() != 0 && what.by() <= now.wall_ms) ||
                         what.replied() + row_age_max_ms <= now.wall_ms;
    const auto key = key_of(row);
    const auto known = engine_.begin_idempotent(account, key, no_body_hash.substr(0, 32), now);
    if (known.what == idempotent_reply::kind::in_flight) return true;
    if (known.what != idempotent_reply::kind::fresh) {
        finish(about, {}, 0, now);  // a process before this one has handed it in
        return true;
    }
    if (is_late) {
        engine_.forget_reply(account, key);
        finish(about, "late", 0, now);
        return true;
    }
    submission message;
    message.origin = Origin::http;
    message.destination = {what.to_ton(), what.to_npi(), words[0]};
    message.source = {what.from_ton(), what.from_npi(), words[1]};
    message.text = words[2];
    message.purpose = Purpose::service;
    message.track_links = false;
    message.at_most_once = true;
    message.confirms_stop = is_confirmation(what.kind());
    if (what.by() != 0) message.expires_ms = what.by();
    const auto ticket = next_ticket();
    const auto result = engine_.submit(account, std::move(message), ticket, now);
    if (result.why == refusal::none) {
        engine_.store_reply(account, key, 202, "text/plain",
                            fmt::to_string(static_cast<std::uint64_t>(result.id)), now);
        busy_.insert(row);
        by_ticket_.emplace(ticket.sequence, about);
        return true;
    }
    engine_.forget_reply(account, key);
    if (may_be_tried_again(result.why)) return false;
    give_up(about, result.why, now);
    return true;
}

void answer_sender::take_settled(instant now) {
    for (const auto& what : std::exchange(settled_, {})) {
        const auto at = by_ticket_.find(what.ticket.sequence);
        if (at == by_ticket_.end()) continue;
        const auto about = std::move(at->second);
        by_ticket_.erase(at);
        if (what.why == refusal::none) {
            finish(about, record::EnumNameAnswerKind(about.kind),
                   static_cast<std::uint64_t>(what.id), now);
            continue;
        }
        engine_.forget_reply(about.account, key_of(about.row));
        busy_.erase(about.row);
        retry_ms_ = now.wall_ms + pause_ms;
    }
}

void answer_sender::rows_kept(reply_ticket ticket) {
    const auto at = ending_.find(ticket.sequence);
    if (at == ending_.end()) return;
    busy_.erase(at->second);
    ending_.erase(at);
}

/// The row ends. It stays in `busy_`: until that is on disk the next look finds it again.
void answer_sender::finish(const under_way& what, std::string_view detail, std::uint64_t message,
                           instant now) {
    const protection::obligation obliged(protection_);
    busy_.insert(what.row);
    store::batch rows;
    rows.erase(table::answers, id_key(what.row));
    const auto ticket = next_ticket();
    ending_.emplace(ticket.sequence, what.row);
    engine_.keep(rows, ticket, now);
    if (detail.empty()) return;
    protection_.tell_timeline(what.account,
                              {.kind = record::TimelineKind::reply_answered,
                               .subject = message,
                               .contact = what.contact,
                               .detail = detail},
                              next_ticket(), now);
}

void answer_sender::give_up(const under_way& what, refusal why, instant now) {
    const protection::obligation obliged(protection_);
    task_view task;
    task.kind = "reply_answer";
    task.what = "answer the reply: the configured text could not be sent";
    task.why = code_of(why);
    task.contact = what.contact;
    (void)protection_.open_task(what.account, task, next_ticket(), now);
    finish(what, "refused", 0, now);
}

}  // namespace hikyaku::gateway::dunning
