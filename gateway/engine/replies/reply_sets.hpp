// Which parts of which long replies have come. Only this index is in memory, the parts themselves
// are in the store (table reply_parts). Phones use a reference again, some have but one: a part
// with other content than the one that has its place belongs to another reply, and up to
// generation_max of them are kept apart. What has been delivered is remembered for a while, so that
// a part which the carrier sends again is known as such. Pure; engine's thread.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <vector>

#include "gateway/model/tables.hpp"

namespace hikyaku::gateway {

struct reply_set {
    struct part {
        std::uint8_t sequence = 0;
        std::uint64_t content_hash = 0;
    };

    model::reply_part_position position;  // with sequence 0, its generation in `kind`
    std::int64_t since_ms = 0;            // wall clock: of its first part, or when it was delivered
    std::vector<part> parts;              // those that have come, in that order
    bool delivered = false;

    /// 0 = has not come.
    [[nodiscard]] std::uint64_t hash_of(std::uint8_t sequence) const;
    [[nodiscard]] bool complete() const { return parts.size() == position.total; }
};

class reply_sets {
public:
    /// Replies between the same addresses with the same reference and number of parts.
    static constexpr std::uint8_t generation_max = 15;

    enum class outcome : std::uint8_t {
        kept,       // one part more
        duplicate,  // this very part has come before
        completed,  // it was the last one missing; the set stays until it is noted as delivered, or
                    // erased
        late,       // its set has been delivered without it
        crowded,    // no generation is free: the caller ends a set, then tries again
    };
    struct placed {
        outcome what = outcome::kept;
        model::reply_part_position position;  // the part's, with its generation
    };

    /// `part` has no generation yet. Time does not go back from call to call. REQUIRES:
    /// content_hash is not 0, 1 <= sequence <= total, total >= 2.
    placed add(const model::reply_part_position& part, std::uint64_t content_hash,
               std::int64_t now_ms);
    /// The set of a position that add() has given; null if there is none.
    [[nodiscard]] const reply_set* find(const model::reply_part_position& part) const;
    /// Put back what the store held, in the order of time.
    void restore_part(const model::reply_part_position& part, std::uint64_t content_hash,
                      std::int64_t at_ms);
    void restore_delivered(const model::reply_part_position& part, std::int64_t at_ms,
                           std::vector<reply_set::part> parts);
    /// Keeps the hashes for recognising repeated parts.
    void note_delivered(const model::reply_part_position& part, std::int64_t now_ms);
    void erase(const model::reply_part_position& part);

    [[nodiscard]] std::size_t incomplete() const { return incomplete_.size(); }
    [[nodiscard]] std::size_t delivered() const { return delivered_.size(); }
    /// The set whose first part came first; null if there is none. Valid until the next change.
    [[nodiscard]] const reply_set* oldest_incomplete() const {
        return incomplete_.empty() ? nullptr : &incomplete_.front();
    }
    [[nodiscard]] const reply_set* oldest_delivered() const {
        return delivered_.empty() ? nullptr : &delivered_.front();
    }
    /// Of all generations of a part's set the oldest, delivered or not; null if there is none.
    [[nodiscard]] const reply_set* oldest_of(const model::reply_part_position& part) const;

private:
    using place = std::list<reply_set>::iterator;
    [[nodiscard]] static std::string name_of(model::reply_part_position part);
    reply_set& make(const model::reply_part_position& part, std::int64_t now_ms);

    std::list<reply_set> incomplete_;  // by since_ms, oldest first
    std::list<reply_set> delivered_;   // likewise
    boost::unordered_flat_map<std::string, place> by_name_;
};

}  // namespace hikyaku::gateway
