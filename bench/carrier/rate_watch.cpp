#include "bench/carrier/rate_watch.hpp"

#include <algorithm>

namespace hikyaku::bench {

void rate_watch::forget(time now) {
    while (used_ > 0 && ring_[head_].at <= now - window) {
        total_ -= ring_[head_].count;
        head_ = (head_ + 1) & (ring_.size() - 1);
        --used_;
    }
}

void rate_watch::push(const run& added) {
    if (used_ == ring_.size()) {
        std::vector<run> larger(ring_.size() * 2);
        for (std::size_t i = 0; i < used_; ++i)
            larger[i] = ring_[(head_ + i) & (ring_.size() - 1)];
        ring_ = std::move(larger);
        head_ = 0;
    }
    ring_[(head_ + used_) & (ring_.size() - 1)] = added;
    ++used_;
}

void rate_watch::add(time now) {
    forget(now);
    run* const last = used_ > 0 ? &ring_[(head_ + used_ - 1) & (ring_.size() - 1)] : nullptr;
    if (last != nullptr && last->at == now)
        ++last->count;
    else
        push({now, 1});
    ++total_;
    most_ = std::max(most_, total_);
}

std::uint64_t rate_watch::in_last_second(time now) {
    forget(now);
    return total_;
}

}  // namespace hikyaku::bench
