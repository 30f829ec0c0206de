// Which parts of which long replies have come. Only this index is in memory, the parts themselves
// are in the store (table reply_parts). A set that has been delivered is remembered for a while, so
// that a part which the carrier sends again is known as such; its place may be taken by a new reply
// with the same reference, which shows in other content. Pure; engine's thread.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <list>
#include <string>
#include <vector>

#include "store/tables.hpp"

namespace hikyaku::gateway {

struct reply_set {
    store::reply_part_position position;  // with sequence 0
    std::int64_t since_ms = 0;            // wall clock: of its first part, or when it was delivered
    std::vector<std::uint64_t> hashes;    // of each part's content; 0 = has not come
    std::size_t received = 0;
    bool delivered = false;
};

class reply_sets {
public:
    enum class outcome : std::uint8_t {
        kept,       // one part more
        duplicate,  // this very part has come before
        completed,  // it was the last one missing; the set stays until it is marked or erased
        conflict,   // another content under this number: the set is of another reply, nothing done
    };

    /// `content_hash` must not be 0; time does not go back from call to call. REQUIRES: 1 <=
    /// part.sequence <= part.total, total >= 2.
    outcome add(const store::reply_part_position& part, std::uint64_t content_hash,
                std::int64_t now_ms);
    /// The set a part belongs to; null if there is none.
    [[nodiscard]] const reply_set* find(const store::reply_part_position& part) const;
    /// Puts back what the store held, a set that is marked as delivered; in the order of time.
    void restore_delivered(const store::reply_part_position& part, std::int64_t at_ms,
                           std::vector<std::uint64_t> hashes);
    /// Keeps the hashes for recognising repeated parts.
    void mark_delivered(const store::reply_part_position& part, std::int64_t now_ms);
    void erase(const store::reply_part_position& part);

    [[nodiscard]] std::size_t incomplete() const { return incomplete_.size(); }
    [[nodiscard]] std::size_t delivered() const { return delivered_.size(); }
    /// The set whose first part came first; null if there is none. Valid until the next change.
    [[nodiscard]] const reply_set* oldest_incomplete() const {
        return incomplete_.empty() ? nullptr : &incomplete_.front();
    }
    [[nodiscard]] const reply_set* oldest_delivered() const {
        return delivered_.empty() ? nullptr : &delivered_.front();
    }

private:
    using place = std::list<reply_set>::iterator;
    [[nodiscard]] static std::string name_of(store::reply_part_position part);

    std::list<reply_set> incomplete_;  // by since_ms, oldest first
    std::list<reply_set> delivered_;   // likewise
    boost::unordered_flat_map<std::string, place> by_name_;
};

}  // namespace hikyaku::gateway
