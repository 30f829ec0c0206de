#include "tests/sim/auditor.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace hikyaku::sim {

using attempt_state = audited_attempt::state;
using delivery_state = audited_delivery::state;

void auditor::fail(const std::string& what) {
    if (faults_.size() < 20) {
        faults_.push_back(fmt::format("seed {} at {:.6f} s: {}", seed_,
                                      static_cast<double>(now_us_) / 1e6, what));
    }
}

// Submissions.

std::size_t auditor::new_message(audited_message&& made) {
    made.parts.resize(made.segments);
    messages_.push_back(std::move(made));
    return messages_.size() - 1;
}

void auditor::identified(std::size_t number, std::uint64_t id) {
    auto& message = messages_[number];
    if (message.id == id) return;
    if (!by_id_.emplace(id, number).second) fail(fmt::format("id {} was given out twice", id));
    message.id = id;
}

void auditor::stored(std::size_t number) {
    auto& message = messages_[number];
    if (message.given_back)
        fail(fmt::format("message {} is on disk although it was given back", number));
    if (!message.stored) {
        message.stored = true;
        ++counts_.messages;
        counts_.segments += message.segments;
    }
}

void auditor::given_back(std::size_t number) {
    auto& message = messages_[number];
    if (message.stored || message.handed_out)
        fail(fmt::format("message {} was given back although it was taken", number));
    message.given_back = true;
}

void auditor::answered(std::size_t number, const std::string& text_id) {
    auto& message = messages_[number];
    if (message.answered) fail(fmt::format("message {} was answered twice", number));
    if (!message.stored) fail(fmt::format("message {} was answered before it was on disk", number));
    message.answered = true;
    message.text_id = text_id;
}

// Segments.

/// At-most-once, by the message or by the carrier that had it: unless it surely did not go out.
bool auditor::never_again(const audited_message& message, const audited_attempt& before) const {
    const bool policy = message.at_most_once || std::find(awaiting_.begin(), awaiting_.end(),
                                                          before.carrier) != awaiting_.end();
    if (!policy) return false;
    switch (before.what) {
        case attempt_state::unknown:
        case attempt_state::forgotten:
            return true;
        default:
            return false;
    }
}

void auditor::gate_answered(std::size_t number, bool allowed, bool refused,
                            std::int64_t deliver_by_ms) {
    auto& gate = messages_[number].gate;
    if (!gate.asks)
        fail(fmt::format("the gate is asked about message {}, which is transactional", number));
    if (gate.refused)
        fail(fmt::format("the gate is asked about message {} although it was refused", number));
    gate.allowed = allowed;
    gate.refused = refused;
    gate.ever_refused |= refused;
    gate.used = false;
    gate.deliver_by_ms = deliver_by_ms;
}

bool auditor::not_begun(const audited_message& message) const {
    return std::all_of(
        message.parts.begin(), message.parts.end(),
        [&](const auto& part) {
            return !part.delivered && !part.failed &&
                   std::all_of(
                       part.attempts.begin(), part.attempts.end(),
                       [&](std::size_t index) {
                           const auto& one = attempts_[index];
                           return one.what != attempt_state::open &&
                                  one.what != attempt_state::known_ok && !never_again(message, one);
                       });
        });
}

/// An answer counts for one attempt, which may have to wait for a commit.
void auditor::check_gate(audited_message& message, const std::string& name) {
    auto& gate = message.gate;
    if (!gate.asks) return;
    if (!gate.allowed)
        fail(name + " was sent although the gate had not allowed it");
    else if (wall_ms_ >= gate.deliver_by_ms)
        fail(name + " was sent after the time that the gate had allowed");
    else if (gate.used && not_begun(message))
        fail(name + " was sent with an old answer of the gate");
    gate.used = true;
}

