#include "tests/sim/world.hpp"

#include <fmt/format.h>

#include <cassert>

#include "store/ids.hpp"
#include "store/records.hpp"

namespace hikyaku::sim {

using gateway::commit_kind;
using gateway::instant;

namespace {

constexpr std::int64_t second_us = 1'000'000;
constexpr std::int64_t start_wall_ms = 1'790'000'000'000;

}  // namespace

world::world(std::uint64_t seed, const std::string& store_path)
    : seed_(seed), random_(seed), store_path_(store_path), auditor_(seed) {
    configure();
    start_engine();
    at(second_us, [this] { every_second(); });
    for (std::size_t i = 0; i < settings_.accounts.size(); ++i) {
        open_session(i);
        submit_some(i);
    }
    for (std::size_t i = 0; i < settings_.carriers.size(); ++i) {
        for (std::uint32_t bind = 0; bind < settings_.carriers[i].binds; ++bind) {
            open_bind(i);
        }
    }
}

world::~world() {
    engine_.reset();
    environment_.reset();
}

void world::configure() {
    settings_.store.path = store_path_;
    for (std::size_t i = 0; i < 4; ++i) {
        config::account account;
        account.name = fmt::format("account{}", i);
        account.system_id = account.name;
        account.weight = static_cast<std::uint32_t>(1 + i);
        account.rate.per_second = std::nullopt;
        settings_.accounts.push_back(account);
    }
    const std::optional<config::rate> rates[] = {config::rate{5, std::chrono::milliseconds(1000)},
                                                 config::rate{40, std::chrono::milliseconds(1000)},
                                                 std::nullopt};
    using form = config::message_id_form;
    const form response_forms[] = {form::automatic, form::automatic, form::text};
    for (std::size_t i = 0; i < 3; ++i) {
        config::carrier carrier;
        carrier.name = fmt::format("carrier{}", i);
        carrier.contract_rate = rates[i];
        carrier.binds = static_cast<std::uint32_t>(1 + i);
        carrier.window = static_cast<std::uint32_t>(between(1, 20));
        carrier.response_id = response_forms[i];
        carrier.receipt_id = i == 2 ? form::text : form::automatic;
        settings_.carriers.push_back(carrier);
    }
    config::route shared;
    shared.name = "shared";
    shared.targets = {{"carrier0", 1, 0}, {"carrier1", 3, 0}, {"carrier2", 1, 1}};
    config::route direct;
    direct.name = "direct";
    direct.prefixes = {"8190"};
    direct.targets = {{"carrier2", 1, 0}};
    settings_.routes = {shared, direct};
}

void world::start_engine() {
    store::environment_settings settings;
    settings.path = store_path_;
    settings.map_bytes_initial = 8U << 20;
    settings.sync = false;  // the operating system does not fail here; the restarts drop batches
    auto opened = store::environment::open(settings);
    if (!opened) {
        auditor_.fail("the store does not open: " + opened.error().sentence);
        std::abort();
    }
    environment_ = std::move(*opened);
    engine_ = std::make_unique<gateway::engine>(
        settings_, *environment_, *this, [this] { return random_(); }, now());
    after_event();
}

instant world::now() const {
    return {std::chrono::steady_clock::time_point{} + std::chrono::hours(1) +
                std::chrono::microseconds(now_us_),
            start_wall_ms + now_us_ / 1000};
}

bool world::chance(double probability) {
    return !calm_ && std::uniform_real_distribution<>(0, 1)(random_) < probability;
}

std::int64_t world::between(std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random_);
}

void world::at(std::int64_t delay_us, std::function<void()> what) {
    queue_.push({now_us_ + delay_us, order_++, std::move(what)});
}

void world::at_this_run(std::int64_t delay_us, std::function<void()> what) {
    at(delay_us, [this, run = run_, what = std::move(what)] {
        if (run == run_) {
            what();
        }
    });
}

void world::step() {
    auto next = queue_.top();
    queue_.pop();
    now_us_ = next.at_us;
    auditor_.set_now(now_us_);
    ++events_;
    next.what();
    after_event();
}

void world::after_event() {
    engine_->flush(now());
    schedule_tick();
}

void world::schedule_tick() {
    const auto deadline = engine_->next_deadline(now());
    const auto delay =
        std::chrono::duration_cast<std::chrono::microseconds>(deadline - now().steady).count();
    const auto due = now_us_ + std::max<std::int64_t>(delay, 1);
    if (tick_at_us_ >= 0 && tick_at_us_ <= due) {
        return;
    }
    tick_at_us_ = due;
    at(due - now_us_, [this, due] {
        if (tick_at_us_ == due) {
            tick_at_us_ = -1;
            engine_->tick(now());
        }
    });
}

