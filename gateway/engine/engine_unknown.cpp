// At-most-once messages, and those of carriers whose `on_unknown` is await_receipt. An attempt
// without a known outcome is not repeated: the segment waits, until the message expires, for a late
// response of that attempt or for a receipt. A waiting segment is one that counts as submitted
// without a time of submission; its message stays in the queue with the end of its validity as the
// time when it is looked at again.
#include <algorithm>

#include "gateway/engine/engine_impl.hpp"
#include "gateway/engine/numbers.hpp"

namespace hikyaku::gateway {

using smpp::command_status;

namespace {}  // namespace

void engine::impl::wait_for_outcome(live_message& live, const attempt& done) {
    auto& segment = live.segments[done.segment];
    segment.state = State::submitted;
    segment.submitted_ms = 0;
    segment.carrier = done.carrier;
    ++count_.resends_withheld;
    remember_waiting(live, done.carrier);
}

void engine::impl::remember_waiting(const live_message& live, carrier_id carrier) {
    const std::pair key{carrier, live.record().destination()->digits()->str()};
    const auto [begin, end] = waiting_.equal_range(key);
    if (std::none_of(begin, end, [&](const auto& one) { return one.second == live.id; })) {
        waiting_.emplace(key, live.id);
        waiting_at_[live.id].push_back(carrier);
    }
}

void engine::impl::remember_waiting(const live_message& live) {
    for (const auto& segment : live.segments) {
        auto* const carrier = directory_.find(carrier_id{segment.carrier});
        if (segment.waiting() && carrier != nullptr) {
            remember_waiting(live, carrier->id);
        }
    }
}

void engine::impl::forget_waiting(const live_message& live) {
    const auto at = waiting_at_.find(live.id);
    if (at == waiting_at_.end()) {
        return;
    }
    const std::string digits = live.record().destination()->digits()->str();
    for (const auto carrier : at->second) {
        auto [one, end] = waiting_.equal_range(std::pair{carrier, digits});
        while (one != end) {
            one = one->second == live.id ? waiting_.erase(one) : std::next(one);
        }
    }
    waiting_at_.erase(at);
}

/// All of it is with the carriers, and of some of it nobody knows what became of it.
void engine::impl::keep_waiting(live_message& live) {
    take_from_flow(live);
    live.where = live_message::place::idle;
    live.retry_at_ms = 0;
    if (live.position.not_before != live.expires_ms) {
        move_queue_entry(live, live.expires_ms);
    }
    write_outcome(live);
}

/// A late refusal: it was not sent after all, so that it may be sent again as the table says.
bool engine::impl::on_waiting_refused(live_message& live, const attempt& late,
                                      const carrier_answer& answer) {
    auto& segment = live.segments[late.segment];
    if (!segment.waiting() || segment.attempts != late.number || is_final(live.state)) {
        return false;
    }
    segment.state = State::queued;
    --segment.attempts;  // the refusal counts it
    if (live.where == live_message::place::idle) {
        live.where = live_message::place::sending;
    }
    on_segment_refused(live, late.segment, late.carrier, answer);
    if (!live.has_waiting()) {
        forget_waiting(live);
    }
    if (!live.failed) {
        retry_later(live, std::chrono::milliseconds{0});  // its queue entry must come back to now
    }
    after_attempt(live);
    return true;
}

/// A receipt with an id that no response has told. If it comes from where exactly one message waits
/// for its outcome, and nothing else is under way to that phone, then it is that message's.
bool engine::impl::try_waiting(carrier_id carrier, const carrier_receipt& receipt,
                               std::string_view source) {
    if (!receipt.final || waiting_.empty()) {
        return false;
    }
    // Where the carrier has another way of writing the number, as it was before that.
    std::string scratch;
    const auto& settings = *directory_[carrier].settings;
    const auto own =
        restore_address(settings, config::address_rule::side::destination, 0, source, scratch);
    std::pair key{carrier, std::string(without_plus(source))};
    if (!waiting_.contains(key)) {
        key.second = without_plus(own);
    }
    if (waiting_.count(key) != 1) {
        return false;
    }
    const auto id = waiting_.find(key)->second;
    for (const auto& other : attempts_) {
        if (!other.used || other.carrier != carrier || (other.message == id && other.timed_out)) {
            continue;
        }
        auto* live = find_or_load(other.message);
        if (live == nullptr) {
            continue;
        }
        const bool same_phone = live->record().destination()->digits()->string_view() == key.second;
        release(*live);
        if (same_phone) {
            return false;
        }
    }
    auto* live = find_or_load(id);
    if (live == nullptr) {
        return false;
    }
    const auto segment =
        std::find_if(live->segments.begin(), live->segments.end(),
                     [&](const auto& one) { return one.waiting() && one.carrier == carrier; });
    // Of a segment that was sent twice, one receipt is known by its id and the other is not.
    const bool ambiguous = std::any_of(
        live->segments.begin(), live->segments.end(),
        [](const auto& one) { return !one.waiting() && one.may_get_strange_receipt(); });
    if (segment == live->segments.end() || ambiguous) {
        release(*live);
        return false;
    }
    ++count_.receipts;
    on_segment_accepted(*live, static_cast<std::size_t>(segment - live->segments.begin()), carrier,
                        segment->attempts,
                        response_id_of(receipt.id, settings.response_id, settings.receipt_id),
                        steady_time::min());
    if (!is_final(segment->state)) {  // else a copy of the receipt that came before has settled it
        settle_segment(*live, *segment, receipt);
    }
    if (!live->has_waiting()) {
        forget_waiting(*live);
    }
    return true;
}

/// The receipt with this id has ended another segment of the message that waited as well. That one
/// counts in the place of this one, which goes on waiting: one receipt must not end both.
bool engine::impl::was_taken_for_another(const live_message& live, const attempt& late,
                                         std::string_view carrier_message_id) {
    if (!live.segments[late.segment].waiting() || carrier_message_id.empty()) {
        return false;
    }
    const auto key = receipt_key_of(late.carrier, carrier_message_id);
    const auto& targets = targets_of(key);
    return std::any_of(targets.begin(), targets.end(), [&](const auto& target) {
        return target.message == static_cast<std::uint64_t>(live.id) &&
               target.segment != late.segment;
    });
}

/// After a restart, when the sweep of the queue comes to the message.
void engine::impl::load_waiting(message_id id) {
    auto* live = find_or_load(id);
    if (live == nullptr) {
        return;
    }
    remember_waiting(*live);
    release(*live);
}

}  // namespace hikyaku::gateway