std::size_t auditor::attempt_made(std::size_t number, std::size_t segment, std::size_t carrier) {
    auto& message = messages_[number];
    const auto name = fmt::format("message {} segment {}", number, segment);
    if (!message.stored) fail(name + " was sent before it was on disk");
    if (message.cancelled) fail(name + " was sent after it was cancelled");
    if (!message.handed_out && wall_ms_ > message.expires_ms)
        fail(name + " was sent after its validity was over");
    if (message.parts[segment].exhausted)
        fail(name + " was sent again although its last attempt was refused");
    check_gate(message, name);
    for (const auto index : message.parts[segment].attempts) {
        const auto& before = attempts_[index];
        if (before.what == attempt_state::open)
            fail(name + " was sent again while an attempt was under way");
        else if (before.what == attempt_state::known_ok)
            fail(name + " was sent again although a carrier had accepted it: a certain duplicate");
        else if (never_again(message, before))
            fail(name + " was sent again after an unknown outcome, against its policy");
    }
    message.handed_out = true;
    attempts_.push_back({number, segment, carrier, attempt_state::open, false, false});
    message.parts[segment].attempts.push_back(attempts_.size() - 1);
    return attempts_.size() - 1;
}

void auditor::attempt_reached(std::size_t index) {
    auto& attempt = attempts_[index];
    if (attempt.reached) {
        fail(fmt::format("message {} segment {} came twice in one request", attempt.message,
                         attempt.segment));
    }
    if (attempt.what == attempt_state::not_sent) {
        fail(fmt::format("message {} segment {} reached a carrier although it was never sent",
                         attempt.message, attempt.segment));
    }
    attempt.reached = true;
}

void auditor::attempt_accepted(std::size_t index) {
    auto& attempt = attempts_[index];
    auto& segment = messages_[attempt.message].parts[attempt.segment];
    attempt.accepted = true;
    if (++segment.accepted > 1) ++counts_.resent;
}

void auditor::attempt_answered(std::size_t index, bool ok,
                               std::optional<std::uint32_t> attempts_max) {
    auto& attempt = attempts_[index];
    if (attempt.what == attempt_state::forgotten) return;  // an answer to the process that died
    if (ok && !attempt.accepted) {
        fail(fmt::format("message {} segment {}: a positive answer nobody gave", attempt.message,
                         attempt.segment));
    }
    attempt.what = ok ? attempt_state::known_ok : attempt_state::refused;
    if (ok) return;
    auto& message = messages_[attempt.message];
    message.refusals = true;
    attempt.counts = attempts_max.has_value();
    auto& segment = message.parts[attempt.segment];
    // A replaced message begins anew.
    if (attempts_max && message.versions == 1 && segment.accepted == 0) {
        const auto from =
            segment.attempts.begin() + static_cast<std::ptrdiff_t>(segment.counted_from);
        const auto counted = std::count_if(from, segment.attempts.end(), [&](std::size_t other) {
            const auto& one = attempts_[other];
            return one.counts &&
                   (one.what == attempt_state::refused || one.what == attempt_state::unknown);
        });
        segment.exhausted = counted >= std::max<std::ptrdiff_t>(*attempts_max, 1);
    }
}

void auditor::attempt_failed(std::size_t index, bool may_have_left) {
    auto& attempt = attempts_[index];
    if (attempt.what == attempt_state::open)
        attempt.what = may_have_left ? attempt_state::unknown : attempt_state::not_sent;
    if (!may_have_left && attempt.reached) {
        fail(fmt::format("message {} segment {} is called not sent, but a carrier has it",
                         attempt.message, attempt.segment));
    }
}

void auditor::carrier_says(std::size_t number, std::size_t segment, bool delivered) {
    auto& part = messages_[number].parts[segment];
    (delivered ? part.delivered : part.failed) = true;
}

// What applications are told.

audited_delivery* auditor::delivery(std::uint64_t sequence) {
    const auto at = deliveries_.find(sequence);
    return at == deliveries_.end() ? nullptr : &at->second;
}

void auditor::delivery_handed(std::uint64_t sequence, const audited_delivery& what) {
    auto& entry = deliveries_.try_emplace(sequence, what).first->second;
    const auto name = fmt::format("entry {} of account {}", sequence, what.account);
    if (entry.account != what.account || entry.message != what.message) fail(name + " has changed");
    if (entry.what == delivery_state::open) {
        fail(fmt::format("{} was handed to {:x} while {:x} has it", name, what.handed_to,
                         entry.handed_to));
    } else if (entry.what == delivery_state::done) {
        fail(name + " was handed over again although it had been acknowledged");
    }
    entry.what = delivery_state::open;
    entry.handed_to = what.handed_to;
    if (++entry.times > 1) ++counts_.redelivered;
}

