// The receipt keys of segments that carriers have taken lately: those that are not on disk yet, so
// that a receipt which is faster than the disk finds its message, and the youngest of those that
// are, because most receipts come within seconds. One key may speak of several messages, where a
// carrier uses its ids again. Engine's thread only.
#pragma once

#include <boost/container/small_vector.hpp>
#include <boost/container/string.hpp>
#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <string_view>

#include "gateway/engine/directory/rate.hpp"
#include "gateway/engine/text_map.hpp"
#include "gateway/model/tables.hpp"

namespace hikyaku::gateway {

/// A receipt key (model::receipt_key) and the segment that it speaks of.
struct fresh_key {
    /// Up to 22 characters are in place, which are most keys.
    using text = boost::container::string;
    text key;
    model::receipt_target target;
};

class fresh_keys {
public:
    /// `kept_max` keys that are on disk stay, for `kept_for` at most.
    fresh_keys(std::size_t kept_max, std::chrono::seconds kept_for)
        : kept_max_(kept_max), kept_for_(kept_for) {}

    /// Of so many messages with one key those that are on disk are forgotten, oldest first: the
    /// store has them.
    static constexpr std::size_t of_one_key_max = 16;

    /// The segment that the key speaks of, if in memory it is one only.
    [[nodiscard]] std::optional<model::receipt_target> only(std::string_view key) const;
    [[nodiscard]] bool has(std::string_view key) const { return by_key_.contains(key); }
    /// Calls `visit(target)` for each segment of the key, youngest first, until it returns false.
    template <class Visit>
    void visit(std::string_view key, Visit&& visit) const {
        const auto at = by_key_.find(key);
        if (at == by_key_.end()) return;
        for (auto one = at->second.rbegin(); one != at->second.rend(); ++one)
            if (!visit(one->target)) return;
    }

    /// A batch that puts `key` for this segment was begun; committed() follows once for it.
    void add(std::string_view key, const model::receipt_target& target);
    void committed(fresh_key&& written, steady_time now);
    /// The message is gone: its key must not find it any more.
    void forget(std::string_view key, std::uint64_t message);
    void forget_old(steady_time now);

private:
    struct entry {
        model::receipt_target target;
        std::uint32_t under_way = 0;  // batches
        std::uint32_t kept = 0;       // times in kept_
    };
    using entries = boost::container::small_vector<entry, 1>;  // oldest first; never empty
    struct kept_key {
        fresh_key what;
        steady_time since;
    };
    using key_map = text_map<entries, fresh_key::text>;

    static entries::iterator find_segment(entries& of, const model::receipt_target& target);
    void erase(key_map::iterator at, entries::iterator one);
    void forget_oldest();

    std::size_t kept_max_;
    std::chrono::seconds kept_for_;
    key_map by_key_;
    std::deque<kept_key> kept_;  // oldest first
};

}  // namespace hikyaku::gateway
