#include "gateway/engine/directory/carriers.hpp"

#include <algorithm>
#include <limits>

namespace hikyaku::gateway {

using smpp::command_status;
using std::chrono::milliseconds;

bool carrier_state::up() const {
    return !paused_by_operator && !removed &&
           std::any_of(
               binds.begin(), binds.end(), [](const auto& bind) { return bind.can_transmit; });
}

bool carrier_state::can_send(steady_time now) const {
    return !paused_by_operator && !removed && now >= paused_until && now >= slowed_until &&
           rate.ready(now) &&
           std::any_of(
               binds.begin(), binds.end(),
               [&](const auto& bind) {
                   return bind.can_transmit && bind.in_flight < limit_of(bind, now);
               });
}

void carrier_state::use(std::shared_ptr<const config::carrier> configuration, steady_time now) {
    const auto before = std::exchange(settings, std::move(configuration));
    retries = make_retry_table(*settings);
    rate.change(settings->contract_rate, now);
    text = profile_of(settings->text);
    text_fingerprint = smpp::text::fingerprint(text);
    if (before->window == settings->window &&
        before->window_adaptive == settings->window_adaptive &&
        before->window_delay_target == settings->window_delay_target)
        return;
    for (auto& bind : binds)
        bind.window = new_window(settings->window);
}

carrier_bind* carrier_state::next_bind(steady_time now) {
    std::size_t best = turn_bind;
    std::uint32_t most = 0, of_this = 0, spared = 0;
    for (std::size_t i = turn_bind; i < turn_bind + binds.size(); ++i) {
        const auto& bind = binds[i % binds.size()];
        const auto limit = limit_of(bind, now);
        auto room = bind.can_transmit && bind.in_flight < limit ? limit - bind.in_flight : 0;
        if (room > 0)  // a silent bind may be the only one
            room -= std::min(room - 1, bind.unanswered);
        if (i == turn_bind) {
            of_this = room;
            spared = limit / 4;
        }
        if (room > most) {
            best = i;
            most = room;
        }
    }
    if (most == 0) return nullptr;
    if (new_turn || of_this == 0 || of_this + spared < most) {
        turn_bind = best;
        new_turn = false;
    }
    return &binds[turn_bind % binds.size()];
}

std::uint32_t carrier_state::limit_of(const carrier_bind& bind, steady_time now) const {
    const auto share_now = share(now);
    if (share_now >= 1.0) return bind.window.size();
    return std::max(1U, static_cast<std::uint32_t>(bind.window.size() * share_now));
}

std::uint32_t carrier_state::room(steady_time now) const {
    constexpr std::chrono::milliseconds moment{100};
    std::uint64_t free = 0;
    for (const auto& bind : binds) {
        const auto limit = limit_of(bind, now);
        free += bind.can_transmit && bind.in_flight < limit ? limit - bind.in_flight : 0;
    }
    if (settings->contract_rate) {
        const auto& [count, period] = *settings->contract_rate;
        free = std::min(free, static_cast<std::uint64_t>(count * moment / period));
    }
    return std::max(1U, static_cast<std::uint32_t>(free));
}

adaptive_window carrier_state::new_window(std::uint32_t requests) const {
    return settings->window_adaptive ? adaptive_window(requests, settings->window_delay_target)
                                     : adaptive_window(requests);
}

void carrier_state::sent(steady_time now, std::uint32_t parts) {
    rate.take(now, parts);
    const auto share_now = share(now);
    if (share_now < 1.0 && settings->contract_rate) {
        const std::chrono::nanoseconds period = settings->contract_rate->period;
        const auto interval = static_cast<double>(period.count()) / settings->contract_rate->count;
        slowed_until =
            now + std::chrono::nanoseconds(static_cast<std::int64_t>(interval * parts / share_now));
    }
}

steady_time carrier_state::ready_at() const {
    return std::max({rate.next(), paused_until, slowed_until});
}

void carrier_state::on_congestion(std::uint8_t state, steady_time now) {
    congestion = state;
    congestion_at = now;
    if (congestion_share(state) >= 1.0) slowed_until = {};
}

double carrier_state::share(steady_time now) const {
    return congestion == 0 || now - congestion_at >= congestion_lasts
               ? 1.0
               : congestion_share(congestion);
}

carrier_bind* carrier_state::bind(bind_id wanted) {
    const auto at = std::find_if(binds.begin(), binds.end(),
                                 [&](const auto& bind) { return bind.id == wanted; });
    return at == binds.end() ? nullptr : &*at;
}

void carrier_state::throttle(steady_time now) {
    constexpr milliseconds longest{30000};
    if (now < paused_until)
        return;  // answers to what was already in flight do not lengthen the pause
    next_pause = std::max(next_pause, settings->throttle_pause);
    paused_until = now + next_pause;
    next_pause = std::min(next_pause * 2, std::max(longest, settings->throttle_pause));
}

namespace {

bool is_excluded(std::uint32_t excluded, std::size_t target) {
    return target < 32 && (excluded >> target & 1U) != 0;
}

/// The lowest priority number among the targets that are up and not excluded.
std::optional<std::uint32_t> best_tier(const route_state& route, std::uint32_t excluded,
                                       const carrier_set& carriers) {
    std::optional<std::uint32_t> best;
    for (std::size_t i = 0; i < route.targets.size(); ++i) {
        const auto& target = route.targets[i];
        if (!is_excluded(excluded, i) && carriers[target.carrier].up() &&
            (!best || target.priority < *best))
            best = target.priority;
    }
    return best;
}

}  // namespace

availability look_at(const route_state& route, std::uint32_t excluded, const carrier_set& carriers,
                     steady_time now) {
    if (route.removed) return availability::ready;
    bool any_left = false;
    for (std::size_t i = 0; i < route.targets.size(); ++i)
        any_left = any_left || !is_excluded(excluded, i);
    if (!any_left) return availability::none_left;
    const auto tier = best_tier(route, excluded, carriers);
    if (!tier) return availability::all_down;
    for (std::size_t i = 0; i < route.targets.size(); ++i) {
        const auto& target = route.targets[i];
        if (target.priority == *tier && !is_excluded(excluded, i) &&
            carriers[target.carrier].can_send(now))
            return availability::ready;
    }
    return availability::busy;
}

std::optional<std::size_t> choose_target(route_state& route, std::uint32_t excluded,
                                         const carrier_set& carriers, steady_time now) {
    const auto tier = best_tier(route, excluded, carriers);
    if (!tier) return std::nullopt;
    std::optional<std::size_t> best;
    std::int64_t total = 0;
    for (std::size_t i = 0; i < route.targets.size(); ++i) {
        auto& target = route.targets[i];
        if (target.priority != *tier || is_excluded(excluded, i) ||
            !carriers[target.carrier].can_send(now))
            continue;
        target.credit += target.weight;
        total += target.weight;
        if (!best || target.credit > route.targets[*best].credit) best = i;
    }
    if (best) route.targets[*best].credit -= total;
    return best;
}

retry_table make_retry_table(const config::carrier& carrier) {
    retry_table table;
    for (const auto& [status, rule] : carrier.retries) {
        using action = config::retry_rule::action;
        const auto then = rule.then == action::retry          ? refusal_action::retry
                          : rule.then == action::next_carrier ? refusal_action::next_carrier
                                                              : refusal_action::fail;
        table[static_cast<command_status>(status)] = {then, rule.delay, rule.delay_max,
                                                      rule.attempts_max};
    }
    return table;
}

refusal_rule rule_for(const retry_table& table, command_status status) {
    const auto configured = table.find(status);
    if (configured != table.end()) return configured->second;
    switch (status) {
        case command_status::esme_rthrottled:
        case command_status::esme_rmsgqful:
            return {.then = refusal_action::throttle};
        case command_status::esme_rsyserr:
        case command_status::esme_rx_t_appn:
            return {.then = refusal_action::retry};
        case command_status::esme_rsubmitfail:
            return {.then = refusal_action::retry, .attempts_max = 3};
        case command_status::esme_rinvbndsts:
        case command_status::esme_rinvcmdid:
            return {.then = refusal_action::next_carrier};
        default:
            return {.then = refusal_action::fail};
    }
}

milliseconds backoff(const refusal_rule& rule, std::uint32_t attempts, std::uint64_t random) {
    auto delay = rule.delay;
    for (std::uint32_t i = 1; i < attempts && delay < rule.delay_max; ++i)
        delay *= 2;
    delay = std::min(delay, rule.delay_max);
    const auto quarter = static_cast<std::uint64_t>(delay.count()) / 4;
    return delay + milliseconds{static_cast<std::int64_t>(quarter == 0 ? 0 : random % quarter)};
}

}  // namespace hikyaku::gateway
