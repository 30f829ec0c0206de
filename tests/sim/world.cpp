#include "tests/sim/world.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gateway/engine/messages/flows.hpp"
#include "gateway/model/tables.hpp"
#include "tests/sim/application_link.hpp"
#include "tests/sim/carrier_link.hpp"

namespace hikyaku::sim {

using gateway::instant;

namespace {

constexpr std::int64_t calm_us = 1000 * second_us;
constexpr std::int64_t last_sleep_us = 80 * hour_us;  // the longest validity is 72 hours
constexpr std::int64_t unmatched_sleep_us = (7 * 24 + 1) * hour_us;  // their retention
constexpr std::int64_t last_calm_us = 4 * hour_us;
constexpr std::int64_t night_tick_us = 300 * second_us;
constexpr std::size_t live_slack = 64;

/// What the engine believes; the auditor believes the scenario.
config::settings mistaken(config::settings settings, planted mistake) {
    for (auto& carrier : settings.carriers) {
        if (mistake == planted::rate_ignored) carrier.contract_rate = std::nullopt;
        if (mistake == planted::window_ignored) carrier.window = 1000;
        if (mistake == planted::policy_ignored)
            carrier.on_unknown = config::unknown_outcome::resend;
    }
    for (auto& account : settings.accounts) {
        if (mistake == planted::quota_ignored) account.rate.per_second = std::nullopt;
        if (mistake == planted::weight_ignored) account.weight = 1;
        if (mistake == planted::limit_invented) account.queued_max = 2;
        if (mistake == planted::policy_ignored) account.at_most_once = false;
    }
    return settings;
}

}  // namespace

world::world(std::uint64_t seed, const std::string& store_path, const world_options& options)
    : seed_(seed),
      options_(options),
      luck_(seed),
      auditor_(seed, tally_),
      scenario_(make_scenario(luck_, options.seconds)),
      store_path_(store_path) {
    scenario_.settings.store.path = store_path;
    draw_purposes();
    engine_settings_ = mistaken(scenario_.settings, options.mistake);
    for (std::size_t i = 0; i < scenario_.carriers.size(); ++i) {
        const auto& settings = scenario_.settings.carriers[i];
        rates_.emplace_back(settings.contract_rate);
        carriers_.push_back({scenario_.carriers[i].first_id, {}, 0, 0, {}});
        add_slots(i);
        if (settings.on_unknown == config::unknown_outcome::await_receipt) auditor_.set_awaiting(i);
    }
    for (std::size_t i = 0; i < scenario_.accounts.size(); ++i) {
        const auto& account = scenario_.settings.accounts[i];
        const bool paced = account.rate.excess == config::on_excess::pace;
        quotas_.emplace_back(account.rate, paced ? 11.0 : 0.0);
        if (scenario_.accounts[i].how == account_habits::kind::fair)
            shares_.add_account(i, account.weight);
    }
    if (seed_ % 2 == 1 && !scenario_.fair) {
        limits_.flow_ready_max = 24;
        limits_.ready_total_max = 48;
        limits_.flow_ready_reserved = 3;
        limits_.outbox_ready_max = 8;
        limits_.resting_max = 12;
    }
    start_engine();
    everybody_returns();
    at(second_us, [this] { every_second(); });
    for (std::size_t i = 0; i < scenario_.accounts.size(); ++i)
        if (scenario_.accounts[i].how == account_habits::kind::fair)
            at(luck_.between(0, second_us), [this, i] { fill_fair_share(i); });
        else
            at(luck_.between(0, second_us), [this, i] { submit_now_and_then(i); });
    if (scenario_.night_at_us >= 0) at(scenario_.night_at_us, [this] { begin_night(); });
}

world::~world() {
    engine_.reset();
    environment_.reset();
}

void world::start_engine() {
    store::environment_settings settings;
    settings.path = store_path_;
    settings.map_bytes_initial = 16U << 20;
    settings.young_entries_max = 64;  // so that indexes make runs and merge them
    settings.sync = false;  // the operating system does not fail here; crashes drop batches
    settings.fail_commit = [this] {
        return scheduler_.now_us() < disk_fails_until_us_ ? disk_error_ : 0;
    };
    auto opened = store::environment::open(settings, {model::domain});
    if (!opened) {
        auditor_.fail("the store does not open: " + opened.error().sentence);
        std::abort();
    }
    environment_ = std::move(*opened);
    draining_ = false;
    engine_ = std::make_unique<gateway::engine>(
        engine_settings_, *environment_, *this, [this] { return luck_(); }, now(),
        gateway::engine_options{
            .limits = limits_, .gate = options_.mistake == planted::gate_ignored ? nullptr : this});
}

instant world::now() const {
    const auto us = scheduler_.now_us();
    return {std::chrono::steady_clock::time_point{} + std::chrono::hours(1) +
                std::chrono::microseconds(us),
            start_wall_ms + us / 1000};
}

void world::at_this_run(std::int64_t delay_us, std::function<void()> what) {
    at(
        delay_us,
        [this, run = run_, what = std::move(what)] {
            if (run == run_ && engine_) what();
        });
}

void world::touched(const std::shared_ptr<wire>& one) {
    if (std::find(touched_.begin(), touched_.end(), one) == touched_.end()) touched_.push_back(one);
}

void world::step() {
    const auto what = scheduler_.next();
    auditor_.set_now(scheduler_.now_us(), now().wall_ms);
    ++tally_.events;
    what();
    after_event();
}

void world::after_event() {
    while (true) {
        if (engine_) engine_->flush(now());
        if (touched_.empty()) break;
        for (const auto& one : std::exchange(touched_, {}))
            one->settle();
    }
    if (engine_) {
        schedule_tick();
        check_memory();
    }
}

void world::schedule_tick() {
    const auto deadline = engine_->next_deadline(now());
    auto delay =
        std::chrono::duration_cast<std::chrono::microseconds>(deadline - now().steady).count();
    delay = std::max<std::int64_t>(delay, night_ ? night_tick_us : 1);
    const auto due = scheduler_.now_us() + delay;
    if (tick_at_us_ >= 0 && tick_at_us_ <= due) return;
    tick_at_us_ = due;
    at(delay, [this, due, run = run_] {
        if (run == run_ && engine_ && tick_at_us_ == due) {
            tick_at_us_ = -1;
            engine_->tick(now());
        }
    });
}

void world::check_memory() {
    const auto held = engine_->memory();
    std::size_t windows = 0;
    for (const auto& [id, link] : binds_)
        windows += scenario_.settings.carriers[link->carrier()].window;
    std::size_t outbox = limits_.outbox_ready_max;
    for (const auto& account : scenario_.settings.accounts) {
        outbox = std::max<std::size_t>(
            outbox, limits_.outbox_ready_max + account.receipt_window * account.sessions_max);
    }
    const auto bound = [&](std::string_view what, std::size_t is, std::size_t most) {
        if (is > most)
            auditor_.fail(
                fmt::format("the engine holds {} {}, at most {} are allowed", is, what, most));
    };
    bound("attempts in flight", held.in_flight, windows);
    bound("ready messages", held.ready,
          limits_.ready_total_max + limits_.flow_ready_reserved * held.flows);
    bound("live messages", held.live,
          held.ready + held.in_flight + held.committing_entries + live_slack);
    bound("resting messages", held.resting, limits_.resting_max);
    bound("attempts with a late response", held.late, limits_.late_attempts_max);
    bound("receipts before their response", held.early, limits_.early_max);
    bound("messages that wait for an outcome", held.waiting, tally_.messages * carriers_.size());
    bound("outbox entries of one endpoint", held.outbox_ready_most, outbox);
    bound("bytes that wait for the disk", held.committing_bytes,
          scenario_.settings.store.pending_bytes_max + (1U << 20));
}

bool world::quiet() const {
    return engine_ && !draining_ && engine_->queued() == 0 && engine_->drained() &&
           commits_.empty() && auditor_.unfinished() == 0 &&
           std::all_of(
               receipts_.begin(), receipts_.end(),
               [](const auto& receipt) { return receipt.acknowledged; });
}

void world::run_until(std::int64_t end_us, bool until_quiet) {
    auto next_look = scheduler_.now_us() + second_us;
    while (scheduler_.now_us() < end_us && auditor_.faults().empty()) {
        step();
        if (until_quiet && scheduler_.now_us() >= next_look) {
            if (quiet()) return;
            next_look = scheduler_.now_us() + second_us;
        }
    }
}

void world::run() {
    run_until(scenario_.active_us, false);
    calm_ = true;
    disk_fails_until_us_ = webhooks_fail_until_us_ = 0;
    everybody_returns();
    run_until(scheduler_.now_us() + calm_us, true);
    if (auditor_.faults().empty() && !quiet()) {
        // What waits for an outcome that never comes does so until its validity is over.
        begin_night();
        run_until(scheduler_.now_us() + last_sleep_us, false);
        end_night();
        run_until(scheduler_.now_us() + last_calm_us, true);
    }
    tally_.virtual_us = scheduler_.now_us();
    if (auditor_.faults().empty()) check_end();
    if (auditor_.faults().empty() && environment_->read().count(model::table::unmatched) != 0) {
        // Of ids that no response has told: they are kept for the operator, and then no more.
        begin_night();
        run_until(scheduler_.now_us() + unmatched_sleep_us, false);
        if (environment_->read().count(model::table::unmatched) != 0)
            auditor_.fail("unmatched receipts and replies outlive their retention");
    }
}

/// Of what is under way the store has nothing left, either.
void world::check_tables() {
    const auto view = environment_->read();
    for (const auto& [which, name] :
         {std::pair<const store::table_info&, const char*>{model::table::queue, "queue"},
          {model::table::outbox, "outbox"},
          {model::table::dead_letters, "dead letters"}}) {
        if (const auto left = view.count(which)) {
            auditor_.fail(
                fmt::format("everything has come to its end, but {} entries are left in "
                            "the table of {}",
                            left, name));
        }
    }
}

void world::check_end() {
    if (!engine_) {
        auditor_.fail("the engine never came back");
        return;
    }
    if (engine_->queued() != 0)
        auditor_.fail(fmt::format("{} messages are stuck in the queue", engine_->queued()));
    auditor_.finish([this](std::size_t number, std::uint16_t part) {
        const auto& message = auditor_.message(number);
        const auto found =
            engine_->find(account_of(message.account), gateway::message_id{message.id});
        if (!found || part > found->segments.size()) return State::queued;
        return part == 0 ? found->state : found->segments[part - 1].state;
    });
    for (const auto& account : engine_->accounts()) {
        if (account.queued != 0 || account.outbox_smpp != 0 || account.outbox_webhook != 0 ||
            account.dead_letters != 0) {
            auditor_.fail(fmt::format("{} has {} queued, {} and {} in its outboxes, {} buried",
                                      account.name, account.queued, account.outbox_smpp,
                                      account.outbox_webhook, account.dead_letters));
        }
    }
    check_tables();
    const auto held = engine_->memory();
    if (auditor_.faults().empty() &&
        (held.live != 0 || held.resting != 0 || held.ready != 0 || held.in_flight != 0 ||
         held.waiting != 0 || held.committing_entries != 0 || held.committing_bytes != 0)) {
        auditor_.fail(
            fmt::format("everything has come to its end, but the engine still holds {} messages, "
                        "{} resting, {} ready, {} "
                        "in flight, {} waiting, {} entries and {} bytes of batches",
                        held.live, held.resting, held.ready, held.in_flight, held.waiting,
                        held.committing_entries, held.committing_bytes));
    }
}

}  // namespace hikyaku::sim
