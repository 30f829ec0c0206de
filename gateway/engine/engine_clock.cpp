// What the engine does for a wall clock that is moved by hand: looks at once at what goes by it,
// and says when there is something to wait for.
#include <algorithm>

#include "gateway/engine/engine_impl.hpp"
#include "gateway/model/tables.hpp"

namespace hikyaku::gateway {

void engine::on_clock_moved(instant now) {
    impl_->context_.this_turn.set_now(now);
    impl_->messages_.sweep_now();
    impl_->retention_.run_now();
    impl_->tick();
}

std::optional<std::int64_t> engine::next_due(instant now) const {
    std::optional<std::int64_t> next;
    const auto consider = [&](std::int64_t at_ms) {
        if (at_ms > now.wall_ms && at_ms != never_ms && (!next || at_ms < *next)) next = at_ms;
    };
    consider(impl_->replies_.next_due().value_or(never_ms));
    for (const auto& each : impl_->messages_.flows().all())  // also where the queue is longer
        consider(each->next_wake_ms);
    std::size_t seen = 0;
    impl_->context_.environment.read().for_each(
        model::table::queue, {}, [&](std::string_view key, std::string_view value) {
            if (const auto position = model::queue_key::parse(key)) consider(position->not_before);
            if (const auto ends = store::read_number<std::int64_t>(value)) consider(*ends);
            return ++seen < looked_at_max;
        });
    return next;
}

bool engine::rests(instant now) const {
    auto& inside = *impl_;
    inside.context_.this_turn.set_now(now);
    const bool under_way = inside.attempts_.in_flight() > 0 || !inside.context_.changes.idle() ||
                           inside.sending_.cancels_under_way() || !inside.answers_.empty() ||
                           inside.submissions_.scanning() || !inside.delivery_.idle();
    if (under_way) return false;
    const auto takes = [&](const target_state& target) {
        const auto& carrier = inside.directory_[target.carrier];
        return carrier.up() && !carrier.paused_by_operator;
    };
    return std::ranges::none_of(inside.messages_.flows().all(), [&](const auto& each) {
        if (each->ready.empty() && !each->more_on_disk) return false;
        if (inside.gate_.has_stopped(stored(each->account))) return false;
        const auto* route = inside.directory_.find(each->route);
        return route != nullptr && std::ranges::any_of(route->targets, takes);
    });
}

}  // namespace hikyaku::gateway
