// A write-behind cache of hit counters: those of the messages whose links were tapped lately. Such
// messages lie all over the store, so a counter that is written with each hit costs a page of the
// disk each. Here counters wait for one to two periods and are then written in the order of their
// keys, where neighbours share a page. Nothing is lost meanwhile: the hits themselves are in the
// store, each counter says up to which hit it counts, and the store knows from what time on hits
// may still have to be counted. Pure; engine's thread.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "gateway/engine/directory/rate.hpp"
#include "gateway/engine/hits/hit_counters.hpp"
#include "gateway/engine/types.hpp"

namespace hikyaku::gateway {

class hit_counter_cache {
public:
    static constexpr std::chrono::milliseconds period{1000};
    static constexpr std::size_t changed_max = 1 << 16;  // more do not wait for their time
    static constexpr std::size_t slice_min = 64;         // fewer are written at a round's end only

    /// Those in memory, or null. Pointers and references hold until the next add() or forget().
    [[nodiscard]] hit_counters* find(message_id of);
    /// Takes what the store has; `of` is not in memory yet.
    hit_counters& add(message_id of, const hit_counters& stored);
    /// A hit was added to them. Also takes its time, for uncounted_since().
    void changed(message_id of, hit_counters& counters, std::int64_t hit_ms, steady_time now);
    /// They are in the writer's hands: they stay in memory until written().
    void writing(hit_counters& counters);
    void written(message_id of);
    /// Their message or link is being removed. Hits may still come until that is on disk; they are
    /// counted here and given up with written().
    void forget(message_id of);
    /// Gives up those that are as in the store.
    void release(message_id of);

    struct slice {
        std::span<const message_id> messages;  // in the order of keys; some may have been forgotten
        bool ends_round = false;
    };
    /// What is to be written now; the caller calls writing() for each that has changed. `all`: what
    /// has changed so far, without waiting. Valid until the next call.
    [[nodiscard]] slice take(steady_time now, bool all);
    /// When take() has something again.
    [[nodiscard]] std::optional<steady_time> next() const;
    /// At the end of a round: all hits before this time are in counters that were taken; `now_ms`
    /// if nothing was tapped since the round began.
    [[nodiscard]] std::int64_t uncounted_since(std::int64_t now_ms) const;

    [[nodiscard]] std::size_t size() const { return counters_.size(); }

private:
    void begin_round(steady_time now);

    boost::unordered_flat_map<message_id, hit_counters> counters_;
    std::vector<message_id> waiting_;  // changed, for the next round
    std::vector<message_id> round_;    // being written
    std::size_t taken_ = 0;            // of round_
    steady_time round_began_{};
    std::optional<steady_time> waiting_since_;
    std::optional<std::int64_t> first_waiting_ms_;  // least time of a hit since the round began
};

}  // namespace hikyaku::gateway
