// What is counted of one message's hits: all of them, by class, visits, and when somebody said that
// a link was seen. The hits that are stored one by one are marked with their visit, so that a
// page's asset or a person's act raises the earlier hits of the same visit, and so that lists of
// today can be applied to hits of before without counting one twice. Pure; engine's thread.
#pragma once

#include <array>
#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <optional>

#include "gateway/links/classify.hpp"
#include "gateway/model/records.hpp"

namespace hikyaku::gateway {

/// Of one message, one by one; more hits are only counted.
inline constexpr std::uint32_t hits_stored_max = 1000;

/// One hit, as its message's counters know it.
struct hit_mark {
    static constexpr std::uint8_t weak = 1, asset = 2, person = 4;

    std::uint64_t visit = 0;     // keyed hash of code, day, network and user agent
    std::uint32_t sequence = 0;  // in the hit log, its lower 32 bits
    std::uint8_t hit_class = 0;  // as it counts now
    std::uint8_t state = 0;      // bits: an asset may raise it, an asset has, a person has
    bool operator==(const hit_mark&) const = default;
};

/// One hit that is to be counted.
struct counted_hit {
    std::uint8_t hit_class = 0;  // links::hit_class
    std::uint32_t reasons = 0;
    std::int64_t at_ms = 0;
    std::uint64_t sequence = 0;  // in the hit log
    std::uint64_t visit = 0;
};

struct hit_counters {
    std::uint32_t total = 0;
    std::array<std::uint32_t, links::hit_class_count> by_class{};  // indexed by links::hit_class
    std::uint32_t unique = 0;                                      // visits among the marked hits
    std::int64_t first_human_ms = 0;
    std::int64_t seen_ms = 0;      // when the first of its links was; 0: nobody has said so
    std::uint64_t counted_to = 0;  // sequence of the last hit in them
    std::uint32_t writes = 0;      // under way
    bool changed = false;          // since they were last handed to the writer
    bool gone = false;             // their message or link is being removed: not written any more
    boost::container::small_vector<hit_mark, 1> marks;

    /// Counts one hit. True: the first of its visit.
    bool add(const counted_hit& hit);
    /// The hits of this visit so far are a person's: those that no program's name speaks against
    /// (an asset was fetched), or with `by_person` all of them. How many are raised by it.
    std::uint32_t raise(std::uint64_t visit, bool by_person, std::int64_t at_ms);
    /// A stored hit has these class and reasons now, and `before` in its row. What an asset or a
    /// person has raised stays, unless a program's name now speaks against an asset's. True: the
    /// counters are others.
    bool reclass(std::uint8_t before, const counted_hit& now);

    /// Empty: hits were counted before visits were.
    [[nodiscard]] std::optional<std::uint32_t> known_unique() const;

    void read(const model::record::HitCounts& from);
    /// Alone and finished in `fb`.
    void write(flatbuffers::FlatBufferBuilder& fb) const;

private:
    void move(std::uint8_t from, std::uint8_t to, std::int64_t at_ms);
};

}  // namespace hikyaku::gateway
