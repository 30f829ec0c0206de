#include "tests/law/world.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "config/policy.hpp"
#include "gateway/dunning/desk/desk.hpp"
#include "gateway/gate/compile.hpp"
#include "gateway/model/tables.hpp"

namespace hikyaku::law {

using gateway::instant;
using sim::second_us;

namespace {

constexpr std::int64_t idle_us_max = 60 * second_us;
constexpr std::int64_t at_once_us = 20'000;  // a step of something that has begun
constexpr std::size_t steps_at_once_max = 20;
constexpr std::int64_t rest_ms = 12 * day_ms;  // the longest validity is 7 days from 3 days on

std::vector<rules> laws_of(const scenario& from) {
    std::vector<rules> all;
    for (const auto& each : from.accounts)
        all.push_back(each.law);
    return all;
}

gateway::consumer_settings listener() {
    gateway::consumer_settings settings;
    settings.name = "law";
    settings.asked_only = true;
    return settings;
}

}  // namespace

world::world(std::uint64_t seed, const std::string& store_path, const world_options& options)
    : seed_(seed),
      options_(options),
      luck_(seed),
      scenario_(make_scenario(luck_, options.days)),
      auditor_(seed, laws_of(scenario_), scenario_.begin_ms,
               scenario_.begin_ms + scenario_.days * day_ms + rest_ms),
      store_path_(store_path) {
    for (std::size_t i = 0; i < master_.size(); ++i)
        master_[i] = static_cast<std::uint8_t>(i + seed);
    carriers_.resize(scenario_.carriers.size());
    auditor_.carrier_down.resize(carriers_.size());
    auditor_.carrier_busy.resize(carriers_.size());
    for (auto& each : auditor_.carrier_down)
        each.push_back({0, never});
    for (const auto& each : scenario_.accounts)
        auditor_.carriers_of.push_back(each.carriers);
    start_engine();
    for (std::size_t i = 0; i < carriers_.size(); ++i)
        at(luck_.between(0, 3600) * second_us, [this, i] { carrier_up(i); });
    plan_messages();
    plan_acts();
}

world::~world() {
    engine_.reset();
    gate_.reset();
    scribe_.reset();
    environment_.reset();
}

void world::start_engine() {
    store::environment_settings settings;
    settings.path = store_path_;
    settings.map_bytes_initial = 16U << 20;
    settings.young_entries_max = 64;  // so that indexes make runs and merge them
    settings.sync = false;  // the operating system does not fail here; crashes drop batches
    auto opened = store::environment::open(settings, {gateway::model::domain, dunning::domain});
    if (!opened) {
        auditor_.fail("the store does not open: " + opened.error().sentence);
        std::abort();
    }
    environment_ = std::move(*opened);
    scenario_.settings.store.path = store_path_;
    gate_ = std::make_unique<dunning::policy_gate>(*environment_, 0);
    if (!gate_->load(master_)) auditor_.fail("the master key is not that of the store");
    between_ = std::make_unique<gate_between>(
        *gate_, options_.mistake, [this](std::int64_t ms) { wake_at(ms); });
    engine_ = std::make_unique<gateway::engine>(
        scenario_.settings, *environment_, *this, [this] { return luck_(); }, now(),
        gateway::engine_options{.consumers = {dunning::desk::consumer(), listener()},
                                .gate = between_.get()});
    obey_packs();
    protection_ = std::make_unique<dunning::protection>(*engine_, *gate_, *environment_);
    scribe_ = std::make_unique<dunning::scribe>(master_, *environment_);
    heard_.clear();
    desk_writing_ = desk_woken_ = false;
    gate_->on_news([this] { wake_desk(); });
    wake_desk();
}

void world::obey_packs() {
    boost::unordered_flat_map<std::uint32_t, gateway::gate::policy> all;
    for (std::size_t i = 0; i < scenario_.accounts.size(); ++i) {
        const auto& name = scenario_.accounts[i].pack;
        if (name.empty()) continue;
        const auto* pack = config::find_pack(config::shipped_packs(), name);
        assert(pack != nullptr);
        auto made = gateway::gate::compile(*pack, scenario_.settings.accounts[i]);
        for (auto& rule : made.rules) {
            if (options_.mistake == planted::window_ends_late) rule.close_ms += 1000;
            if (options_.mistake == planted::holidays_ignored) rule.holidays = false;
        }
        if (options_.mistake == planted::shadow_blocks) made.shadow = false;
        all.emplace(stored(id_of(i)), std::move(made));
    }
    gate_->take_policies(std::move(all), [](std::uint32_t) { return true; });
}

instant world::now() const {
    const auto us = scheduler_.now_us();
    return {std::chrono::steady_clock::time_point{} + std::chrono::hours(1) +
                std::chrono::microseconds(us),
            scenario_.begin_ms + us / 1000};
}

void world::at_this_run(std::int64_t delay_us, std::function<void()> what) {
    at(
        delay_us,
        [this, run = run_, what = std::move(what)] {
            if (run == run_ && engine_) what();
        });
}

/// A driver would tick each second. Here the pauses double while nothing happens but ticks.
void world::schedule_tick(bool was_idle) {
    const auto deadline = engine_->next_deadline(now());
    auto delay =
        std::chrono::duration_cast<std::chrono::microseconds>(deadline - now().steady).count();
    idle_us_ = was_idle ? std::min(idle_us_ * 2, idle_us_max) : second_us / 2;
    const bool at_once = delay < at_once_us && ++steps_at_once_ < steps_at_once_max;
    if (!at_once) steps_at_once_ = 0;
    delay = std::max<std::int64_t>(delay, was_idle && !at_once ? idle_us_ : 1);
    const auto due = scheduler_.now_us() + delay;
    if (tick_at_us_ >= 0 && tick_at_us_ <= due) return;
    tick_at_us_ = due;
    at_this_run(delay, [this, due] {
        step_ = tick_at_us_ == due ? step_kind::tick : step_kind::nothing;
        if (step_ == step_kind::nothing) return;  // an earlier one took its place
        tick_at_us_ = -1;
        engine_->tick(now());
    });
}

/// A tick at this time, when the engine has something to do.
void world::wake_at(std::int64_t wall_ms) {
    if (wall_ms == never) return;
    at_this_run((wall_ms - now().wall_ms) * 1000, [this] { engine_->tick(now()); });
}

void world::step() {
    const auto what = scheduler_.next();
    auditor_.set_now(now().wall_ms);
    ++auditor_.counts.events;
    step_ = step_kind::event;
    what();
    if (!engine_ || step_ == step_kind::nothing) return;
    const auto commits = commits_.size();
    const auto segments = auditor_.counts.segments;
    engine_->flush(now());
    schedule_tick(step_ == step_kind::tick && commits_.size() == commits &&
                  auditor_.counts.segments == segments);
}

bool world::quiet() const {
    return engine_ && engine_->queued() == 0 && commits_.empty() && receipts_under_way_ == 0 &&
           heard_.empty() && !desk_writing_ && !desk_woken_ && unacknowledged_.empty() &&
           std::ranges::all_of(
               engine_->consumers(), [](const auto& each) { return each.waiting == 0; });
}

void world::run_until(std::int64_t wall_ms, bool until_quiet) {
    auto next_look_ms = now().wall_ms + hour_ms;
    while (now().wall_ms < wall_ms && auditor_.faults().empty()) {
        step();
        if (!until_quiet || now().wall_ms < next_look_ms) continue;
        if (quiet()) return;
        next_look_ms = now().wall_ms + hour_ms;
    }
}

void world::run() {
    const auto end_ms = scenario_.begin_ms + scenario_.days * day_ms;
    run_until(end_ms, false);
    calm_ = true;
    for (std::size_t i = 0; i < carriers_.size(); ++i) {
        set_busy(i, false);
        if (!carriers_[i].up) carrier_up(i);
    }
    for (std::size_t i = 0; i < auditor_.stops.size(); ++i)
        end_stop(i);
    run_until(end_ms + rest_ms, true);
    auditor_.counts.virtual_ms += now().wall_ms - scenario_.begin_ms;
    if (auditor_.faults().empty()) check_end();
}

void world::check_end() {
    if (!engine_) {
        auditor_.fail("the engine never came back");
        return;
    }
    for (std::size_t i = 0; i < auditor_.messages.size(); ++i) {
        auto& one = auditor_.messages[i];
        if (!one.stored) continue;
        if (one.ends == 0) {  // submitted without a receipt, or not asked about
            const auto found = engine_->find(id_of(one.account), gateway::message_id{one.id});
            if (!found && !one.asks()) continue;  // its retention is over
            one.state = found ? found->state : State::submitted;
            if (found && found->done_ms != 0) one.ended_ms = found->done_ms;
        }
        auditor_.check_end(i);
    }
    if (engine_->queued() != 0)
        auditor_.fail(fmt::format("{} messages are stuck in the queue", engine_->queued()));
    check_timeline();
}

}  // namespace hikyaku::law
