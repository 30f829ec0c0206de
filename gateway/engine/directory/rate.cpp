#include "gateway/engine/directory/rate.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace hikyaku::gateway {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::nanoseconds;

token_bucket::token_bucket(const config::rate_limit& limit, std::uint32_t burst)
    : limited_(limit.has_value()) {
    if (!limited_) return;
    const double period_us = static_cast<double>(limit->period.count()) * 1000.0;
    per_microsecond_ = static_cast<double>(limit->count) / period_us;
    const double second = per_microsecond_ * 1e6;
    burst_ = burst != 0 ? burst : std::max(10.0, std::ceil(second));
    tokens_ = burst_;
}

void token_bucket::change(const config::rate_limit& limit, std::uint32_t burst, steady_time now) {
    refill(now);
    auto changed = token_bucket(limit, burst);
    if (limited_ && changed.limited_) changed.tokens_ = std::min(tokens_, changed.burst_);
    if (started_) changed.refill(now);
    *this = changed;
}

void token_bucket::refill(steady_time now) {
    if (!started_) {
        started_ = true;
        filled_at_ = now;
        return;
    }
    const double elapsed =
        static_cast<double>(duration_cast<nanoseconds>(now - filled_at_).count()) / 1000.0;
    if (elapsed <= 0) return;
    tokens_ = std::min(burst_, tokens_ + elapsed * per_microsecond_);
    filled_at_ = now;
}

double token_bucket::used(steady_time now) {
    if (!limited_) return 0;
    refill(now);
    return 1.0 - tokens_ / burst_;
}

std::chrono::microseconds token_bucket::wait_for(std::uint32_t tokens, steady_time now) {
    if (!limited_) return microseconds{0};
    refill(now);
    const double missing = std::min(static_cast<double>(tokens), burst_) - tokens_;
    if (missing <= 1e-9) return microseconds{0};
    return microseconds{static_cast<std::int64_t>(std::ceil(missing / per_microsecond_))};
}

bool token_bucket::try_take(std::uint32_t tokens, steady_time now) {
    if (!limited_) return true;
    if (wait_for(tokens, now) > microseconds{0}) return false;
    tokens_ -= tokens;
    return true;
}

std::chrono::microseconds token_bucket::take_in_debt(std::uint32_t tokens, steady_time now) {
    if (!limited_) return microseconds{0};
    refill(now);
    tokens_ -= tokens;
    if (tokens_ >= 0) return microseconds{0};
    return microseconds{static_cast<std::int64_t>(std::ceil(-tokens_ / per_microsecond_))};
}

contract_rate::contract_rate(const config::rate_limit& limit, steady_time sent_before)
    : limit_(limit), limited_(limit.has_value()) {
    if (!limited_) return;
    assert(limit->count > 0 && limit->period.count() > 0);
    window_ = limit->period + guard;
    interval_ = nanoseconds{window_} / limit->count;
    tolerance_ = std::min<nanoseconds>(catch_up, window_ - microseconds{1});
    const bool short_period = limit->period <= std::chrono::seconds{1};
    sent_.assign(limit->count, short_period ? sent_before : steady_time{sent_before - 2 * window_});
    // Of a longer window an earlier process may have used any part, but no faster than this one:
    // the pause keeps what both send in any window below the wall, and is one segment's time and a
    // bit.
    due_ = short_period ? sent_before : sent_before + interval_ + 2 * tolerance_;
}

void contract_rate::change(const config::rate_limit& limit, steady_time now) {
    if (limit == limit_) return;
    // Without a limit nothing was noted: as if all of the new one had been used.
    contract_rate changed(limit, now);
    if (limited_ && changed.limited_) {
        // From the youngest back. Before those that are known, no more went out than the old limit
        // let: the one before all of a window is older than this window's last by its length.
        auto& known = changed.sent_;
        const steady_time long_ago = now - 2 * changed.window_;
        const auto old = sent_.size();
        for (std::size_t i = 0; i < known.size(); ++i) {
            const auto at = known.size() - 1 - i;
            known[at] = i < old ? sent_[(head_ + old - 1 - i) % old]
                                : std::max<steady_time>(known[at + old] - window_, long_ago);
        }
        const auto next_even = known.back() + changed.interval_;
        changed.due_ =
            std::min<steady_time>(std::max<steady_time>(due_, next_even), now + changed.interval_);
    }
    changed.held_until_ = {};
    *this = std::move(changed);
}

steady_time contract_rate::next() const {
    return std::max(next(1), held_until_);
}

steady_time contract_rate::next(std::uint32_t segments) const {
    if (!limited_) return {};
    const auto last = head_ + std::clamp<std::size_t>(segments, 1, sent_.size()) - 1;
    const auto by_window = sent_[last % sent_.size()] + window_;
    const auto by_spacing = due_ - (sent_.size() > 1 ? tolerance_ : nanoseconds{0});
    return std::max<steady_time>(by_window, by_spacing);
}

void contract_rate::take(steady_time now, std::uint32_t segments) {
    if (!limited_) return;
    assert(next(segments) <= now);
    held_until_ = {};
    for (std::size_t i = 0; i < std::min<std::size_t>(segments, sent_.size()); ++i) {
        sent_[head_] = now;
        head_ = (head_ + 1) % sent_.size();
    }
    due_ = std::max<steady_time>(due_, now) + interval_ * segments;
}

}  // namespace hikyaku::gateway
