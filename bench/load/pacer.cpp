#include "bench/load/pacer.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace hikyaku::bench {

pacer::pacer(std::optional<double> per_second, std::optional<std::uint64_t> count,
             std::optional<span> duration)
    : per_second_(per_second), count_(count), duration_(duration) {
    assert(count || duration);
    assert(!per_second || *per_second > 0);
    if (!per_second_ || !duration_) return;
    // A hair more, so that 10 s at 0.1/s are one message and not none for want of a last digit.
    const double seconds = std::chrono::duration<double>(*duration_).count();
    const auto fitting = static_cast<std::uint64_t>(seconds * *per_second_ + 1e-6);
    count_ = count_ ? std::min(*count_, fitting) : fitting;
}

void pacer::start(time now) {
    start_ = now;
}

pacer::time pacer::moment(std::uint64_t index) const {
    const double seconds = static_cast<double>(index) / *per_second_;
    return start_ + span(std::llround(seconds * 1e9));
}

std::optional<pacer::time> pacer::next(time now) const {
    if (stopped_ || (count_ && taken_ >= *count_)) return std::nullopt;
    if (per_second_) return moment(taken_);
    if (duration_ && now >= start_ + *duration_) return std::nullopt;
    return now;
}

std::optional<pacer::time> pacer::planned_end() const {
    if (per_second_) return *count_ == 0 ? start_ : moment(*count_ - 1);
    if (duration_) return start_ + *duration_;
    return std::nullopt;
}

}  // namespace hikyaku::bench
