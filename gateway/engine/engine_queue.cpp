// The head of each backlog: which flows there are, what of them is in memory, and what leaves the
// queue because its time is over.
#include <algorithm>
#include <cassert>

#include "gateway/engine/engine_impl.hpp"
#include "gateway/engine/record_values.hpp"
#include "store/environment.hpp"

namespace hikyaku::gateway {

using store::table;
namespace record = store::record;

namespace {

constexpr std::size_t load_max = 2048;       // messages read for one flow at a time
constexpr std::size_t sweep_entries = 2000;  // queue entries looked at in one step
constexpr std::size_t sweep_expire_max = 500;
constexpr std::size_t orphans_max = 200;

}  // namespace

void engine::impl::find_flows() {
    const auto snapshot = environment_.read();
    store::cursor at(snapshot, table::queue);
    // One seek per flow: from its first entry to the first one behind all of it.
    for (bool there = at.seek(""); there;) {
        const auto position = store::parse_queue_key(at.key());
        if (!position || position->priority >= priorities) {
            there = at.next();
            continue;
        }
        if (is_orphan(*position)) {
            orphans_.emplace(
                store::queue_prefix(position->route, position->priority, position->account).view());
        } else {
            flow_of(*position).more_on_disk = true;
        }
        const auto last = store::queue_key(position->route, position->priority, position->account,
                                           never_ms, ~std::uint64_t{0});
        there = at.seek(last);
        if (there && at.key() == last.view()) {
            there = at.next();
        }
    }
}

bool engine::impl::is_orphan(const store::queue_position& position) const {
    return directory_.find(route_id{position.route}) == nullptr ||
           directory_.find(account_id{position.account}) == nullptr;
}

flow& engine::impl::flow_of(const store::queue_position& position) {
    auto* const account = directory_.find(account_id{position.account});
    const auto weight = account == nullptr ? 1U : account->settings->weight;
    return flows_.at(route_id{position.route}, position.priority, account_id{position.account},
                     weight);
}

void engine::impl::wake_flows() {
    if (!orphans_.empty()) {
        load_orphans(std::string(*orphans_.begin()));
    }
    for (const auto& flow : flows_.all()) {
        if (flow->next_wake_ms <= now_.wall_ms) {
            flow->next_wake_ms = never_ms;
            flow->more_on_disk = true;
        }
        if (flow->more_on_disk && flow->ready.size() < limits_.flow_ready_max / 8) {
            load(*flow);
        }
        want_tick_ms(flow->next_wake_ms);
    }
}

void engine::impl::wake_when_low(const flow& from) {
    if (from.more_on_disk && from.ready.size() < limits_.flow_ready_max / 8) {
        want_tick(now_.steady);
    }
}

void engine::impl::load(flow& into) {
    const auto prefix =
        store::queue_prefix(stored(into.route), into.priority, stored(into.account));
    const auto snapshot = environment_.read();
    into.more_on_disk = false;
    into.next_wake_ms = never_ms;
    std::size_t loaded = 0;
    bool busy = false;
    std::vector<live_message*> waiting;  // entries that a crash has left due
    store::record_reader messages, outcomes;
    snapshot.for_each_with_prefix(
        table::queue, prefix, [&](std::string_view key, std::string_view) {
            const auto position = store::parse_queue_key(key);
            if (!position) {
                return true;
            }
            if (position->not_before > now_.wall_ms) {
                into.next_wake_ms = position->not_before;
                return false;
            }
            if (const auto* known = live_.find(message_id{position->id})) {
                // On its way already, or its entry is just being removed or moved.
                busy = busy || (known->where == live_message::place::idle && known->queued);
                return true;
            }
            if (loaded == load_max || !flows_.has_room(into)) {
                into.more_on_disk = true;
                return false;
            }
            const auto key_of_message = store::message_key(position->id);
            const auto value = snapshot.get(table::messages, key_of_message);
            const auto* message = value ? messages.read<record::Message>(*value) : nullptr;
            if (message == nullptr) {
                return true;
            }
            auto& live = live_.add(message_id{position->id});
            live.set_record(*value);
            live.segments.resize(message->segments()->size());
            const auto outcome = snapshot.get(table::outcomes, key_of_message);
            restore(live, outcome ? outcomes.read<record::Outcome>(*outcome) : nullptr);
            live.position = *position;
            live.expires_ms = message->expires();
            live.queued = live.committed = true;
            count_touched(*position);
            ++loaded;
            if (live.has_waiting() || live.next_unsent() == live.segments.size()) {
                waiting.push_back(&live);
            } else {
                flows_.push_back(into, live);
            }
            return true;
        });
    for (auto* live : waiting) {
        if (!wait_on(*live)) {
            flows_.put_back(into, *live);
        }
    }
    if (busy && into.next_wake_ms > now_.wall_ms + 100) {
        into.next_wake_ms = now_.wall_ms + 100;
    }
}

void engine::impl::load_orphans(const std::string& prefix) {
    std::vector<store::queue_position> found;
    {
        const auto snapshot = environment_.read();
        snapshot.for_each_with_prefix(table::queue, prefix,
                                      [&](std::string_view key, std::string_view) {
                                          const auto position = store::parse_queue_key(key);
                                          if (position && !live_.find(message_id{position->id})) {
                                              found.push_back(*position);
                                          }
                                          return found.size() < orphans_max;
                                      });
    }
    for (const auto& position : found) {
        if (auto* live = load_message(message_id{position.id})) {
            live->position = position;
            live->queued = true;
            count_touched(position);
            settle_orphan(*live);
        }
    }
    if (found.size() < orphans_max) {
        orphans_.erase(prefix);
    }
    if (!orphans_.empty()) {
        want_tick(now_.steady + std::chrono::milliseconds(10));
    }
}

/// The rule by which a message was routed, or its account, is gone from the configuration: another
/// rule takes it, or it ends here.
void engine::impl::settle_orphan(live_message& live) {
    const auto& message = live.record();
    auto* const account = directory_.find(account_id{message.account()});
    const auto match =
        account == nullptr
            ? std::nullopt
            : directory_.match({account->settings->name, message.source()->digits()->string_view(),
                                message.destination()->digits()->string_view(),
                                message.tag() != nullptr ? message.tag()->string_view() : "",
                                message.source()->ton() == ton_alphanumeric});
    if (!match) {
        for (auto& segment : live.segments) {
            if (segment.state == State::queued || segment.waiting()) {
                segment.state = segment.waiting() ? State::unknown : State::rejected;
                segment.done_ms = now_.wall_ms;
            }
        }
        finish(live);
        return;
    }
    must_keep().rows().erase(table::queue, store::queue_key(live.position));
    live.position.route = stored(*match);
    must_keep().rows().put(table::queue, store::queue_key(live.position),
                           store::queue_value(live.expires_ms));
    write_outcome(live);
    if (!wait_on(live)) {
        enqueue(live);
    }
}

live_message* engine::impl::load_message(message_id id) {
    const auto key = store::message_key(static_cast<std::uint64_t>(id));
    const auto snapshot = environment_.read();
    const auto value = snapshot.get(table::messages, key);
    store::record_reader messages, outcomes;
    const auto* message = value ? messages.read<record::Message>(*value) : nullptr;
    if (message == nullptr) {
        return nullptr;
    }
    auto& live = live_.add(id);
    live.set_record(*value);
    live.segments.resize(message->segments()->size());
    const auto stored = snapshot.get(table::outcomes, key);
    const auto* outcome = stored ? outcomes.read<record::Outcome>(*stored) : nullptr;
    restore(live, outcome);
    live.position = {message->route(), message->priority(), message->account(),
                     message->not_before(), static_cast<std::uint64_t>(id)};
    if (outcome != nullptr && outcome->not_before() != 0) {
        live.position.not_before = outcome->not_before();
    }
    if (outcome != nullptr && outcome->route() != 0) {
        live.position.route = outcome->route();
    }
    live.expires_ms = message->expires();
    live.committed = true;
    live.queued = snapshot.has(table::queue, store::queue_key(live.position));
    if (live.queued) {
        count_touched(live.position);
    }
    return &live;
}

void engine::impl::restore(live_message& live, const record::Outcome* outcome) {
    if (outcome == nullptr) {
        return;
    }
    live.state = outcome->state();
    live.done_ms = outcome->done();
    live.receipted = outcome->receipted();
    live.announced = live.state != State::queued;
    if (outcome->plan() != nullptr) {
        restore_plan(live, *outcome->plan());
    }
    if (outcome->segments() == nullptr) {
        return;
    }
    const auto count = std::min<std::size_t>(live.segments.size(), outcome->segments()->size());
    for (std::size_t i = 0; i < count; ++i) {
        const auto* stored = outcome->segments()->Get(static_cast<flatbuffers::uoffset_t>(i));
        auto& segment = live.segments[i];
        segment.state = stored->state();
        segment.carrier = carrier_id{stored->carrier()};
        segment.attempts = stored->attempts();
        segment.carrier_message_id = view_of(stored->carrier_message_id());
        if (stored->earlier_ids() != nullptr) {
            for (const auto* earlier : *stored->earlier_ids()) {
                segment.earlier_ids.push_back(earlier->str());
            }
        }
        segment.error = stored->error();
        segment.error_text = view_of(stored->error_text());
        read_details(stored->details(), segment);
        segment.maybe_sent =
            segment.state == State::queued && segment.attempts > 0 && segment.error == 0;
        segment.submitted_ms = stored->submitted();
        segment.done_ms = stored->done();
        segment.told = is_final(segment.state);  // both were in one batch
    }
}

void engine::impl::enqueue(live_message& live) {
    auto& flow = flow_of(live.position);
    if (live.position.not_before > now_.wall_ms) {
        flow.next_wake_ms = std::min(flow.next_wake_ms, live.position.not_before);
        want_tick_ms(flow.next_wake_ms);
        release(live);
        return;
    }
    if (flow.more_on_disk || !flows_.has_room(flow)) {
        flow.more_on_disk = true;
        wake_when_low(flow);
        release(live);
        return;
    }
    flows_.push_back(flow, live);
}

void engine::impl::forget_queue_entry(live_message& live) {
    if (!live.queued) {
        return;
    }
    must_keep().rows().erase(table::queue, store::queue_key(live.position));
    live.queued = false;
    --queued_total_;
    auto* const account = directory_.find(account_id{live.position.account});
    if (account != nullptr) {
        assert(account->queued > 0);
        --account->queued;
    }
}

/// Entries of an earlier run are counted for their account when the first sweep reaches them, or
/// here when they are taken into memory before that: from then on they may move or leave.
void engine::impl::count_touched(const store::queue_position& position) {
    if (!sweep_counting_ || position.id > sweep_counted_to_ ||
        !touched_.insert(position.id).second) {
        return;
    }
    const bool swept = store::queue_key(position).view() < std::string_view(sweep_at_);
    auto* const account = directory_.find(account_id{position.account});
    if (!swept && account != nullptr) {
        ++account->queued;
    }
}

void engine::impl::move_queue_entry(live_message& live, std::int64_t not_before_ms) {
    must_keep().rows().erase(table::queue, store::queue_key(live.position));
    live.position.not_before = not_before_ms;
    must_keep().rows().put(table::queue, store::queue_key(live.position),
                           store::queue_value(live.expires_ms));
    auto& flow = flow_of(live.position);
    flow.next_wake_ms = std::min(flow.next_wake_ms, not_before_ms);
    want_tick_ms(flow.next_wake_ms);
}

void engine::impl::release(live_message& live) {
    if (live.pins == 0 && live.in_flight == 0 && live.where == live_message::place::idle) {
        const bool due = live.queued && live.position.not_before <= now_.wall_ms;
        if (due && !is_orphan(live.position)) {
            flow_of(live.position).more_on_disk = true;
            want_tick(now_.steady);
        }
        if (live.state == State::submitted && !live.queued) {
            rest(live);
        } else {
            resting_count_ -= live.resting ? 1 : 0;
            live_.remove(live.id);
        }
    }
}

void engine::impl::unpin(message_id id) {
    if (auto* live = live_.find(id)) {
        --live->pins;
        release(*live);
    }
}

void engine::impl::sweep_expired() {
    if (now_.steady < next_sweep_) {
        want_tick(next_sweep_);
        return;
    }
    std::vector<message_id> expired, waiting;
    std::size_t seen = 0;
    bool ended = true;
    {
        const auto snapshot = environment_.read();
        snapshot.for_each(
            table::queue, sweep_at_, [&](std::string_view key, std::string_view value) {
                if (seen == sweep_entries || expired.size() == sweep_expire_max) {
                    sweep_at_ = key;
                    ended = false;
                    return false;
                }
                ++seen;
                const auto position = store::parse_queue_key(key);
                if (!position) {
                    return true;
                }
                if (sweep_counting_ && position->id <= sweep_counted_to_ &&
                    !touched_.contains(position->id)) {
                    auto* const account = directory_.find(account_id{position->account});
                    if (account != nullptr) {
                        ++account->queued;
                    }
                }
                const auto expires = store::parse_queue_value(value);
                if (expires && *expires <= now_.wall_ms) {
                    expired.push_back(message_id{position->id});
                } else if (sweep_counting_ && expires == position->not_before) {
                    waiting.push_back(message_id{position->id});
                }
                return true;
            });
    }
    if (ended) {
        sweep_at_.clear();
        sweep_counting_ = false;
        touched_.clear();
    }
    next_sweep_ =
        now_.steady + (ended ? std::chrono::milliseconds(1000) : std::chrono::milliseconds(20));
    want_tick(next_sweep_);
    for (const auto id : waiting) {
        load_waiting(id);
    }
    for (const auto id : expired) {
        auto* live = live_.find(id);
        if (live == nullptr) {
            live = load_message(id);
        }
        if (live == nullptr) {
            continue;
        }
        const bool prolonged = live->expires_ms > now_.wall_ms;  // that is not on disk yet
        if (live->queued && live->committed && live->in_flight == 0 && !prolonged) {
            expire(*live);
        } else {
            release(*live);
        }
    }
}

void engine::impl::expire(live_message& live) {
    for (auto& segment : live.segments) {
        if (segment.state == State::queued || segment.waiting()) {
            segment.state = segment.waiting() ? State::unknown : State::expired;
            segment.done_ms = now_.wall_ms;
        }
    }
    forget_waiting(live);
    live.failed = true;
    finish(live);
}

}  // namespace hikyaku::gateway
