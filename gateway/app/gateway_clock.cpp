// The clock of the composition root: the system's, or that of a sandbox, which operators move
// (docs/decisions/016).
#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "gateway/api/times.hpp"
#include "gateway/app/gateway.hpp"
#include "gateway/io/logging.hpp"
#include "gateway/model/tables.hpp"
#include "store/ids.hpp"

namespace hikyaku::gateway::app {

using io::log;
using io::log_level;

namespace {

constexpr std::string_view moved_row = "sandbox_moved_ms", stands_row = "sandbox_stands_ms";
/// In the tickets of what the clock keeps; no request has it.
constexpr session_id clock_session{1ULL << 61};
/// How soon it is looked again whether what came due is done.
constexpr std::chrono::milliseconds look_again{3};

/// When the youngest message was accepted or the youngest hit came; 0 = none. Time does not go back
/// behind it.
std::int64_t last_time_of(const store::snapshot& snapshot) {
    const auto message = snapshot.last(model::table::messages);
    const auto id = message ? model::message_key::parse(message->key) : std::nullopt;
    const auto hit = snapshot.last(model::table::hits);
    const auto where = hit ? model::hit_key::parse(hit->key) : std::nullopt;
    return std::max(id ? store::id_milliseconds(*id) : 0, where ? where->at : 0);
}

/// Empty: this store's clock was never moved.
std::optional<sandbox_time> time_in(const store::snapshot& from) {
    const auto moved = from.get(store::meta, moved_row);
    if (!moved) return std::nullopt;
    sandbox_time kept{static_cast<std::int64_t>(*moved), std::nullopt};
    const auto stands = from.get(store::meta, stands_row).value_or(0);
    if (stands != 0) kept.stands_ms = static_cast<std::int64_t>(stands);
    return kept;
}

}  // namespace

bool gateway::open_clock(std::string& fault) {
    const auto from = store_->read();
    const auto kept = time_in(from);
    const auto last_ms = last_ms_ = last_time_of(from);
    if (settings_.sandbox.clock == config::clock_kind::system) {
        clock_ = system_clock(last_ms);
        if (!kept) return true;
        fault = fmt::format(
            "the store at {} is a sandbox's, whose clock was moved: set clock = \"virtual\" in "
            "[sandbox], or begin another store",
            settings_.store.path);
        return false;
    }
    clock_ = system_clock(0);
    sandbox_.emplace(kept.value_or(sandbox_time{}));
    const auto system = clock_.now();
    const auto behind_ms = last_ms - sandbox_->read(system).wall_ms;
    if (behind_ms > 0) {  // the system's was set back
        sandbox_->stand(system);
        sandbox_->move(behind_ms);
        if (!kept || !kept->stands_ms) sandbox_->run(system);
    }
    clock_outside outside;
    outside.now = [this] { return now(); };
    outside.hop = [this](std::int64_t by_ms) { hop(by_ms); };
    outside.next_due = [this] { return next_due(); };
    outside.rests = [this] { return rests(); };
    mover_.emplace(std::move(outside));
    log(log_level::warn, "the clock is virtual: this is a sandbox",
        {{"clock", api::format_time(now().wall_ms)}});
    return true;
}

api::clock_view gateway::look_at_clock() {
    const auto time = now();
    return {sandbox_.has_value(), sandbox_ && sandbox_->stands(), mover_ && mover_->moving(),
            time.wall_ms, time.system_ms()};
}

bool gateway::move_clock(std::int64_t to_ms, bool stands, reply_ticket ticket) {
    stands_then_ = stands;
    const auto done = [this, ticket] {
        if (!stands_then_) sandbox_->run(clock_.now());
        keep_clock();
        log(log_level::warn, "the clock was moved", {{"clock", api::format_time(now().wall_ms)}});
        http_->answer(ticket, api::clock_answer(look_at_clock()));
        tell_follower();
    };
    if (draining_ || !mover_->begin(to_ms, done)) return false;
    touched();
    return true;
}

void gateway::hop(std::int64_t by_ms) {
    if (!sandbox_->stands()) sandbox_->stand(clock_.now());
    sandbox_->move(by_ms);
    keep_clock();
    engine_->on_clock_moved(now());
    tell_follower();
    touched();
}

/// In the batch of what it brings about, or an earlier one.
void gateway::keep_clock() {
    const auto kept = sandbox_->kept(clock_.now(), stands_then_);
    store::batch rows;
    rows.put(store::meta, moved_row, static_cast<std::uint64_t>(kept.moved_ms));
    rows.put(store::meta, stands_row, static_cast<std::uint64_t>(kept.stands_ms.value_or(0)));
    engine_->keep(rows, {clock_session, 0}, now());
}

std::optional<std::int64_t> gateway::next_due() {
    const auto time = now();
    auto next = engine_->next_due(time);
    if (follower_ == nullptr) return next;
    const auto other = follower_->next_due(time);
    return next && other ? std::min(*next, *other) : next ? next : other;
}

bool gateway::rests() {
    const auto time = now();
    return engine_->rests(time) && desk_->idle() && !desk_rows_ && answers_->idle() &&
           (follower_ == nullptr || follower_->rests(time));
}

void gateway::tell_follower() {
    if (follower_ != nullptr) follower_->on_clock(now());
}

/// After each turn while it moves.
void gateway::move_on() {
    if (!mover_ || !mover_->moving() || mover_->step() || !mover_->moving() || look_posted_) return;
    look_posted_ = true;
    look_timer_.expires_after(look_again);
    look_timer_.async_wait([this](boost::system::error_code error) {
        look_posted_ = false;
        if (!error) touched();
    });
}

}  // namespace hikyaku::gateway::app
