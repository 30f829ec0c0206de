#include "gateway/engine/retention/retention.hpp"

#include "store/environment.hpp"

namespace hikyaku::gateway {

namespace record = model::record;

namespace {

// One step holds the engine for about a millisecond; steps follow each other fast enough for as
// many messages a second as the gateway can take, however long a commit lasts.
constexpr std::size_t retention_entries = 300;
constexpr std::size_t retention_steps_max = 8;
constexpr std::chrono::milliseconds retention_pause{3};
constexpr std::chrono::seconds retention_round{1};
constexpr std::chrono::seconds first_retention_after{10};

}  // namespace

retention::retention(engine_context& context, messages& in_memory, receiving& receipts,
                     short_ids& aliases, delivery& outboxes, hits& of_links, unmatched& box,
                     gate_port& asked)
    : room(context),
      messages_(in_memory),
      receiving_(receipts),
      short_ids_(aliases),
      delivery_(outboxes),
      hits_(of_links),
      unmatched_(box),
      gate_(asked),
      next_(now_.steady + first_retention_after) {}

void retention::run() {
    // Messages know where the step before has stopped, so that the next one need not wait for the
    // disk; from the beginning it has to, or it would meet what is being removed. So do the others.
    const bool of_messages = steps_ == 0 || resume_ != 0;
    const bool of_rest = !rest_under_way_;
    if (steps_ >= retention_steps_max || (!of_messages && !of_rest))
        return;  // until a step is on disk
    if (now_.steady < next_) {
        turn_.want_tick(next_);
        return;
    }
    const auto snapshot = environment_.read();
    std::size_t erased = 0;
    if (of_messages) {
        const auto step = erase_messages(snapshot);
        erased += step.erased;
        more_messages_ = step.more;
    }
    if (of_rest) {
        const auto step = erase_rest(snapshot);
        erased += step.erased;
        more_rest_ = step.more;
    }
    count_.expired_by_retention += erased;
    const bool more = more_messages_ || more_rest_;
    next_ = now_.steady + (more ? retention_pause : std::chrono::milliseconds(retention_round));
    turn_.want_tick(next_);
    if (erased > 0) {
        ++steps_;
        rest_under_way_ = rest_under_way_ || of_rest;
        must_keep().then(after::retention_done{of_rest});
    }
}

void retention::on_done(bool of_rest) {
    --steps_;
    rest_under_way_ = rest_under_way_ && !of_rest;
    turn_.want_tick(next_);
}

std::int64_t retention::kept_since(std::chrono::minutes kept) const {
    return now_.wall_ms - std::chrono::duration_cast<std::chrono::milliseconds>(kept).count();
}

model::retention_step retention::erase_messages(const store::snapshot& snapshot) {
    const auto forget = [&](std::uint64_t id, const record::Message& message,
                            const record::Outcome* outcome, store::batch& into) {
        messages_.forget_resting(message_id{id});
        if (message.links() != nullptr) hits_.forget_counters(message_id{id});
        receiving_.erase_receipt_keys(id, outcome, snapshot, into);
        short_ids_.erase(id, message.alias(), snapshot, into);
        if (message.purpose() != Purpose::transactional) gate_.on_forgotten(id, into);
    };
    const auto keep = [&](std::uint64_t id, const record::Outcome& outcome, store::batch& into) {
        receiving_.keep_receipt_keys(id, outcome, snapshot, into);
    };
    receiving_.index_begins_at(store::first_id_at(kept_since(settings_->store.retention)));
    return model::erase_messages(snapshot, kept_since(settings_->store.retention),
                                 retention_entries, resume_, must_keep().rows(), forget, keep);
}

/// The tables whose oldest entries come first.
model::retention_step retention::erase_rest(const store::snapshot& snapshot) {
    const auto before = kept_since(settings_->store.retention);
    const auto unmatched_before = kept_since(settings_->store.unmatched_retention);
    const auto late_counts = [&](std::uint64_t message) {
        hits_.forget_counters(message_id{message});
    };
    const auto events = delivery_.erase_old_events(snapshot, before, retention_entries);
    const auto of_gate =
        gate_.erase_old(snapshot, now_.wall_ms, retention_entries, must_keep().rows());
    model::retention_step sum{events + of_gate,
                              events == retention_entries || of_gate == retention_entries};
    for (const auto& step : {hits_.erase_old(snapshot, before, retention_entries),
                             unmatched_.erase_old(snapshot, unmatched_before, retention_entries),
                             model::erase_expired(snapshot, now_.wall_ms, retention_entries,
                                                  must_keep().rows(), late_counts)}) {
        sum.erased += step.erased;
        sum.more = sum.more || step.more;
    }
    return sum;
}

}  // namespace hikyaku::gateway
