// The store of the composition root: opening it, and whether it is the one of before
// (docs/decisions/017).
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "gateway/app/gateway.hpp"
#include "gateway/app/store_identity.hpp"
#include "gateway/dunning/confirmations.hpp"
#include "gateway/io/logging.hpp"
#include "gateway/model/tables.hpp"

namespace hikyaku::gateway::app {

using io::log;
using io::log_level;

namespace {

/// In the tickets of what the guard writes down; no request has it.
constexpr session_id guard_session{1ULL << 60};
constexpr std::int64_t ahead_most_ms = 5000;

}  // namespace

bool gateway::open_store(std::string& fault) {
    store::environment_settings wanted;
    wanted.path = settings_.store.path;
    wanted.map_bytes_initial = settings_.store.map_bytes_initial;
    wanted.map_bytes_max = settings_.store.map_bytes_max;
    wanted.young_entries_max = settings_.store.index_young_max;
    wanted.sync = settings_.store.sync;
    auto opened = store::environment::open(std::move(wanted), {model::domain, dunning::domain});
    if (opened.has_error()) {
        fault = opened.error().sentence;
        return false;
    }
    store_ = std::move(*opened);
    if (!settings_.store.sync) {
        log(log_level::warn,
            "store.sync is off: a power loss may lose or damage accepted messages");
    }
    return true;
}

/// Before there is a writer: what is known of the store is on disk before anything else is.
void gateway::open_guard() {
    boot_ = boot_number();
    const auto clock = read_boot_clock(boot_);
    const auto stamp = read_stamp(settings_.store.machine_id_file, settings_.store.path);
    // A sandbox is ahead of the machine's date.
    const auto last_ms = sandbox_ ? std::min(last_ms_, clock.wall_ms) : last_ms_;
    guard_.emplace(stamp, clock, store_->read(), last_ms);
    store::batch rows;
    guard_->write(clock, rows);
    const store::batch* const list[] = {&rows};
    if (!store_->apply(list)) log(log_level::warn, "the disk refuses to keep whose store this is");
    keep_back();
}

/// What asks the gate waits as long as there are doubts.
void gateway::keep_back() {
    const auto what = guard_->what();
    gate_->keep_back(what == 0 && runs_ahead_ ? "clock_jumped" : rule_of(what));
    if (what == 0 && runs_ahead_)
        log(log_level::warn,
            "nothing that asks the gate is sent until the system's date has "
            "caught up with the gateway's, which never goes back");
    if (what == 0) return;
    log(log_level::warn,
        "nothing that asks the gate is sent until an operator confirms: hikyaku store confirm",
        {{"doubts", fmt::format("{}", fmt::join(names_of(what), " "))}});
}

/// Once a turn, before anything is handed out.
void gateway::look_at_guard() {
    const auto clock = read_boot_clock(boot_);
    const bool has_jumped = guard_->look(clock);
    // After a clock was set back the gateway's own runs on: hours would be those of another time.
    const bool runs_ahead = !sandbox_ && clock_.wall().ahead_ms() > ahead_most_ms;
    if (has_jumped || runs_ahead != std::exchange(runs_ahead_, runs_ahead)) keep_back();
    if (confirming_ || (!has_jumped && !guard_->wants_rows(clock))) return;
    store::batch rows;
    guard_->write(clock, rows);
    engine_->keep(rows, {guard_session, 0}, now());
}

api::store_view gateway::look_at_store() const {
    api::store_view view;
    for (const auto name : names_of(guard_->what()))
        view.doubts.emplace_back(name);
    view.rule = rule_of(guard_->what());
    view.since_ms = guard_->since_ms();
    if (const auto last = dunning::last_confirmation(store_->read())) {
        auto& shown = view.last.emplace();
        shown.at_ms = last->at_ms;
        for (const auto name : names_of(last->doubts))
            shown.of.emplace_back(name);
        shown.by = last->by;
        shown.why = last->why;
    }
    return view;
}

refusal gateway::confirm_store(std::string_view by, std::string_view why, reply_ticket ticket) {
    if (confirming_) return refusal::store_busy;
    if (const auto refused = engine_->refuses_changes(); refused != refusal::none) return refused;
    const auto time = now();
    store::batch rows;
    guard_->write_confirmed(read_boot_clock(boot_), rows);
    dunning::put_confirmation({time.wall_ms, guard_->what(), std::string(by), std::string(why)},
                              gate_->next_id(time.wall_ms), rows);
    confirming_ = ticket;
    engine_->keep(rows, ticket, time);
    touched();
    return refusal::none;
}

/// The rows of a ticket are on disk. True: it was the guard's.
bool gateway::guard_kept(reply_ticket ticket) {
    if (ticket.session == guard_session) return true;
    if (!confirming_ || confirming_->session != ticket.session ||
        confirming_->sequence != ticket.sequence)
        return false;
    confirming_.reset();
    guard_->confirmed();
    log(log_level::warn, "the store is confirmed: what asks the gate is sent again");
    keep_back();
    return false;  // a request waits for it
}

}  // namespace hikyaku::gateway::app