bool auditor::delivery_read(std::uint64_t sequence, std::size_t account) {
    auto& entry = deliveries_.at(sequence);
    const bool first = !std::exchange(entry.read, true);
    if (entry.account != account) {
        fail(fmt::format("account {} was told what belongs to account {}", account, entry.account));
        return false;
    }
    if (entry.message == 0 || !first) return true;
    const auto* number = number_of(entry.message);
    if (number == nullptr) {
        fail(fmt::format("a receipt names id {}, which nobody knows", entry.message));
        return false;
    }
    auto& message = messages_[*number];
    const auto name = fmt::format("the receipt of message {}", *number);
    if (message.account != account)
        fail(fmt::format("{} of account {} went to account {}", name, message.account, account));
    if (!message.receipt_wanted) fail(name + " was not asked for");
    if (!entry.final) return true;
    auto& told = message.told[entry.part];
    if (!told.empty() && told.back() != State::unknown) {
        fail(fmt::format("{} part {} was told twice, {} and {}", name, entry.part,
                         static_cast<int>(told.back()), static_cast<int>(entry.told)));
    }
    told.push_back(entry.told);
    check_state(*number, entry.told);
    ++counts_.receipts;
    return true;
}

void auditor::delivery_ended(std::uint64_t sequence, std::uint64_t handed_to, bool ok) {
    auto& entry = deliveries_.at(sequence);
    if (entry.what != delivery_state::open || entry.handed_to != handed_to)
        return;  // an answer to an earlier time
    entry.what = ok ? delivery_state::done : delivery_state::waiting;
    if (ok && !std::exchange(entry.acknowledged, true) && entry.message != 0 && entry.final) {
        if (const auto* number = number_of(entry.message)) ++messages_[*number].acknowledged;
    }
}

std::size_t auditor::new_reply(std::size_t account, std::size_t parts) {
    replies_.push_back({account, std::vector<audited_reply::part>(parts)});
    return replies_.size() - 1;
}

void auditor::reply_told(std::size_t number, std::size_t part, std::size_t account) {
    if (number >= replies_.size() || part >= replies_[number].parts.size()) {
        fail(fmt::format("account {} was told part {} of unknown reply {}", account, part, number));
        return;
    }
    auto& reply = replies_[number];
    if (reply.account != account)
        fail(fmt::format("a reply for account {} went to account {}", reply.account, account));
    auto& told = reply.parts[part];
    if (++told.told > told.sends) {
        fail(fmt::format("reply {} part {} was told {} times, a carrier sent it {} times", number,
                         part, told.told, told.sends));
    }
    ++counts_.replies;
}

// Restart and end.

void auditor::restarted(const std::function<bool(std::uint64_t id, std::size_t segment)>& submitted,
                        const std::function<bool(std::uint64_t sequence)>& waits) {
    for (auto& message : messages_) {
        message.gate.refused = false;
        for (std::size_t i = 0; i < message.segments; ++i) {
            auto& attempts = message.parts[i].attempts;
            message.parts[i].counted_from = attempts.size();
            message.parts[i].exhausted = false;  // that may not have been on disk
            const bool any = std::any_of(attempts.begin(), attempts.end(), [&](std::size_t index) {
                const auto what = attempts_[index].what;
                return what == attempt_state::open || what == attempt_state::known_ok;
            });
            if (!any) continue;
            const bool known = submitted(message.id, i);
            for (const auto index : attempts) {
                auto& attempt = attempts_[index];
                if (attempt.what == attempt_state::open ||
                    (attempt.what == attempt_state::known_ok && !known))
                    attempt.what = attempt_state::forgotten;
            }
        }
    }
    for (auto& [sequence, entry] : deliveries_)
        if (entry.what != delivery_state::waiting && waits(sequence))
            entry.what = delivery_state::waiting;
        else if (entry.what == delivery_state::open)
            entry.what = delivery_state::done;  // it was acknowledged, and that is on disk
}

/// validity_period counts in seconds: what is left of a message with less than one expires.
std::int64_t auditor::ends_ms(const audited_message& message) {
    return std::min(message.expires_ms, message.gate.deliver_by_ms - 999);
}

