// The writer of the simulated world, its disk, and what happens to the process: commits that take
// time, fail or are the last thing that happens, crashes at any moment, and restarts in peace.
#include <algorithm>
#include <boost/unordered/unordered_flat_set.hpp>
#include <cerrno>

#include "gateway/model/records.hpp"
#include "gateway/model/tables.hpp"
#include "store/ids.hpp"
#include "tests/sim/application_link.hpp"
#include "tests/sim/carrier_link.hpp"
#include "tests/sim/world.hpp"

namespace hikyaku::sim {

using gateway::commit_kind;

namespace {

constexpr std::int64_t retry_us_min = 50 * millisecond_us, retry_us_max = 2 * second_us;

template <class Test>
bool any_row(const store::batch& of, Test test) {
    for (const auto row : of)
        if (test(row)) return true;
    return false;
}

/// An erasure that the disk forgets.
bool stays(planted mistake, const store::batch::operation& row, std::int64_t wall_ms) {
    if (!row.erases) return false;
    switch (mistake) {
        case planted::queue_row_stays: {
            // Before its time: a row that is due would be taken up again.
            const auto position = row.which == model::table::queue.number
                                      ? model::queue_key::parse(row.key)
                                      : std::nullopt;
            return position && position->not_before > wall_ms + 60'000;
        }
        case planted::outbox_row_stays:
            return row.which == model::table::outbox.number;
        case planted::unmatched_rows_stay:
            return row.which == model::table::unmatched.number;
        default:
            return false;
    }
}

}  // namespace

void world::commit(commit_kind kind, std::unique_ptr<store::batch> batch, std::uint64_t ticket) {
    scheduler_.trace(1, ticket);
    if (store_failing_ && kind == commit_kind::acceptance) {  // refused at the door
        auto kept = std::make_shared<std::unique_ptr<store::batch>>(std::move(batch));
        at_this_run(0, [this, ticket, kept] {
            engine_->on_committed(ticket, false, std::move(*kept), now());
        });
        return;
    }
    commits_.push_back({kind, std::move(batch), ticket});
    if (!commit_scheduled_) {
        commit_scheduled_ = true;
        const auto takes = strikes(0.01) ? luck_.between(10 * millisecond_us, second_us)
                                         : luck_.between(100, 5000);
        at_this_run(takes, [this] { finish_commits(); });
    }
}

void world::finish_commits() {
    commit_scheduled_ = false;
    if (!commits_.empty() && strikes(scenario_.habits.crash_at_commit)) {
        crash(fault::crash_before_commit);
        return;
    }
    apply_commits();
}

void world::apply_commits() {
    auto taken = std::exchange(commits_, {});
    const bool crashes = !taken.empty() && strikes(2 * scenario_.habits.crash_at_commit);
    const bool half_told = crashes && luck_.chance(0.5);
    // The writer may have put what it was given into more than one transaction.
    const auto written = crashes && !half_told ? 1 + luck_.below(taken.size()) : taken.size();
    std::vector<const store::batch*> batches;
    for (std::size_t i = 0; i < written; ++i) {
        const bool lost = !planted_done_ && scheduler_.now_us() > 10 * second_us &&
                          ((options_.mistake == planted::lost_state_batch &&
                            taken[i].kind == commit_kind::state) ||
                           (options_.mistake == planted::lost_acceptance_batch &&
                            taken[i].kind == commit_kind::acceptance));
        if (lost && !taken[i].batch->empty()) {
            planted_done_ = true;
            continue;
        }
        batches.push_back(spoiled(taken[i]));
    }
    if (!batches.empty() && !environment_->apply(batches)) {
        disk_refuses(taken);
        return;
    }
    if (crashes && !half_told) {
        crash(fault::crash_after_commit);
        return;
    }
    retry_us_ = retry_us_min;
    settle_commits(taken, half_told ? luck_.below(taken.size()) : taken.size());
    if (half_told) {
        crash(fault::crash_half_told);
        return;
    }
    if (std::exchange(store_failing_, false)) engine_->set_store_failing(false);
}

/// What is written of a batch: all of it, but for rows that stay by mistake.
const store::batch* world::spoiled(const pending_commit& item) {
    const auto& whole = *item.batch;
    const auto stays_now = [&](const store::batch::operation& row) {
        return stays(options_.mistake, row, now().wall_ms);
    };
    if (!calm_ || planted_done_ || !any_row(whole, stays_now)) return &whole;
    planted_done_ = options_.mistake != planted::unmatched_rows_stay;  // retention tries again
    spoiled_ = std::make_unique<store::batch>();
    for (const auto row : whole) {
        if (stays_now(row)) continue;
        if (row.adds)
            spoiled_->add_to(row.which, store::read_entry(row.key.data()));
        else if (row.erases)
            spoiled_->erase_octets(row.which, row.key);
        else
            spoiled_->put_octets(row.which, row.key, row.value);
    }
    return spoiled_.get();
}

/// A batch of states alone, which nobody but the engine waits for.
bool world::is_untold(const pending_commit& item) {
    if (options_.mistake != planted::commit_untold || planted_done_ || !calm_ ||
        item.batch->empty())
        return false;
    planted_done_ = !any_row(*item.batch, [](const auto& row) {
        return row.which != model::table::outcomes.number &&
               row.which != model::table::receipt_index.number;
    });
    return planted_done_;
}

void world::settle_commits(std::vector<pending_commit>& taken, std::size_t told) {
    for (std::size_t i = 0; i < told; ++i)
        if (!is_untold(taken[i]))
            engine_->on_committed(taken[i].ticket, true, std::move(taken[i].batch), now());
}

/// As store::writer: what was accepted is kept, what is new is given back.
void world::disk_refuses(std::vector<pending_commit>& taken) {
    ++tally_[fault::commit_failed];
    std::vector<pending_commit> kept;
    for (auto& item : taken)
        if (item.kind == commit_kind::state)
            kept.push_back(std::move(item));
        else
            engine_->on_committed(item.ticket, false, std::move(item.batch), now());
    commits_.insert(commits_.begin(), std::make_move_iterator(kept.begin()),
                    std::make_move_iterator(kept.end()));
    if (!std::exchange(store_failing_, true)) {
        engine_->set_store_failing(true);
        retry_us_ = retry_us_min;
    }
    commit_scheduled_ = true;
    at_this_run(retry_us_, [this] { finish_commits(); });
    retry_us_ = std::min(retry_us_ * 2, retry_us_max);
}

// The end of a process.

void world::crash(fault how) {
    ++tally_[how];
    scheduler_.trace(2, static_cast<std::uint64_t>(how));
    ++run_;
    commits_.clear();
    commit_scheduled_ = store_failing_ = draining_ = false;
    tick_at_us_ = -1;
    engine_.reset();
    learn_from_store();
    environment_.reset();
    binds_.clear();
    sessions_.clear();
    http_requests_.clear();
    for (auto& carrier : carriers_) {
        for (auto& slot : carrier.slots)
            if (const auto link = std::exchange(slot.link, nullptr)) link->process_died();
    }
    for (const auto& link : std::exchange(application_links_, {}))
        link->process_died();
    const auto down = calm_ || luck_.chance(0.9) ? luck_.between(5 * millisecond_us, 3 * second_us)
                                                 : luck_.between(3 * second_us, 60 * second_us);
    at(down, [this] { start_again(); });
}

void world::start_again() {
    start_engine();
    for (std::size_t i = 0; i < scenario_.accounts.size(); ++i)
        quotas_[i].restart();
    everybody_returns();
}

/// What lies on the disk is the truth about what the next process will know.
void world::learn_from_store() {
    const auto snapshot = environment_->read();
    for (std::size_t i = 0; i < auditor_.count(); ++i) {
        const auto& message = auditor_.message(i);
        if (message.id != 0 && !message.stored && !message.given_back &&
            snapshot.has(model::table::messages, model::message_key(message.id))) {
            auditor_.stored(i);
            learn_members(i);
        }
    }
    boost::unordered_flat_set<std::uint64_t> waiting;
    snapshot.for_each(model::table::outbox, "", [&](std::string_view key, std::string_view) {
        if (const auto position = model::outbox_key::parse(key)) waiting.insert(position->sequence);
        return true;
    });
    store::record_reader reader;
    const auto submitted = [&](std::uint64_t id, std::size_t segment) {
        const auto value = snapshot.get(model::table::outcomes, model::message_key(id));
        const auto* outcome = value ? reader.read<model::record::Outcome>(*value) : nullptr;
        return outcome != nullptr && outcome->segments() != nullptr &&
               outcome->segments()->Get(static_cast<std::uint32_t>(segment))->state() !=
                   model::record::State::queued;
    };
    auditor_.restarted(submitted,
                       [&](std::uint64_t sequence) { return waiting.contains(sequence); });
    for (std::size_t i = 0; i < scenario_.accounts.size(); ++i) {
        if (!shares_.has(i)) continue;
        int waits = 0;
        for (std::size_t at = 0; at < auditor_.count(); ++at) {
            const auto& message = auditor_.message(at);
            waits += message.account == i && message.stored && !message.handed_out ? 1 : 0;
        }
        shares_.set_waiting(i, waits);
    }
    shares_.reset();
}

/// The other messages of a submit_multi stand in the record of the first.
void world::learn_members(std::size_t first) {
    const auto members = members_.find(first);
    if (members == members_.end()) return;
    const auto snapshot = environment_->read();
    store::record_reader reader;
    const auto value =
        snapshot.get(model::table::messages, model::message_key(auditor_.message(first).id));
    const auto* record = value ? reader.read<model::record::Message>(*value) : nullptr;
    const auto count =
        record == nullptr || record->group() == nullptr ? 0 : record->group()->size();
    if (count != members->second.size()) {
        auditor_.fail("a submit_multi is stored with another number of messages");
        return;
    }
    for (std::uint32_t i = 0; i < count; ++i) {
        auditor_.identified(members->second[i], record->group()->Get(i));
        auditor_.stored(members->second[i]);
    }
}

/// SIGTERM: nothing new, what is in flight is finished, then everybody is unbound.
void world::restart_in_peace() {
    if (draining_ || !engine_) return;
    draining_ = true;
    engine_->begin_drain();
    at_this_run(luck_.between(100 * millisecond_us, 5 * second_us), [this] {
        for (const auto& carrier : carriers_) {
            for (const auto& slot : carrier.slots)
                if (slot.link) slot.link->leave();
        }
        for (const auto& link : application_links_) {
            if (link->ours_alive()) {
                link->ours().unbind(steady());
                link->kick();
            }
        }
        at_this_run(luck_.between(100 * millisecond_us, 3 * second_us), [this] {
            engine_->flush(now());
            const auto run = run_;
            apply_commits();
            if (run == run_) crash(fault::graceful_restart);
        });
    });
}

}  // namespace hikyaku::sim
