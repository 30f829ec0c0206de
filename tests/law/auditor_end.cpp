// What the auditor asks when a message goes out, ends, or is left over: whether it could have gone
// before, and whether there was a reason for its end.
#include <fmt/format.h>

#include <algorithm>

#include "gateway/dunning/judge.hpp"
#include "tests/law/auditor.hpp"

namespace hikyaku::law {
namespace {

// What a delay is looked at again by a stop of a purpose.
constexpr std::int64_t stop_pause_ms = 5 * minute_ms;
// A message that may go goes within this time, while a carrier of its route takes messages: half a
// minute of a carrier's pause after it was too busy, half of another's after it came back, and a
// window full of requests without answers, which end after a minute.
constexpr std::int64_t prompt_ms = 5 * minute_ms;

/// Where so many of the stretches or more lie over each other.
std::vector<stretch> covered(const std::vector<stretch>& all, unsigned depth) {
    std::vector<std::pair<std::int64_t, int>> edges;
    for (const auto& each : all) {
        edges.emplace_back(each.from, 1);
        edges.emplace_back(each.to, -1);
    }
    std::ranges::sort(edges);
    std::vector<stretch> found;
    int now = 0;
    std::int64_t since = 0;
    for (const auto& [at_ms, step] : edges) {
        const bool was = now >= static_cast<int>(depth);
        now += step;
        const bool is = now >= static_cast<int>(depth);
        if (!was && is) since = at_ms;
        if (was && !is) found.push_back({since, at_ms});
    }
    return tidied(std::move(found));
}

}  // namespace

/// When the caps, the gap and the debtor's day keep the message back, by whatever the program may
/// count: also what a carrier has refused, which rang nowhere.
std::vector<stretch> auditor::times_full(const message& one, std::int64_t until_ms) const {
    const auto& law = law_of(one);
    const auto where = *walls_of(one);
    std::vector<stretch> days, weeks, others;
    for (const auto& [other, as] : others_of(one)) {
        const auto [first_ms, last_ms] = other->counted_between_ms();
        if (first_ms >= until_ms || last_ms + week_ms + day_ms < one.due_ms) continue;
        std::int64_t day_ends_ms = 0;
        for (const wall* here : where)
            day_ends_ms =
                std::max(day_ends_ms, here->moment(here->day_at(last_ms) + date::days{1}, 0));
        if (as.as_contact) {
            days.push_back({first_ms, day_ends_ms});
            weeks.push_back({first_ms, last_ms + week_ms});
            others.push_back({first_ms, last_ms + law.gap_ms});
        }
        if (as.as_debtor && one.purpose == Purpose::dunning && other->purpose == Purpose::dunning)
            others.push_back({first_ms, day_ends_ms});
    }
    if (law.day_max != 0) std::ranges::copy(covered(days, law.day_max), std::back_inserter(others));
    if (law.week_max != 0)
        std::ranges::copy(covered(weeks, law.week_max), std::back_inserter(others));
    return tidied(std::move(others));
}

std::vector<stretch> auditor::times_without_carrier(const message& one) const {
    auto down = carrier_down[carriers_of[one.account].front()];
    for (const auto carrier : carriers_of[one.account])
        down = intersection(down, carrier_down[carrier]);
    std::ranges::copy(process_down, std::back_inserter(down));
    // The next message in its queue may be tried again and again at the one that is too busy.
    for (const auto carrier : carriers_of[one.account])
        std::ranges::copy(carrier_busy[carrier], std::back_inserter(down));
    for (const auto& each : stops)
        if (each.is_on(one))
            down.push_back({each.asked_ms, each.end_known_ms == never
                                               ? never
                                               : each.end_known_ms + stop_pause_ms});
    return tidied(std::move(down));
}

/// When nothing kept it back, from when it was due until then.
std::vector<stretch> auditor::times_to_go(const message& one, std::int64_t until_ms) const {
    const auto& law = law_of(one);
    std::vector<stretch> left{{std::max(one.due_ms, one.stored_ms), until_ms}};
    if (law.any && !law.shadow && one.asks()) {
        if (!walls_of(one)) return {};
        auto open = openings_of(one);
        for (auto& each : open)
            each.to -= law.floor_ms;
        left = intersection(left, tidied(std::move(open)));
        if (one.is_held_at_all()) left = difference(left, times_full(one, until_ms));
        // Nothing goes when less than the floor is left until a hold that is known to begin.
        std::vector<stretch> too_short;
        for (const auto& each : holds)
            if (each.is_on(one) && each.from_ms > each.asked_ms)
                too_short.push_back({each.from_ms - law.floor_ms, each.from_ms});
        left = difference(left, tidied(std::move(too_short)));
    }
    return difference(left, times_without_carrier(one));
}

void auditor::check_promptness(std::size_t number, std::int64_t until_ms) {
    const auto& one = messages[number];
    for (const auto& each : times_to_go(one, until_ms)) {
        counts.late_ms = std::max(counts.late_ms, each.to - each.from);
        if (each.to - each.from <= prompt_ms) continue;
        fail(fmt::format("{} could have gone from {} on, and did not for {} s", name_of(number),
                         time_text(each.from), (each.to - each.from) / second_ms));
        return;
    }
}

bool auditor::was_forbidden(const message& one) const {
    return std::ranges::any_of(
               opt_outs,
               [&](const opt_out& each) {
                   return each.account == one.account && each.phone == one.phone;
               }) ||
           std::ranges::any_of(
               suppressions, [&](const suppression& each) { return each.is_on(one); }) ||
           std::ranges::any_of(
               holds, [&](const hold& each) { return each.is_on(one); });
}

bool auditor::is_explained(const message& one) const {
    const auto& law = law_of(one);
    if (one.why == "suppressed" && std::ranges::any_of(opt_outs, [&](const opt_out& each) {
            return each.account == one.account && each.phone == one.phone &&
                   each.at_ms <= one.ended_ms;
        }))
        return true;
    if (one.why == "suppressed")
        return std::ranges::any_of(suppressions, [&](const suppression& each) {
            return each.is_on(one) && each.asked_ms <= one.ended_ms &&
                   each.end_known_ms >= one.accepted_ms;
        });
    for (const auto& each : holds) {
        if (one.why != gateway::dunning::hold_rule(each.kind) || !each.is_on(one)) continue;
        const auto ends_ms = std::min(each.until_ms, each.end_known_ms);
        if (each.begins_ms() <= one.ended_ms && each.begins_ms() < ends_ms &&
            (one.ended_ms <= ends_ms || each.begins_ms() >= one.accepted_ms ||
             ends_ms > one.due_ms))
            return true;
    }
    if (!law.any || law.shadow) return false;
    if (one.why == "zone_unknown") return !walls_of(one);
    if (one.why == "contact_hours") return openings_of(one).empty();
    if (one.why == "required: consents") return one.purpose == Purpose::marketing;
    if (one.why != "workplace" && one.why != "third_party") return false;
    return one.is_held_at_all() && !one.tags.empty();
}

void auditor::check_rejected(std::size_t number) {
    const auto& one = messages[number];
    const bool refused = std::ranges::any_of(
        one.attempts, [](const attempt& each) { return each.what == attempt::outcome::refused; });
    if (is_explained(one) || (refused && one.why.empty())) return;
    fail(fmt::format("{} was rejected ({}), and nothing explains it", name_of(number), one.why));
}

void auditor::check_end(std::size_t number) {
    auto& one = messages[number];
    if (!one.stored) return;
    ++counts.messages;
    switch (one.state) {
        case State::queued:
            fail(name_of(number) + " still waits");
            break;
        case State::rejected:
            ++counts.rejected;
            check_rejected(number);
            if (one.attempts.empty()) check_promptness(number, one.ended_ms);
            break;
        case State::expired:
            ++counts.expired;
            if (one.ended_ms <
                std::min(one.expires_ms, one.attempts.empty() ? never : one.bound_ms - second_ms))
                fail(name_of(number) + " expired before its time");
            if (one.attempts.empty()) check_promptness(number, one.expires_ms);
            break;
        case State::deleted:
            ++counts.went;
            if (!was_forbidden(one))
                fail(name_of(number) + " was deleted, and nothing explains it");
            break;
        case State::unknown:
            if (one.attempts.empty() && !one.is_marked)
                fail(name_of(number) + " is unknown, and was never sent");
            break;
        default:
            ++counts.went;
            if (!one.may_have_rung())
                fail(name_of(number) + " went nowhere, but is not at its end");
            break;
    }
}

}  // namespace hikyaku::law
