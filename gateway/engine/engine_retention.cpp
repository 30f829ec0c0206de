// What is forgotten, and when: messages past their retention in the store, and what rests in memory
// for receipts that come soon.
#include "gateway/engine/engine_impl.hpp"
#include "store/environment.hpp"
#include "store/retention.hpp"

namespace hikyaku::gateway {

using store::table;
namespace record = store::record;

namespace {

// One step holds the engine for about a millisecond; steps follow each other fast enough for more
// messages a second than the gateway can take.
constexpr std::size_t retention_entries = 300;
constexpr std::chrono::milliseconds retention_pause{4};
constexpr std::chrono::seconds retention_round{1};

}  // namespace

void engine::impl::rest(live_message& live) {
    if (live.resting) {
        return;
    }
    live.resting = true;
    ++resting_count_;
    resting_.push_back({live.id, now_.steady});
    if (resting_.size() > resting_max) {
        forget_resting(resting_.front().id);
        resting_.pop_front();
    }
}

void engine::impl::forget_resting() {
    while (!resting_.empty() && resting_.front().since + rest_time <= now_.steady) {
        forget_resting(resting_.front().id);
        resting_.pop_front();
    }
}

void engine::impl::forget_resting(message_id id) {
    auto* live = live_.find(id);
    if (live == nullptr || !live->resting) {
        return;
    }
    live->resting = false;
    --resting_count_;
    if (live->pins == 0 && live->in_flight == 0 && live->where == live_message::place::idle) {
        live_.remove(id);
    }
}

void engine::impl::retain() {
    if (retention_under_way_ || now_.steady < next_retention_) {
        return;
    }
    const auto snapshot = environment_.read();
    auto& batch = *state().batch;
    const auto before = [&](std::chrono::minutes kept) {
        return now_.wall_ms - std::chrono::duration_cast<std::chrono::milliseconds>(kept).count();
    };
    const auto erase_keys = [&](std::uint64_t id, const record::Message& message,
                                const record::Outcome* outcome, store::batch& into) {
        forget_resting(message_id{id});
        forget_counters(message_id{id}, into);
        erase_receipt_keys(id, outcome, snapshot, into);
        erase_alias(id, message.alias(), snapshot, into);
    };
    const auto messages =
        store::erase_messages(snapshot, before(settings_.store.retention), retention_entries,
                              retention_resume_, batch, erase_keys);
    const auto hits =
        store::erase_hits(snapshot, before(settings_.store.retention), retention_entries, batch);
    const auto unmatched = store::erase_unmatched(
        snapshot, before(settings_.store.unmatched_retention), retention_entries, batch);
    const auto expired = store::erase_expired(snapshot, now_.wall_ms, retention_entries, batch);
    const auto events =
        erase_old_events(snapshot, before(settings_.store.retention), retention_entries);
    count_.expired_by_retention +=
        messages.erased + hits.erased + unmatched.erased + expired.erased + events;
    const bool more =
        messages.more || hits.more || unmatched.more || expired.more || events == retention_entries;
    if (!more) {
        retention_resume_ = 0;
    }
    next_retention_ =
        now_.steady + (more ? retention_pause : std::chrono::milliseconds(retention_round));
    want_tick(next_retention_);
    if (!batch.empty()) {
        retention_under_way_ = true;
        state().then.push_back({after::retention_done, 0, 0, 0, {}});
    }
}

/// Counters that are still on their way to the store would come back without their message.
void engine::impl::forget_counters(message_id id, store::batch& into) {
    if (hit_tally_.find(id) != nullptr) {
        hit_tally_.forget(id);
        into.erase(table::hit_counts, store::message_key(static_cast<std::uint64_t>(id)));
    }
}

void engine::impl::erase_receipt_keys(std::uint64_t id, const record::Outcome* outcome,
                                      const store::snapshot& snapshot, store::batch& into) {
    // Carriers count their ids round: a key may speak of a younger message by now.
    const auto erase = [&](std::string_view key) {
        const auto value = snapshot.get(table::receipt_keys, key);
        const auto target = value ? store::parse_receipt_value(*value) : std::nullopt;
        if (target && target->message == id && !fresh_keys_.under_way(key)) {
            fresh_keys_.forget(key, id);
            into.erase(table::receipt_keys, key);
        }
    };
    if (outcome == nullptr || outcome->segments() == nullptr) {
        return;
    }
    for (const auto* segment : *outcome->segments()) {
        if (segment->carrier_message_id() != nullptr) {
            const auto last = segment->carrier_message_id()->string_view();
            erase(receipt_key_of(segment->carrier(), last));
            const auto former = former_key_of(segment->carrier(), last);
            if (!former.empty()) {
                erase(former);
            }
        }
        if (segment->earlier_ids() != nullptr) {
            for (const auto* earlier : *segment->earlier_ids()) {
                erase(earlier->string_view());
            }
        }
    }
}

}  // namespace hikyaku::gateway
