#include "tests/sim/limits.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace hikyaku::sim {

std::string sliding_window::add(std::int64_t now_us) {
    if (!limit_) return {};
    const std::int64_t period_us = limit_->period.count() * 1000;
    times_.push_back(now_us);
    while (times_.front() <= now_us - period_us)
        times_.pop_front();
    return times_.size() <= limit_->count
               ? std::string()
               : fmt::format("{} segments within {} ms, the contract says {}", times_.size(),
                             limit_->period.count(), limit_->count);
}

quota::quota(const config::account_rate& rate, double slack_seconds)
    : limited_(rate.per_second.has_value()) {
    if (limited_) {
        const double per_second =
            rate.per_second->count * 1000.0 / static_cast<double>(rate.per_second->period.count());
        per_us_ = per_second / 1e6;
        burst_ = rate.burst != 0 ? rate.burst : std::max(10.0, std::ceil(per_second));
        most_ = burst_ + slack_seconds * per_second;
    }
}

std::string quota::add(std::int64_t now_us, std::uint32_t segments) {
    if (!limited_) return {};
    over_ = std::max(0.0, over_ - per_us_ * static_cast<double>(now_us - last_us_)) + segments;
    last_us_ = now_us;
    return over_ <= most_ + 1e-6
               ? std::string()
               : fmt::format("{:.3f} segments were let in, {:.0f} are allowed", over_, most_);
}

bool quota::is_over_with(std::int64_t now_us, std::uint32_t segments) const {
    const double over =
        std::max(0.0, over_ - per_us_ * static_cast<double>(now_us - last_us_)) + segments;
    return limited_ && over > burst_ - 1e-6;
}

std::string shares::sent(std::size_t account) {
    auto& own = of_.at(account);
    ++own.sent;
    for (const auto& [number, other] : of_) {
        if (own.waiting < 3 || other.waiting < 3) {
            reset();
            return {};
        }
    }
    for (const auto& [number, other] : of_) {
        const double weight = own.weight, theirs = other.weight;
        const double apart = std::abs(static_cast<double>(own.sent) / weight -
                                      static_cast<double>(other.sent) / theirs);
        ++compared_;
        if (number != account && apart > 1 / weight + 1 / theirs + 1e-9) {
            return fmt::format(
                "accounts {} (weight {}) and {} (weight {}) both wait and got {} and {} segments",
                account, own.weight, number, other.weight, own.sent, other.sent);
        }
    }
    return {};
}

void shares::reset() {
    for (auto& [number, account] : of_)
        account.sent = 0;
}

}  // namespace hikyaku::sim
