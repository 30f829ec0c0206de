// The receipt keys of segments that carriers have just taken and that are not on disk yet: a
// receipt may be faster than the disk. Those on disk are known to the index of receipt keys, the
// young of them in memory too. One key may speak of several messages, where a carrier uses its ids
// again. Keys are known by their hashes. Engine's thread only.
#pragma once

#include <boost/container/small_vector.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>

#include "gateway/model/tables.hpp"

namespace hikyaku::gateway {

/// A receipt key (environment::hash() of model::receipt_key) and the segment that it speaks of.
struct fresh_key {
    std::uint64_t hash = 0;
    model::receipt_target target;
};

class fresh_keys {
public:
    /// Calls `visit(target)` for each segment of the key, youngest first, until it returns false.
    template <class Visit>
    void visit(std::uint64_t hash, Visit&& visit) const {
        const auto at = by_hash_.find(hash);
        if (at == by_hash_.end()) return;
        for (auto one = at->second.rbegin(); one != at->second.rend(); ++one)
            if (!visit(one->target)) return;
    }
    [[nodiscard]] std::size_t size() const { return by_hash_.size(); }

    /// A batch that stores the key was begun; committed() follows once for it.
    void add(const fresh_key& key);
    void committed(const fresh_key& written);

private:
    struct entry {
        model::receipt_target target;
        std::uint32_t under_way = 0;  // batches
    };
    // Oldest first; never empty.
    boost::unordered_flat_map<std::uint64_t, boost::container::small_vector<entry, 1>> by_hash_;
};

}  // namespace hikyaku::gateway
