// Ids of 63 bits, ordered by time, so that new entries go to the right edge of their tables and
// retention is a range. 41 bits of milliseconds since 2020-01-01 00:00 UTC (they last until
// September 2089), 10 bits of node, 12 bits of sequence. An id_source belongs to one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hikyaku::store {

inline constexpr std::int64_t id_epoch_milliseconds = 1'577'836'800'000;  // 2020-01-01 UTC
inline constexpr std::uint32_t id_node_max = 1023;
inline constexpr std::uint32_t id_sequence_max = 4095;

class id_source {
public:
    // `node` 0 to id_node_max. `last_id` is the greatest id ever given out by this store (0 for
    // none): every id from here on is greater.
    explicit id_source(std::uint32_t node, std::uint64_t last_id = 0);

    // The next id; `now` is in milliseconds since 1970 UTC. Never goes back: when the clock does,
    // or when a millisecond has used its 4096 numbers, ids run ahead of the clock until it catches
    // up.
    [[nodiscard]] std::uint64_t next(std::int64_t now);

private:
    std::uint64_t node_;
    std::uint64_t milliseconds_;  // since the epoch, of the last id
    std::uint64_t sequence_;      // of the last id
};

// When an id was given out, in milliseconds since 1970 UTC.
[[nodiscard]] std::int64_t id_milliseconds(std::uint64_t id);
[[nodiscard]] std::uint32_t id_node(std::uint64_t id);
// The smallest id of a millisecond, for ranges; times before the epoch give 0, times after the last
// one the greatest id.
[[nodiscard]] std::uint64_t first_id_at(std::int64_t milliseconds);

// Ids as clients see them: decimal digits, no sign, no leading zero, 1 to 2^63-1.
[[nodiscard]] std::string format_id(std::uint64_t id);
[[nodiscard]] std::optional<std::uint64_t> parse_id(std::string_view text);

}  // namespace hikyaku::store