bool auditor::is_explained(const audited_message& message, State state) const {
    const auto any_part = [&](auto test) {
        return std::any_of(message.parts.begin(), message.parts.end(), test);
    };
    switch (state) {
        case State::delivered:
            return any_part([](const auto& part) { return part.delivered; }) &&
                   (message.each_part_told ||
                    !any_part([](const auto& part) { return !part.delivered; }));
        case State::undeliverable:
            return any_part([](const auto& part) { return part.failed; });
        case State::expired:
            return wall_ms_ >= ends_ms(message);
        case State::rejected:
            return message.refusals || message.gate.ever_refused;
        case State::deleted:
            return message.cancel_asked;
        case State::unknown:
            // Without any attempt, too: the store says "may have been sent" before it is. A refusal
            // of another part ends the waiting.
            if (message.gate.ever_refused && message.handed_out) return true;
            return (wall_ms_ >= ends_ms(message) || (message.refusals && message.segments > 1)) &&
                   (message.at_most_once || !awaiting_.empty());
        default:
            return false;
    }
}

std::string auditor::parts_of(const audited_message& message) const {
    std::string parts;
    for (const auto& part : message.parts) {
        parts +=
            fmt::format(" [{}{}", part.delivered ? "delivered" : "", part.failed ? "failed" : "");
        for (const auto index : part.attempts) {
            parts += fmt::format(" carrier {} outcome {}{}", attempts_[index].carrier,
                                 static_cast<int>(attempts_[index].what),
                                 attempts_[index].accepted ? " accepted" : "");
        }
        parts += "]";
    }
    return parts;
}

void auditor::check_state(std::size_t number, State state) {
    if (!is_explained(messages_[number], state)) {
        fail(fmt::format("message {} is in state {}, and nothing explains it:{}", number,
                         static_cast<int>(state), parts_of(messages_[number])));
    }
}

bool auditor::ended(const audited_message& message) const {
    const auto wanted = !message.receipt_wanted ? 0 : message.each_part_told ? message.segments : 1;
    return message.acknowledged >= wanted;
}

std::size_t auditor::unfinished() const {
    std::size_t count = 0;
    for (const auto& message : messages_)
        count += message.stored && !ended(message) ? 1 : 0;
    for (const auto& reply : replies_) {
        count += std::any_of(
            reply.parts.begin(), reply.parts.end(),
            [](const auto& part) { return part.acknowledged && part.told == 0; });
    }
    for (const auto& [sequence, entry] : deliveries_)
        count += entry.what != delivery_state::done ? 1 : 0;
    return count;
}

void auditor::finish(const std::function<State(std::size_t number, std::uint16_t part)>& state_of) {
    for (std::size_t i = 0; i < messages_.size(); ++i) {
        const auto& message = messages_[i];
        const auto name = fmt::format("message {} (id {})", i, message.id);
        if (message.answered && !message.stored) fail(name + " was answered, but is not stored");
        if (!message.stored) continue;
        if (!ended(message)) {
            fail(fmt::format("{} was accepted, but {} of its receipts came; state {}:{}{}", name,
                             message.acknowledged, static_cast<int>(state_of(i, 0)),
                             message.at_most_once ? " at most once" : "", parts_of(message)));
        }
        const auto state = state_of(i, 0);
        if (!gateway::is_final(state)) {
            fail(fmt::format("{} never came to an end: state {}", name, static_cast<int>(state)));
            continue;
        }
        if (message.cancelled != (state == State::deleted) && message.cancelled)
            fail(name + " was cancelled, but its state says otherwise");
        check_state(i, state);
        if (message.gate.refused && !message.handed_out && state != State::rejected) {
            fail(fmt::format("{} was refused by the gate, but its state is {}", name,
                             static_cast<int>(state)));
        }
        for (const auto& [part, told] : message.told) {
            if (told.back() != state_of(i, part)) {
                fail(fmt::format("{} part {} was told as {}, but is {}", name, part,
                                 static_cast<int>(told.back()),
                                 static_cast<int>(state_of(i, part))));
            }
        }
    }
    for (std::size_t i = 0; i < replies_.size(); ++i) {
        for (const auto& part : replies_[i].parts) {
            if (part.acknowledged && part.told == 0) {
                fail(fmt::format("reply {} was acknowledged to the carrier, but nobody was told",
                                 i));
            }
        }
    }
    for (const auto& [sequence, entry] : deliveries_) {
        if (entry.what != delivery_state::done || !entry.acknowledged) {
            fail(fmt::format("entry {} of account {} was never acknowledged", sequence,
                             entry.account));
        }
    }
}

}  // namespace hikyaku::sim