bool world::quiet() const {
    return engine_->queued() == 0 && auditor_.unfinished() == 0 && engine_->drained();
}

void world::run(std::int64_t active_seconds, std::int64_t calm_seconds_max) {
    while (now_us_ < active_seconds * second_us && auditor_.faults().empty()) {
        step();
    }
    calm_ = true;
    store_fails_until_us_ = 0;
    const auto end = now_us_ + calm_seconds_max * second_us;
    while (now_us_ < end && !quiet() && auditor_.faults().empty()) {
        step();
    }
    if (auditor_.faults().empty()) {
        if (engine_->queued() != 0) {
            auditor_.fail(fmt::format("{} messages are stuck in the queue", engine_->queued()));
        }
        auditor_.finish();
    }
}

// ---- The writer ---------------------------------------------------------------------------------

void world::commit(commit_kind kind, std::unique_ptr<store::batch> batch, std::uint64_t ticket) {
    commits_.push_back({kind, std::move(batch), ticket});
    if (!commit_scheduled_) {
        commit_scheduled_ = true;
        at_this_run(between(100, 5000), [this] { finish_commits(); });
    }
}

void world::finish_commits() {
    commit_scheduled_ = false;
    auto taken = std::exchange(commits_, {});
    const bool fails = now_us_ < store_fails_until_us_;
    engine_->set_store_failing(fails);
    if (fails) {  // as store::writer: what was accepted is kept, what is new is given back
        for (auto& item : taken) {
            if (item.kind == commit_kind::state) {
                commits_.push_back(std::move(item));
            } else {
                engine_->on_committed(item.ticket, false, std::move(item.batch), now());
            }
        }
        commit_scheduled_ = true;
        at_this_run(50000, [this] { finish_commits(); });
        return;
    }
    std::vector<const store::batch*> batches;
    for (const auto& item : taken) {
        batches.push_back(item.batch.get());
    }
    if (!batches.empty() && !environment_->apply(batches)) {
        auditor_.fail("the store refused a commit");
    }
    for (auto& item : taken) {
        engine_->on_committed(item.ticket, true, std::move(item.batch), now());
    }
}

void world::restart() {
    ++restarts_;
    ++run_;
    commits_.clear();
    commit_scheduled_ = false;
    tick_at_us_ = -1;
    engine_.reset();
    {
        // What was handed to a carrier and is not known to be accepted in the store will be sent
        // again; the carrier may have it already.
        const auto snapshot = environment_->read();
        store::record_reader reader;
        for (std::size_t number = 0; number < auditor_.count(); ++number) {
            const auto& message = auditor_.message(number);
            if (message.id == 0) {
                continue;
            }
            const auto value = snapshot.get(store::table::outcomes, store::message_key(message.id));
            const auto* outcome = value ? reader.read<store::record::Outcome>(*value) : nullptr;
            for (std::size_t i = 0; i < message.segments; ++i) {
                const bool known =
                    outcome != nullptr &&
                    outcome->segments()->Get(static_cast<std::uint32_t>(i))->state() !=
                        store::record::State::queued;
                if (!known && message.accepted_by_carrier[i] > 0) {
                    auditor_.excuse(number, i);
                }
            }
        }
    }
    for (auto& [id, bind] : binds_) {
        for (auto& [sequence, receipt] : bind.receipts) {
            at(between(1, 3) * second_us, [this, receipt = receipt] { send_receipt(receipt); });
        }
    }
    binds_.clear();
    sessions_.clear();
    submitted_.clear();
    environment_.reset();
    start_engine();
    for (std::size_t i = 0; i < settings_.accounts.size(); ++i) {
        at_this_run(between(0, second_us), [this, i] { open_session(i); });
    }
    for (std::size_t i = 0; i < settings_.carriers.size(); ++i) {
        for (std::uint32_t bind = 0; bind < settings_.carriers[i].binds; ++bind) {
            at_this_run(between(0, 2 * second_us), [this, i] { open_bind(i); });
        }
    }
}

void world::every_second() {
    at(second_us, [this] { every_second(); });
    std::vector<bind_id> binds;
    for (const auto& [id, bind] : binds_) {
        binds.push_back(id);
    }
    for (const auto id : binds) {
        if (chance(faults_.bind_drops_per_second)) {
            close_bind(id);
        }
    }
    std::vector<session_id> sessions;
    for (const auto& [id, session] : sessions_) {
        sessions.push_back(id);
    }
    for (const auto id : sessions) {
        if (chance(faults_.session_drops_per_second)) {
            close_session(id);
        }
    }
    if (chance(faults_.store_fails_per_second)) {
        store_fails_until_us_ = now_us_ + between(1, 5) * second_us;
    }
    if (chance(faults_.restarts_per_second)) {
        restart();
    }
}

}  // namespace hikyaku::sim
