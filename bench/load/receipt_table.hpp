// Brings accepted messages and their receipts together by message id, in either order. It holds
// what is under way and nothing else: ids as 64-bit hashes, at most `early_max` receipts that came
// before their response. (Of a million ids under way, two share a hash once in 40 million runs.)
// One thread.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>

namespace hikyaku::bench {

class receipt_table {
public:
    using time = std::chrono::steady_clock::time_point;

    explicit receipt_table(std::size_t early_max = 100'000) : early_max_(early_max) {}

    /// From the moment the message was meant to be sent to its receipt.
    using latency = std::chrono::nanoseconds;

    /// A response gave a message this id. The latency if its receipt is here already.
    [[nodiscard]] std::optional<latency> accepted(std::string_view id, time intended);
    /// A final receipt came. Empty if its response has not come yet, if it came twice, or if it is
    /// nobody's.
    [[nodiscard]] std::optional<latency> received(std::string_view id, time now);

    /// Accepted messages without receipt.
    [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }
    /// Receipts that no accepted message has claimed.
    [[nodiscard]] std::uint64_t unclaimed() const { return early_.size() + forgotten_; }

private:
    boost::unordered_flat_map<std::uint64_t, time> waiting_;
    boost::unordered_flat_map<std::uint64_t, time> early_;
    std::deque<std::uint64_t> early_order_;  // may name some that are claimed by now
    std::size_t early_max_;
    std::uint64_t forgotten_ = 0;
};

}  // namespace hikyaku::bench
