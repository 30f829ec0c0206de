// The receipt keys of segments that carriers have taken lately: those that are not on disk yet, so
// that a receipt which is faster than the disk finds its message, and the youngest of those that
// are, because most receipts come within seconds. Engine's thread only.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/engine/rate.hpp"
#include "store/tables.hpp"

namespace hikyaku::gateway {

class fresh_keys {
public:
    /// `kept_max` keys that are on disk stay, for `kept_for` at most.
    fresh_keys(std::size_t kept_max, std::chrono::seconds kept_for)
        : kept_max_(kept_max), kept_for_(kept_for) {}

    [[nodiscard]] std::optional<store::receipt_target> find(std::string_view key) const;
    /// Whether a batch that holds this key is under way: the store does not say yet whose it is.
    [[nodiscard]] bool under_way(std::string_view key) const;

    /// A batch that puts `key` was begun; committed() follows once for it.
    void add(std::string_view key, const store::receipt_target& target);
    void committed(std::string&& key, steady_time now);
    /// The message is gone: its key must not find it any more.
    void forget(std::string_view key, std::uint64_t message);
    void forget_old(steady_time now);

private:
    struct entry {
        store::receipt_target target;
        std::uint32_t under_way = 0;  // batches
        std::uint32_t kept = 0;       // times in kept_
    };
    struct kept_key {
        std::string key;
        steady_time since;
    };
    struct text_hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>{}(text);
        }
    };

    void forget_oldest();

    std::size_t kept_max_;
    std::chrono::seconds kept_for_;
    boost::unordered_flat_map<std::string, entry, text_hash, std::equal_to<>> by_key_;
    std::deque<kept_key> kept_;  // oldest first
};

}  // namespace hikyaku::gateway
