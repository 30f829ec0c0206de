// The head of each backlog: which flows there are, what of them is in memory, and how messages come
// in and leave.
#include <algorithm>
#include <cassert>

#include "gateway/engine/messages/messages.hpp"
#include "gateway/model/tables.hpp"

namespace hikyaku::gateway {

namespace table = model::table;
namespace record = model::record;

namespace {

constexpr std::size_t load_max = 2048;  // messages read for one flow at a time
constexpr std::size_t orphans_max = 200;

}  // namespace

messages::messages(engine_context& context, directory& known, delivery& tells, gate_port& asked)
    : room(context), directory_(known), delivery_(tells), gate_(asked) {
    queued_total_ = environment_.read().count(table::queue);
    for (const auto& account : directory_.accounts().all())
        queued_of_.emplace(account.id, 0U);
    flows_.set_start([this](const flow& starting) {
        double least = -1;
        if (const auto* route = directory_.find(starting.route)) {
            for (const auto& target : route->targets) {
                const auto clock = directory_[target.carrier].virtual_time[starting.priority];
                least = least < 0 ? clock : std::min(least, clock);
            }
        }
        return std::max(least, 0.0);
    });
}

void messages::take_directory(const std::vector<route_id>& changed) {
    for (const auto& account : directory_.accounts().all())
        if (!queued_of_.contains(account.id)) queued_of_.emplace(account.id, 0U);
    for (const auto& flow : flows_.all())
        if (const auto* account = directory_.find(flow->account))
            flow->weight = account->settings->weight;
    if (changed.empty()) return;
    // The bits are those of the former targets: what refused a message may be asked once more.
    live_.for_each([&](live_message& live) {
        if (std::ranges::find(changed, route_id{live.position.route}) != changed.end())
            live.excluded_targets = 0;
    });
}

void messages::find_flows() {
    const auto snapshot = environment_.read();
    store::cursor at(snapshot, table::queue);
    // One seek per flow: from its first entry to the first one behind all of it.
    for (bool there = at.seek(""); there;) {
        const auto position = model::queue_key::parse(at.key());
        if (!position || position->priority >= priorities) {
            there = at.next();
            continue;
        }
        if (is_orphan(*position)) {
            orphans_.emplace(
                model::queue_prefix(position->route, position->priority, position->account).view());
        } else {
            flow_of(*position).more_on_disk = true;
        }
        const auto last = model::queue_key(position->route, position->priority, position->account,
                                           never_ms, ~std::uint64_t{0});
        there = at.seek(last);
        if (there && at.key() == last.view()) there = at.next();
    }
}

bool messages::is_orphan(const model::queue_position& position) const {
    return directory_.find(route_id{position.route}) == nullptr ||
           directory_.find(account_id{position.account}) == nullptr;
}

flow& messages::flow_of(const model::queue_position& position) {
    auto* const account = directory_.find(account_id{position.account});
    const auto weight = account == nullptr ? 1U : account->settings->weight;
    return flows_.at(route_id{position.route}, position.priority, account_id{position.account},
                     weight);
}

void messages::wake_flows() {
    if (!orphans_.empty()) load_orphans(std::string(*orphans_.begin()));
    for (const auto& flow : flows_.all()) {
        if (flow->next_wake_ms <= now_.wall_ms) {
            flow->next_wake_ms = never_ms;
            flow->more_on_disk = true;
        }
        if (flow->more_on_disk && flow->ready.size() < limits_.flow_ready_max / 8) load(*flow);
        turn_.want_tick_ms(flow->next_wake_ms);
    }
}

void messages::wake_when_low(const flow& from) {
    if (from.more_on_disk && from.ready.size() < limits_.flow_ready_max / 8)
        turn_.want_tick(now_.steady);
}

void messages::load(flow& into) {
    const auto prefix =
        model::queue_prefix(stored(into.route), into.priority, stored(into.account));
    const auto snapshot = environment_.read();
    into.more_on_disk = false;
    into.next_wake_ms = never_ms;
    std::size_t loaded = 0;
    bool busy = false;
    std::vector<live_message*> waiting;  // entries that a crash has left due
    store::record_reader reader, outcomes;
    snapshot.for_each_with_prefix(
        table::queue, prefix, [&](std::string_view key, std::string_view) {
            const auto position = model::queue_key::parse(key);
            if (!position) return true;
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
            const auto key_of_message = model::message_key(position->id);
            const auto value = snapshot.get(table::messages, key_of_message);
            const auto* message = value ? reader.read<record::Message>(*value) : nullptr;
            if (message == nullptr) return true;
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
            if (live.has_waiting() || live.next_unsent() == live.segments.size())
                waiting.push_back(&live);
            else
                flows_.push_back(into, live);
            return true;
        });
    for (auto* live : waiting)
        if (!wait_on(*live)) flows_.put_back(into, *live);
    if (busy && into.next_wake_ms > now_.wall_ms + 100) into.next_wake_ms = now_.wall_ms + 100;
}

void messages::load_orphans(const std::string& prefix) {
    std::vector<model::queue_position> found;
    {
        const auto snapshot = environment_.read();
        snapshot.for_each_with_prefix(table::queue, prefix,
                                      [&](std::string_view key, std::string_view) {
                                          const auto position = model::queue_key::parse(key);
                                          if (position && !live_.find(message_id{position->id}))
                                              found.push_back(*position);
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
    if (found.size() < orphans_max) orphans_.erase(prefix);
    if (!orphans_.empty()) turn_.want_tick(now_.steady + std::chrono::milliseconds(10));
}

/// The route that it takes today.
std::optional<route_id> messages::match(const live_message& live) const {
    const auto& message = live.record();
    auto* const account = directory_.find(account_id{message.account()});
    if (account == nullptr) return std::nullopt;
    return directory_.match({account->settings->name, message.source()->digits()->string_view(),
                             message.destination()->digits()->string_view(),
                             message.tag() != nullptr ? message.tag()->string_view() : "",
                             message.source()->ton() == ton_alphanumeric});
}

void messages::move_to_route(live_message& live, route_id route) {
    must_keep().rows().erase(table::queue, model::queue_key(live.position));
    live.position.route = stored(route);
    live.excluded_targets = 0;
    must_keep().rows().put(table::queue, model::queue_key(live.position), live.ends_ms());
    write_outcome(live);
}

/// The rule by which a message was routed, or its account, is gone from the configuration: another
/// rule takes it, or it ends here.
void messages::settle_orphan(live_message& live) {
    const auto route = match(live);
    if (!route) {
        end_unsent(live, segment_state::rejected);
        finish(live);
        return;
    }
    move_to_route(live, *route);
    if (!wait_on(live)) enqueue(live);
}

void messages::reroute(live_message& live) {
    const auto route = match(live);
    if (!route) {
        fail_segment(live, live.next_unsent(), own_error(smpp::command_status::esme_rok));
        after_attempt(live);
        return;
    }
    take_from_flow(live);
    move_to_route(live, *route);
    if (live.in_flight > 0) {
        back_to_front(live);
    } else {
        live.where = live_message::place::idle;
        enqueue(live);
    }
}

void messages::enqueue(live_message& live) {
    auto& flow = flow_of(live.position);
    if (live.position.not_before > now_.wall_ms) {
        flow.next_wake_ms = std::min(flow.next_wake_ms, live.position.not_before);
        turn_.want_tick_ms(flow.next_wake_ms);
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

void messages::forget_queue_entry(live_message& live) {
    if (!live.queued) return;
    must_keep().rows().erase(table::queue, model::queue_key(live.position));
    live.queued = false;
    --queued_total_;
    if (auto* const queued = queued_of_.find(account_id{live.position.account})) {
        // Of an account that came back by a reload some were never counted.
        *queued -= *queued > 0 ? 1 : 0;
    }
}

void messages::move_queue_entry(live_message& live, std::int64_t not_before_ms) {
    must_keep().rows().erase(table::queue, model::queue_key(live.position));
    live.position.not_before = not_before_ms;
    must_keep().rows().put(table::queue, model::queue_key(live.position), live.ends_ms());
    note_wake(live);
}

void messages::note_wake(const live_message& live) {
    auto& flow = flow_of(live.position);
    flow.next_wake_ms = std::min(flow.next_wake_ms, live.position.not_before);
    turn_.want_tick_ms(flow.next_wake_ms);
}

void messages::take_out(live_message& live) {
    if (live.where == live_message::place::ready) flows_.remove(flow_of(live.position), live);
    live.where = live_message::place::idle;
}

live_message& messages::add(message_id id, std::string_view record, std::size_t segments,
                            const model::queue_position& position, std::int64_t expires_ms) {
    auto& live = live_.add(id);
    live.set_record(record);
    live.segments.resize(segments);
    live.position = position;
    live.expires_ms = expires_ms;
    live.queued = true;
    ++queued_of_[account_id{position.account}];
    ++queued_total_;
    return live;
}

void messages::take_back(live_message& live) {
    --queued_of_[account_id{live.position.account}];
    --queued_total_;
    live.queued = false;
}

live_message* messages::find_or_load(message_id id) {
    auto* live = live_.find(id);
    return live != nullptr ? live : load_message(id);
}

void messages::count(memory_view& held) const {
    held.resting = resting_count_;
    held.live = live_.size() - resting_count_;
    held.flows = flows_.all().size();
    held.ready = flows_.ready_total();
    held.waiting = waiting_.size();
}

void messages::release(live_message& live) {
    if (live.pins == 0 && live.in_flight == 0 && live.where == live_message::place::idle) {
        const bool due = live.queued && live.position.not_before <= now_.wall_ms;
        if (due && !is_orphan(live.position)) {
            flow_of(live.position).more_on_disk = true;
            turn_.want_tick(now_.steady);
        }
        if (live.state == State::submitted && !live.queued) {
            rest(live);
        } else {
            resting_count_ -= live.resting ? 1 : 0;
            live_.remove(live.id);
        }
    }
}

void messages::unpin(message_id id) {
    if (auto* live = live_.find(id)) {
        --live->pins;
        release(*live);
    }
}

}  // namespace hikyaku::gateway
