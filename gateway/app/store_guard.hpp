// Whether the store is still the one of before: on the machine and in the file in which it was last
// open, under a clock that goes on from where it was. Where it is not, people may have been written
// to in the meantime, or it is another hour than the clock says: nothing that asks the gate is sent
// until an operator confirms (docs/decisions/017). Pure: what the system says is an argument; it
// keeps what it knows in rows of `meta`. Engine's thread, and `hikyaku store`.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "store/batch.hpp"
#include "store/snapshot.hpp"

namespace hikyaku::gateway::app {

/// Why the store has to be confirmed; bits, which are stored.
enum class doubt : std::uint8_t {
    machine = 1,  // it was last open on another machine
    file = 2,     // it was another file: a copy, a backup
    clock = 4,    // the clock has jumped, or is behind what is stored
    unknown = 8,  // nobody has written down whose it is
};
using doubts = std::uint8_t;

/// "machine", "file", "clock", "unknown".
[[nodiscard]] std::vector<std::string_view> names_of(doubts what);
/// The rule by which the gate keeps messages back: "store_unconfirmed", "clock_jumped"; "" = none.
[[nodiscard]] std::string_view rule_of(doubts what);

/// Numbers that stand for this machine and this file; 0: the system does not tell.
struct store_stamp {
    std::uint64_t machine = 0, file = 0;
};
/// The date beside the time since the machine was started, which includes what it has slept.
struct clock_reading {
    std::uint64_t boot = 0;     // stands for the start of the machine; 0: not known
    std::int64_t since_ms = 0;  // since then
    std::int64_t wall_ms = 0;
};

class store_guard {
public:
    /// A clock may be set by so much.
    static constexpr std::int64_t jump_ms = 3600 * 1000;
    /// How much earlier than what is stored it may be: ids run ahead of it a little.
    static constexpr std::int64_t behind_ms = 5000;
    /// How often the time is written down.
    static constexpr std::int64_t written_each_ms = 60 * 1000;

    /// What is known from a store that is being opened. `last_ms`: the time of the youngest thing
    /// in it; 0 = nothing is in it.
    store_guard(const store_stamp& now, const clock_reading& clock, const store::snapshot& from,
                std::int64_t last_ms);

    [[nodiscard]] doubts what() const { return doubts_; }
    [[nodiscard]] std::int64_t since_ms() const { return since_ms_; }
    /// Looks at the clock. True: it has jumped, which is new.
    [[nodiscard]] bool look(const clock_reading& clock);
    /// Whether the time should be written down again.
    [[nodiscard]] bool wants_rows(const clock_reading& clock) const {
        return clock.wall_ms - written_ms_ >= written_each_ms || clock.wall_ms < written_ms_;
    }
    /// What is known, and the doubts.
    void write(const clock_reading& clock, store::batch& rows);
    /// The store is this machine's and file's, and the clock is right. Counts when on disk: then
    /// confirmed().
    void write_confirmed(const clock_reading& clock, store::batch& rows);
    void confirmed();

private:
    store_stamp stamp_;
    store_stamp known_;              // of the rows
    std::uint64_t boot_ = 0;         // to which the distance belongs
    std::int64_t distance_ms_ = 0;   // of the date from the time since the start
    std::int64_t confirmed_ms_ = 0;  // likewise, of a confirmation on its way to the disk
    std::int64_t written_ms_ = 0;
    std::int64_t since_ms_ = 0;
    doubts doubts_ = 0;
};

}  // namespace hikyaku::gateway::app
