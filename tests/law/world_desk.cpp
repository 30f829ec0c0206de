// The desk of the world of the law, without its thread: its scribe composes when it is woken, its
// rows are kept like others, and a crash may come between any two of these. At the end each fact
// that the auditor knows has to be in the timeline once.
#include <fmt/format.h>

#include <algorithm>

#include "tests/law/world.hpp"

namespace hikyaku::law {

using dunning::record::TimelineKind;
using gateway::consumer_id;
using sim::millisecond_us;
using sim::second_us;

namespace {

constexpr session_id writing{3};
constexpr consumer_id desk_consumer{0}, listening_consumer{1};

/// A promise, a cease request and the like end by themselves, or by whoever placed them.
bool needs_person(hold_kind kind) {
    using enum hold_kind;
    switch (kind) {
        case dispute:
        case representation:
        case insolvency:
        case death:
        case hardship:
        case wrong_person:
        case ownership_doubt:
        case complaint:
        case vulnerability:
            return true;
        default:
            return false;
    }
}

}  // namespace

void world::wake_desk() {
    if (std::exchange(desk_woken_, true)) return;
    const auto delay = strikes(0.05) ? luck_.between(second_us, 3600 * second_us)
                                     : luck_.between(0, 20 * millisecond_us);
    at_this_run(delay, [this] {
        desk_woken_ = false;
        desk_writes();
    });
}

void world::desk_writes() {
    if (desk_writing_) return;  // woken again when that is on disk
    const auto made = scribe_->compose(heard_);
    if (made.empty()) return;
    desk_writing_ = true;
    if (made.keyless != 0) (void)gate_->keys().of(made.keyless, *made.rows);
    engine_->keep(*made.rows, {writing, 0}, now());
    if (made.consumed != 0) engine_->on_consumed(desk_consumer, made.consumed, now());
}

void world::consume(consumer_id consumer, std::span<const gateway::outbox_item> items) {
    if (consumer == listening_consumer) {
        hear_ends(items);
        return;
    }
    for (const auto& item : items)
        heard_.push_back(dunning::scribe::heard(item));
    wake_desk();
}

void world::hear_ends(std::span<const gateway::outbox_item> items) {
    const auto last = items.back().sequence;
    for (const auto& item : items) {
        const auto* receipt = std::get_if<gateway::receipt_event>(&item.event);
        if (receipt == nullptr) continue;
        const auto at = number_of_.find(static_cast<std::uint64_t>(receipt->message));
        if (at == number_of_.end()) continue;
        auto& one = auditor_.messages[at->second];
        told_[one.id][item.sequence] = receipt->state;
        one.state = receipt->state;
        one.ended_ms = receipt->done_ms;
        one.why = std::string(receipt->error.info);
        ++one.ends;
    }
    at_this_run(0, [this, last] { engine_->on_consumed(listening_consumer, last, now()); });
}

// The truth of the timeline.

void world::read_timeline() {
    const auto from = environment_->read();
    from.scan(dunning::table::timeline, {},
              [&](std::uint64_t, const dunning::record::TimelineEvent& row) {
                  timeline_[{row.kind(), row.subject()}].push_back(row.at());
                  return true;
              });
}

void world::expect_told(event_key what, std::size_t least, std::size_t most,
                        const std::string& name, std::optional<TimelineKind> taken_back_by) {
    const auto times = [&](TimelineKind kind) {
        const auto at = timeline_.find({kind, what.second});
        return at == timeline_.end() ? std::size_t{0} : at->second.size();
    };
    const auto count = times(what.first) - (taken_back_by ? times(*taken_back_by) : 0);
    if (count < least || count > most)
        auditor_.fail(fmt::format("{} of {} is {} times in the timeline instead of {}",
                                  dunning::record::EnumNameTimelineKind(what.first), name, count,
                                  least));
}

void world::check_holds_told() {
    std::size_t for_persons = 0, opened = 0;
    for (const auto& each : auditor_.holds) {
        const auto name = fmt::format("hold {}", each.id);
        const bool is_lifted = !each.gone && each.end_known_ms != never;
        expect_told({TimelineKind::hold_placed, each.id}, !each.gone, !each.gone, name);
        expect_told({TimelineKind::hold_lifted, each.id}, is_lifted, is_lifted, name);
        for_persons += !each.gone && needs_person(each.kind) ? 1 : 0;
    }
    for (const auto& [what, times] : timeline_) {
        if (what.first == TimelineKind::task_opened) ++opened;
        if (what.first == TimelineKind::task_opened || what.first == TimelineKind::task_done)
            expect_told(what, 1, 1, fmt::format("task {}", what.second));
    }
    if (opened != for_persons)
        auditor_.fail(fmt::format("{} tasks are in the timeline, {} holds need a person", opened,
                                  for_persons));
    for (const auto id : tasks_done_)
        expect_told({TimelineKind::task_done, id}, 1, 1, fmt::format("task {}", id));
}

void world::check_suppressions_told() {
    std::map<std::pair<std::size_t, std::string>, std::set<std::size_t>> acts;
    std::map<std::pair<std::size_t, std::string>, std::set<std::size_t>> unsure;
    for (const auto& each : auditor_.suppressions) {
        if (each.known_ms != never) acts[{each.account, each.contact}].insert(each.act);
        if (each.unsure) unsure[{each.account, each.contact}].insert(each.act);
    }
    dunning::chronicle reader(master_, *environment_);
    for (auto& [whose, of] : acts) {
        const bool by_carrier = of.erase(suppression::by_carrier) != 0;
        std::size_t told = 0, told_of_carrier = 0, removed = 0;
        for (const auto& event : reader.find(stored(id_of(whose.first)), party_scope::contact,
                                             whose.second, ~std::uint64_t{0}, 100'000)) {
            const bool is_suppressed = event.kind == TimelineKind::suppressed;
            told += is_suppressed && event.subject == 0 ? 1 : 0;
            told_of_carrier += is_suppressed && event.subject != 0 ? 1 : 0;
            removed += event.kind == TimelineKind::suppression_removed ? 1 : 0;
        }
        const auto least = of.size() - std::min(of.size(), unsure[whose].size());
        if (told > of.size() || told < least || (by_carrier && told_of_carrier == 0))
            auditor_.fail(
                fmt::format("suppressions of {} are {} and {} times in the timeline "
                            "instead of {}",
                            whose.second, told, told_of_carrier, of.size()));
        const auto& removals = removals_[whose];
        if (removed < removals.known || removed > removals.known + removals.open)
            auditor_.fail(
                fmt::format("the end of a suppression of {} is {} times in the timeline "
                            "instead of {}",
                            whose.second, removed, removals.known));
    }
}

void world::check_messages_told() {
    for (const auto& one : auditor_.messages) {
        if (!one.stored) continue;
        const auto name = fmt::format("message {}", number_of_[one.id]);
        const auto rows = one.asks() ? one.rows_ms().size() : 0;
        const auto lost = static_cast<std::size_t>(std::ranges::count_if(
            one.attempts, [](const attempt& each) { return each.opens && !each.counted; }));
        // Whether the rest of a message without an outcome goes as a hand-off of its own follows
        // from what the process knows of the first segment.
        const auto least = std::min<std::size_t>(rows, 1);
        const auto most =
            (one.had_no_outcome ? one.attempts.size() : std::max(rows, one.rows_most()) + lost) +
            one.left_ms.size();
        expect_told({TimelineKind::handed_over, one.id}, least, one.asks() ? most : 0, name,
                    TimelineKind::not_handed_over);
        const bool is_ended = one.state == State::rejected || one.state == State::unknown;
        const bool by_index = one.why == "suppressed" || one.why.starts_with("hold_");
        const bool by_gate = one.state == State::rejected && !one.why.empty() && !by_index;
        expect_told({TimelineKind::withheld, one.id}, by_gate,
                    one.had_no_outcome || one.segments > 1 || (is_ended && !one.why.empty()), name);
        const auto ends = told_[one.id].size();
        expect_told({TimelineKind::receipt, one.id}, ends, ends, name);
    }
}

void world::check_timeline() {
    dunning::chronicle reader(master_, *environment_);
    for (std::size_t i = 0; i < scenario_.accounts.size(); ++i)
        if (const auto fault = reader.check(stored(id_of(i))))
            auditor_.fail(
                fmt::format("the chain of account {} does not hold: {}", i, fault->sentence));
    read_timeline();
    check_holds_told();
    check_suppressions_told();
    check_messages_told();
}

}  // namespace hikyaku::law
