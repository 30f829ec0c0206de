#include "bench/load/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>

namespace hikyaku::bench {

std::size_t histogram::bucket_of(std::uint64_t number) {
    const auto width = static_cast<unsigned>(std::bit_width(number));
    if (width <= precision) return static_cast<std::size_t>(number);
    // `number >> shift` has `precision` bits, so it lies in [half, 2 * half).
    const unsigned shift = width - precision;
    return shift * half + static_cast<std::size_t>(number >> shift);
}

std::uint64_t histogram::last_of(std::size_t bucket) {
    if (bucket < 2 * half) return bucket;
    const std::size_t shift = bucket / half - 1;
    const std::uint64_t first = (half + bucket % half) << shift;
    return first + ((std::uint64_t{1} << shift) - 1);
}

void histogram::add(value measured) {
    measured = std::max(measured, value(0));
    ++counts_[bucket_of(static_cast<std::uint64_t>(measured.count()))];
    ++count_;
    sum_ += static_cast<double>(measured.count());
    max_ = std::max(max_, measured);
}

histogram::value histogram::percentile(double fraction) const {
    assert(fraction >= 0 && fraction <= 1);
    if (count_ == 0) return value(0);
    const double exact = std::ceil(fraction * static_cast<double>(count_));
    const std::uint64_t wanted =
        std::clamp<std::uint64_t>(static_cast<std::uint64_t>(exact), 1, count_);
    std::uint64_t passed = 0;
    for (std::size_t i = 0; i < buckets; ++i) {
        passed += counts_[i];
        if (passed >= wanted) return std::min(max_, value(last_of(i)));
    }
    return max_;
}

histogram::value histogram::mean() const {
    if (count_ == 0) return value(0);
    return value(static_cast<std::int64_t>(sum_ / static_cast<double>(count_)));
}

}  // namespace hikyaku::bench
