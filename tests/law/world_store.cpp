// The writer of the world of the law and the deaths of its process: commits that take time, and
// crashes before, in and behind them. A power cut is a crash that takes what was not synced, which
// here is what was not committed. The next process finds what was on disk; what it finds of holds,
// suppressions and stops is held against what had been answered.
#include <fmt/format.h>

#include <algorithm>

#include "gateway/model/tables.hpp"
#include "store/ids.hpp"
#include "tests/law/world.hpp"

namespace hikyaku::law {

using sim::millisecond_us;
using sim::second_us;

void world::commit(gateway::commit_kind kind, std::unique_ptr<store::batch> batch,
                   std::uint64_t ticket) {
    scheduler_.trace(1, ticket);
    commits_.push_back({kind, std::move(batch), ticket});
    if (std::exchange(commit_scheduled_, true)) return;
    const auto takes = strikes(0.03) ? luck_.between(10 * millisecond_us, 3 * second_us)
                                     : luck_.between(100, 5000);
    at_this_run(takes, [this] { finish_commits(); });
}

void world::finish_commits() {
    commit_scheduled_ = false;
    if (commits_.empty()) return;
    if (strikes(0.0003)) {
        crash();
        return;
    }
    auto taken = std::exchange(commits_, {});
    // The writer may have put what it was given into more than one transaction.
    const bool dies = strikes(0.0006);
    const auto written = dies ? 1 + luck_.below(taken.size()) : taken.size();
    std::vector<const store::batch*> batches;
    std::vector<std::unique_ptr<store::batch>> kept;
    for (std::size_t i = 0; i < written; ++i) {
        batches.push_back(spoiled(taken[i]));
        if (spoiled_) kept.push_back(std::move(spoiled_));
    }
    if (!environment_->apply(batches)) {
        auditor_.fail("the store refuses a batch");
        return;
    }
    const auto told = dies ? luck_.below(written) : written;
    for (std::size_t i = 0; i < told; ++i)
        engine_->on_committed(taken[i].ticket, true, std::move(taken[i].batch), now());
    if (dies) crash();
}

/// What is written of a batch: all of it, but for what a planted mistake leaves out.
const store::batch* world::spoiled(const pending_commit& item) {
    const auto stays_out = [&](const store::batch::operation& row) {
        switch (options_.mistake) {
            case planted::holds_by_contact_only:
                return row.adds && row.which == dunning::table::hold_index.number &&
                       !held_contacts_.contains(store::read_entry(row.key.data()).hash);
            case planted::contact_row_lost:
                return row.adds && row.which == dunning::table::contact_index.number;
            case planted::hold_lost:
                return !row.erases && (row.which == dunning::table::holds.number ||
                                       row.which == dunning::table::hold_index.number);
            case planted::event_twice:
                return row.which == dunning::table::meta.number && row.key == "contacts_told";
            case planted::event_lost:
                return !row.erases && row.which == dunning::table::intake.number;
            default:
                return false;
        }
    };
    const auto& whole = *item.batch;
    if (options_.mistake == planted::nothing) return &whole;
    spoiled_ = std::make_unique<store::batch>();
    for (const auto row : whole) {
        if (stays_out(row)) continue;
        if (row.adds)
            spoiled_->add_to(row.which, store::read_entry(row.key.data()));
        else if (row.erases)
            spoiled_->erase_octets(row.which, row.key);
        else
            spoiled_->put_octets(row.which, row.key, row.value);
    }
    return spoiled_.get();
}

// The end of a process.

void world::crash() {
    ++auditor_.counts.crashes;
    scheduler_.trace(2, auditor_.counts.crashes);
    ++run_;
    commits_.clear();
    commit_scheduled_ = false;
    tick_at_us_ = -1;
    engine_.reset();
    note_lost_attempts();
    protection_.reset();
    between_.reset();
    gate_.reset();
    scribe_.reset();
    environment_.reset();
    known_.clear();
    unacknowledged_.clear();
    late_.clear();
    for (auto& each : carriers_) {
        each.up = false;
        each.open.clear();
    }
    const auto down = calm_ || luck_.chance(0.7) ? luck_.between(5 * millisecond_us, 60 * second_us)
                                                 : luck_.between(60 * second_us, 5 * sim::hour_us);
    auditor_.process_down.push_back({now().wall_ms, now().wall_ms + down / 1000 + 1});
    at(down, [this] { start_again(); });
}

void world::start_again() {
    start_engine();
    learn_what_was_kept();
    for (std::size_t i = 0; i < carriers_.size(); ++i)
        carrier_up(i);
}

/// What the next process cannot know: answers that were not heard or not written, and hand-offs
/// whose row was not on disk.
void world::note_lost_attempts() {
    const auto from = environment_->read();
    store::record_reader reader;
    std::map<std::uint64_t, std::int64_t> last_row;
    std::vector<std::pair<std::uint64_t, std::int64_t>> recent_rows;  // message, when
    const auto recent = store::first_id_at(now().wall_ms - hour_ms - 10 * minute_ms);
    from.scan(dunning::table::contacts, dunning::id_key(recent),
              [&](std::uint64_t id, const dunning::record::Contact& row) {
                  last_row[row.message()] = store::id_milliseconds(id);
                  recent_rows.emplace_back(row.message(), store::id_milliseconds(id));
                  return true;
              });
    for (const auto& [id, at_ms] : recent_rows) {
        const auto number = number_of_.find(id);
        if (number == number_of_.end()) continue;
        const auto& attempts = auditor_.messages[number->second].attempts;
        if (attempts.empty() || attempts.back().at_ms < at_ms) auditor_.left(number->second, at_ms);
    }
    for (auto& one : auditor_.messages) {
        if (one.id != 0 && !one.stored &&
            from.has(gateway::model::table::messages, gateway::model::message_key(one.id))) {
            one.stored = true;
            one.stored_ms = now().wall_ms;
        }
        if (one.attempts.empty() || one.attempts.back().at_ms < now().wall_ms - 10 * minute_ms)
            continue;
        const auto* outcome =
            from.get(gateway::model::table::outcomes, gateway::model::message_key(one.id), reader);
        const auto is_submitted = [&](std::size_t segment) {
            return outcome != nullptr && outcome->segments() != nullptr &&
                   outcome->segments()->Get(static_cast<std::uint32_t>(segment))->state() !=
                       gateway::model::record::State::queued;
        };
        for (auto& each : one.attempts) {
            if (each.what == attempt::outcome::open ||
                (each.what == attempt::outcome::accepted && !is_submitted(each.segment)))
                each.what = attempt::outcome::forgotten, one.had_no_outcome = true;
            const auto row = last_row.find(one.id);
            const bool has_row = row != last_row.end() && row->second + hour_ms >= each.at_ms;
            if (!has_row && one.asks() && each.at_ms >= now().wall_ms - minute_ms) {
                each.counted = false;
                ++auditor_.counts.rows_lost;
                auditor_.fail(auditor_.name_of(number_of_[one.id]) +
                              " was sent, and a death has taken the row that counts it");
            }
        }
    }
}

// What the next process knows.

namespace {

/// Whether a beginning or an end was kept that had not been answered; false: one that had been was
/// forgotten.
bool settle(term& what, bool is_there, std::int64_t now_ms) {
    if (what.gone) return true;
    if (is_there) {
        what.known_ms = std::min(what.known_ms, now_ms);
        if (what.end_known_ms != never) return false;
        what.end_asked_ms = never;  // nobody will ask again
        return true;
    }
    if (what.end_asked_ms != never) {
        what.end_known_ms = std::min(what.end_known_ms, now_ms);
        return true;
    }
    what.gone = true;
    if (what.known_ms != never) return false;
    what.end_asked_ms = what.end_known_ms = now_ms;
    return true;
}

}  // namespace

void world::learn_holds() {
    for (auto& each : auditor_.holds) {
        if (each.gone) continue;
        const auto found = protection_->find_hold(id_of(each.account), each.id, now());
        if (!found) {
            if (each.known_ms != never)
                auditor_.fail(fmt::format("hold {} was answered, and is forgotten", each.id));
            each.gone = true;
            each.end_asked_ms = std::min(each.end_asked_ms, now().wall_ms);
            each.end_known_ms = std::min(each.end_known_ms, now().wall_ms);
            continue;
        }
        each.known_ms = std::min(each.known_ms, now().wall_ms);
        const bool is_lifted = found->lifted_ms != 0;
        if (is_lifted)
            each.end_known_ms = std::min(each.end_known_ms, now().wall_ms);
        else if (each.end_known_ms != never)
            auditor_.fail(
                fmt::format("the end of hold {} was answered, and is forgotten", each.id));
        else
            each.end_asked_ms = never;
    }
}

void world::learn_suppressions() {
    for (auto& each : auditor_.suppressions) {
        if (each.end_known_ms != never) continue;
        const auto found = protection_->find_suppression(id_of(each.account), each.contact);
        const bool is_there = found && (found->purposes & gateway::gate::set_of(each.purpose)) != 0;
        each.unsure = each.unsure || (is_there && each.known_ms == never);
        if (!settle(each, is_there, now().wall_ms))
            auditor_.fail("a suppression of " + each.contact + " was answered, and is forgotten");
    }
}

void world::learn_stops() {
    const auto there = protection_->stops();
    for (auto& each : auditor_.stops) {
        if (each.end_known_ms != never) continue;
        const dunning::stop_position of = position_of(each);
        const bool is_there =
            std::ranges::find(there, of, [](const auto& row) { return row.of; }) != there.end();
        if (!settle(each, is_there, now().wall_ms))
            auditor_.fail("a stop was answered, and is forgotten");
    }
}

void world::learn_what_was_kept() {
    learn_holds();
    learn_suppressions();
    learn_stops();
    if (options_.mistake != planted::stop_lost_at_restart) return;
    for (const auto& each : std::vector(protection_->stops()))
        gate_->remove_stop(each.of, gate_->stopped().number_of(each.of));
}

}  // namespace hikyaku::law
