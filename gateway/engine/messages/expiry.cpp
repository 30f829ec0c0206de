// The round through the queue: what leaves it because its time is over, and, in the first round
// after a start, what each account has in it.
#include <algorithm>
#include <cassert>

#include "gateway/engine/messages/messages.hpp"
#include "gateway/model/tables.hpp"

namespace hikyaku::gateway {

namespace table = model::table;
namespace record = model::record;

namespace {

constexpr std::size_t sweep_entries = 2000;  // queue entries looked at in one step
constexpr std::size_t sweep_expire_max = 500;

}  // namespace

/// Entries of an earlier run are counted for their account when the first sweep reaches them, or
/// here when they are taken into memory before that: from then on they may move or leave.
void messages::count_touched(const model::queue_position& position) {
    if (!sweep_counting_ || position.id > sweep_counted_to_ || !touched_.insert(position.id).second)
        return;
    const bool swept = model::queue_key(position).view() < std::string_view(sweep_at_);
    auto* const queued = queued_of_.find(account_id{position.account});
    if (!swept && queued != nullptr) ++*queued;
}

void messages::sweep_expired() {
    if (now_.steady < next_sweep_) {
        turn_.want_tick(next_sweep_);
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
                const auto position = model::queue_key::parse(key);
                if (!position) return true;
                if (sweep_counting_ && position->id <= sweep_counted_to_ &&
                    !touched_.contains(position->id)) {
                    auto* const queued = queued_of_.find(account_id{position->account});
                    if (queued != nullptr) ++*queued;
                }
                const auto expires = store::read_number<std::int64_t>(value);
                if (expires && *expires <= now_.wall_ms)
                    expired.push_back(message_id{position->id});
                else if (sweep_counting_ && expires == position->not_before)
                    waiting.push_back(message_id{position->id});
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
    turn_.want_tick(next_sweep_);
    for (const auto id : waiting)
        load_waiting(id);
    for (const auto id : expired) {
        auto* live = live_.find(id);
        if (live == nullptr) live = load_message(id);
        if (live == nullptr) continue;
        const bool prolonged = live->ends_ms() > now_.wall_ms;  // that is not on disk yet
        if (live->queued && live->committed && live->in_flight == 0 && !prolonged)
            expire(*live);
        else
            release(*live);
    }
}

void messages::expire(live_message& live) {
    end_unsent(live, segment_state::expired);
    forget_waiting(live);
    live.failed = true;
    finish(live);
}

}  // namespace hikyaku::gateway
