// What is to happen later: a heap of moments and handles. Things due at the same moment come out in
// the order in which they went in. One thread, time is an argument.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

namespace hikyaku::bench {

template <class What>
class schedule {
public:
    using time = std::chrono::steady_clock::time_point;

    void add(time due, What what) {
        heap_.push_back({due, next_++, what});
        std::push_heap(heap_.begin(), heap_.end(), later);
    }
    /// The earliest that is due; empty if none is.
    [[nodiscard]] std::optional<What> take(time now) {
        if (heap_.empty() || heap_.front().due > now) return std::nullopt;
        std::pop_heap(heap_.begin(), heap_.end(), later);
        const What what = heap_.back().what;
        heap_.pop_back();
        return what;
    }
    [[nodiscard]] std::optional<time> next() const {
        return heap_.empty() ? std::nullopt : std::optional(heap_.front().due);
    }

private:
    struct entry {
        time due;
        std::uint64_t order;
        What what;
    };
    static bool later(const entry& left, const entry& right) {
        return left.due != right.due ? left.due > right.due : left.order > right.order;
    }
    std::vector<entry> heap_;
    std::uint64_t next_ = 0;
};

}  // namespace hikyaku::bench
