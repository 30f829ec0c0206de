// Mistakes that the gateway does not make, planted to see whether the auditor of the law finds them
// as what they are. Those of the gate sit between the engine and its gate (gate_between.hpp), those
// of the store in what is written of a batch (world_store.cpp).
#pragma once

#include <cstdint>

namespace hikyaku::law {

enum class planted : std::uint8_t {
    nothing,
    window_ends_late,       // by one second
    count_one_an_hour,      // of all messages together, not of each
    holds_by_contact_only,  // the entries by debtor and debt are not written
    stop_lost_at_restart,
    contact_row_lost,    // at a crash
    suppression_of_one,  // of several purposes the first
    zones_united,        // of several zones one is enough
    hold_lost,           // answered, and not written
    holidays_ignored,
    clock_unchanged,  // days that change the clock are not known
    delayed_longer,   // by an hour
    shadow_blocks,
    validity_unsaid,
    event_lost,  // of the timeline
    event_twice,
    never_taken_back,  // what was counted and did not go
    count_
};

}  // namespace hikyaku::law
