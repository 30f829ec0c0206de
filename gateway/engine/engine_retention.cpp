// What is forgotten, and when: messages past their retention in the store, and what rests in memory
// for receipts that come soon.
#include "gateway/engine/engine_impl.hpp"
#include "store/environment.hpp"
#include "store/retention.hpp"

namespace hikyaku::gateway {

using store::table;
namespace record = store::record;

namespace {

// One step holds the engine for about a millisecond; steps follow each other fast enough for as
// many messages a second as the gateway can take, however long a commit lasts.
constexpr std::size_t retention_entries = 300;
constexpr std::size_t retention_steps_max = 8;
constexpr std::chrono::milliseconds retention_pause{3};
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

/// The tables whose oldest entries come first: a step has to be on disk before the next begins.
template <typename Note>
void engine::impl::retain_rest(const store::snapshot& snapshot, store::batch& batch,
                               const Note& note) {
    const auto before = kept_since(settings_.store.retention);
    note(store::erase_hits(snapshot, before, retention_entries, batch));
    note(store::erase_unmatched(snapshot, kept_since(settings_.store.unmatched_retention),
                                retention_entries, batch));
    note(store::erase_expired(snapshot, now_.wall_ms, retention_entries, batch));
    const auto events = erase_old_events(snapshot, before, retention_entries);
    note(store::retention_step{events, events == retention_entries});
}

void engine::impl::retain() {
    if (now_.steady < next_retention_ || retention_steps_ >= retention_steps_max) {
        return;
    }
    const auto snapshot = environment_.read();
    auto& batch = *state().batch;
    bool more = false;
    std::size_t erased = 0;
    const auto note = [&](const store::retention_step& step) {
        erased += step.erased;
        more = more || step.more;
    };
    // Messages know where the step before has stopped, so that this one need not wait for the disk;
    // from the beginning it has to, or it would meet what is being removed.
    if (retention_steps_ == 0 || retention_resume_ != 0) {
        const auto erase_keys = [&](std::uint64_t id, const record::Message& message,
                                    const record::Outcome* outcome, store::batch& into) {
            forget_resting(message_id{id});
            forget_counters(message_id{id}, into);
            erase_receipt_keys(id, outcome, snapshot, into);
            erase_alias(id, message.alias(), snapshot, into);
        };
        note(store::erase_messages(snapshot, kept_since(settings_.store.retention),
                                   retention_entries, retention_resume_, batch, erase_keys));
    }
    const bool rest = !retention_of_rest_;
    if (rest) {
        retain_rest(snapshot, batch, note);
    }
    count_.expired_by_retention += erased;
    next_retention_ =
        now_.steady + (more ? retention_pause : std::chrono::milliseconds(retention_round));
    want_tick(next_retention_);
    if (erased > 0) {
        ++retention_steps_;
        retention_of_rest_ = retention_of_rest_ || rest;
        state().then.push_back({after::retention_done, 0, rest ? 1U : 0U, 0, {}});
    }
}

std::int64_t engine::impl::kept_since(std::chrono::minutes kept) const {
    return now_.wall_ms - std::chrono::duration_cast<std::chrono::milliseconds>(kept).count();
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
