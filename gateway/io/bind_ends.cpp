#include "gateway/io/bind_ends.hpp"

#include <algorithm>
#include <utility>

#include "gateway/io/logging.hpp"
#include "smpp/pdu/constants.hpp"

namespace hikyaku::gateway::io {
namespace {

// Every caller has a port of its own, and strangers may call from anywhere: of calls only what
// happened counts.
bool same_end(const bind_end& one, const bind_end& other) {
    return one.stage == other.stage && one.port == other.port && one.reason == other.reason &&
           (one.port == 0 || one.host == other.host);
}

std::int64_t seconds_between(const instant& from, const instant& to) {
    return std::chrono::duration_cast<std::chrono::seconds>(to.steady - from.steady).count();
}

std::string reason_of(const bind_end& what) {
    return what.detail.empty() ? what.reason : what.reason + ": " + mask_numbers(what.detail);
}

}  // namespace

std::string_view name_of(bind_stage stage) {
    constexpr std::array<std::string_view, bind_stage_count> names{
        "resolve", "connect", "tls", "bind", "refused", "outbind", "own"};
    return names[static_cast<std::size_t>(stage)];
}

bind_end_run& bind_ends::run_of(const bind_end& what) {
    const auto found = std::ranges::find_if(
        runs_, [&](const bind_end_run& each) { return same_end(each.what, what); });
    if (found != runs_.end()) {
        std::rotate(found, found + 1, runs_.end());
    } else {
        if (runs_.size() == runs_max) runs_.erase(runs_.begin());
        runs_.emplace_back();
    }
    return runs_.back();
}

bool bind_ends::has_room(bind_stage stage, instant now) {
    auto& of = lines_[static_cast<std::size_t>(stage)];
    if (of.written == 0 || now.steady - of.since >= std::chrono::minutes(1)) of = {now.steady, 0};
    if (of.written == lines_max) return false;
    ++of.written;
    return true;
}

void bind_ends::failed(const bind_identity& who, bind_end what, instant now) {
    ++counts_[static_cast<std::size_t>(what.stage)];
    auto& run = run_of(what);
    if (run.times == 0 || run.over) {
        run.times = 0;
        run.first = now;
        run.over = run.told = false;
    }
    run.what = std::move(what);
    run.last = now;
    ++run.times;
    if (std::ranges::find(run.failing, who) == run.failing.end()) run.failing.push_back(who);
    // The limit outlives the run: who binds and fails in turn gets no more lines than others.
    if (!run.lines.take(now.steady) || !has_room(run.what.stage, now)) return;
    run.told = true;
    log(log_level::warn, "a bind to a carrier failed",
        {{"carrier", carrier_},
         {"command", smpp::name_of(who.command)},
         {"number", who.number},
         {"stage", name_of(run.what.stage)},
         {"host", run.what.host},
         {"port", run.what.port},
         {"reason", reason_of(run.what)},
         {"times", run.times},
         {"seconds", seconds_between(run.first, now)}});
}

void bind_ends::bound(const bind_identity& who, instant now) {
    for (auto& run : runs_) {
        if (std::erase(run.failing, who) == 0 || !run.failing.empty()) continue;
        run.over = true;
        if (!run.told) continue;
        log(log_level::info, "a bind to a carrier fails no more",
            {{"carrier", carrier_},
             {"stage", name_of(run.what.stage)},
             {"host", run.what.host},
             {"port", run.what.port},
             {"reason", run.what.reason},
             {"times", run.times},
             {"seconds", seconds_between(run.first, now)}});
    }
}

}  // namespace hikyaku::gateway::io
