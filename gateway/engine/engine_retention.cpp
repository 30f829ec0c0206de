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
    if (resting_.size() > limits_.resting_max) {
        forget_resting(resting_.front().id);
        resting_.pop_front();
    }
}

void engine::impl::forget_resting() {
    while (!resting_.empty() && resting_.front().since + limits_.rest_time <= now_.steady) {
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
    // Messages know where the step before has stopped, so that the next one need not wait for the
    // disk; from the beginning it has to, or it would meet what is being removed. So do the others.
    const bool of_messages = retention_.steps == 0 || retention_.resume != 0;
    const bool of_rest = !retention_.of_rest;
    if (retention_.steps >= retention_steps_max || (!of_messages && !of_rest)) {
        return;  // until a step is on disk
    }
    if (now_.steady < retention_.next) {
        want_tick(retention_.next);
        return;
    }
    const auto snapshot = environment_.read();
    std::size_t erased = 0;
    if (of_messages) {
        const auto step = retain_messages(snapshot);
        erased += step.erased;
        retention_.more_messages = step.more;
    }
    if (of_rest) {
        const auto step = retain_rest(snapshot);
        erased += step.erased;
        retention_.more_rest = step.more;
    }
    count_.expired_by_retention += erased;
    const bool more = retention_.more_messages || retention_.more_rest;
    retention_.next =
        now_.steady + (more ? retention_pause : std::chrono::milliseconds(retention_round));
    want_tick(retention_.next);
    if (erased > 0) {
        ++retention_.steps;
        retention_.of_rest = retention_.of_rest || of_rest;
        must_keep().then(after::retention_done{of_rest});
    }
}

void engine::impl::on_retained(bool of_rest) {
    --retention_.steps;
    retention_.of_rest = retention_.of_rest && !of_rest;
    want_tick(retention_.next);
}

std::int64_t engine::impl::kept_since(std::chrono::minutes kept) const {
    return now_.wall_ms - std::chrono::duration_cast<std::chrono::milliseconds>(kept).count();
}

store::retention_step engine::impl::retain_messages(const store::snapshot& snapshot) {
    const auto also = [&](std::uint64_t id, const record::Message& message,
                          const record::Outcome* outcome, store::batch& into) {
        forget_resting(message_id{id});
        if (message.links() != nullptr) {
            forget_counters(message_id{id});
        }
        erase_receipt_keys(id, outcome, snapshot, into);
        erase_alias(id, message.alias(), snapshot, into);
    };
    return store::erase_messages(snapshot, kept_since(settings_.store.retention), retention_entries,
                                 retention_.resume, must_keep().rows(), also);
}

/// The tables whose oldest entries come first.
store::retention_step engine::impl::retain_rest(const store::snapshot& snapshot) {
    auto& batch = must_keep().rows();
    const auto before = kept_since(settings_.store.retention);
    const auto late_counts = [&](std::uint64_t message) { forget_counters(message_id{message}); };
    const auto events = erase_old_events(snapshot, before, retention_entries);
    store::retention_step sum{events, events == retention_entries};
    for (const auto& step :
         {store::erase_hits(snapshot, before, retention_entries, batch),
          store::erase_unmatched(snapshot, kept_since(settings_.store.unmatched_retention),
                                 retention_entries, batch),
          store::erase_expired(snapshot, now_.wall_ms, retention_entries, batch, late_counts)}) {
        sum.erased += step.erased;
        sum.more = sum.more || step.more;
    }
    return sum;
}

/// Until this step is on disk hits may still find the link, and counters may be on their way: they
/// would come back without their message.
void engine::impl::forget_counters(message_id id) {
    hit_tally_.forget(id);
    auto& pending = must_keep();
    pending.rows().erase(table::hit_counts, store::message_key(static_cast<std::uint64_t>(id)));
    pending.then(after::hits_counted{id});
}

void engine::impl::erase_receipt_keys(std::uint64_t id, const record::Outcome* outcome,
                                      const store::snapshot& snapshot, store::batch& into) {
    const auto erase = [&](std::string_view key, std::uint16_t segment) {
        fresh_keys_.forget(key, id);
        into.erase(table::receipt_keys, store::receipt_entry_key(key, {id, segment, 0}));
        // Of schema 1, which had one entry for an id: it may speak of a younger message.
        const auto value = snapshot.get(table::receipt_keys, key);
        const auto target = value ? store::parse_receipt_entry(key, key, *value) : std::nullopt;
        if (target && target->message == id) {
            into.erase(table::receipt_keys, key);
        }
    };
    if (outcome == nullptr || outcome->segments() == nullptr) {
        return;
    }
    std::uint16_t index = 0;
    for (const auto* segment : *outcome->segments()) {
        if (segment->carrier_message_id() != nullptr) {
            const auto last = segment->carrier_message_id()->string_view();
            erase(receipt_key_of(carrier_id{segment->carrier()}, last), index);
            const auto former = former_key_of(carrier_id{segment->carrier()}, last);
            if (!former.empty()) {
                erase(former, index);
            }
        }
        if (segment->earlier_ids() != nullptr) {
            for (const auto* earlier : *segment->earlier_ids()) {
                erase(earlier->string_view(), index);
            }
        }
        ++index;
    }
}

}  // namespace hikyaku::gateway
