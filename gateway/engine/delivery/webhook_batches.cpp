#include "gateway/engine/delivery/webhook_batches.hpp"

#include <algorithm>

namespace hikyaku::gateway {

webhook_batches::subject webhook_batches::subject_of(std::uint32_t status) {
    switch (status) {
        case 401:  // Unauthorized
        case 402:  // Payment Required
        case 404:  // Not Found
        case 405:  // Method Not Allowed
        case 407:  // Proxy Authentication Required
        case 408:  // Request Timeout
        case 410:  // Gone
        case 421:  // Misdirected Request
        case 425:  // Too Early
        case 426:  // Upgrade Required
        case 429:  // Too Many Requests
        case 503:  // Service Unavailable
        case 511:  // Network Authentication Required
            return subject::receiver;
        case 403:  // Forbidden: wrong credentials, or a firewall that reads bodies
            return subject::either;
        default:
            break;
    }
    if (status >= 400 && status < 500) return subject::event;
    // Many programs answer 500 to what they did not expect, and proxies 502 when one died of it.
    return status >= 500 && status < 600 ? subject::either : subject::receiver;
}

std::size_t webhook_batches::size(std::size_t batch_max) const {
    if (is_probing()) return 1;
    return std::min(batch_max, suspects_ > 0 ? (suspects_ + 1) / 2 : limit_);
}

void webhook_batches::accepted(std::size_t events, std::uint64_t last, bool recovered,
                               time_point now) {
    if (recovered || is_probing()) try_all(now);
    if (is_probing() || behind_ != 0) behind_ = last;
    refusals_ = 0;
    if (suspects_ == 0) {
        limit_ = limit_ > unlimited / 2 ? unlimited : limit_ * 2;
        return;
    }
    suspects_ -= std::min(events, suspects_);
    if (suspects_ == 0) limit_ = 2;  // together they were refused, and each for itself accepted
}

void webhook_batches::refused(std::size_t events, subject what) {
    suspects_ = events > 1 && behind_ == 0 ? events : 0;
    behind_ = 0;
    limit_ = 1;
    if (what == subject::event) ++refusals_;
}

webhook_batches::milliseconds webhook_batches::pause() const {
    if (!is_probing()) return milliseconds{0};
    milliseconds pause = probe_pause_min;
    for (auto i = quick_refusals + probes_alike; i < refusals_ && pause < probe_pause_max;
         i += probes_alike)
        pause *= 2;
    return std::min<milliseconds>(pause, probe_pause_max);
}

bool webhook_batches::set_alone(std::uint64_t sequence, milliseconds pause, time_point now,
                                std::int64_t now_ms) {
    auto at = alone_.find(sequence);
    if (at == alone_.end()) {
        if (alone_.size() >= alone_max) return false;
        at = alone_.emplace(sequence, lonely{0, now_ms, {}}).first;
    }
    ++at->second.failures;
    at->second.due = now + pause;
    due_.emplace(at->second.due, sequence);
    return true;
}

std::optional<std::uint64_t> webhook_batches::take_alone(time_point now, bool others) {
    const bool their_turn = std::exchange(alone_was_last_, false) && others;
    if (their_turn || due_.empty() || due_.begin()->first > now || next_alone_ > now)
        return std::nullopt;
    const auto sequence = due_.begin()->second;
    due_.erase(due_.begin());
    next_alone_ = now + (is_probing() ? probe_pause_max : alone_pause);
    alone_was_last_ = true;
    return sequence;
}

void webhook_batches::postpone(std::uint64_t sequence, time_point now) {
    alone_.at(sequence).due = now;
    due_.emplace(now, sequence);
}

void webhook_batches::accepted_alone(std::uint64_t sequence, time_point now) {
    alone_.erase(sequence);
    refusals_ = 0;
    try_all(now);
}

void webhook_batches::try_all(time_point now) {
    next_alone_ = now;
    due_.clear();
    for (auto& [sequence, waits] : alone_) {
        waits.due = now;
        due_.emplace(now, sequence);
    }
}

void webhook_batches::forget(std::uint64_t sequence) {
    const auto at = alone_.find(sequence);
    if (at == alone_.end()) return;
    due_.erase({at->second.due, sequence});
    alone_.erase(at);
}

std::vector<std::uint64_t> webhook_batches::clear() {
    std::vector<std::uint64_t> waited;
    for (const auto& [sequence, waits] : alone_)
        waited.push_back(sequence);
    *this = {};
    return waited;
}

std::uint32_t webhook_batches::failures_of(std::uint64_t sequence) const {
    const auto at = alone_.find(sequence);
    return at == alone_.end() ? 0 : at->second.failures;
}

std::optional<webhook_batches::time_point> webhook_batches::next_due() const {
    if (due_.empty()) return std::nullopt;
    return std::max(due_.begin()->first, next_alone_);
}

}  // namespace hikyaku::gateway
