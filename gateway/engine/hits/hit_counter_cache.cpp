#include "gateway/engine/hits/hit_counter_cache.hpp"

#include <algorithm>

namespace hikyaku::gateway {

hit_counters* hit_counter_cache::find(message_id of) {
    const auto at = counters_.find(of);
    return at == counters_.end() ? nullptr : &at->second;
}

hit_counters& hit_counter_cache::add(message_id of, const hit_counters& stored) {
    return counters_.insert_or_assign(of, stored).first->second;
}

void hit_counter_cache::changed(message_id of, hit_counters& counters, std::int64_t hit_ms,
                                steady_time now) {
    if (counters.gone) return;
    first_waiting_ms_ = std::min(hit_ms, first_waiting_ms_.value_or(hit_ms));
    if (counters.changed) return;
    counters.changed = true;
    waiting_.push_back(of);
    if (!waiting_since_) waiting_since_ = now;
}

void hit_counter_cache::writing(hit_counters& counters) {
    counters.changed = false;
    ++counters.writes;
}

void hit_counter_cache::written(message_id of) {
    const auto at = counters_.find(of);
    if (at != counters_.end() && at->second.writes > 0) {
        --at->second.writes;
        release(of);
    }
}

void hit_counter_cache::forget(message_id of) {
    auto& counters = counters_[of];
    counters = {.writes = counters.writes + 1, .gone = true};
}

void hit_counter_cache::release(message_id of) {
    const auto at = counters_.find(of);
    if (at != counters_.end() && at->second.writes == 0 && (at->second.gone || !at->second.changed))
        counters_.erase(at);
}

void hit_counter_cache::begin_round(steady_time now) {
    round_.swap(waiting_);
    waiting_.clear();
    std::sort(round_.begin(), round_.end());
    taken_ = 0;
    round_began_ = now;
    waiting_since_.reset();
    first_waiting_ms_.reset();
}

hit_counter_cache::slice hit_counter_cache::take(steady_time now, bool all) {
    const bool idle = taken_ == round_.size();
    if (idle) {
        const bool due = waiting_since_ &&
                         (all || waiting_.size() >= changed_max || now - *waiting_since_ >= period);
        if (!due) return {};
        begin_round(now);
    }
    const auto gone = std::clamp<steady_time::duration>(now - round_began_, {}, period);
    auto until = round_.size();
    if (!all && waiting_.size() < changed_max && gone < period) {
        until = static_cast<std::size_t>(
            static_cast<double>(round_.size()) *
            (std::chrono::duration<double>(gone) / std::chrono::duration<double>(period)));
        if (until < taken_ + slice_min) return {};
    }
    slice out;
    out.messages = std::span(round_).subspan(taken_, until - taken_);
    taken_ = until;
    out.ends_round = taken_ == round_.size();
    return out;
}

std::optional<steady_time> hit_counter_cache::next() const {
    if (taken_ == round_.size())
        return waiting_since_ ? std::optional(*waiting_since_ + period) : std::nullopt;
    const auto until = std::min(taken_ + slice_min, round_.size());
    const auto share = static_cast<double>(until) / static_cast<double>(round_.size());
    // A little later than the moment itself, so that rounding does not ask too early.
    return round_began_ + std::chrono::duration_cast<steady_time::duration>(period * share) +
           std::chrono::microseconds(1);
}

std::int64_t hit_counter_cache::uncounted_since(std::int64_t now_ms) const {
    return std::min(now_ms, first_waiting_ms_.value_or(now_ms));
}

}  // namespace hikyaku::gateway
